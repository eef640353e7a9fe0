//! One process to a journal.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use super::error::JournalError;
use super::open::owner_only;

/// Held as long as the journal is open; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, and leaves the process's number in the file for the message that the next one gets.
    ///
    /// # Errors
    /// When somebody else has it, or the file cannot be used.
    pub(super) fn take(path: &Path) -> Result<Self, JournalError> {
        let io = |what| {
            move |source| JournalError::Io {
                what,
                path: path.to_owned(),
                source,
            }
        };
        let mut file = owner_only(OpenOptions::new().read(true).write(true))
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io("opening"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::Locked {
                    path: path.to_owned(),
                    pid: holder(&file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io("locking")(source)),
        }
        // The file stays when the lock goes: removing it would let two processes hold two files of one name.
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(io("writing"))?;
        Ok(Self { _file: file })
    }
}

/// The process that the file names. Where the lock also keeps readers out, nobody is named.
fn holder(file: &File) -> Option<u32> {
    const LEN_MAX: u64 = 16;
    let mut text = String::new();
    file.take(LEN_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
