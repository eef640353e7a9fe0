//! Room ahead of use.
//!
//! Room is written out with zeros rather than only asked for, because that works on every system, and because a
//! flush of a record that lies in written room has no metadata to write.

use std::io;

use super::file::{JournalFile, write_all_at};

/// The most records of a file: 1 GiB of them, the header included.
pub const RECORDS_MAX: u64 = (1 << 30) / super::layout::RECORD_LEN as u64;

/// How much room is kept ready, in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Room at the start. Default: 131,072 (16 MiB).
    pub start: u32,
    /// How much is added at a time. Default: 32,768 (4 MiB).
    pub step: u32,
    /// Room that new orders and modifications leave for what becomes of those before them, and for cancels. Default:
    /// 4,096.
    pub outcomes: u32,
}

impl Default for Reserve {
    fn default() -> Self {
        Self {
            start: 131_072,
            step: 32_768,
            outcomes: 4_096,
        }
    }
}

/// Writes zeros from `from` to `to`, which is behind everything that is used. Returns how far it came, with the error
/// that stopped it.
pub(super) fn write_zeros<F: JournalFile>(
    file: &F,
    from: u64,
    to: u64,
) -> (u64, Option<io::Error>) {
    const BLOCK: usize = 64 * 1024;
    static ZEROS: [u8; BLOCK] = [0; BLOCK];
    let mut at = from;
    while at < to {
        let len = usize::try_from(to - at).map_or(BLOCK, |left| left.min(BLOCK));
        match write_all_at(file, &ZEROS[..len], at) {
            Ok(()) => at += len as u64,
            Err(error) => return (at, Some(error)),
        }
    }
    (at, None)
}
