//! The desk of one account and one trading day.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::civil::Date;
use rustc_hash::FxHashSet;

use super::gate::{DayGate, Next};
use super::issues::Issues;
use super::journals::Log;
use super::setup::Setup;
use super::state::DayKey;
use crate::domain::{AccountId, ClientOrderId, ExecutionEvent, Fill, Resolution, TradingCalendar};
use crate::error::Result;
use crate::orders::desk::{self, ClosedList, Desk, Moment, Record};
use crate::orders::gate::{Gate, OrderHours, TradingSwitch};

/// A desk with what is kept beside it.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) key: DayKey,
    pub(super) account_index: usize,
    pub(super) account: AccountId,
    pub(super) date: Date,
    pub(super) desk: Desk<Log, DayGate>,
    /// Fills by time; the oldest are forgotten at the bound.
    fills: VecDeque<Fill>,
    fills_max: usize,
    /// Whether `fills` lacks some.
    lacks_fills: bool,
    /// Orders whose number was found out.
    inferred: FxHashSet<ClientOrderId>,
    /// When it was no longer today, by the monotonic clock.
    pub(super) over_since: Option<Duration>,
}

/// What a desk of a day is opened with.
pub(super) struct DayOpening<'a> {
    pub(super) setup: &'a Setup,
    pub(super) refusals: ClosedList,
    pub(super) switch: &'a TradingSwitch,
    pub(super) key: DayKey,
    pub(super) account_index: usize,
    pub(super) date: Date,
    /// The desk of another day of the account, whose lock is shared.
    pub(super) beside: Option<&'a Log>,
}

impl DayOpening<'_> {
    /// Opens the day's journal and makes the desk as it left it. Also the highest number that the caller's orders have.
    ///
    /// # Errors
    /// When the journal cannot be opened, or the day is outside of the calendar.
    pub(super) fn open(self, now: Moment) -> Result<(Day, u64)> {
        let setup = self.setup;
        let account = setup.accounts[self.account_index];
        let hours = if setup.always_open {
            OrderHours::always(self.date)?
        } else {
            OrderHours::on(self.date, TradingCalendar::builtin())?
        };
        let opened =
            setup
                .journals
                .open(self.account_index, account, self.date, self.beside, now.at)?;
        let rules = Gate::new(setup.rules, self.switch.clone(), hours);
        let issues = Issues::none(self.date);
        let mut gate = DayGate::new(rules, issues, setup.limiter.clone());
        gate.count_again(&opened.records);
        let highest = opened.records.iter().filter_map(id_of).max();
        let lacks_fills = opened
            .records
            .iter()
            .any(|record| matches!(record, Record::Filled { .. }));
        let config = desk::Config {
            answer_within: setup.order_timeout.saturating_mul(2),
            ..setup.desk
        };
        let desk = if opened.records.is_empty() {
            Desk::new(account, config, self.refusals, opened.log, gate)
        } else {
            let records = opened.records;
            Desk::restore(
                now,
                account,
                config,
                self.refusals,
                opened.log,
                gate,
                records,
            )
        };
        let day = Day {
            key: self.key,
            account_index: self.account_index,
            account,
            date: self.date,
            desk,
            fills: VecDeque::new(),
            fills_max: setup.fills_max.max(1),
            lacks_fills,
            inferred: FxHashSet::default(),
            over_since: None,
        };
        Ok((day, highest.unwrap_or_default()))
    }
}

/// The caller's number that a record gives away.
fn id_of(record: &Record) -> Option<u64> {
    if let Record::Place { request, .. } = record {
        return Some(request.id.get());
    }
    let Record::Modify { part_id, .. } = record else {
        return None;
    };
    part_id.map(ClientOrderId::get)
}

impl Day {
    /// The next command is of that kind, and its stages are measured or not.
    pub(super) fn prepare(&mut self, next: Next, times: bool) {
        let gate = self.desk.gate_mut();
        gate.expect(next);
        (gate.times, gate.checked) = (times, None);
        let log = self.desk.journal_mut();
        (log.times, log.appended) = (times, None);
    }

    /// Keeps what those who ask later want to know.
    pub(super) fn remember(&mut self, event: &ExecutionEvent) {
        if let ExecutionEvent::Filled { fill, .. } = event {
            if self.fills.len() == self.fills_max {
                self.fills.pop_front();
                self.lacks_fills = true;
            }
            self.fills.push_back(*fill);
        }
        if let ExecutionEvent::Resolved { id, resolution, .. } = event
            && matches!(resolution, Resolution::Accepted(_))
        {
            self.inferred.insert(*id);
        }
    }

    /// The day's fills, by time; `None` when some are not here, because they came before a restart or were too many.
    pub(super) fn fills(&self) -> Option<Vec<Fill>> {
        (!self.lacks_fills).then(|| self.fills.iter().copied().collect())
    }

    pub(super) fn is_inferred(&self, id: ClientOrderId) -> bool {
        self.inferred.contains(&id)
    }

    /// Whether a day that is past has nothing left to find out.
    pub(super) fn is_settled(&self, now: Moment) -> bool {
        /// What the list says of orders that ended with the session is waited for so long.
        const SETTLING: Duration = Duration::from_secs(10 * 60);
        let waited = self
            .over_since
            .is_some_and(|since| now.elapsed.saturating_sub(since) >= SETTLING);
        self.desk.undecided().next().is_none() && (waited || self.desk.is_at_rest())
    }
}
