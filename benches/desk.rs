//! What each stage of the order path costs: a limit order that rests, and its cancel, with more of the path each time.
//!
//! `exchange` is the simulated exchange alone; `mock` puts the gateway, the limiter, the gate and the desk in front of
//! it; `journal` writes every record to a file as well; `open_10000` is the same beside 10,000 open orders. A slower
//! `mock` beside an unchanged `exchange` is the desk or the gate; a `journal` that grows is the system call.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gwanmun::config::MockConfig;
use gwanmun::sim::{Capacity, Command, Exchange, Listing, NoEvents, Tariff, TradingDay};
use gwanmun::{
    BrokerConfig, BrokerGateway, BrokerType, CancelRequest, Gateway, Instrument, InstrumentKind,
    Market, Money, OrderRequest, Price, Qty, Timestamp, TradingCalendar, symbol,
};
use tempfile::TempDir;

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("MOCK answers at once"),
    }
}

fn gateway(journal: Option<&TempDir>) -> Gateway {
    let mut mock = MockConfig::default();
    mock.cash = Money::from_won(10_000_000_000_000).unwrap();
    mock.journal_dir = journal.map(|directory| directory.path().into());
    let config = BrokerConfig::builder(BrokerType::Mock).mock(mock);
    let gateway = Gateway::new(config.build().unwrap()).unwrap();
    ready(gateway.connect()).unwrap();
    gateway
}

/// The lowest price of the day: nothing trades there.
fn resting(gateway: &Gateway, price: i64) -> OrderRequest {
    let account = gateway.accounts()[0].account_id;
    let price = Price::from_won(price).unwrap();
    OrderRequest::limit_buy(account, symbol!("005930"), Qty::new(1), price)
}

fn exchange(request: &OrderRequest) -> (Exchange, Timestamp) {
    let date = MockConfig::DEFAULT_DATE;
    let day = TradingDay::of_krx(TradingCalendar::builtin(), date).unwrap();
    let mut exchange = Exchange::new(Capacity::default());
    let instrument = Instrument::new(
        request.symbol,
        "bench",
        Market::Kospi,
        InstrumentKind::Stock,
    )
    .unwrap();
    let base = Price::from_won(71_000).unwrap();
    let (account, tariff) = (request.account, Tariff::FREE);
    let amount = Money::from_won(10_000_000_000).unwrap();
    for command in [
        Command::List(Listing { instrument, base }),
        Command::OpenAccount { account, tariff },
        Command::Deposit { account, amount },
        Command::OpenDay(day),
    ] {
        let outcome = exchange.apply(&command, day.opens(), &mut NoEvents);
        assert!(outcome.refused().is_none(), "{outcome:?}");
    }
    (exchange, day.opens())
}

fn submit_and_cancel(gateway: &Gateway, request: &OrderRequest) {
    let id = gateway.submit_order(black_box(request)).unwrap();
    let cancel = CancelRequest::all(request.account, id);
    let cancelled = ready(gateway.cancel_order(&cancel)).unwrap();
    assert!(cancelled.accepted().is_some());
}

fn stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("desk/submit_and_cancel");
    group.throughput(Throughput::Elements(1));

    let plain = gateway(None);
    let request = resting(&plain, 49_700);
    let (mut exchange, now) = exchange(&request);
    group.bench_function("exchange", |b| {
        b.iter(|| {
            let placed = exchange.apply(&Command::Place(request), now, &mut NoEvents);
            let id = placed.accepted().unwrap().id;
            let cancel = Command::Cancel(CancelRequest::all(request.account, id));
            black_box(exchange.apply(&cancel, now, &mut NoEvents))
        });
    });
    group.bench_function("mock", |b| {
        b.iter(|| submit_and_cancel(&plain, &request));
    });

    let directory = TempDir::new().unwrap();
    let journaled = gateway(Some(&directory));
    group.bench_function("journal", |b| {
        b.iter(|| submit_and_cancel(&journaled, &request));
    });

    let crowded = gateway(None);
    for place in 0..9_999 {
        let price = 49_700 + 100 * (place % 150);
        crowded.submit_order(&resting(&crowded, price)).unwrap();
    }
    group.bench_function("open_10000", |b| {
        b.iter(|| submit_and_cancel(&crowded, &request));
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
