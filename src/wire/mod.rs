//! Vendor formats exactly as sent: requests, answers, field tables, codes. No I/O, no policy, nothing of the domain.

#[cfg(any(feature = "kis", feature = "emulator"))]
pub mod kis;
