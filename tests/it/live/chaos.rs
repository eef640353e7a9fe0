//! Random days: answers and fills are lost, streams break, clocks jump, processes end. At the end the dealer's books are
//! the broker's, each command was written once, and each fill was told once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gwanmun::domain::{
    CancelRequest, ExecutionEvent, ModifyRequest, OrderCommand, OrderNo, Qty, Resolution,
};
use gwanmun::orders::desk::Instruction;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::support::{Desk, FakeWire, Play, accepted, account, buy, pass, won};

struct Day {
    desk: Desk,
    random: ChaCha8Rng,
    /// Every order has another quantity, so that the list can tell them apart.
    orders: u64,
    fills: u64,
    told: Vec<ExecutionEvent>,
    stream_up: bool,
}

impl Day {
    fn below(&mut self, bound: u64) -> u64 {
        self.random.next_u64() % bound
    }

    fn play(&mut self) -> Play {
        match self.below(10) {
            0 => Play::Silent,
            1 => Play::Lose,
            2 => Play::Refuse("APBK0918"),
            3 => Play::NoLogin,
            4 => Play::Accept(Duration::from_secs(3)),
            // A code that is on no list: taken or not, nobody knows.
            5 => Play::Refuse("NEW00001"),
            _ => Play::Accept(Duration::from_millis(20)),
        }
    }

    /// The number of an order that lives at the broker.
    fn live_number(&mut self) -> Option<OrderNo> {
        let rows = self.desk.wire.rows.lock().unwrap().clone();
        let live: Vec<OrderNo> = rows
            .iter()
            .filter(|row| !row.remaining.is_zero())
            .map(|row| row.order_no)
            .collect();
        let count = u64::try_from(live.len()).unwrap();
        (count > 0).then(|| live[usize::try_from(self.below(count)).unwrap()])
    }

    async fn step(&mut self) {
        let play = self.play();
        match self.below(12) {
            0..=3 => {
                self.desk.wire.script([play]);
                self.orders += 1;
                let order = buy(self.orders, 70_000);
                if self.desk.dealer.submit(&order).is_err() {
                    // Nothing was written, so the script stands for the next one.
                    self.desk.wire.clear_script();
                }
            }
            4 => {
                let Some(number) = self.live_number() else {
                    return;
                };
                self.desk.wire.script([play]);
                let price = 60_000 + 100 * i64::try_from(self.below(100)).unwrap();
                let modify = ModifyRequest::to_price(account(), number, won(price));
                // The caller gives up after a second.
                let modifying = self.desk.dealer.modify(&modify);
                let _ = tokio::time::timeout(Duration::from_secs(1), modifying).await;
                self.desk.wire.clear_script();
            }
            5 => {
                let Some(number) = self.live_number() else {
                    return;
                };
                self.desk.wire.script([play]);
                let cancel = CancelRequest::all(account(), number);
                let cancelling = self.desk.dealer.cancel(&cancel);
                let _ = tokio::time::timeout(Duration::from_secs(1), cancelling).await;
                self.desk.wire.clear_script();
            }
            6 | 7 => {
                let Some(number) = self.live_number() else {
                    return;
                };
                self.desk.wire.fill(number, 1, 70_000);
                self.fills += 1;
                if self.stream_up && self.below(3) > 0 {
                    self.desk.tell_fill(number, 1, 70_000, self.fills);
                }
            }
            8 => {
                let at = self.desk.clocks.moment().at;
                if self.stream_up {
                    self.desk.dealer.stream_down(account(), at).unwrap();
                } else {
                    self.desk.dealer.stream_up(account()).unwrap();
                }
                self.stream_up = !self.stream_up;
            }
            9 => {
                let seconds = i64::try_from(self.below(200)).unwrap() - 100;
                self.desk.clocks.jump(seconds * 1_000_000_000);
                let fails = u32::try_from(self.below(4)).unwrap();
                self.desk.wire.failing_reads.store(fails, Ordering::Relaxed);
            }
            10 => {
                let late = self.desk.wire.late.lock().unwrap().pop();
                if let Some((late, order_no)) = late {
                    late.answered(accepted(order_no, self.desk.clocks.moment().at));
                }
            }
            _ => {
                if self.below(4) == 0 {
                    self.restart();
                }
            }
        }
    }

    /// The process ends, and another begins.
    fn restart(&mut self) {
        self.told.extend(self.desk.events());
        let (wire, clocks) = (Arc::clone(&self.desk.wire), self.desk.clocks.clone());
        let memory = self.desk.memory.clone();
        // What is dropped with a test's own clock goes at once; answers on their way go with it.
        self.desk.dealer.fail();
        self.desk = Desk::start(wire, clocks, memory, |_| {}).unwrap();
        self.stream_up = true;
        self.desk.dealer.stream_up(account()).unwrap();
    }
}

/// Shares filled at the broker.
fn filled_at(wire: &FakeWire) -> u64 {
    let rows = wire.rows.lock().unwrap();
    rows.iter().map(|row| row.filled.get()).sum()
}

/// Lives through a random day and gives what was told of it.
async fn live_through(seed: u64) -> Vec<ExecutionEvent> {
    let mut day = Day {
        desk: Desk::new().await,
        random: ChaCha8Rng::seed_from_u64(seed),
        orders: 10,
        fills: 0,
        told: Vec::new(),
        stream_up: true,
    };
    for _ in 0..80 {
        day.step().await;
        let ms = 1 + day.below(2_500);
        pass(ms).await;
    }
    day.desk.wire.failing_reads.store(0, Ordering::Relaxed);
    day.desk.dealer.stream_up(account()).unwrap();
    pass(400_000).await;
    day.told.extend(day.desk.events());

    let written = day.desk.wire.writes().clone();
    let places = written
        .iter()
        .filter(|job| job.request.instruction == Instruction::Place)
        .map(|job| job.request.id);
    let places: Vec<_> = places.collect();
    let once: BTreeSet<_> = places.iter().collect();
    assert_eq!(
        places.len(),
        once.len(),
        "seed {seed}: an order was written twice"
    );

    let open = day.desk.dealer.open_orders(account()).unwrap();
    let open: BTreeSet<(OrderNo, Qty)> = open
        .iter()
        .map(|order| {
            let done = order.filled.checked_add(order.cancelled).unwrap();
            (order.order_no, order.qty.checked_sub(done).unwrap())
        })
        .collect();
    let rows = day.desk.wire.rows.lock().unwrap().clone();
    let live = rows
        .iter()
        .filter(|row| !row.remaining.is_zero() && row.command != OrderCommand::Cancel)
        .map(|row| (row.order_no, row.remaining));
    assert_eq!(open, live.collect(), "seed {seed}: other orders are open");

    let told: u64 = day
        .told
        .iter()
        .filter_map(|event| {
            let ExecutionEvent::Filled { fill, .. } = event else {
                return None;
            };
            Some(fill.qty.get())
        })
        .sum();
    assert_eq!(
        told,
        filled_at(&day.desk.wire),
        "seed {seed}: shares filled"
    );

    let stopped = day.desk.dealer.stop().await.unwrap();
    assert_eq!(stopped.undecided, [], "seed {seed}: undecided");
    day.told
}

#[tokio::test(start_paused = true)]
async fn random_days_end_in_the_brokers_books() {
    let mut told = Vec::new();
    for seed in 0..40 {
        told.extend(live_through(seed).await);
    }
    // Days on which nothing happens prove nothing.
    let count = |of: fn(&ExecutionEvent) -> bool| told.iter().filter(|event| of(event)).count();
    let unknown = count(|event| matches!(event, ExecutionEvent::Unknown { .. }));
    let found = count(
        |event| matches!(event, ExecutionEvent::Resolved { resolution, .. } if matches!(resolution, Resolution::Accepted(_))),
    );
    let inferred =
        count(|event| matches!(event, ExecutionEvent::Filled { fill, .. } if fill.inferred));
    let modified = count(|event| matches!(event, ExecutionEvent::Modified { .. }));
    assert!(
        unknown > 200 && found > 100 && inferred > 100 && modified > 50,
        "{unknown} unknown, {found} found, {inferred} inferred fills, {modified} modified"
    );
}

/// Callers of many threads at once: each order is written once and has its outcome.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_at_once_lose_nothing() {
    const CALLERS: u64 = 8;
    const ORDERS: u64 = 100;
    // A busy machine may hold this process up for longer than the desk takes for normal.
    let desk = Desk::with(|setup| setup.desk.clock_jump = Duration::from_secs(3_600)).await;
    *desk.wire.usual.lock().unwrap() = Play::Refuse("APBK0918");
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let dealer = desk.dealer.clone();
            tokio::spawn(async move {
                for order in 0..ORDERS {
                    let order = buy(1 + caller * ORDERS + order, 70_000);
                    let placed = dealer.place(&order).await.unwrap();
                    assert!(placed.refused().is_some());
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let ids: BTreeSet<_> = desk
        .wire
        .writes()
        .iter()
        .map(|job| job.request.id)
        .collect();
    assert_eq!(u64::try_from(ids.len()).unwrap(), CALLERS * ORDERS);
    assert_eq!(
        u64::try_from(desk.wire.writes().len()).unwrap(),
        CALLERS * ORDERS
    );
}
