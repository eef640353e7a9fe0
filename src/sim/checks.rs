//! What every order is checked for before it enters the market, in the words of KRX's rules.

use super::book::{Book, Tick};
use super::listing::Listed;
use super::refusal::Denial;
use crate::domain::{
    Instrument, Money, OrderKind, OrderSet, OrderType, Price, Qty, RefusalReason, Side,
    TimeInForce, Venue, check_accepted, check_order_cap,
};

/// Where an order goes on the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// Its worst level; for a market order its side's daily limit.
    pub(super) tick: Tick,
    /// The price of `tick`: what a buy order holds cash for.
    pub(super) price: Price,
    pub(super) market: bool,
}

/// Venue, kind and time in force go together, and the simulation has them.
pub(super) fn check_type(
    instrument: &Instrument,
    venue: Venue,
    order_type: OrderType,
    time_in_force: TimeInForce,
) -> Result<(), Denial> {
    check_accepted(venue, order_type, time_in_force)
        .map_err(|unaccepted| Denial::new(RefusalReason::OrderType, unaccepted.to_string()))?;
    if !instrument.takes(order_type) {
        return Err(Denial::new(
            RefusalReason::OrderType,
            format!("{} does not take {order_type} orders", instrument.symbol()),
        ));
    }
    if venue != Venue::Krx {
        return Err(Denial::missing(
            RefusalReason::OrderType,
            format_args!("venue {venue}"),
        ));
    }
    if !HERE.contains(order_type, time_in_force) {
        return Err(Denial::missing(
            RefusalReason::OrderType,
            format_args!("order type {order_type}"),
        ));
    }
    Ok(())
}

const EVERY: &[TimeInForce] = TimeInForce::ALL;

/// What the simulation has of continuous trading on KRX.
const HERE: OrderSet = OrderSet::of(&[
    (OrderType::Limit, EVERY),
    (OrderType::Market, EVERY),
    (OrderType::BestLimit, EVERY),
    (OrderType::TopPriority, &[TimeInForce::Day]),
]);

/// At least one share, in whole lots.
pub(super) fn check_lot<B>(listed: &Listed<B>, qty: Qty) -> Result<(), Denial> {
    if qty.is_zero() {
        return Err(Denial::new(
            RefusalReason::Quantity,
            "qty 0: send at least 1 share",
        ));
    }
    // A lot of one is the common case, and spared the division.
    let lot = listed.instrument.lot().get();
    if lot != 1 && !listed.instrument.is_whole_lots(qty) {
        return Err(Denial::new(
            RefusalReason::Lot,
            format!("qty {qty} is not a multiple of the lot {lot}"),
        ));
    }
    Ok(())
}

/// A part of what is left of an order.
pub(super) fn check_part<B>(listed: &Listed<B>, qty: Qty, left: Qty) -> Result<(), Denial> {
    check_lot(listed, qty)?;
    if qty > left {
        return Err(Denial::new(
            RefusalReason::ExceedsRemaining,
            format!("qty {qty} exceeds the {left} left of the order"),
        ));
    }
    Ok(())
}

/// The caps of a single order, by its worst price for a buy and by the last price for a market sell.
pub(super) fn check_caps<B>(
    listed: &Listed<B>,
    side: Side,
    terms: &Terms,
    qty: Qty,
) -> Result<(), Denial> {
    let price = match side {
        Side::Sell if terms.market => listed.tape.last,
        Side::Buy | Side::Sell => terms.price,
    };
    let value = price.value(qty).unwrap_or(Money::MAX);
    let listed_shares = listed.instrument.listed_shares();
    check_order_cap(qty, value, listed_shares, listed.tape.base).map_err(|cap| {
        Denial::new(
            RefusalReason::Quantity,
            format!("qty {qty} at {price}: {cap}"),
        )
    })
}

/// The price that an order's kind means now.
pub(super) fn terms<B: Book>(
    listed: &Listed<B>,
    side: Side,
    kind: OrderKind,
) -> Result<Terms, Denial> {
    let no_quote = |which: &str| {
        Denial::new(
            RefusalReason::NoQuote,
            format!("no {which} of {} to take the price from", listed.symbol),
        )
    };
    let (tick, market) = match kind {
        OrderKind::Limit { price } => {
            let tick = listed.ladder.tick(price);
            return match tick {
                Some(tick) => Ok(Terms {
                    tick,
                    price,
                    market: false,
                }),
                None => Err(bad_price(listed, price)),
            };
        }
        OrderKind::Market => (listed.limit(side), true),
        OrderKind::BestLimit => {
            let best = listed.best_shown(side.opposite());
            (best.ok_or_else(|| no_quote("opposite quote"))?, false)
        }
        OrderKind::TopPriority => {
            let best = listed.best_shown(side);
            (
                best.ok_or_else(|| no_quote("quote of the own side"))?,
                false,
            )
        }
        OrderKind::ConditionalLimit { .. }
        | OrderKind::MidPrice
        | OrderKind::StopLimit { .. }
        | OrderKind::PreClose
        | OrderKind::PostClose => {
            return Err(Denial::missing(
                RefusalReason::OrderType,
                format_args!("order type {}", kind.order_type()),
            ));
        }
    };
    Ok(Terms {
        tick,
        price: listed.price(tick),
        market,
    })
}

/// Why a price is not on the day's grid.
fn bad_price<B>(listed: &Listed<B>, price: Price) -> Denial {
    let (lower, upper) = (listed.ladder.lower(), listed.ladder.upper());
    if price < lower || price > upper {
        return Denial::new(
            RefusalReason::PriceBand,
            format!("price {price} is outside the daily limits {lower} to {upper}"),
        );
    }
    let table = listed.instrument.tick_table(listed.date);
    let nearest = table.ok().and_then(|table| {
        let (floor, ceil) = (table.floor(price)?, table.ceil(price)?);
        Some(format!("; the nearest are {floor} and {ceil}"))
    });
    Denial::new(
        RefusalReason::Tick,
        format!(
            "price {price} is off the tick grid{}",
            nearest.unwrap_or_default()
        ),
    )
}
