//! The order desk: the part that is trusted with money. It knows no broker.

pub mod journal;
