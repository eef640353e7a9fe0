//! What a broker tells its dealer: notices, the state of the stream, the market's facts.

use jiff::civil::Date;

use super::dealer::Dealer;
use super::issues::Issues;
use super::latency::StageTimes;
use super::wire::OrderWire;
use crate::domain::{AccountId, Qty, Symbol, Timestamp};
use crate::error::{Block, Result};
use crate::orders::desk::{Counters, Notice};

impl<W: OrderWire> Dealer<W> {
    /// A notice of the account's stream.
    ///
    /// # Errors
    /// For an account that is not there, or when the gateway broke.
    pub fn notice(&self, account: AccountId, notice: &Notice) -> Result<()> {
        self.shared().try_act(|state, now, _| {
            let key = state.desk_of(account, notice.at.kst_date())?;
            state.with(key, |day, out| day.desk.notice(now, notice, out));
            Ok(())
        })
    }

    /// A frame of the account's stream could not be read: it may have been a fill.
    ///
    /// # Errors
    /// For an account that is not there, or when the gateway broke.
    pub fn unreadable_frame(&self, account: AccountId) -> Result<()> {
        self.shared().try_act(|state, now, _| {
            state.with_today(account, |day, out| day.desk.unreadable_frame(now, out))
        })
    }

    /// The account holds more or less of an issue than its fills explain.
    ///
    /// # Errors
    /// For an account that is not there, or when the gateway broke.
    pub fn unexplained_position(&self, account: AccountId, symbol: Symbol) -> Result<()> {
        self.shared().try_act(|state, now, _| {
            state.with_today(account, |day, out| {
                day.desk.unexplained_position(now, symbol, out);
            })
        })
    }

    /// The account's stream of notices is confirmed and delivers from now on. What was missed is fetched from the list.
    ///
    /// # Errors
    /// For an account that is not there, or when the gateway broke.
    pub fn stream_up(&self, account: AccountId) -> Result<()> {
        self.shared().try_act(|state, now, _| {
            state.set_stream(account, true)?;
            state.with_today(account, |day, out| day.desk.stream_up(now, out))
        })
    }

    /// The account's stream ended, stalled, or was refused. `since` is when it last surely delivered.
    ///
    /// # Errors
    /// For an account that is not there, or when the gateway broke.
    pub fn stream_down(&self, account: AccountId, since: Timestamp) -> Result<()> {
        self.shared().try_act(|state, now, _| {
            state.set_stream(account, false)?;
            state.with_today(account, |day, out| day.desk.stream_down(now, since, out))
        })
    }

    /// By how many nanoseconds the broker's clock is ahead of ours.
    ///
    /// # Errors
    /// When the gateway broke.
    pub fn set_clock_offset(&self, broker_ahead_ns: i64) -> Result<()> {
        self.shared()
            .act(|state, _, _| state.set_clock_offset(broker_ahead_ns))
    }

    /// The issues of a day with their prices; those of another day than today are passed over. Before the first call, and
    /// after midnight until the next one, no order passes the gate.
    ///
    /// # Errors
    /// When the gateway broke.
    pub fn set_issues(&self, issues: &Issues) -> Result<()> {
        self.shared().act(|state, _, _| {
            for day in state.days_mut().filter(|day| day.date == issues.date()) {
                day.desk.gate_mut().set_issues(issues.clone());
            }
        })
    }

    /// The trading day that orders belong to now. Another one begins with midnight in Korea, and with it the numbers of
    /// orders.
    ///
    /// # Errors
    /// When the gateway broke.
    pub fn trading_date(&self) -> Result<Date> {
        self.shared().act(|_, now, _| now.at.kst_date())
    }

    /// Shares of an issue that the account can sell now, as the broker says. Sales count against it until the next call;
    /// it decides what may be sold while trading only reduces.
    ///
    /// # Errors
    /// For an account that is not there, or when the gateway broke.
    pub fn set_sellable(&self, account: AccountId, symbol: Symbol, qty: Qty) -> Result<()> {
        self.shared().try_act(|state, _, _| {
            state.with_today(account, |day, _| {
                day.desk.gate_mut().set_sellable(symbol, qty);
            })
        })
    }

    /// Takes no new orders for that reason; cancels go on.
    ///
    /// # Errors
    /// When the gateway broke.
    pub fn block(&self, by: Block) -> Result<()> {
        self.shared().act(|state, _, _| {
            if !state.blocks.contains(&by) {
                state.blocks.push(by);
            }
            state.days_mut().for_each(|day| day.desk.block(by));
        })
    }

    /// Ends a reason.
    ///
    /// # Errors
    /// When the gateway broke.
    pub fn unblock(&self, by: Block) -> Result<()> {
        self.shared().act(|state, _, _| {
            state.blocks.retain(|&block| block != by);
            state.days_mut().for_each(|day| day.desk.unblock(by));
        })
    }

    /// The first reason for which an account's new orders are not taken.
    ///
    /// # Errors
    /// For an account that is not there.
    pub fn blocked_by(&self, account: AccountId) -> Result<Option<Block>> {
        if self.shared().has_failed() {
            return Ok(Some(Block::Failed));
        }
        self.shared()
            .try_act(|state, _, _| Ok(state.today(account)?.desk.blocked_by()))
    }

    /// Counts of what needs no event, of an account's day.
    ///
    /// # Errors
    /// For an account that is not there, or when the gateway broke.
    pub fn counters(&self, account: AccountId) -> Result<Counters> {
        self.shared()
            .try_act(|state, _, _| Ok(*state.today(account)?.desk.counters()))
    }

    /// How long each stage of an order took so far.
    pub fn latency(&self) -> Vec<StageTimes> {
        self.shared().latency.times()
    }

    /// Measures the stages, or does not: that costs a clock reading each.
    pub fn measure_latency(&self, on: bool) {
        self.shared().latency.switch(on);
    }

    /// Whether the gateway broke inside. Nothing is taken then, cancels included.
    pub fn has_failed(&self) -> bool {
        self.shared().has_failed()
    }

    /// Waits until the gateway breaks inside, which it should not.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn failed(&self) {
        let failure = self.shared().failure.notified();
        if !self.shared().has_failed() {
            failure.await;
        }
    }

    /// Ends the gateway as a panic inside would: for a task of the broker's own that broke. Nothing is sent any more.
    pub fn fail(&self) {
        self.shared().fail();
    }
}
