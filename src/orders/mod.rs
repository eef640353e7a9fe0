//! The part that is trusted with money: what happens to an order between the caller and the broker.

pub mod desk;
