//! Where the desks of MOCK write down what they do, where a directory is named for it: one file an account and trading
//! day, `account-<place>/<gateway>-<date>.journal`, and the kill switch beside them.
//!
//! # After a restart
//! The desks begin again from their files, so that ids are not used twice and what was told stays told. The exchange
//! stands in this process and does not come back: a new one takes its place, with the configured cash and no shares, whose
//! order numbers go on behind those of the files. So nothing more can come of the orders of before: those with a number
//! end, as cancelled by somebody else, with the fills that the file has; those whose outcome was not known are looked for,
//! and become absent by the desk's own rule.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;

use crate::config::{BrokerConfig, JournalDurability};
use crate::domain::{AccountId, BrokerType, Timestamp, TradingState};
use crate::error::Result;
use crate::orders::desk::{self, Record};
use crate::orders::journal::{
    Durability, Journal, JournalName, JournalOptions, JournalRecord, JournalText, Recovered,
    inspect, keep_trading_state, read_trading_state,
};
use crate::orders::{DeskJournal, RecordClock};

/// The exchange's clock, for the records.
#[derive(Clone, Debug, Default)]
pub(super) struct FloorClock(Arc<AtomicI64>);

impl FloorClock {
    pub(super) fn set(&self, now: Timestamp) {
        self.0.store(now.nanos(), Ordering::Relaxed);
    }
}

impl RecordClock for FloorClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// The journals of a gateway.
#[derive(Debug)]
pub(super) struct Journals {
    directory: PathBuf,
    name: JournalName,
    /// Of each account, with the date of the first day.
    accounts: Vec<JournalOptions>,
    /// Files of the first day, which have no desk yet.
    first: Vec<Option<(Journal, Recovered)>>,
    clock: FloorClock,
    /// The kill switch as it was kept.
    state: TradingState,
}

/// The file of a day, and what it holds of before.
pub(super) struct Opened {
    pub(super) log: Log,
    pub(super) records: Vec<Record>,
}

impl Journals {
    /// Opens the files of the first day, if the configuration names a directory.
    ///
    /// # Errors
    /// When a file is held by another gateway, is damaged, or is not one account's; when the system fails.
    pub(super) fn open(config: &BrokerConfig, date: Date, at: Timestamp) -> Result<Option<Self>> {
        let mock = config.mock_config();
        let Some(directory) = &mock.journal_dir else {
            return Ok(None);
        };
        let name: JournalName = config.name().parse()?;
        let options = |place: usize| {
            let folder = directory.join(format!("account-{}", place + 1));
            let mut options = JournalOptions::new(folder, name.clone(), BrokerType::Mock, date);
            options.durability = match mock.durability {
                JournalDurability::ProcessCrash => Durability::ProcessCrash,
                JournalDurability::PowerLoss => Durability::PowerLoss,
            };
            options
        };
        let accounts: Vec<JournalOptions> = (0..config.accounts().len()).map(options).collect();
        let open = |options| Ok(Some(Journal::open(options, at)?));
        Ok(Some(Self {
            first: accounts.iter().map(open).collect::<Result<_>>()?,
            state: read_trading_state(directory, &name)?,
            directory: directory.clone(),
            name,
            accounts,
            clock: FloorClock::default(),
        }))
    }

    /// The kill switch as it was kept.
    pub(super) const fn state(&self) -> TradingState {
        self.state
    }

    /// Keeps the kill switch.
    pub(super) fn keep(&mut self, state: TradingState) -> Result<()> {
        keep_trading_state(&self.directory, &self.name, state)?;
        self.state = state;
        Ok(())
    }

    pub(super) const fn clock(&self) -> &FloorClock {
        &self.clock
    }

    /// The file of a day for the account at `place`. `old` is the one of the day before.
    ///
    /// # Errors
    /// As [`Journals::open`].
    pub(super) fn begin(
        &mut self,
        place: usize,
        account: AccountId,
        date: Date,
        at: Timestamp,
        old: Option<Log>,
    ) -> Result<Opened> {
        let first = self.first[place].take();
        let old = old.and_then(Log::into_file);
        let (mut file, recovered) = match (first, old) {
            (Some((file, recovered)), _) if file.header().trading_date == date => (file, recovered),
            (Some((mut file, _)), _) | (None, Some(mut file)) => {
                let recovered = file.roll(date, at)?;
                (file, recovered)
            }
            (None, None) => {
                let mut options = self.accounts[place].clone();
                options.trading_date = date;
                Journal::open(&options, at)?
            }
        };
        if !recovered.entries.is_empty() {
            let text = JournalText::new("a new exchange: the orders above went with theirs");
            file.append(at, JournalRecord::Note { text })?;
        }
        if self.state != TradingState::Active {
            let reason = JournalText::new("as it was kept");
            let state = self.state;
            file.append(at, JournalRecord::TradingState { state, reason })?;
        }
        let index = u16::try_from(place).unwrap_or(u16::MAX);
        let clock = self.clock.clone();
        let (writer, records) = DeskJournal::new(file, &recovered.entries, account, index, clock)?;
        let log = Log::File(Box::new(FileLog {
            writer,
            account,
            index,
        }));
        Ok(Opened { log, records })
    }
}

/// The records of one desk.
#[derive(Debug)]
pub(super) enum Log {
    /// Nobody asks for them.
    None,
    /// Kept where a process may be killed, to begin again from them.
    Memory(Vec<Record>),
    /// In a file.
    File(Box<FileLog>),
}

#[derive(Debug)]
pub(super) struct FileLog {
    writer: DeskJournal<FloorClock>,
    account: AccountId,
    index: u16,
}

impl Log {
    /// What a process finds that begins again, and the journal that it goes on with.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn reopened(self, clock: &FloorClock) -> Result<Opened> {
        let (log, records) = match self {
            Self::None => (Self::None, Vec::new()),
            Self::Memory(records) => (Self::Memory(records.clone()), records),
            Self::File(log) => {
                let (account, index) = (log.account, log.index);
                let file = log.writer.into_file();
                let entries = inspect(file.path())?.entries;
                let (writer, records) =
                    DeskJournal::new(file, &entries, account, index, clock.clone())?;
                let log = FileLog {
                    writer,
                    account,
                    index,
                };
                (Self::File(Box::new(log)), records)
            }
        };
        Ok(Opened { log, records })
    }

    fn into_file(self) -> Option<Journal> {
        match self {
            Self::File(log) => Some(log.writer.into_file()),
            Self::None | Self::Memory(_) => None,
        }
    }

    /// Writes the kill switch into the file.
    ///
    /// # Errors
    /// When it is not kept.
    pub(super) fn switched(&mut self, at: Timestamp, state: TradingState) -> Result<()> {
        if let Self::File(log) = self {
            let reason = JournalText::new("set by the program");
            let record = JournalRecord::TradingState { state, reason };
            log.writer.file_mut().append(at, record)?;
        }
        Ok(())
    }

    /// Gets more room for the file, if that runs low, so that an order does not have to.
    pub(super) fn keep_room(&mut self) {
        if let Self::File(log) = self
            && log.writer.file_mut().wants_room()
            && let Err(error) = log.writer.file_mut().reserve()
        {
            tracing::warn!(%error, "the order journal gets no more room");
        }
    }
}

impl desk::Journal for Log {
    #[inline]
    fn append(&mut self, record: &Record) -> Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Memory(records) => {
                records.push(*record);
                Ok(())
            }
            Self::File(log) => log.writer.append(record),
        }
    }
}
