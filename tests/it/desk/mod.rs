//! The order desk against every row of the fault list that it can answer without a socket. A test is named after its
//! row: S sending, L lists, N notices, U deciding an unknown order, P this process.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks the events that it is about"
)]

#[path = "../../support/desk/mod.rs"]
mod simulation;

mod chaos;
mod harness;
mod lists;
mod notices;
mod permutations;
mod process;
mod sending;
mod simulated;
mod unknowns;
