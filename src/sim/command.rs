//! What the exchange is told to do, and its answer.

use super::costs::Tariff;
use super::day::TradingDay;
use crate::domain::{
    AccountId, CancelRequest, Instrument, ModifyRequest, Money, OrderRequest, Price, Qty, Receipt,
    Refusal, Symbol,
};

/// Everything that can change an exchange, apart from the market's own liquidity
/// ([`Exchange::place_house`](super::Exchange::place_house)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Places a new order.
    Place(OrderRequest),
    /// Changes the price or kind of an order, or of a part of it.
    Modify(ModifyRequest),
    /// Cancels an order, or a part of it. Like the other order commands, only during continuous trading.
    Cancel(CancelRequest),
    /// Cancels all open orders of an account, by entry. Each cancel takes an order number.
    CancelAll {
        /// Whose orders.
        account: AccountId,
    },
    /// Opens an account without cash and shares.
    OpenAccount {
        /// Its number, which is not in use.
        account: AccountId,
        /// What the broker charges it.
        tariff: Tariff,
    },
    /// Pays cash in; negative pays out, as far as the cash is there on every settlement date and no order holds it.
    Deposit {
        /// Whose.
        account: AccountId,
        /// How much.
        amount: Money,
    },
    /// Pays cash in or out until the settled cash is that much.
    SetBalance {
        /// Whose.
        account: AccountId,
        /// The settled cash afterwards, not negative.
        cash: Money,
    },
    /// Puts shares into an account, from outside of the market.
    AddPosition {
        /// Whose.
        account: AccountId,
        /// The issue, which is listed.
        symbol: Symbol,
        /// Shares, at least 1.
        qty: Qty,
        /// What each of them cost.
        average_price: Price,
    },
    /// Lists an issue.
    List(Listing),
    /// Begins a trading day, later than the last one, which has ended: settles what is due, takes the last prices as
    /// base prices, draws new daily limits and empty books, forgets yesterday's orders, and numbers anew from 1.
    OpenDay(TradingDay),
    /// Ends the trading day: what is left of the orders expires, the market's own included.
    CloseDay,
}

/// A new issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The issue. Those without daily limits are refused: the simulation does not have them yet.
    pub instrument: Instrument,
    /// The base price of its first day here, on the tick grid; on the first day of a new listing the offering price.
    pub base: Price,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a command may be refused"]
pub enum Outcome {
    /// An order command was taken.
    Accepted(Receipt),
    /// The command was refused, and nothing changed.
    Refused(Refusal),
    /// So many orders were cancelled.
    Cancelled(usize),
    /// Done; there is nothing more to say.
    Done,
}

impl Outcome {
    /// The receipt, if there is one.
    pub const fn accepted(&self) -> Option<&Receipt> {
        match self {
            Self::Accepted(receipt) => Some(receipt),
            Self::Refused(_) | Self::Cancelled(_) | Self::Done => None,
        }
    }

    /// The refusal, if refused.
    pub const fn refused(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Accepted(_) | Self::Cancelled(_) | Self::Done => None,
        }
    }
}
