//! From the simulated market to the values of stream records.

use super::floor::Floor;
use super::ledger::{Notice, NoticeKind as News, RowKind};
use super::order::branch;
use super::settings::Settings;
use super::tape::Print;
use super::text;
use crate::domain::{Level, Money, OrderBook, Price, Side, TimeInForce, Timestamp, Venue};
use crate::wire::kis::realtime::{
    self as wire, Against, Book, BookTail, Code, CommandCode, ConditionCode, ExchangeCode,
    ExpectedMatch, Feed, LEVELS, MarketClass, Midpoint, NoticeKey, NoticeKind, NoticeTail,
    RefusedCode, SideCode, SignCode, StageCode, TakerCode, TimeOfDay, Trade, YesNo,
};

/// A frame of trades.
pub(super) fn trades(feed: Feed, prints: &[&Print], floor: &Floor, settings: &Settings) -> String {
    let symbols: Vec<(String, String)> = prints
        .iter()
        .map(|print| {
            let date = text::date(print.trade.at.kst_date());
            (print.trade.symbol.to_string(), date)
        })
        .collect();
    let records: Vec<Trade<'_>> = prints
        .iter()
        .zip(&symbols)
        .map(|(print, (symbol, date))| trade(print, symbol, date, floor))
        .collect();
    let mut out = Vec::new();
    wire::encode::trades(feed, settings.layout, &records, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn trade<'a>(print: &Print, symbol: &'a str, date: &'a str, floor: &Floor) -> Trade<'a> {
    let exchange = floor.exchange();
    let quote = exchange.quote(print.trade.symbol);
    let book = exchange.order_book(print.trade.symbol);
    let (last, day) = (print.trade.price.won(), &print.day);
    let base = quote.map_or(last, |quote| quote.base.won());
    let limits = quote.map(|quote| (quote.upper_limit, quote.lower_limit));
    let sign = match limits {
        Some((upper, _)) if upper == Some(print.trade.price) => SignCode::UpperLimit,
        Some((_, lower)) if lower == Some(print.trade.price) => SignCode::LowerLimit,
        _ => SignCode::of_change(last - base),
    };
    let against = |made: Option<(Price, Timestamp)>| match made {
        None => Against::NOTHING,
        Some((price, at)) => Against {
            time: time_of(at),
            sign: SignCode::of_change(last - price.won()),
            change: last - price.won(),
        },
    };
    let won = |made: Option<(Price, Timestamp)>| made.map_or(0, |(price, _)| price.won());
    let best =
        |level: Option<Level>| level.map_or((0, 0), |level| (level.price.won(), level.qty.get()));
    let (ask, ask_qty) = best(book.and_then(|book| book.best_ask()));
    let (bid, bid_qty) = best(book.and_then(|book| book.best_bid()));
    let (ask_total, bid_total) = book.as_ref().map_or((0, 0), totals_of);
    let before = floor.tape(print.place).volume_before();
    Trade {
        symbol,
        time: time_of(print.trade.at),
        price: last,
        sign,
        change: last - base,
        change_rate: ratio(last - base, base, 10_000),
        average_price: average(day.value, day.volume),
        open: won(day.open),
        high: won(day.high),
        low: won(day.low),
        ask,
        bid,
        qty: print.trade.qty.get(),
        volume: day.volume,
        turnover: u64::try_from(day.value.won()).unwrap_or(0),
        sell_count: day.sells,
        buy_count: day.buys,
        net_buy_count: signed(day.buys) - signed(day.sells),
        strength: ratio(signed(day.bought), signed(day.sold), 10_000),
        sell_qty: day.sold,
        buy_qty: day.bought,
        taker: match print.trade.aggressor {
            Some(Side::Sell) => TakerCode::Seller,
            Some(Side::Buy) | None => TakerCode::Buyer,
        },
        buy_rate: ratio(signed(day.bought), signed(day.volume), 100),
        volume_rate: ratio(signed(day.volume), signed(before), 10_000),
        against_open: against(day.open),
        against_high: against(day.high),
        against_low: against(day.low),
        date,
        ask_qty,
        bid_qty,
        ask_total,
        bid_total,
        volume_before: before,
        volume_before_rate: ratio(signed(day.volume), signed(before), 10_000),
        vi_price: Some(base),
        market_class: Some(MarketClass::Regular),
        ..Trade::default()
    }
}

/// A frame of one book, and the sums of its sides; `before` are those that were last sent.
pub(super) fn book(
    feed: Feed,
    place: usize,
    before: Option<(u64, u64)>,
    floor: &Floor,
    settings: &Settings,
) -> Option<(String, (u64, u64))> {
    let symbol = settings.market.issues.get(place)?.symbol;
    let exchange = floor.exchange();
    let (book, quote) = (exchange.order_book(symbol)?, exchange.quote(symbol)?);
    let totals = totals_of(&book);
    let (asks_before, bids_before) = before.unwrap_or(totals);
    let name = symbol.to_string();
    let middle = match (book.best_ask(), book.best_bid()) {
        (Some(ask), Some(bid)) => i64::midpoint(ask.price.won(), bid.price.won()),
        _ => 0,
    };
    let midpoint = Midpoint {
        price: middle,
        qty: 0,
        class: Code::new("0").unwrap_or(Code::EMPTY),
    };
    let record = Book {
        symbol: &name,
        time: time_of(floor.now()),
        asks: levels(&book.asks),
        bids: levels(&book.bids),
        ask_total: totals.0,
        bid_total: totals.1,
        // In continuous trading there is no expected match, and KIS computes its change all the same.
        expected: ExpectedMatch {
            change: -quote.base.won(),
            sign: SignCode::Down,
            change_rate: -10_000,
            ..ExpectedMatch::NONE
        },
        volume: quote.volume.get(),
        ask_total_change: signed(totals.0) - signed(asks_before),
        bid_total_change: signed(totals.1) - signed(bids_before),
        krx_midpoint: midpoint,
        tail: match feed == Feed::BookKrx {
            true => BookTail::Krx(MarketClass::Regular),
            false => BookTail::Nxt(midpoint, Code::new("1")),
        },
        ..Book::default()
    };
    let mut out = Vec::new();
    wire::encode::books(feed, settings.layout, &[record], &mut out);
    Some((String::from_utf8_lossy(&out).into_owned(), totals))
}

/// A frame of one notice, encrypted.
pub(super) fn notice(
    feed: Feed,
    notice: &Notice,
    cipher: &NoticeKey,
    settings: &Settings,
) -> String {
    let client = &settings.clients[notice.client];
    let issue = settings
        .market
        .issues
        .iter()
        .find(|issue| issue.symbol == notice.symbol);
    let symbol = notice.symbol.to_string();
    let executed = notice.news == News::Executed;
    let code = |text: &str| Code::new(text).unwrap_or(Code::EMPTY);
    let won = |price: Option<Price>| price.map_or(0, Price::won);
    let record = wire::Notice {
        customer: (&*client.hts_id).into(),
        account: client.account.as_str(),
        order_no: notice.odno,
        original_no: notice.original,
        side: match notice.side {
            Side::Sell => SideCode::Sell,
            Side::Buy => SideCode::Buy,
        },
        command: match notice.kind {
            RowKind::New => CommandCode::New,
            RowKind::Modify => CommandCode::Modify,
            RowKind::Cancel => CommandCode::Cancel,
        },
        division: code(notice.division),
        condition: match notice.time_in_force {
            TimeInForce::Day => ConditionCode::None,
            TimeInForce::Ioc => ConditionCode::Ioc,
            TimeInForce::Fok => ConditionCode::Fok,
        },
        symbol: &symbol,
        qty: notice.qty.get(),
        price: won(notice.price),
        time: time_of(notice.at),
        refused: match notice.news == News::Rejected {
            true => RefusedCode::Yes,
            false => RefusedCode::No,
        },
        kind: match executed {
            true => NoticeKind::Execution,
            false => NoticeKind::Receipt,
        },
        stage: stage(notice.news),
        branch: code(branch(settings.is_paper())),
        order_qty: notice.order_qty.get(),
        account_name: (&*client.name).into(),
        tail: NoticeTail {
            condition_price: None,
            exchange: match (notice.venue, notice.routed_to_nxt) {
                (Venue::Krx, _) => ExchangeCode::Krx,
                (Venue::Nxt, _) => ExchangeCode::Nxt,
                (Venue::Sor, false) => ExchangeCode::SorKrx,
                (Venue::Sor, true) => ExchangeCode::SorNxt,
            },
            popup: YesNo::Yes,
            credit: code("10"),
            loan_date: Code::EMPTY,
            name: issue.map_or("", |issue| &*issue.name).into(),
            order_price: executed.then(|| won(notice.order_price)),
        },
    };
    let mut out = Vec::new();
    wire::encode::notice(feed, settings.layout, &record, cipher, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// How far a command has come. That a modification or cancel is told once, as confirmed, is UNCONFIRMED: only receipts and
/// executions of new orders were captured.
const fn stage(news: News) -> StageCode {
    match news {
        News::Received | News::Rejected => StageCode::Received,
        News::Confirmed | News::Executed => StageCode::Confirmed,
        News::Dropped => StageCode::Cancelled,
    }
}

/// The frame with a count of records that is one too high.
pub(super) fn with_wrong_count(frame: &str) -> String {
    let mut parts: Vec<&str> = frame.splitn(4, '|').collect();
    let count = parts.get(2).and_then(|count| count.parse::<u32>().ok());
    let wrong = format!("{:03}", count.unwrap_or(0) + 1);
    if let Some(place) = parts.get_mut(2) {
        *place = &wrong;
    }
    parts.join("|")
}

/// The frame with so many more values at the end of each record.
pub(super) fn with_more_values(frame: &str, more: usize) -> String {
    let parts: Vec<&str> = frame.splitn(4, '|').collect();
    let [flag, tr_id, count, payload] = parts[..] else {
        return frame.to_owned();
    };
    let values: Vec<&str> = payload.split('^').collect();
    let records = count.parse::<usize>().unwrap_or(1).max(1);
    let width = (values.len() / records).max(1);
    let wider: Vec<String> = values
        .chunks(width)
        .map(|record| {
            let mut record = record.to_vec();
            record.extend(std::iter::repeat_n("0", more));
            record.join("^")
        })
        .collect();
    format!("{flag}|{tr_id}|{count}|{}", wider.join("^"))
}

fn levels(side: &[Option<Level>]) -> [wire::Level; LEVELS] {
    std::array::from_fn(|place| match side.get(place).copied().flatten() {
        None => wire::Level::default(),
        Some(level) => wire::Level {
            price: level.price.won(),
            qty: level.qty.get(),
        },
    })
}

fn totals_of(book: &OrderBook) -> (u64, u64) {
    let sum = |side: &[Option<Level>]| side.iter().flatten().map(|level| level.qty.get()).sum();
    (sum(&book.asks), sum(&book.bids))
}

fn time_of(at: Timestamp) -> TimeOfDay {
    let time = at.kst_time();
    let number = |part: i8| u32::from(part.unsigned_abs());
    let hhmmss = number(time.hour()) * 10_000 + number(time.minute()) * 100 + number(time.second());
    TimeOfDay::from_hhmmss(hhmmss).unwrap_or(TimeOfDay::MIDNIGHT)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `part` × `scale` ÷ `whole`, cut; 0 of nothing.
fn ratio(part: i64, whole: i64, scale: i64) -> i64 {
    match whole {
        0 => 0,
        whole => {
            let ratio = i128::from(part) * i128::from(scale) / i128::from(whole);
            i64::try_from(ratio).unwrap_or(0)
        }
    }
}

/// Won ÷ shares in 1/100 won.
fn average(value: Money, volume: u64) -> i64 {
    const UNITS_PER_HUNDREDTH: i128 = 100;
    match volume {
        0 => 0,
        volume => {
            let average = i128::from(value.units()) / UNITS_PER_HUNDREDTH / i128::from(volume);
            i64::try_from(average).unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_spoiled_as_asked() {
        let frame = "0|H0STCNT0|002|a^b^c^d";
        assert_eq!(with_wrong_count(frame), "0|H0STCNT0|003|a^b^c^d");
        assert_eq!(with_more_values(frame, 2), "0|H0STCNT0|002|a^b^0^0^c^d^0^0");
    }

    #[test]
    fn ratios_of_nothing_are_nothing() {
        assert_eq!(ratio(-184_000, 2_180_000, 10_000), -844);
        assert_eq!(ratio(5, 0, 100), 0);
        assert_eq!(average(Money::from_units(31_450_000 * 3), 3), 314_500);
    }
}
