//! Every short history of a tiny book.

use gwanmun::domain::Side;

use super::pair::{Command, Pair};

const LEVELS: u32 = 3;

/// What a walk may do: orders rest with two shares, so one is a part of an order and three are an order and a half.
struct Walk {
    commands_max: usize,
    takes: &'static [u64],
    reductions: &'static [u64],
    /// How many histories were tried.
    tried: u64,
}

impl Walk {
    fn commands(&self, rested: usize) -> Vec<Command> {
        let mut commands = Vec::new();
        for side in [Side::Buy, Side::Sell] {
            for tick in 0..LEVELS {
                commands.push(Command::Rest {
                    side,
                    tick,
                    market: false,
                    qty: 2,
                });
                commands.extend(self.takes.iter().map(|&qty| Command::Take {
                    side,
                    worst: tick,
                    qty,
                }));
            }
            commands.push(Command::Rest {
                side,
                tick: 0,
                market: true,
                qty: 2,
            });
        }
        for order in 0..rested {
            let reduce = |&qty| Command::Reduce { order, qty };
            commands.extend(self.reductions.iter().map(reduce));
        }
        commands
    }

    /// Tries every command after `pair`, and every history after those that moved a share: a command that moved none left
    /// both books as they were, and what could follow it is tried without it.
    fn walk(&mut self, pair: &Pair, history: &mut Vec<Command>) {
        if history.len() == self.commands_max {
            return;
        }
        for command in self.commands(pair.rested()) {
            let mut next = pair.clone();
            history.push(command);
            self.tried += 1;
            if next.apply(command, &history) {
                self.walk(&next, history);
            }
            history.pop();
        }
    }
}

#[test]
fn books_agree_on_every_history_of_five_commands() {
    let mut walk = Walk {
        commands_max: 5,
        takes: &[1, 3],
        reductions: &[1, 2],
        tried: 0,
    };
    walk.walk(&Pair::new(LEVELS), &mut Vec::new());
    assert!(walk.tried > 100_000, "only {} histories", walk.tried);
}

#[test]
#[ignore = "minutes: cargo test --release --test it exhaustive -- --ignored"]
fn books_agree_on_every_history_of_six_commands() {
    let mut walk = Walk {
        commands_max: 6,
        takes: &[1, 3, 100],
        reductions: &[1, 2, 100],
        tried: 0,
    };
    walk.walk(&Pair::new(LEVELS), &mut Vec::new());
    assert!(walk.tried > 10_000_000, "only {} histories", walk.tried);
}
