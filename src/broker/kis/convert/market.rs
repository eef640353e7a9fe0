//! Quotes, books and candles.

use jiff::civil::{Date, Time};

use super::number::{
    Field, date, money_or_none, price, qty_or_none, some_price, time, time_before,
};
use crate::domain::{
    Candle, Level, OrderBook, Price, Qty, Quote, Symbol, Timeframe, Timestamp, ValueError, Venue,
};
use crate::wire::kis::rest::book::InquireAskingPrice;
use crate::wire::kis::rest::candles::{
    InquireDailyItemchartpriceRow, InquireTimeItemchartpriceRow,
};
use crate::wire::kis::rest::price::InquirePrice;

/// 시장분류코드 (market division) of quotations: J KRX, NX Nextrade, UN both as one.
pub(in crate::broker::kis) const fn division_of(venue: Venue) -> &'static str {
    match venue {
        Venue::Krx => "J",
        Venue::Nxt => "NX",
        Venue::Sor => "UN",
    }
}

/// The state of an issue; bid and ask come from its book.
pub(in crate::broker::kis) fn quote(
    symbol: Symbol,
    venue: Venue,
    raw: &InquirePrice<'_>,
    book: &OrderBook,
    at: Timestamp,
) -> Field<Quote> {
    let base = price("stck_sdpr", &raw.stck_sdpr)?;
    let mut quote = Quote::untraded(symbol, venue, base, at);
    if let Some(last) = some_price("stck_prpr", &raw.stck_prpr)? {
        quote.last = last;
    }
    quote.open = some_price("stck_oprc", &raw.stck_oprc)?;
    quote.high = some_price("stck_hgpr", &raw.stck_hgpr)?;
    quote.low = some_price("stck_lwpr", &raw.stck_lwpr)?;
    quote.upper_limit = some_price("stck_mxpr", &raw.stck_mxpr)?;
    quote.lower_limit = some_price("stck_llam", &raw.stck_llam)?;
    quote.volume = qty_or_none("acml_vol", &raw.acml_vol)?;
    quote.value = money_or_none("acml_tr_pbmn", &raw.acml_tr_pbmn)?;
    (quote.bid, quote.ask) = (book.best_bid(), book.best_ask());
    Ok(quote)
}

/// A ten-level book. Empty levels stand at price 0.
pub(in crate::broker::kis) fn book(
    symbol: Symbol,
    venue: Venue,
    raw: &InquireAskingPrice<'_>,
    now: Timestamp,
) -> Field<OrderBook> {
    // Outside of hours KIS leaves the time empty.
    let at = if raw.aspr_acpt_hour.trim().is_empty() {
        now
    } else {
        time_before(now, "aspr_acpt_hour", &raw.aspr_acpt_hour)?
    };
    let mut book = OrderBook::empty(symbol, venue, at);
    let asks = [
        (&raw.askp1, &raw.askp_rsqn1),
        (&raw.askp2, &raw.askp_rsqn2),
        (&raw.askp3, &raw.askp_rsqn3),
        (&raw.askp4, &raw.askp_rsqn4),
        (&raw.askp5, &raw.askp_rsqn5),
        (&raw.askp6, &raw.askp_rsqn6),
        (&raw.askp7, &raw.askp_rsqn7),
        (&raw.askp8, &raw.askp_rsqn8),
        (&raw.askp9, &raw.askp_rsqn9),
        (&raw.askp10, &raw.askp_rsqn10),
    ];
    let bids = [
        (&raw.bidp1, &raw.bidp_rsqn1),
        (&raw.bidp2, &raw.bidp_rsqn2),
        (&raw.bidp3, &raw.bidp_rsqn3),
        (&raw.bidp4, &raw.bidp_rsqn4),
        (&raw.bidp5, &raw.bidp_rsqn5),
        (&raw.bidp6, &raw.bidp_rsqn6),
        (&raw.bidp7, &raw.bidp_rsqn7),
        (&raw.bidp8, &raw.bidp_rsqn8),
        (&raw.bidp9, &raw.bidp_rsqn9),
        (&raw.bidp10, &raw.bidp_rsqn10),
    ];
    for (place, (price, qty)) in book.asks.iter_mut().zip(asks) {
        *place = level("askp", price, qty)?;
    }
    for (place, (price, qty)) in book.bids.iter_mut().zip(bids) {
        *place = level("bidp", price, qty)?;
    }
    Ok(book)
}

fn level(what: &'static str, price: &str, qty: &str) -> Field<Option<Level>> {
    let Some(price) = some_price(what, price)? else {
        return Ok(None);
    };
    let qty = qty_or_none(what, qty)?;
    Ok((!qty.is_zero()).then_some(Level { price, qty }))
}

/// A candle of a day, week or month. KIS dates a week or month by one of its trading days; which one is UNCONFIRMED, so
/// the date is kept as it comes.
pub(in crate::broker::kis) fn daily_candle(
    symbol: Symbol,
    timeframe: Timeframe,
    raw: &InquireDailyItemchartpriceRow<'_>,
) -> Field<(Date, Candle)> {
    let day = date("stck_bsop_date", &raw.stck_bsop_date)?;
    let candle = candle(
        symbol,
        timeframe,
        Timestamp::from_kst(day, Time::midnight())?,
        [
            price("stck_oprc", &raw.stck_oprc)?,
            price("stck_hgpr", &raw.stck_hgpr)?,
            price("stck_lwpr", &raw.stck_lwpr)?,
            price("stck_clpr", &raw.stck_clpr)?,
        ],
        qty_or_none("acml_vol", &raw.acml_vol)?,
    )?;
    Ok((day, candle))
}

/// A candle of one minute, by the minute that it starts at.
pub(in crate::broker::kis) fn minute_candle(
    symbol: Symbol,
    timeframe: Timeframe,
    raw: &InquireTimeItemchartpriceRow<'_>,
) -> Field<(Date, Candle)> {
    let day = date("stck_bsop_date", &raw.stck_bsop_date)?;
    let start = time("stck_cntg_hour", &raw.stck_cntg_hour)?;
    let candle = candle(
        symbol,
        timeframe,
        Timestamp::from_kst(day, start)?,
        [
            price("stck_oprc", &raw.stck_oprc)?,
            price("stck_hgpr", &raw.stck_hgpr)?,
            price("stck_lwpr", &raw.stck_lwpr)?,
            price("stck_prpr", &raw.stck_prpr)?,
        ],
        qty_or_none("cntg_vol", &raw.cntg_vol)?,
    )?;
    Ok((day, candle))
}

fn candle(
    symbol: Symbol,
    timeframe: Timeframe,
    start: Timestamp,
    [open, high, low, close]: [Price; 4],
    volume: Qty,
) -> Field<Candle> {
    let mut candle =
        Candle::at_price(symbol, timeframe, start, open).with_prices(open, high, low, close)?;
    candle.volume = volume;
    Ok(candle)
}

/// Candles of one minute, oldest first, put together to longer ones that start at whole multiples since midnight.
pub(in crate::broker::kis) fn merged(
    minutes: Vec<Candle>,
    timeframe: Timeframe,
    length: u16,
) -> Field<Vec<Candle>> {
    const MINUTE_NANOS: i64 = 60 * 1_000_000_000;
    let mut whole: Vec<Candle> = Vec::with_capacity(minutes.len() / usize::from(length.max(1)) + 1);
    for minute in minutes {
        let midnight = Timestamp::from_kst(minute.start.kst_date(), Time::midnight())?;
        let span = i64::from(length.max(1)) * MINUTE_NANOS;
        let since = minute.start.nanos_since(midnight);
        let start = midnight.saturating_add_nanos(since - since.rem_euclid(span));
        match whole.last_mut() {
            Some(last) if last.start == start => {
                last.high = last.high.max(minute.high);
                last.low = last.low.min(minute.low);
                last.close = minute.close;
                last.volume = last.volume.checked_add(minute.volume).ok_or_else(|| {
                    ValueError::new("cntg_vol", minute.volume, "a sum that can be counted")
                })?;
            }
            _ => whole.push(Candle {
                timeframe,
                start,
                ..minute
            }),
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYMBOL: Symbol = crate::symbol!("005930");

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_book_has_its_levels_and_nothing_at_price_0() {
        let raw = InquireAskingPrice {
            aspr_acpt_hour: "100000".into(),
            askp1: "71100".into(),
            askp_rsqn1: "12".into(),
            askp2: "0".into(),
            askp_rsqn2: "0".into(),
            bidp1: "71000".into(),
            bidp_rsqn1: "7".into(),
            ..Default::default()
        };
        let now = at("2026-11-24T10:00:01+09:00");
        let book = book(SYMBOL, Venue::Krx, &raw, now).unwrap();
        assert_eq!(book.best_ask().unwrap().price.won(), 71_100);
        assert_eq!(book.best_bid().unwrap().qty, Qty::new(7));
        assert_eq!((book.asks[1], book.bids[1]), (None, None));
        assert_eq!(book.at, at("2026-11-24T10:00:00+09:00"));
    }

    #[test]
    fn a_quote_before_the_first_trade_stands_at_its_base() {
        let raw = InquirePrice {
            stck_sdpr: "70900".into(),
            stck_prpr: "0".into(),
            stck_mxpr: "92100".into(),
            ..Default::default()
        };
        let now = at("2026-11-24T08:50:00+09:00");
        let book = OrderBook::empty(SYMBOL, Venue::Krx, now);
        let quote = quote(SYMBOL, Venue::Krx, &raw, &book, now).unwrap();
        assert_eq!((quote.last.won(), quote.open), (70_900, None));
        assert_eq!(quote.upper_limit.unwrap().won(), 92_100);
    }

    #[test]
    fn minutes_are_put_together_by_the_clock() {
        let price = |won| Price::from_won(won).unwrap();
        let minute = |time: &str, open, high, low, close| {
            let start = at(&format!("2026-11-24T{time}:00+09:00"));
            let one = Timeframe::Minutes(std::num::NonZeroU16::MIN);
            let prices = [price(open), price(high), price(low), price(close)];
            candle(SYMBOL, one, start, prices, Qty::new(10)).unwrap()
        };
        let minutes = vec![
            minute("09:03", 100, 110, 95, 105),
            minute("09:04", 105, 120, 104, 118),
            minute("09:05", 118, 118, 90, 91),
        ];
        let five = Timeframe::Minutes(std::num::NonZeroU16::new(5).unwrap());
        let merged = merged(minutes, five, 5).unwrap();
        assert_eq!(merged.len(), 2);
        let first = &merged[0];
        assert_eq!(first.start, at("2026-11-24T09:00:00+09:00"));
        assert_eq!((first.open.won(), first.high.won()), (100, 120));
        assert_eq!((first.low.won(), first.close.won()), (95, 118));
        assert_eq!((first.volume, first.timeframe), (Qty::new(20), five));
        assert_eq!(merged[1].close.won(), 91);
    }
}
