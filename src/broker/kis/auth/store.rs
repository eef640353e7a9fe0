//! The token on disk, shared by every process of the user.
//!
//! KIS hands out one token a minute and tells the customer of each by message, so a token outlives its process. The file
//! is as good as a login: its folder is open to its owner alone (0700), the file too (0600), and whatever is found
//! otherwise is refused with a remedy instead of being put right in silence.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::config::Secret;
use crate::domain::Timestamp;
use crate::error::{Error, Result};

/// The largest file: a token has up to 350 characters.
const SIZE_MAX: u64 = 8 * 1024;

/// A token as it stands on disk.
#[derive(Clone, Debug)]
pub(in crate::broker::kis) struct Cached {
    /// The token.
    pub(in crate::broker::kis) token: Secret,
    /// When KIS was asked for it.
    pub(in crate::broker::kis) issued_at: Timestamp,
    /// When it ends.
    pub(in crate::broker::kis) expires_at: Timestamp,
}

/// The text of the file.
#[derive(Serialize, Deserialize)]
struct Text<'a> {
    version: u32,
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

const VERSION: u32 = 1;

/// The files of one app key at one host.
#[derive(Debug)]
pub(in crate::broker::kis) struct Store {
    file: PathBuf,
    lock: PathBuf,
}

/// Held while a token is asked for; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(in crate::broker::kis) struct Held {
    _file: File,
}

impl Store {
    /// The store in that folder, which is made when it is not there. `name` tells the app key and host apart from others
    /// and tells nobody what they are.
    ///
    /// # Errors
    /// When the folder cannot be made, or is open to others or of somebody else.
    pub(in crate::broker::kis) fn open(folder: &Path, name: &str) -> Result<Self> {
        make_private(folder)?;
        check_private(folder, &look_at(folder)?, Kind::Folder)?;
        Ok(Self {
            file: folder.join(format!("{name}.json")),
            lock: folder.join(format!("{name}.lock")),
        })
    }

    /// The token that is there; `None` without a file.
    ///
    /// # Errors
    /// When the file is open to others, of somebody else, a link, or cannot be read.
    pub(in crate::broker::kis) fn read(&self) -> Result<Option<Cached>> {
        let named = match fs::symlink_metadata(&self.file) {
            Ok(named) => named,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("reading", &self.file)(error)),
        };
        check_private(&self.file, &named, Kind::File)?;
        let file = File::open(&self.file).map_err(failed("reading", &self.file))?;
        // Asked of the open file, so that what was checked is what is read.
        let opened = file.metadata().map_err(failed("reading", &self.file))?;
        check_private(&self.file, &opened, Kind::File)?;
        check_same(&self.file, &named, &opened)?;
        let mut text = Zeroizing::new(String::new());
        file.take(SIZE_MAX)
            .read_to_string(&mut text)
            .map_err(failed("reading", &self.file))?;
        // A file that some other version wrote is no token: another is asked for and written over it.
        Ok(parse(&text))
    }

    /// Puts a token there: written beside and renamed, so that nobody reads half of it.
    ///
    /// # Errors
    /// As the system says.
    pub(in crate::broker::kis) fn write(&self, cached: &Cached) -> Result<()> {
        let text = Text {
            version: VERSION,
            access_token: Cow::Borrowed(cached.token.expose()),
            issued_at: cached.issued_at,
            expires_at: cached.expires_at,
        };
        let text = serde_json::to_string(&text)
            .map(Zeroizing::new)
            .map_err(|error| failed("writing", &self.file)(error.into()))?;
        // The lock is held, so no other process of ours writes there; what a killed one left is in the way.
        let beside = self.file.with_extension("new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("writing", &beside)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let mut file = private(OpenOptions::new().write(true))
            .create_new(true)
            .open(&beside)
            .map_err(failed("writing", &beside))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&beside, &self.file))
            .map_err(failed("writing", &self.file))
    }

    /// The right to ask for a token, when no other process has it.
    ///
    /// # Errors
    /// When the lock's file cannot be used.
    pub(in crate::broker::kis) fn try_hold(&self) -> Result<Option<Held>> {
        let file = private(OpenOptions::new().read(true).write(true))
            .create(true)
            .truncate(false)
            .open(&self.lock)
            .map_err(failed("opening", &self.lock))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Held { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed("locking", &self.lock)(error)),
        }
    }
}

fn parse(text: &str) -> Option<Cached> {
    let text: Text<'_> = serde_json::from_str(text).ok()?;
    (text.version == VERSION).then_some(())?;
    Some(Cached {
        token: Secret::new(text.access_token.into_owned()).ok()?,
        issued_at: text.issued_at,
        expires_at: text.expires_at,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Folder,
    File,
}

fn look_at(path: &Path) -> Result<fs::Metadata> {
    fs::symlink_metadata(path).map_err(failed("reading", path))
}

fn failed<'p>(what: &'static str, path: &'p Path) -> impl FnOnce(io::Error) -> Error + 'p {
    move |error| Error::io(format!("{what} {}", path.display()), error)
}

/// Makes the folder and what is missing above it, for its owner alone.
fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed("making", folder))
}

/// Opens for the owner alone. Windows has no such mode: there the folder's access list decides.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Whether a folder or file is what it should be, and its owner's alone.
fn check_private(path: &Path, metadata: &fs::Metadata, kind: Kind) -> Result<()> {
    let is_right = match kind {
        Kind::Folder => metadata.is_dir(),
        Kind::File => metadata.is_file(),
    };
    if !is_right {
        let found = if metadata.is_symlink() {
            "a link"
        } else {
            "something else"
        };
        let expected = match kind {
            Kind::Folder => "a folder of its own",
            Kind::File => "a plain file: remove it",
        };
        return Err(mistaken(path, found, expected));
    }
    check_mode(path, metadata, kind)
}

fn mistaken(path: &Path, found: impl std::fmt::Display, expected: &str) -> Error {
    Error::invalid(
        "token cache",
        found,
        format!("{expected} ({})", path.display()),
    )
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &fs::Metadata, kind: Kind) -> Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    const OTHERS: u32 = 0o077;
    const ALL: u32 = 0o7777;
    let mode = metadata.permissions().mode();
    if mode & OTHERS != 0 {
        let (wanted, remedy) = match kind {
            Kind::Folder => ("0700", "chmod 700"),
            Kind::File => ("0600", "chmod 600"),
        };
        let found = format_args!("mode {:04o}", mode & ALL);
        let expected = format!("mode {wanted}, since it holds a login: run `{remedy}` on it");
        return Err(mistaken(path, found, &expected));
    }
    match own_id() {
        Some(own) if own != metadata.uid() => Err(mistaken(
            path,
            "another user's",
            "one that belongs to the user who runs this",
        )),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &fs::Metadata, _: Kind) -> Result<()> {
    Ok(())
}

/// The user who runs this: the owner of its own entry under `/proc`. Systems without one look at the mode alone, which
/// keeps everybody but the owner out.
#[cfg(unix)]
fn own_id() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    fs::metadata("/proc/self").ok().map(|own| own.uid())
}

/// Whether the file that was opened is the one that was looked at before.
#[cfg(unix)]
fn check_same(path: &Path, named: &fs::Metadata, opened: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    if (named.dev(), named.ino()) == (opened.dev(), opened.ino()) {
        Ok(())
    } else {
        Err(mistaken(
            path,
            "a file that was changed meanwhile",
            "one that stays",
        ))
    }
}

#[cfg(not(unix))]
fn check_same(_: &Path, _: &fs::Metadata, _: &fs::Metadata) -> Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(seconds * 1_000_000_000)
    }

    fn cached(token: &str) -> Cached {
        Cached {
            token: token.parse().unwrap(),
            issued_at: at(1),
            expires_at: at(2),
        }
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn x2_a_token_comes_back_from_a_file_of_its_owner_alone() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("a/tokens");
        let store = Store::open(&folder, "k").unwrap();
        assert!(store.read().unwrap().is_none());
        store.write(&cached("first")).unwrap();
        store.write(&cached("second")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(&folder), mode(&store.file)), (0o700, 0o600));
        let again = Store::open(&folder, "k").unwrap().read().unwrap().unwrap();
        assert_eq!(again.token.expose(), "second");
        assert_eq!((again.issued_at, again.expires_at), (at(1), at(2)));
        assert!(
            Store::open(&folder, "other")
                .unwrap()
                .read()
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn x2_a_file_or_folder_that_others_may_read_is_refused_and_stays() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("tokens");
        let store = Store::open(&folder, "k").unwrap();
        store.write(&cached("t")).unwrap();
        for mode in [0o644, 0o666, 0o640] {
            set_mode(&store.file, mode);
            let error = store.read().unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{error}");
            let found = fs::metadata(&store.file).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode, "left as it is");
        }
        set_mode(&folder, 0o755);
        let error = Store::open(&folder, "k").unwrap_err().to_string();
        assert!(error.contains("chmod 700"), "{error}");
    }

    #[test]
    fn x2_a_link_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("tokens");
        let store = Store::open(&folder, "k").unwrap();
        let elsewhere = scratch.path().join("elsewhere");
        fs::write(&elsewhere, "{}").unwrap();
        set_mode(&elsewhere, 0o600);
        symlink(&elsewhere, &store.file).unwrap();
        assert!(store.read().unwrap_err().to_string().contains("a link"));
        let linked = scratch.path().join("linked");
        symlink(&folder, &linked).unwrap();
        assert!(Store::open(&linked, "k").is_err());
    }

    #[test]
    fn what_is_no_token_is_none() {
        let scratch = tempfile::tempdir().unwrap();
        let store = Store::open(&scratch.path().join("tokens"), "k").unwrap();
        store.write(&cached("t")).unwrap();
        let whole = fs::read_to_string(&store.file).unwrap();
        for cut in 0..whole.len() {
            fs::write(&store.file, &whole[..cut]).unwrap();
            assert!(store.read().unwrap().is_none(), "cut at {cut}");
        }
        fs::write(&store.file, whole.replace("\"version\":1", "\"version\":2")).unwrap();
        assert!(store.read().unwrap().is_none());
    }

    #[test]
    fn one_holds_the_right_to_ask() {
        let scratch = tempfile::tempdir().unwrap();
        let store = Store::open(&scratch.path().join("tokens"), "k").unwrap();
        let held = store.try_hold().unwrap();
        assert!(held.is_some());
        assert!(store.try_hold().unwrap().is_none());
        drop(held);
        assert!(store.try_hold().unwrap().is_some());
    }
}
