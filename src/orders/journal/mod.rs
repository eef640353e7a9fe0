//! The order journal: what survives the end of the process.
//!
//! One append-only file for each gateway and trading day, `<name>-<trading date>.journal`, beside a lock file
//! `<name>.lock`; the kill switch has a file of its own. A command is written here before its first byte goes to a socket, and so is everything that is
//! learned of it. A command without an end is Unknown to the next start.
//!
//! # Format
//! Records of [`RECORD_LEN`] = 128 bytes, little-endian, the header first. A record's sequence number is its place in
//! the file. 128 bytes hold the largest record (a refusal with the broker's words, an unresolved order with its
//! candidates), are two cache lines, and divide the sector and the page, so that no record crosses either and a
//! sector that reaches the disk whole leaves no half record. A day of 100,000 records is 13 MB.
//!
//! | bytes | record | header |
//! |---|---|---|
//! | 0..8 | sequence number | magic `GWANMUNJ` |
//! | 8..16 | time, nanoseconds since 1970 | version (2), record length (2), broker (1), 0 (3) |
//! | 16 | kind | trading date `yyyymmdd` (4, from 16), |
//! | 17..124 | body by kind, then zeros | hash of the name (8), time of creation (8), zeros |
//! | 124..128 | CRC-32C of all before, begun with the header's checksum | CRC-32C of all before |
//!
//! Records are bound to their header, so those of another file are never taken for this one's. The checksum comes
//! last: a write that was cut short leaves it zero.
//!
//! # What is promised
//! - [`Durability::ProcessCrash`]: what [`Journal::append`] returned for survives the end of the process at any point,
//!   `kill -9` included: it is in the page cache. [`Journal::flusher`] bounds what a power loss can take.
//!   [`Durability::PowerLoss`]: it is on the disk before `append` returns.
//! - Room is written out with zeros ahead of use. When no more can be had, records that would add exposure are refused
//!   and the rest use the room that is kept for them ([`Reserve::outcomes`]).
//! - After a failed write or flush nothing more is written: the journal is poisoned, and only a start reads it again.
//!   [`AppendError::verdict`] says what to do with the command at hand.
//! - A start returns every record, or says which byte is wrong. Only at the end of the file are damaged records
//!   dropped, at most [`TORN_RECORDS_MAX`], and counted.
//! - No secret and no account number is in it: an account is a place in the gateway's list and its last two characters.
//!
//! # Bounds
//! A file has at most [`RECORDS_MAX`] records, texts at most [`JournalText::LEN_MAX`] bytes, an unresolved order at
//! most [`Candidates::LISTED_MAX`] listed candidates. `append` allocates nothing.

mod append;
mod codec;
mod codes;
mod error;
mod file;
mod header;
mod inspect;
mod kept_state;
mod layout;
mod lock;
mod open;
mod print;
mod record;
mod reserve;
mod scan;
mod text;

pub use append::{Flusher, Health, Journal};
pub use error::{AppendError, AppendFailure, Damage, JournalError, Step, Verdict};
pub use file::{DiskFile, JournalFile};
pub use header::{Header, JournalName};
pub use inspect::{Contents, Ending, inspect};
pub use kept_state::{keep_trading_state, read_trading_state};
pub use layout::RECORD_LEN;
pub use open::{Durability, JournalOptions, Recovered, journals};
pub use record::{
    AccountMark, Action, CancelIntent, Candidates, CommandId, EndStatus, Entry, JournalRecord,
    ModifyIntent, NotSentCause, OrderIntent, UnknownCause,
};
pub use reserve::{RECORDS_MAX, Reserve};
pub use scan::{TORN_RECORDS_MAX, TornTail};
pub use text::JournalText;
