//! Instructions per call, counted by callgrind: exact, whatever else the machine does.
//!
//! Each case runs in a child under valgrind twice, with few and with many calls; the difference of the two totals is the
//! cost of the calls alone. A larger ratio means that dispatch itself got dearer.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

#[path = "support/mod.rs"]
mod support;

use std::hint::black_box;
use std::process::{Command, ExitCode};

use gwanmun::{
    BrokerGateway, BrokerType, CancelRequest, Gateway, Mock, OrderRequest, OrderResult, Result,
};
use support::{BoxedGateway, HandMatched};

const CALLS_FEW: u64 = 1_000;
const CALLS_MANY: u64 = 6_000;

/// A case: its group, its name, and what it runs that many times.
struct Case {
    group: &'static str,
    name: &'static str,
    run: fn(u64),
}

/// The first case of a group is what the others are compared with.
const CASES: &[Case] = &[
    Case {
        group: SUBMIT,
        name: "direct",
        run: submit_direct,
    },
    Case {
        group: SUBMIT,
        name: "Gateway::Mock",
        run: |calls| submit_enum(calls, BrokerType::Mock),
    },
    Case {
        group: SUBMIT,
        name: "Gateway::Kis",
        run: |calls| submit_enum(calls, BrokerType::Kis),
    },
    Case {
        group: SUBMIT,
        name: "Gateway::Creon",
        run: |calls| submit_enum(calls, BrokerType::Creon),
    },
    Case {
        group: SUBMIT,
        name: "Gateway::Kiwoom",
        run: |calls| submit_enum(calls, BrokerType::Kiwoom),
    },
    Case {
        group: SUBMIT,
        name: "hand match",
        run: submit_hand,
    },
    Case {
        group: SUBMIT,
        name: "Box<dyn>",
        run: submit_boxed,
    },
    Case {
        group: PLACE,
        name: "direct",
        run: place_direct,
    },
    Case {
        group: PLACE,
        name: "Gateway::Mock",
        run: |calls| place_enum(calls, BrokerType::Mock),
    },
    Case {
        group: PLACE,
        name: "Gateway::Kis",
        run: |calls| place_enum(calls, BrokerType::Kis),
    },
    Case {
        group: PLACE,
        name: "Gateway::Creon",
        run: |calls| place_enum(calls, BrokerType::Creon),
    },
    Case {
        group: PLACE,
        name: "Gateway::Kiwoom",
        run: |calls| place_enum(calls, BrokerType::Kiwoom),
    },
    Case {
        group: PLACE,
        name: "hand match",
        run: place_hand,
    },
    Case {
        group: PLACE,
        name: "Box<dyn>",
        run: place_boxed,
    },
    Case {
        group: SUBMIT_WHOLE,
        name: "direct",
        run: submit_whole_direct,
    },
    Case {
        group: SUBMIT_WHOLE,
        name: "Gateway::Mock",
        run: submit_whole_enum,
    },
    Case {
        group: PLACE_WHOLE,
        name: "direct",
        run: place_whole_direct,
    },
    Case {
        group: PLACE_WHOLE,
        name: "Gateway::Mock",
        run: place_whole_enum,
    },
];

const SUBMIT: &str = "submit_order, turned away";
const PLACE: &str = "place_order, turned away";
const SUBMIT_WHOLE: &str = "submit_order and cancel, whole order";
const PLACE_WHOLE: &str = "place_order and cancel, whole order";

// One call site a case, and no case shares its code with another: each is a function of its own.

#[inline(never)]
fn submit_direct(calls: u64) {
    let (mock, request) = (support::unconnected(), support::any_order());
    for _ in 0..calls {
        black_box(black_box(&mock).submit_order(black_box(&request)).is_ok());
    }
}

#[inline(never)]
fn submit_enum(calls: u64, broker_type: BrokerType) {
    let gateway = Gateway::new(support::config(broker_type)).unwrap();
    let request = support::any_order();
    for _ in 0..calls {
        black_box(
            black_box(&gateway)
                .submit_order(black_box(&request))
                .is_ok(),
        );
    }
}

#[inline(never)]
fn submit_hand(calls: u64) {
    let (hand, request) = (
        HandMatched::Mock(support::unconnected()),
        support::any_order(),
    );
    for _ in 0..calls {
        black_box(black_box(&hand).submit_order(black_box(&request)).is_ok());
    }
}

#[inline(never)]
fn submit_boxed(calls: u64) {
    let boxed: Box<dyn BoxedGateway> = Box::new(support::unconnected());
    let request = support::any_order();
    for _ in 0..calls {
        black_box(black_box(&boxed).submit(black_box(&request)).is_ok());
    }
}

// One call site of `place_order` for each way of dispatch, shared by both bodies: where the future is polled in one place,
// the compiler inlines it there.

#[inline(never)]
fn place_on_mock(mock: &Mock, request: &OrderRequest) -> Result<OrderResult> {
    support::ready(mock.place_order(request))
}

#[inline(never)]
fn place_on_gateway(gateway: &Gateway, request: &OrderRequest) -> Result<OrderResult> {
    support::ready(gateway.place_order(request))
}

fn place_direct(calls: u64) {
    let (mock, request) = (support::unconnected(), support::any_order());
    for _ in 0..calls {
        black_box(place_on_mock(black_box(&mock), black_box(&request)).is_ok());
    }
}

fn place_enum(calls: u64, broker_type: BrokerType) {
    let gateway = Gateway::new(support::config(broker_type)).unwrap();
    let request = support::any_order();
    for _ in 0..calls {
        black_box(place_on_gateway(black_box(&gateway), black_box(&request)).is_ok());
    }
}

fn place_hand(calls: u64) {
    #[inline(never)]
    fn place(hand: &HandMatched, request: &OrderRequest) -> Result<OrderResult> {
        support::ready(hand.place_order(request))
    }
    let (hand, request) = (
        HandMatched::Mock(support::unconnected()),
        support::any_order(),
    );
    for _ in 0..calls {
        black_box(place(black_box(&hand), black_box(&request)).is_ok());
    }
}

fn place_boxed(calls: u64) {
    #[inline(never)]
    fn place(boxed: &dyn BoxedGateway, request: &OrderRequest) -> Result<OrderResult> {
        support::ready(boxed.place(request))
    }
    let boxed: Box<dyn BoxedGateway> = Box::new(support::unconnected());
    let request = support::any_order();
    for _ in 0..calls {
        black_box(place(black_box(&*boxed), black_box(&request)).is_ok());
    }
}

/// Submits through `broker`, and cancels on `mock` behind it, so that one call alone is compared. Both must succeed.
#[inline(always)]
fn submit_whole<B: BrokerGateway>(broker: &B, mock: &Mock, calls: u64) {
    let request = support::resting_buy();
    for _ in 0..calls {
        let id = black_box(broker).submit_order(black_box(&request)).unwrap();
        let cancelled =
            support::ready(mock.cancel_order(&CancelRequest::all(request.account, id))).unwrap();
        black_box(cancelled.accepted().unwrap());
    }
}

#[inline(never)]
fn submit_whole_direct(calls: u64) {
    let mock = support::connected();
    submit_whole(&mock, &mock, calls);
}

#[inline(never)]
fn submit_whole_enum(calls: u64) {
    let mock = support::connected();
    submit_whole(&Gateway::from(mock.clone()), &mock, calls);
}

/// Places through `place`, and cancels on `mock` behind it, so that one call alone is compared. Both must succeed.
fn place_whole(mock: &Mock, calls: u64, place: impl Fn(&OrderRequest) -> Result<OrderResult>) {
    let request = support::resting_buy();
    for _ in 0..calls {
        let id = place(black_box(&request)).unwrap().accepted().unwrap().id;
        let cancelled =
            support::ready(mock.cancel_order(&CancelRequest::all(request.account, id))).unwrap();
        black_box(cancelled.accepted().unwrap());
    }
}

fn place_whole_direct(calls: u64) {
    let mock = support::connected();
    place_whole(&mock, calls, |request| place_on_mock(&mock, request));
}

fn place_whole_enum(calls: u64) {
    let mock = support::connected();
    let gateway = Gateway::from(mock.clone());
    place_whole(&mock, calls, |request| place_on_gateway(&gateway, request));
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, index, calls] = &arguments[..]
        && flag == "--measure"
    {
        (CASES[index.parse::<usize>().unwrap()].run)(calls.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    match report() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn report() -> std::result::Result<(), String> {
    println!(
        "{:<38} {:<16} {:>18} {:>10}",
        "operation", "called", "instructions/call", "to direct"
    );
    let mut direct = 1.0;
    let mut measured = Vec::new();
    for (index, case) in CASES.iter().enumerate() {
        let spent = count(index, CALLS_MANY)? - count(index, CALLS_FEW)?;
        #[allow(
            clippy::cast_precision_loss,
            clippy::float_arithmetic,
            reason = "a figure for people"
        )]
        let per_call = spent as f64 / (CALLS_MANY - CALLS_FEW) as f64;
        if case.name == "direct" {
            direct = per_call;
        }
        #[allow(clippy::float_arithmetic, reason = "a figure for people")]
        let ratio = per_call / direct;
        println!(
            "{:<38} {:<16} {per_call:>18.1} {ratio:>9.2}x",
            case.group, case.name
        );
        measured.push((case, per_call, ratio));
    }
    check(&measured)
}

/// The promises of the README, as far as they are counts.
#[allow(clippy::float_arithmetic, reason = "ratios of counts")]
fn check(measured: &[(&Case, f64, f64)]) -> std::result::Result<(), String> {
    let find = |group, name| {
        measured
            .iter()
            .find(|(case, ..)| case.group == group && case.name == name)
            .unwrap()
    };
    let (_, place_enum, place_ratio) = *find(PLACE, "Gateway::Mock");
    let (_, place_boxed, _) = *find(PLACE, "Box<dyn>");
    let boxed_ratio = place_boxed / place_enum;
    println!("boxed place_order to the enum's: {boxed_ratio:.2}x");
    let promises = [
        (
            "submit_order of a whole order through Gateway ≤ 1.05 × direct",
            find(SUBMIT_WHOLE, "Gateway::Mock").2 <= 1.05,
        ),
        (
            "awaited place_order through Gateway ≤ 1.8 × direct",
            place_ratio <= 1.8,
        ),
        ("boxed place_order ≥ 2.5 × the enum's", boxed_ratio >= 2.5),
    ];
    let broken: Vec<_> = promises
        .iter()
        .filter(|(_, kept)| !kept)
        .map(|(promise, _)| *promise)
        .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(format!("broken: {}", broken.join("; ")))
    }
}

/// Instructions of one run of a case, by callgrind.
fn count(index: usize, calls: u64) -> std::result::Result<u64, String> {
    let program =
        std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--measure", &index.to_string(), &calls.to_string()])
        .output()
        .map_err(|error| {
            format!("cannot run valgrind: {error}; install it (Debian: apt-get install valgrind)")
        })?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("case {index} failed under valgrind:\n{text}"));
    }
    text.lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, total)| total.trim().parse().ok())
        .ok_or_else(|| format!("no total in what callgrind printed:\n{text}"))
}
