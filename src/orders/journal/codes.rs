//! The numbers by which enums stand on the disk. They never change their meaning; a new variant takes a new number.

use crate::domain::{BrokerType, OrderType, RefusalReason, Side, TimeInForce, TradingState, Venue};

use super::record::{Action, EndStatus, NotSentCause, UnknownCause};

/// An enum with a number on the disk.
pub(super) trait DiskCode: Sized + Copy {
    /// Its number; never 0, which is unwritten room.
    fn code(self) -> u8;

    /// The value of a number.
    fn from_code(code: u8) -> Option<Self>;
}

/// Both directions from one table: the compiler refuses a variant without a number, and warns of a number used twice.
macro_rules! disk_codes {
    ($( $name:ident { $( $variant:ident = $code:literal ),+ $(,)? } )+) => {
        $(
            impl DiskCode for $name {
                fn code(self) -> u8 {
                    match self { $( Self::$variant => $code ),+ }
                }

                fn from_code(code: u8) -> Option<Self> {
                    match code { $( $code => Some(Self::$variant), )+ _ => None }
                }
            }
        )+
    };
}

disk_codes! {
    BrokerType { Kis = 1, Creon = 2, Kiwoom = 3, Mock = 4 }
    Side { Buy = 1, Sell = 2 }
    Venue { Krx = 1, Nxt = 2, Sor = 3 }
    TimeInForce { Day = 1, Ioc = 2, Fok = 3 }
    OrderType {
        Limit = 1, Market = 2, ConditionalLimit = 3, BestLimit = 4, TopPriority = 5, MidPrice = 6, StopLimit = 7,
        PreClose = 8, PostClose = 9,
    }
    RefusalReason {
        Tick = 1, PriceBand = 2, Quantity = 3, Lot = 4, UnknownSymbol = 5, UnknownAccount = 6, UnknownOrder = 7,
        DuplicateId = 8, InsufficientCash = 9, InsufficientShares = 10, OrderType = 11, MarketClosed = 12, Halted = 13,
        NoQuote = 14, NoChange = 15, ExceedsRemaining = 16, Capacity = 17, RateLimited = 18, Authentication = 19,
        Other = 20,
    }
    TradingState { Active = 1, ReduceOnly = 2, Halted = 3 }
    Action { New = 1, Modify = 2, Cancel = 3 }
    NotSentCause { Limiter = 1, Connect = 2, Write = 3, Authentication = 4, Withdrawn = 5, Unsaid = 6 }
    UnknownCause { Deadline = 1, Disconnected = 2, Answer = 3, Code = 4, Restart = 5, Unsaid = 6 }
    EndStatus { Filled = 1, Cancelled = 2, Expired = 3, Refused = 4 }
}
