//! The integration tests, all in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod desk;
