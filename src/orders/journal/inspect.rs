//! Reads a journal without changing it.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::error::{Damage, JournalError};
use super::file::{DiskFile, JournalFile, read_full_at};
use super::header::Header;
use super::layout::{EMPTY, RECORD_LEN};
use super::record::Entry;
use super::reserve::RECORDS_MAX;
use super::scan::{Scanner, Step, TornTail, offset_of};

/// What a journal holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// Whose journal it is.
    pub header: Header,
    /// The records before the end or the damage.
    pub entries: Vec<Entry>,
    /// How it ends.
    pub ending: Ending,
}

/// How a journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "ending", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ending {
    /// With a whole record, or none.
    Clean,
    /// With damaged records that a start drops.
    Torn(TornTail),
    /// With damage that stops a start. What follows it was not read.
    Damaged {
        /// Where the first record that is wrong begins.
        offset: u64,
        /// What is wrong with it.
        damage: Damage,
    },
}

/// Reads a journal without a lock and without changing it, as far as it can be read.
///
/// Of a journal that is being written the last record may be seen torn.
///
/// # Errors
/// When the file cannot be read, or has no valid header.
pub fn inspect(path: &Path) -> Result<Contents, JournalError> {
    let file = File::open(path).map_err(|source| JournalError::Io {
        what: "opening",
        path: path.to_owned(),
        source,
    })?;
    read(&DiskFile::new(file), path).map(|(contents, _)| contents)
}

/// The contents, and the header's checksum.
pub(super) fn read<F: JournalFile>(file: &F, path: &Path) -> Result<(Contents, u32), JournalError> {
    let io = |source| JournalError::Io {
        what: "reading",
        path: path.to_owned(),
        source,
    };
    let size = file.size().map_err(io)?;
    if size > offset_of(RECORDS_MAX) {
        return Err(JournalError::Damaged {
            path: path.to_owned(),
            offset: offset_of(RECORDS_MAX),
            damage: Damage::TooLong,
        });
    }
    let mut first = EMPTY;
    read_full_at(file, &mut first, 0).map_err(io)?;
    let (header, seed) = Header::decode(&first).map_err(|damage| {
        let path = path.to_owned();
        if matches!(damage, Damage::Magic | Damage::Version(_)) {
            JournalError::Foreign { path, damage }
        } else {
            JournalError::Damaged {
                path,
                offset: 0,
                damage,
            }
        }
    })?;
    let (entries, ending) = read_records(file, seed, size).map_err(io)?;
    let contents = Contents {
        header,
        entries,
        ending,
    };
    Ok((contents, seed))
}

/// The records after the header, up to byte `size`.
fn read_records<F: JournalFile>(
    file: &F,
    seed: u32,
    size: u64,
) -> io::Result<(Vec<Entry>, Ending)> {
    const BLOCK: usize = 512 * RECORD_LEN;
    let mut block = vec![0; BLOCK];
    let (mut scanner, mut entries) = (Scanner::new(seed), Vec::new());
    let mut offset = offset_of(1);
    while offset < size {
        let len = usize::try_from(size - offset).map_or(BLOCK, |left| left.min(BLOCK));
        let read = read_full_at(file, &mut block[..len], offset)?;
        if read == 0 {
            break;
        }
        offset += read as u64;
        for bytes in block[..read].chunks(RECORD_LEN) {
            let mut slot = EMPTY;
            slot[..bytes.len()].copy_from_slice(bytes);
            match scanner.push(&slot, bytes.len() < RECORD_LEN) {
                Ok(Step::Entry(entry)) => entries.push(entry),
                Ok(Step::Nothing) => {}
                Err((offset, damage)) => return Ok((entries, Ending::Damaged { offset, damage })),
            }
        }
        if read < len {
            break;
        }
    }
    let ending = scanner.torn().map_or(Ending::Clean, Ending::Torn);
    Ok((entries, ending))
}
