//! The simulated exchange end to end, through its commands.

mod amendments;
mod checks;
mod continuous;
mod days;
mod money;
mod random;
mod support;
