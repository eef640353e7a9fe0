//! Reads a file record by record and tells a torn end from damage. No I/O.

use serde::Serialize;

use super::codec;
use super::error::Damage;
use super::layout::{EMPTY, RECORD_LEN, Slot, is_unfinished, verify};
use super::record::Entry;

/// The most damaged records that are dropped from the end of a file: those of one 4 KiB page, the unit in which the
/// system brings a file to the disk. More than that is damage.
pub const TORN_RECORDS_MAX: u32 = 32;

/// Damaged records at the end of the file, with nothing after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TornTail {
    /// Where they begin.
    pub offset: u64,
    /// How many.
    pub records: u32,
    /// Whether it is one record whose write did not come to its end, so that nothing which it announced was sent. If
    /// not, something that was written once is lost, and an order that it announced may live.
    pub unfinished: bool,
}

/// Takes the records of a file in order.
#[derive(Debug)]
pub(super) struct Scanner {
    seed: u32,
    /// The place of the next slot.
    place: u64,
    /// The first unwritten place.
    empty_from: Option<u64>,
    torn: Option<TornTail>,
}

/// What a slot was.
#[derive(Debug)]
pub(super) enum Step {
    /// A record.
    Entry(Entry),
    /// Room, or what may be the torn end.
    Nothing,
}

impl Scanner {
    /// After a header with that checksum.
    pub(super) const fn new(seed: u32) -> Self {
        Self {
            seed,
            place: 1,
            empty_from: None,
            torn: None,
        }
    }

    /// Takes the next slot; `cut` when the file ends inside of it, and the rest of it is zeros.
    ///
    /// # Errors
    /// Where the damage begins, and what it is. Nothing after it may be used.
    pub(super) fn push(&mut self, slot: &Slot, cut: bool) -> Result<Step, (u64, Damage)> {
        let place = self.place;
        self.place += 1;
        if *slot == EMPTY {
            self.empty_from.get_or_insert(place);
            return Ok(Step::Nothing);
        }
        if let Some(empty) = self.empty_from {
            return Err((offset_of(empty), Damage::Gap));
        }
        if verify(slot, self.seed).is_none() {
            return self.tear(place, cut || is_unfinished(slot));
        }
        if let Some(torn) = self.torn {
            return Err((torn.offset, Damage::Checksum));
        }
        let here = |damage| (offset_of(place), damage);
        let entry = codec::decode(slot).map_err(here)?;
        if entry.seq == place {
            Ok(Step::Entry(entry))
        } else {
            Err(here(Damage::Sequence(entry.seq)))
        }
    }

    fn tear(&mut self, place: u64, unfinished: bool) -> Result<Step, (u64, Damage)> {
        let torn = self.torn.get_or_insert_with(|| TornTail {
            offset: offset_of(place),
            records: 0,
            unfinished,
        });
        torn.records += 1;
        torn.unfinished &= torn.records == 1;
        if torn.records > TORN_RECORDS_MAX {
            Err((torn.offset, Damage::TornTooLong))
        } else {
            Ok(Step::Nothing)
        }
    }

    /// The torn end, once all slots were pushed.
    pub(super) const fn torn(&self) -> Option<TornTail> {
        self.torn
    }
}

/// Where a place begins in the file.
pub(super) const fn offset_of(place: u64) -> u64 {
    place.saturating_mul(RECORD_LEN as u64)
}
