//! Allocations on the order path: none in steady state. A binary of its own, because it counts every allocation of its
//! process; one test, because the count is shared.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gwanmun::{
    BrokerConfig, BrokerGateway, CancelRequest, ExecutionEvent, Gateway, ModifyRequest,
    OrderRequest, Qty, Topic, TryRecvError, Venue, symbol,
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
fn the_order_path_does_not_allocate() {
    // The counter counts.
    assert_eq!(
        allocations_of(|| drop(std::hint::black_box(Box::new(1)))),
        1
    );

    let gateway = Gateway::new(BrokerConfig::mock()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(gateway.connect()).unwrap();
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

    let mut fills = 0_u64;
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
    const WARM_UP: usize = 50;
    const ROUNDS: usize = 400;
    (0..WARM_UP).for_each(|_| round());
    let spent = allocations_of(|| (0..ROUNDS).for_each(|_| round()));
    assert_eq!(
        spent, 0,
        "allocations in {ROUNDS} rounds of 5 order commands"
    );
    assert!(
        fills as usize > WARM_UP + ROUNDS,
        "the rounds traded only {fills} times"
    );
}
