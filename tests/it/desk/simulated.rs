//! Whole histories under swarms of faults, against the oracle; and the oracle against broken desks.
//! `examples/desk_simulator.rs` runs as many as one likes.

use super::simulation::faults::{Dialect, Faults};
use super::simulation::world::{Flaw, run, run_with};

const SEEDS: std::ops::Range<u64> = 0..1_500;

#[test]
fn no_history_ends_with_a_wrong_book() {
    let (mut unknowns, mut inferred) = (0, 0);
    for seed in SEEDS {
        let story = run(seed, Flaw::None, false);
        assert_eq!(
            story.violation, None,
            "replay: cargo run --release --example desk_simulator -- --seeds 1 --from {seed} --trace"
        );
        unknowns += story.unknowns;
        inferred += story.inferred;
    }
    // The faults must have been there for the result to mean something.
    assert!(
        unknowns > 1_000 && inferred > 500,
        "{unknowns} unknown outcomes, {inferred} inferred fills"
    );
}

#[test]
fn without_faults_all_is_known_and_next_to_nothing_inferred() {
    let (mut inferred, mut orders) = (0, 0);
    for dialect in [Dialect::Cumulative, Dialect::Numbered] {
        for seed in 0..200 {
            let story = run_with(seed, Faults::none(dialect), Flaw::None);
            assert_eq!((story.violation, story.unknowns), (None, 0), "seed {seed}");
            inferred += story.inferred;
            orders += u32::try_from(story.orders).unwrap();
        }
    }
    // A list may overtake a notice that is on its way.
    assert!(100 * inferred < orders, "{inferred} of {orders}");
}

#[test]
fn a_seed_is_a_history() {
    for seed in 0..100 {
        let story = run(seed, Flaw::None, false);
        let again = run(seed, Flaw::None, false);
        assert_eq!(
            (story.fingerprint, story.steps),
            (again.fingerprint, again.steps),
            "seed {seed}"
        );
    }
}

fn caught(flaw: Flaw, says: &str) {
    let found = SEEDS
        .filter_map(|seed| run(seed, flaw, false).violation)
        .filter(|violation| violation.contains(says))
        .count();
    assert!(found > 20, "{flaw:?} was seen {found} times");
}

#[test]
fn a_desk_that_resends_on_a_timeout_is_caught() {
    caught(Flaw::ResendOnTimeout, "arrived 2 times");
}

#[test]
fn a_desk_that_shows_unknown_as_refused_is_caught() {
    caught(Flaw::UnknownAsRefused, "was shown as refused");
}

#[test]
fn a_desk_that_counts_a_fill_twice_is_caught() {
    caught(Flaw::FillTwice, "were told as filled, of");
}

#[test]
fn a_desk_that_goes_deaf_does_not_settle() {
    caught(Flaw::GoesDeaf, "is still undecided");
}

#[test]
fn a_process_that_ignores_the_limiter_is_caught() {
    caught(Flaw::IgnoresLimiter, "requests left within");
}
