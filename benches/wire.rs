//! Vendor formats: groups `wire/<what>/<how>`, time for each record or message.
//!
//! `taskset -c 1 cargo bench --bench wire`

#[path = "wire/order.rs"]
mod order;
#[path = "wire/realtime.rs"]
mod realtime;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    order::time(&mut criterion);
    realtime::time(&mut criterion);
    criterion.final_summary();
    // `cargo test --benches` only wants to know that it runs.
    if std::env::args().any(|argument| argument == "--bench") {
        order::print_ratios();
        realtime::print_ratios();
    }
}
