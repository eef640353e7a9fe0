//! Seeded flows of orders, written down before anything is timed.

use gwanmun::domain::{Qty, Side};
use gwanmun::sim::book::{Book, Handle, Maker, Tick};
use gwanmun::sim::naive::NaiveBook;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Levels of a stock at 71,900 won: ±30 % in steps of 100 won.
const LEVELS: u32 = 430;
/// Orders that rest when a script starts, and about which their number stays.
const POPULATION: usize = 2_000;
/// How far from the middle most orders rest.
const SPREAD: u32 = 40;

/// The flows, by how many commands of a hundred are aggressive and how many cancel.
pub(crate) const FLOWS: [Flow; 3] = [
    Flow {
        name: "10_aggressive_55_cancel",
        aggressive: 10,
        cancel: 55,
        seed: 1,
    },
    Flow {
        name: "40_aggressive_20_cancel",
        aggressive: 40,
        cancel: 20,
        seed: 2,
    },
    Flow {
        name: "passive_add_cancel",
        aggressive: 0,
        cancel: 50,
        seed: 3,
    },
];

/// A mix of commands; what is neither aggressive nor a cancel adds a limit order.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) name: &'static str,
    aggressive: u32,
    cancel: u32,
    seed: u64,
}

/// A command. Resting orders are named by their number, which is their key too.
#[derive(Clone, Copy, Debug)]
enum Command {
    /// A limit order: fills what it can, rests with the remainder.
    Limit { side: Side, tick: Tick, qty: Qty },
    /// Fills what it can, the remainder is cancelled.
    Ioc { side: Side, worst: Tick, qty: Qty },
    /// Cancels a part, or all.
    Cancel { order: u32, qty: Qty },
}

/// The commands, after those that fill the book.
#[derive(Debug)]
pub(crate) struct Script {
    opening: Vec<Command>,
    commands: Vec<Command>,
}

/// A book and the handles of its orders by number.
#[derive(Clone, Debug)]
pub(crate) struct Run<B> {
    book: B,
    handles: Vec<Handle>,
}

impl<B: Book> Run<B> {
    pub(crate) fn len(&self) -> usize {
        self.book.len()
    }

    /// Executes a command and returns the shares that were not filled.
    #[inline]
    fn execute(&mut self, command: Command, on_fill: impl FnMut(Maker)) -> Qty {
        match command {
            Command::Limit { side, tick, qty } => {
                let left = self.book.take(side, tick, qty, on_fill);
                // A wholly filled order has a number too, so that numbers are the same on every book.
                let number = self.handles.len();
                let handle = if left.is_zero() {
                    STALE
                } else {
                    #[expect(clippy::cast_possible_truncation, reason = "scripts are short")]
                    self.book.rest(side, tick, false, left, number as u32)
                };
                self.handles.push(handle);
                left
            }
            Command::Ioc { side, worst, qty } => self.book.take(side, worst, qty, on_fill),
            Command::Cancel { order, qty } => {
                let handle = self.handles[order as usize];
                self.book.reduce(handle, qty).unwrap_or(qty)
            }
        }
    }
}

/// A handle that no book gives out.
const STALE: Handle = Handle {
    slot: u32::MAX,
    generation: u32::MAX,
};

impl Script {
    pub(crate) fn len(&self) -> usize {
        self.commands.len()
    }

    /// A book as it is before the first command.
    pub(crate) fn prepare<B: Book + Clone>(&self) -> Run<B> {
        let mut run = Run {
            book: B::new(LEVELS),
            handles: Vec::with_capacity(self.opening.len() + self.commands.len()),
        };
        for command in &self.opening {
            run.execute(*command, |_| {});
        }
        run
    }

    /// Executes the commands and returns the sum of the shares left, so that nothing is optimised away.
    #[inline]
    pub(crate) fn run<B: Book>(&self, run: &mut Run<B>, mut on_fill: impl FnMut(Maker)) -> u64 {
        let mut left = 0;
        for command in &self.commands {
            left += run.execute(*command, &mut on_fill).get();
        }
        left
    }
}

/// Writes a script, and keeps a book meanwhile to know which orders are alive.
struct Writer {
    random: ChaCha8Rng,
    run: Run<NaiveBook>,
    /// Numbers of orders that may be alive.
    alive: Vec<u32>,
    /// The level between bids and asks.
    middle: Tick,
}

impl Flow {
    /// The script of this flow's seed.
    pub(crate) fn script(&self, commands: usize) -> Script {
        let mut writer = Writer {
            random: ChaCha8Rng::seed_from_u64(self.seed),
            run: Run {
                book: NaiveBook::new(LEVELS),
                handles: Vec::new(),
            },
            alive: Vec::new(),
            middle: LEVELS / 2,
        };
        let opening = (0..POPULATION).map(|_| writer.add()).collect();
        let commands = (0..commands).map(|_| self.next(&mut writer)).collect();
        Script { opening, commands }
    }

    fn next(&self, writer: &mut Writer) -> Command {
        let percent = writer.random.random_range(0..100);
        if percent < self.aggressive {
            writer.take()
        } else if percent < self.aggressive + self.cancel {
            writer.cancel(self.aggressive == 0)
        } else {
            writer.add()
        }
    }
}

impl Writer {
    fn side(&mut self) -> Side {
        if self.random.random() {
            Side::Buy
        } else {
            Side::Sell
        }
    }

    /// A passive order, more often near the middle than far from it.
    fn add(&mut self) -> Command {
        let side = self.side();
        let far = self.random.random_range(1..=SPREAD);
        let distance = self.random.random_range(1..=far);
        let tick = match side {
            Side::Buy => self.middle - distance,
            Side::Sell => self.middle + distance,
        };
        let qty = Qty::new(self.random.random_range(1..=100));
        let command = Command::Limit { side, tick, qty };
        if !self.run.execute(command, |_| {}).is_zero() {
            self.alive.extend(u32::try_from(self.run.handles.len() - 1));
        }
        command
    }

    /// An aggressive order of up to an order's size that reaches five levels. The price follows it now and then.
    fn take(&mut self) -> Command {
        let side = self.side();
        let best = self.run.book.best(side.opposite()).unwrap_or(self.middle);
        let worst = match side {
            Side::Buy => (best + 5).min(LEVELS - 1),
            Side::Sell => best.saturating_sub(5),
        };
        let qty = Qty::new(self.random.random_range(1..=100));
        let command = Command::Ioc { side, worst, qty };
        self.run.execute(command, |_| {});
        if self.random.random_range(0..50) == 0 {
            let middle = match side {
                Side::Buy => self.middle + 1,
                Side::Sell => self.middle - 1,
            };
            self.middle = middle.clamp(LEVELS / 4, LEVELS * 3 / 4);
        }
        command
    }

    /// Cancels a living order at random: all of it while there are too many orders or when `always_all`, else a half.
    fn cancel(&mut self, always_all: bool) -> Command {
        while !self.alive.is_empty() {
            let at = self.random.random_range(0..self.alive.len());
            let order = self.alive[at];
            let handle = self.run.handles[order as usize];
            let Some(left) = self.run.book.reduce(handle, Qty::ZERO) else {
                self.alive.swap_remove(at);
                continue;
            };
            let all = always_all || self.run.len() > POPULATION || left.get() == 1;
            let qty = if all { left } else { Qty::new(left.get() / 2) };
            let command = Command::Cancel { order, qty };
            self.run.execute(command, |_| {});
            return command;
        }
        self.add()
    }
}

/// Ticks of a ladder in no order.
pub(crate) fn scattered_ticks(levels: u32) -> Vec<Tick> {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    (0..1_024).map(|_| random.random_range(0..levels)).collect()
}
