//! Where the desks of MOCK write down what they do: one file a trading day for all accounts, where one is asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::config::{BrokerConfig, JournalDurability};
use crate::domain::{BrokerType, ClientOrderId, Money, OrderNo, OrderRequest, Qty, Timestamp};
use crate::error::Result;
use crate::orders::desk::{self, Record, Ticket};
use crate::orders::journal::{
    AccountMark, Action, CancelIntent, Candidates, CommandId, Durability, EndStatus, Journal,
    JournalOptions, JournalRecord, JournalText, ModifyIntent, NotSentCause, OrderIntent,
    UnknownCause,
};

/// The journal that the desks of a gateway share.
pub(super) type Shared = Arc<Mutex<Journal>>;

/// Commands whose end is not written yet and that may still get one; the oldest are forgotten beyond so many.
const COMMANDS_MAX: usize = 1_024;

/// Opens the journal of the configuration, if it names one. Also the highest client order id that stands in it.
pub(super) fn open(
    config: &BrokerConfig,
    date: Date,
    at: Timestamp,
) -> Result<Option<(Shared, u64)>> {
    let mock = config.mock_config();
    let Some(directory) = &mock.journal_dir else {
        return Ok(None);
    };
    let mut options =
        JournalOptions::new(directory, config.name().parse()?, BrokerType::Mock, date);
    options.durability = match mock.durability {
        JournalDurability::ProcessCrash => Durability::ProcessCrash,
        JournalDurability::PowerLoss => Durability::PowerLoss,
    };
    let (mut journal, recovered) = Journal::open(&options, at)?;
    let ids = recovered.entries.iter();
    let highest = ids
        .filter_map(|entry| entry.record.command())
        .map(|command| command.order.get())
        .max();
    if !recovered.entries.is_empty() {
        let text = JournalText::new("a new exchange: the orders above went with theirs");
        journal.append(at, JournalRecord::Note { text })?;
    }
    Ok(Some((
        Arc::new(Mutex::new(journal)),
        highest.unwrap_or_default(),
    )))
}

/// Goes on with that day's file.
pub(super) fn roll(journal: &Shared, date: Date, at: Timestamp) -> Result<()> {
    let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
    if journal.header().trading_date != date {
        journal.roll(date, at)?;
    }
    Ok(())
}

/// The records of one desk.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Kept where a process may be killed, to begin again from them.
    records: Option<Vec<Record>>,
    file: Option<Box<Writer>>,
}

impl Log {
    /// Writes to the file, if there is one, and keeps the records, if they are wanted.
    pub(super) fn new(keeps: bool, journal: Option<&Shared>, account: AccountMark) -> Self {
        Self {
            records: keeps.then(Vec::new),
            file: journal.map(|journal| Box::new(Writer::new(Arc::clone(journal), account))),
        }
    }

    /// A copy of the records: what a process finds that begins again.
    pub(super) fn records(&self) -> Vec<Record> {
        self.records.clone().unwrap_or_default()
    }
}

impl desk::Journal for Log {
    fn append(&mut self, record: &Record) -> Result<()> {
        if let Some(writer) = &mut self.file {
            writer.append(record)?;
        }
        if let Some(records) = &mut self.records {
            records.push(*record);
        }
        Ok(())
    }
}

/// A number of an order, and what is filled of it.
#[derive(Clone, Copy, Debug)]
struct Number {
    id: ClientOrderId,
    filled: Qty,
    value: Money,
}

/// What is filled and cancelled of an order, over all its numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    filled: Qty,
    value: Money,
    cancelled: Qty,
}

/// Turns the desk's records, which go by ticket and number, into the journal's, which go by order.
#[derive(Debug)]
struct Writer {
    journal: Shared,
    account: AccountMark,
    commands: VecDeque<(Ticket, CommandId)>,
    numbers: FxHashMap<OrderNo, Number>,
    orders: FxHashMap<ClientOrderId, Totals>,
    /// The time of the last record that has one.
    at: Timestamp,
}

impl Writer {
    fn new(journal: Shared, account: AccountMark) -> Self {
        let orders = 4 * COMMANDS_MAX;
        Self {
            journal,
            account,
            commands: VecDeque::with_capacity(COMMANDS_MAX),
            numbers: FxHashMap::with_capacity_and_hasher(2 * orders, FxBuildHasher),
            orders: FxHashMap::with_capacity_and_hasher(2 * orders, FxBuildHasher),
            at: Timestamp::EPOCH,
        }
    }

    fn append(&mut self, record: &Record) -> Result<()> {
        match *record {
            Record::Place {
                ticket,
                request,
                at,
            } => {
                let command = self.begin(ticket, request.id, 0, at);
                let intent = OrderIntent::new(&request, self.account, fingerprint(&request));
                self.send(JournalRecord::Intent(intent), command, Action::New)
            }
            Record::Modify {
                ticket,
                id,
                target,
                qty,
                kind,
                part_id,
                at,
            } => {
                let command = self.begin(ticket, id, child(ticket), at);
                let intent = ModifyIntent {
                    command,
                    account: self.account,
                    original_no: target,
                    qty,
                    kind,
                    part_id: part_id.unwrap_or(ClientOrderId::AUTO),
                    fingerprint: target.get(),
                };
                let intent = JournalRecord::ModifyIntent(intent);
                self.send(intent, command, Action::Modify)
            }
            Record::Cancel {
                ticket,
                id,
                target,
                qty,
                at,
            } => {
                let command = self.begin(ticket, id, child(ticket), at);
                let intent = CancelIntent {
                    command,
                    account: self.account,
                    original_no: target,
                    qty,
                    fingerprint: target.get(),
                };
                let intent = JournalRecord::CancelIntent(intent);
                self.send(intent, command, Action::Cancel)
            }
            Record::NotSent { ticket } => self.end(ticket, |command| JournalRecord::NotSent {
                command,
                cause: NotSentCause::Connect,
            }),
            Record::Unknown { ticket } => self.end(ticket, |command| JournalRecord::Unknown {
                command,
                cause: UnknownCause::Answer,
                code: crate::domain::BrokerCode::new(""),
            }),
            Record::Accepted {
                ticket,
                order_no,
                inferred,
                at,
            } => {
                self.at = at;
                if let Some(command) = self.command(ticket) {
                    self.name(order_no, command.order);
                }
                self.end(ticket, |command| JournalRecord::Acked {
                    command,
                    order_no,
                    taken_at: at,
                    inferred,
                })
            }
            Record::Refused {
                ticket,
                reason,
                code,
            } => self.end(ticket, |command| JournalRecord::Refused {
                command,
                reason,
                code,
                message: JournalText::EMPTY,
            }),
            Record::Absent { ticket } => self.end(ticket, |command| JournalRecord::Absent {
                command,
                reads: 0,
                waited_ms: 0,
            }),
            Record::Unresolved { ticket, .. } => {
                self.end(ticket, |command| JournalRecord::Unresolved {
                    command,
                    candidates: Candidates::new([]),
                })
            }
            Record::Filled {
                order_no,
                filled,
                value,
            } => self.filled(order_no, filled, value),
            Record::Cancelled {
                order_no,
                cancelled,
            } => {
                if let Some(id) = self.numbers.get(&order_no).map(|number| number.id) {
                    self.orders.entry(id).or_default().cancelled = cancelled;
                }
                Ok(())
            }
            Record::Modified {
                order_no, part_id, ..
            } => {
                if let Some(part_id) = part_id.filter(|part| !part.is_auto()) {
                    self.name(order_no, part_id);
                }
                Ok(())
            }
            Record::Ended { order_no, status } => {
                let ended = self.numbers.remove(&order_no);
                let Some((id, status)) = ended.map(|it| it.id).zip(EndStatus::new(status)) else {
                    return Ok(());
                };
                let totals = self.orders.remove(&id).unwrap_or_default();
                self.write(JournalRecord::Ended {
                    order: id,
                    status,
                    filled: totals.filled,
                    cancelled: totals.cancelled,
                })
            }
            // The list tells of these again.
            Record::External { .. } | Record::Seen { .. } | Record::Closed { .. } => Ok(()),
        }
    }

    fn begin(&mut self, ticket: Ticket, id: ClientOrderId, child: u32, at: Timestamp) -> CommandId {
        let command = CommandId { order: id, child };
        if self.commands.len() == COMMANDS_MAX {
            self.commands.pop_front();
        }
        self.commands.push_back((ticket, command));
        self.at = at;
        command
    }

    fn send(&self, intent: JournalRecord, command: CommandId, action: Action) -> Result<()> {
        self.write(intent)?;
        self.write(JournalRecord::Sent {
            command,
            action,
            attempt: 1,
        })
    }

    fn command(&self, ticket: Ticket) -> Option<CommandId> {
        let place = self
            .commands
            .binary_search_by_key(&ticket, |(ticket, _)| *ticket);
        place.ok().map(|place| self.commands[place].1)
    }

    fn end(&self, ticket: Ticket, record: impl FnOnce(CommandId) -> JournalRecord) -> Result<()> {
        self.command(ticket)
            .map_or(Ok(()), |command| self.write(record(command)))
    }

    fn name(&mut self, order_no: OrderNo, id: ClientOrderId) {
        let (filled, value) = (Qty::ZERO, Money::ZERO);
        self.numbers
            .entry(order_no)
            .or_insert(Number { id, filled, value });
        self.orders.entry(id).or_default();
    }

    fn filled(&mut self, order_no: OrderNo, filled: Qty, value: Money) -> Result<()> {
        let Some(number) = self.numbers.get_mut(&order_no) else {
            let text = JournalText::new("shares of an order that had ended, or is not ours");
            return self.write(JournalRecord::Note { text });
        };
        let more = filled.saturating_sub(number.filled);
        let worth = value.checked_sub(number.value).unwrap_or(Money::ZERO);
        (number.filled, number.value) = (filled, value);
        let order = number.id;
        let totals = self.orders.entry(order).or_default();
        totals.filled = totals.filled.checked_add(more).unwrap_or(totals.filled);
        totals.value = totals.value.checked_add(worth).unwrap_or(totals.value);
        let (qty, value) = (totals.filled, totals.value);
        self.write(JournalRecord::FillTotal {
            order,
            qty,
            value,
            inferred: false,
        })
    }

    fn write(&self, record: JournalRecord) -> Result<()> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.append(self.at, record)?;
        Ok(())
    }
}

/// A number for a command to an order: unique in the day, because tickets are.
fn child(ticket: Ticket) -> u32 {
    u32::try_from(ticket.0).unwrap_or(u32::MAX)
}

/// Equal for orders that the broker's list cannot tell apart.
fn fingerprint(request: &OrderRequest) -> u64 {
    use std::hash::BuildHasher;

    FxBuildHasher.hash_one(request.with_id(ClientOrderId::AUTO))
}
