//! A connection status that is read without a lock.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::domain::ConnectionStatus;

/// A [`ConnectionStatus`] that threads share.
#[derive(Debug)]
pub(in crate::broker) struct AtomicStatus(AtomicU8);

impl AtomicStatus {
    pub(in crate::broker) const fn new(status: ConnectionStatus) -> Self {
        Self(AtomicU8::new(status as u8))
    }

    #[inline]
    pub(in crate::broker) fn load(&self) -> ConnectionStatus {
        const CONNECTING: u8 = ConnectionStatus::Connecting as u8;
        const CONNECTED: u8 = ConnectionStatus::Connected as u8;
        const ERROR: u8 = ConnectionStatus::Error as u8;
        match self.0.load(Ordering::Acquire) {
            CONNECTING => ConnectionStatus::Connecting,
            CONNECTED => ConnectionStatus::Connected,
            ERROR => ConnectionStatus::Error,
            _ => ConnectionStatus::Disconnected,
        }
    }

    /// Whether the status is CONNECTED: one load and one comparison.
    #[inline]
    pub(in crate::broker) fn is_connected(&self) -> bool {
        self.0.load(Ordering::Acquire) == ConnectionStatus::Connected as u8
    }

    pub(in crate::broker) fn store(&self, status: ConnectionStatus) {
        self.0.store(status as u8, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_comes_back() {
        let shared = AtomicStatus::new(ConnectionStatus::Disconnected);
        for &status in ConnectionStatus::ALL {
            shared.store(status);
            assert_eq!(shared.load(), status);
        }
    }
}
