//! What the journal says: one value for each thing that a desk must remember.

use serde::Serialize;

use crate::domain::text::text_enum;
use crate::domain::{
    AccountId, BrokerCode, CancelRequest, ClientOrderId, ModifyRequest, Money, OrderKind, OrderNo,
    OrderRequest, OrderStatus, Qty, RefusalReason, Side, Symbol, TimeInForce, Timestamp,
    TradingState, Venue,
};

use super::text::JournalText;

/// A record with its place and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Sequence number: its place in the file, from 1 (0 is the header).
    pub seq: u64,
    /// When it was written, by the clock of the caller.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub record: JournalRecord,
}

/// What happened.
///
/// A command is journalled as an intent, then [`Sent`](Self::Sent) before each write, then one of
/// [`Acked`](Self::Acked), [`Refused`](Self::Refused), [`NotSent`](Self::NotSent) or [`Unknown`](Self::Unknown); an
/// unknown one later as acked (inferred), [`Absent`](Self::Absent) or [`Unresolved`](Self::Unresolved). Fills and the
/// end belong to the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "record", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum JournalRecord {
    /// A start opened the file. Written by the journal itself.
    Opened {
        /// Damaged records that this start dropped from the end.
        dropped_records: u32,
    },
    /// A new order is about to be sent.
    Intent(OrderIntent),
    /// A modification is about to be sent.
    ModifyIntent(ModifyIntent),
    /// A cancel is about to be sent.
    CancelIntent(CancelIntent),
    /// The command did not leave this machine. Ends it.
    NotSent {
        /// The command.
        command: CommandId,
        /// Where it stopped.
        cause: NotSentCause,
    },
    /// The command's bytes are about to be written to a socket.
    Sent {
        /// The command.
        command: CommandId,
        /// What kind of command.
        action: Action,
        /// 1 for the first write, 2 for the one resubmission after an expired login.
        attempt: u32,
    },
    /// The broker has the command.
    Acked {
        /// The command.
        command: CommandId,
        /// The broker's number: of the order, or of the modification or cancel itself.
        order_no: OrderNo,
        /// When the broker took it.
        taken_at: Timestamp,
        /// Whether this was found in the list instead of being told.
        inferred: bool,
    },
    /// The broker said no, by its closed list. Ends the command.
    Refused {
        /// The command.
        command: CommandId,
        /// What it means.
        reason: RefusalReason,
        /// The broker's code.
        code: BrokerCode,
        /// The broker's words, cleaned and cut.
        message: JournalText,
    },
    /// Nobody knows what became of the command.
    Unknown {
        /// The command.
        command: CommandId,
        /// Why.
        cause: UnknownCause,
        /// The code that was not on the closed list, where there was one.
        code: BrokerCode,
    },
    /// Reconciliation looked long enough and found nothing. Inferred. Ends the command.
    Absent {
        /// The command.
        command: CommandId,
        /// Complete reads of the list that did not have it; 0 where not told.
        reads: u32,
        /// Milliseconds since the deadline of the command; 0 where not told.
        waited_ms: u64,
    },
    /// Reconciliation cannot decide; somebody has to.
    Unresolved {
        /// The command.
        command: CommandId,
        /// Which orders of the list it may be.
        candidates: Candidates,
    },
    /// What is filled of a number so far. The last one of a number counts.
    FillTotal {
        /// The number.
        order_no: OrderNo,
        /// Shares filled, all fills together.
        qty: Qty,
        /// Won of these fills.
        value: Money,
        /// Whether the shares that it adds were found in the list instead of being told.
        inferred: bool,
    },
    /// What of a number ended without a fill so far. The last one of a number counts.
    CancelTotal {
        /// The number.
        order_no: OrderNo,
        /// Shares.
        qty: Qty,
    },
    /// A number that nobody here asked for: somebody else's order, or change of an order.
    External {
        /// The number.
        order_no: OrderNo,
        /// The number that it changes.
        original_no: Option<OrderNo>,
        /// What it does.
        action: Action,
        /// The order as far as known; its id is 0, or that of the order that it changes.
        order: OrderIntent,
    },
    /// A number that changes another was told before it is known whose it is.
    Seen {
        /// The number.
        order_no: OrderNo,
        /// The number that it changes.
        original_no: OrderNo,
        /// What it does.
        action: Action,
    },
    /// A modification took effect.
    Modified {
        /// The new number.
        order_no: OrderNo,
        /// The number that was changed.
        original_no: OrderNo,
        /// Shares that moved.
        qty: Qty,
        /// Kind and prices from then on.
        kind: OrderKind,
        /// The order that has them now, where it is another; 0 for another of somebody else.
        part_id: Option<ClientOrderId>,
    },
    /// Nothing more comes of a modification or a cancel: it took effect, or the exchange turned it away.
    Closed {
        /// Its number.
        order_no: OrderNo,
    },
    /// An order ended. Late fills may follow.
    Ended {
        /// Any number of it.
        order_no: OrderNo,
        /// How.
        status: EndStatus,
    },
    /// The kill switch was set. The last one counts.
    TradingState {
        /// What may be sent from now on.
        state: TradingState,
        /// Who or what set it.
        reason: JournalText,
    },
    /// A count worth keeping, such as anomalies of the stream. The last one of a name counts.
    Counter {
        /// Its name.
        name: JournalText,
        /// Its value.
        value: u64,
    },
    /// A remark for people.
    Note {
        /// The words.
        text: JournalText,
    },
}

impl JournalRecord {
    /// Whether sending what this record announces may add exposure. Such a command is not sent when it cannot be
    /// journalled; a cancel is.
    pub const fn adds_exposure(&self) -> bool {
        matches!(
            self,
            Self::Intent(_)
                | Self::ModifyIntent(_)
                | Self::Sent {
                    action: Action::New | Action::Modify,
                    ..
                }
        )
    }

    /// The command that the record is about, for those that are about one.
    pub const fn command(&self) -> Option<CommandId> {
        match self {
            Self::Intent(intent) => Some(CommandId::child(intent.id, intent.ticket)),
            Self::ModifyIntent(intent) => Some(intent.command),
            Self::CancelIntent(intent) => Some(intent.command),
            Self::NotSent { command, .. }
            | Self::Sent { command, .. }
            | Self::Acked { command, .. }
            | Self::Refused { command, .. }
            | Self::Unknown { command, .. }
            | Self::Absent { command, .. }
            | Self::Unresolved { command, .. } => Some(*command),
            Self::Opened { .. }
            | Self::FillTotal { .. }
            | Self::CancelTotal { .. }
            | Self::External { .. }
            | Self::Seen { .. }
            | Self::Modified { .. }
            | Self::Closed { .. }
            | Self::Ended { .. }
            | Self::TradingState { .. }
            | Self::Counter { .. }
            | Self::Note { .. } => None,
        }
    }
}

/// A command of the trading day: an order, or one of the commands to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CommandId {
    /// The order, by the caller's number or the one the gateway gave.
    pub order: ClientOrderId,
    /// The command's own number. A desk numbers all commands of a day in one row, new orders too; without a desk it is 0
    /// for the order itself, and its modifications and cancels count from 1.
    pub child: u32,
}

impl CommandId {
    /// The order itself.
    pub const fn of_order(order: ClientOrderId) -> Self {
        Self { order, child: 0 }
    }

    /// A command to the order, by its own number.
    pub const fn child(order: ClientOrderId, child: u32) -> Self {
        Self { order, child }
    }
}

text_enum! {
    /// What kind of command.
    pub enum Action("action") {
        /// A new order.
        New = "NEW",
        /// A modification.
        Modify = "MODIFY",
        /// A cancel.
        Cancel = "CANCEL",
    }
}

text_enum! {
    /// Where a journalled command stopped before its first byte left.
    pub enum NotSentCause("cause") {
        /// No room under the rate limit before the deadline.
        Limiter = "LIMITER",
        /// No connection: name, route, handshake, or all in use until the deadline.
        Connect = "CONNECT",
        /// The writer took no byte.
        Write = "WRITE",
        /// No valid login before the deadline.
        Authentication = "AUTHENTICATION",
        /// The gateway was stopping, or the desk withdrew it.
        Withdrawn = "WITHDRAWN",
        /// Somewhere before the first byte; the desk is not told where.
        Unsaid = "UNSAID",
    }
}

text_enum! {
    /// Why nobody knows what became of a command.
    pub enum UnknownCause("cause") {
        /// No answer by the deadline.
        Deadline = "DEADLINE",
        /// The connection ended after at least one byte was written.
        Disconnected = "DISCONNECTED",
        /// An answer that could not be understood, or without an order number.
        Answer = "ANSWER",
        /// A code that is not on the broker's closed list.
        Code = "CODE",
        /// The process ended before the answer.
        Restart = "RESTART",
        /// One of these; the record does not say which.
        Unsaid = "UNSAID",
    }
}

text_enum! {
    /// How an order ended.
    pub enum EndStatus("end status") {
        /// All filled.
        Filled = "FILLED",
        /// What was left is cancelled.
        Cancelled = "CANCELLED",
        /// What was left ended with the session.
        Expired = "EXPIRED",
        /// The broker or the exchange said no.
        Refused = "REFUSED",
    }
}

impl EndStatus {
    /// The end that a status is; `None` while the order may still trade.
    pub const fn new(status: OrderStatus) -> Option<Self> {
        match status {
            OrderStatus::Filled => Some(Self::Filled),
            OrderStatus::Cancelled => Some(Self::Cancelled),
            OrderStatus::Expired => Some(Self::Expired),
            OrderStatus::Refused => Some(Self::Refused),
            OrderStatus::New | OrderStatus::PartiallyFilled | OrderStatus::Unknown => None,
        }
    }

    /// The same as an order's status.
    pub const fn status(self) -> OrderStatus {
        match self {
            Self::Filled => OrderStatus::Filled,
            Self::Cancelled => OrderStatus::Cancelled,
            Self::Expired => OrderStatus::Expired,
            Self::Refused => OrderStatus::Refused,
        }
    }
}

/// An account without its number: the place in the gateway's list and the last two characters, by which a changed
/// list is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct AccountMark {
    /// Place in the gateway's list of accounts, from 0.
    pub index: u16,
    #[serde(serialize_with = "serialize_tail")]
    tail: [u8; Self::TAIL_LEN],
}

impl AccountMark {
    /// Characters that are kept of an account number.
    pub const TAIL_LEN: usize = 2;

    /// The mark of the account at `index` of the gateway's list.
    pub fn new(index: u16, account: &AccountId) -> Self {
        let text = account.as_str().as_bytes();
        // A number of one character is filled up with a star.
        let tail = text
            .last_chunk()
            .copied()
            .unwrap_or_else(|| [b'*', text.first().copied().unwrap_or(b'*')]);
        Self { index, tail }
    }

    /// The account of that mark; `None` when the gateway's list is another one by now.
    pub fn resolve(&self, accounts: &[AccountId]) -> Option<AccountId> {
        accounts
            .get(usize::from(self.index))
            .filter(|account| Self::new(self.index, account) == *self)
            .copied()
    }

    /// The last two characters.
    pub fn tail(&self) -> &str {
        // Only ASCII enters, so the text is always UTF-8.
        str::from_utf8(&self.tail).unwrap_or_default()
    }

    /// From the parts that a record holds; `None` for characters that no mark has.
    pub(super) fn from_parts(index: u16, tail: [u8; Self::TAIL_LEN]) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let [first, last] = tail;
        let valid = (allowed(first) || first == b'*') && allowed(last);
        valid.then_some(Self { index, tail })
    }
}

fn serialize_tail<S: serde::Serializer>(
    tail: &[u8; AccountMark::TAIL_LEN],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(str::from_utf8(tail).unwrap_or_default())
}

/// A new order that is about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OrderIntent {
    /// The caller's number, or the one the gateway gave.
    pub id: ClientOrderId,
    /// Whose order.
    pub account: AccountMark,
    /// The issue.
    pub symbol: Symbol,
    /// Where to.
    pub venue: Venue,
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub qty: Qty,
    /// Kind and prices.
    pub kind: OrderKind,
    /// How long.
    pub time_in_force: TimeInForce,
    /// The desk's fingerprint: equal for orders that the broker's list cannot tell apart.
    pub fingerprint: u64,
    /// The command's own number ([`CommandId::child`]).
    pub ticket: u32,
}

impl OrderIntent {
    /// The intent of a numbered request.
    pub const fn new(request: &OrderRequest, account: AccountMark, fingerprint: u64) -> Self {
        Self {
            id: request.id,
            account,
            symbol: request.symbol,
            venue: request.venue,
            side: request.side,
            qty: request.qty,
            kind: request.kind,
            time_in_force: request.time_in_force,
            fingerprint,
            ticket: 0,
        }
    }

    /// The request, for the account that [`AccountMark::resolve`] found.
    pub const fn request(&self, account: AccountId) -> OrderRequest {
        OrderRequest::new(account, self.symbol, self.side, self.qty, self.kind)
            .with_id(self.id)
            .with_venue(self.venue)
            .with_time_in_force(self.time_in_force)
    }
}

/// A modification that is about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ModifyIntent {
    /// The order, and which command to it.
    pub command: CommandId,
    /// Whose order.
    pub account: AccountMark,
    /// The order's number before.
    pub original_no: OrderNo,
    /// Shares to change; all that is left without one.
    pub qty: Option<Qty>,
    /// The new kind and prices.
    pub kind: OrderKind,
    /// The number of the new order that a change of a part makes; [`ClientOrderId::AUTO`] for a change of the whole.
    pub part_id: ClientOrderId,
    /// The desk's fingerprint.
    pub fingerprint: u64,
}

impl ModifyIntent {
    /// The intent of a request, whose order is by now known by both of its names.
    pub const fn new(
        request: &ModifyRequest,
        command: CommandId,
        account: AccountMark,
        original_no: OrderNo,
        fingerprint: u64,
    ) -> Self {
        Self {
            command,
            account,
            original_no,
            qty: request.qty,
            kind: request.kind,
            part_id: request.part_id,
            fingerprint,
        }
    }
}

/// A cancel that is about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CancelIntent {
    /// The order, and which command to it.
    pub command: CommandId,
    /// Whose order.
    pub account: AccountMark,
    /// The order's number.
    pub original_no: OrderNo,
    /// Shares to cancel; all that is left without one.
    pub qty: Option<Qty>,
    /// The desk's fingerprint.
    pub fingerprint: u64,
}

impl CancelIntent {
    /// The intent of a request, whose order is by now known by both of its names.
    pub const fn new(
        request: &CancelRequest,
        command: CommandId,
        account: AccountMark,
        original_no: OrderNo,
        fingerprint: u64,
    ) -> Self {
        Self {
            command,
            account,
            original_no,
            qty: request.qty,
            fingerprint,
        }
    }
}

/// The orders of the broker's list that an unresolved command may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Candidates {
    /// How many there are; none when the list could not be read.
    pub total: u32,
    #[serde(serialize_with = "serialize_listed")]
    listed: [Option<OrderNo>; Self::LISTED_MAX],
}

impl Candidates {
    /// How many are listed by number; of more only the count is kept.
    pub const LISTED_MAX: usize = 8;

    /// So many, without their numbers.
    pub const fn counted(total: u32) -> Self {
        Self {
            total,
            listed: [None; Self::LISTED_MAX],
        }
    }

    /// These numbers.
    pub fn new(numbers: impl IntoIterator<Item = OrderNo>) -> Self {
        let mut candidates = Self::counted(0);
        for (at, number) in numbers.into_iter().enumerate() {
            candidates.total = candidates.total.saturating_add(1);
            if let Some(place) = candidates.listed.get_mut(at) {
                *place = Some(number);
            }
        }
        candidates
    }

    /// The numbers that are listed.
    pub fn listed(&self) -> impl Iterator<Item = OrderNo> {
        self.listed.iter().flatten().copied()
    }

    /// From the parts that a record holds; `None` when the count and the list disagree.
    pub(super) fn from_parts(
        total: u32,
        listed: [Option<OrderNo>; Self::LISTED_MAX],
    ) -> Option<Self> {
        let count = usize::try_from(total).map_or(Self::LISTED_MAX, |n| n.min(Self::LISTED_MAX));
        let (front, back) = listed.split_at(count);
        let none = |places: &[Option<OrderNo>]| places.iter().all(Option::is_none);
        let agrees = (front.iter().all(Option::is_some) || none(front)) && none(back);
        agrees.then_some(Self { total, listed })
    }

    pub(super) const fn places(&self) -> &[Option<OrderNo>; Self::LISTED_MAX] {
        &self.listed
    }
}

fn serialize_listed<S: serde::Serializer>(
    listed: &[Option<OrderNo>; Candidates::LISTED_MAX],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(listed.iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_a_mark_shows_two_characters_and_notices_another_list() {
        let (first, second): (AccountId, AccountId) =
            ("12345678-01".parse().unwrap(), "87654321".parse().unwrap());
        let mark = AccountMark::new(0, &first);
        assert_eq!(mark.tail(), "01");
        assert_eq!(mark.resolve(&[first, second]), Some(first));
        assert_eq!(mark.resolve(&[second, first]), None);
        assert_eq!(mark.resolve(&[]), None);
        assert_eq!(AccountMark::new(3, &"7".parse().unwrap()).tail(), "*7");
        assert!(!format!("{mark:?}").contains("1234"));
    }

    #[test]
    fn candidates_beyond_the_list_are_counted() {
        let numbers = (1..=11).filter_map(OrderNo::new);
        let candidates = Candidates::new(numbers);
        assert_eq!(candidates.total, 11);
        assert_eq!(
            candidates.listed().map(OrderNo::get).collect::<Vec<_>>(),
            (1..=8).collect::<Vec<_>>()
        );
    }

    #[test]
    fn only_commands_that_may_add_exposure_need_the_journal() {
        let command = CommandId::of_order(ClientOrderId::new(7));
        let sent = |action| JournalRecord::Sent {
            command,
            action,
            attempt: 1,
        };
        assert!(sent(Action::New).adds_exposure() && sent(Action::Modify).adds_exposure());
        assert!(!sent(Action::Cancel).adds_exposure());
    }
}
