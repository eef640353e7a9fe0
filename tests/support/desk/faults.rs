//! What goes wrong in one history. A swarm: each seed switches on some faults and leaves the others off, so that rare
//! combinations are reached that a mix of everything would hide.

use super::rng::Rng;

/// How the broker's notices identify a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Neither number nor cumulative quantity; whole seconds (KIS).
    Bare,
    /// Numbered, with the cumulative quantity (Kiwoom).
    Cumulative,
    /// Numbered only.
    Numbered,
}

/// Chances in 256, and waits in milliseconds, of everything that can go wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    pub(crate) dialect: Dialect,
    /// Nothing is written.
    pub(crate) not_written: u8,
    /// The write breaks off; half of these arrive all the same.
    pub(crate) cut: u8,
    /// The broker answers, and the answer is lost.
    pub(crate) lost: u8,
    /// The answer comes after the deadline.
    pub(crate) late: u8,
    /// The answer cannot be read.
    pub(crate) unclear: u8,
    /// A code that is not on the closed list; half of these orders were taken.
    pub(crate) strange_code: u8,
    /// The broker says no, properly.
    pub(crate) refuse: u8,
    /// The broker says that it is too much at once.
    pub(crate) over_rate: u8,
    /// The exchange turns away what the broker took.
    pub(crate) exchange_refuse: u8,
    /// A request waits in the broker's queue for up to this.
    pub(crate) queue_ms: u64,
    /// A notice is lost.
    pub(crate) drop_notice: u8,
    /// A notice comes twice.
    pub(crate) repeat_notice: u8,
    /// A notice is late by up to this.
    pub(crate) notice_ms: u64,
    /// A frame that cannot be read.
    pub(crate) garbage: u8,
    /// The stream is cut for a while.
    pub(crate) stream_cut: u8,
    /// There is no stream at all.
    pub(crate) no_stream: bool,
    /// The list is as it was so long ago.
    pub(crate) list_lag_ms: u64,
    /// A list read fails.
    pub(crate) list_fail: u8,
    /// A list read has no result.
    pub(crate) list_silent: u8,
    /// Somebody else trades in the account.
    pub(crate) external: u8,
    /// The process is killed.
    pub(crate) crash: u8,
    /// The broker's clock is ahead by this.
    pub(crate) clock_ms: i64,
    /// The machine sleeps.
    pub(crate) sleep: u8,
}

impl Faults {
    /// A broker without faults.
    pub(crate) const fn none(dialect: Dialect) -> Self {
        Self {
            dialect,
            not_written: 0,
            cut: 0,
            lost: 0,
            late: 0,
            unclear: 0,
            strange_code: 0,
            refuse: 0,
            over_rate: 0,
            exchange_refuse: 0,
            queue_ms: 0,
            drop_notice: 0,
            repeat_notice: 0,
            notice_ms: 0,
            garbage: 0,
            stream_cut: 0,
            no_stream: false,
            list_lag_ms: 0,
            list_fail: 0,
            list_silent: 0,
            external: 0,
            crash: 0,
            clock_ms: 0,
            sleep: 0,
        }
    }

    /// The faults of a seed.
    pub(crate) fn swarm(rng: &mut Rng) -> Self {
        let dialect = match rng.below(3) {
            0 => Dialect::Bare,
            1 => Dialect::Cumulative,
            _ => Dialect::Numbered,
        };
        let mut faults = Self::none(dialect);
        let mut chance = |most: u64| {
            if rng.below(3) == 0 {
                u8::try_from(rng.between(1, most)).unwrap_or(u8::MAX)
            } else {
                0
            }
        };
        faults.not_written = chance(60);
        faults.cut = chance(80);
        faults.lost = chance(120);
        faults.late = chance(120);
        faults.unclear = chance(80);
        faults.strange_code = chance(80);
        faults.refuse = chance(60);
        faults.over_rate = chance(40);
        faults.exchange_refuse = chance(50);
        faults.drop_notice = chance(120);
        faults.repeat_notice = chance(160);
        faults.garbage = chance(30);
        faults.stream_cut = chance(200);
        faults.list_fail = chance(120);
        faults.list_silent = chance(40);
        faults.external = chance(160);
        faults.crash = chance(120);
        faults.sleep = chance(60);
        faults.no_stream = rng.below(12) == 0;
        let mut wait = |most: u64| {
            if rng.below(3) == 0 {
                rng.below(most)
            } else {
                0
            }
        };
        faults.queue_ms = wait(8_000);
        faults.notice_ms = wait(20_000);
        faults.list_lag_ms = wait(45_000);
        if rng.below(4) == 0 {
            faults.clock_ms = i64::try_from(rng.below(241_000)).unwrap_or(0) - 120_000;
        }
        faults
    }
}
