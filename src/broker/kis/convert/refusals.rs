//! The codes by which KIS says that it did **not** take an order command, and what each means.
//!
//! A code stands here when its own words say that the command went no further: the login, the request's form, the
//! account's means, the rules of the market. What is left out proves nothing, and such a command is looked for:
//!
//! | left out | why |
//! |---|---|
//! | EGW00001, EGW00002, EGW00202, EGW00203, EGW00204, EGW00300 | errors between KIS's own servers: the command may have got through |
//! | EGW00301, EGW00302 | "timed out; be sure to check the previous transaction" |
//! | EGW00215 | the ledger's own over-rate answer: that nothing was executed is documented for EGW00201 alone |
//! | IGW00009 | the answer could not be built, which says nothing of the command |
//! | OPSQ0001 and most of its family | what the command had reached is not told |
//! | APBK1234, APBK1664, APBK2995, APTR0057, IGW00017 | weak sources, or sources that do not agree |
//!
//! What each code proves, and who says so, stands in `wire/kis/messages`.

use crate::domain::RefusalReason;
use crate::orders::desk::ClosedList;
use RefusalReason::{
    Authentication, InsufficientCash, InsufficientShares, MarketClosed, OrderType, Other,
    PriceBand, RateLimited, Tick, UnknownAccount, UnknownOrder, UnknownSymbol,
};

/// The closed list.
pub(in crate::broker::kis) const REFUSALS: ClosedList = ClosedList(&[
    // The ledger, real. Most frequent first: the list is searched in order.
    ("APBK0918", MarketClosed),
    ("APBK0919", MarketClosed),
    ("APBK0952", InsufficientCash),
    // Seen for sales of more than can be sold.
    ("APBK0400", InsufficientShares),
    ("APBK0927", UnknownOrder),
    ("APBK0344", UnknownOrder),
    ("APBK0656", UnknownSymbol),
    ("APBK0963", OrderType),
    ("APBK0988", InsufficientShares),
    // The ledger, paper.
    ("40030000", Tick),
    ("40070000", UnknownSymbol),
    ("40100000", MarketClosed),
    ("40240000", InsufficientShares),
    ("40250000", InsufficientCash),
    ("40270000", PriceBand),
    ("40330000", UnknownOrder),
    ("40570000", MarketClosed),
    ("40580000", MarketClosed),
    // Too many requests; the gateway turns them away before the ledger.
    ("EGW00201", RateLimited),
    // The login, which is looked at before anything else.
    ("EGW00121", Authentication),
    ("EGW00122", Authentication),
    ("EGW00123", Authentication),
    ("EGW00003", Authentication),
    ("EGW00004", Authentication),
    ("EGW00102", Authentication),
    ("EGW00103", Authentication),
    ("EGW00104", Authentication),
    ("EGW00105", Authentication),
    ("EGW00130", Authentication),
    ("EGW00205", Authentication),
    ("EGW00206", Authentication),
    ("EGW00207", Authentication),
    ("EGW00210", Authentication),
    ("EGW00303", Authentication),
    ("EGW00304", Authentication),
    // A key of one environment at the other's host, or a TR id of it.
    ("EGW02005", Authentication),
    ("EGW02006", Authentication),
    // The request's form.
    ("EGW00101", Other),
    ("EGW00131", Other),
    ("EGW00132", Other),
    ("EGW00208", Other),
    ("EGW00209", Other),
    ("EGW00211", Other),
    ("EGW00212", Other),
    ("EGW00213", Other),
    ("IGW00007", Other),
    ("OPSQ0002", Other),
    ("OPSQ2000", UnknownAccount),
    ("OPSQ2001", Other),
    ("OPSQ2002", Other),
    ("OPSQ9995", Other),
    ("OPSQ9996", Other),
    ("OPSQ9997", Other),
    ("OPSQ9998", Other),
    ("OPSQ9999", Other),
]);

/// The codes that say that a token is not taken: it is dropped, and another asked for.
pub(in crate::broker::kis) fn is_token_code(code: &str) -> bool {
    matches!(code, "EGW00121" | "EGW00122" | "EGW00123")
}

/// The codes that say that requests come too fast: the gateway's, and the ledger's.
pub(in crate::broker::kis) fn is_over_rate(code: &str) -> bool {
    matches!(code, "EGW00201" | "EGW00215")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BrokerCode;
    use crate::wire::kis::messages::Message;
    use std::collections::BTreeSet;

    #[test]
    fn s13_each_code_stands_once() {
        let codes: BTreeSet<_> = REFUSALS.0.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), REFUSALS.0.len());
        assert!(codes.iter().all(|code| code.len() == 8));
    }

    #[test]
    fn s13_only_what_is_proof_stands_here() {
        for (code, _) in REFUSALS.0 {
            let message = Message::find(code);
            assert!(message.is_some_and(Message::proves_refusal), "{code}");
        }
    }

    #[test]
    fn s14_what_the_broker_does_not_know_itself_is_no_refusal() {
        for code in [
            "EGW00001", "EGW00002", "EGW00202", "EGW00203", "EGW00204", "EGW00215", "EGW00300",
            "EGW00301", "EGW00302", "IGW00009", "IGW00017", "OPSQ0001", "OPSQ0003", "OPSQ0009",
            "APBK0013", "APBK1664", "40600000", "", "APBK9999",
        ] {
            assert_eq!(REFUSALS.reason(BrokerCode::new(code)), None, "{code}");
        }
    }

    #[test]
    fn s17_a_token_that_is_not_taken_is_a_refusal_of_the_login() {
        for code in ["EGW00121", "EGW00122", "EGW00123"] {
            assert!(is_token_code(code));
            assert_eq!(REFUSALS.reason(BrokerCode::new(code)), Some(Authentication));
        }
    }
}
