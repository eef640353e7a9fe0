//! MOCK: the whole contract over a simulated exchange in this process. A broker, not a stub.
//!
//! Its clock is the exchange's: it stands still until [`Mock::advance`] moves it, or runs at the configured pace while
//! connected, so that it trades at any hour of the day. One seed and one sequence of calls are one history.

mod contract;
mod dealing;
mod faults;
mod floor;
mod gate;
mod journal;
mod list;
mod orders;
mod reconciliation;
mod relay;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::broker::status::AtomicStatus;
use crate::config::BrokerConfig;
use crate::contract::{Capabilities, Overflow, Publisher};
use crate::domain::{
    AccountId, BrokerType, CancelRequest, Candle, ClientOrderId, ConnectionStatus, ExecutionEvent,
    MarketEvent, ModifyRequest, Money, Order, OrderRequest, OrderResult, OrderType, Price, Qty,
    Symbol, TimeInForce, Timestamp, TradingState, Venue, is_accepted,
};
use crate::error::{Error, Result, TimeoutPhase};
use crate::limiter::{Lane, RateLimiter};
use crate::sim::{Command, Outcome};
use floor::{Floor, Outlets};
pub use reconciliation::Reconciliation;

/// The handle of a MOCK gateway. Clones share one exchange.
#[derive(Clone, Debug)]
pub struct Mock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: BrokerConfig,
    status: AtomicStatus,
    rate_limiter: RateLimiter,
    executions: Publisher<ExecutionEvent>,
    market_data: Publisher<MarketEvent>,
    /// A plain mutex: held for one command or one step of the market, never across an await.
    floor: Mutex<Floor>,
    /// The task that moves the clock while connected.
    pacer: Mutex<Option<AbortHandle>>,
    /// Calls of `connect` that are still to fail, for tests.
    failing_connects: AtomicU32,
    /// Calls of `health` that are still to fail, for tests.
    failing_health: AtomicU32,
}

const ALL_TIMES: &[TimeInForce] = &[TimeInForce::Day, TimeInForce::Ioc, TimeInForce::Fok];

/// What the continuous session of the simulation takes.
const CAPABILITIES: Capabilities = Capabilities {
    trading: true,
    orders: &[
        (Venue::Krx, OrderType::Limit, ALL_TIMES),
        (Venue::Krx, OrderType::Market, ALL_TIMES),
        (Venue::Krx, OrderType::BestLimit, ALL_TIMES),
        (Venue::Krx, OrderType::TopPriority, &[TimeInForce::Day]),
    ],
    modify_part: true,
    cancel_part: true,
    market_data: true,
    candles: true,
    topics_max: None,
};

impl Mock {
    /// The MOCK of that configuration, at the opening of its first trading day.
    ///
    /// # Errors
    /// When the configuration is of another broker, or what it asks of the simulation cannot be.
    pub fn new(config: BrokerConfig) -> Result<Self> {
        if config.broker_type() != BrokerType::Mock {
            return Err(Error::invalid(
                "broker_type",
                config.broker_type(),
                BrokerType::Mock.as_str(),
            ));
        }
        Ok(Self(Arc::new(Inner {
            status: AtomicStatus::new(ConnectionStatus::Disconnected),
            rate_limiter: RateLimiter::of_gateway(&config),
            executions: Publisher::new(config.executions_capacity(), Overflow::Keep),
            market_data: Publisher::new(config.market_data_capacity(), Overflow::DropOldest),
            floor: Mutex::new(Floor::new(&config)?),
            pacer: Mutex::default(),
            failing_connects: AtomicU32::new(0),
            failing_health: AtomicU32::new(0),
            config,
        })))
    }

    /// What the exchange's clock shows.
    pub fn now(&self) -> Timestamp {
        self.0.floor().now()
    }

    /// Moves the exchange's clock: prices walk, orders fill, days end and begin. Works whether connected or not.
    pub fn advance(&self, span: Duration) {
        self.0.advance(span);
    }

    /// Sets the settled cash of an account, from outside of the market.
    ///
    /// # Errors
    /// For an unknown account, or less cash than open orders hold.
    pub fn set_balance(&self, account: AccountId, cash: Money) -> Result<()> {
        self.0.arrange(&Command::SetBalance { account, cash })
    }

    /// Puts shares into an account, from outside of the market.
    ///
    /// # Errors
    /// For an unknown account or symbol, or no shares.
    pub fn add_position(
        &self,
        account: AccountId,
        symbol: Symbol,
        qty: Qty,
        average_price: Price,
    ) -> Result<()> {
        self.0.arrange(&Command::AddPosition {
            account,
            symbol,
            qty,
            average_price,
        })
    }

    /// Gives an issue a past: candles that [`candles`](crate::BrokerGateway::candles) answers with, ahead of those of the
    /// simulation's own trades. Replaces what was loaded before for that timeframe.
    ///
    /// # Errors
    /// When a candle is of another timeframe or issue than the first, or the times do not ascend.
    pub fn load_candles(&self, candles: Vec<Candle>) -> Result<()> {
        self.0.floor().load_candles(candles)
    }

    /// A number that sums up the whole state of the exchange: equal histories, equal numbers.
    pub fn checksum(&self) -> u64 {
        self.0.floor().exchange().checksum()
    }

    /// The kill switch of all accounts: what new orders and modifications may be sent. Cancels always may.
    pub fn trading_state(&self) -> TradingState {
        self.0.floor().orders.trading_state()
    }

    /// Sets the kill switch, and returns the state before. With a journal it is on the disk when this returns, and the
    /// next start finds it.
    ///
    /// # Errors
    /// When it cannot be kept. It is set all the same.
    pub fn set_trading_state(&self, state: TradingState) -> Result<TradingState> {
        let mut floor = self.0.floor();
        let now = floor.now();
        floor.orders.set_trading_state(state, now)
    }

    /// The desks' orders beside the exchange's own.
    pub fn reconciliation(&self) -> Reconciliation {
        self.0.floor().reconciliation()
    }

    /// Ends all faults from here on. What is on its way arrives as it was going to.
    pub fn heal(&self) {
        if let Some(line) = &mut self.0.floor().line {
            line.heal();
        }
    }

    /// The next `count` calls of `connect` fail, to try what a program does then.
    pub fn fail_connects(&self, count: u32) {
        self.0.failing_connects.store(count, Ordering::Relaxed);
    }

    /// The next `count` calls of `health` that find room under the rate limit fail, while the connection seems to stand, to
    /// try what a program does then.
    pub fn fail_health(&self, count: u32) {
        self.0.failing_health.store(count, Ordering::Relaxed);
    }

    /// Loses the connection, to try what a program does then. Orders stay in the market.
    pub fn drop_connection(&self) {
        self.0.stop_pacer();
        self.0.status.store(ConnectionStatus::Disconnected);
    }
}

impl Inner {
    /// After a panic in the middle of a command the books may be half written: such a floor can be looked at, but the
    /// gateway stands at ERROR and takes no more commands.
    fn floor(&self) -> MutexGuard<'_, Floor> {
        self.floor.lock().unwrap_or_else(|poisoned| {
            self.status.store(ConnectionStatus::Error);
            poisoned.into_inner()
        })
    }

    #[inline]
    fn check_connected(&self) -> Result<()> {
        if self.status.is_connected() {
            Ok(())
        } else {
            Err(self.not_connected())
        }
    }

    #[cold]
    fn not_connected(&self) -> Error {
        Error::NotConnected {
            broker: BrokerType::Mock,
            status: self.status.load(),
        }
    }

    /// What can be said of a new order without the exchange.
    #[inline]
    fn check_new(&self, request: &OrderRequest) -> Result<()> {
        self.check_connected()?;
        self.check_room()?;
        request.check()?;
        self.check_account(request.account)?;
        let (order_type, time_in_force) = (request.kind.order_type(), request.time_in_force);
        if CAPABILITIES.accepts(request.venue, order_type, time_in_force) {
            return Ok(());
        }
        Err(refused_combination(
            request.venue,
            order_type,
            time_in_force,
        ))
    }

    /// What can be said of a modification without the exchange.
    fn check_modify(&self, request: &ModifyRequest) -> Result<()> {
        self.check_room()?;
        let order_type = request.kind.order_type();
        if CAPABILITIES.accepts(Venue::Krx, order_type, TimeInForce::Day) {
            return Ok(());
        }
        Err(refused_combination(
            Venue::Krx,
            order_type,
            TimeInForce::Day,
        ))
    }

    /// A modification is news to come as a new order is.
    fn check_room(&self) -> Result<()> {
        if self.executions.has_room() {
            return Ok(());
        }
        Err(Error::ConsumerBehind {
            capacity: self.executions.capacity(),
        })
    }

    fn check_account(&self, account: AccountId) -> Result<()> {
        self.config
            .account(account)
            .map(|_| ())
            .ok_or_else(|| unknown_account(account))
    }

    const fn outlets(&self) -> Outlets<'_> {
        Outlets {
            executions: &self.executions,
            market_data: &self.market_data,
        }
    }

    /// Room for one command under the rate limit, now.
    #[inline]
    fn admitted(&self, lane: Lane) -> impl FnOnce() -> Result<()> {
        move || self.rate_limiter.try_acquire(lane)
    }

    /// Takes a new order without waiting.
    #[inline]
    fn submit(&self, request: &OrderRequest) -> Result<ClientOrderId> {
        self.check_new(request)?;
        self.floor()
            .place(request, self.admitted(Lane::Order), self.outlets())
    }

    /// Takes a new order without waiting for the rate limit.
    fn place(&self, request: &OrderRequest) -> Result<OrderResult> {
        self.check_new(request)?;
        let mut floor = self.floor();
        floor.place(request, self.admitted(Lane::Order), self.outlets())?;
        floor.outcome(self.outlets())
    }

    /// Takes a new order, against which only the rate limit stood, once there is room.
    async fn place_when_admitted(&self, request: &OrderRequest) -> Result<OrderResult> {
        self.rate_limiter
            .acquire(Lane::Order, self.config.timeouts().order)
            .await?;
        self.check_new(request)?;
        let mut floor = self.floor();
        floor.place(request, || Ok(()), self.outlets())?;
        floor.outcome(self.outlets())
    }

    async fn modify(&self, request: &ModifyRequest) -> Result<OrderResult> {
        self.check_connected()?;
        self.check_modify(request)?;
        let sent = self
            .floor()
            .modify(request, self.admitted(Lane::Order), self.outlets());
        if !is_rate_limited(&sent) {
            return sent;
        }
        self.wait(Lane::Order).await?;
        self.floor().modify(request, || Ok(()), self.outlets())
    }

    async fn cancel(&self, request: &CancelRequest) -> Result<OrderResult> {
        self.check_connected()?;
        let sent = self
            .floor()
            .cancel(request, self.admitted(Lane::Cancel), self.outlets());
        if !is_rate_limited(&sent) {
            return sent;
        }
        self.wait(Lane::Cancel).await?;
        self.floor().cancel(request, || Ok(()), self.outlets())
    }

    /// Waits for room for an order command. Boxed: it is rare, and its state is large.
    async fn wait(&self, lane: Lane) -> Result<()> {
        Box::pin(
            self.rate_limiter
                .acquire(lane, self.config.timeouts().order),
        )
        .await?;
        // The connection may have gone while this waited.
        self.check_connected()
    }

    /// Waits for room under the rate limit. The wait is boxed: it is rare, and its state is large.
    async fn admit(&self, lane: Lane, patience: Duration) -> Result<()> {
        match self.rate_limiter.try_acquire(lane) {
            Ok(()) => Ok(()),
            Err(_) => {
                Box::pin(self.rate_limiter.acquire(lane, patience)).await?;
                // The connection may have gone while this waited.
                self.check_connected()
            }
        }
    }

    /// A query may go out: connected, and room under the rate limit.
    async fn admit_query(&self, lane: Lane) -> Result<MutexGuard<'_, Floor>> {
        self.check_connected()?;
        self.admit(lane, self.config.timeouts().query).await?;
        Ok(self.floor())
    }

    /// One cancel an order, each at its turn under the rate limit. Nothing is lost of what was sent before one failed.
    async fn cancel_all(&self, account: AccountId) -> Result<Vec<Result<OrderResult>>> {
        self.check_connected()?;
        self.check_account(account)?;
        let open = open_orders(&self.floor(), account)?;
        let mut outcomes = Vec::with_capacity(open.len());
        for order in open {
            let cancel = CancelRequest::all(account, order.order_no);
            outcomes.push(self.cancel(&cancel).await);
        }
        Ok(outcomes)
    }

    /// Carries out a command of the simulation itself.
    fn arrange(&self, command: &Command) -> Result<()> {
        match self.floor().apply(command, self.outlets()) {
            Outcome::Refused(refusal) => Err(Error::Simulation(refusal.words().into())),
            Outcome::Accepted(_) | Outcome::Cancelled(_) | Outcome::Done => Ok(()),
        }
    }

    fn advance(&self, span: Duration) {
        let nanos = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
        self.floor().advance(nanos, self.outlets());
    }

    fn stop_pacer(&self) {
        let pacer = self
            .pacer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(pacer) = pacer {
            pacer.abort();
        }
    }

    /// Starts the task that moves the clock while connected.
    fn start_pacer(self: &Arc<Self>) -> Result<()> {
        let pace = self.config.mock_config().pace;
        if pace == 0 {
            return Ok(());
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| {
            Error::invalid(
                "pace",
                pace,
                "0 outside of a tokio runtime, where no task can move the clock",
            )
        })?;
        let task = runtime.spawn(keep_pace(Arc::downgrade(self), pace));
        let mut pacer = self.pacer.lock().unwrap_or_else(PoisonError::into_inner);
        // Two calls of `connect` at once must not make two clocks.
        if let Some(other) = pacer.replace(task.abort_handle()) {
            other.abort();
        }
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop_pacer();
    }
}

/// Moves the clock of a MOCK `pace` times as fast as the wall clock, until the MOCK is gone.
async fn keep_pace(mock: Weak<Inner>, pace: u32) {
    const TICK: Duration = Duration::from_millis(50);
    let mut ticks = tokio::time::interval(TICK);
    // A machine that slept does not make the market run after the time it missed.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let Some(mock) = mock.upgrade() else { return };
        mock.advance(TICK.saturating_mul(pace));
    }
}

/// Whether this call is one of those that are to fail; counts it.
fn is_to_fail(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(1)
    })
    .is_ok()
}

const fn is_rate_limited(result: &Result<OrderResult>) -> bool {
    matches!(result, Err(Error::RateLimited { .. }))
}

/// What no venue takes is invalid; what the exchange takes and the simulation does not have is unsupported.
#[cold]
fn refused_combination(venue: Venue, order_type: OrderType, time_in_force: TimeInForce) -> Error {
    if is_accepted(venue, order_type, time_in_force) {
        return Error::Unsupported {
            broker: BrokerType::Mock,
            operation: "this order kind and venue: LIMIT, MARKET, BEST_LIMIT and TOP_PRIORITY on KRX are there",
        };
    }
    let combination = format_args!("{order_type} {time_in_force} on {venue}");
    Error::invalid(
        "kind, time_in_force and venue",
        combination,
        "a combination that the venue takes",
    )
}

fn check_venue(venue: Venue) -> Result<()> {
    match venue {
        Venue::Krx => Ok(()),
        Venue::Nxt | Venue::Sor => Err(Error::Unsupported {
            broker: BrokerType::Mock,
            operation: "venues other than KRX",
        }),
    }
}

/// An account's orders that may be filled, oldest first.
fn open_orders(floor: &Floor, account: AccountId) -> Result<Vec<Order>> {
    let mut open: Vec<Order> = floor.orders.desk(account)?.open_orders().collect();
    open.sort_by_key(|order| (order.accepted_at, order.order_no));
    Ok(open)
}

/// A request did not leave.
const fn not_sent(after: Duration) -> Error {
    Error::Timeout {
        phase: TimeoutPhase::Connect,
        after,
    }
}

fn unknown_account(account: AccountId) -> Error {
    Error::invalid("account", account, "one of `accounts`")
}

fn unknown_symbol(symbol: Symbol) -> Error {
    Error::not_found("symbol", symbol, "one of `instruments`")
}
