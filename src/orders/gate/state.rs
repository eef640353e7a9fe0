//! The kill switch.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::domain::TradingState;

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
}
