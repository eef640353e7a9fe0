//! What the demo prints.

use gwanmun::{Balance, Money, Position, Price, Symbol, Timestamp, Usage};
use serde::Serialize;

use super::latency::Percentiles;
use super::tally::{Counts, Profit, Tally};
use crate::cli::account::positions_table;
use crate::cli::format;

/// Everything that the demo did and found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) run: Run,
    pub(super) commands: Commands,
    pub(super) executions: Counts,
    pub(super) money: Turnover,
    pub(super) positions: Vec<Position>,
    pub(super) profit: Option<Profit>,
    pub(super) cash: Reconciled<Money>,
    pub(super) shares: Reconciled<i128>,
    /// The only part that differs from run to run.
    pub(super) timing: Timing,
}

/// What was run.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    pub(super) market: &'static str,
    pub(super) strategy: &'static str,
    pub(super) symbol: Symbol,
    pub(super) seed: u64,
    /// Simulated time.
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) last_price: Price,
}

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Commands {
    /// New orders by `submit_order`.
    pub(super) submitted: u64,
    /// New orders by `place_order`.
    pub(super) placed: u64,
    /// Modifications.
    pub(super) modifications: u64,
    /// Cancels.
    pub(super) cancels: u64,
    /// Commands of which nothing left this machine.
    pub(super) not_sent: u64,
    /// Commands whose outcome is unknown.
    pub(super) unknown: u64,
}

/// What was traded and what it cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Turnover {
    pub(super) bought: Money,
    pub(super) sold: Money,
    pub(super) fees: Money,
    pub(super) taxes: Money,
}

impl Turnover {
    pub(super) const fn of(tally: &Tally) -> Self {
        Self {
            bought: tally.bought,
            sold: tally.sold,
            fees: tally.fees,
            taxes: tally.taxes,
        }
    }
}

/// An amount by the demo's own books beside the gateway's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Reconciled<T> {
    pub(super) start: T,
    pub(super) by_executions: T,
    pub(super) by_gateway: T,
    pub(super) difference: T,
}

impl Reconciled<Money> {
    /// Cash after all trades settle; `None` when the difference is beyond what money counts.
    pub(super) fn cash(start: &Balance, tally: &Tally, end: &Balance) -> Option<Self> {
        Some(Self {
            start: start.deposit_d2,
            by_executions: tally.cash,
            by_gateway: end.deposit_d2,
            difference: end.deposit_d2.checked_sub(tally.cash)?,
        })
    }
}

impl Reconciled<i128> {
    pub(super) fn shares(tally: &Tally, positions: &[Position]) -> Self {
        let by_executions = i128::from(tally.held.get());
        let held = positions
            .iter()
            .map(|position| i128::from(position.qty.get()));
        let by_gateway = held.sum();
        Self {
            start: 0,
            by_executions,
            by_gateway,
            difference: by_gateway - by_executions,
        }
    }
}

/// How fast it was.
#[derive(Debug, Serialize)]
pub(super) struct Timing {
    /// Of the whole loop.
    pub(super) elapsed_ms: u64,
    /// New orders a second, the market, the strategy and the reading of executions included.
    pub(super) orders_per_second: u64,
    pub(super) submit_order: Percentiles,
    pub(super) place_order: Percentiles,
    pub(super) limiter: Usage,
    /// Used ÷ limit in per cent.
    pub(super) limiter_percent: u64,
}

impl Report {
    /// Whether cash and shares agree to the last won and share.
    pub(super) fn agrees(&self) -> bool {
        self.cash.difference == Money::ZERO && self.shares.difference == 0
    }

    pub(super) fn people(&self) -> String {
        let heading = |text: &str, body: &str| format!("{text}\n{body}");
        [
            self.title(),
            heading("orders", &self.orders()),
            heading("fills", &self.fills()),
            heading("profit and loss (won)", &self.profit()),
            heading("positions", &positions_table(&self.positions)),
            heading("reconciliation", &self.reconciliation()),
            heading("latency (ns)", &self.latency()),
            self.speed(),
        ]
        .join("\n\n")
    }

    fn title(&self) -> String {
        let Run {
            market,
            strategy,
            symbol,
            seed,
            from,
            to,
            ..
        } = &self.run;
        let minute = |at: &Timestamp| at.kst().strftime("%Y-%m-%d %H:%M").to_string();
        format!(
            "{strategy} on MOCK, {symbol}, {market}, seed {seed}, simulated {} to {} KST",
            minute(from),
            minute(to)
        )
    }

    fn orders(&self) -> String {
        let (sent, done) = (&self.commands, &self.executions);
        counts(&[
            ("submit_order", sent.submitted),
            ("place_order", sent.placed),
            ("accepted", done.accepted),
            ("filled whole", done.filled),
            ("refused", done.refused),
            ("modified", done.modified),
            ("cancelled", done.cancelled),
            ("not filled at once (IOC)", done.not_immediate),
            ("expired with the session", done.expired),
            ("not sent", sent.not_sent),
            ("unknown", sent.unknown),
        ])
    }

    fn fills(&self) -> String {
        let done = &self.executions;
        counts(&[
            ("fills", done.fills),
            ("of waiting orders", done.maker_fills),
            ("shares bought", done.bought_shares),
            ("shares sold", done.sold_shares),
        ])
    }

    fn profit(&self) -> String {
        let money = &self.money;
        let profit = |pick: fn(&Profit) -> Money| {
            let amount = self.profit.as_ref().map(pick);
            amount.map_or_else(|| "-".to_owned(), format::won)
        };
        format::facts(&[
            ("bought", format::won(money.bought)),
            ("sold", format::won(money.sold)),
            ("realized", profit(|profit| profit.realized)),
            ("unrealized", profit(|profit| profit.unrealized)),
            ("fees", format::won(money.fees)),
            ("taxes", format::won(money.taxes)),
            ("net", profit(|profit| profit.net)),
        ])
    }

    fn reconciliation(&self) -> String {
        fn row<T: ToString + Copy>(name: &str, what: &Reconciled<T>) -> Vec<String> {
            vec![
                name.to_owned(),
                format::grouped(what.start),
                format::grouped(what.by_executions),
                format::grouped(what.by_gateway),
                format::grouped(what.difference),
            ]
        }
        format::table(
            &["", "start", "by executions", "by gateway", "difference"],
            &[1, 2, 3, 4],
            [row("cash (won)", &self.cash), row("shares", &self.shares)],
        )
    }

    fn latency(&self) -> String {
        let row = |name: &str, of: &Percentiles| {
            let numbers = [
                of.calls,
                of.p50_ns,
                of.p90_ns,
                of.p99_ns,
                of.p99_9_ns,
                of.max_ns,
            ];
            let mut row = vec![name.to_owned()];
            row.extend(numbers.map(format::grouped));
            row
        };
        format::table(
            &["", "calls", "p50", "p90", "p99", "p99.9", "max"],
            &[1, 2, 3, 4, 5, 6],
            [
                row("submit_order", &self.timing.submit_order),
                row("place_order", &self.timing.place_order),
            ],
        )
    }

    fn speed(&self) -> String {
        let timing = &self.timing;
        let limiter = match timing.limiter.limit {
            Some(limit) => format!(
                "limiter: {} of {} used in its window, {} %",
                timing.limiter.used, limit, timing.limiter_percent
            ),
            None => "limiter: no limit".to_owned(),
        };
        format!(
            "{} ms, {} orders a second, strategy and market included\n{limiter}",
            format::grouped(timing.elapsed_ms),
            format::grouped(timing.orders_per_second)
        )
    }
}

fn counts(rows: &[(&str, u64)]) -> String {
    let rows: Vec<(&str, String)> = rows
        .iter()
        .map(|(name, count)| (*name, format::grouped(count)))
        .collect();
    format::facts(&rows)
}
