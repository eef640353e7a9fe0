//! Where desks write down what they do, and where the kill switch is kept.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

use crate::clock;
use crate::domain::{AccountId, BrokerType, Timestamp, TradingState};
use crate::error::{Error, Result};
use crate::orders::DeskJournal;
use crate::orders::desk::{self, Moment, Record};
use crate::orders::journal::{
    Durability, Flusher, Health, Journal, JournalName, JournalOptions, JournalRecord, JournalText,
    Reserve, journals,
};

/// Where the journals of a gateway are.
#[derive(Clone, Debug)]
pub enum Journals {
    /// Files of a directory.
    Disk(DiskJournals),
    /// Memory, which outlives a gateway and no process: for simulations and tests.
    Memory(MemoryJournals),
}

/// Journals in files: those of the first account in `directory`, those of every other in a folder `account-<place>` of
/// it, because each desk has a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskJournals {
    /// Where the files are.
    pub directory: PathBuf,
    /// The gateway.
    pub name: JournalName,
    /// Its broker.
    pub broker: BrokerType,
    /// What a record survives.
    pub durability: Durability,
    /// How much room is kept ready.
    pub reserve: Reserve,
}

/// A day's journal that was opened, with what stood in it.
pub(super) struct Opened {
    pub(super) log: Log,
    pub(super) records: Vec<Record>,
}

impl Journals {
    /// Opens the journal of an account and day, beside one of another day where `beside` is one.
    pub(super) fn open(
        &self,
        index: usize,
        account: AccountId,
        date: Date,
        beside: Option<&Log>,
        at: Timestamp,
    ) -> Result<Opened> {
        let (kept, records) = match self {
            Self::Disk(disk) => disk.open(index, account, date, beside, at)?,
            Self::Memory(memory) => memory.open(index, date),
        };
        let log = Log {
            kept,
            flusher: None,
            flushed: 0,
            tend_again: Duration::ZERO,
            times: false,
            appended: None,
        };
        Ok(Opened { log, records })
    }

    /// Whether what is written has to be brought to the disk by somebody, for the end of the machine.
    pub(super) fn wants_flushes(&self) -> bool {
        match self {
            Self::Disk(disk) => disk.durability == Durability::ProcessCrash,
            Self::Memory(_) => false,
        }
    }

    /// The last day before `date` of which an account has a journal.
    pub(super) fn last_before(&self, index: usize, date: Date) -> Result<Option<Date>> {
        let days = match self {
            Self::Disk(disk) => journals(&disk.folder(index), &disk.name)?
                .into_iter()
                .map(|(day, _)| day)
                .collect(),
            Self::Memory(memory) => memory.days(index),
        };
        Ok(days.into_iter().filter(|&day| day < date).max())
    }

    /// The trading state that was kept; what cannot be read halts.
    pub(super) fn kept_state(&self) -> TradingState {
        match self {
            Self::Disk(disk) => match fs::read_to_string(disk.state_file()) {
                Ok(word) => TradingState::restored(Some(&word)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    TradingState::restored(None)
                }
                Err(_) => TradingState::Halted,
            },
            Self::Memory(memory) => memory.lock().state,
        }
    }

    /// Keeps a trading state over a restart.
    pub(super) fn keep_state(&self, state: TradingState) -> Result<()> {
        match self {
            Self::Disk(disk) => {
                let path = disk.state_file();
                replace(&path, state.as_str()).map_err(|source| {
                    let file = path.display();
                    Error::io(format!("keeping the trading state in {file}"), source)
                })
            }
            Self::Memory(memory) => {
                memory.lock().state = state;
                Ok(())
            }
        }
    }
}

/// Writes beside the file and renames, so that it is never half written.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("state-new");
    let mut file = fs::File::create(&beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    // Only the directory brings the new name to the disk. Windows has no such call and does not need it.
    match path.parent() {
        Some(directory) if cfg!(unix) => fs::File::open(directory)?.sync_all(),
        Some(_) | None => Ok(()),
    }
}

impl DiskJournals {
    /// Journals that survive the end of the process.
    pub fn new(directory: impl Into<PathBuf>, name: JournalName, broker: BrokerType) -> Self {
        Self {
            directory: directory.into(),
            name,
            broker,
            durability: Durability::default(),
            reserve: Reserve::default(),
        }
    }

    fn folder(&self, index: usize) -> PathBuf {
        if index == 0 {
            self.directory.clone()
        } else {
            self.directory.join(format!("account-{index}"))
        }
    }

    fn state_file(&self) -> PathBuf {
        self.directory.join(format!("{}.state", self.name))
    }

    fn open(
        &self,
        index: usize,
        account: AccountId,
        date: Date,
        beside: Option<&Log>,
        at: Timestamp,
    ) -> Result<(Kept, Vec<Record>)> {
        let mut options =
            JournalOptions::new(self.folder(index), self.name.clone(), self.broker, date);
        (options.durability, options.reserve) = (self.durability, self.reserve);
        let (file, recovered) = match beside.map(|log| &log.kept) {
            Some(Kept::Disk(other)) => other.file().of_day(date, at)?,
            Some(Kept::Memory(_)) | None => Journal::open(&options, at)?,
        };
        if let Some(torn) = &recovered.torn {
            tracing::warn!(
                records = torn.records,
                "the journal's last write was cut short and is dropped"
            );
        }
        let place = u16::try_from(index).unwrap_or(u16::MAX);
        let clock: fn() -> Timestamp = clock::now;
        let (journal, records) = DeskJournal::new(file, &recovered.entries, account, place, clock)?;
        Ok((Kept::Disk(Box::new(journal)), records))
    }
}

/// The records of one desk, and when the last one was kept.
#[derive(Debug)]
pub(super) struct Log {
    kept: Kept,
    /// Flushes from another thread; made with the first flush.
    flusher: Option<Arc<Flusher>>,
    /// The place of the first record that was not flushed.
    flushed: u64,
    /// When room is asked for again at the earliest, by the monotonic clock.
    tend_again: Duration,
    /// Whether `appended` is told.
    pub(super) times: bool,
    pub(super) appended: Option<Instant>,
}

#[derive(Debug)]
enum Kept {
    Disk(Box<DeskJournal<fn() -> Timestamp>>),
    Memory(MemoryLog),
}

impl Log {
    /// Gets more room while nothing waits for it.
    pub(super) fn tend(&mut self, now: Moment) {
        /// Between two attempts on a disk that is full.
        const AGAIN: Duration = Duration::from_secs(5);
        if let Kept::Disk(journal) = &mut self.kept
            && journal.file().health() != Health::Poisoned
            && journal.file().wants_room()
            && self.tend_again <= now.elapsed
            && let Err(error) = journal.file_mut().reserve()
        {
            tracing::error!(%error, "no more room for the journal");
            self.tend_again = now.elapsed.saturating_add(AGAIN);
        }
    }

    /// Writes down that the kill switch was set.
    pub(super) fn note_state(&mut self, state: TradingState, at: Timestamp) {
        if let Kept::Disk(journal) = &mut self.kept {
            let reason = JournalText::EMPTY;
            let record = JournalRecord::TradingState { state, reason };
            if let Err(error) = journal.file_mut().append(at, record) {
                tracing::error!(%error, "the trading state is not in the journal");
            }
        }
    }

    /// What brings to the disk what was written since the last call, if anything was.
    pub(super) fn unflushed(&mut self) -> Option<Arc<Flusher>> {
        let Kept::Disk(journal) = &self.kept else {
            return None;
        };
        let next = journal.file().next_seq();
        if self.flushed == next {
            return None;
        }
        if self.flusher.is_none() {
            match journal.file().flusher() {
                Ok(flusher) => self.flusher = Some(Arc::new(flusher)),
                Err(error) => tracing::warn!(%error, "the journal is not flushed now"),
            }
        }
        let flusher = self.flusher.clone()?;
        self.flushed = next;
        Some(flusher)
    }

    /// Brings what is written to the disk.
    pub(super) fn flush(&mut self) -> Result<()> {
        match &mut self.kept {
            Kept::Disk(journal) => Ok(journal.file_mut().flush()?),
            Kept::Memory(_) => Ok(()),
        }
    }
}

impl desk::Journal for Log {
    fn append(&mut self, record: &Record) -> Result<()> {
        let kept = match &mut self.kept {
            Kept::Disk(journal) => desk::Journal::append(journal.as_mut(), record),
            Kept::Memory(memory) => memory.append(record),
        };
        if self.times {
            self.appended = Some(Instant::now());
        }
        kept
    }
}

/// Journals in memory. Clones are the same journals, so that a gateway that is made anew finds what the last one wrote.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournals {
    shelf: Arc<Mutex<Shelf>>,
    failing: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Shelf {
    days: BTreeMap<(usize, Date), Vec<Record>>,
    state: TradingState,
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            days: BTreeMap::new(),
            state: TradingState::Active,
        }
    }
}

impl MemoryJournals {
    /// From now on records are kept, or not, as on a disk that fails.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }

    /// The records of an account's day.
    pub fn records(&self, account_index: usize, date: Date) -> Vec<Record> {
        let shelf = self.lock();
        let records = shelf.days.get(&(account_index, date));
        records.cloned().unwrap_or_default()
    }

    fn open(&self, index: usize, date: Date) -> (Kept, Vec<Record>) {
        let records = self.lock().days.entry((index, date)).or_default().clone();
        let log = MemoryLog {
            journals: self.clone(),
            key: (index, date),
        };
        (Kept::Memory(log), records)
    }

    fn days(&self, index: usize) -> Vec<Date> {
        let shelf = self.lock();
        let days = shelf.days.keys().filter(|(account, _)| *account == index);
        days.map(|&(_, date)| date).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct MemoryLog {
    journals: MemoryJournals,
    key: (usize, Date),
}

impl MemoryLog {
    fn append(&self, record: &Record) -> Result<()> {
        if self.journals.failing.load(Ordering::Relaxed) {
            let source = io::ErrorKind::StorageFull.into();
            return Err(Error::io("writing the order journal", source));
        }
        let mut shelf = self.journals.lock();
        shelf.days.entry(self.key).or_default().push(*record);
        Ok(())
    }
}
