//! Orders: what is asked for, what came of it, and how it stands.

mod id;
mod kind;
mod request;
mod result;
mod state;

pub use id::{ClientOrderId, OrderNo, OrderRef};
pub use kind::{OrderKind, OrderType, Side, TimeInForce};
pub use request::{CancelRequest, ModifyRequest, OrderRequest, OrderableRequest};
pub use result::{BrokerCode, OrderResult, PendingOrder, Receipt, Refusal, RefusalReason};
pub use state::{Order, OrderStatus};
