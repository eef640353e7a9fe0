//! What can go wrong with a journal, and what that means for the command at hand.

use std::fmt;
use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::error::Error;

/// Why a journal could not be opened or read. A gateway whose journal does not open does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system failed.
    #[error("{what} {} failed", path.display())]
    Io {
        /// What was being done: `reading`, `reserving room in`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process, or another gateway of this one, has the journal.
    #[error(
        "{} is held by {}: two gateways must not share a journal, stop the other one first",
        path.display(), Holder(*pid)
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The other process, where the lock file says.
        pid: Option<u32>,
    },
    /// The file is not what was written.
    #[error(
        "{} is damaged at byte {offset}: {damage}; orders may be missing from it, so look at the broker's own list \
         and move the file away before starting again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the first record that is wrong begins.
        offset: u64,
        /// What is wrong with it.
        damage: Damage,
    },
    /// Not a journal at all, or one that this version cannot read, or of another gateway or day.
    #[error("{} is not this gateway's journal of the day: {damage}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is different.
        damage: Damage,
    },
}

/// The other process in a sentence.
struct Holder(Option<u32>);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(pid) => write!(f, "process {pid}"),
            None => f.write_str("another process"),
        }
    }
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        let context = error.to_string();
        let source = match error {
            JournalError::Io { source, .. } => source,
            JournalError::Locked { .. } => io::ErrorKind::WouldBlock.into(),
            JournalError::Damaged { damage, .. } | JournalError::Foreign { damage, .. } => {
                io::Error::new(io::ErrorKind::InvalidData, damage)
            }
        };
        Self::io(context, source)
    }
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file does not begin as a journal does.
    #[error("it does not begin as a journal does")]
    Magic,
    /// The header says a version that this one cannot read.
    #[error("it has version {0}, and this program reads version 1")]
    Version(u16),
    /// The header names another broker.
    #[error("it belongs to another broker")]
    Broker,
    /// The header's name is another one.
    #[error("it belongs to a gateway of another name")]
    Name,
    /// The header's trading date is another one.
    #[error("its trading date is {0}")]
    TradingDate(Date),
    /// A checksum is wrong.
    #[error("the checksum is wrong")]
    Checksum,
    /// An unwritten record before written ones.
    #[error("an empty record stands before written ones")]
    Gap,
    /// A sequence number that is not the record's place.
    #[error("the sequence number is {0}")]
    Sequence(u64),
    /// A kind of record that this version does not know.
    #[error("the kind is {0}, which this version does not know")]
    Kind(u8),
    /// A field that no journal writes so.
    #[error("the field `{0}` is not valid")]
    Field(&'static str),
    /// More damaged records at the end than one broken write explains.
    #[error(
        "more than {} records at the end are damaged",
        super::scan::TORN_RECORDS_MAX
    )]
    TornTooLong,
    /// The file is longer than a journal can be.
    #[error("the file is longer than {} records", super::reserve::RECORDS_MAX)]
    TooLong,
}

impl Serialize for Damage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A record that is not in the journal.
#[derive(Debug, thiserror::Error)]
#[error("not journalled: {verdict}")]
pub struct AppendError {
    /// What to do with the command that the record announces.
    pub verdict: Verdict,
    /// What happened.
    #[source]
    pub cause: AppendFailure,
}

/// What to do with a command that could not be journalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may add exposure: nothing is sent, and the caller gets an error, which proves so.
    DoNotSend,
    /// It cannot add exposure (a cancel), or it only reports what happened already: go on without the record.
    GoOn,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DoNotSend => "nothing was sent, new orders are refused",
            Self::GoOn => "going on without the record",
        })
    }
}

/// Why a record is not in the journal.
#[derive(Debug, thiserror::Error)]
pub enum AppendFailure {
    /// No more room could be reserved. The file is sound; [`Journal::reserve`](super::Journal::reserve) tries again.
    #[error("the order journal has no room left")]
    Full {
        /// What the system said, now or before.
        source: io::Error,
    },
    /// A write or flush just failed. Nobody knows what the disk holds, so the journal is poisoned from now on.
    #[error("{step} the order journal failed")]
    Failed {
        /// Which step.
        step: Step,
        /// What the system said.
        source: io::Error,
    },
    /// A write or flush failed before. Nothing was written.
    #[error("the order journal is poisoned by an earlier failure")]
    Poisoned,
}

impl From<AppendFailure> for io::Error {
    fn from(failure: AppendFailure) -> Self {
        match failure {
            AppendFailure::Full { source } | AppendFailure::Failed { source, .. } => source,
            AppendFailure::Poisoned => io::ErrorKind::Other.into(),
        }
    }
}

/// The step of an append that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Writing the record.
    Write,
    /// Flushing it to the disk.
    Flush,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Write => "writing",
            Self::Flush => "flushing",
        })
    }
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        let context = format!("{}: {}", error.cause, error.verdict);
        Self::io(context, error.cause.into())
    }
}
