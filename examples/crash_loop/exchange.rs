//! The exchange: takes orders, fills some of them, loses some answers, and knows the truth.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::rng::Rng;
use super::wire::{Report, What, Writing};

#[derive(Debug)]
struct Order {
    id: u64,
    /// The order that this is a cancel of.
    original: u64,
    qty: u64,
    price: i64,
    filled: u64,
    left: u64,
    at: u64,
}

#[derive(Debug)]
pub(crate) struct Exchange {
    rng: Rng,
    /// By number, from 1.
    orders: Vec<Order>,
    tickets: BTreeSet<u64>,
    ids: BTreeSet<u64>,
    pub(crate) duplicates: u32,
    /// The latest time that anybody told, in milliseconds.
    pub(crate) now: u64,
}

impl Exchange {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            orders: Vec::new(),
            tickets: BTreeSet::new(),
            ids: BTreeSet::new(),
            duplicates: 0,
            now: 0,
        }
    }

    /// A seed for the next child.
    pub(crate) const fn seed(&mut self) -> u64 {
        self.rng.next()
    }

    pub(crate) fn orders(&self) -> usize {
        self.orders
            .iter()
            .filter(|order| order.original == 0)
            .count()
    }

    /// A request arrived. The judge counts it, whatever the exchange makes of it.
    pub(crate) fn take(&mut self, writing: &Writing) -> String {
        self.now = self.now.max(writing.at);
        let is_new = matches!(writing.what, What::Place { .. });
        let again = !self.tickets.insert(writing.ticket);
        if again || (is_new && !self.ids.insert(writing.id)) {
            eprintln!("sent twice: {writing:?}");
            self.duplicates += 1;
        }
        if self.rng.below(16) == 0 {
            return "REFUSED\n".to_owned();
        }
        let mut answer = String::new();
        match writing.what {
            What::Place { qty, price } => {
                let filled = match self.rng.below(3) {
                    0 => 1 + self.rng.below(qty),
                    _ => 0,
                };
                self.orders.push(Order {
                    id: writing.id,
                    original: 0,
                    qty,
                    price,
                    filled,
                    left: qty - filled,
                    at: writing.at,
                });
                if filled > 0 && self.rng.below(2) == 0 {
                    writeln!(answer, "FILLED {} {filled} {price}", self.orders.len()).unwrap();
                }
            }
            What::Cancel { number } => {
                let place = usize::try_from(number).unwrap() - 1;
                let order = &mut self.orders[place];
                if order.left == 0 {
                    return "REFUSED\n".to_owned();
                }
                let qty = std::mem::take(&mut order.left);
                let price = order.price;
                self.orders.push(Order {
                    id: writing.id,
                    original: number,
                    qty,
                    price,
                    filled: 0,
                    left: 0,
                    at: writing.at,
                });
            }
        }
        if self.rng.below(5) == 0 {
            answer.push_str("SILENCE\n");
        } else {
            writeln!(answer, "ACCEPTED {}", self.orders.len()).unwrap();
        }
        answer
    }

    pub(crate) fn list(&mut self, at: u64) -> String {
        self.now = self.now.max(at);
        let mut answer = String::new();
        for (number, order) in (1..).zip(&self.orders) {
            let Order {
                id: _,
                original,
                qty,
                price,
                filled,
                left,
                at,
            } = order;
            writeln!(
                answer,
                "ROW {number} {original} {qty} {price} {filled} {left} {at}"
            )
            .unwrap();
        }
        answer.push_str("END\n");
        answer
    }

    /// What is wrong with what a child says it knows.
    pub(crate) fn hold_against(&self, report: &Report) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (number, order) in (1..).zip(&self.orders) {
            if order.original != 0 {
                continue;
            }
            let known = report.known.iter().find(|known| known.number == number);
            match known {
                Some(known) if known.id == order.id => {
                    if (known.filled, known.left) != (order.filled, order.left) {
                        mistakes.push(format!("order {number} is {order:?} and not {known:?}"));
                    }
                }
                _ if report.undecided.contains(&order.id) => {}
                Some(known) => {
                    mistakes.push(format!("order {number} is {order:?} and not {known:?}"));
                }
                None => mistakes.push(format!("order {number}, {order:?}, is not explained")),
            }
        }
        mistakes
    }
}
