//! The formats of the KIS Open API.

pub mod realtime;
