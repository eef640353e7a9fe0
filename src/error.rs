//! What can go wrong, by what the caller can do about it.

use std::time::Duration;

use crate::domain::{BrokerCode, BrokerType, ClientOrderId, ConnectionStatus, ValueError};

/// The result of a gateway operation.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation did not happen.
///
/// For an order command an error is **proof that nothing was sent**: what may have left this machine comes back as
/// `Ok(OrderResult::…)`. Small enough (24 bytes) to travel by value through every call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument is not valid here; the inner error names it, what was found and what is allowed.
    #[error("invalid argument: {0}")]
    Invalid(Box<ValueError>),
    /// The broker cannot do this. Its `capabilities` say so beforehand.
    #[error("{broker} does not support {operation}")]
    Unsupported {
        /// The broker.
        broker: BrokerType,
        /// What was asked for.
        operation: &'static str,
    },
    /// The crate was built without this broker.
    #[error("{broker} is not in this build: switch on the cargo feature `{feature}`")]
    MissingFeature {
        /// The broker.
        broker: BrokerType,
        /// The feature that brings it.
        feature: &'static str,
    },
    /// The gateway is not connected.
    #[error("not connected to {broker} (status {status}): call `connect` first")]
    NotConnected {
        /// The broker.
        broker: BrokerType,
        /// Where the connection stands.
        status: ConnectionStatus,
    },
    /// The limiter has no room; nothing was sent.
    #[error("rate limit reached: the next request has room in {} ms", retry_after.as_millis())]
    RateLimited {
        /// When there is room again, if nobody else takes it.
        retry_after: Duration,
    },
    /// A consumer of `executions` does not keep up, so new orders are refused: fills are never dropped.
    #[error(
        "an executions subscription is full ({capacity} events): read it, or drop it, before new orders"
    )]
    ConsumerBehind {
        /// How many events it holds.
        capacity: usize,
    },
    /// An identical order, or another command of the same order, is on its way or unknown.
    #[error("order {id} has the same command in flight or unknown: wait for its outcome")]
    Busy {
        /// The order that is in the way.
        id: ClientOrderId,
    },
    /// New orders are not taken now; cancels are.
    #[error("no new orders now: {by}")]
    Blocked {
        /// Why.
        by: Block,
    },
    /// A bounded store is full.
    #[error("{what} are full ({limit}): let some end first")]
    Full {
        /// The store.
        what: Bounded,
        /// Its bound.
        limit: u32,
    },
    /// No such thing; the inner error names it.
    #[error("not found: {0}")]
    NotFound(Box<ValueError>),
    /// A step took too long.
    #[error("timed out {phase} after {} ms", after.as_millis())]
    Timeout {
        /// The step: `connecting`, `waiting for the rate limit`.
        phase: TimeoutPhase,
        /// How long it was given.
        after: Duration,
    },
    /// The broker said no to a query or a login, in a code of its own. Of an order command that is no error but a refusal.
    #[error(transparent)]
    Broker(Box<BrokerError>),
    /// The broker cannot be reached, or the connection broke before the answer to a query.
    #[error(transparent)]
    Connection(Box<ConnectionError>),
    /// The broker's answer to a query cannot be read; the inner error names the field. Nothing is guessed from it.
    #[error("unreadable answer: {0}")]
    Answer(Box<ValueError>),
    /// MOCK cannot be arranged that way; the text names the field, what was found and what is allowed.
    #[error("the simulation cannot be arranged that way: {0}")]
    Simulation(Box<str>),
    /// The configuration is not usable; the inner error lists every mistake.
    #[error("{0}")]
    Config(Box<ConfigError>),
    /// Reading or writing a file failed.
    #[error(transparent)]
    Io(Box<IoError>),
}

/// What a broker said to a query or a login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{broker} answered {operation} with {code}: {message}")]
pub struct BrokerError {
    /// The broker.
    pub broker: BrokerType,
    /// What was asked for.
    pub operation: &'static str,
    /// The broker's code, verbatim.
    pub code: BrokerCode,
    /// The broker's words: control characters escaped, cut to 64 characters.
    pub message: Box<str>,
}

/// A connection that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{broker} cannot be reached for {operation}: {reason}")]
pub struct ConnectionError {
    /// The broker.
    pub broker: BrokerType,
    /// What was asked for.
    pub operation: &'static str,
    /// What went wrong; no address and nothing secret.
    pub reason: Box<str>,
}

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct IoError {
    /// What was being done, with the path.
    pub context: Box<str>,
    /// What the system said.
    pub source: std::io::Error,
}

/// What is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bounded {
    /// Orders held with all their detail.
    Orders,
    /// Commands in flight or undecided.
    Commands,
    /// Numbers of one order: its modifications and cancels have their own.
    OrderNumbers,
    /// The caller's numbers of a day.
    OrderIds,
    /// Subscriptions of one session: trades and book of an issue are two.
    Topics,
}

impl std::fmt::Display for Bounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Orders => "orders",
            Self::Commands => "undecided commands",
            Self::OrderNumbers => "the order's numbers",
            Self::OrderIds => "order ids",
            Self::Topics => "subscriptions",
        })
    }
}

/// Why new orders are not taken. Cancels go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// The order list was not read since the start, or since the machine slept.
    Reconciling,
    /// The gateway is stopping.
    Stopping,
    /// The broker no longer takes the login.
    Login,
    /// The journal cannot be written.
    Journal,
    /// The gateway broke in the middle of something and has ended. Cancels are not taken either.
    Failed,
}

impl Block {
    /// Every reason, in the order in which they are named.
    pub const ALL: &'static [Self] = &[
        Self::Failed,
        Self::Stopping,
        Self::Login,
        Self::Journal,
        Self::Reconciling,
    ];
}

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Reconciling => "the order list has to be read first",
            Self::Stopping => "the gateway is stopping",
            Self::Login => "the broker no longer takes the login: connect again",
            Self::Journal => "the journal cannot be written: make room and restart",
            Self::Failed => "the gateway broke inside and has ended: make a new one",
        })
    }
}

/// The step that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeoutPhase {
    /// Waiting for room under the rate limit.
    Limiter,
    /// Connecting.
    Connect,
    /// Waiting for the broker's login token.
    Login,
    /// Waiting for the answer to a query. Never of an order command, whose outcome is unknown then and no error.
    Answer,
}

impl std::fmt::Display for TimeoutPhase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Limiter => "waiting for the rate limit",
            Self::Connect => "connecting",
            Self::Login => "waiting for the login",
            Self::Answer => "waiting for the answer",
        })
    }
}

impl Error {
    /// An invalid argument.
    pub fn invalid(
        what: &'static str,
        found: impl std::fmt::Display,
        expected: impl Into<Box<str>>,
    ) -> Self {
        Self::Invalid(Box::new(ValueError::new(what, found, expected)))
    }

    /// Something that is not there.
    pub fn not_found(
        what: &'static str,
        found: impl std::fmt::Display,
        expected: impl Into<Box<str>>,
    ) -> Self {
        Self::NotFound(Box::new(ValueError::new(what, found, expected)))
    }

    /// An answer of the broker that cannot be read.
    pub fn answer(
        what: &'static str,
        found: impl std::fmt::Display,
        expected: impl Into<Box<str>>,
    ) -> Self {
        Self::Answer(Box::new(ValueError::new(what, found, expected)))
    }

    /// A connection that failed.
    pub fn connection(
        broker: BrokerType,
        operation: &'static str,
        reason: impl std::fmt::Display,
    ) -> Self {
        Self::Connection(Box::new(ConnectionError {
            broker,
            operation,
            reason: reason.to_string().into(),
        }))
    }

    /// A file that could not be read or written.
    pub fn io(context: impl Into<Box<str>>, source: std::io::Error) -> Self {
        Self::Io(Box::new(IoError {
            context: context.into(),
            source,
        }))
    }

    /// When the same call may succeed without any other change, if that is known.
    pub const fn retry_after(&self) -> Option<Duration> {
        if let Self::RateLimited { retry_after } = self {
            Some(*retry_after)
        } else {
            None
        }
    }

    /// Whether the same call may succeed later without any change by the caller.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Timeout { .. }
                | Self::Connection(_)
                | Self::ConsumerBehind { .. }
                | Self::Busy { .. }
                | Self::Blocked { .. }
                | Self::Full { .. }
        )
    }
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Self::Invalid(Box::new(error))
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(Box::new(error))
    }
}

/// Every mistake of a configuration at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The mistakes, in the order of the file. Never empty.
    pub problems: Vec<ConfigProblem>,
}

impl std::error::Error for ConfigError {}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.problems.len();
        write!(
            f,
            "{count} mistake{} in the configuration",
            if count == 1 { "" } else { "s" }
        )?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// One mistake of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The file and line (from 1) of a mistake in the text of a file.
    pub place: Option<(Box<str>, usize)>,
    /// The field, dotted: `accounts[1].account_type`; the environment variable; or the file, when it cannot be read.
    pub field: Box<str>,
    /// What was found; never a secret.
    pub found: Box<str>,
    /// What is allowed.
    pub expected: Box<str>,
}

impl std::fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((file, line)) = &self.place {
            write!(f, "{file}:{line}: ")?;
        }
        write!(
            f,
            "{}: found {}, expected {}",
            self.field, self.found, self.expected
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_travel_by_value() {
        assert!(size_of::<Error>() <= 24, "{}", size_of::<Error>());
    }
}
