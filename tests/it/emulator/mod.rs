//! The emulators, spoken to over their wire.

mod kis;
