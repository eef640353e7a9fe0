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

/// The exchange's own codes: 1xxx for what is wrong with the order, 2xxx with the account, 3xxx with the market. A
/// closed list: with one of these nothing was accepted.
pub const REFUSAL_CODES: &[(&str, RefusalReason)] = &[
    ("SIM1001", RefusalReason::Tick),
    ("SIM1002", RefusalReason::PriceBand),
    ("SIM1003", RefusalReason::Quantity),
    ("SIM1004", RefusalReason::Lot),
    ("SIM1005", RefusalReason::OrderType),
    ("SIM1006", RefusalReason::UnknownSymbol),
    ("SIM1007", RefusalReason::DuplicateId),
    ("SIM1008", RefusalReason::UnknownOrder),
    ("SIM1009", RefusalReason::NoChange),
    ("SIM1010", RefusalReason::ExceedsRemaining),
    ("SIM2001", RefusalReason::UnknownAccount),
    ("SIM2002", RefusalReason::InsufficientCash),
    ("SIM2003", RefusalReason::InsufficientShares),
    ("SIM2004", RefusalReason::Authentication),
    ("SIM3001", RefusalReason::MarketClosed),
    ("SIM3002", RefusalReason::Halted),
    ("SIM3003", RefusalReason::NoQuote),
    ("SIM3004", RefusalReason::Capacity),
    ("SIM3005", RefusalReason::RateLimited),
    (OTHER, RefusalReason::Other),
];

const OTHER: &str = "SIM9999";

fn code(reason: RefusalReason) -> BrokerCode {
    let listed = REFUSAL_CODES.iter().find(|(_, other)| *other == reason);
    BrokerCode::new(listed.map_or(OTHER, |(code, _)| code))
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
