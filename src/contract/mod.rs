//! The contract that every broker signs. A broker that leaves a method out does not compile.

mod at_once;
mod capabilities;
mod subscription;

use enum_dispatch::enum_dispatch;

pub(crate) use at_once::AtOnce;
pub use capabilities::{Capabilities, Health};
pub use subscription::{Lagged, RecvError, Subscription, TryRecvError};
pub(crate) use subscription::{Overflow, Publisher};

use crate::config::{AccountConfig, BrokerConfig};
use crate::domain::{
    AccountId, Balance, BrokerType, CancelRequest, Candle, CandleRequest, ClientOrderId,
    ConnectionStatus, ExecutionEvent, Fill, Instrument, MarketEvent, ModifyRequest, Order,
    OrderBook, OrderRef, OrderRequest, OrderResult, Orderable, OrderableRequest, Position, Quote,
    Symbol, Topic, Venue,
};
use crate::error::Result;
use crate::limiter::RateLimiter;

/// A broker.
///
/// - **Order commands**: `Err` is proof that nothing was sent. What may have been sent comes back as `Ok` with one of
///   the three outcomes of [`OrderResult`]. Nothing is ever sent twice.
/// - **Lists** are whole or an error, never the first page.
/// - What a broker cannot do, its [`capabilities`](Self::capabilities) say, and it answers
///   [`Error::Unsupported`](crate::Error::Unsupported).
/// - Reads of identity and state take no lock.
///
/// # Errors
/// Every method that talks to the broker fails with [`Error::NotConnected`](crate::Error::NotConnected) before
/// `connect`, with [`Error::RateLimited`](crate::Error::RateLimited) or [`Error::Timeout`](crate::Error::Timeout) when
/// the limiter has no room in time, and with [`Error::Invalid`](crate::Error::Invalid) for an argument that cannot be.
#[enum_dispatch]
#[trait_variant::make(Send)]
pub trait BrokerGateway: Send + Sync + 'static {
    /// Which broker this is.
    fn broker_type(&self) -> BrokerType;

    /// The configuration that it was made from.
    fn config(&self) -> &BrokerConfig;

    /// The accounts that it trades for.
    fn accounts(&self) -> &[AccountConfig];

    /// What it can do.
    fn capabilities(&self) -> &'static Capabilities;

    /// Where the connection stands.
    fn status(&self) -> ConnectionStatus;

    /// The rate limiter, to be read.
    fn rate_limiter(&self) -> &RateLimiter;

    /// Connects, and does nothing when connected.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the gateway disconnected or connected, never between.
    async fn connect(&self) -> Result<()>;

    /// Disconnects. Open orders stay with the broker.
    async fn disconnect(&self) -> Result<()>;

    /// Asks the broker for a sign of life.
    async fn health(&self) -> Result<Health>;

    /// Sends a new order without waiting for anything: no room under the rate limit is an error at once. The outcome
    /// comes on [`executions`](Self::executions) under the returned number.
    ///
    /// # Errors
    /// As of the whole trait; each is proof that nothing was sent.
    fn submit_order(&self, request: &OrderRequest) -> Result<ClientOrderId>;

    /// Sends a new order and waits for its outcome.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop an order on its way; its outcome comes on [`executions`](Self::executions).
    async fn place_order(&self, request: &OrderRequest) -> Result<OrderResult>;

    /// Gives what is left of an order, or a part of it, a new price or kind.
    ///
    /// # Cancel safety
    /// As [`place_order`](Self::place_order).
    async fn modify_order(&self, request: &ModifyRequest) -> Result<OrderResult>;

    /// Cancels what is left of an order, or a part of it.
    ///
    /// # Cancel safety
    /// As [`place_order`](Self::place_order).
    async fn cancel_order(&self, request: &CancelRequest) -> Result<OrderResult>;

    /// Cancels every open order of an account: one outcome an order, oldest first. An inner `Err` is proof that nothing of
    /// that cancel was sent; an outer one, that nothing was sent at all.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the orders that it has not come to as they are.
    async fn cancel_all_orders(&self, account: AccountId) -> Result<Vec<Result<OrderResult>>>;

    /// Finds out what became of an order whose outcome was unknown.
    async fn resolve_order(&self, id: ClientOrderId) -> Result<OrderResult>;

    /// How an order stands.
    async fn order(&self, account: AccountId, order: OrderRef) -> Result<Order>;

    /// The orders of an account that may still be filled, oldest first.
    async fn open_orders(&self, account: AccountId) -> Result<Vec<Order>>;

    /// Today's fills of an account, oldest first.
    async fn fills(&self, account: AccountId) -> Result<Vec<Fill>>;

    /// The cash of an account and what it is worth.
    async fn balance(&self, account: AccountId) -> Result<Balance>;

    /// What an account holds.
    async fn positions(&self, account: AccountId) -> Result<Vec<Position>>;

    /// How much a new order may be.
    async fn orderable(&self, request: &OrderableRequest) -> Result<Orderable>;

    /// The issues that can be traded.
    async fn instruments(&self) -> Result<Vec<Instrument>>;

    /// The state of an issue.
    async fn quote(&self, symbol: Symbol, venue: Venue) -> Result<Quote>;

    /// The ten-level book of an issue.
    async fn order_book(&self, symbol: Symbol, venue: Venue) -> Result<OrderBook>;

    /// Candles, oldest first.
    async fn candles(&self, request: &CandleRequest) -> Result<Vec<Candle>>;

    /// Adds topics to [`market_data`](Self::market_data); those that are there stay.
    async fn subscribe(&self, topics: &[Topic]) -> Result<()>;

    /// Takes topics off [`market_data`](Self::market_data).
    async fn unsubscribe(&self, topics: &[Topic]) -> Result<()>;

    /// News of the accounts' orders from now on. Never dropped: while a subscriber is full, new orders fail with
    /// [`Error::ConsumerBehind`](crate::Error::ConsumerBehind).
    fn executions(&self) -> Subscription<ExecutionEvent>;

    /// Trades and books of the subscribed topics from now on. A slow subscriber loses the oldest and is told.
    fn market_data(&self) -> Subscription<MarketEvent>;
}
