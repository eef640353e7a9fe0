//! The brokers: one folder each.

#[cfg(feature = "network")]
pub mod live;
pub mod mock;
#[cfg(any(feature = "kis", feature = "kiwoom", feature = "creon"))]
mod unbuilt;

pub use mock::Mock;
#[cfg(feature = "creon")]
pub use unbuilt::Creon;
#[cfg(feature = "kis")]
pub use unbuilt::Kis;
#[cfg(feature = "kiwoom")]
pub use unbuilt::Kiwoom;
