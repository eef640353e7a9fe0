//! The formats of the KIS Open API.
