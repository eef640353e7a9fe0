//! What the brokers allow, as one table.
//!
//! A broker counts several windows at once. A request goes through when every window that counts its lane has room, so
//! that a further window can only lower what is allowed.

use std::time::Duration;

use super::lane::{Lane, Lanes};
use crate::domain::{AccountType, BrokerType};

/// The most requests of some lanes in any time of some length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLimit {
    lanes: Lanes,
    requests: u32,
    length: Duration,
    reserve: u32,
}

impl WindowLimit {
    /// The most requests of a window that we count; more is taken as this many.
    pub const REQUESTS_MAX: u32 = 1_000_000;

    /// At most `requests` (1 to [`WindowLimit::REQUESTS_MAX`], held there) in any `length` (at least 1 ms). A quarter
    /// is kept from account and market reads.
    pub const fn new(lanes: Lanes, requests: u32, length: Duration) -> Self {
        let requests = match requests {
            0 => 1,
            1..=Self::REQUESTS_MAX => requests,
            _ => Self::REQUESTS_MAX,
        };
        let length = if length.as_millis() == 0 {
            Duration::from_millis(1)
        } else {
            length
        };
        let quarter = if requests < 4 { 1 } else { requests / 4 };
        Self {
            lanes,
            requests,
            length,
            reserve: 0,
        }
        .with_reserve(quarter)
    }

    /// With that many requests kept from account and market reads, at most all but one. Reconciliation may use the
    /// larger half of them, cancels and orders all. Without effect on a window that counts only such reads.
    #[must_use]
    pub const fn with_reserve(mut self, reserve: u32) -> Self {
        let most = self.requests - 1;
        self.reserve = if READS.covers(self.lanes) {
            0
        } else if reserve < most {
            reserve
        } else {
            most
        };
        self
    }

    /// Which requests it counts.
    pub const fn lanes(&self) -> Lanes {
        self.lanes
    }

    /// The most requests.
    pub const fn requests(&self) -> u32 {
        self.requests
    }

    /// The broker's length of it, without our margin.
    pub const fn length(&self) -> Duration {
        self.length
    }

    /// Requests that account and market reads cannot use.
    pub const fn reserve(&self) -> u32 {
        self.reserve
    }

    /// Whether keeping this window keeps the other one, too.
    const fn implies(&self, other: &Self) -> bool {
        self.lanes.covers(other.lanes)
            && self.requests <= other.requests
            && self.length.as_nanos() >= other.length.as_nanos()
    }
}

/// Everything a broker limits, with our margin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    windows: Vec<WindowLimit>,
    margin: Duration,
    subscriptions: Option<u32>,
}

impl Limits {
    /// By how much our windows are longer than the broker's, unless told otherwise: requests that leave evenly may
    /// arrive closer together. Ours, not measured; it costs 5 % of the rate of a one-second window.
    pub const MARGIN: Duration = Duration::from_millis(50);

    /// No limits.
    pub const fn none() -> Self {
        Self {
            windows: Vec::new(),
            margin: Self::MARGIN,
            subscriptions: None,
        }
    }

    /// At most that many requests in any second, whatever they are for; at least 1.
    pub fn per_second(requests: u32) -> Self {
        Self::none().with_rate_limit(requests)
    }

    /// What a broker allows to one app key (KIS, KIWOOM) or login (CREON). MOCK allows everything.
    pub fn of(broker: BrokerType, account: AccountType) -> Self {
        let row = match (broker, account) {
            (BrokerType::Kis, AccountType::Real) => &KIS_REAL,
            (BrokerType::Kis, AccountType::Paper) => &KIS_PAPER,
            (BrokerType::Kiwoom, AccountType::Real) => &KIWOOM_REAL,
            (BrokerType::Kiwoom, AccountType::Paper) => &KIWOOM_PAPER,
            (BrokerType::Creon, AccountType::Real | AccountType::Paper) => &CREON,
            (BrokerType::Mock, AccountType::Real | AccountType::Paper) => &MOCK,
        };
        Self {
            windows: row.windows.to_vec(),
            margin: Self::MARGIN,
            subscriptions: row.subscriptions,
        }
    }

    /// With at most that many requests a second besides; at least 1. Can only lower what is allowed.
    #[must_use]
    pub fn with_rate_limit(self, per_second: u32) -> Self {
        self.with_window(WindowLimit::new(Lanes::ALL, per_second, SECOND))
    }

    /// With a further window. Can only lower what is allowed.
    #[must_use]
    pub fn with_window(mut self, window: WindowLimit) -> Self {
        if !self.windows.iter().any(|other| other.implies(&window)) {
            self.windows.retain(|other| !window.implies(other));
            self.windows.push(window);
        }
        self
    }

    /// With another margin.
    #[must_use]
    pub const fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// The windows.
    pub fn windows(&self) -> &[WindowLimit] {
        &self.windows
    }

    /// By how much our windows are longer than the broker's.
    pub const fn margin(&self) -> Duration {
        self.margin
    }

    /// The most market-data subscriptions at a time on one session; `None` where no limit is known.
    pub const fn subscriptions(&self) -> Option<u32> {
        self.subscriptions
    }
}

struct Row {
    windows: &'static [WindowLimit],
    subscriptions: Option<u32>,
}

const SECOND: Duration = Duration::from_secs(1);
const READS: Lanes = Lanes::of(&[Lane::Account, Lane::Market]);
const ORDERS: Lanes = Lanes::of(&[Lane::Cancel, Lane::Order]);
/// Everything but orders.
const QUERIES: Lanes = Lanes::of(&[Lane::Reconciliation, Lane::Account, Lane::Market]);
/// Everything that the account's ledger answers.
const LEDGER: Lanes = Lanes::of(&[
    Lane::Cancel,
    Lane::Order,
    Lane::Reconciliation,
    Lane::Account,
]);
const MARKET: Lanes = Lanes::of(&[Lane::Market]);

static KIS_REAL: Row = Row {
    windows: &[
        // 18 a second and app key since the notice of 2026-04-20, 20 before (quoted in canduk910/auto_stock:
        // docs/kis/rate-limits.md, read 2026-11). New customers have 3 a second for their first 3 days (notice of
        // 2026-03-20): for them `rate_limit` is 3. How the broker counts is not documented; taken as a sliding second.
        WindowLimit::new(Lanes::ALL, 18, SECOND),
        // The ledger has its own, lower limit (EGW00215) without a published figure. 8 a second is what
        // mgh3326/auto_trader:app/services/brokers/kis/order_throttle.py keeps orders to. UNCONFIRMED.
        WindowLimit::new(LEDGER, 8, SECOND),
    ],
    // 41 registrations a session over all products, notices included (notice of 2026-04-20).
    subscriptions: Some(41),
};

static KIS_PAPER: Row = Row {
    // 1 a second since the notice of 2026-04-20, 2 before; counted apart from the real account's.
    windows: &[WindowLimit::new(Lanes::ALL, 1, SECOND)],
    // As real. UNCONFIRMED.
    subscriptions: Some(41),
};

static KIWOOM_REAL: Row = Row {
    // 5 orders and 5 queries a second, apart (usage policy, quoted in breadum/kiwoom-restful:kiwoom/config/http.py). The
    // broker's own refusals count by API id, which is looser. One account was measured at about 1 a second
    // (younghwan91/kiwoom-rest-api:README.md): there the slow-down on over-rate answers takes over.
    windows: &[
        WindowLimit::new(ORDERS, 5, SECOND),
        WindowLimit::new(QUERIES, 5, SECOND),
    ],
    // The broker publishes none for quotes.
    subscriptions: None,
};

static KIWOOM_PAPER: Row = Row {
    // 1 query a second (the same policy); the portal's FAQ, quoted by third parties, says 1 a second for each API id, so
    // orders are held to 1 as well. That they are counted apart is UNCONFIRMED.
    windows: &[
        WindowLimit::new(ORDERS, 1, SECOND),
        WindowLimit::new(QUERIES, 1, SECOND),
    ],
    subscriptions: None,
};

static CREON: Row = Row {
    // The request limits of CYBOS Plus (CpUtil.CpCybos, LT_TRADE_REQUEST and LT_NONTRADE_REQUEST). Its windows are
    // fixed: 15 s from the first request. A sliding window never exceeds a fixed one. The simulation server is taken as
    // the real one. UNCONFIRMED.
    windows: &[
        // Beyond it the COM call fails at once; orders and account queries count together. The last 6 are kept from
        // account reads, because one look at the account takes 3.
        WindowLimit::new(LEDGER, 20, Duration::from_secs(15)).with_reserve(6),
        // Beyond it the COM call blocks.
        WindowLimit::new(MARKET, 60, Duration::from_secs(15)),
    ],
    // LT_SUBSCRIBE. Trades and book of one issue are two subscriptions.
    subscriptions: Some(400),
};

static MOCK: Row = Row {
    windows: &[],
    subscriptions: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_override_only_lowers() {
        let kis = Limits::of(BrokerType::Kis, AccountType::Real);
        assert_eq!(kis.clone().with_rate_limit(18), kis);
        assert_eq!(kis.clone().with_rate_limit(1_000), kis);

        let lower = kis.with_rate_limit(10);
        let figures = |limits: &Limits| {
            let figure = |window: &WindowLimit| (window.lanes(), window.requests());
            limits.windows().iter().map(figure).collect::<Vec<_>>()
        };
        assert_eq!(figures(&lower), [(LEDGER, 8), (Lanes::ALL, 10)]);
        assert_eq!(figures(&lower.with_rate_limit(3)), [(Lanes::ALL, 3)]);

        let creon = Limits::of(BrokerType::Creon, AccountType::Real).with_rate_limit(2);
        assert_eq!(
            figures(&creon),
            [(LEDGER, 20), (MARKET, 60), (Lanes::ALL, 2)]
        );
    }

    #[test]
    fn a_reserve_leaves_reads_at_least_one_request() {
        let reserve = |requests| WindowLimit::new(Lanes::ALL, requests, SECOND).reserve();
        assert_eq!([0, 1, 2, 3, 4, 8, 18].map(reserve), [0, 0, 1, 1, 1, 2, 4]);
        let window = WindowLimit::new(Lanes::ALL, 5, SECOND);
        assert_eq!(window.with_reserve(9).reserve(), 4);
        assert_eq!(WindowLimit::new(READS, 60, SECOND).reserve(), 0);
    }

    #[test]
    fn figures_out_of_range_are_held() {
        let window = WindowLimit::new(Lanes::ALL, u32::MAX, Duration::ZERO);
        assert_eq!(
            (window.requests(), window.length()),
            (WindowLimit::REQUESTS_MAX, Duration::from_millis(1))
        );
        assert_eq!(Limits::per_second(0), Limits::per_second(1));
    }

    #[test]
    fn subscriptions_are_the_table_s() {
        let of = |broker| Limits::of(broker, AccountType::Real).subscriptions();
        let brokers = [BrokerType::Kis, BrokerType::Creon, BrokerType::Mock];
        assert_eq!(brokers.map(of), [Some(41), Some(400), None]);
        assert_eq!(Limits::none().subscriptions(), None);
    }
}
