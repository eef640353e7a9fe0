//! What a live broker has to do for its desks: write a command once, read the order list of a day.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

use super::shared::Shared;
use super::state::DayKey;
use crate::domain::AccountId;
use crate::error::{Error, Result, TimeoutPhase};
use crate::limiter::{Lane, RateLimiter};
use crate::orders::desk::{Answer, ClosedList, Row, Ticket, WriteRequest};

/// The wire of one broker, as far as orders are concerned. It decides nothing: what an answer means is the desk's to say.
pub trait OrderWire: Send + Sync + 'static {
    /// The codes by which the broker says that it did not accept a command.
    fn refusals(&self) -> ClosedList;

    /// Writes a command **once**, whatever happens, and waits for its answer until [`WriteJob::deadline`]. The limiter has
    /// let it pass; a login that is not there by the deadline is [`Written::NotSent`].
    ///
    /// An answer that comes after [`Written::Unknown`] was returned goes to `late`.
    ///
    /// # Cancel safety
    /// Dropping the future must not stop a request that began: it may be dropped when it overruns its deadline.
    fn write(&self, job: &WriteJob, late: LateAnswer) -> impl Future<Output = Reply> + Send;

    /// Reads the whole order list of a day into `rows`: every page, every order of every venue, ended ones too. Each page
    /// asks [`ListJob::admit_page`] first.
    ///
    /// # Errors
    /// When any part of it is missing; a part of a list is no list.
    fn read_list(
        &self,
        job: &mut ListJob,
        rows: &mut Vec<Row>,
    ) -> impl Future<Output = Result<ListRead>> + Send;

    /// The machine slept, or its clock was set: every connection counts as dead.
    fn clock_jumped(&self) {}
}

/// A command to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteJob {
    /// The account's place in the gateway's list.
    pub account_index: usize,
    /// The trading day that the order belongs to.
    pub date: Date,
    /// The command.
    pub request: WriteRequest,
    /// When its answer is due, and also when it must have left at the latest.
    pub deadline: Instant,
}

/// What became of a write.
#[derive(Debug)]
pub enum Written {
    /// Proof that no byte left; the error says why.
    NotSent(Error),
    /// Bytes may have left, and no answer came in time or at all.
    Unknown,
    /// A whole answer.
    Answered(Answer),
}

/// What became of a write, and when its stages ended, where they are known.
#[derive(Debug)]
pub struct Reply {
    /// What became of it.
    pub written: Written,
    /// The request's bytes were made.
    pub encoded: Option<Instant>,
    /// They were handed to the socket.
    pub sent: Option<Instant>,
    /// The answer's last byte was there.
    pub received: Option<Instant>,
}

impl From<Written> for Reply {
    fn from(written: Written) -> Self {
        Self {
            written,
            encoded: None,
            sent: None,
            received: None,
        }
    }
}

/// Takes the answer of a command that came too late.
#[derive(Clone, Debug)]
pub struct LateAnswer {
    pub(super) shared: Weak<Shared>,
    pub(super) day: DayKey,
    pub(super) ticket: Ticket,
}

impl LateAnswer {
    /// Hands the answer to the order that it is of. A gateway that is gone, or a day that is over, has no use for it.
    pub fn answered(self, answer: Answer) {
        if let Some(shared) = self.shared.upgrade() {
            // What cannot be told any more is found in the list.
            let _ = shared.answered(self.day, self.ticket, answer);
        }
    }
}

/// An order list to be read.
#[derive(Debug)]
pub struct ListJob {
    /// The account.
    pub account: AccountId,
    /// The account's place in the gateway's list.
    pub account_index: usize,
    /// The trading day whose orders are asked for.
    pub date: Date,
    /// When the list must be whole.
    pub deadline: Instant,
    pub(super) limiter: Arc<RateLimiter>,
    pub(super) pages_left: u32,
    pub(super) within: Duration,
}

impl ListJob {
    /// Waits for the limiter to let one more page be asked for, ahead of account and market reads.
    ///
    /// # Errors
    /// When there was no room in time, or when the list has more pages than any list can have.
    pub async fn admit_page(&mut self) -> Result<()> {
        if self.pages_left == 0 {
            return Err(Error::invalid(
                "order list",
                "pages without an end",
                "a last page within the bound",
            ));
        }
        self.pages_left -= 1;
        let patience = self.deadline.saturating_duration_since(Instant::now());
        if patience.is_zero() {
            return Err(Error::Timeout {
                phase: TimeoutPhase::Answer,
                after: self.within,
            });
        }
        self.limiter.acquire(Lane::Reconciliation, patience).await
    }
}

/// An order list that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListRead {
    /// Whether every venue of the broker was asked for.
    pub all_venues: bool,
}
