//! The kill switch.

use super::text::text_enum;

text_enum! {
    /// What a gateway may send. Cancels pass in every state.
    pub enum TradingState("trading state") {
        /// Everything.
        Active = "ACTIVE",
        /// Only what makes a position or an open order smaller.
        ReduceOnly = "REDUCE_ONLY",
        /// No new orders and no modifications.
        Halted = "HALTED",
    }
}
