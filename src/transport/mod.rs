//! Broker-blind plumbing: connections, HTTP exchanges, WebSocket sessions.
