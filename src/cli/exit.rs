//! How a command ends: one line on stderr and a documented exit code.

use std::fmt;
use std::io;
use std::process::ExitCode;

use gwanmun::{ConfigError, Error, PendingOrder, Refusal, ValueError};

/// The exit codes, for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  something else went wrong: not found, not supported, a file that cannot be read, a damaged journal,
     a demo that does not reconcile
  2  wrong usage: an argument that does not parse or cannot be
  3  the configuration has mistakes
  4  the broker refused the order command
  5  the outcome of an order command is unknown: never send it again
  6  not connected, no answer in time, or no room under the rate limit";

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// See exit code 1. What went wrong and what to do.
    Other(String),
    /// See exit code 2.
    Usage(String),
    /// See exit code 3.
    Config(ValueError),
    /// The gateway's own errors; each has its exit code.
    Gateway(Error),
    /// See exit code 4.
    Refused(Refusal),
    /// See exit code 5.
    Unknown(PendingOrder),
    /// Whoever read our output has gone (`| head`): an end, not a failure.
    ReaderGone,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::ReaderGone => 0,
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Config(_) => 3,
            Self::Refused(_) => 4,
            Self::Unknown(_) => 5,
            Self::Gateway(error) => code_of(error),
        })
    }

    /// Says on stderr what went wrong. Stderr may be closed as well, and then there is nobody to tell.
    pub(crate) fn report(&self) {
        use io::Write;

        if !matches!(self, Self::ReaderGone) {
            let _ = writeln!(io::stderr(), "error: {self}");
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "errors that are added later are `something else` until they are placed here"
)]
const fn code_of(error: &Error) -> u8 {
    match error {
        Error::Invalid(_) => 2,
        Error::Config(_) | Error::MissingFeature { .. } => 3,
        Error::NotConnected { .. }
        | Error::Connection(_)
        | Error::Timeout { .. }
        | Error::RateLimited { .. } => 6,
        _ => 1,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(text) | Self::Usage(text) => f.write_str(text),
            Self::Config(error) => write!(f, "configuration: {error}"),
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Unknown(pending) => write!(
                f,
                "nobody knows yet what became of client order id {} sent at {}: do not send it again, look at `gwanmun \
                 orders`",
                pending.id, pending.since
            ),
            Self::ReaderGone => f.write_str("the reader of the output has gone"),
            Self::Gateway(error) => {
                write!(f, "{error}")?;
                // An error prints its own level; a person at a terminal wants the causes too.
                let mut cause = std::error::Error::source(error);
                while let Some(inner) = cause {
                    write!(f, ": {inner}")?;
                    cause = inner.source();
                }
                Ok(())
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Gateway(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Error::from(error).into()
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ReaderGone
        } else {
            Self::Other(format!(
                "writing the output: {error}; is the disk full or the terminal gone?"
            ))
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        // Our values always have a JSON form, so what fails is the writing.
        io::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_an_end_and_a_full_disk_a_failure() {
        let failure = |kind| Failure::from(io::Error::from(kind));
        let pipe = failure(io::ErrorKind::BrokenPipe);
        assert!(matches!(pipe, Failure::ReaderGone));
        assert!(matches!(
            failure(io::ErrorKind::StorageFull),
            Failure::Other(_)
        ));
    }

    #[test]
    fn causes_stand_on_the_same_line() {
        let failure = Failure::from(Error::io("reading a.toml", io::ErrorKind::NotFound.into()));
        assert_eq!(failure.to_string(), "reading a.toml: entity not found");
    }
}
