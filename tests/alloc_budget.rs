//! Allocations on the order path: none in steady state. A binary of its own, because it replaces the allocator; each test
//! counts those of its own thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gwanmun::sim::book::Book;
use gwanmun::sim::ladder_book::LadderBook;
use gwanmun::{
    BrokerConfig, BrokerGateway, BrokerType, CancelRequest, ExecutionEvent, Gateway, MockConfig,
    ModifyRequest, OrderRequest, Qty, Side, Topic, TryRecvError, Venue, symbol,
};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// The one way to see allocations is to be the allocator; every call is handed on to the system's.
#[allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations_of(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.with(Cell::get);
    work();
    ALLOCATIONS.with(Cell::get) - before
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("MOCK answers at once"),
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(
        allocations_of(|| drop(std::hint::black_box(Box::new(1)))),
        1
    );
}

/// Orders rest, shrink, trade and are cancelled on both sides of the fast book, once its store has grown to its size.
#[test]
fn the_fast_book_does_not_allocate() {
    const LEVELS: u32 = 430;
    const RESTING: usize = 500;
    let mut book = LadderBook::new(LEVELS);
    let mut handles = VecDeque::with_capacity(RESTING + 1);
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        // xorshift64: any spread will do here.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut taken = 0;
    let mut command = |key: u32| {
        let side = if random(2) == 0 {
            Side::Buy
        } else {
            Side::Sell
        };
        let level = u32::try_from(random(u64::from(LEVELS / 2))).unwrap();
        let tick = if side == Side::Buy {
            level
        } else {
            LEVELS - 1 - level
        };
        handles.push_back(book.rest(side, tick, random(50) == 0, Qty::new(1 + random(100)), key));
        if handles.len() > RESTING {
            let oldest = handles.pop_front().unwrap();
            book.reduce(oldest, Qty::new(1 + random(100)));
            book.reduce(oldest, Qty::new(u64::MAX));
        }
        let worst = if side == Side::Buy { LEVELS - 1 } else { 0 };
        if book.available(side, worst, Qty::new(10)) == Qty::new(10) {
            book.take(side, worst, Qty::new(1 + random(60)), |_| taken += 1);
        }
    };
    (0..10_000).for_each(&mut command);
    assert_eq!(allocations_of(|| (0..100_000).for_each(&mut command)), 0);
    assert!(taken > 100_000, "only {taken} makers met a taker");
}

#[test]
fn the_order_path_does_not_allocate() {
    // A short history, so that ended orders are forgotten all the time.
    let mut mock = MockConfig::default();
    mock.history = 1_000;
    check_order_path(mock);
}

/// Desk, gate, limiter and journal together.
#[test]
fn the_journaled_order_path_does_not_allocate() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut mock = MockConfig::default();
    mock.history = 1_000;
    mock.journal_dir = Some(directory.path().into());
    check_order_path(mock);
    let files = std::fs::read_dir(directory.path().join("account-1")).unwrap();
    assert_eq!(files.count(), 2, "a journal and its lock");
}

#[expect(clippy::unwrap_used, reason = "a part of tests")]
fn check_order_path(mock: MockConfig) {
    // The highest limit that there is. Time stands still, and is moved on between the rounds.
    const RATE_LIMIT: u32 = 1_000;
    const PAUSE: Duration = Duration::from_millis(10);
    let config = BrokerConfig::builder(BrokerType::Mock)
        .mock(mock)
        .rate_limit(RATE_LIMIT)
        .build()
        .unwrap();
    let gateway = Gateway::new(config).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let entered = runtime.enter();
    ready(gateway.connect()).unwrap();
    let account = gateway.accounts()[0].account_id;
    let symbol = symbol!("005930");
    ready(gateway.subscribe(&[
        Topic::Book {
            symbol,
            venue: Venue::Krx,
        },
        Topic::Trades {
            symbol,
            venue: Venue::Krx,
        },
    ]))
    .unwrap();
    let mut executions = gateway.executions();
    let mut market_data = gateway.market_data();
    let quote = ready(gateway.quote(symbol, Venue::Krx)).unwrap();
    let (low, ask) = (quote.lower_limit.unwrap(), quote.ask.unwrap().price);
    let resting = OrderRequest::limit_buy(account, symbol, Qty::new(1), low);
    let dearer = gwanmun::Price::from_won(low.won() + 100).unwrap();
    let taking = OrderRequest::limit_buy(account, symbol, Qty::new(1), ask);
    let giving = OrderRequest::market_sell(account, symbol, Qty::new(1));

    let mut fills = 0_usize;
    let mut round = || {
        // Rests, gets another price, is cancelled.
        let placed = ready(gateway.place_order(&resting)).unwrap();
        let id = placed.accepted().unwrap().id;
        let modified =
            ready(gateway.modify_order(&ModifyRequest::to_price(account, id, dearer))).unwrap();
        assert!(modified.accepted().is_some());
        let cancelled = ready(gateway.cancel_order(&CancelRequest::all(account, id))).unwrap();
        assert!(cancelled.accepted().is_some());
        // Trades at once, there and back.
        gateway.submit_order(&taking).unwrap();
        gateway.submit_order(&giving).unwrap();
        loop {
            match executions.try_recv() {
                Ok(ExecutionEvent::Filled { .. }) => fills += 1,
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error, TryRecvError::Empty);
                    break;
                }
            }
        }
        while market_data.try_recv().is_ok() {}
    };

    // Queues, stores and history reach their size.
    const WARM_UP: usize = 600;
    const ROUNDS: usize = 400;
    drop(entered);
    let mut spent = 0;
    runtime.block_on(async {
        for number in 0..WARM_UP + ROUNDS {
            let allocations = allocations_of(&mut round);
            if number >= WARM_UP {
                spent += allocations;
            }
            assert!(gateway.rate_limiter().usage_ratio() > 0.0);
            tokio::time::advance(PAUSE).await;
        }
    });
    assert_eq!(
        spent, 0,
        "allocations in {ROUNDS} rounds of 5 order commands"
    );
    assert!(
        fills > WARM_UP + ROUNDS,
        "the rounds traded only {fills} times"
    );
}

/// The market moves by itself: paths, the house's quotes, its trades, the candles, and the events of a subscriber.
#[test]
fn a_moving_market_does_not_allocate() {
    use gwanmun::BrokerType;
    use gwanmun::config::{MarketSource, MockConfig};

    for market in [MarketSource::Gbm, MarketSource::Replay] {
        let mut settings = MockConfig::default();
        settings.market = market;
        let config = BrokerConfig::builder(BrokerType::Mock).mock(settings);
        let gateway = Gateway::new(config.build().unwrap()).unwrap();
        ready(gateway.connect()).unwrap();
        let (symbol, venue) = (symbol!("005930"), Venue::Krx);
        let topics = [
            Topic::Trades { symbol, venue },
            Topic::Book { symbol, venue },
        ];
        ready(gateway.subscribe(&topics)).unwrap();
        let events = gateway.market_data();
        let mock = gateway.as_mock().unwrap();
        mock.advance(Duration::from_secs(60));
        let allocations = allocations_of(|| mock.advance(Duration::from_secs(3_600)));
        assert_eq!(allocations, 0, "{market}");
        assert!(events.len() > 500, "{market}: the market stood still");
    }
}

#[cfg(feature = "network")]
mod live {
    //! A live broker's order, from the caller's thread: the writers have one of their own.

    use std::sync::Arc;

    use gwanmun::broker::live::{
        Dealer, DiskJournals, Executions, Issue, Issues, Journals, LateAnswer, ListJob, ListRead,
        OrderWire, Reply, Runtime, Setup, WriteJob, Written,
    };
    use gwanmun::domain::{
        BrokerCode, BrokerType, ExecutionEvent, Instrument, InstrumentKind, Market, OrderRequest,
        Price, Qty, RefusalReason,
    };
    use gwanmun::limiter::RateLimiter;
    use gwanmun::orders::desk::{Answer, ClosedList, Row};
    use gwanmun::symbol;

    use super::allocations_of;

    /// Says no to everything, at once.
    struct Refusing;

    impl OrderWire for Refusing {
        fn refusals(&self) -> ClosedList {
            ClosedList(&[("NO", RefusalReason::Other)])
        }

        async fn write(&self, _job: &WriteJob, _late: LateAnswer) -> Reply {
            Written::Answered(Answer::Code {
                code: BrokerCode::new("NO"),
                message: None,
            })
            .into()
        }

        async fn read_list(
            &self,
            _job: &mut ListJob,
            _rows: &mut Vec<Row>,
        ) -> gwanmun::Result<ListRead> {
            Ok(ListRead { all_venues: true })
        }
    }

    #[test]
    fn a_live_order_does_not_allocate_on_the_callers_thread() {
        let directory = tempfile::tempdir().unwrap();
        let name = "alloc".parse().unwrap();
        let journals = Journals::Disk(DiskJournals::new(directory.path(), name, BrokerType::Kis));
        let account = "1234567801".parse().unwrap();
        let executions = Executions::new(64);
        let mut events = executions.subscribe();
        let limiter = Arc::new(RateLimiter::per_second(1_000_000));
        let mut setup = Setup::new(
            BrokerType::Kis,
            vec![account],
            journals,
            executions,
            limiter,
        );
        setup.desk.reconcile_first = false;
        // A busy machine may hold this process up for longer than the desk takes for normal.
        setup.desk.clock_jump = std::time::Duration::from_secs(3_600);
        let morning = "2026-11-24T10:00:00+09:00".parse().unwrap();
        setup.clocks = gwanmun::broker::live::Clocks::simulated(morning);
        let runtime = Runtime::own_thread("gwanmun-alloc").unwrap();
        let dealer = Dealer::start(setup, Arc::new(Refusing), &runtime).unwrap();
        let samsung = symbol!("005930");
        let instrument =
            Instrument::new(samsung, "삼성전자", Market::Kospi, InstrumentKind::Stock).unwrap();
        let base = Price::from_won(70_000).unwrap();
        let band = instrument.price_band(base, morning.kst_date()).unwrap();
        let issue = Issue {
            instrument,
            base,
            band,
        };
        let issues = Issues::new(morning.kst_date(), [issue]).unwrap();
        dealer.set_issues(&issues).unwrap();
        let order = OrderRequest::limit_buy(account, samsung, Qty::new(1), base);
        let mut submit = || {
            let mut submitted = None;
            let allocations = allocations_of(|| submitted = Some(dealer.submit(&order)));
            let id = submitted.unwrap().unwrap();
            let told = futures::executor::block_on(events.recv()).unwrap();
            assert!(matches!(told, ExecutionEvent::Refused { .. }) && told.id() == Some(id));
            allocations
        };
        for _ in 0..100 {
            submit();
        }
        let allocations: u64 = (0..1_000).map(|_| submit()).sum();
        assert_eq!(allocations, 0);
    }
}

/// Trades, books and notices from message to values, once the buffers have their size.
#[cfg(feature = "kis")]
#[test]
fn reading_the_stream_of_kis_does_not_allocate() {
    use gwanmun::wire::kis::realtime::{Frame, NoticeKey, Records, Splitter};

    let fixture = |name: &str| -> serde_json::Value {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kis/ws");
        let text = std::fs::read_to_string(folder.join(name).with_extension("json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let message = |example: &serde_json::Value, at: usize| {
        let text = example["frames"][at].as_str().unwrap();
        text.as_bytes().to_vec()
    };
    let notices = fixture("H0STCNI0_receipt_and_fill_real_layout");
    let secret = |name: &str| notices["aes"][name].as_str().unwrap().to_owned();
    let key = NoticeKey::new(&secret("key"), &secret("iv")).unwrap();
    let messages = [
        message(&fixture("H0STCNT0_multi_003"), 0),
        message(&fixture("H0STASP0_62_fields"), 0),
        message(&notices, 2),
    ];
    let (mut splitter, mut buffer, mut read) = (Splitter::new(), Vec::new(), 0_u64);
    let mut read_all = || {
        for message in &messages {
            let mut frame = Frame::parse(message).unwrap();
            if frame.is_encrypted() {
                frame = key.open(&frame, &mut buffer).unwrap();
            }
            match splitter.split(&frame).unwrap() {
                Records::Trades(table) => table.records().for_each(|trade| {
                    assert_eq!(trade.symbol(), Ok("000400"));
                    read += trade.qty().unwrap();
                }),
                Records::Books(table) => table.records().for_each(|book| {
                    read += book.asks().unwrap()[9].qty + book.bids().unwrap()[9].qty;
                }),
                Records::Notices(table) => table.records().for_each(|notice| {
                    assert!(notice.news().is_ok());
                    read += notice.order_no().unwrap();
                }),
                other @ (Records::Expected(_)
                | Records::OvertimeTrades(_)
                | Records::OvertimeBooks(_)
                | Records::Statuses(_)
                | Records::Indices(_)) => panic!("{other:?}"),
            }
        }
    };
    read_all();
    assert_eq!(allocations_of(|| (0..100).for_each(|_| read_all())), 0);
    // 3418 + 1873 + 3, 279 + 1527, 18424200; 101 times.
    assert_eq!(read, 101 * (5_294 + 1_806 + 18_424_200));
}
