//! Continuous matching: an incoming order meets the book, and everybody's records follow.

use super::book::{Book, Tick};
use super::costs::{IssueCosts, Tariff};
use super::events::{Events, SymbolIndex};
use super::ledger::{Ledger, Leg, Party};
use super::listing::Listed;
use super::orders::{OrderStore, Record, Slot};
use crate::domain::{
    CancelReason, ExecutionEvent, Fill, Money, OrderNo, OrderStatus, Price, Qty, Side, Timestamp,
    Venue,
};

/// The book key of the market's own orders, which the store does not know.
pub(super) const HOUSE: Slot = Slot::MAX;

/// Everything that a fill touches besides the book.
#[derive(Debug)]
pub(super) struct Clearing<'a, E> {
    pub(super) orders: &'a mut OrderStore,
    pub(super) ledger: &'a mut Ledger,
    /// By account.
    pub(super) tariffs: &'a [Tariff],
    pub(super) events: &'a mut E,
    pub(super) at: Timestamp,
}

/// An order that comes in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taker {
    /// Its slot, or [`HOUSE`].
    pub(super) key: Slot,
    pub(super) side: Side,
    /// The worst level that it trades at.
    pub(super) worst: Tick,
    pub(super) qty: Qty,
}

/// One side of a trade.
#[derive(Clone, Copy, Debug)]
struct Part {
    key: Slot,
    side: Side,
    maker: bool,
    price: Price,
}

/// The level at which an incoming order trades against a resting market order, which has no price of its own: where
/// that one was shown when the order came in, but no worse for the incoming order than its own limit.
///
/// UNCONFIRMED, as the display itself: KRX publishes only that the resting order's price counts.
fn market_order_tick(shown: Tick, taker: &Taker) -> Tick {
    match taker.side {
        Side::Buy => shown.min(taker.worst),
        Side::Sell => shown.max(taker.worst),
    }
}

impl<E: Events> Clearing<'_, E> {
    /// Trades an incoming order against the book and returns the shares that found none.
    pub(super) fn sweep<B: Book>(&mut self, listed: &mut Listed<B>, taker: &Taker) -> Qty {
        let other = taker.side.opposite();
        let shown = if listed.book.market_qty(other).is_zero() {
            taker.worst
        } else {
            listed.market_shown(other)
        };
        let Listed {
            symbol,
            index,
            costs,
            ladder,
            book,
            tape,
            ..
        } = listed;
        book.take(taker.side, taker.worst, taker.qty, |maker| {
            let tick = if maker.market {
                market_order_tick(shown, taker)
            } else {
                maker.tick
            };
            // The book has exactly the ladder's levels, and orders whose value is out of range are refused.
            let price = ladder.price(tick).unwrap_or_else(|| ladder.upper());
            let value = price.value(maker.qty).unwrap_or(Money::MAX);
            let aggressor = taker.side;
            let trade = tape.print(*symbol, tick, price, maker.qty, value, aggressor, self.at);
            self.events.trade(trade);
            let leg = Leg {
                listing: *index,
                qty: maker.qty,
                value,
                fee: Money::ZERO,
                tax: Money::ZERO,
            };
            let resting = Part {
                key: maker.key,
                side: aggressor.opposite(),
                maker: true,
                price,
            };
            let incoming = Part {
                key: taker.key,
                side: aggressor,
                maker: false,
                price,
            };
            self.fill(*costs, resting, leg);
            self.fill(*costs, incoming, leg);
        })
    }

    /// Tells that the book changed.
    pub(super) fn tell_book<B>(&mut self, listed: &Listed<B>) {
        self.events
            .book_changed(SymbolIndex(listed.index), listed.symbol);
    }

    /// Books one side of a trade.
    fn fill(&mut self, issue: IssueCosts, part: Part, leg: Leg) {
        if part.key == HOUSE {
            match part.side {
                Side::Buy => self.ledger.buy(Party::House, &leg),
                Side::Sell => self.ledger.sell(Party::House, &leg),
            }
        } else {
            self.fill_order(issue, part, leg);
        }
    }

    fn fill_order(&mut self, issue: IssueCosts, part: Part, mut leg: Leg) {
        let fill_no = self.orders.next_fill_no();
        let record = self.orders.get_mut(part.key);
        let account = record.account;
        let tariff = &self.tariffs[account as usize];

        // Both sums are in range: the order's whole value at its worst price was, when it came in.
        let order = &mut record.order;
        order.filled = Qty::new(order.filled.get().saturating_add(leg.qty.get()));
        order.filled_value = sum(order.filled_value, leg.value);
        order.updated_at = self.at;
        let remaining = order.remaining();
        order.status = if remaining.is_zero() {
            OrderStatus::Filled
        } else {
            OrderStatus::PartiallyFilled
        };
        let (cumulative, filled_value) = (order.filled, order.filled_value);
        let mut fill = Fill::new(
            fill_no,
            order.id,
            order.order_no,
            order.account,
            order.symbol,
            Venue::Krx,
            part.side,
            leg.qty,
            part.price,
            self.at,
        );
        fill.maker = part.maker;

        let fee = tariff.fee(issue, filled_value);
        leg.fee = difference(fee, record.fee);
        record.fee = fee;
        match part.side {
            Side::Buy => self.ledger.buy(Party::Customer(account), &leg),
            Side::Sell => {
                let tax = issue.taxes(filled_value);
                leg.tax = difference(tax, record.tax);
                record.tax = tax;
                self.ledger.sell(Party::Customer(account), &leg);
            }
        }
        // An incoming order holds nothing until it rests: nobody else can use the cash meanwhile.
        if part.maker {
            self.rehold(issue, part.key);
        }
        if remaining.is_zero() {
            self.orders.end(part.key);
        }
        self.orders.remember(fill);
        self.events.execution(ExecutionEvent::Filled {
            fill,
            cumulative,
            remaining,
        });
    }

    /// Sets what a resting order holds back to what it needs now.
    pub(super) fn rehold(&mut self, issue: IssueCosts, slot: Slot) {
        let record = self.orders.get_mut(slot);
        let tariff = &self.tariffs[record.account as usize];
        let left = record.order.remaining();
        let hold = needed(tariff, issue, record, record.price, left);
        self.ledger.rehold(record.account, record.hold, hold);
        record.hold = hold;
    }

    /// Sets what an order holds back to nothing.
    pub(super) fn release(&mut self, slot: Slot) {
        let record = self.orders.get_mut(slot);
        let hold = std::mem::replace(&mut record.hold, Money::ZERO);
        self.ledger.rehold(record.account, hold, Money::ZERO);
    }

    /// Ends shares of an order without a fill, which the book does not have any more.
    pub(super) fn cancel(
        &mut self,
        issue: IssueCosts,
        slot: Slot,
        qty: Qty,
        reason: CancelReason,
        cancel_no: Option<OrderNo>,
    ) {
        let record = self.orders.get_mut(slot);
        let order = &mut record.order;
        order.cancelled = Qty::new(order.cancelled.get().saturating_add(qty.get()));
        order.updated_at = self.at;
        let remaining = order.remaining();
        if remaining.is_zero() {
            order.status = match reason {
                CancelReason::SessionEnd => OrderStatus::Expired,
                CancelReason::Requested
                | CancelReason::ImmediateOrCancel
                | CancelReason::FillOrKill
                | CancelReason::External => OrderStatus::Cancelled,
            };
        }
        let event = ExecutionEvent::Cancelled {
            account: order.account,
            id: order.id,
            order_no: order.order_no,
            cancel_no,
            qty,
            remaining,
            reason,
            at: self.at,
        };
        if order.side == Side::Sell {
            self.ledger.withdraw(record.account, record.listing, qty);
        }
        self.rehold(issue, slot);
        if remaining.is_zero() {
            self.orders.end(slot);
        }
        self.events.execution(event);
    }
}

/// What an order must hold back of its account's cash, with `left` shares to fill at `price` at worst, so that no fill
/// can overdraw it.
pub(super) fn needed(
    tariff: &Tariff,
    issue: IssueCosts,
    record: &Record,
    price: Price,
    left: Qty,
) -> Money {
    let order = &record.order;
    if left.is_zero() {
        return Money::ZERO;
    }
    match order.side {
        Side::Buy => {
            let (before, charged) = (order.filled_value, record.fee);
            cost(tariff, issue, price, left, before, charged)
        }
        Side::Sell => sale_reserve(tariff, issue, record, price),
    }
}

/// What buying `qty` at `price` costs at most, with the fee that it adds to an order that has bought for `before` and
/// was charged `charged`.
pub(super) fn cost(
    tariff: &Tariff,
    issue: IssueCosts,
    price: Price,
    qty: Qty,
    before: Money,
    charged: Money,
) -> Money {
    let value = price.value(qty).unwrap_or(Money::MAX);
    let fee = tariff.fee(issue, sum(before, value));
    sum(value, difference(fee, charged))
}

/// Above this price, in won, a fill of one share is worth more than the costs that fall due with it: half of it at
/// most by rate, and 12 won by truncation, of the fee to 10 won and of two taxes to 1 won.
const PENNY_WON_MAX: i64 = 24;

/// What a partly filled sell order keeps of its proceeds: the costs that have accrued and are not charged yet.
///
/// Costs are truncated on the sum of an order's fills, so that a fill of a few won can make a fee fall due that is
/// higher than the fill. The order has that money from its earlier fills; it must not be spent meanwhile. At ordinary
/// prices a fill always pays for itself, and nothing is kept.
fn sale_reserve(tariff: &Tariff, issue: IssueCosts, record: &Record, price: Price) -> Money {
    if price.won() > PENNY_WON_MAX {
        return Money::ZERO;
    }
    let charged = sum(record.fee, record.tax);
    let accrued = tariff.accrued(issue, record.order.filled_value);
    difference(accrued, charged).max(Money::ZERO)
}

/// Held at the range, which valid orders do not leave.
fn sum(a: Money, b: Money) -> Money {
    Money::from_units(a.units().saturating_add(b.units()))
}

/// Held at the range, which valid orders do not leave.
fn difference(a: Money, b: Money) -> Money {
    Money::from_units(a.units().saturating_sub(b.units()))
}
