//! Runs whole order histories of the desk under swarms of faults, in virtual time, and holds each against what really
//! happened at the model broker.
//!
//! ```text
//! cargo run --release --example desk_simulator -- --seeds 100000 --from 0
//! cargo run --release --example desk_simulator -- --seeds 1 --from 4711 --trace
//! ```
//!
//! A history is a function of its seed. A failing one prints the line that replays it, and ends the run with code 1.
#![expect(clippy::unwrap_used, reason = "a simulation that cannot go on stops")]
#![expect(clippy::print_stdout, reason = "the report is what it is for")]

use std::process::ExitCode;
use std::time::Instant;

#[path = "../tests/support/desk/mod.rs"]
mod desk;

use desk::faults::{Dialect, Faults};
use desk::world::{Flaw, run, run_with};

const USAGE: &str = "desk_simulator [--seeds N] [--from S] [--flaw resend|refused|twice|deaf|greedy] [--calm] [--trace]";

struct Options {
    seeds: u64,
    from: u64,
    flaw: Flaw,
    flaw_name: String,
    /// Without faults.
    calm: bool,
    trace: bool,
}

fn options() -> Option<Options> {
    let mut options = Options {
        seeds: 10_000,
        from: 0,
        flaw: Flaw::None,
        flaw_name: String::new(),
        calm: false,
        trace: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seeds" => options.seeds = arguments.next()?.parse().ok()?,
            "--from" => options.from = arguments.next()?.parse().ok()?,
            "--calm" => options.calm = true,
            "--trace" => options.trace = true,
            "--flaw" => {
                options.flaw_name = arguments.next()?;
                options.flaw = match options.flaw_name.as_str() {
                    "resend" => Flaw::ResendOnTimeout,
                    "refused" => Flaw::UnknownAsRefused,
                    "twice" => Flaw::FillTwice,
                    "deaf" => Flaw::GoesDeaf,
                    "greedy" => Flaw::IgnoresLimiter,
                    _ => return None,
                };
            }
            _ => return None,
        }
    }
    Some(options)
}

fn main() -> ExitCode {
    const SHOWN: u64 = 10;
    let Some(options) = options() else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "only the rate of the run is measured with it"
    )]
    let started = Instant::now();
    let (mut steps, mut unknowns, mut inferred, mut numbers, mut violations) = (0, 0, 0, 0, 0);
    let mut histories = 0_u64;
    for seed in options.from..options.from.saturating_add(options.seeds) {
        let story = if options.calm {
            run_with(seed, Faults::none(Dialect::Numbered), options.flaw)
        } else {
            run(seed, options.flaw, options.trace)
        };
        histories = histories.rotate_left(1) ^ story.fingerprint;
        steps += story.steps;
        unknowns += u64::from(story.unknowns);
        inferred += u64::from(story.inferred);
        numbers += story.orders;
        if let Some(violation) = story.violation {
            violations += 1;
            if violations <= SHOWN {
                let flaw = if options.flaw_name.is_empty() {
                    String::new()
                } else {
                    format!(" --flaw {}", options.flaw_name)
                };
                println!("seed {seed}: {violation}");
                println!(
                    "  replay: cargo run --release --example desk_simulator -- --seeds 1 --from {seed}{flaw} --trace"
                );
            }
        }
    }
    let micros = started.elapsed().as_micros().max(1);
    let per_second = u128::from(options.seeds) * 1_000_000 / micros;
    println!(
        "{} seeds from {}: {violations} violations; {per_second} histories/s; {numbers} order numbers, {steps} steps, \
         {unknowns} unknown outcomes, {inferred} inferred fills, fingerprint {histories:016x}",
        options.seeds, options.from
    );
    if violations == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}
