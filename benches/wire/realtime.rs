//! What the WebSocket of KIS costs: a trade, an order book and an execution notice from the bytes of the message to values.
//!
//! A slower `lazy` or `reused` means that a strategy sees the market later, and that one core follows fewer issues. Each is
//! paired with the obvious way to do the same, and both must give the same values before either is timed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput};
use gwanmun::wire::kis::realtime::{
    Frame, Level, NoticeKey, NoticeNews, Records, SideCode, Splitter, TakerCode,
};

/// A trade captured on 2026-07-13: 272 bytes of values.
const TRADE: &str = "0|H0STCNT0|001|000660^103925^1996000^5^-184000^-8.44^2049536.80^2113000^2142000^1985000^1997000^1996000^20^2388396^4895117363500^102204^95496^-6708^76.45^1308408^1000333^5^0.42^49.48^090027^5^-117000^090423^5^-146000^103324^2^11000^20260713^20^N^516^53^5028^2770^0.34^2206968^108.22^0^^2113000";

/// An order book captured on the same day.
const BOOK: &str = "0|H0STASP0|001|000660^103925^0^1996000^1997000^1998000^1999000^2000000^2001000^2002000^2003000^2004000^2005000^1995000^1994000^1993000^1992000^1991000^1990000^1989000^1988000^1987000^1986000^49^576^1520^739^398^372^347^343^130^279^30^104^69^188^138^122^503^973^599^1527^4753^4253^0^0^0^0^79564^-2180000^5^-100.00^2388421^-275^1483^0^0^0^1995500^0^0";

/// A notice of an execution, with invented identifiers, and the key that it opens with.
const NOTICE: &str = "1|H0STCNI0|001|RLIx69aMlQIYgbfD9QjEKZwp1/yhHzzuV5CUROyICieQ6ecvSL0KJvW6pZnqb4WyjE7sA6QxQePSlsU/qLW/GfbcS66yFKL80QG5D73kdItfuvcWVKnDKpWiuKTw28z7nRLd85fpu0zZS/RCRIxJwoe+/gK5jPoPUyHoERIE/h2fIdICoER+UGRqdERvM6jP";
const KEY: &str = "abcdefghijklmnopqrstuvwxyzabcdef";
const IV: &str = "0123456789abcdef";

/// What a strategy wants of a trade.
#[derive(Debug, PartialEq, Eq)]
struct Tick {
    symbol: [u8; 6],
    seconds: u32,
    price: i64,
    qty: u64,
    volume: u64,
    turnover: u64,
    ask: i64,
    bid: i64,
    buyer_took: bool,
}

/// What a strategy wants of a book.
#[derive(Debug, PartialEq, Eq)]
struct Depth {
    symbol: [u8; 6],
    seconds: u32,
    asks: [Level; 10],
    bids: [Level; 10],
}

/// What an order desk wants of a notice.
#[derive(Debug, PartialEq, Eq)]
struct Fill {
    order_no: u64,
    symbol: [u8; 6],
    sell: bool,
    qty: u64,
    price: i64,
}

fn lazy_tick(message: &[u8], splitter: &mut Splitter) -> Option<Tick> {
    let frame = Frame::parse(message).ok()?;
    let Records::Trades(trades) = splitter.split(&frame).ok()? else {
        return None;
    };
    let trade = trades.records().next()?;
    Some(Tick {
        symbol: trade.symbol().ok()?.as_bytes().try_into().ok()?,
        seconds: trade.trade_time().ok()?.seconds(),
        price: trade.price().ok()?,
        qty: trade.qty().ok()?,
        volume: trade.volume().ok()?,
        turnover: trade.turnover().ok()?,
        ask: trade.ask().ok()?,
        bid: trade.bid().ok()?,
        buyer_took: trade.taker().ok()? == TakerCode::Buyer,
    })
}

/// The same as a reader of the manual would write it.
fn split_tick(message: &[u8]) -> Option<Tick> {
    let values = split_values(message, 46)?;
    Some(Tick {
        symbol: values[0].as_bytes().try_into().ok()?,
        seconds: seconds(values[1])?,
        price: values[2].parse().ok()?,
        qty: values[12].parse().ok()?,
        volume: values[13].parse().ok()?,
        turnover: values[14].parse().ok()?,
        ask: values[10].parse().ok()?,
        bid: values[11].parse().ok()?,
        buyer_took: values[21] == "1",
    })
}

fn lazy_depth(message: &[u8], splitter: &mut Splitter) -> Option<Depth> {
    let frame = Frame::parse(message).ok()?;
    let Records::Books(books) = splitter.split(&frame).ok()? else {
        return None;
    };
    let book = books.records().next()?;
    Some(Depth {
        symbol: book.symbol().ok()?.as_bytes().try_into().ok()?,
        seconds: book.book_time().ok()?.seconds(),
        asks: book.asks().ok()?,
        bids: book.bids().ok()?,
    })
}

fn split_depth(message: &[u8]) -> Option<Depth> {
    let values = split_values(message, 59)?;
    let side = |price: usize, qty: usize| {
        let mut levels = [Level::default(); 10];
        for (at, level) in levels.iter_mut().enumerate() {
            *level = Level {
                price: values[price + at].parse().ok()?,
                qty: values[qty + at].parse().ok()?,
            };
        }
        Some(levels)
    };
    Some(Depth {
        symbol: values[0].as_bytes().try_into().ok()?,
        seconds: seconds(values[1])?,
        asks: side(3, 23)?,
        bids: side(13, 33)?,
    })
}

fn split_values(message: &[u8], least: usize) -> Option<Vec<&str>> {
    let text = str::from_utf8(message).ok()?;
    let parts = text.splitn(4, '|').collect::<Vec<_>>();
    let values = parts.get(3)?.split('^').collect::<Vec<_>>();
    (values.len() >= least).then_some(values)
}

fn seconds(hhmmss: &str) -> Option<u32> {
    let number: u32 = hhmmss.parse().ok()?;
    Some(number / 10_000 * 3_600 + number / 100 % 100 * 60 + number % 100)
}

/// As a stream does it: the key is expanded once for a connection, and buffers are used again.
fn reused_fill(
    message: &[u8],
    key: &NoticeKey,
    buffer: &mut Vec<u8>,
    splitter: &mut Splitter,
) -> Option<Fill> {
    let frame = Frame::parse(message).ok()?;
    let open = key.open(&frame, buffer).ok()?;
    let Records::Notices(notices) = splitter.split(&open).ok()? else {
        return None;
    };
    let notice = notices.records().next()?;
    let NoticeNews::Execution { qty, price } = notice.news().ok()? else {
        return None;
    };
    Some(Fill {
        order_no: notice.order_no().ok()?,
        symbol: notice.symbol().ok()?.as_bytes().try_into().ok()?,
        sell: notice.side().ok()? == SideCode::Sell,
        qty,
        price,
    })
}

/// The recipe in the documentation of the crates: key and vector as text, everything in vectors of its own.
fn recipe_fill(message: &[u8], key: &str, iv: &str) -> Option<Fill> {
    let text = str::from_utf8(message).ok()?;
    let parts = text.splitn(4, '|').collect::<Vec<_>>();
    let sealed = STANDARD.decode(parts.get(3)?).ok()?;
    let cipher =
        cbc::Decryptor::<aes::Aes256>::new_from_slices(key.as_bytes(), iv.as_bytes()).ok()?;
    let plain = cipher.decrypt_padded_vec::<Pkcs7>(&sealed).ok()?;
    let plain = String::from_utf8(plain).ok()?;
    let values = plain.split('^').collect::<Vec<_>>();
    if values.len() < 23 || values[12] != "0" || values[13] != "2" {
        return None;
    }
    Some(Fill {
        order_no: values[2].parse().ok()?,
        symbol: values[8].as_bytes().try_into().ok()?,
        sell: values[4] == "01",
        qty: values[9].parse().ok()?,
        price: values[10].parse().ok()?,
    })
}

/// Ten trades in one frame, as they come under load.
fn ten_trades() -> String {
    let values = TRADE.rsplit('|').next().unwrap_or_default();
    format!("0|H0STCNT0|010|{}", [values; 10].join("^"))
}

fn key() -> NoticeKey {
    NoticeKey::new(KEY, IV).expect("the key has the right length")
}

pub(crate) fn time(criterion: &mut Criterion) {
    let mut splitter = Splitter::new();
    let (mut buffer, key) = (Vec::new(), key());
    assert!(lazy_tick(TRADE.as_bytes(), &mut splitter).is_some());
    assert_eq!(
        lazy_tick(TRADE.as_bytes(), &mut splitter),
        split_tick(TRADE.as_bytes())
    );
    assert!(lazy_depth(BOOK.as_bytes(), &mut splitter).is_some());
    assert_eq!(
        lazy_depth(BOOK.as_bytes(), &mut splitter),
        split_depth(BOOK.as_bytes())
    );
    let fill = reused_fill(NOTICE.as_bytes(), &key, &mut buffer, &mut splitter);
    assert!(fill.is_some());
    assert_eq!(fill, recipe_fill(NOTICE.as_bytes(), KEY, IV));

    let mut group = criterion.benchmark_group("wire/kis_trade");
    group.throughput(Throughput::Elements(1));
    group.bench_function("lazy", |bencher| {
        bencher.iter(|| lazy_tick(black_box(TRADE.as_bytes()), &mut splitter));
    });
    group.bench_function("split", |bencher| {
        bencher.iter(|| split_tick(black_box(TRADE.as_bytes())));
    });
    let ten = ten_trades();
    group.throughput(Throughput::Elements(10));
    group.bench_function("lazy_10_in_a_frame", |bencher| {
        bencher.iter(|| lazy_prices(black_box(ten.as_bytes()), &mut splitter));
    });
    group.finish();

    let mut group = criterion.benchmark_group("wire/kis_book");
    group.throughput(Throughput::Elements(1));
    group.bench_function("lazy", |bencher| {
        bencher.iter(|| lazy_depth(black_box(BOOK.as_bytes()), &mut splitter));
    });
    group.bench_function("split", |bencher| {
        bencher.iter(|| split_depth(black_box(BOOK.as_bytes())));
    });
    group.finish();

    let mut group = criterion.benchmark_group("wire/kis_notice");
    group.throughput(Throughput::Elements(1));
    group.bench_function("reused", |bencher| {
        bencher.iter(|| {
            reused_fill(
                black_box(NOTICE.as_bytes()),
                &key,
                &mut buffer,
                &mut splitter,
            )
        });
    });
    group.bench_function("recipe", |bencher| {
        bencher.iter(|| recipe_fill(black_box(NOTICE.as_bytes()), black_box(KEY), black_box(IV)));
    });
    group.finish();
}

/// The prices and quantities of all trades of a frame.
fn lazy_prices(message: &[u8], splitter: &mut Splitter) -> Option<u64> {
    let frame = Frame::parse(message).ok()?;
    let Records::Trades(trades) = splitter.split(&frame).ok()? else {
        return None;
    };
    trades.records().try_fold(0_u64, |sum, trade| {
        let price = trade.price().ok()?.cast_unsigned();
        Some(sum + price * trade.qty().ok()?)
    })
}

/// Both ways in turns, so that a busy machine slows both alike; prints the medians and their ratio.
pub(crate) fn print_ratios() {
    let mut splitter = Splitter::new();
    let (mut buffer, key) = (Vec::new(), key());
    print_ratio(
        "trade",
        || lazy_tick(black_box(TRADE.as_bytes()), &mut splitter).is_some(),
        || split_tick(black_box(TRADE.as_bytes())).is_some(),
    );
    print_ratio(
        "book",
        || lazy_depth(black_box(BOOK.as_bytes()), &mut splitter).is_some(),
        || split_depth(black_box(BOOK.as_bytes())).is_some(),
    );
    print_ratio(
        "notice",
        || {
            reused_fill(
                black_box(NOTICE.as_bytes()),
                &key,
                &mut buffer,
                &mut splitter,
            )
            .is_some()
        },
        || recipe_fill(black_box(NOTICE.as_bytes()), black_box(KEY), black_box(IV)).is_some(),
    );
}

fn print_ratio(what: &str, mut ours: impl FnMut() -> bool, mut theirs: impl FnMut() -> bool) {
    const ROUNDS: usize = 201;
    const CALLS: u32 = 500;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(time_of(CALLS, &mut ours));
        times[1].push(time_of(CALLS, &mut theirs));
    }
    let [ours, theirs] = times.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2].as_nanos()
    });
    // In hundredths, so that no float is needed.
    let per_call = |nanos: u128| nanos / u128::from(CALLS);
    let ratio = theirs * 100 / ours.max(1);
    println!(
        "wire/kis_{what}: {} ns, the obvious way {} ns, {}.{:02} times as long",
        per_call(ours),
        per_call(theirs),
        ratio / 100,
        ratio % 100
    );
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn time_of(calls: u32, call: &mut impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(call());
    }
    start.elapsed()
}
