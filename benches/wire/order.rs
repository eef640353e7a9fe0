//! What an order of KIS costs on its way to bytes, and its answer on the way back.
//!
//! A slower `order_body/template` is time between the decision to trade and the write; a slower `order_answer` is time until
//! the strategy knows its order number. Both must give what serde gives before either is timed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use gwanmun::wire::kis::codes::{Exchange, OrdDvsn};
use gwanmun::wire::kis::rest::order::OrderAnswer;
use gwanmun::wire::kis::rest::order_body::{CashOrder, Code, OrderAccount};

/// Calls that are timed together when two ways are compared.
const BATCH: u32 = 20_000;
/// Comparisons, of which the median counts.
const ROUNDS: usize = 31;

const ANSWER: &str = r#"{"rt_cd":"0","msg_cd":"APBK0013","msg1":"주문 전송 완료 되었습니다.                                                      ","output":{"KRX_FWDG_ORD_ORGNO":"91252","ODNO":"0000117057","ORD_TMD":"121052","SOR_ODNO":""}}"#;

fn order() -> CashOrder {
    CashOrder {
        account: OrderAccount {
            cano: Code::new("12345678").expect("digits"),
            acnt_prdt_cd: Code::new("01").expect("digits"),
        },
        pdno: Code::new("005930").expect("digits"),
        ord_dvsn: OrdDvsn::Limit,
        ord_qty: 10,
        ord_unpr: 66_000,
        excg_id_dvsn_cd: Exchange::Krx,
        sll_type: None,
        cndt_pric: None,
    }
}

/// As the order path does it: numbers to bytes in a buffer that is there.
fn template(order: &CashOrder, body: &mut Vec<u8>) {
    body.clear();
    order.write(body);
}

/// The obvious way: a record of strings, through serde, into the same buffer.
fn serde(order: &CashOrder, body: &mut Vec<u8>) {
    body.clear();
    serde_json::to_writer(body, &order.record()).expect("strings");
}

pub(super) fn time(criterion: &mut Criterion) {
    let order = order();
    let (mut one, mut other) = (Vec::with_capacity(1024), Vec::with_capacity(1024));
    template(&order, &mut one);
    serde(&order, &mut other);
    assert_eq!(one, other);

    let mut group = criterion.benchmark_group("wire/order_body");
    group.throughput(Throughput::Elements(1));
    group.bench_function("template", |bencher| {
        bencher.iter(|| template(black_box(&order), black_box(&mut one)));
    });
    group.bench_function("serde", |bencher| {
        bencher.iter(|| serde(black_box(&order), black_box(&mut other)));
    });
    group.finish();

    let answer = serde_json::from_str::<OrderAnswer<'_>>(ANSWER).expect("an answer");
    assert_eq!(answer.output.0.expect("a receipt").odno, "0000117057");
    let mut group = criterion.benchmark_group("wire/order_answer");
    group.throughput(Throughput::Elements(1));
    group.bench_function("record", |bencher| {
        bencher.iter(|| {
            serde_json::from_str::<OrderAnswer<'_>>(black_box(ANSWER)).expect("an answer")
        });
    });
    group.bench_function("value", |bencher| {
        bencher.iter(|| {
            serde_json::from_str::<serde_json::Value>(black_box(ANSWER)).expect("an answer")
        });
    });
    group.finish();
}

/// Alternates the two ways, so that what else the machine does meets both.
pub(super) fn print_ratios() {
    let order = order();
    let mut body = Vec::with_capacity(1024);
    let mut ratios = Vec::with_capacity(ROUNDS);
    let mut nanoseconds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let ours = timed(|| template(black_box(&order), black_box(&mut body)));
        let theirs = timed(|| serde(black_box(&order), black_box(&mut body)));
        ratios.push(theirs.as_nanos() * 100 / ours.as_nanos().max(1));
        nanoseconds.push(ours.as_nanos() / u128::from(BATCH));
    }
    ratios.sort_unstable();
    nanoseconds.sort_unstable();
    let ratio = ratios[ROUNDS / 2];
    println!(
        "order body: {} ns by template; serde takes {}.{:02} times as long",
        nanoseconds[ROUNDS / 2],
        ratio / 100,
        ratio % 100
    );
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn timed(mut step: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..BATCH {
        step();
    }
    start.elapsed()
}
