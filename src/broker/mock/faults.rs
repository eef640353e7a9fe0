//! The line between the desks and the exchange when it is a bad one: seeded, and in the exchange's own time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::list::{Change, List};
use crate::config::FaultConfig;
use crate::domain::{AccountId, BrokerCode, Timestamp};
use crate::orders::desk::{Answer, Notice, ReadId, Row, Ticket, WriteRequest};

const MILLI_NS: u64 = 1_000_000;
const SECOND_NS: u64 = 1_000 * MILLI_NS;
/// Rows of a page of the list.
const PAGE: usize = 15;

/// Something on its way.
#[derive(Clone, Debug)]
pub(super) enum Parcel {
    /// A request to the exchange.
    Request(WriteRequest),
    /// An answer to the desk.
    Answer(Ticket, Answer),
    /// The writer knows that nothing left.
    Unwritten(Ticket),
    /// A notice of the stream.
    Notice(Notice),
    /// A list, or the news that there is none.
    List(ReadId, bool),
    StreamDown,
    StreamUp,
    /// The process of the desk is killed, and begins again.
    Restart,
}

#[derive(Debug)]
struct Planned {
    at: Timestamp,
    seq: u64,
    desk: usize,
    /// The process that it is for. The network outlives processes, answers do not.
    epoch: u32,
    parcel: Parcel,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.seq).cmp(&(other.at, other.seq))
    }
}

/// How the stream and the process of one desk stand.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    epoch: u32,
    stream_is_down: bool,
}

/// What is on its way, and what the list shows.
#[derive(Debug)]
pub(super) struct Line {
    faults: FaultConfig,
    random: ChaCha8Rng,
    queue: BinaryHeap<Reverse<Planned>>,
    seq: u64,
    ends: Vec<End>,
    /// The list as it is shown, which lags behind.
    shown: List,
    /// What the shown list has not got yet.
    unseen: VecDeque<(Timestamp, Change)>,
}

impl Line {
    pub(super) fn new(faults: FaultConfig, desks: usize, rows_max: usize) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(faults.seed),
            faults,
            queue: BinaryHeap::new(),
            seq: 0,
            ends: vec![End::default(); desks],
            shown: List::new(rows_max),
            unseen: VecDeque::new(),
        }
    }

    /// Begins another day: what is still on its way is of the old one.
    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.shown.clear();
        self.unseen.clear();
        for end in &mut self.ends {
            end.epoch += 1;
            end.stream_is_down = false;
        }
    }

    /// When the next thing arrives.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.queue.peek().map(|Reverse(planned)| planned.at)
    }

    /// The next thing that arrives, if it still can, and at which desk.
    pub(super) fn next(&mut self) -> Option<(usize, Parcel)> {
        let Reverse(planned) = self.queue.pop()?;
        let Planned {
            desk,
            epoch,
            parcel,
            ..
        } = planned;
        let end = &mut self.ends[desk];
        let is_same = epoch == end.epoch;
        let arrives = match &parcel {
            Parcel::Request(_) => true,
            Parcel::Notice(_) => is_same && !end.stream_is_down,
            Parcel::StreamDown => {
                let goes = is_same && !end.stream_is_down;
                end.stream_is_down |= is_same;
                goes
            }
            Parcel::StreamUp => {
                end.stream_is_down &= !is_same;
                is_same
            }
            Parcel::Restart => {
                if is_same {
                    *end = End {
                        epoch: epoch + 1,
                        stream_is_down: false,
                    };
                }
                is_same
            }
            Parcel::Answer(..) | Parcel::Unwritten(_) | Parcel::List(..) => is_same,
        };
        arrives.then_some((desk, parcel))
    }

    /// A desk writes a request.
    pub(super) fn write(&mut self, now: Timestamp, desk: usize, write: WriteRequest) {
        let faults = self.faults;
        if self.hits(faults.stream_cut) {
            let down_ns = self.between(0, 100) * MILLI_NS;
            let up_ns = down_ns + self.between(1, 60) * SECOND_NS;
            self.plan(now, down_ns, desk, Parcel::StreamDown);
            self.plan(now, up_ns, desk, Parcel::StreamUp);
        }
        if self.hits(faults.restart) {
            let after_ns = self.between(0, 300) * MILLI_NS;
            self.plan(now, after_ns, desk, Parcel::Restart);
        }
        let ticket = write.ticket;
        let soon_ns = self.between(1, 100) * MILLI_NS;
        if self.hits(faults.not_written) {
            return self.plan(now, soon_ns, desk, Parcel::Unwritten(ticket));
        }
        let unclear = Parcel::Answer(ticket, Answer::Unclear);
        if self.hits(faults.cut_before) {
            return self.plan(now, soon_ns, desk, unclear);
        }
        let mut after_ns = self.between(1, 30) * MILLI_NS;
        if self.hits(faults.delay) {
            after_ns += self.between(0, 5_000) * MILLI_NS;
        }
        if self.hits(faults.cut_after) {
            self.plan(now, after_ns + MILLI_NS, desk, unclear);
        }
        self.plan(now, after_ns, desk, Parcel::Request(write));
    }

    /// The code with which the broker turns a request away before the exchange sees it, if it does.
    pub(super) fn turned_away(&mut self) -> Option<BrokerCode> {
        let faults = self.faults;
        if self.hits(faults.over_rate) {
            return Some(BrokerCode::new("SIM3005"));
        }
        self.hits(faults.refuse).then(|| BrokerCode::new("SIM9999"))
    }

    /// The broker answers.
    pub(super) fn answer(&mut self, now: Timestamp, desk: usize, ticket: Ticket, answer: Answer) {
        let faults = self.faults;
        if self.hits(faults.lost_answer) {
            return;
        }
        let after_ns = if self.hits(faults.late_answer) {
            self.between(8_000, 25_000) * MILLI_NS
        } else {
            self.between(1, 100) * MILLI_NS
        };
        self.plan(now, after_ns, desk, Parcel::Answer(ticket, answer));
    }

    /// The broker sends a notice.
    pub(super) fn notify(&mut self, now: Timestamp, desk: usize, notice: Notice) {
        let faults = self.faults;
        let copies = 1 + u32::from(self.hits(faults.repeat_notice));
        for _ in 0..copies {
            let after_ns = if self.hits(faults.late_notice) {
                self.between(0, 10_000) * MILLI_NS
            } else {
                self.between(1, 20) * MILLI_NS
            };
            if !self.hits(faults.drop_notice) {
                self.plan(now, after_ns, desk, Parcel::Notice(notice));
            }
        }
    }

    /// The list changes.
    pub(super) fn change(&mut self, now: Timestamp, change: Change) {
        self.unseen.push_back((now, change));
    }

    /// A desk asks for the list.
    pub(super) fn ask_list(&mut self, now: Timestamp, desk: usize, id: ReadId) {
        let faults = self.faults;
        let fails = self.hits(faults.list_fail);
        if fails && self.hits(500) {
            // Never answered.
            return;
        }
        let after_ns = self.between(5, 400) * MILLI_NS;
        self.plan(now, after_ns, desk, Parcel::List(id, !fails));
    }

    /// The rows that the broker shows now, page by page; `false` when a page shifted so that a row may be missing.
    pub(super) fn read_list(
        &mut self,
        now: Timestamp,
        account: AccountId,
        rows: &mut Vec<Row>,
    ) -> bool {
        let faults = self.faults;
        let lag_ns = if self.hits(faults.list_lag) {
            self.between(0, 30_000) * MILLI_NS
        } else {
            0
        };
        let until = now.saturating_add_nanos(-i64::try_from(lag_ns).unwrap_or(0));
        while let Some((_, change)) = self.unseen.front().filter(|(at, _)| *at <= until) {
            self.shown.apply(change);
            self.unseen.pop_front();
        }
        rows.clear();
        rows.extend(self.shown.rows(account));
        if rows.len() <= PAGE || !self.hits(faults.list_shift) {
            return true;
        }
        if self.hits(500) {
            return false;
        }
        // A new order pushed the last row of a page to the next one.
        let pages = u64::try_from(rows.len() / PAGE).unwrap_or(1);
        let page = usize::try_from(self.between(1, pages)).unwrap_or(1);
        let last = rows[page * PAGE - 1];
        rows.insert(page * PAGE, last);
        true
    }

    /// Nothing more goes wrong from now on.
    pub(super) fn heal(&mut self) {
        let mut calm = FaultConfig::new(self.faults.seed);
        for (_, chance) in calm.chances() {
            *chance = 0;
        }
        self.faults = calm;
    }

    fn plan(&mut self, now: Timestamp, after_ns: u64, desk: usize, parcel: Parcel) {
        self.seq += 1;
        let at = now.saturating_add_nanos(i64::try_from(after_ns).unwrap_or(i64::MAX));
        self.queue.push(Reverse(Planned {
            at,
            seq: self.seq,
            desk,
            epoch: self.ends[desk].epoch,
            parcel,
        }));
    }

    /// True `chance` times in 1,000.
    fn hits(&mut self, chance: u32) -> bool {
        self.random.next_u64() % 1_000 < u64::from(chance)
    }

    /// `low` to `high`, both included; the bias of the remainder is of no matter here.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.random.next_u64() % (high - low + 1)
    }
}
