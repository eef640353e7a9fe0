//! How the exchange says no.

use crate::domain::{BrokerCode, ClientOrderId, Refusal, RefusalReason};

/// A reason, and words that name the field, what was found and what is allowed. Made only when a command is refused,
/// so that accepted ones allocate nothing.
#[derive(Debug)]
pub(super) struct Denial {
    reason: RefusalReason,
    message: String,
}

impl Denial {
    pub(super) fn new(reason: RefusalReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }

    /// Something that real markets have and this one does not: refused, never faked.
    pub(super) fn missing(reason: RefusalReason, what: impl std::fmt::Display) -> Self {
        Self::new(reason, format!("the simulation does not have {what} yet"))
    }

    pub(super) fn into_refusal(self, id: ClientOrderId) -> Refusal {
        Refusal {
            id,
            reason: self.reason,
            code: code(self.reason),
            message: Some(self.message.into()),
        }
    }
}

/// The exchange's own codes: 1xxx for what is wrong with the order, 2xxx with the account, 3xxx with the market.
const fn code(reason: RefusalReason) -> BrokerCode {
    BrokerCode::new(match reason {
        RefusalReason::Tick => "SIM1001",
        RefusalReason::PriceBand => "SIM1002",
        RefusalReason::Quantity => "SIM1003",
        RefusalReason::Lot => "SIM1004",
        RefusalReason::OrderType => "SIM1005",
        RefusalReason::UnknownSymbol => "SIM1006",
        RefusalReason::DuplicateId => "SIM1007",
        RefusalReason::UnknownOrder => "SIM1008",
        RefusalReason::NoChange => "SIM1009",
        RefusalReason::ExceedsRemaining => "SIM1010",
        RefusalReason::UnknownAccount => "SIM2001",
        RefusalReason::InsufficientCash => "SIM2002",
        RefusalReason::InsufficientShares => "SIM2003",
        RefusalReason::Authentication => "SIM2004",
        RefusalReason::MarketClosed => "SIM3001",
        RefusalReason::Halted => "SIM3002",
        RefusalReason::NoQuote => "SIM3003",
        RefusalReason::Capacity => "SIM3004",
        RefusalReason::RateLimited => "SIM3005",
        RefusalReason::Other => "SIM9999",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_code() {
        let codes: std::collections::HashSet<_> = RefusalReason::ALL
            .iter()
            .map(|&reason| code(reason))
            .collect();
        assert_eq!(codes.len(), RefusalReason::ALL.len());
        assert!(codes.iter().all(|code| code.as_str().len() == 7));
    }
}
