//! The open journal: adds records.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::Timestamp;

use super::codec;
use super::error::{AppendError, AppendFailure, JournalError, Step, Verdict};
use super::file::{DiskFile, JournalFile, write_all_at};
use super::header::Header;
use super::layout::RECORD_LEN;
use super::lock::Lock;
use super::open::{Durability, JournalOptions};
use super::record::{Entry, JournalRecord};
use super::reserve::{RECORDS_MAX, write_zeros};
use super::scan::offset_of;

/// Whether the journal takes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It takes all.
    Sound,
    /// No more room could be had: new orders and modifications are refused, the rest use the room that is left, until
    /// [`Journal::reserve`] succeeds.
    Full,
    /// A write or flush failed: it takes none.
    Poisoned,
}

/// An open journal: one writer, one file, one trading day.
///
/// Dropping it lets go of the lock; nothing is buffered that a drop could lose.
#[derive(Debug)]
pub struct Journal<F: JournalFile = DiskFile> {
    pub(super) file: F,
    /// The file's name, for messages.
    pub(super) path: PathBuf,
    pub(super) header: Header,
    /// The header's checksum, which every record's begins with.
    pub(super) seed: u32,
    /// The place of the next record.
    pub(super) next: u64,
    /// Bytes of written room.
    pub(super) reserved: u64,
    pub(super) options: JournalOptions,
    /// The last attempt to get room failed.
    pub(super) full: bool,
    /// Shared with the flushers.
    pub(super) poisoned: Arc<AtomicBool>,
    /// `None` over a file that is not on a disk.
    pub(super) lock: Option<Arc<Lock>>,
}

impl<F: JournalFile> Journal<F> {
    /// Adds a record and returns its sequence number. When this returns, the record survives as the journal's
    /// [`Durability`] says. Allocates nothing; takes no more than a system call, unless room has to be made first,
    /// which [`Journal::reserve`] keeps out of here.
    ///
    /// # Errors
    /// When the record is not in the journal. [`AppendError::verdict`] says what that means for its command.
    pub fn append(&mut self, at: Timestamp, record: JournalRecord) -> Result<u64, AppendError> {
        let exposure = record.adds_exposure();
        self.try_append(at, record, exposure)
            .map_err(|cause| AppendError {
                verdict: if exposure {
                    Verdict::DoNotSend
                } else {
                    Verdict::GoOn
                },
                cause,
            })
    }

    fn try_append(
        &mut self,
        at: Timestamp,
        record: JournalRecord,
        exposure: bool,
    ) -> Result<u64, AppendFailure> {
        if self.is_poisoned() {
            return Err(AppendFailure::Poisoned);
        }
        if (exposure && self.full) || !self.has_room(exposure) {
            self.make_room(exposure)?;
        }
        let seq = self.next;
        let slot = codec::encode(&Entry { seq, at, record }, self.seed);
        write_all_at(&self.file, &slot, offset_of(seq))
            .map_err(|source| self.poison(Step::Write, source))?;
        match self.options.durability {
            Durability::ProcessCrash => {}
            Durability::PowerLoss => self
                .file
                .sync_data()
                .map_err(|source| self.poison(Step::Flush, source))?,
        }
        self.next += 1;
        Ok(seq)
    }

    /// Brings what is written to the disk, for a journal that does not do so at each record. Blocks for as long as the
    /// disk takes; [`Journal::flusher`] does the same from another thread.
    ///
    /// # Errors
    /// When that fails, which poisons the journal, or did before.
    pub fn flush(&mut self) -> Result<(), AppendError> {
        flush(&self.file, &self.poisoned)
    }

    /// What [`Journal::flush`] does, from another thread. Flushing every 50 ms bounds by that what a power loss can
    /// take. It belongs to the file of the day: [`Journal::roll`] needs a new one.
    ///
    /// # Errors
    /// When the system has no more files to give.
    pub fn flusher(&self) -> Result<Flusher<F>, JournalError> {
        let file = self.file.try_clone().map_err(|source| JournalError::Io {
            what: "opening",
            path: self.path.clone(),
            source,
        })?;
        Ok(Flusher {
            file,
            poisoned: Arc::clone(&self.poisoned),
        })
    }

    /// Whether room runs low and [`Journal::reserve`] should be called at the next quiet moment. `append` would
    /// otherwise do it in the way of an order.
    pub fn wants_room(&self) -> bool {
        let kept =
            u64::from(self.options.reserve.outcomes) + u64::from(self.options.reserve.step) / 2;
        self.full || self.next + kept >= self.places()
    }

    /// Gets one more step of room. Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// When there is none ([`Health::Full`], until a later call succeeds), or the journal is poisoned.
    pub fn reserve(&mut self) -> Result<(), AppendError> {
        let go_on = |cause| AppendError {
            verdict: Verdict::GoOn,
            cause,
        };
        if self.is_poisoned() {
            return Err(go_on(AppendFailure::Poisoned));
        }
        let to = self.reserved + u64::from(self.options.reserve.step) * RECORD_LEN as u64;
        self.extend_to(to).map_err(go_on)
    }

    /// Whether the journal takes records.
    pub fn health(&self) -> Health {
        if self.is_poisoned() {
            Health::Poisoned
        } else if self.full {
            Health::Full
        } else {
            Health::Sound
        }
    }

    /// Whose journal this is.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The sequence number that the next record gets.
    pub const fn next_seq(&self) -> u64 {
        self.next
    }

    fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    /// Records that fit into the written room.
    fn places(&self) -> u64 {
        (self.reserved / RECORD_LEN as u64).min(RECORDS_MAX)
    }

    fn has_room(&self, exposure: bool) -> bool {
        let kept = if exposure {
            self.options.reserve.outcomes
        } else {
            0
        };
        self.next + u64::from(kept) < self.places()
    }

    #[cold]
    fn make_room(&mut self, exposure: bool) -> Result<(), AppendFailure> {
        // After a failed attempt only `reserve` tries again, so that a full disk does not slow down each command.
        if self.full {
            return Err(full(ErrorKind::StorageFull));
        }
        let kept = u64::from(self.options.reserve.outcomes);
        let step = u64::from(self.options.reserve.step.max(1));
        match self.extend_to(offset_of(self.next + kept + step)) {
            // Less than was asked for may still do for what adds no exposure.
            Err(AppendFailure::Full { .. }) if !exposure && self.has_room(exposure) => Ok(()),
            Ok(()) if !self.has_room(exposure) => {
                self.full = true;
                Err(full(ErrorKind::FileTooLarge))
            }
            result => result,
        }
    }

    /// Writes room out up to byte `to`, but never beyond the longest file.
    pub(super) fn extend_to(&mut self, to: u64) -> Result<(), AppendFailure> {
        let longest = offset_of(RECORDS_MAX);
        let to = to.min(longest);
        if self.reserved >= longest {
            self.full = true;
            return Err(full(ErrorKind::FileTooLarge));
        }
        if self.reserved >= to {
            return Ok(());
        }
        let (reached, error) = write_zeros(&self.file, self.reserved, to);
        self.reserved = reached;
        if let Some(source) = error {
            // Nothing that holds a record was touched.
            self.full = true;
            return Err(AppendFailure::Full { source });
        }
        // This flush covers the records too, so its failure is theirs.
        self.file
            .sync_data()
            .map_err(|source| self.poison(Step::Flush, source))?;
        self.full = false;
        Ok(())
    }

    #[cold]
    pub(super) fn poison(&self, step: Step, source: io::Error) -> AppendFailure {
        self.poisoned.store(true, Ordering::Release);
        AppendFailure::Failed { step, source }
    }
}

fn full(kind: ErrorKind) -> AppendFailure {
    AppendFailure::Full {
        source: kind.into(),
    }
}

/// Flushes a journal from another thread.
#[derive(Debug)]
pub struct Flusher<F: JournalFile = DiskFile> {
    file: F,
    poisoned: Arc<AtomicBool>,
}

impl<F: JournalFile> Flusher<F> {
    /// Brings to the disk what is written so far.
    ///
    /// # Errors
    /// When that fails, which poisons the journal, or did before.
    pub fn flush(&self) -> Result<(), AppendError> {
        flush(&self.file, &self.poisoned)
    }
}

/// After one failure the system may count the lost pages as clean and let the next flush succeed, so there is none.
fn flush<F: JournalFile>(file: &F, poisoned: &AtomicBool) -> Result<(), AppendError> {
    let cause = if poisoned.load(Ordering::Acquire) {
        AppendFailure::Poisoned
    } else {
        match file.sync_data() {
            Ok(()) => return Ok(()),
            Err(source) => {
                poisoned.store(true, Ordering::Release);
                AppendFailure::Failed {
                    step: Step::Flush,
                    source,
                }
            }
        }
    };
    Err(AppendError {
        verdict: Verdict::GoOn,
        cause,
    })
}
