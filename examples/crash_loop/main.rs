//! Kills a process that trades, over and over, and looks whether an order is lost or sent twice.
//!
//! ```text
//! cargo run --release --example crash_loop -- --rounds 500
//! cargo run --release --example crash_loop -- --rounds 20 --flaw forget     # must fail: the child throws its journal away
//! ```
//!
//! The exchange lives here. A child process runs the order desk over a journal in a file and sends its orders through
//! pipes. It dies by SIGKILL: at a random moment, or at a failpoint that the environment variable `GWANMUN_CRASH_AT`
//! names (`write-half:3` is the third time that half a request is written). The next child finds the journal, and what
//! it then says of its orders is held against the exchange's own book.
//!
//! Time is virtual and goes on from child to child, so that a minute of looking for an order takes no time. A round is a
//! life of a child; after some rounds a new trading day begins with an empty journal.
#![expect(clippy::unwrap_used, reason = "a loop that cannot go on stops")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the report is what it is for"
)]

mod child;
mod exchange;
mod rng;
mod wire;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use exchange::Exchange;
use rng::Rng;
use wire::Request;

const USAGE: &str = "crash_loop [--rounds N] [--seed S] [--flaw forget]";
/// Lives of a trading day.
const DAY: u32 = 25;

#[derive(Debug)]
struct Options {
    rounds: u32,
    seed: u64,
    forgets: bool,
}

fn options() -> Option<Options> {
    let mut options = Options {
        rounds: 100,
        seed: 1,
        forgets: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => options.rounds = arguments.next()?.parse().ok()?,
            "--seed" => options.seed = arguments.next()?.parse().ok()?,
            "--flaw" if arguments.next()? == "forget" => options.forgets = true,
            _ => return None,
        }
    }
    Some(options)
}

/// How a life is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// By itself.
    Orderly,
    /// After so many microseconds.
    After(u64),
    /// The n-th time that it comes to a failpoint.
    At(&'static str, u64),
}

/// What came of all rounds.
#[derive(Debug, Default)]
struct Tally {
    lives: u32,
    kills: BTreeMap<&'static str, u32>,
    orders: usize,
    reports: u32,
    duplicates: u32,
    unexplained: u32,
    unresolved: u32,
    absent: u32,
    broken: u32,
}

fn main() -> ExitCode {
    if child::is_child() {
        child::run();
        return ExitCode::SUCCESS;
    }
    let Some(options) = options() else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "only the length of the run is measured with it"
    )]
    let started = Instant::now();
    let mut rng = Rng::new(options.seed);
    let mut tally = Tally::default();
    let mut round = 0;
    while round < options.rounds {
        let lives = DAY.min(options.rounds - round);
        trade_a_day(lives, &options, &mut rng, &mut tally);
        round += lives;
    }
    report(&options, &tally, started.elapsed());
    if tally.duplicates + tally.unexplained + tally.broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn report(options: &Options, tally: &Tally, took: Duration) {
    println!(
        "{} rounds from seed {} in {:.1?}: {} lives, {} orders at the exchange, {} reports held against it",
        options.rounds, options.seed, took, tally.lives, tally.orders, tally.reports
    );
    let kills: u32 = tally.kills.values().sum();
    println!("{kills} kills");
    for (place, count) in &tally.kills {
        println!("  {count:>6} {place}");
    }
    println!(
        "{} commands absent, {} unresolved",
        tally.absent, tally.unresolved
    );
    println!(
        "{} duplicates, {} unexplained, {} children that ended otherwise",
        tally.duplicates, tally.unexplained, tally.broken
    );
}

/// Some lives that end early, and one that explains what they left.
fn trade_a_day(lives: u32, options: &Options, rng: &mut Rng, tally: &mut Tally) {
    let folder = tempfile::tempdir().unwrap();
    let mut exchange = Exchange::new(rng.next());
    for _ in 0..lives {
        let end = match rng.below(4) {
            0 => End::After(rng.below(9_000)),
            _ => {
                let place = rng.below(child::FAILPOINTS.len() as u64);
                let place = child::FAILPOINTS[usize::try_from(place).unwrap()];
                End::At(place, 1 + rng.below(6))
            }
        };
        live(folder.path(), end, options.forgets, &mut exchange, tally);
    }
    let reports = tally.reports;
    live(
        folder.path(),
        End::Orderly,
        options.forgets,
        &mut exchange,
        tally,
    );
    if tally.reports == reports {
        // A day without a last word explains nothing.
        tally.unexplained += 1;
    }
    tally.orders += exchange.orders();
    tally.duplicates += exchange.duplicates;
}

/// A child from its start to its end.
fn live(folder: &Path, end: End, forgets: bool, exchange: &mut Exchange, tally: &mut Tally) {
    if forgets {
        for entry in std::fs::read_dir(folder).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env(child::FOLDER, folder)
        .env(child::NOW, exchange.now.to_string())
        .env(child::SEED, exchange.seed().to_string())
        .env_remove(child::CRASH_AT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let End::At(place, count) = end {
        command.env(child::CRASH_AT, format!("{place}:{count}"));
    }
    let mut child = command.spawn().unwrap();
    let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let stderr = child.stderr.take().unwrap();
    let child = Arc::new(Mutex::new(child));
    let watch = watch(stderr, Arc::clone(&child));
    let killer = match end {
        End::After(micros) => Some(kill_after(micros, Arc::clone(&child))),
        End::Orderly | End::At(..) => None,
    };
    serve(input, output, exchange, tally);
    let killed_there = watch.join().unwrap();
    let killed_then = killer.is_some_and(|killer| killer.join().unwrap());
    let status = child.lock().unwrap().wait().unwrap();
    tally.lives += 1;
    match end {
        End::At(place, _) if killed_there => *tally.kills.entry(place).or_default() += 1,
        End::After(_) if killed_then && !status.success() => {
            *tally.kills.entry("at a random moment").or_default() += 1;
        }
        End::Orderly | End::After(_) | End::At(..) if status.success() => {}
        End::Orderly | End::After(_) | End::At(..) => {
            tally.broken += 1;
            eprintln!("a child ended with {status}, and nobody had killed it");
        }
    }
}

/// Kills the child when it says that it stands at its failpoint. Whether it did; anything else it says is shown.
fn watch(stderr: impl Read + Send + 'static, child: Arc<Mutex<Child>>) -> JoinHandle<bool> {
    std::thread::spawn(move || {
        let mut killed = false;
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if line == child::AT_FAILPOINT {
                child.lock().unwrap().kill().unwrap();
                killed = true;
            } else {
                eprintln!("{line}");
            }
        }
        killed
    })
}

fn kill_after(micros: u64, child: Arc<Mutex<Child>>) -> JoinHandle<bool> {
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_micros(micros));
        child.lock().unwrap().kill().is_ok()
    })
}

/// Answers the child until its end. What it had written before it died still arrives.
fn serve(mut input: ChildStdin, output: ChildStdout, exchange: &mut Exchange, tally: &mut Tally) {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    loop {
        line.clear();
        // A request without its end has not arrived.
        if output.read_line(&mut line).unwrap_or(0) == 0 || !line.ends_with('\n') {
            return;
        }
        let Some(request) = Request::parse(line.trim_end()) else {
            eprintln!("not understood: {line}");
            tally.broken += 1;
            return;
        };
        let answer = match request {
            Request::Report(report) => {
                tally.reports += 1;
                tally.unresolved += report.unresolved;
                tally.absent += report.absent;
                let mistakes = exchange.hold_against(&report);
                for mistake in &mistakes {
                    eprintln!("{mistake}");
                }
                tally.unexplained += u32::try_from(mistakes.len()).unwrap();
                continue;
            }
            Request::List { at } => exchange.list(at),
            Request::Write(write) => exchange.take(&write),
        };
        // The child may be dead by now, which is what this is about.
        let _ = input.write_all(answer.as_bytes());
    }
}
