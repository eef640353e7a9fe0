//! A world around the order desk: a model broker with its own book of truth, the rate limiter,
//! faults chosen by seed, virtual time, and an oracle that knows what really happened. Shared by the tests and by `examples/desk_simulator.rs`.

pub(crate) mod broker;
pub(crate) mod faults;
pub(crate) mod limiter;
pub(crate) mod oracle;
pub(crate) mod rng;
pub(crate) mod world;
