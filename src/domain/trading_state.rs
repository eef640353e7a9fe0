//! The kill switch.

use super::order::Side;
use super::text::text_enum;

text_enum! {
    /// What a gateway may send. Cancels pass in every state.
    pub enum TradingState("trading state") {
        /// Everything.
        Active = "ACTIVE",
        /// Sales of what is held, and cancels.
        ReduceOnly = "REDUCE_ONLY",
        /// Cancels.
        Halted = "HALTED",
    }
}

/// What a command does to the exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A purchase, or a change of one.
    Increase,
    /// A sale, or a change of one.
    Reduce,
    /// A cancel.
    Cancel,
}

impl From<Side> for Intent {
    fn from(side: Side) -> Self {
        match side {
            Side::Buy => Self::Increase,
            Side::Sell => Self::Reduce,
        }
    }
}

impl TradingState {
    /// Whether a command with that intent may be sent.
    pub const fn permits(self, intent: Intent) -> bool {
        match (self, intent) {
            (Self::Active, Intent::Increase | Intent::Reduce)
            | (Self::ReduceOnly, Intent::Reduce)
            | (_, Intent::Cancel) => true,
            (Self::ReduceOnly, Intent::Increase)
            | (Self::Halted, Intent::Increase | Intent::Reduce) => false,
        }
    }

    /// The state that was kept over a restart: the word of [`TradingState::as_str`], white space around it aside. What
    /// was kept and cannot be read is [`TradingState::Halted`], because somebody may have halted.
    pub fn restored(kept: Option<&str>) -> Self {
        kept.map_or(Self::Active, |word| {
            word.trim().parse().unwrap_or(Self::Halted)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancels_are_permitted_in_every_state() {
        let permitted = |state: TradingState| {
            [Intent::Increase, Intent::Reduce, Intent::Cancel].map(|intent| state.permits(intent))
        };
        assert_eq!(permitted(TradingState::Active), [true, true, true]);
        assert_eq!(permitted(TradingState::ReduceOnly), [false, true, true]);
        assert_eq!(permitted(TradingState::Halted), [false, false, true]);
    }

    #[test]
    fn a_kept_state_comes_back_and_an_unreadable_one_halts() {
        assert_eq!(TradingState::restored(None), TradingState::Active);
        for &state in TradingState::ALL {
            let kept = format!("{state}\n");
            assert_eq!(TradingState::restored(Some(&kept)), state);
        }
        for unreadable in ["", "ACT", "RUNNING", "\0"] {
            assert_eq!(
                TradingState::restored(Some(unreadable)),
                TradingState::Halted
            );
        }
    }
}
