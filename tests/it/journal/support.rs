//! Records, and a file in memory whose disk fills up and fails when a test says so.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use gwanmun::domain::{
    BrokerCode, BrokerType, CancelRequest, ClientOrderId, ModifyRequest, Money, OrderNo,
    OrderRequest, Price, Qty, RefusalReason, Timestamp, TradingState,
};
use gwanmun::orders::journal::{
    AccountMark, Action, CancelIntent, Candidates, CommandId, Durability, EndStatus, Entry,
    Journal, JournalError, JournalFile, JournalOptions, JournalRecord, JournalText, ModifyIntent,
    NotSentCause, OrderIntent, Recovered, Reserve, UnknownCause,
};
use gwanmun::symbol;
use jiff::civil::date;

pub(super) const AT: Timestamp = Timestamp::from_nanos(1_795_480_000_000_000_000);

/// A small reserve, so that tests come to its end.
pub(super) const SMALL: Reserve = Reserve {
    start: 8,
    step: 4,
    outcomes: 3,
};

pub(super) fn options(directory: &Path) -> JournalOptions {
    let mut options = JournalOptions::new(
        directory,
        "kis-main".parse().unwrap(),
        BrokerType::Kis,
        date(2026, 11, 24),
    );
    options.reserve = SMALL;
    options
}

pub(super) fn order_no(number: u64) -> OrderNo {
    OrderNo::new(number).unwrap()
}

pub(super) fn intent(id: u64) -> JournalRecord {
    let account = "12345678-01".parse().unwrap();
    let request = OrderRequest::limit_buy(
        account,
        symbol!("005930"),
        Qty::new(id),
        Price::from_won(71_000).unwrap(),
    )
    .with_id(ClientOrderId::new(id));
    JournalRecord::Intent(OrderIntent::new(
        &request,
        AccountMark::new(0, &account),
        id.wrapping_mul(0x9E37_79B9_7F4A_7C15),
    ))
}

pub(super) fn cancel(id: u64) -> JournalRecord {
    let account = "12345678-01".parse().unwrap();
    JournalRecord::CancelIntent(CancelIntent::new(
        &CancelRequest::all(account, order_no(id)),
        CommandId::child(ClientOrderId::new(id), 1),
        AccountMark::new(0, &account),
        order_no(id),
        7,
    ))
}

/// A record of each kind, and with `n` different ones each time.
pub(super) fn record(n: u64) -> JournalRecord {
    let account = "12345678-01".parse().unwrap();
    let (id, number) = (ClientOrderId::new(n), order_no(n + 1));
    let command = CommandId::of_order(id);
    let text = JournalText::new(&format!("주문가능금액 부족 {n}"));
    match n % 15 {
        0 => intent(n),
        1 => JournalRecord::Sent {
            command,
            action: Action::New,
            attempt: 1,
        },
        2 => JournalRecord::Acked {
            command,
            order_no: number,
            taken_at: AT,
            inferred: n.is_multiple_of(2),
        },
        3 => JournalRecord::Refused {
            command,
            reason: RefusalReason::InsufficientCash,
            code: BrokerCode::new("APBK0952"),
            message: text,
        },
        4 => JournalRecord::Unknown {
            command,
            cause: UnknownCause::Code,
            code: BrokerCode::new("EGW00301"),
        },
        5 => JournalRecord::Absent {
            command,
            reads: 3,
            waited_ms: 61_000,
        },
        6 => JournalRecord::Unresolved {
            command,
            candidates: Candidates::new((1..=n).map(order_no)),
        },
        7 => JournalRecord::FillTotal {
            order_no: number,
            qty: Qty::new(n),
            value: Money::from_won(71_000).unwrap(),
            inferred: n.is_multiple_of(2),
        },
        8 => JournalRecord::ModifyIntent(ModifyIntent::new(
            &ModifyRequest::to_price(account, number, Price::from_won(71_100).unwrap())
                .with_qty(Qty::new(n)),
            CommandId::child(id, 2),
            AccountMark::new(1, &account),
            number,
            n,
        )),
        9 => cancel(n),
        10 => JournalRecord::Ended {
            order_no: number,
            status: EndStatus::Cancelled,
        },
        11 => JournalRecord::TradingState {
            state: TradingState::ReduceOnly,
            reason: text,
        },
        12 => JournalRecord::Counter {
            name: text,
            value: n,
        },
        13 => JournalRecord::Note { text },
        _ => JournalRecord::NotSent {
            command,
            cause: NotSentCause::Limiter,
        },
    }
}

/// What the file does next.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Bytes that the disk has room for.
    pub(super) disk: Option<usize>,
    /// The most bytes that one write takes.
    pub(super) short: Option<usize>,
    /// Writes take that many bytes more, and fail then.
    pub(super) fail_write_after: Option<usize>,
    /// The next flush fails; later ones succeed, as systems do.
    pub(super) fail_flush: bool,
    /// That many calls are interrupted by a signal first.
    pub(super) interrupts: u32,
}

#[derive(Debug, Default)]
pub(super) struct Disk {
    pub(super) bytes: Vec<u8>,
    pub(super) faults: Faults,
    /// Calls that wrote or flushed.
    pub(super) writes: u32,
    pub(super) flushes: u32,
}

/// A file in memory; clones are the same file.
#[derive(Clone, Debug, Default)]
pub(super) struct MemoryFile(pub(super) Arc<Mutex<Disk>>);

impl MemoryFile {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let file = Self::default();
        file.0.lock().unwrap().bytes = bytes;
        file
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes.clone()
    }

    pub(super) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.0.lock().unwrap().faults);
    }

    /// Writes and flushes so far.
    pub(super) fn calls(&self) -> (u32, u32) {
        let disk = self.0.lock().unwrap();
        (disk.writes, disk.flushes)
    }

    pub(super) fn create(&self, durability: Durability) -> Result<Journal<Self>, JournalError> {
        let mut options = options(Path::new("/nowhere"));
        options.durability = durability;
        Journal::create(self.clone(), &options.path(), &options, AT)
    }

    pub(super) fn recover(&self) -> Result<(Journal<Self>, Recovered), JournalError> {
        let options = options(Path::new("/nowhere"));
        Journal::recover(self.clone(), &options.path(), &options, AT)
    }
}

impl JournalFile for MemoryFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().bytes.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut disk = self.0.lock().unwrap();
        if disk.faults.interrupts > 0 {
            disk.faults.interrupts -= 1;
            return Err(ErrorKind::Interrupted.into());
        }
        let from = usize::try_from(offset).unwrap().min(disk.bytes.len());
        let len = bytes.len().min(disk.bytes.len() - from);
        let len = len.min(disk.faults.short.unwrap_or(usize::MAX));
        bytes[..len].copy_from_slice(&disk.bytes[from..from + len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut disk = self.0.lock().unwrap();
        disk.writes += 1;
        if disk.faults.interrupts > 0 {
            disk.faults.interrupts -= 1;
            return Err(ErrorKind::Interrupted.into());
        }
        let mut len = bytes.len().min(disk.faults.short.unwrap_or(usize::MAX));
        if let Some(left) = &mut disk.faults.fail_write_after {
            len = len.min(*left);
            *left -= len;
            if len == 0 {
                return Err(io::Error::other("the cable is out"));
            }
        }
        let from = usize::try_from(offset).unwrap();
        if let Some(room) = disk.faults.disk {
            len = len.min(room.saturating_sub(from));
            if len == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
        }
        let end = from + len;
        if disk.bytes.len() < end {
            disk.bytes.resize(end, 0);
        }
        disk.bytes[from..end].copy_from_slice(&bytes[..len]);
        Ok(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        disk.flushes += 1;
        if std::mem::take(&mut disk.faults.fail_flush) {
            return Err(io::Error::other("the disk lost a page"));
        }
        Ok(())
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(self.clone())
    }
}

/// The records of entries.
pub(super) fn records(entries: &[Entry]) -> Vec<JournalRecord> {
    entries.iter().map(|entry| entry.record).collect()
}
