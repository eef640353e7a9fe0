//! What the desk says, held against what really happened.

use std::collections::BTreeMap;

use gwanmun::domain::{
    ClientOrderId, ExecutionEvent, Money, OrderCommand, OrderNo, OrderResult, Qty, Resolution,
};
use gwanmun::orders::desk::{Desk, Gate, Journal, Ticket, WriteRequest};

use super::broker::{Broker, Verdict};

/// A command as the desk sent it.
#[derive(Clone, Copy, Debug)]
struct Sent {
    id: ClientOrderId,
    command: OrderCommand,
    writes: u32,
    /// Whether the caller was told `Unknown`, and nothing since.
    is_unknown: bool,
    outcomes: u32,
}

/// What was told of one number.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    qty: u64,
    /// Won of the fills, at the prices told.
    value: i64,
    /// Shares of inferred fills, whose price is rounded.
    inferred: u64,
}

/// The oracle. Keeps the first violation.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    sent: BTreeMap<Ticket, Sent>,
    told: BTreeMap<OrderNo, Told>,
    cumulative: BTreeMap<ClientOrderId, (Qty, Qty)>,
    absent: Vec<(ClientOrderId, OrderCommand)>,
    /// Shares told as filled of orders that were nobody's.
    strange: u64,
    pub(crate) violation: Option<String>,
    pub(crate) unknowns: u32,
    pub(crate) inferred: u32,
}

impl Oracle {
    fn fail(&mut self, text: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(text());
        }
    }

    /// The desk asks for a write.
    pub(crate) fn write(&mut self, write: &WriteRequest) {
        let sent = self.sent.entry(write.ticket).or_insert_with(|| Sent {
            id: write.id,
            command: write.instruction.command(),
            writes: 0,
            is_unknown: false,
            outcomes: 0,
        });
        sent.writes += 1;
        if sent.writes > 1 {
            self.fail(|| format!("{:?} of order {} was written twice", write.ticket, write.id));
        }
    }

    /// The desk tells the caller what is known.
    pub(crate) fn outcome(&mut self, broker: &Broker, ticket: Ticket, result: &OrderResult) {
        let (_, verdict) = broker.arrivals_of(ticket.0);
        let Some(sent) = self.sent.get_mut(&ticket) else {
            return self.fail(|| format!("an outcome of {ticket:?}, which was never sent"));
        };
        sent.outcomes += 1;
        let (id, outcomes) = (sent.id, sent.outcomes);
        if outcomes > 1 {
            self.fail(|| format!("two outcomes of {ticket:?}"));
        }
        match (result, verdict) {
            (OrderResult::Refused(_), Some(Verdict::Accepted(no))) => {
                self.fail(|| {
                    format!("order {id} was shown as refused, but the broker has it as {no}")
                });
            }
            (OrderResult::Refused(_), None) => {
                self.fail(|| {
                    format!("order {id} was shown as refused, and the broker never said so")
                });
            }
            (OrderResult::Accepted(receipt), Some(Verdict::Accepted(no)))
                if receipt.order_no == no => {}
            (OrderResult::Accepted(receipt), _) => {
                let order_no = receipt.order_no;
                self.fail(|| format!("order {id} was accepted as {order_no}, which it is not"));
            }
            (OrderResult::Unknown(_), _) => {
                if let Some(sent) = self.sent.get_mut(&ticket) {
                    sent.is_unknown = true;
                }
                self.unknowns += 1;
            }
            (OrderResult::Refused(_), Some(Verdict::Refused)) => {}
        }
    }

    fn verdicts(
        &self,
        broker: &Broker,
        id: ClientOrderId,
        command: OrderCommand,
    ) -> Vec<Option<Verdict>> {
        self.sent
            .iter()
            .filter(|(_, sent)| sent.id == id && sent.command == command)
            .map(|(ticket, _)| broker.arrivals_of(ticket.0).1)
            .collect()
    }

    /// The desk tells everybody.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest is checked by what it leads to"
    )]
    pub(crate) fn event(&mut self, broker: &Broker, event: &ExecutionEvent) {
        match event {
            ExecutionEvent::Filled {
                fill,
                cumulative,
                remaining,
            } => {
                let Some(index) = broker.index_of(fill.order_no) else {
                    return self
                        .fail(|| format!("a fill of {}, which does not exist", fill.order_no));
                };
                let told = self.told.entry(fill.order_no).or_default();
                told.qty += fill.qty.get();
                told.value += fill.value().map_or(0, Money::units);
                if fill.inferred {
                    told.inferred += fill.qty.get();
                    self.inferred += 1;
                }
                let (told, truth) = (told.qty, broker.orders[index].row.filled.get());
                if told > truth {
                    let no = fill.order_no;
                    self.fail(|| format!("{told} shares of {no} were told as filled, of {truth}"));
                }
                if fill.id.is_auto() {
                    self.strange += fill.qty.get();
                    return;
                }
                let (before, _) = self.cumulative.get(&fill.id).copied().unwrap_or_default();
                // What was told of somebody else's order counts from when it turns out to be this one.
                let least = before.get() + fill.qty.get();
                if !(least..=least + self.strange).contains(&cumulative.get()) {
                    let id = fill.id;
                    let qty = fill.qty;
                    self.fail(|| {
                        format!("order {id}: {before} and a fill of {qty} make {cumulative}")
                    });
                }
                self.cumulative.insert(fill.id, (*cumulative, *remaining));
            }
            ExecutionEvent::NotSent { id, command, .. } => {
                let mut verdicts = self.verdicts(broker, *id, *command).into_iter();
                let has_arrived = verdicts.all(|verdict| verdict.is_some());
                if has_arrived {
                    self.fail(|| {
                        format!("{command} of order {id} was told as not sent, but it arrived")
                    });
                }
            }
            ExecutionEvent::Refused { refusal, .. } => self.refused(broker, refusal.id),
            ExecutionEvent::Resolved {
                id,
                command,
                resolution,
                ..
            } => match resolution {
                Resolution::Refused(_) => self.refused(broker, *id),
                Resolution::Absent => {
                    // Nothing in the model is as late as the absence rule waits.
                    let exists = self
                        .verdicts(broker, *id, *command)
                        .iter()
                        .all(|verdict| matches!(verdict, Some(Verdict::Accepted(_))));
                    if exists {
                        self.fail(|| {
                            format!("{command} of order {id} was told as absent, but it exists")
                        });
                    }
                    self.absent.push((*id, *command));
                }
                Resolution::Accepted(receipt) => {
                    let fits = self
                        .verdicts(broker, *id, *command)
                        .contains(&Some(Verdict::Accepted(receipt.order_no)));
                    let is_change = *command != OrderCommand::Place;
                    if !fits && !is_change {
                        let no = receipt.order_no;
                        self.fail(|| format!("order {id} was resolved as {no}, which it is not"));
                    }
                    self.absent.retain(|absent| *absent != (*id, *command));
                }
                Resolution::Unresolved { .. } => {}
            },
            ExecutionEvent::Disputed {
                id,
                order_no,
                counted,
                listed,
                ..
            } => {
                self.fail(|| {
                    format!("order {id}: {counted} shares of {order_no} counted, {listed} listed")
                });
            }
            ExecutionEvent::Rejected { order_no, .. } => {
                let truth = broker
                    .index_of(*order_no)
                    .map(|index| broker.orders[index].row.refused);
                if truth != Some(true) {
                    self.fail(|| format!("{order_no} was told as turned away, which it was not"));
                }
            }
            _ => {}
        }
    }

    fn refused(&mut self, broker: &Broker, id: ClientOrderId) {
        let any = OrderCommand::ALL.iter().any(|&command| {
            self.verdicts(broker, id, command)
                .contains(&Some(Verdict::Refused))
        });
        if !any {
            self.fail(|| format!("a refusal of order {id} that the broker never spoke"));
        }
    }

    /// Everything must be settled: the desk's books against the broker's.
    pub(crate) fn finish<J: Journal, G: Gate>(&mut self, broker: &Broker, desk: &Desk<J, G>) {
        for (command, pending) in desk.undecided() {
            self.fail(|| format!("{command} of order {} is still undecided", pending.id));
        }
        for (ticket, sent) in self.sent.clone() {
            let (arrivals, verdict) = broker.arrivals_of(ticket.0);
            if arrivals > 1 {
                self.fail(|| format!("{ticket:?} of order {} arrived {arrivals} times", sent.id));
            }
            if let (OrderCommand::Place, Some(Verdict::Accepted(no))) = (sent.command, verdict) {
                // A modification of a part moves nothing of the first number.
                let found = desk.order(no).map(|order| order.id);
                if found != Some(sent.id) {
                    self.fail(|| {
                        format!("order {} is {no}, which the desk has as {found:?}", sent.id)
                    });
                }
            }
        }
        for (id, command) in self.absent.clone() {
            let mut verdicts = self.verdicts(broker, id, command).into_iter();
            let exists = verdicts.all(|verdict| matches!(verdict, Some(Verdict::Accepted(_))));
            if exists && command == OrderCommand::Place {
                self.fail(|| format!("order {id} was told as absent, but the broker has it"));
            }
        }
        self.compare_numbers(broker);
        self.compare_orders(broker, desk);
    }

    /// Each fill once, to the share and to the won.
    fn compare_numbers(&mut self, broker: &Broker) {
        for truth in &broker.orders {
            let row = &truth.row;
            let told = self.told.get(&row.order_no).copied().unwrap_or_default();
            let (no, qty, filled) = (row.order_no, told.qty, row.filled.get());
            if qty != filled {
                self.fail(|| format!("{qty} shares of {no} were told as filled, of {filled}"));
            }
            // A price of an inferred fill is rounded to 1/10,000 won, at most half of one for each share.
            let difference = (told.value - row.filled_value.units()).unsigned_abs();
            if 2 * difference > told.inferred {
                let (value, truth) = (told.value, row.filled_value.units());
                self.fail(|| format!("fills of {no} were told as worth {value}, of {truth}"));
            }
        }
    }

    fn compare_orders<J: Journal, G: Gate>(&mut self, broker: &Broker, desk: &Desk<J, G>) {
        let mut sums: BTreeMap<OrderNo, (u64, u64, i64)> = BTreeMap::new();
        for truth in &broker.orders {
            let row = &truth.row;
            if row.command == OrderCommand::Cancel
                || (row.command == OrderCommand::Modify && row.refused)
            {
                continue;
            }
            let Some(order) = desk.order(row.order_no) else {
                let no = row.order_no;
                self.fail(|| format!("the desk does not know {no}"));
                continue;
            };
            let price = order.kind.limit_price();
            if order.order_no == row.order_no && price != row.price {
                let (no, truth) = (row.order_no, row.price);
                self.fail(|| format!("the desk holds {no} at {price:?}, of {truth:?}"));
            }
            let sum = sums.entry(order.order_no).or_default();
            sum.0 += row.remaining.get();
            sum.1 += row.filled.get();
            sum.2 += row.filled_value.units();
        }
        for (no, (remaining, filled, value)) in sums {
            let Some(order) = desk.order(no) else {
                continue;
            };
            let held = (
                order.remaining().get(),
                order.filled.get(),
                order.filled_value.units(),
            );
            if held != (remaining, filled, value) {
                self.fail(|| {
                    format!(
                        "the desk holds {no} as (left, filled, worth) {held:?}, of {:?}",
                        (remaining, filled, value)
                    )
                });
            }
            let is_open = remaining > 0;
            if order.is_active() != is_open {
                let status = order.status;
                self.fail(|| format!("{no} is {status} with {remaining} left"));
            }
        }
    }
}
