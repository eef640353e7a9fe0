//! Records of the stream to market events.

use jiff::civil::Time;

use super::number::{Field, symbol};
use crate::domain::{
    Level, MarketEvent, OrderBook, Price, Qty, Side, Symbol, Timestamp, Topic, Trade, ValueError,
    Venue,
};
use crate::wire::kis::realtime::{
    BookRecord, Feed, FieldError, Level as RawLevel, TakerCode, TimeOfDay, TradeRecord,
};

/// The feed of a topic.
pub(in crate::broker::kis) const fn feed_of(topic: Topic) -> Feed {
    match topic {
        Topic::Trades { venue, .. } => match venue {
            Venue::Krx => Feed::TradeKrx,
            Venue::Nxt => Feed::TradeNxt,
            Venue::Sor => Feed::TradeUnified,
        },
        Topic::Book { venue, .. } => match venue {
            Venue::Krx => Feed::BookKrx,
            Venue::Nxt => Feed::BookNxt,
            Venue::Sor => Feed::BookUnified,
        },
    }
}

/// The venue of a feed of trades or books.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these six feeds are ever asked for"
)]
pub(in crate::broker::kis) const fn venue_of(feed: Feed) -> Option<Venue> {
    match feed {
        Feed::TradeKrx | Feed::BookKrx => Some(Venue::Krx),
        Feed::TradeNxt | Feed::BookNxt => Some(Venue::Nxt),
        Feed::TradeUnified | Feed::BookUnified => Some(Venue::Sor),
        _ => None,
    }
}

/// The issue of a topic.
pub(in crate::broker::kis) const fn symbol_of(topic: Topic) -> Symbol {
    match topic {
        Topic::Trades { symbol, .. } | Topic::Book { symbol, .. } => symbol,
    }
}

/// A trade of the market. Prints of auctions have no side that came in.
#[inline]
pub(in crate::broker::kis) fn trade(
    record: &TradeRecord<'_>,
    venue: Venue,
    now: Timestamp,
) -> Field<Trade> {
    let symbol = symbol("MKSC_SHRN_ISCD", record.symbol().map_err(unreadable)?)?;
    let price = Price::from_won(record.price().map_err(unreadable)?)?;
    let qty = Qty::new(record.qty().map_err(unreadable)?);
    let at = time_of(record.trade_time().map_err(unreadable)?, now)?;
    let mut trade = Trade::new(symbol, venue, price, qty, at);
    trade.volume = Qty::new(record.volume().map_err(unreadable)?);
    trade.aggressor = match record.taker().map_err(unreadable)? {
        TakerCode::Buyer => Some(Side::Buy),
        TakerCode::Seller => Some(Side::Sell),
        TakerCode::PreOpen | TakerCode::Other(_) => None,
    };
    Ok(trade)
}

/// A ten-level book.
#[inline]
pub(in crate::broker::kis) fn book(
    record: &BookRecord<'_>,
    venue: Venue,
    now: Timestamp,
) -> Field<OrderBook> {
    let symbol = symbol("MKSC_SHRN_ISCD", record.symbol().map_err(unreadable)?)?;
    let at = time_of(record.book_time().map_err(unreadable)?, now)?;
    let mut book = OrderBook::empty(symbol, venue, at);
    let asks = record.asks().map_err(unreadable)?;
    let bids = record.bids().map_err(unreadable)?;
    for (place, raw) in book.asks.iter_mut().zip(asks) {
        *place = level(raw)?;
    }
    for (place, raw) in book.bids.iter_mut().zip(bids) {
        *place = level(raw)?;
    }
    Ok(book)
}

/// Price 0 stands where there is no order.
fn level(raw: RawLevel) -> Field<Option<Level>> {
    if raw.price == 0 || raw.qty == 0 {
        return Ok(None);
    }
    Ok(Some(Level {
        price: Price::from_won(raw.price)?,
        qty: Qty::new(raw.qty),
    }))
}

/// The topic that an event is of.
pub(in crate::broker::kis) const fn topic_of(event: &MarketEvent) -> Topic {
    match event {
        MarketEvent::Trade(trade) => Topic::Trades {
            symbol: trade.symbol,
            venue: trade.venue,
        },
        MarketEvent::Book(book) => Topic::Book {
            symbol: book.symbol,
            venue: book.venue,
        },
    }
}

/// A time of day without a date: of the day that puts it at or before `now`, or little after it, since clocks differ.
pub(in crate::broker::kis) fn time_of(time: TimeOfDay, now: Timestamp) -> Field<Timestamp> {
    /// How far ahead a broker's clock may be.
    const AHEAD_NANOS: i64 = 10 * 60 * 1_000_000_000;
    const SECOND_NANOS: i64 = 1_000_000_000;
    const DAY_NANOS: i64 = 24 * 60 * 60 * SECOND_NANOS;
    let latest = now.saturating_add_nanos(AHEAD_NANOS);
    let midnight = Timestamp::from_kst(latest.kst_date(), Time::midnight())?;
    let at = midnight.saturating_add_nanos(i64::from(time.seconds()) * SECOND_NANOS);
    Ok(if at <= latest {
        at
    } else {
        at.saturating_add_nanos(-DAY_NANOS)
    })
}

fn unreadable(error: FieldError) -> ValueError {
    ValueError::new("market data", error, "a value of the manual")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_a_feed_and_comes_back() {
        let symbol = crate::symbol!("005930");
        for &venue in Venue::ALL {
            for topic in [
                Topic::Trades { symbol, venue },
                Topic::Book { symbol, venue },
            ] {
                assert_eq!(venue_of(feed_of(topic)), Some(venue));
                assert_eq!(symbol_of(topic), symbol);
            }
        }
    }

    #[test]
    fn n20_a_time_of_the_stream_is_of_the_nearest_day() {
        let now = |text: &str| text.parse::<Timestamp>().unwrap();
        for (at, hhmmss, expected) in [
            (
                "2026-11-25T00:00:01+09:00",
                235_959,
                "2026-11-24T23:59:59+09:00",
            ),
            ("2026-11-24T23:59:59+09:00", 1, "2026-11-25T00:00:01+09:00"),
            (
                "2026-11-24T15:00:00+09:00",
                150_005,
                "2026-11-24T15:00:05+09:00",
            ),
        ] {
            let time = TimeOfDay::from_hhmmss(hhmmss).unwrap();
            assert_eq!(time_of(time, now(at)).unwrap().to_string(), expected);
        }
    }
}
