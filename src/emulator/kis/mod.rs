//! A server that speaks the KIS Open API.
