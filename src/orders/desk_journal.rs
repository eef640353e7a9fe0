//! A desk's records in a journal's file, and back.
//!
//! | record of the desk | in the file |
//! |---|---|
//! | `Place`, `Modify`, `Cancel` | `INTENT`, `MODIFY_INTENT`, `CANCEL_INTENT`; the ticket is the command's own number |
//! | `Accepted`, `Refused`, `NotSent`, `Unknown`, `Absent`, `Unresolved` | the same, and `ACKED` |
//! | `Filled`, `Cancelled`, `Modified`, `Closed`, `Ended`, `Seen`, `External` | the same; totals are `..._TOTAL` |
//!
//! What the desk does not tell (causes, broker's words, candidates' numbers) is not in the file; what it needs to be made
//! again is. One file is one desk's: tickets of two would be mixed up.

use std::fmt;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use crate::domain::{
    AccountId, BrokerCode, ClientOrderId, OrderCommand, OrderRequest, Timestamp, ValueError,
};
use crate::error::{Error, Result};

use super::desk::{self, Record, Ticket};
use super::journal::{
    AccountMark, Action, CancelIntent, Candidates, CommandId, DiskFile, EndStatus, Entry, Journal,
    JournalFile, JournalRecord, JournalText, ModifyIntent, NotSentCause, OrderIntent, UnknownCause,
};

/// Commands whose order is remembered, so that what becomes of them is printed with it. Of older ones the record says
/// order 0; the command's own number, by which records are read, is always there.
const REMEMBERED: usize = 1_024;

/// Keeps the records of one account's desk in a journal's file. Appending allocates nothing.
pub struct DeskJournal<C, F: JournalFile = DiskFile> {
    file: Journal<F>,
    mark: AccountMark,
    /// The time of records that have none of their own.
    clock: C,
    orders: Box<[(u32, ClientOrderId)]>,
}

impl<C, F: JournalFile> fmt::Debug for DeskJournal<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeskJournal")
            .field("file", &self.file)
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

/// Tells the time of records that have none of their own.
pub trait RecordClock {
    /// The time.
    fn now(&self) -> Timestamp;
}

impl<C: Fn() -> Timestamp> RecordClock for C {
    fn now(&self) -> Timestamp {
        self()
    }
}

impl<C: RecordClock, F: JournalFile> DeskJournal<C, F> {
    /// Goes on with an open journal that holds `entries`, for the account at `index` of the gateway's list. Also returns
    /// the records from which [`Desk::restore`](desk::Desk::restore) makes the desk again.
    ///
    /// # Errors
    /// When the file's orders are another account's.
    pub fn new(
        file: Journal<F>,
        entries: &[Entry],
        account: AccountId,
        index: u16,
        clock: C,
    ) -> Result<(Self, Vec<Record>)> {
        let mark = AccountMark::new(index, &account);
        let mut journal = Self {
            file,
            mark,
            clock,
            orders: vec![(0, ClientOrderId::AUTO); REMEMBERED].into(),
        };
        let mut records = Vec::with_capacity(entries.len());
        for entry in entries {
            records.extend(read(entry, account, mark)?);
            if let Some(command) = entry.record.command() {
                journal.remember(command);
            }
        }
        Ok((journal, records))
    }

    /// The journal.
    pub const fn file(&self) -> &Journal<F> {
        &self.file
    }

    /// The journal, for room and flushes.
    pub const fn file_mut(&mut self) -> &mut Journal<F> {
        &mut self.file
    }

    /// The journal, to go on with another day's file.
    pub fn into_file(self) -> Journal<F> {
        self.file
    }

    fn remember(&mut self, command: CommandId) {
        if !command.order.is_auto() {
            self.orders[place_of(command.child)] = (command.child, command.order);
        }
    }

    fn command(&self, ticket: Ticket) -> Result<CommandId> {
        let child = number_of(ticket)?;
        let (remembered, order) = self.orders[place_of(child)];
        let order = if remembered == child {
            order
        } else {
            ClientOrderId::AUTO
        };
        Ok(CommandId { order, child })
    }

    fn intent(&self, request: &OrderRequest, ticket: u32) -> OrderIntent {
        OrderIntent {
            ticket,
            ..OrderIntent::new(request, self.mark, fingerprint(request))
        }
    }

    /// The record as it stands in the file, and its time.
    fn write(&mut self, record: &Record) -> Result<(Timestamp, JournalRecord)> {
        let account = self.mark;
        let now = self.clock.now();
        Ok(match *record {
            Record::Place {
                ticket,
                request,
                at,
            } => {
                let ticket = number_of(ticket)?;
                self.remember(CommandId::child(request.id, ticket));
                let intent = self.intent(&request, ticket);
                (at, JournalRecord::Intent(intent))
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
                let command = CommandId::child(id, number_of(ticket)?);
                self.remember(command);
                let intent = ModifyIntent {
                    command,
                    account,
                    original_no: target,
                    qty,
                    kind,
                    part_id: part_id.unwrap_or(ClientOrderId::AUTO),
                    fingerprint: FxBuildHasher.hash_one((target, OrderCommand::Modify)),
                };
                (at, JournalRecord::ModifyIntent(intent))
            }
            Record::Cancel {
                ticket,
                id,
                target,
                qty,
                at,
            } => {
                let command = CommandId::child(id, number_of(ticket)?);
                self.remember(command);
                let intent = CancelIntent {
                    command,
                    account,
                    original_no: target,
                    qty,
                    fingerprint: FxBuildHasher.hash_one((target, OrderCommand::Cancel)),
                };
                (at, JournalRecord::CancelIntent(intent))
            }
            Record::NotSent { ticket } => {
                let (command, cause) = (self.command(ticket)?, NotSentCause::Unsaid);
                (now, JournalRecord::NotSent { command, cause })
            }
            Record::Unknown { ticket } => {
                let record = JournalRecord::Unknown {
                    command: self.command(ticket)?,
                    cause: UnknownCause::Unsaid,
                    code: BrokerCode::new(""),
                };
                (now, record)
            }
            Record::Accepted {
                ticket,
                order_no,
                inferred,
                at,
            } => {
                let record = JournalRecord::Acked {
                    command: self.command(ticket)?,
                    order_no,
                    taken_at: at,
                    inferred,
                };
                (now, record)
            }
            Record::Refused {
                ticket,
                reason,
                code,
            } => {
                let record = JournalRecord::Refused {
                    command: self.command(ticket)?,
                    reason,
                    code,
                    message: JournalText::EMPTY,
                };
                (now, record)
            }
            Record::Absent { ticket } => {
                let record = JournalRecord::Absent {
                    command: self.command(ticket)?,
                    reads: 0,
                    waited_ms: 0,
                };
                (now, record)
            }
            Record::Unresolved { ticket, candidates } => {
                let total = u32::try_from(candidates).unwrap_or(u32::MAX);
                let record = JournalRecord::Unresolved {
                    command: self.command(ticket)?,
                    candidates: Candidates::counted(total),
                };
                (now, record)
            }
            Record::External {
                order_no,
                original_no,
                command,
                request,
            } => {
                let record = JournalRecord::External {
                    order_no,
                    original_no,
                    action: action_of(command),
                    order: self.intent(&request, 0),
                };
                (now, record)
            }
            Record::Seen {
                order_no,
                original_no,
                command,
            } => {
                let record = JournalRecord::Seen {
                    order_no,
                    original_no,
                    action: action_of(command),
                };
                (now, record)
            }
            Record::Filled {
                order_no,
                filled,
                value,
                inferred,
            } => {
                let record = JournalRecord::FillTotal {
                    order_no,
                    qty: filled,
                    value,
                    inferred,
                };
                (now, record)
            }
            Record::Cancelled {
                order_no,
                cancelled,
            } => {
                let record = JournalRecord::CancelTotal {
                    order_no,
                    qty: cancelled,
                };
                (now, record)
            }
            Record::Modified {
                original_no,
                order_no,
                qty,
                kind,
                part_id,
            } => {
                let record = JournalRecord::Modified {
                    order_no,
                    original_no,
                    qty,
                    kind,
                    part_id,
                };
                (now, record)
            }
            Record::Closed { order_no } => (now, JournalRecord::Closed { order_no }),
            Record::Ended { order_no, status } => {
                let status = EndStatus::new(status)
                    .ok_or_else(|| Error::invalid("status", status, "the end of an order"))?;
                (now, JournalRecord::Ended { order_no, status })
            }
        })
    }
}

impl<C: RecordClock, F: JournalFile> desk::Journal for DeskJournal<C, F> {
    fn append(&mut self, record: &Record) -> Result<()> {
        let (at, record) = self.write(record)?;
        self.file.append(at, record)?;
        Ok(())
    }
}

/// The desk's record of an entry, for those that are the desk's.
fn read(entry: &Entry, account: AccountId, mark: AccountMark) -> Result<Option<Record>> {
    let at = entry.at;
    let ours = |found: AccountMark| {
        if found == mark {
            Ok(())
        } else {
            let other = ValueError::new("account", found, "the account whose journal this is");
            Err(Error::Invalid(Box::new(other)))
        }
    };
    let ticket = |command: CommandId| Ticket(u64::from(command.child));
    Ok(Some(match entry.record {
        JournalRecord::Intent(intent) => {
            ours(intent.account)?;
            Record::Place {
                ticket: Ticket(u64::from(intent.ticket)),
                request: intent.request(account),
                at,
            }
        }
        JournalRecord::ModifyIntent(intent) => {
            ours(intent.account)?;
            Record::Modify {
                ticket: ticket(intent.command),
                id: intent.command.order,
                target: intent.original_no,
                qty: intent.qty,
                kind: intent.kind,
                part_id: Some(intent.part_id).filter(|part_id| !part_id.is_auto()),
                at,
            }
        }
        JournalRecord::CancelIntent(intent) => {
            ours(intent.account)?;
            Record::Cancel {
                ticket: ticket(intent.command),
                id: intent.command.order,
                target: intent.original_no,
                qty: intent.qty,
                at,
            }
        }
        JournalRecord::NotSent { command, .. } => Record::NotSent {
            ticket: ticket(command),
        },
        JournalRecord::Unknown { command, .. } => Record::Unknown {
            ticket: ticket(command),
        },
        JournalRecord::Acked {
            command,
            order_no,
            taken_at,
            inferred,
        } => Record::Accepted {
            ticket: ticket(command),
            order_no,
            inferred,
            at: taken_at,
        },
        JournalRecord::Refused {
            command,
            reason,
            code,
            ..
        } => Record::Refused {
            ticket: ticket(command),
            reason,
            code,
        },
        JournalRecord::Absent { command, .. } => Record::Absent {
            ticket: ticket(command),
        },
        JournalRecord::Unresolved {
            command,
            candidates,
        } => Record::Unresolved {
            ticket: ticket(command),
            candidates: usize::try_from(candidates.total).unwrap_or(usize::MAX),
        },
        JournalRecord::External {
            order_no,
            original_no,
            action,
            order,
        } => {
            ours(order.account)?;
            Record::External {
                order_no,
                original_no,
                command: command_of(action),
                request: order.request(account),
            }
        }
        JournalRecord::Seen {
            order_no,
            original_no,
            action,
        } => Record::Seen {
            order_no,
            original_no,
            command: command_of(action),
        },
        JournalRecord::FillTotal {
            order_no,
            qty,
            value,
            inferred,
        } => Record::Filled {
            order_no,
            filled: qty,
            value,
            inferred,
        },
        JournalRecord::CancelTotal { order_no, qty } => Record::Cancelled {
            order_no,
            cancelled: qty,
        },
        JournalRecord::Modified {
            order_no,
            original_no,
            qty,
            kind,
            part_id,
        } => Record::Modified {
            original_no,
            order_no,
            qty,
            kind,
            part_id,
        },
        JournalRecord::Closed { order_no } => Record::Closed { order_no },
        JournalRecord::Ended { order_no, status } => Record::Ended {
            order_no,
            status: status.status(),
        },
        JournalRecord::Opened { .. }
        | JournalRecord::Sent { .. }
        | JournalRecord::TradingState { .. }
        | JournalRecord::Counter { .. }
        | JournalRecord::Note { .. } => return Ok(None),
    }))
}

fn place_of(child: u32) -> usize {
    usize::try_from(child).unwrap_or_default() % REMEMBERED
}

fn number_of(ticket: Ticket) -> Result<u32> {
    u32::try_from(ticket.0).map_err(|_| Error::invalid("ticket", ticket.0, "below 4294967296"))
}

/// For people: orders with the same mark look the same in the broker's list.
fn fingerprint(request: &OrderRequest) -> u64 {
    FxBuildHasher.hash_one((
        request.symbol,
        request.venue,
        request.side,
        request.qty,
        request.kind,
        request.time_in_force,
    ))
}

const fn action_of(command: OrderCommand) -> Action {
    match command {
        OrderCommand::Place => Action::New,
        OrderCommand::Modify => Action::Modify,
        OrderCommand::Cancel => Action::Cancel,
    }
}

const fn command_of(action: Action) -> OrderCommand {
    match action {
        Action::New => OrderCommand::Place,
        Action::Modify => OrderCommand::Modify,
        Action::Cancel => OrderCommand::Cancel,
    }
}
