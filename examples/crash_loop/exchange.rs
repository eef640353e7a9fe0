//! The exchange: takes orders, fills some of them, loses some answers, and knows the truth.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::rng::Rng;
use super::wire::{Known, Report, What, Writing};

/// A number of the exchange.
#[derive(Debug)]
struct Order {
    /// The order as the child counts it, for the judge.
    id: u64,
    command: &'static str,
    /// The number that this changes; 0 of a new order.
    original: u64,
    /// The first number of the order.
    root: u64,
    qty: u64,
    price: i64,
    filled: u64,
    left: u64,
    at: u64,
}

pub(crate) const PLACE: &str = "PLACE";
pub(crate) const MODIFY: &str = "MODIFY";
pub(crate) const CANCEL: &str = "CANCEL";

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
            .filter(|order| order.command == PLACE)
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
        let number = self.orders.len() as u64 + 1;
        let mut order = match writing.what {
            What::Place { qty, price } => Order {
                id: writing.id,
                command: PLACE,
                original: 0,
                root: number,
                qty,
                price,
                filled: 0,
                left: qty,
                at: writing.at,
            },
            What::Modify { number, price } => match self.change(writing, number, MODIFY) {
                Some(order) => Order {
                    price,
                    left: order.qty,
                    ..order
                },
                None => return "REFUSED\n".to_owned(),
            },
            What::Cancel { number } => match self.change(writing, number, CANCEL) {
                Some(order) => order,
                None => return "REFUSED\n".to_owned(),
            },
        };
        let mut answer = String::new();
        if order.left > 0 && self.rng.below(3) == 0 {
            order.filled = 1 + self.rng.below(order.left);
            order.left -= order.filled;
            // Some fills are told, and all are in the list.
            if self.rng.below(2) == 0 {
                let Order { filled, price, .. } = order;
                writeln!(answer, "FILLED {number} {filled} {price}").unwrap();
            }
        }
        self.orders.push(order);
        if self.rng.below(5) == 0 {
            answer.push_str("SILENCE\n");
        } else {
            writeln!(answer, "ACCEPTED {}", self.orders.len()).unwrap();
        }
        answer
    }

    /// A change of all that is left of a number, which has nothing left then.
    fn change(&mut self, writing: &Writing, number: u64, command: &'static str) -> Option<Order> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        let order = self.orders.get_mut(place).filter(|order| order.left > 0)?;
        Some(Order {
            id: writing.id,
            command,
            original: number,
            root: order.root,
            qty: std::mem::take(&mut order.left),
            price: order.price,
            filled: 0,
            left: 0,
            at: writing.at,
        })
    }

    pub(crate) fn list(&mut self, at: u64) -> String {
        self.now = self.now.max(at);
        let mut answer = String::new();
        for (number, order) in (1..).zip(&self.orders) {
            let Order {
                id: _,
                command,
                original,
                root: _,
                qty,
                price,
                filled,
                left,
                at,
            } = order;
            writeln!(
                answer,
                "ROW {number} {command} {original} {qty} {price} {filled} {left} {at}"
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
            if order.command != PLACE {
                continue;
            }
            let chain = || self.orders.iter().filter(|part| part.root == number);
            let filled: u64 = chain().map(|part| part.filled).sum();
            let left: u64 = chain().map(|part| part.left).sum();
            let truth = Known {
                number,
                id: order.id,
                filled,
                left,
            };
            let known = report.known.iter().find(|known| known.number == number);
            if known != Some(&truth) && !report.undecided.contains(&order.id) {
                mistakes.push(format!(
                    "the truth is {truth:?}, and the child says {known:?}"
                ));
            }
        }
        mistakes
    }
}
