//! The part that is trusted with money: what happens to an order between the caller and the broker. It knows no broker.

pub mod desk;
mod desk_journal;
pub mod gate;
pub mod journal;

pub use desk_journal::{DeskJournal, RecordClock};
