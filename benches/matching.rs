//! The two order books on the same flows of orders: groups `matching/<flow>/<book>`, time for each command.
//!
//! A slower `ladder` means that a MOCK order, and every simulated day, takes longer; `naive` is the yardstick.
//! Every flow first runs on both books and must give the same fills. After criterion's figures the books are timed in
//! turns, so that a busy machine slows both alike, and the ratio of the medians is printed.
//!
//! `taskset -c 1 cargo bench --bench matching`

#[path = "support/flow.rs"]
mod flow;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput};
use gwanmun::domain::Price;
use gwanmun::sim::book::{Book, Maker};
use gwanmun::sim::ladder::Ladder;
use gwanmun::sim::ladder_book::LadderBook;
use gwanmun::sim::naive::NaiveBook;

use flow::{FLOWS, Flow, Script};

/// Commands of a script.
const COMMANDS: usize = 20_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let scripts: Vec<_> = FLOWS
        .iter()
        .map(|flow| (flow, flow.script(COMMANDS)))
        .collect();
    for (flow, script) in &scripts {
        assert_same_fills(flow, script);
        time_flow(&mut criterion, flow, script);
    }
    time_ladder(&mut criterion);
    criterion.final_summary();
    // `cargo test --benches` only wants to know that it runs.
    if std::env::args().any(|argument| argument == "--bench") {
        print_ratios(&scripts);
    }
}

fn time_flow(criterion: &mut Criterion, flow: &Flow, script: &Script) {
    let mut group = criterion.benchmark_group(format!("matching/{}", flow.name));
    group.throughput(Throughput::Elements(script.len() as u64));
    let naive = script.prepare::<NaiveBook>();
    let ladder = script.prepare::<LadderBook>();
    group.bench_function("naive", |bencher| {
        bencher.iter_batched_ref(
            || naive.clone(),
            |run| script.run(run, |_| {}),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("ladder", |bencher| {
        bencher.iter_batched_ref(
            || ladder.clone(),
            |run| script.run(run, |_| {}),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// Prices to ticks and back, for a band of one segment and one of two.
fn time_ladder(criterion: &mut Criterion) {
    const STOCK: [(i64, i64); 3] = [(20_000, 50), (50_000, 100), (200_000, 500)];
    let mut group = criterion.benchmark_group("ladder");
    for (name, lower, upper) in [
        ("one_segment", 50_400, 93_400),
        ("two_segments", 35_000, 65_000),
    ] {
        let limit = |won| Price::from_won(won).expect("a positive price");
        let ladder = Ladder::new(&STOCK, limit(lower), limit(upper)).expect("limits on the grid");
        let ticks = flow::scattered_ticks(ladder.levels());
        let prices: Vec<_> = ticks
            .iter()
            .filter_map(|tick| ladder.price(*tick))
            .collect();
        group.throughput(Throughput::Elements(ticks.len() as u64));
        group.bench_function(format!("price_to_tick/{name}"), |bencher| {
            bencher.iter(|| {
                for price in &prices {
                    black_box(ladder.tick(black_box(*price)));
                }
            });
        });
        group.bench_function(format!("tick_to_price/{name}"), |bencher| {
            bencher.iter(|| {
                for tick in &ticks {
                    black_box(ladder.price(black_box(*tick)));
                }
            });
        });
    }
    group.finish();
}

fn assert_same_fills(flow: &Flow, script: &Script) {
    let fills_of = |makers: &mut Vec<Maker>, maker| makers.push(maker);
    let (mut naive_fills, mut ladder_fills) = (Vec::new(), Vec::new());
    let mut naive = script.prepare::<NaiveBook>();
    let mut ladder = script.prepare::<LadderBook>();
    let naive_left = script.run(&mut naive, |maker| fills_of(&mut naive_fills, maker));
    let ladder_left = script.run(&mut ladder, |maker| fills_of(&mut ladder_fills, maker));
    assert_eq!(naive_fills, ladder_fills, "{}: fills", flow.name);
    assert_eq!(naive_left, ladder_left, "{}: shares left", flow.name);
    assert_eq!(naive.len(), ladder.len(), "{}: resting orders", flow.name);
}

/// Times both books in turns and prints the medians and their ratio.
fn print_ratios(scripts: &[(&Flow, Script)]) {
    const ROUNDS: usize = 301;
    println!(
        "\n{:<28}{:>12}{:>12}{:>8}",
        "flow, ns a command", "naive", "ladder", "ratio"
    );
    for (flow, script) in scripts {
        let naive = script.prepare::<NaiveBook>();
        let ladder = script.prepare::<LadderBook>();
        let (mut naive_times, mut ladder_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            naive_times.push(time_once(script, naive.clone()));
            ladder_times.push(time_once(script, ladder.clone()));
        }
        let naive = median_tenths(&mut naive_times);
        let ladder = median_tenths(&mut ladder_times);
        let ratio = naive * 100 / ladder;
        println!(
            "{:<28}{:>10}.{}{:>10}.{}{:>5}.{:02}",
            flow.name,
            naive / 10,
            naive % 10,
            ladder / 10,
            ladder % 10,
            ratio / 100,
            ratio % 100,
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn time_once<B: Book>(script: &Script, mut run: flow::Run<B>) -> Duration {
    let start = Instant::now();
    black_box(script.run(&mut run, |_| {}));
    start.elapsed()
}

/// The median in tenths of a nanosecond a command.
fn median_tenths(times: &mut [Duration]) -> u128 {
    times.sort_unstable();
    times[times.len() / 2].as_nanos() * 10 / COMMANDS as u128
}
