//! What live brokers share: the order desks, driven.
//!
//! A [`Dealer`] owns the [`Desk`](crate::orders::desk::Desk) of each account and trading day, with its gate and its
//! journal, and does what the desks ask for: it writes commands through the broker's [`OrderWire`], reads order lists,
//! tells the time, and hands news to subscribers. It knows no broker.
//!
//! ```text
//! caller ── lock: gate, fingerprint, journal ── limiter ── outbox ──► writer ── wire ──► broker
//!    ▲                                                                  │
//!    └── outcome ◄── lock: desk ◄── answer, late answer ◄───────────────┘
//! timers ── lock: desk ── order lists ◄── wire        stream ── notices ── lock: desk ── executions
//! ```
//!
//! | bound | behaviour at it |
//! |---|---|
//! | commands in flight or undecided | the desk's `pending_max`; one writer for each, up to 256 |
//! | a command's wait for the limiter | `order_timeout`, then it was not sent |
//! | its answer | `order_timeout` from there, then it is unknown; a later answer still counts |
//! | an order list | the desk's `read_within`, and `list_pages_max` pages |
//! | a full subscriber | new orders are refused, cancels are not |
//! | past days with something undecided | 4; the journal has the rest |
//!
//! Every call takes the one lock of the desks for a few checks and a journal record: microseconds, and as long as the disk
//! takes where each record is flushed ([`Durability::PowerLoss`](crate::orders::journal::Durability::PowerLoss)), and at
//! midnight, when the day's file is made.
//!
//! # Order of checks
//! Gate, blocks, fingerprint lock, journal, limiter. A caller that does not wait is turned away before the journal when
//! the limiter has no room, so that a program that asks again and again does not fill it.
//!
//! # When something of ours breaks
//! A panic in a task or under the lock ends the gateway: nothing is written any more, subscriptions end with the reason,
//! whoever waits learns that the outcome is unknown, and every call answers
//! [`Block::Failed`](crate::error::Block::Failed). A new gateway finds everything in the journal.

mod clocks;
mod day;
mod dealer;
mod gate;
mod issues;
mod journals;
mod latency;
mod news;
mod outbox;
mod runtime;
mod setup;
mod shared;
mod state;
mod timers;
mod waiters;
mod wire;
mod writer;

pub use clocks::Clocks;
pub use dealer::{Dealer, Stopped};
pub use issues::{Issue, Issues};
pub use journals::{DiskJournals, Journals, MemoryJournals};
pub use latency::{Stage, StageTimes};
pub use runtime::Runtime;
pub use setup::{Executions, Setup};
pub use wire::{LateAnswer, ListJob, ListRead, OrderWire, Reply, WriteJob, Written};
