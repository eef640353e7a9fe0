//! What a dealer is made of.

use std::sync::Arc;
use std::time::Duration;

use super::clocks::Clocks;
use super::journals::Journals;
use crate::contract::{Overflow, Publisher, Subscription};
use crate::domain::{AccountId, BrokerType, ExecutionEvent};
use crate::limiter::RateLimiter;
use crate::orders::desk;
use crate::orders::gate::GateRules;

/// The stream of executions of a gateway. It outlives connections, so that a subscription does, too.
#[derive(Clone, Debug)]
pub struct Executions(pub(super) Arc<Publisher<ExecutionEvent>>);

impl Executions {
    /// A stream whose subscribers hold `capacity` events before they count as full, after which no new orders are taken.
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Publisher::new(capacity, Overflow::Keep)))
    }

    /// Everything from now on.
    pub fn subscribe(&self) -> Subscription<ExecutionEvent> {
        self.0.subscribe()
    }
}

/// Everything that a dealer has to know, besides its wire. Make one and change what differs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setup {
    /// The broker, for messages.
    pub broker: BrokerType,
    /// The accounts, in the order of the gateway's list.
    pub accounts: Vec<AccountId>,
    /// Where the desks write down what they do.
    pub journals: Journals,
    /// Where news go.
    pub executions: Executions,
    /// The gateway's limiter.
    pub limiter: Arc<RateLimiter>,
    /// What tells the time.
    pub clocks: Clocks,
    /// The desks' waits and bounds. `answer_within` follows from `order_timeout` and is not used.
    pub desk: desk::Config,
    /// The caller's own limits.
    pub rules: GateRules,
    /// How long a command may wait for room under the rate limit, after which it was not sent, and then again how long
    /// from there to its answer, after which its outcome is unknown.
    pub order_timeout: Duration,
    /// Pages of one order list; more are no list.
    pub list_pages_max: u32,
    /// Fills of a day that are kept for those who ask; beyond, the oldest are forgotten.
    pub fills_max: usize,
    /// Whether the stages of orders are measured from the start.
    pub latency: bool,
    /// Whether orders pass at any hour of any day, for an emulator that trades at night.
    pub always_open: bool,
}

impl Setup {
    /// The defaults: an order's 5 s, 1,000 pages, 100,000 fills, no limits of the caller's own.
    pub fn new(
        broker: BrokerType,
        accounts: Vec<AccountId>,
        journals: Journals,
        executions: Executions,
        limiter: Arc<RateLimiter>,
    ) -> Self {
        Self {
            broker,
            accounts,
            journals,
            executions,
            limiter,
            clocks: Clocks::system(),
            desk: desk::Config::default(),
            rules: GateRules::none(),
            order_timeout: Duration::from_secs(5),
            list_pages_max: 1_000,
            fills_max: 100_000,
            latency: true,
            always_open: false,
        }
    }
}
