//! Opens a journal: lock, recovery, room.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use crate::domain::{BrokerType, Timestamp};

use super::append::Journal;
use super::error::{AppendFailure, JournalError, Step};
use super::file::{DiskFile, JournalFile, write_all_at};
use super::header::{Header, JournalName};
use super::inspect::{self, Ending};
use super::layout::{EMPTY, RECORD_LEN};
use super::lock::Lock;
use super::record::{Entry, JournalRecord};
use super::reserve::Reserve;
use super::scan::{TornTail, offset_of};

/// What a record survives once it is appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process at any point: the record is in the system's memory.
    #[default]
    ProcessCrash,
    /// The end of the machine: the record is on the disk. Costs a disk's write at each record.
    PowerLoss,
}

/// Which journal to open, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalOptions {
    /// Where the files are; made, for the owner only, if it is not there.
    pub directory: PathBuf,
    /// The gateway.
    pub name: JournalName,
    /// Its broker.
    pub broker: BrokerType,
    /// The trading date, which order numbers belong to.
    pub trading_date: Date,
    /// What a record survives.
    pub durability: Durability,
    /// How much room is kept ready.
    pub reserve: Reserve,
}

impl JournalOptions {
    /// A journal that survives the end of the process, with the default room.
    pub fn new(
        directory: impl Into<PathBuf>,
        name: JournalName,
        broker: BrokerType,
        trading_date: Date,
    ) -> Self {
        Self {
            directory: directory.into(),
            name,
            broker,
            trading_date,
            durability: Durability::default(),
            reserve: Reserve::default(),
        }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.directory
            .join(format!("{}-{}{SUFFIX}", self.name, self.trading_date))
    }

    fn header(&self, at: Timestamp) -> Header {
        Header::new(self.broker, &self.name, self.trading_date, at)
    }
}

const SUFFIX: &str = ".journal";

/// What a start found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Every record, in order; none of a new file.
    pub entries: Vec<Entry>,
    /// What was dropped from the end.
    pub torn: Option<TornTail>,
}

impl Journal<DiskFile> {
    /// Opens the gateway's journal of the day, or makes it, and keeps others out until it is dropped.
    ///
    /// # Errors
    /// When another process has it, when it is damaged before its end, when it is not this gateway's, or when the
    /// system fails. Nothing was changed then, except that a torn end may be cleared.
    pub fn open(
        options: &JournalOptions,
        at: Timestamp,
    ) -> Result<(Self, Recovered), JournalError> {
        make_directory(&options.directory)?;
        let lock = Lock::take(&options.directory.join(format!("{}.lock", options.name)))?;
        Self::open_locked(options, Arc::new(lock), at)
    }

    /// Goes on with another trading day's file, under the same lock. Flushers of the old file do not follow.
    ///
    /// # Errors
    /// As [`Journal::open`]. This journal then stays on its old file.
    pub fn roll(&mut self, trading_date: Date, at: Timestamp) -> Result<Recovered, JournalError> {
        let (journal, recovered) = self.of_day(trading_date, at)?;
        *self = journal;
        Ok(recovered)
    }

    /// Opens another trading day's file beside this one, under the same lock: what one day left undecided may end in the
    /// next. The lock lasts until both are dropped.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn of_day(
        &self,
        trading_date: Date,
        at: Timestamp,
    ) -> Result<(Self, Recovered), JournalError> {
        let options = JournalOptions {
            trading_date,
            ..self.options.clone()
        };
        match &self.lock {
            Some(lock) => Self::open_locked(&options, Arc::clone(lock), at),
            None => Self::open(&options, at),
        }
    }

    fn open_locked(
        options: &JournalOptions,
        lock: Arc<Lock>,
        at: Timestamp,
    ) -> Result<(Self, Recovered), JournalError> {
        let path = options.path();
        let (mut journal, recovered) = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => Self::recover(DiskFile::new(file), &path, options, at)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                (Self::make(&path, options, at)?, Recovered::default())
            }
            Err(source) => return Err(failed("opening", &path)(source)),
        };
        journal.lock = Some(lock);
        Ok((journal, recovered))
    }

    /// Makes the file under another name and renames it when it is whole, so that a header is never torn.
    fn make(path: &Path, options: &JournalOptions, at: Timestamp) -> Result<Self, JournalError> {
        let unfinished = path.with_extension("journal-unfinished");
        let file = owner_only(OpenOptions::new().read(true).write(true))
            .create(true)
            .truncate(true)
            .open(&unfinished)
            .map(DiskFile::new)
            .map_err(failed("making", &unfinished))?;
        let made = Self::create(file, path, options, at).inspect_err(|_| {
            // The room goes back to a disk that may be full; a file that stays is overwritten by the next start.
            let _ = fs::remove_file(&unfinished);
        })?;
        fs::rename(&unfinished, path).map_err(failed("making", path))?;
        sync_directory(&options.directory)?;
        Ok(made)
    }
}

impl<F: JournalFile> Journal<F> {
    /// Begins a journal in an empty file of any kind. `path` is for messages. No lock is taken.
    ///
    /// # Errors
    /// When the file fails, or has not the room of a start.
    pub fn create(
        file: F,
        path: &Path,
        options: &JournalOptions,
        at: Timestamp,
    ) -> Result<Self, JournalError> {
        let header = options.header(at);
        let (slot, seed) = header.encode();
        write_all_at(&file, &slot, 0).map_err(failed("writing", path))?;
        let mut journal = Self::over(file, path, options, header, seed);
        journal
            .make_ready(at, 0)
            .map_err(|cause| failed("reserving room in", path)(cause.into()))?;
        Ok(journal)
    }

    /// Goes on with the journal that a file of any kind holds. `path` is for messages. No lock is taken.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn recover(
        file: F,
        path: &Path,
        options: &JournalOptions,
        at: Timestamp,
    ) -> Result<(Self, Recovered), JournalError> {
        let wanted = options.header(at);
        let (header, seed, recovered) = read_for_start(&file, path, &wanted)?;
        let size = file.size().map_err(failed("reading", path))?;
        let mut journal = Self::over(file, path, options, header, seed);
        journal.next += recovered.entries.len() as u64;
        journal.reserved = size;
        let dropped = recovered.torn.map_or(0, |torn| torn.records);
        match journal.make_ready(at, dropped) {
            // A gateway that comes back on a full disk must still be able to cancel.
            Ok(()) | Err(AppendFailure::Full { .. }) => Ok((journal, recovered)),
            Err(cause) => Err(failed("writing", path)(cause.into())),
        }
    }

    /// A journal with a header and no room.
    fn over(file: F, path: &Path, options: &JournalOptions, header: Header, seed: u32) -> Self {
        Self {
            file,
            path: path.to_owned(),
            header,
            seed,
            next: 1,
            reserved: offset_of(1),
            options: options.clone(),
            full: false,
            poisoned: Arc::default(),
            lock: None,
        }
    }

    /// Gets the room of a start, brings everything to the disk, and records the start.
    fn make_ready(&mut self, at: Timestamp, dropped_records: u32) -> Result<(), AppendFailure> {
        let room = offset_of(self.next + u64::from(self.options.reserve.start));
        let reserved = self.extend_to(room);
        // The records that were found may be in the system's memory only, left by a process that was killed.
        self.file
            .sync_data()
            .map_err(|source| self.poison(Step::Flush, source))?;
        let opened = JournalRecord::Opened { dropped_records };
        let appended = self.append(at, opened).map_err(|error| error.cause);
        reserved?;
        appended.map(|_| ())
    }
}

fn read_for_start<F: JournalFile>(
    file: &F,
    path: &Path,
    wanted: &Header,
) -> Result<(Header, u32, Recovered), JournalError> {
    let (contents, seed) = inspect::read(file, path)?;
    contents
        .header
        .check(wanted)
        .map_err(|damage| JournalError::Foreign {
            path: path.to_owned(),
            damage,
        })?;
    let torn = match contents.ending {
        Ending::Clean => None,
        Ending::Torn(torn) => Some(torn),
        Ending::Damaged { offset, damage } => {
            return Err(JournalError::Damaged {
                path: path.to_owned(),
                offset,
                damage,
            });
        }
    };
    if let Some(torn) = &torn {
        clear(file, torn).map_err(failed("clearing the torn end of", path))?;
    }
    let recovered = Recovered {
        entries: contents.entries,
        torn,
    };
    Ok((contents.header, seed, recovered))
}

/// Makes the torn end unwritten again, from the back and one at a time, so that a start which is cut short here leaves
/// a shorter torn end and no gap.
fn clear<F: JournalFile>(file: &F, torn: &TornTail) -> io::Result<()> {
    let size = file.size()?;
    for place in (0..u64::from(torn.records)).rev() {
        let offset = torn.offset + offset_of(place);
        let len = usize::try_from(size.saturating_sub(offset)).unwrap_or(RECORD_LEN);
        write_all_at(file, &EMPTY[..len.min(RECORD_LEN)], offset)?;
        file.sync_data()?;
    }
    Ok(())
}

/// The journals of a gateway, oldest first.
///
/// # Errors
/// When the directory cannot be read.
pub fn journals(
    directory: &Path,
    name: &JournalName,
) -> Result<Vec<(Date, PathBuf)>, JournalError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed("reading", directory))? {
        let path = entry.map_err(failed("reading", directory))?.path();
        let date = path
            .file_name()
            .and_then(|file| file.to_str())
            .and_then(|file| file.strip_prefix(name.as_str()))
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_suffix(SUFFIX))
            .filter(|date| date.len() == "2026-11-24".len())
            .and_then(|date| date.parse().ok());
        found.extend(date.map(|date| (date, path)));
    }
    found.sort_unstable();
    Ok(found)
}

pub(super) fn failed(what: &'static str, path: &Path) -> impl Fn(io::Error) -> JournalError {
    move |source| JournalError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}

pub(super) fn make_directory(path: &Path) -> Result<(), JournalError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed("making", path))
}

/// A file that is made is for its owner only. Windows gives it the directory's own rights.
pub(super) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Brings a new name to the disk. Windows has no such call and does not need it.
pub(super) fn sync_directory(path: &Path) -> Result<(), JournalError> {
    if cfg!(unix) {
        File::open(path)
            .and_then(|directory| directory.sync_all())
            .map_err(failed("flushing", path))?;
    }
    Ok(())
}
