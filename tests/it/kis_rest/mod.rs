//! The wire of KIS's REST calls against payloads that KIS published or that were recorded.

mod fixture;
mod lenient;
mod masters;
mod payloads;
mod values;
