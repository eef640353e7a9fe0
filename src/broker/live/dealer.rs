//! The dealer: what a live broker's handle calls.

use std::pin::pin;
use std::sync::Arc;

use tokio::task::AbortHandle;

use super::outbox::Tray;
use super::runtime::Runtime;
use super::setup::Setup;
use super::shared::Shared;
use super::state::{DayKey, State, never_arrived};
use super::timers::{flush_all, keep_time};
use super::waiters::Awaited;
use super::wire::OrderWire;
use super::writer::write_all;
use crate::domain::{
    AccountId, CancelRequest, ClientOrderId, Fill, Intent, ModifyRequest, Order, OrderCommand,
    OrderRef, OrderRequest, OrderResult, PendingOrder, Receipt, TradingState,
};
use crate::error::{Block, Error, Result};
use crate::orders::desk::Decision;

/// Writers of orders: as many as may be in flight, so that none waits behind another's answer, but no more than that.
const WRITERS_MAX: usize = 256;
/// Writers of cancels.
const CANCEL_WRITERS: usize = 16;
/// Cancels of `cancel_all` on their way at once.
const CANCELS_AT_ONCE: usize = 8;

/// Deals for the accounts of one gateway: owns the order desk of each account and trading day, and drives it.
///
/// A cheap handle; its tasks end with the last clone, or with [`Dealer::stop`].
#[derive(Debug)]
pub struct Dealer<W> {
    inner: Arc<Inner<W>>,
}

impl<W> Clone for Dealer<W> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

#[derive(Debug)]
struct Inner<W> {
    shared: Arc<Shared>,
    wire: Arc<W>,
    tasks: Vec<AbortHandle>,
    /// Keeps the thread of the tasks alive.
    _runtime: Runtime,
}

impl<W> Drop for Inner<W> {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.shared.close();
    }
}

/// What an orderly stop leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Commands whose outcome is unknown; the journal has them, and the next start looks them up.
    pub undecided: Vec<(AccountId, OrderCommand, PendingOrder)>,
    /// Orders that stay with the broker and may be filled.
    pub open: Vec<Order>,
}

impl<W: OrderWire> Dealer<W> {
    /// Opens the journals, makes the desks as they left them, and starts the tasks. New orders are taken once the order
    /// list was read.
    ///
    /// # Errors
    /// When a journal cannot be opened: another process has it, it is damaged, or the disk fails.
    pub fn start(setup: Setup, wire: Arc<W>, runtime: &Runtime) -> Result<Self> {
        let order_timeout = setup.order_timeout;
        let flushes = setup.journals.wants_flushes();
        let commands = setup.desk.pending_max.saturating_mul(setup.accounts.len());
        let shared = Arc::new(Shared::open(setup, wire.refusals())?);
        let writer = |tray| {
            let (shared, wire) = (Arc::clone(&shared), Arc::clone(&wire));
            runtime
                .spawn(write_all(shared, wire, tray, order_timeout))
                .abort_handle()
        };
        let mut tasks: Vec<AbortHandle> = Vec::new();
        tasks.extend((0..CANCEL_WRITERS).map(|_| writer(Tray::Cancels)));
        tasks.extend((0..commands.clamp(1, WRITERS_MAX)).map(|_| writer(Tray::Orders)));
        let timers = keep_time(Arc::clone(&shared), Arc::clone(&wire));
        tasks.push(runtime.spawn(timers).abort_handle());
        if flushes {
            let flushes = flush_all(Arc::clone(&shared));
            tasks.push(runtime.spawn(flushes).abort_handle());
        }
        Ok(Self {
            inner: Arc::new(Inner {
                shared,
                wire,
                tasks,
                _runtime: runtime.clone(),
            }),
        })
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// The wire.
    pub fn wire(&self) -> &W {
        &self.inner.wire
    }

    /// Sends a new order without waiting for anything; the outcome comes on the stream of executions. Without room under
    /// the rate limit it is an error at once, and usually nothing is written down then.
    ///
    /// # Errors
    /// Each is proof that nothing was sent.
    pub fn submit(&self, request: &OrderRequest) -> Result<ClientOrderId> {
        self.shared().try_act(|state, now, outlets| {
            let begun = state.place(now, request, false, outlets)?;
            Ok(begun.pending.id)
        })
    }

    /// Sends a new order and waits for its outcome.
    ///
    /// # Errors
    /// Each is proof that nothing was sent.
    ///
    /// # Cancel safety
    /// Once it was polled, dropping the future changes nothing: the order goes on, and its outcome comes on the stream.
    pub async fn place(&self, request: &OrderRequest) -> Result<OrderResult> {
        self.shared()
            .begin(|state, now, outlets| state.place(now, request, true, outlets))?
            .await
    }

    /// Sends a modification and waits for its outcome.
    ///
    /// # Errors
    /// Each is proof that nothing was sent.
    ///
    /// # Cancel safety
    /// As [`Dealer::place`].
    pub async fn modify(&self, request: &ModifyRequest) -> Result<OrderResult> {
        self.shared()
            .begin(|state, now, outlets| state.modify(now, request, outlets))?
            .await
    }

    /// Sends a cancel and waits for its outcome.
    ///
    /// # Errors
    /// Each is proof that nothing was sent.
    ///
    /// # Cancel safety
    /// As [`Dealer::place`].
    pub async fn cancel(&self, request: &CancelRequest) -> Result<OrderResult> {
        self.shared()
            .begin(|state, now, outlets| state.cancel(now, request, outlets))?
            .await
    }

    /// Cancels every order of an account that may be filled: one outcome an order, oldest first, several at a time.
    ///
    /// # Errors
    /// An outer error is proof that nothing was sent at all, an inner one that nothing was of that cancel.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the orders that it has not come to as they are.
    pub async fn cancel_all(&self, account: AccountId) -> Result<Vec<Result<OrderResult>>> {
        // Boxed, because it is rare and its future is large.
        Box::pin(self.cancel_each(account)).await
    }

    async fn cancel_each(&self, account: AccountId) -> Result<Vec<Result<OrderResult>>> {
        let open = self.open_orders(account)?;
        let mut outcomes = Vec::with_capacity(open.len());
        for some in open.chunks(CANCELS_AT_ONCE) {
            let begun: Vec<_> = some
                .iter()
                .map(|order| {
                    let cancel = CancelRequest::all(account, order.order_no);
                    self.shared()
                        .begin(|state, now, outlets| state.cancel(now, &cancel, outlets))
                })
                .collect();
            for waiting in begun {
                outcomes.push(match waiting {
                    Ok(waiting) => waiting.await,
                    Err(error) => Err(error),
                });
            }
        }
        Ok(outcomes)
    }

    /// What became of an order whose outcome was unknown: the list is looked at again, until it is decided, or cannot be
    /// in the desk's time.
    ///
    /// # Errors
    /// For an order that the gateway does not know, and for one that was looked for and is not there.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn resolve(&self, id: ClientOrderId) -> Result<OrderResult> {
        // Boxed, because it is rare and its future is large.
        Box::pin(self.look_for(id)).await
    }

    async fn look_for(&self, id: ClientOrderId) -> Result<OrderResult> {
        let shared = self.shared();
        let (found, patience) = shared.act(|state, now, _| {
            let found = undecided(state, id);
            let found = found.map(|(key, pending)| {
                let waiting = shared.waiters.join(Awaited::Resolution(id), pending);
                // One that is still on its way cannot be looked for yet; its outcome comes by itself.
                let looked = state.with(key, |day, out| {
                    day.desk.resolve(now, id, Decision::Look, out).is_ok()
                });
                (waiting, pending, looked)
            });
            (found, state.setup.desk.unresolved_after)
        })?;
        let Some((mut waiting, pending, _)) = found else {
            return self.decided(id);
        };
        let mut timer = pin!(tokio::time::sleep(patience));
        loop {
            let mut progress = pin!(shared.progress.notified());
            progress.as_mut().enable();
            if self.is_decided(id)? {
                // What was found out was told under the same lock.
                return tokio::select! {
                    biased;
                    outcome = &mut waiting => outcome,
                    () = std::future::ready(()) => self.decided(id),
                };
            }
            tokio::select! {
                biased;
                outcome = &mut waiting => return outcome.map(|result| match result {
                    OrderResult::Unknown(_) => OrderResult::Unknown(pending),
                    OrderResult::Accepted(_) | OrderResult::Refused(_) => result,
                }),
                () = progress => {}
                () = &mut timer => return Ok(OrderResult::Unknown(pending)),
            }
        }
    }

    fn is_decided(&self, id: ClientOrderId) -> Result<bool> {
        self.shared()
            .act(|state, _, _| undecided(state, id).is_none())
    }

    /// An order in which nothing is undecided.
    fn decided(&self, id: ClientOrderId) -> Result<OrderResult> {
        let found = self.shared().act(|state, _, _| {
            state.days().find_map(|day| {
                let order = day.desk.order(id)?;
                Some(Receipt {
                    id,
                    order_no: order.order_no,
                    at: order.accepted_at,
                    inferred: day.is_inferred(id),
                })
            })
        })?;
        found
            .map(OrderResult::Accepted)
            .ok_or_else(|| never_arrived(id))
    }

    /// Decides an unknown command, on the word of somebody who knows.
    ///
    /// # Errors
    /// For an order in which nothing is unknown, and a number that it cannot have.
    pub fn decide(&self, id: ClientOrderId, decision: Decision) -> Result<()> {
        self.shared().try_act(|state, now, _| {
            let key = undecided(state, id).map(|(key, _)| key);
            let decided = key.and_then(|key| {
                state.with(key, |day, out| day.desk.resolve(now, id, decision, out))
            });
            decided.unwrap_or_else(|| {
                let expected = "an order whose outcome is unknown";
                Err(Error::not_found("undecided order", id, expected))
            })
        })
    }

    /// An order of today that has a number.
    ///
    /// # Errors
    /// For an account or an order that is not there.
    pub fn order(&self, account: AccountId, order: OrderRef) -> Result<Order> {
        self.shared().try_act(|state, _, _| {
            let found = state.today(account)?.desk.order(order);
            let expected = "an order of today of this account";
            found.ok_or_else(|| Error::not_found("order", order, expected))
        })
    }

    /// The orders of an account that may be filled, somebody else's too, oldest first.
    ///
    /// # Errors
    /// For an account that is not there.
    pub fn open_orders(&self, account: AccountId) -> Result<Vec<Order>> {
        let open = self.shared().try_act(|state, _, _| {
            let open = state.today(account)?.desk.open_orders();
            Ok(open.collect::<Vec<_>>())
        });
        open.map(|mut open| {
            open.sort_by_key(|order| (order.accepted_at, order.order_no));
            open
        })
    }

    /// Today's fills of an account that were told since the start, by time; `None` when there were more: before a restart,
    /// or beyond the bound. The broker's own list has them then.
    ///
    /// # Errors
    /// For an account that is not there.
    pub fn fills(&self, account: AccountId) -> Result<Option<Vec<Fill>>> {
        self.shared()
            .try_act(|state, _, _| Ok(state.today(account)?.fills()))
    }

    /// The kill switch.
    ///
    /// # Errors
    /// When the gateway broke.
    pub fn trading_state(&self) -> Result<TradingState> {
        self.shared().act(|state, _, _| state.switch.state())
    }

    /// Sets the kill switch, at once and over restarts. Orders that are past their checks still go; cancels pass in every
    /// state.
    ///
    /// # Errors
    /// When it cannot be kept over a restart. What permits less holds all the same until then; what permits more does not.
    pub fn set_trading_state(&self, to: TradingState) -> Result<()> {
        self.shared().try_act(|state, now, _| {
            let from = state.switch.state();
            let forbids = |intent| from.permits(intent) && !to.permits(intent);
            if forbids(Intent::Increase) || forbids(Intent::Reduce) {
                state.switch.set(to);
            }
            state.setup.journals.keep_state(to)?;
            state.switch.set(to);
            for day in state.days_mut() {
                day.desk.journal_mut().note_state(to, now.at);
            }
            Ok(())
        })
    }

    /// Stops in order: no new orders and no changes from now on; what is on its way is waited for, no longer than to its
    /// deadline; what is unknown then stays in the journal. Cancels are taken until the end of the wait.
    ///
    /// # Errors
    /// When the gateway broke, or the journal cannot be flushed; it has stopped all the same.
    pub async fn stop(&self) -> Result<Stopped> {
        Box::pin(self.wind_down()).await
    }

    async fn wind_down(&self) -> Result<Stopped> {
        let shared = self.shared();
        self.block(Block::Stopping)?;
        loop {
            let mut progress = pin!(shared.progress.notified());
            progress.as_mut().enable();
            let waits = shared.act(|state, _, _| state.days().any(|day| !day.desk.can_stop()));
            match waits {
                Ok(true) => progress.await,
                Ok(false) | Err(_) => break,
            }
        }
        let left = shared.try_act(|state, _, _| {
            let mut left = Stopped::default();
            for day in state.days() {
                let account = day.account;
                let undecided = day.desk.undecided();
                let undecided = undecided.map(|(command, pending)| (account, command, pending));
                left.undecided.extend(undecided);
                left.open.extend(day.desk.open_orders());
            }
            let mut flushed = Ok(());
            for day in state.days_mut() {
                // Every one, even behind one that fails.
                let this = day.desk.journal_mut().flush();
                flushed = flushed.and(this);
            }
            flushed.map(|()| left)
        });
        for task in &self.inner.tasks {
            task.abort();
        }
        shared.close();
        left
    }
}

/// The oldest command of an order in which something is undecided.
fn undecided(state: &State, id: ClientOrderId) -> Option<(DayKey, PendingOrder)> {
    state.days().find_map(|day| {
        let mut undecided = day.desk.undecided().map(|(_, pending)| pending);
        let pending = undecided.find(|pending| pending.id == id)?;
        Some((day.key, pending))
    })
}
