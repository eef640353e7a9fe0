//! The kill switch over a restart: one word in a file of its own, `<name>.trading-state`.
//!
//! It belongs to no trading day. Who halts on a Friday finds the gateway halted on the Monday.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::TradingState;

use super::error::JournalError;
use super::header::JournalName;
use super::open::{failed, make_directory, owner_only, sync_directory};

fn path_of(directory: &Path, name: &JournalName) -> PathBuf {
    directory.join(format!("{name}.trading-state"))
}

/// The state that was kept last; [`TradingState::Active`] when none ever was, [`TradingState::Halted`] when what was kept
/// is no state.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read_trading_state(
    directory: &Path,
    name: &JournalName,
) -> Result<TradingState, JournalError> {
    let path = path_of(directory, name);
    match fs::read(&path) {
        // A word is ASCII: what is not text is no word either.
        Ok(bytes) => Ok(TradingState::restored(Some(&String::from_utf8_lossy(
            &bytes,
        )))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(TradingState::restored(None)),
        Err(source) => Err(failed("reading", &path)(source)),
    }
}

/// Keeps a state. When this returns it is on the disk; a process or a machine that ends meanwhile leaves this one or the
/// one before, never a part of one.
///
/// # Errors
/// When the system fails; the state before is kept then.
pub fn keep_trading_state(
    directory: &Path,
    name: &JournalName,
    state: TradingState,
) -> Result<(), JournalError> {
    make_directory(directory)?;
    let path = path_of(directory, name);
    let unfinished = path.with_extension("trading-state-unfinished");
    owner_only(OpenOptions::new().write(true))
        .create(true)
        .truncate(true)
        .open(&unfinished)
        .and_then(|mut file| {
            writeln!(file, "{state}")?;
            file.sync_all()
        })
        .map_err(failed("writing", &unfinished))?;
    fs::rename(&unfinished, &path).map_err(failed("writing", &path))?;
    sync_directory(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_state_is_kept_and_what_cannot_be_read_halts() {
        let directory = tempfile::TempDir::new().unwrap();
        let folder = directory.path().join("made");
        let name: JournalName = "main".parse().unwrap();
        let read = || read_trading_state(&folder, &name).unwrap();
        assert_eq!(read(), TradingState::Active);
        for &state in TradingState::ALL {
            keep_trading_state(&folder, &name, state).unwrap();
            assert_eq!(read(), state);
        }
        let other: JournalName = "other".parse().unwrap();
        assert_eq!(
            read_trading_state(&folder, &other).unwrap(),
            TradingState::Active
        );
        keep_trading_state(&folder, &name, TradingState::Active).unwrap();
        for unreadable in [&b"ACT"[..], b"", b"\xff\xfe"] {
            fs::write(path_of(&folder, &name), unreadable).unwrap();
            assert_eq!(read(), TradingState::Halted);
        }
        fs::remove_file(path_of(&folder, &name)).unwrap();
        fs::create_dir(path_of(&folder, &name)).unwrap();
        assert!(read_trading_state(&folder, &name).is_err());
        assert!(keep_trading_state(&folder, &name, TradingState::Active).is_err());
    }
}
