//! The desk's settings: waits and bounds.

use std::time::Duration;

/// How long the desk waits and how much it holds. The default suits KIS and Kiwoom.
///
/// | bound | at it |
/// |---|---|
/// | `orders_max` | the oldest settled order moves to the archive; without one, new orders are refused |
/// | `archive_max` | new orders are refused, unless there is `forgets_beyond` |
/// | `pending_max` | new orders are refused |
/// | `pending_max`, of commands decided without an answer | the late answer of an older one is only counted |
/// | `held_max`, `hold` | the oldest held notice is reported as somebody else's |
/// | `numbers_max` | modifications and partial cancels of that order are refused; a cancel of the rest is not |
/// | `rows_max` | the list counts as unreadable |
/// | `marks_max` | the oldest mark is forgotten; a later repeat is caught by the quantity or by the list |
///
/// A restart, and parts that a modification splits off, may go beyond `orders_max`, and cancels of all that is left
/// beyond `pending_max`: they exist already, or must not be kept from leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// From the send to the moment when a missing answer makes the command unknown.
    pub answer_within: Duration,
    /// An unknown command is absent at the earliest so long after its deadline.
    pub absent_after: Duration,
    /// And after so many complete list reads.
    pub absent_reads: u32,
    /// That are at least so far apart.
    pub absent_read_gap: Duration,
    /// An unknown command that cannot be decided is reported unresolved so long after its deadline.
    pub unresolved_after: Duration,
    /// Margin of the broker's order time around the send and the deadline.
    pub window_margin: Duration,
    /// Margin of the broker's fill time around a list read.
    pub fill_margin: Duration,
    /// How long the broker's list may lag behind its orders.
    pub list_lag: Duration,
    /// Period of list reads while anything is open or not settled.
    pub poll: Duration,
    /// The same while nothing is open: somebody else may trade in the account.
    pub poll_idle: Duration,
    /// Period while anything is open and there is no stream of notices.
    pub poll_without_stream: Duration,
    /// Least time between the starts of two list reads.
    pub read_gap: Duration,
    /// A list read without a result counts as failed after so long.
    pub read_within: Duration,
    /// How long a notice of an unknown number is held while it may be of a command in flight.
    pub hold: Duration,
    /// A step of the wall clock against the monotonic one beyond this means that the machine slept or was reset.
    pub clock_jump: Duration,
    /// Orders of equal fingerprint that may be in flight at once.
    pub identical_max: usize,
    /// Orders held with all their detail.
    pub orders_max: usize,
    /// Settled orders of the day of which only number and totals are kept.
    pub archive_max: usize,
    /// Commands in flight or undecided.
    pub pending_max: usize,
    /// Notices of unknown numbers.
    pub held_max: usize,
    /// Numbers of one order: its own, its modifications and cancels.
    pub numbers_max: u32,
    /// Rows of one order list.
    pub rows_max: usize,
    /// Fill notices that are remembered to tell repeats.
    pub marks_max: usize,
    /// Whether new orders wait for the first complete list read.
    pub reconcile_first: bool,
    /// Whether the stream neither loses nor repeats anything, so that ended orders are settled without the list: a
    /// broker in this process.
    pub exact_stream: bool,
    /// Settled orders beyond so many are forgotten with their ids instead of archived. Only for a broker whose list
    /// forgets them too: a number that the desk does not know is somebody else's.
    pub forgets_beyond: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            answer_within: Duration::from_secs(10),
            absent_after: Duration::from_secs(60),
            absent_reads: 3,
            absent_read_gap: Duration::from_secs(5),
            unresolved_after: Duration::from_secs(120),
            window_margin: Duration::from_secs(5),
            fill_margin: Duration::from_secs(3),
            list_lag: Duration::from_secs(60),
            poll: Duration::from_secs(30),
            poll_idle: Duration::from_secs(60),
            poll_without_stream: Duration::from_secs(5),
            read_gap: Duration::from_millis(250),
            read_within: Duration::from_secs(30),
            hold: Duration::from_secs(60),
            clock_jump: Duration::from_secs(2),
            identical_max: 1,
            orders_max: 4_096,
            archive_max: 1 << 20,
            pending_max: 64,
            held_max: 256,
            numbers_max: 64,
            rows_max: 65_536,
            marks_max: 16_384,
            reconcile_first: true,
            exact_stream: false,
            forgets_beyond: None,
        }
    }
}
