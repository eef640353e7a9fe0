//! Orders as KIS's ledger has them: a row for each number, also for those of modifications and cancels.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::keys::ClientIndex;
use super::settings::Client;
use crate::domain::{
    AccountId, CancelReason, ExecutionEvent, Money, Order, OrderNo, Price, Qty, Side, Symbol,
    TimeInForce, Timestamp, Venue,
};

/// What a number was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    New,
    Modify,
    Cancel,
}

/// Who entered an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A program, through the API.
    Api,
    /// A person, in the broker's own program.
    Person,
}

/// One number of the ledger.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) client: ClientIndex,
    pub(super) date: Date,
    /// The number that customers see.
    pub(super) odno: u64,
    /// The number that it changes.
    pub(super) original: Option<u64>,
    pub(super) kind: RowKind,
    pub(super) symbol: Symbol,
    pub(super) side: Side,
    pub(super) venue: Venue,
    /// Whether routing took it to NXT.
    pub(super) routed_to_nxt: bool,
    /// ORD_DVSN.
    pub(super) division: &'static str,
    pub(super) time_in_force: TimeInForce,
    pub(super) price: Option<Price>,
    pub(super) qty: Qty,
    pub(super) filled: Qty,
    pub(super) value: Money,
    /// Cancelled, or ended without a fill.
    pub(super) cancelled: Qty,
    /// Went over to a modification. How KIS's lists show what is left of such an order was not recorded: here nothing is
    /// left of it, and nothing cancelled. UNCONFIRMED.
    pub(super) moved: Qty,
    pub(super) rejected: Qty,
    pub(super) channel: Channel,
    pub(super) at: Timestamp,
    /// Lists show it from then on.
    pub(super) listed_from: Timestamp,
    /// The exchange's number; none for what the exchange never had.
    pub(super) exchange_no: Option<OrderNo>,
}

impl Row {
    /// Shares that may still be filled.
    pub(super) const fn remaining(&self) -> Qty {
        match self.kind {
            RowKind::Cancel => Qty::ZERO,
            RowKind::New | RowKind::Modify => self
                .qty
                .saturating_sub(self.filled)
                .saturating_sub(self.cancelled)
                .saturating_sub(self.moved)
                .saturating_sub(self.rejected),
        }
    }
}

/// What the ledger knows of a command that the exchange does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) client: ClientIndex,
    pub(super) venue: Venue,
    pub(super) division: &'static str,
    pub(super) channel: Channel,
    pub(super) listed_from: Timestamp,
}

/// News of an order, for the customer's screen and for the stream.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) client: ClientIndex,
    pub(super) odno: u64,
    pub(super) original: Option<u64>,
    pub(super) kind: RowKind,
    pub(super) side: Side,
    pub(super) division: &'static str,
    pub(super) time_in_force: TimeInForce,
    pub(super) symbol: Symbol,
    pub(super) news: NoticeKind,
    /// Of the order on a receipt, of the fill on an execution.
    pub(super) qty: Qty,
    /// Of the order on a receipt, of the fill on an execution; none without a price.
    pub(super) price: Option<Price>,
    pub(super) order_qty: Qty,
    pub(super) order_price: Option<Price>,
    pub(super) venue: Venue,
    pub(super) routed_to_nxt: bool,
    pub(super) at: Timestamp,
}

/// What a notice is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoticeKind {
    /// An order, a modification or a cancel came in.
    Received,
    /// A modification or a cancel was carried out.
    Confirmed,
    /// The rest of an immediate-or-cancel or fill-or-kill order is gone.
    Dropped,
    /// The exchange turned it away.
    Rejected,
    /// Shares traded.
    Executed,
}

/// The ledger of all customers.
#[derive(Debug)]
pub(super) struct Ledger {
    accounts: Vec<AccountId>,
    /// By client: rows in the order of their dates and numbers.
    rows: Vec<Vec<Row>>,
    /// Today's rows by the exchange's numbers: client and place.
    by_exchange: BTreeMap<OrderNo, (ClientIndex, usize)>,
    next_odno: u64,
}

impl Ledger {
    pub(super) fn new(clients: &[Client]) -> Self {
        Self {
            accounts: clients.iter().map(|client| client.account).collect(),
            rows: clients.iter().map(|_| Vec::new()).collect(),
            by_exchange: BTreeMap::new(),
            next_odno: FIRST_ODNO,
        }
    }

    /// Every row of a customer, in the order of the numbers.
    pub(super) fn rows(&self, client: ClientIndex) -> &[Row] {
        &self.rows[client]
    }

    fn place(&self, client: ClientIndex, odno: u64, today: Date) -> Option<usize> {
        let key = (today, odno);
        self.rows[client]
            .binary_search_by_key(&key, |row| (row.date, row.odno))
            .ok()
    }

    /// Today's row of that number.
    pub(super) fn find(&self, client: ClientIndex, odno: u64, today: Date) -> Option<&Row> {
        self.rows[client].get(self.place(client, odno, today)?)
    }

    pub(super) fn find_mut(
        &mut self,
        client: ClientIndex,
        odno: u64,
        today: Date,
    ) -> Option<&mut Row> {
        let place = self.place(client, odno, today)?;
        self.rows[client].get_mut(place)
    }

    /// Numbers of the exchange begin anew.
    pub(super) fn open_day(&mut self) {
        self.by_exchange.clear();
        self.next_odno = FIRST_ODNO;
    }

    /// Enters an order that the exchange never gets to see.
    pub(super) fn reject(&mut self, mut row: Row) -> (u64, Notice) {
        row.odno = self.number();
        row.rejected = row.qty;
        let notice = self.notice(&row, NoticeKind::Rejected, row.qty, row.price, row.at);
        let odno = row.odno;
        self.rows[row.client].push(row);
        (odno, notice)
    }

    /// Takes down what the exchange tells, and says it on. `entry` is of the command that is carried out, if one is.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest is of gateways, not of exchanges; refusals are answered where they were asked for"
    )]
    pub(super) fn note(
        &mut self,
        event: &ExecutionEvent,
        entry: Option<&Entry>,
        today: Date,
        order: impl Fn(AccountId, OrderNo) -> Option<Order>,
        notices: &mut Vec<Notice>,
    ) {
        match event {
            ExecutionEvent::Accepted { account, receipt } => {
                let accepted = order(*account, receipt.order_no);
                if let (Some(entry), Some(order)) = (entry, accepted) {
                    let row = new_row(entry, &order, today, RowKind::New, order.qty, None);
                    self.enter(row, receipt.order_no, NoticeKind::Received, notices);
                }
            }
            ExecutionEvent::Modified {
                account,
                original_no,
                order_no,
                qty,
                kind,
                at,
                ..
            } => {
                let (Some(&(client, place)), Some(entry), Some(order)) = (
                    self.by_exchange.get(original_no),
                    entry,
                    order(*account, *order_no),
                ) else {
                    return;
                };
                let original = &mut self.rows[client][place];
                original.moved = sum(original.moved, *qty);
                let number = original.odno;
                let mut row = new_row(entry, &order, today, RowKind::Modify, *qty, Some(number));
                row.routed_to_nxt = original.routed_to_nxt;
                (row.price, row.at) = (kind.limit_price(), *at);
                self.enter(row, *order_no, NoticeKind::Confirmed, notices);
            }
            ExecutionEvent::Cancelled {
                order_no,
                cancel_no,
                qty,
                reason,
                at,
                ..
            } => {
                let Some(&(client, place)) = self.by_exchange.get(order_no) else {
                    return;
                };
                let original = &mut self.rows[client][place];
                original.cancelled = sum(original.cancelled, *qty);
                let original = original.clone();
                match (cancel_no, entry) {
                    (Some(cancel_no), Some(entry)) => {
                        let row = Row {
                            kind: RowKind::Cancel,
                            original: Some(original.odno),
                            qty: *qty,
                            filled: Qty::ZERO,
                            value: Money::ZERO,
                            cancelled: *qty,
                            moved: Qty::ZERO,
                            channel: entry.channel,
                            at: *at,
                            listed_from: entry.listed_from,
                            ..original
                        };
                        self.enter(row, *cancel_no, NoticeKind::Confirmed, notices);
                    }
                    // At the end of the session nobody is told.
                    _ if *reason == CancelReason::SessionEnd => {}
                    _ => notices.push(self.notice(
                        &original,
                        NoticeKind::Dropped,
                        *qty,
                        original.price,
                        *at,
                    )),
                }
            }
            ExecutionEvent::Filled { fill, .. } => {
                let Some(&(client, place)) = self.by_exchange.get(&fill.order_no) else {
                    return;
                };
                let row = &mut self.rows[client][place];
                row.filled = sum(row.filled, fill.qty);
                let value = fill.value().unwrap_or(Money::MAX);
                row.value = row.value.checked_add(value).unwrap_or(Money::MAX);
                let row = row.clone();
                let price = Some(fill.price);
                notices.push(self.notice(&row, NoticeKind::Executed, fill.qty, price, fill.at));
            }
            _ => {}
        }
    }

    fn enter(
        &mut self,
        mut row: Row,
        exchange_no: OrderNo,
        news: NoticeKind,
        notices: &mut Vec<Notice>,
    ) {
        row.odno = self.number();
        row.exchange_no = Some(exchange_no);
        notices.push(self.notice(&row, news, row.qty, row.price, row.at));
        let rows = &mut self.rows[row.client];
        self.by_exchange
            .insert(exchange_no, (row.client, rows.len()));
        rows.push(row);
    }

    fn number(&mut self) -> u64 {
        let number = self.next_odno;
        self.next_odno += 1;
        number
    }

    fn notice(
        &self,
        row: &Row,
        news: NoticeKind,
        qty: Qty,
        price: Option<Price>,
        at: Timestamp,
    ) -> Notice {
        Notice {
            client: row.client,
            odno: row.odno,
            original: row.original,
            kind: row.kind,
            side: row.side,
            division: row.division,
            time_in_force: row.time_in_force,
            symbol: row.symbol,
            news,
            qty,
            price,
            order_qty: row.qty,
            order_price: row.price,
            venue: row.venue,
            routed_to_nxt: row.routed_to_nxt,
            at,
        }
    }

    /// The customer of an account.
    pub(super) fn client_of(&self, account: AccountId) -> Option<ClientIndex> {
        self.accounts.iter().position(|known| *known == account)
    }
}

/// The day's first number: KIS's days do not begin at 1.
const FIRST_ODNO: u64 = 1_001;

fn new_row(
    entry: &Entry,
    order: &Order,
    today: Date,
    kind: RowKind,
    qty: Qty,
    original: Option<u64>,
) -> Row {
    Row {
        client: entry.client,
        date: today,
        odno: 0,
        original,
        kind,
        symbol: order.symbol,
        side: order.side,
        venue: entry.venue,
        routed_to_nxt: false,
        division: entry.division,
        time_in_force: order.time_in_force,
        price: order.kind.limit_price(),
        qty,
        filled: Qty::ZERO,
        value: Money::ZERO,
        cancelled: Qty::ZERO,
        moved: Qty::ZERO,
        rejected: Qty::ZERO,
        channel: entry.channel,
        at: order.accepted_at,
        listed_from: entry.listed_from,
        exchange_no: None,
    }
}

const fn sum(a: Qty, b: Qty) -> Qty {
    Qty::new(a.get().saturating_add(b.get()))
}
