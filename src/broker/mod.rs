//! The brokers: one folder each.

#[cfg(feature = "kis")]
pub mod kis;
#[cfg(feature = "network")]
pub mod live;
pub mod mock;
mod status;
#[cfg(any(feature = "kiwoom", feature = "creon"))]
mod unbuilt;

#[cfg(feature = "kis")]
pub use kis::Kis;
pub use mock::Mock;
#[cfg(feature = "creon")]
pub use unbuilt::Creon;
#[cfg(feature = "kiwoom")]
pub use unbuilt::Kiwoom;
