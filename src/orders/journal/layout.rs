//! Where the bytes of a record lie: frame, checksum, and cursors over the body.

use crate::domain::Timestamp;

use super::error::Damage;

/// Bytes of a record.
pub const RECORD_LEN: usize = 128;

/// The same as the header says it.
pub(super) const RECORD_LEN_CODE: u16 = 128;

const _: () = assert!(RECORD_LEN_CODE as usize == RECORD_LEN);

/// A record as it stands in the file.
pub(super) type Slot = [u8; RECORD_LEN];

/// An unwritten record.
pub(super) const EMPTY: Slot = [0; RECORD_LEN];

/// Everything but the checksum.
const CHECKED_LEN: usize = RECORD_LEN - size_of::<u32>();

/// What every record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    pub(super) kind: u8,
}

impl Frame {
    /// Writes the frame; what comes after is the body's.
    pub(super) fn put(self, put: &mut Put<'_>) {
        put.u64(self.seq).i64(self.at.nanos()).u8(self.kind);
    }

    /// Reads the frame.
    pub(super) fn take(take: &mut Take<'_>) -> Result<Self, Damage> {
        Ok(Self {
            seq: take.u64()?,
            at: Timestamp::from_nanos(take.i64()?),
            kind: take.u8()?,
        })
    }
}

/// Writes the checksum over the rest and returns it.
pub(super) fn seal(slot: &mut Slot, seed: u32) -> u32 {
    let checksum = checksum(slot, seed);
    slot[CHECKED_LEN..].copy_from_slice(&checksum.to_le_bytes());
    checksum
}

/// The checksum that stands in the slot, if it is right.
pub(super) fn verify(slot: &Slot, seed: u32) -> Option<u32> {
    let checksum = checksum(slot, seed);
    (slot[CHECKED_LEN..] == checksum.to_le_bytes()).then_some(checksum)
}

/// Whether the slot's checksum was never written, so that the write was cut short.
pub(super) fn is_unfinished(slot: &Slot) -> bool {
    slot[CHECKED_LEN..] == [0; size_of::<u32>()]
}

fn checksum(slot: &Slot, seed: u32) -> u32 {
    crc32c::crc32c_append(seed, &slot[..CHECKED_LEN])
}

/// Writes fields one after the other.
#[derive(Debug)]
pub(super) struct Put<'a> {
    rest: &'a mut [u8],
}

impl<'a> Put<'a> {
    /// Over the whole of a zeroed slot but its checksum.
    pub(super) fn new(slot: &'a mut Slot) -> Self {
        Self {
            rest: &mut slot[..CHECKED_LEN],
        }
    }

    pub(super) fn bytes<const N: usize>(&mut self, bytes: [u8; N]) -> &mut Self {
        let rest = std::mem::take(&mut self.rest);
        // The longest kind fits, which the tests show for every kind; the layout does not depend on values.
        debug_assert!(rest.len() >= N, "a record has no room for its fields");
        if let Some((field, rest)) = rest.split_first_chunk_mut() {
            *field = bytes;
            self.rest = rest;
        }
        self
    }

    pub(super) fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes([value])
    }

    pub(super) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(value.to_le_bytes())
    }

    pub(super) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(value.to_le_bytes())
    }

    pub(super) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(value.to_le_bytes())
    }

    pub(super) fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes(value.to_le_bytes())
    }

    pub(super) fn bool(&mut self, value: bool) -> &mut Self {
        self.u8(u8::from(value))
    }
}

/// Reads fields one after the other.
#[derive(Debug)]
pub(super) struct Take<'a> {
    rest: &'a [u8],
}

impl<'a> Take<'a> {
    /// Over the whole slot but its checksum.
    pub(super) fn new(slot: &'a Slot) -> Self {
        Self {
            rest: &slot[..CHECKED_LEN],
        }
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let (field, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(Damage::Field("length"))?;
        self.rest = rest;
        Ok(*field)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Damage> {
        self.bytes().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Damage> {
        self.bytes().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Damage> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Damage> {
        self.bytes().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Damage> {
        self.bytes().map(i64::from_le_bytes)
    }

    pub(super) fn bool(&mut self, field: &'static str) -> Result<bool, Damage> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damage::Field(field)),
        }
    }

    /// What is left must be unwritten.
    pub(super) fn finish(self) -> Result<(), Damage> {
        if self.rest.iter().all(|&byte| byte == 0) {
            Ok(())
        } else {
            Err(Damage::Field("unused bytes"))
        }
    }
}
