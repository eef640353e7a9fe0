//! A line for people for each record.

use std::fmt;

use crate::domain::{OrderKind, Qty};

use super::inspect::{Contents, Ending};
use super::record::{
    AccountMark, CancelIntent, Candidates, CommandId, Entry, JournalRecord, ModifyIntent,
    OrderIntent,
};

impl Contents {
    /// The header, the records and the ending, a line each. `serde` gives the same as JSON.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let header = format!(
            "journal of {}, trading date {}, made {}",
            self.header.broker, self.header.trading_date, self.header.created_at
        );
        std::iter::once(header)
            .chain(self.entries.iter().map(Entry::to_string))
            .chain(self.ending_line())
    }

    fn ending_line(&self) -> Option<String> {
        match &self.ending {
            Ending::Clean => None,
            Ending::Torn(torn) => Some(format!(
                "torn at byte {}: {} damaged at the end{}",
                torn.offset,
                torn.records,
                if torn.unfinished {
                    ", a write that did not come to its end"
                } else {
                    ""
                }
            )),
            Ending::Damaged { offset, damage } => {
                Some(format!("damaged at byte {offset}: {damage}"))
            }
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>8} {} {}", self.seq, self.at, self.record)
    }
}

impl fmt::Display for JournalRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { dropped_records } => write!(f, "OPENED dropped {dropped_records}"),
            Self::Intent(intent) => write!(f, "INTENT {intent}"),
            Self::ModifyIntent(intent) => write!(f, "MODIFY_INTENT {intent}"),
            Self::CancelIntent(intent) => write!(f, "CANCEL_INTENT {intent}"),
            Self::NotSent { command, cause } => write!(f, "NOT_SENT {command} {cause}"),
            Self::Sent {
                command,
                action,
                attempt,
            } => write!(f, "SENT {command} {action} attempt {attempt}"),
            Self::Acked {
                command,
                order_no,
                taken_at,
                inferred,
            } => {
                write!(f, "ACKED {command} number {order_no} taken {taken_at}")?;
                mark_inferred(f, *inferred)
            }
            Self::Refused {
                command,
                reason,
                code,
                message,
            } => write!(f, "REFUSED {command} {reason} code {code}: {message}"),
            Self::Unknown {
                command,
                cause,
                code,
            } => {
                write!(f, "UNKNOWN {command} {cause}")?;
                if !code.as_str().is_empty() {
                    write!(f, " code {code}")?;
                }
                Ok(())
            }
            Self::Absent {
                command, reads: 0, ..
            } => write!(f, "ABSENT {command} (inferred)"),
            Self::Absent {
                command,
                reads,
                waited_ms,
            } => write!(
                f,
                "ABSENT {command} after {reads} reads and {waited_ms} ms (inferred)"
            ),
            Self::Unresolved {
                command,
                candidates,
            } => write!(f, "UNRESOLVED {command} {candidates}"),
            Self::FillTotal {
                order_no,
                qty,
                value,
                inferred,
            } => {
                write!(
                    f,
                    "FILL_TOTAL number {order_no} {qty} shares for {value} won"
                )?;
                mark_inferred(f, *inferred)
            }
            Self::CancelTotal { order_no, qty } => {
                write!(f, "CANCEL_TOTAL number {order_no} {qty} shares")
            }
            Self::External {
                order_no,
                original_no,
                action,
                order,
            } => {
                write!(f, "EXTERNAL {action} number {order_no}")?;
                if let Some(original) = original_no {
                    write!(f, " of {original}")?;
                }
                write!(f, ": {order}")
            }
            Self::Seen {
                order_no,
                original_no,
                action,
            } => write!(f, "SEEN {action} number {order_no} of {original_no}"),
            Self::Modified {
                order_no,
                original_no,
                qty,
                kind,
                part_id,
            } => {
                write!(
                    f,
                    "MODIFIED number {order_no} of {original_no} {qty} shares to {}",
                    Kind(*kind)
                )?;
                part_id.map_or(Ok(()), |part_id| write!(f, " as {part_id}"))
            }
            Self::Closed { order_no } => write!(f, "CLOSED number {order_no}"),
            Self::Ended { order_no, status } => write!(f, "ENDED number {order_no} {status}"),
            Self::TradingState { state, reason } => write!(f, "TRADING_STATE {state}: {reason}"),
            Self::Counter { name, value } => write!(f, "COUNTER {name} = {value}"),
            Self::Note { text } => write!(f, "NOTE {text}"),
        }
    }
}

fn mark_inferred(f: &mut fmt::Formatter<'_>, inferred: bool) -> fmt::Result {
    f.write_str(if inferred { " (inferred)" } else { "" })
}

impl fmt::Display for CommandId {
    /// `7`, or `7/2` for command 2, which is to order 7.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.child {
            0 => write!(f, "{}", self.order),
            child => write!(f, "{}/{child}", self.order),
        }
    }
}

impl fmt::Display for AccountMark {
    /// `#0(..01)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}(..{})", self.index, self.tail())
    }
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} candidates", self.total)?;
        self.listed().try_for_each(|number| write!(f, " {number}"))
    }
}

impl fmt::Display for OrderIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} account {} {} {} {} {} {} {} fingerprint {:016x}",
            CommandId::child(self.id, self.ticket),
            self.account,
            self.side,
            self.symbol,
            self.venue,
            self.qty,
            Kind(self.kind),
            self.time_in_force,
            self.fingerprint
        )
    }
}

impl fmt::Display for ModifyIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} account {} number {} {} to {}",
            self.command,
            self.account,
            self.original_no,
            Part(self.qty),
            Kind(self.kind)
        )?;
        if !self.part_id.is_auto() {
            write!(f, " as {}", self.part_id)?;
        }
        write!(f, " fingerprint {:016x}", self.fingerprint)
    }
}

impl fmt::Display for CancelIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} account {} number {} {} fingerprint {:016x}",
            self.command,
            self.account,
            self.original_no,
            Part(self.qty),
            self.fingerprint
        )
    }
}

struct Kind(OrderKind);

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.order_type())?;
        if let Some(price) = self.0.limit_price() {
            write!(f, " {price}")?;
        }
        if let OrderKind::StopLimit { stop, .. } = self.0 {
            write!(f, " stop {stop}")?;
        }
        Ok(())
    }
}

struct Part(Option<Qty>);

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(qty) => write!(f, "{qty} shares"),
            None => f.write_str("all that is left"),
        }
    }
}
