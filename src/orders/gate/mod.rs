//! The pre-trade gate: what must not be sent is held back here, by rules that are data.
//!
//! | rule | found in |
//! |---|---|
//! | [`TradingState`]: active, reduce only, halted | [`TradingSwitch`] |
//! | type × time in force × venue, and the hours of the day | [`OrderHours`], `domain` |
//! | lot, tick, daily limits, the exchange's cap on single orders | [`MarketFacts`] |
//! | caps of an order and of a day, price collar, duplicates, orders a second | [`GateRules`] |
//!
//! A check changes nothing, reads no clock and allocates nothing; what it refuses says which rule, what was found and
//! what would pass. After an order is on its way, [`Gate::note_sent`] counts it. Cancels pass in every state.
//!
//! | bound | behaviour at it |
//! |---|---|
//! | 256 orders remembered against duplicates | the oldest is forgotten |
//! | 10,000 orders a second counted | a higher limit is taken as this one |
//!
//! Cash and shares are not checked, apart from what may be sold while [`TradingState::ReduceOnly`]: the broker knows.

mod hours;
mod recent;
mod refusal;
mod rules;
mod state;

use std::time::Duration;

use crate::domain::{
    Instrument, Intent, Money, OrderKind, OrderRequest, Price, PriceBand, Qty, Side, TickTable,
    Timestamp, TradingState, check_accepted, check_order_cap,
};

pub use hours::OrderHours;
use recent::{OrderRate, Recent};
pub use refusal::GateRefusal;
pub use rules::GateRules;
pub use state::TradingSwitch;

/// What has to be known about the issue of an order. Resolve it once a day, and change what changes.
#[derive(Clone, Copy, Debug)]
pub struct MarketFacts<'a> {
    /// The issue.
    pub instrument: &'a Instrument,
    /// Its ladder of this day.
    pub ticks: TickTable,
    /// Today's base price.
    pub base: Price,
    /// Today's limits; `None` for an issue without.
    pub band: Option<PriceBand>,
    /// The last trade; the base price takes its place before the first one.
    pub last: Option<Price>,
    /// Shares of it that can be sold now.
    pub sellable: Qty,
}

impl MarketFacts<'_> {
    /// What an order is worth at most: at its price, or else at the upper limit, or else at the last trade.
    const fn value_price(&self, kind: OrderKind) -> Price {
        match (kind.limit_price(), self.band, self.last) {
            (Some(price), _, _) => price,
            (None, Some(band), _) => band.upper(),
            (None, None, Some(last)) => last,
            (None, None, None) => self.base,
        }
    }
}

/// Now, twice.
#[derive(Clone, Copy, Debug)]
pub struct GateTime {
    /// By the calendar: decides about hours.
    pub at: Timestamp,
    /// By a clock that never goes back, since any fixed moment: decides about rate and duplicates.
    pub elapsed: Duration,
}

/// What was sent today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayTotals {
    /// Shares of all new orders, whatever became of them; held at the largest number.
    pub qty: Qty,
    /// Won of all new orders, whatever became of them; held at the largest amount.
    pub value: Money,
}

/// The gate of one account.
#[derive(Clone, Debug)]
pub struct Gate {
    rules: GateRules,
    switch: TradingSwitch,
    hours: OrderHours,
    today: DayTotals,
    recent: Option<(Duration, Recent)>,
    rate: Option<OrderRate>,
}

impl Gate {
    /// A gate for one day.
    pub fn new(rules: GateRules, switch: TradingSwitch, hours: OrderHours) -> Self {
        let rate = rules.orders_per_second.map(|orders| {
            let counted = orders.get().min(GateRules::ORDERS_PER_SECOND_MAX);
            OrderRate::new(usize::try_from(counted).unwrap_or(usize::MAX))
        });
        Self {
            rules,
            switch,
            hours,
            today: DayTotals::default(),
            recent: rules.duplicate_window.map(|window| (window, Recent::new())),
            rate,
        }
    }

    /// Begins another day: its hours, and nothing sent yet.
    pub fn start_day(&mut self, hours: OrderHours) {
        self.hours = hours;
        self.today = DayTotals::default();
    }

    /// Goes on with what was sent today before a restart.
    pub const fn restore(&mut self, today: DayTotals) {
        self.today = today;
    }

    /// What was sent today.
    pub const fn today(&self) -> DayTotals {
        self.today
    }

    /// The kill switch; clone it for whoever may use it.
    pub const fn switch(&self) -> &TradingSwitch {
        &self.switch
    }

    /// The rules.
    pub const fn rules(&self) -> &GateRules {
        &self.rules
    }

    /// Looks at a new order.
    ///
    /// # Errors
    /// The first rule that it breaks.
    #[inline]
    pub fn check(
        &self,
        order: &OrderRequest,
        facts: &MarketFacts<'_>,
        now: GateTime,
    ) -> Result<(), GateRefusal> {
        let state = self.check_state(order.side)?;
        if state == TradingState::ReduceOnly && order.qty > facts.sellable {
            return Err(GateRefusal::NotReducing {
                qty: order.qty,
                sellable: facts.sellable,
            });
        }
        let value = self.check_shape(order, facts, now)?;
        self.check_day(order.qty, value)?;
        self.check_rate(now)?;
        if let Some((window, recent)) = &self.recent
            && let Some(age) = recent.age(order, now.elapsed, *window)
        {
            return Err(GateRefusal::Duplicate {
                age,
                window: *window,
            });
        }
        Ok(())
    }

    /// Looks at an order as a modification would make it, with the shares that it would have. The day's caps and the
    /// duplicate guard are about new orders only, and what can be sold already lacks these shares.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check_modified(
        &self,
        order: &OrderRequest,
        facts: &MarketFacts<'_>,
        now: GateTime,
    ) -> Result<(), GateRefusal> {
        self.check_state(order.side)?;
        self.check_shape(order, facts, now)?;
        self.check_rate(now)
    }

    /// Whether a cancel may be sent: in every state it may.
    pub fn permits_cancel(&self) -> bool {
        self.switch.state().permits(Intent::Cancel)
    }

    /// Counts a new order that is on its way.
    pub fn note_sent(&mut self, order: &OrderRequest, facts: &MarketFacts<'_>, elapsed: Duration) {
        let value = facts.value_price(order.kind).value(order.qty);
        let (qty_max, value_max) = (Qty::new(u64::MAX), Money::MAX);
        self.today = DayTotals {
            qty: self.today.qty.checked_add(order.qty).unwrap_or(qty_max),
            value: value
                .and_then(|value| self.today.value.checked_add(value))
                .unwrap_or(value_max),
        };
        if let Some((_, recent)) = &mut self.recent {
            recent.note(order, elapsed);
        }
        self.note_modified(elapsed);
    }

    /// Counts a modification that is on its way.
    pub fn note_modified(&mut self, elapsed: Duration) {
        if let Some(rate) = &mut self.rate {
            rate.note(elapsed);
        }
    }

    #[inline]
    fn check_state(&self, side: Side) -> Result<TradingState, GateRefusal> {
        let state = self.switch.state();
        if state.permits(Intent::from(side)) {
            Ok(state)
        } else {
            Err(GateRefusal::TradingState { state, side })
        }
    }

    /// Everything about the order itself; gives what it is worth at most.
    #[inline]
    fn check_shape(
        &self,
        order: &OrderRequest,
        facts: &MarketFacts<'_>,
        now: GateTime,
    ) -> Result<Money, GateRefusal> {
        self.check_kind(order, facts, now)?;
        check_lot(order.qty, facts.instrument)?;
        if let Some(price) = order.kind.limit_price() {
            check_price(price, facts)?;
            let reference = match order.kind {
                OrderKind::StopLimit { stop, .. } => {
                    check_price(stop, facts)?;
                    stop
                }
                OrderKind::Limit { .. }
                | OrderKind::Market
                | OrderKind::ConditionalLimit { .. }
                | OrderKind::BestLimit
                | OrderKind::TopPriority
                | OrderKind::MidPrice
                | OrderKind::PreClose
                | OrderKind::PostClose => facts.last.unwrap_or(facts.base),
            };
            self.check_collar(order.side, price, reference)?;
        }
        self.check_size(order, facts)
    }

    #[inline]
    fn check_kind(
        &self,
        order: &OrderRequest,
        facts: &MarketFacts<'_>,
        now: GateTime,
    ) -> Result<(), GateRefusal> {
        let (instrument, venue) = (facts.instrument, order.venue);
        if order.symbol != instrument.symbol() {
            return Err(GateRefusal::OtherSymbol {
                found: order.symbol,
                expected: instrument.symbol(),
            });
        }
        let (order_type, time_in_force) = (order.kind.order_type(), order.time_in_force);
        check_accepted(venue, order_type, time_in_force).map_err(GateRefusal::Combination)?;
        if !instrument.takes(order_type) {
            return Err(GateRefusal::InstrumentKind {
                kind: instrument.kind(),
                order_type,
            });
        }
        let taken = self.hours.taken(instrument, venue, now.at);
        if !taken.contains(order_type, time_in_force) {
            return Err(GateRefusal::Closed {
                venue,
                order_type,
                time_in_force,
            });
        }
        Ok(())
    }

    #[inline]
    fn check_collar(&self, side: Side, price: Price, reference: Price) -> Result<(), GateRefusal> {
        let Some(basis_points) = self.rules.collar_basis_points else {
            return Ok(());
        };
        let (price_units, reference_units) =
            (i128::from(price.units()), i128::from(reference.units()));
        let worse = match side {
            Side::Buy => price_units - reference_units,
            Side::Sell => reference_units - price_units,
        };
        if worse * 10_000 > reference_units * i128::from(basis_points) {
            return Err(GateRefusal::Collar {
                price,
                reference,
                basis_points,
            });
        }
        Ok(())
    }

    #[inline]
    fn check_size(
        &self,
        order: &OrderRequest,
        facts: &MarketFacts<'_>,
    ) -> Result<Money, GateRefusal> {
        let qty = order.qty;
        if let Some(limit) = self.rules.order_qty_max
            && qty > limit
        {
            return Err(GateRefusal::OrderQty { qty, limit });
        }
        let price = facts.value_price(order.kind);
        let value = price
            .value(qty)
            .ok_or(GateRefusal::Overflow { qty, price })?;
        if let Some(limit) = self.rules.order_value_max
            && value > limit
        {
            return Err(GateRefusal::OrderValue { value, limit });
        }
        let listed = facts.instrument.listed_shares();
        check_order_cap(qty, value, listed, facts.base)
            .map_err(|cap| GateRefusal::ExchangeCap { cap, qty, value })?;
        Ok(value)
    }

    #[inline]
    fn check_day(&self, qty: Qty, value: Money) -> Result<(), GateRefusal> {
        let used = self.today;
        if let Some(limit) = self.rules.day_qty_max
            && used.qty.checked_add(qty).is_none_or(|sum| sum > limit)
        {
            return Err(GateRefusal::DayQty {
                qty,
                used: used.qty,
                limit,
            });
        }
        if let Some(limit) = self.rules.day_value_max
            && used.value.checked_add(value).is_none_or(|sum| sum > limit)
        {
            return Err(GateRefusal::DayValue {
                value,
                used: used.value,
                limit,
            });
        }
        Ok(())
    }

    #[inline]
    fn check_rate(&self, now: GateTime) -> Result<(), GateRefusal> {
        match &self.rate {
            Some(rate) => match rate.wait(now.elapsed) {
                Some(retry_after) => Err(GateRefusal::OrderRate {
                    orders_per_second: u32::try_from(rate.limit()).unwrap_or(u32::MAX),
                    retry_after,
                }),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }
}

#[inline]
fn check_lot(qty: Qty, instrument: &Instrument) -> Result<(), GateRefusal> {
    if instrument.is_whole_lots(qty) {
        Ok(())
    } else {
        Err(GateRefusal::Lot {
            qty,
            lot: instrument.lot().get(),
        })
    }
}

#[inline]
fn check_price(price: Price, facts: &MarketFacts<'_>) -> Result<(), GateRefusal> {
    if let Some(band) = facts.band
        && !band.contains(price)
    {
        return Err(GateRefusal::Band {
            price,
            lower: band.lower(),
            upper: band.upper(),
        });
    }
    if facts.ticks.is_valid(price) {
        Ok(())
    } else {
        Err(GateRefusal::Tick {
            price,
            below: facts.ticks.floor(price),
            above: facts.ticks.ceil(price),
        })
    }
}

#[cfg(test)]
mod tests;
