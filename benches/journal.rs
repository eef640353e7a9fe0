//! What it costs to write an order down before it is sent.
//!
//! A slower `process_crash` delays every order by as much; a slower `power_loss` shows the disk, not the code. The
//! percentiles are of single appends, a clock read of some 20 ns included; the means are of whole runs.
//!
//! Files are made in the directory that `GWANMUN_BENCH_DIRECTORY` names, else in the system's for scratch: a memory
//! file system there makes `power_loss` free, and says nothing about a disk.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gwanmun::domain::{BrokerType, ClientOrderId, OrderRequest, Price, Qty, Timestamp};
use gwanmun::orders::journal::{
    AccountMark, Durability, Journal, JournalOptions, JournalRecord, OrderIntent, RECORD_LEN,
};
use gwanmun::symbol;
use hdrhistogram::Histogram;
use tempfile::TempDir;

const DURABILITIES: [(&str, Durability, u64); 2] = [
    ("process_crash", Durability::ProcessCrash, 100_000),
    ("power_loss", Durability::PowerLoss, 1_000),
];

/// A new journal with room for `RUN_MAX` records, and its directory, which goes when it is dropped.
struct Scratch {
    journal: Journal,
    _directory: TempDir,
}

/// The most records between two files, so that a long bench does not fill the disk.
const RUN_MAX: u64 = 100_000;

impl Scratch {
    fn new(durability: Durability) -> Self {
        let directory = match std::env::var_os("GWANMUN_BENCH_DIRECTORY") {
            Some(parent) => TempDir::new_in(parent),
            None => TempDir::new(),
        }
        .unwrap();
        let mut options = JournalOptions::new(
            directory.path(),
            "bench".parse().unwrap(),
            BrokerType::Mock,
            jiff::civil::date(2026, 11, 24),
        );
        options.durability = durability;
        let (journal, _) = Journal::open(&options, Timestamp::EPOCH).unwrap();
        Self {
            journal,
            _directory: directory,
        }
    }

    fn append(&mut self, n: u64, intent: &OrderIntent) {
        let at = Timestamp::from_nanos(n.cast_signed());
        let record = JournalRecord::Intent(*intent);
        black_box(self.journal.append(at, black_box(record)).unwrap());
    }
}

fn intent() -> OrderIntent {
    let account = "12345678-01".parse().unwrap();
    let price = Price::from_won(71_000).unwrap();
    let request = OrderRequest::limit_buy(account, symbol!("005930"), Qty::new(10), price)
        .with_id(ClientOrderId::new(7));
    OrderIntent::new(&request, AccountMark::new(0, &account), 42)
}

fn append(criterion: &mut Criterion) {
    let intent = intent();
    let mut group = criterion.benchmark_group("journal/append");
    group.throughput(Throughput::Bytes(RECORD_LEN as u64));
    for (name, durability, samples) in DURABILITIES {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|iterations| {
                let mut left = iterations;
                let mut spent = Duration::ZERO;
                while left > 0 {
                    let run = left.min(RUN_MAX);
                    let mut scratch = Scratch::new(durability);
                    let started = Instant::now();
                    (0..run).for_each(|n| scratch.append(n, &intent));
                    spent += started.elapsed();
                    left -= run;
                }
                spent
            });
        });
        print_percentiles(name, durability, samples, &intent);
    }
    group.finish();
}

fn print_percentiles(name: &str, durability: Durability, samples: u64, intent: &OrderIntent) {
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    let mut scratch = Scratch::new(durability);
    for n in 0..samples {
        let started = Instant::now();
        scratch.append(n, intent);
        let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap();
        histogram.record(nanos).unwrap();
    }
    println!(
        "journal/append/{name}: p50 {} p99 {} p99.9 {} worst {} ns, of {samples}",
        histogram.value_at_quantile(0.5),
        histogram.value_at_quantile(0.99),
        histogram.value_at_quantile(0.999),
        histogram.max()
    );
}

criterion_group!(benches, append);
criterion_main!(benches);
