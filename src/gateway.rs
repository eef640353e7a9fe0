//! The closed set of brokers behind one handle, and the one place that names them all.

use enum_dispatch::enum_dispatch;

#[cfg(feature = "creon")]
use crate::broker::Creon;
#[cfg(feature = "kis")]
use crate::broker::Kis;
#[cfg(feature = "kiwoom")]
use crate::broker::Kiwoom;
use crate::broker::Mock;
use crate::config::{AccountConfig, BrokerConfig};
use crate::contract::{BrokerGateway, Capabilities, Health, Subscription};
use crate::domain::{
    AccountId, Balance, BrokerType, CancelRequest, Candle, CandleRequest, ClientOrderId,
    ConnectionStatus, ExecutionEvent, Fill, Instrument, MarketEvent, ModifyRequest, Order,
    OrderBook, OrderRef, OrderRequest, OrderResult, Orderable, OrderableRequest, Position, Quote,
    Symbol, Topic, Venue,
};
#[cfg(not(all(feature = "kis", feature = "kiwoom", feature = "creon")))]
use crate::error::Error;
use crate::error::Result;
use crate::limiter::RateLimiter;

/// A gateway to one broker: a cheap handle of 16 bytes, `Clone + Send + Sync`, dispatched statically.
///
/// ```
/// use gwanmun::{BrokerConfig, BrokerGateway, BrokerType, ConnectionStatus, Gateway};
///
/// let gateway = Gateway::new(BrokerConfig::mock())?;
/// assert_eq!(gateway.broker_type(), BrokerType::Mock);
/// assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
/// # Ok::<(), gwanmun::Error>(())
/// ```
#[enum_dispatch(BrokerGateway)]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Gateway {
    /// Korea Investment & Securities.
    #[cfg(feature = "kis")]
    Kis(Kis),
    /// CREON of Daishin Securities.
    #[cfg(feature = "creon")]
    Creon(Creon),
    /// Kiwoom Securities.
    #[cfg(feature = "kiwoom")]
    Kiwoom(Kiwoom),
    /// The simulated exchange in this process.
    Mock(Mock),
}

// The handle stays small: moving and cloning it is free of the broker behind it.
const _: () = assert!(size_of::<Gateway>() <= 16);

impl Gateway {
    /// The gateway of that configuration; its `broker_type` chooses the variant. Nothing is connected yet.
    ///
    /// # Errors
    /// [`Error::MissingFeature`](crate::Error::MissingFeature) when the broker is not in this build, and what the
    /// broker itself finds wrong.
    pub fn new(config: BrokerConfig) -> Result<Self> {
        match config.broker_type() {
            #[cfg(feature = "kis")]
            BrokerType::Kis => Kis::new(config).map(Self::Kis),
            #[cfg(not(feature = "kis"))]
            BrokerType::Kis => Err(Error::MissingFeature {
                broker: BrokerType::Kis,
                feature: "kis",
            }),
            #[cfg(feature = "creon")]
            BrokerType::Creon => Creon::new(config).map(Self::Creon),
            #[cfg(not(feature = "creon"))]
            BrokerType::Creon => Err(Error::MissingFeature {
                broker: BrokerType::Creon,
                feature: "creon",
            }),
            #[cfg(feature = "kiwoom")]
            BrokerType::Kiwoom => Kiwoom::new(config).map(Self::Kiwoom),
            #[cfg(not(feature = "kiwoom"))]
            BrokerType::Kiwoom => Err(Error::MissingFeature {
                broker: BrokerType::Kiwoom,
                feature: "kiwoom",
            }),
            BrokerType::Mock => Mock::new(config).map(Self::Mock),
        }
    }

    /// The KIS broker behind a KIS gateway, for what only KIS has; `None` for the others.
    #[cfg(feature = "kis")]
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other broker is none")]
    pub const fn as_kis(&self) -> Option<&Kis> {
        match self {
            Self::Kis(kis) => Some(kis),
            _ => None,
        }
    }

    /// The simulated broker behind a MOCK gateway, for what only a simulation can do; `None` for the others.
    pub const fn as_mock(&self) -> Option<&Mock> {
        match self {
            Self::Mock(mock) => Some(mock),
            #[cfg(any(feature = "kis", feature = "kiwoom", feature = "creon"))]
            _ => None,
        }
    }
}
