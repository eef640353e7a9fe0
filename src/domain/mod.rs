//! What a trader would recognise: pure values without I/O. A value that exists is valid.

mod account;
mod broker_type;
mod event;
mod fill;
mod market;
mod order;
mod price;
mod symbol;
pub(crate) mod text;
mod time;

pub use account::{AccountId, AccountType, Balance, Orderable, Position};
pub use broker_type::{BrokerType, ConnectionStatus};
pub use event::{CancelReason, ExecutionEvent, OrderCommand, Resolution};
pub use fill::Fill;
pub use market::{
    Candle, CandleRequest, Level, MarketEvent, OrderBook, Quote, Timeframe, Topic, Trade,
};
pub use order::{
    BrokerCode, CancelRequest, ClientOrderId, ModifyRequest, Order, OrderKind, OrderNo, OrderRef,
    OrderRequest, OrderResult, OrderStatus, OrderType, OrderableRequest, PendingOrder, Receipt,
    Refusal, RefusalReason, Side, TimeInForce,
};
pub use price::{Money, Price, Qty, UNITS_PER_WON};
pub use symbol::{Symbol, Venue};
pub use text::ValueError;
pub use time::{KST, Timestamp};
