//! The kill switch.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::domain::Side;
use crate::domain::text::text_enum;

text_enum! {
    /// What may be sent. Cancels may, always.
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

/// A trading state that any holder can change at any time; its clones are the same switch.
///
/// A change is seen by every check that starts after it. An order that is past its check still goes.
#[derive(Clone, Debug)]
pub struct TradingSwitch(Arc<AtomicU8>);

impl TradingSwitch {
    /// A switch in that state.
    pub fn new(state: TradingState) -> Self {
        Self(Arc::new(AtomicU8::new(state as u8)))
    }

    /// Changes the state, and says which it was.
    pub fn set(&self, state: TradingState) -> TradingState {
        read(self.0.swap(state as u8, Ordering::AcqRel))
    }

    /// The state.
    #[inline]
    pub fn state(&self) -> TradingState {
        read(self.0.load(Ordering::Acquire))
    }
}

impl Default for TradingSwitch {
    fn default() -> Self {
        Self::new(TradingState::Active)
    }
}

/// Only states are stored; should anything else ever stand there, nothing but cancels may go.
#[inline]
const fn read(stored: u8) -> TradingState {
    const ACTIVE: u8 = TradingState::Active as u8;
    const REDUCE_ONLY: u8 = TradingState::ReduceOnly as u8;
    match stored {
        ACTIVE => TradingState::Active,
        REDUCE_ONLY => TradingState::ReduceOnly,
        _ => TradingState::Halted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clone_is_the_same_switch() {
        let switch = TradingSwitch::default();
        let other = switch.clone();
        for &state in TradingState::ALL {
            switch.set(state);
            assert_eq!(other.state(), state);
        }
        assert_eq!(other.set(TradingState::Active), TradingState::Halted);
    }

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
