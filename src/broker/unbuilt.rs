//! The brokers whose wire this version does not speak: they hold their validated configuration, and every operation
//! answers [`Error::Unsupported`]. Nothing is pretended.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::config::{AccountConfig, BrokerConfig};
use crate::contract::{BrokerGateway, Capabilities, Health, Overflow, Publisher, Subscription};
use crate::domain::{
    AccountId, Balance, BrokerType, CancelRequest, Candle, CandleRequest, ClientOrderId,
    ConnectionStatus, ExecutionEvent, Fill, Instrument, MarketEvent, ModifyRequest, Order,
    OrderBook, OrderRef, OrderRequest, OrderResult, Orderable, OrderableRequest, Position, Quote,
    Symbol, Topic, Venue,
};
use crate::error::{Error, Result};
use crate::limiter::RateLimiter;

/// Names a broker in the type, so that each is a variant of its own.
pub trait Name: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The broker.
    const BROKER: BrokerType;
}

/// Declares one broker: its name and its handle.
macro_rules! unbuilt {
    ($(#[$meta:meta])* $feature:literal, $handle:ident, $name:ident) => {
        #[doc = concat!("Names ", stringify!($handle), ".")]
        #[cfg(feature = $feature)]
        #[derive(Clone, Debug)]
        pub enum $name {}

        #[cfg(feature = $feature)]
        impl Name for $name {
            const BROKER: BrokerType = BrokerType::$handle;
        }

        $(#[$meta])*
        #[cfg(feature = $feature)]
        pub type $handle = Unbuilt<$name>;
    };
}

unbuilt!(
    /// The handle of a KIWOOM gateway.
    "kiwoom", Kiwoom, KiwoomName
);
unbuilt!(
    /// The handle of a CREON gateway.
    "creon", Creon, CreonName
);

/// A broker that answers everything with [`Error::Unsupported`].
#[derive(Clone, Debug)]
pub struct Unbuilt<N: Name> {
    inner: Arc<Inner>,
    name: PhantomData<N>,
}

#[derive(Debug)]
struct Inner {
    config: BrokerConfig,
    rate_limiter: RateLimiter,
    executions: Publisher<ExecutionEvent>,
    market_data: Publisher<MarketEvent>,
}

impl<N: Name> Unbuilt<N> {
    /// The gateway of that configuration.
    ///
    /// # Errors
    /// When the configuration is of another broker.
    pub fn new(config: BrokerConfig) -> Result<Self> {
        if config.broker_type() != N::BROKER {
            return Err(Error::invalid(
                "broker_type",
                config.broker_type(),
                N::BROKER.as_str(),
            ));
        }
        let inner = Inner {
            rate_limiter: RateLimiter::of_gateway(&config),
            executions: Publisher::new(1, Overflow::Keep),
            market_data: Publisher::new(1, Overflow::DropOldest),
            config,
        };
        Ok(Self {
            inner: Arc::new(inner),
            name: PhantomData,
        })
    }

    const fn unsupported<T>(operation: &'static str) -> Result<T> {
        Err(Error::Unsupported {
            broker: N::BROKER,
            operation,
        })
    }
}

impl<N: Name> BrokerGateway for Unbuilt<N> {
    fn broker_type(&self) -> BrokerType {
        N::BROKER
    }

    fn config(&self) -> &BrokerConfig {
        &self.inner.config
    }

    fn accounts(&self) -> &[AccountConfig] {
        self.inner.config.accounts()
    }

    fn capabilities(&self) -> &'static Capabilities {
        &Capabilities::NONE
    }

    fn status(&self) -> ConnectionStatus {
        ConnectionStatus::Disconnected
    }

    fn rate_limiter(&self) -> &RateLimiter {
        &self.inner.rate_limiter
    }

    async fn connect(&self) -> Result<()> {
        Self::unsupported("connect in this version")
    }

    async fn disconnect(&self) -> Result<()> {
        Self::unsupported("disconnect in this version")
    }

    async fn health(&self) -> Result<Health> {
        Self::unsupported("health in this version")
    }

    fn submit_order(&self, _: &OrderRequest) -> Result<ClientOrderId> {
        Self::unsupported("submit_order in this version")
    }

    async fn place_order(&self, _: &OrderRequest) -> Result<OrderResult> {
        Self::unsupported("place_order in this version")
    }

    async fn modify_order(&self, _: &ModifyRequest) -> Result<OrderResult> {
        Self::unsupported("modify_order in this version")
    }

    async fn cancel_order(&self, _: &CancelRequest) -> Result<OrderResult> {
        Self::unsupported("cancel_order in this version")
    }

    async fn cancel_all_orders(&self, _: AccountId) -> Result<Vec<Result<OrderResult>>> {
        Self::unsupported("cancel_all_orders in this version")
    }

    async fn resolve_order(&self, _: ClientOrderId) -> Result<OrderResult> {
        Self::unsupported("resolve_order in this version")
    }

    async fn order(&self, _: AccountId, _: OrderRef) -> Result<Order> {
        Self::unsupported("order in this version")
    }

    async fn open_orders(&self, _: AccountId) -> Result<Vec<Order>> {
        Self::unsupported("open_orders in this version")
    }

    async fn fills(&self, _: AccountId) -> Result<Vec<Fill>> {
        Self::unsupported("fills in this version")
    }

    async fn balance(&self, _: AccountId) -> Result<Balance> {
        Self::unsupported("balance in this version")
    }

    async fn positions(&self, _: AccountId) -> Result<Vec<Position>> {
        Self::unsupported("positions in this version")
    }

    async fn orderable(&self, _: &OrderableRequest) -> Result<Orderable> {
        Self::unsupported("orderable in this version")
    }

    async fn instruments(&self) -> Result<Vec<Instrument>> {
        Self::unsupported("instruments in this version")
    }

    async fn quote(&self, _: Symbol, _: Venue) -> Result<Quote> {
        Self::unsupported("quote in this version")
    }

    async fn order_book(&self, _: Symbol, _: Venue) -> Result<OrderBook> {
        Self::unsupported("order_book in this version")
    }

    async fn candles(&self, _: &CandleRequest) -> Result<Vec<Candle>> {
        Self::unsupported("candles in this version")
    }

    async fn subscribe(&self, _: &[Topic]) -> Result<()> {
        Self::unsupported("subscribe in this version")
    }

    async fn unsubscribe(&self, _: &[Topic]) -> Result<()> {
        Self::unsupported("unsubscribe in this version")
    }

    fn executions(&self) -> Subscription<ExecutionEvent> {
        self.inner.executions.subscribe()
    }

    fn market_data(&self) -> Subscription<MarketEvent> {
        self.inner.market_data.subscribe()
    }
}
