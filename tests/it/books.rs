//! Both order books against each other, and against what must hold of any.

mod exhaustive;
mod pair;
mod scenarios;

use gwanmun::domain::Side;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use pair::{Command, Pair};

/// A random command. Prices crowd around the middle of the ladder as they do in a market; every eighth is anywhere, and
/// so are the limits and what lies beyond them.
fn random_command(random: &mut ChaCha8Rng, levels: u32, rested: usize) -> Command {
    let side = if random.random() {
        Side::Buy
    } else {
        Side::Sell
    };
    let near = |random: &mut ChaCha8Rng| {
        let spread = (levels / 16).max(1);
        (levels / 2 + random.random_range(0..=spread)).saturating_sub(spread / 2)
    };
    let tick = match random.random_range(0..8) {
        0 => random.random_range(0..levels),
        _ => near(random).min(levels - 1),
    };
    let worst = match random.random_range(0..8) {
        0 => random.random_range(0..levels + 2),
        1 => u32::MAX,
        _ => tick,
    };
    let qty = random.random_range(1..=100);
    match random.random_range(0..100) {
        0..40 => Command::Rest {
            side,
            tick,
            market: false,
            qty,
        },
        40..45 => Command::Rest {
            side,
            tick,
            market: true,
            qty,
        },
        45..80 if rested > 0 => {
            // Mostly young orders, which tend to be alive.
            let oldest = if random.random_range(0..4) == 0 {
                0
            } else {
                rested.saturating_sub(50)
            };
            let order = random.random_range(oldest..rested);
            let qty = if random.random() { qty / 10 } else { qty };
            Command::Reduce { order, qty }
        }
        45..95 => Command::Take {
            side,
            worst,
            qty: qty * 2,
        },
        _ => Command::Available {
            side,
            worst,
            want: qty * 20,
        },
    }
}

/// Runs random commands against both books, comparing everything after each.
fn long_run(levels: u32, commands: usize, seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut pair = Pair::new(levels);
    for number in 0..commands {
        let command = random_command(&mut random, levels, pair.rested());
        pair.apply(command, &(seed, levels, number, command));
    }
    assert!(
        pair.fills() > commands / 20,
        "seed {seed}: hardly any fills"
    );
}

#[test]
fn books_agree_on_small_ladders() {
    for (levels, seed) in (1..=8).zip(100..) {
        long_run(levels, 4_000, seed);
    }
}

#[test]
fn books_agree_on_a_ladder_of_one_summary_word() {
    for seed in 200..203 {
        long_run(451, 5_000, seed);
    }
}

#[test]
fn books_agree_on_a_ladder_of_many_summary_words() {
    long_run(20_000, 1_000, 300);
}

fn any_command() -> impl Strategy<Value = (u8, bool, u32, bool, u64, prop::sample::Index)> {
    let tick = prop_oneof![0..=LEVELS, Just(u32::MAX)];
    let qty = prop_oneof![0_u64..=8, Just(u64::MAX)];
    (
        0_u8..8,
        any::<bool>(),
        tick,
        any::<bool>(),
        qty,
        any::<prop::sample::Index>(),
    )
}

/// Few enough that queues meet, enough for two words of the bitmap.
const LEVELS: u32 = 70;

proptest! {
    #[test]
    fn books_agree_on_any_commands(script in prop::collection::vec(any_command(), 0..120)) {
        let mut pair = Pair::new(LEVELS);
        for (number, (kind, buy, tick, market, qty, order)) in script.into_iter().enumerate() {
            let side = if buy { Side::Buy } else { Side::Sell };
            let command = match kind {
                0..=3 => Command::Rest {
                    side,
                    tick: tick.min(LEVELS - 1),
                    market: market && qty % 2 == 0,
                    qty: qty.clamp(1, 1 << 40),
                },
                4 | 5 if pair.rested() > 0 => Command::Reduce { order: order.index(pair.rested()), qty },
                4..=6 => Command::Take { side, worst: tick, qty },
                _ => Command::Available { side, worst: tick, want: qty },
            };
            pair.apply(command, &(number, command));
        }
    }
}
