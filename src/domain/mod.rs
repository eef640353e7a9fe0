//! What a trader would recognise: pure values without I/O. A value that exists is valid.

mod account;
mod band;
mod broker_type;
mod buying_power;
mod calendar;
mod costs;
mod event;
mod fill;
mod instrument;
mod market;
mod order;
mod order_cap;
mod order_table;
mod price;
mod session;
mod symbol;
pub(crate) mod text;
mod tick;
mod time;

pub use account::{AccountId, AccountType, Balance, Orderable, Position};
pub use band::{PriceBand, base_after_rights_issue, base_after_split};
pub use broker_type::{BrokerType, ConnectionStatus};
pub use buying_power::{MarginRate, buying_cost, max_buy_qty};
pub use calendar::{DayKind, SETTLEMENT_DAYS, SpecialDay, TradingCalendar};
pub use costs::{FeeSchedule, Liquidity, TaxRates, Taxes, taxes};
pub use event::{CancelReason, ExecutionEvent, OrderCommand, Resolution};
pub use fill::Fill;
pub use instrument::{Instrument, InstrumentKind, Market, PriceLimit, isin_check_digit};
pub use market::{
    Candle, CandleRequest, Level, MarketEvent, OrderBook, Quote, Timeframe, Topic, Trade,
};
pub use order::{
    BrokerCode, CancelRequest, ClientOrderId, ModifyRequest, Order, OrderKind, OrderNo, OrderRef,
    OrderRequest, OrderResult, OrderStatus, OrderType, OrderableRequest, PendingOrder, Receipt,
    Refusal, RefusalReason, Side, TimeInForce,
};
pub use order_cap::{ORDER_VALUE_MAX, OrderCap, check_order_cap};
pub use order_table::{
    OrderSet, PERIODIC_AUCTION_ORDERS, Unaccepted, VI_AUCTION_ORDERS, accepted_orders,
    check_accepted, is_accepted,
};
pub use price::{Money, Price, Qty, UNITS_PER_WON};
pub use session::{Hours, Mechanism, Segment, Session, Timetable};
pub use symbol::{Symbol, Venue};
pub use text::ValueError;
pub use tick::{TickTable, tick_size};
pub use time::{KST, Timestamp};
