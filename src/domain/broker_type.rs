//! The brokers and the state of a connection to one.

use super::text::text_enum;

text_enum! {
    /// A broker. All four names exist whatever features are on.
    pub enum BrokerType("broker type") {
        /// Korea Investment & Securities (한국투자증권).
        Kis = "KIS",
        /// Daishin Securities' CREON (대신증권 크레온), behind its Windows bridge.
        Creon = "CREON",
        /// Kiwoom Securities (키움증권).
        Kiwoom = "KIWOOM",
        /// The simulated exchange in this process.
        Mock = "MOCK",
    }
}

text_enum! {
    /// Where a gateway stands with its broker.
    pub enum ConnectionStatus("connection status") {
        /// Not connected, and not trying.
        Disconnected = "DISCONNECTED",
        /// Trying.
        Connecting = "CONNECTING",
        /// Orders and queries can be sent.
        Connected = "CONNECTED",
        /// Given up after bounded retries; `connect` tries anew.
        Error = "ERROR",
    }
}
