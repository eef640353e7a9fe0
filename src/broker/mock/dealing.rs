//! Orders on the floor: from the caller to the desk, from the desk to the exchange, and the exchange's news back.

use super::faults::Parcel;
use super::floor::{Floor, Outlets};
use super::list::{changes, notice};
use super::not_sent;
use crate::domain::{
    AccountId, CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, OrderRef, OrderRequest,
    OrderResult, OrderableRequest, Qty, Receipt, Resolution, Side, TradingState,
};
use crate::error::{Error, Result};
use crate::orders::desk::{
    Answer, Decision, Effect, Instruction, Notice, OrderList, ReadId, Ticket, WriteRequest,
};
use crate::sim::{Command, Outcome};

impl Floor {
    /// A new order through its desk. Does not wait for the outcome. `admitted` is the limiter, asked when nothing else
    /// stands against the order.
    pub(super) fn place(
        &mut self,
        request: &OrderRequest,
        admitted: impl FnOnce() -> Result<()>,
        outlets: Outlets<'_>,
    ) -> Result<ClientOrderId> {
        let desk = self.orders.place_of(request.account)?;
        let id = self.orders.number(desk, request.id)?;
        let request = request.with_id(id);
        let sellable = self.sellable(&request);
        let behind = (!outlets.executions.has_room()).then(|| outlets.executions.capacity());
        let placed = self.orders.with(desk, self.now, |desk, now, out| {
            desk.set_consumer_behind(behind);
            desk.gate_mut().expect_new(sellable);
            let placed = desk.place_when(now, &request, admitted, out);
            if placed.is_ok() {
                desk.gate_mut().note_sent(&request, now.elapsed);
            }
            placed
        });
        if let Ok((ticket, id)) = placed {
            self.orders.await_outcome(desk, ticket, id);
        }
        self.take_effects(outlets);
        placed.map(|(_, id)| id)
    }

    /// A modification through its desk.
    pub(super) fn modify(
        &mut self,
        request: &ModifyRequest,
        admitted: impl FnOnce() -> Result<()>,
        outlets: Outlets<'_>,
    ) -> Result<OrderResult> {
        let desk = self.orders.place_of(request.account)?;
        let mut request = *request;
        if request.qty.is_some() {
            request.part_id = self.orders.number(desk, request.part_id)?;
        }
        let behind = (!outlets.executions.has_room()).then(|| outlets.executions.capacity());
        let sent = self.orders.with(desk, self.now, |desk, now, out| {
            desk.set_consumer_behind(behind);
            desk.gate_mut().expect_modified();
            desk.modify_when(now, &request, admitted, out)
        });
        self.finish(desk, sent, outlets)
    }

    /// A cancel through its desk.
    pub(super) fn cancel(
        &mut self,
        request: &CancelRequest,
        admitted: impl FnOnce() -> Result<()>,
        outlets: Outlets<'_>,
    ) -> Result<OrderResult> {
        let desk = self.orders.place_of(request.account)?;
        let sent = self.orders.with(desk, self.now, |desk, now, out| {
            desk.cancel_when(now, request, admitted, out)
        });
        self.finish(desk, sent, outlets)
    }

    fn finish(
        &mut self,
        desk: usize,
        sent: Result<(Ticket, ClientOrderId)>,
        outlets: Outlets<'_>,
    ) -> Result<OrderResult> {
        if let Ok((ticket, id)) = sent {
            self.orders.await_outcome(desk, ticket, id);
        }
        self.take_effects(outlets);
        sent?;
        self.outcome(outlets)
    }

    /// The outcome of the command that was just sent. Time passes until it is there, at most until its answer is due.
    pub(super) fn outcome(&mut self, outlets: Outlets<'_>) -> Result<OrderResult> {
        let since = self.now;
        let ever = since.saturating_add_nanos(i64::MAX);
        while !self.orders.has_outcome() && self.step(ever, outlets) {}
        self.orders.take_outcome(since)
    }

    /// What became of an order whose outcome was unknown. Time passes until that is found out.
    pub(super) fn resolve(
        &mut self,
        id: ClientOrderId,
        outlets: Outlets<'_>,
    ) -> Result<OrderResult> {
        let since = self.now;
        for desk in 0..self.orders.len() {
            let account = self.orders.account(desk);
            // An order that is decided, or has no command in doubt, needs no look.
            let looked = self.orders.with(desk, self.now, |desk, now, out| {
                desk.resolve(now, id, Decision::Look, out)
            });
            self.take_effects(outlets);
            if looked.is_ok() {
                let patience = self.orders.patience();
                let until = since.saturating_add_nanos(patience);
                while self.orders.undecided(account, id).is_some() && self.step(until, outlets) {}
                if let Some(pending) = self.orders.undecided(account, id) {
                    return Ok(OrderResult::Unknown(pending));
                }
            }
            if let Some(order) = self.orders.order(account, OrderRef::Client(id))? {
                return Ok(OrderResult::Accepted(Receipt {
                    id,
                    order_no: order.order_no,
                    at: order.accepted_at,
                    inferred: self.orders.is_inferred(id),
                }));
            }
        }
        let expected = "an accepted order of today that is not older than mock.history";
        Err(Error::not_found("client order id", id, expected))
    }

    /// Shares that may be sold, where a rule asks for them.
    fn sellable(&self, request: &OrderRequest) -> Qty {
        let asks = self.orders.trading_state() == TradingState::ReduceOnly;
        if !asks || request.side != Side::Sell {
            return Qty::ZERO;
        }
        let asked = OrderableRequest {
            account: request.account,
            symbol: request.symbol,
            side: request.side,
            kind: request.kind,
        };
        // What cannot be sold at all is none.
        let orderable = self.exchange().orderable(&asked);
        orderable.map_or(Qty::ZERO, |orderable| orderable.qty)
    }

    /// Does what the desks ask for, in their order, until they ask for nothing more.
    pub(super) fn take_effects(&mut self, outlets: Outlets<'_>) {
        while let Some((desk, effect)) = self.orders.next_effect() {
            match effect {
                Effect::Write(write) => match &mut self.line {
                    Some(line) => line.write(self.now, desk, write),
                    None => self.arrive(desk, &write, outlets),
                },
                Effect::ReadList(id) => match &mut self.line {
                    Some(line) => line.ask_list(self.now, desk, id),
                    None => self.read_list(desk, id),
                },
                Effect::Outcome { ticket, result } => self.orders.decide(desk, ticket, result),
                Effect::Event(event) => self.tell(event, outlets),
            }
        }
    }

    /// News for the subscribers and for those who ask later.
    fn tell(&mut self, mut event: ExecutionEvent, outlets: Outlets<'_>) {
        match &mut event {
            ExecutionEvent::Filled { fill, .. } => {
                let told = self.exchange().fill(fill.fill_no);
                fill.maker = told.is_some_and(|told| told.maker);
                self.orders.remember(*fill);
            }
            ExecutionEvent::NotSent { id, .. } => {
                let error = not_sent(self.connect_within);
                self.orders.decide_unsent(*id, error);
            }
            ExecutionEvent::Resolved {
                id,
                resolution: Resolution::Accepted(receipt),
                ..
            } if receipt.inferred => self.orders.infer(*id),
            ExecutionEvent::Accepted { .. }
            | ExecutionEvent::Modified { .. }
            | ExecutionEvent::Cancelled { .. }
            | ExecutionEvent::Refused { .. }
            | ExecutionEvent::Unknown { .. }
            | ExecutionEvent::Resolved { .. }
            | ExecutionEvent::External { .. }
            | ExecutionEvent::Gap { .. }
            | ExecutionEvent::Resynced { .. }
            | ExecutionEvent::Disputed { .. }
            | ExecutionEvent::Rejected { .. } => {}
        }
        outlets.executions.publish(&event);
    }

    /// What was on its way on a bad line arrives.
    pub(super) fn receive(&mut self, outlets: Outlets<'_>) {
        let next = self.line.as_mut().and_then(|line| line.next());
        let Some((desk, parcel)) = next else {
            return;
        };
        if desk >= self.orders.len() {
            return;
        }
        let now = self.now;
        match parcel {
            Parcel::Request(write) => self.arrive(desk, &write, outlets),
            Parcel::Answer(ticket, answer) => self.orders.with(desk, now, |desk, now, out| {
                desk.answered(now, ticket, answer, out);
            }),
            Parcel::Unwritten(ticket) => self.orders.with(desk, now, |desk, now, out| {
                desk.not_written(now, ticket, out);
            }),
            Parcel::Notice(notice) => self.orders.with(desk, now, |desk, now, out| {
                desk.notice(now, &notice, out);
            }),
            Parcel::List(id, true) => self.show_list(desk, id),
            Parcel::List(id, false) => self.orders.with(desk, now, |desk, now, out| {
                desk.list_failed(now, id, out);
            }),
            Parcel::StreamDown => self.orders.with(desk, now, |desk, now, out| {
                desk.stream_down(now, now.at, out);
            }),
            Parcel::StreamUp => self.orders.with(desk, now, |desk, now, out| {
                desk.stream_up(now, out);
            }),
            Parcel::Restart => self.orders.restart(desk, now),
        }
        self.take_effects(outlets);
    }

    /// The list as a bad line shows it.
    fn show_list(&mut self, desk: usize, id: ReadId) {
        let mut rows = std::mem::take(&mut self.rows);
        let account = self.orders.account(desk);
        let now = self.now;
        let line = self.line.as_mut();
        let is_whole = line.is_some_and(|line| line.read_list(now, account, &mut rows));
        self.orders.with(desk, now, |desk, now, out| {
            let list = OrderList {
                rows: &rows,
                all_venues: true,
            };
            if is_whole {
                desk.list_read(now, id, list, out);
            } else {
                desk.list_failed(now, id, out);
            }
        });
        self.rows = rows;
    }

    /// A request reaches the exchange.
    fn arrive(&mut self, desk: usize, write: &WriteRequest, outlets: Outlets<'_>) {
        let turned_away = self.line.as_mut().and_then(|line| line.turned_away());
        if let Some(code) = turned_away {
            let message = None;
            return self.answer(desk, write.ticket, Answer::Code { code, message });
        }
        let outcome = self.apply(&command(self.orders.account(desk), write), outlets);
        let answer = match outcome {
            Outcome::Accepted(Receipt { order_no, at, .. }) => Answer::Accepted { order_no, at },
            Outcome::Refused(refusal) => Answer::Code {
                code: refusal.code,
                message: refusal.message,
            },
            // No desk asks for these.
            Outcome::Cancelled(_) | Outcome::Done => Answer::Unclear,
        };
        self.answer(desk, write.ticket, answer);
        let placed = matches!(write.instruction, Instruction::Place).then_some(&write.order);
        self.carry_news(placed, outlets);
    }

    /// Carries the exchange's news to the list and to the desks. `placed` is the order that was being placed.
    pub(super) fn carry_news(&mut self, placed: Option<&OrderRequest>, outlets: Outlets<'_>) {
        let news = self.take_news();
        for event in &news {
            for change in changes(&self.list, event, placed).iter().flatten() {
                self.list.apply(change);
                if let Some(line) = &mut self.line {
                    line.change(self.now, *change);
                }
            }
            // Where nothing is lost, the answer has told of it.
            let is_told = matches!(event, ExecutionEvent::Accepted { .. }) && self.line.is_none();
            if is_told {
                continue;
            }
            if let Some((account, notice)) = notice(&self.list, event)
                && let Ok(desk) = self.orders.place_of(account)
            {
                self.notify(desk, &notice);
            }
        }
        self.give_back(news);
        self.take_effects(outlets);
    }

    fn answer(&mut self, desk: usize, ticket: Ticket, answer: Answer) {
        if let Some(line) = &mut self.line {
            return line.answer(self.now, desk, ticket, answer);
        }
        self.orders.with(desk, self.now, |desk, now, out| {
            desk.answered(now, ticket, answer, out);
        });
    }

    fn notify(&mut self, desk: usize, notice: &Notice) {
        if let Some(line) = &mut self.line {
            return line.notify(self.now, desk, *notice);
        }
        self.orders.with(desk, self.now, |desk, now, out| {
            desk.notice(now, notice, out);
        });
    }

    fn read_list(&mut self, desk: usize, id: ReadId) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        let account = self.orders.account(desk);
        if let Ok(desk) = self.orders.desk(account) {
            // What has ended is settled without the list, because nothing is lost here; a day of it would be read at each
            // look. Nobody else trades here: what the desk does not know is none of its orders.
            let open = self.exchange().open_orders(account).unwrap_or_default();
            let listed = open
                .iter()
                .filter_map(|order| self.list.row(order.order_no));
            rows.extend(listed.filter(|row| desk.order(row.order_no).is_some()));
        }
        let list = OrderList {
            rows: &rows,
            all_venues: true,
        };
        self.orders.with(desk, self.now, |desk, now, out| {
            desk.list_read(now, id, list, out);
        });
        self.rows = rows;
    }
}

/// What a request tells the exchange, which numbers orders by itself and knows nothing of the caller's numbers.
fn command(account: AccountId, write: &WriteRequest) -> Command {
    match write.instruction {
        Instruction::Place => Command::Place(write.order.with_id(ClientOrderId::AUTO)),
        Instruction::Modify { target, qty, kind } => Command::Modify(ModifyRequest {
            account,
            order: OrderRef::Number(target),
            qty,
            kind,
            part_id: ClientOrderId::AUTO,
        }),
        Instruction::Cancel { target, qty } => Command::Cancel(CancelRequest {
            account,
            order: OrderRef::Number(target),
            qty,
        }),
    }
}
