//! The orders of the day and the numbers by which they are found.
//!
//! Finished orders stay until room is needed and the list agreed with them. Then only number and totals remain, so that
//! a later list does not take them for somebody else's.

use std::collections::{HashMap, VecDeque};

use crate::domain::{ClientOrderId, Money, OrderNo, OrderRef, Qty};

use super::config::Config;
use super::entry::{Entry, Fate, Leg};
use super::neighbours::Neighbours;
use super::slab::Slab;

/// What remains of a settled order's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Archived {
    pub(super) id: ClientOrderId,
    pub(super) filled: Qty,
    pub(super) value: Money,
}

#[derive(Debug)]
pub(super) struct Store {
    pub(super) entries: Slab<Entry>,
    pub(super) legs: Slab<Leg>,
    numbers: HashMap<OrderNo, usize, Neighbours>,
    ids: HashMap<ClientOrderId, usize, Neighbours>,
    archive: HashMap<OrderNo, Archived, Neighbours>,
    /// Shares filled of archived orders, over all their numbers.
    archived_ids: HashMap<ClientOrderId, Qty, Neighbours>,
    /// Ended orders, by the id or number that finds them again, in the order of their ends.
    ended: VecDeque<OrderRef>,
    orders_max: usize,
    archive_max: usize,
    /// Settled orders beyond so many go without a trace.
    forgets_beyond: Option<usize>,
    /// Orders that may be filled, or are in flight.
    active: usize,
    /// Ended orders with which the list has not yet agreed.
    unsettled: usize,
    /// How many numbers were learned so far.
    learned: u64,
}

impl Store {
    pub(super) fn new(config: &Config) -> Self {
        let (orders_max, archive_max) = (config.orders_max.max(1), config.archive_max);
        // Most orders have one number; twice the room also keeps the tables from growing over their removed keys.
        Self {
            entries: Slab::with_capacity(orders_max),
            legs: Slab::with_capacity(2 * orders_max),
            numbers: HashMap::with_capacity_and_hasher(4 * orders_max, Neighbours::default()),
            ids: HashMap::with_capacity_and_hasher(2 * orders_max, Neighbours::default()),
            archive: HashMap::default(),
            archived_ids: HashMap::default(),
            ended: VecDeque::with_capacity(orders_max),
            orders_max,
            archive_max,
            forgets_beyond: config.forgets_beyond,
            active: 0,
            unsettled: 0,
            learned: 0,
        }
    }

    pub(super) fn leg_of(&self, order_no: OrderNo) -> Option<usize> {
        self.numbers.get(&order_no).copied()
    }

    pub(super) fn entry_of(&self, id: ClientOrderId) -> Option<usize> {
        self.ids.get(&id).copied()
    }

    pub(super) fn find(&self, order: OrderRef) -> Option<usize> {
        match order {
            OrderRef::Client(id) => self.entry_of(id),
            OrderRef::Number(order_no) => self.leg_of(order_no).map(|leg| self.legs[leg].entry),
        }
    }

    pub(super) fn is_used(&self, id: ClientOrderId) -> bool {
        self.ids.contains_key(&id) || self.archived_ids.contains_key(&id)
    }

    pub(super) fn archived_mut(&mut self, order_no: OrderNo) -> Option<&mut Archived> {
        self.archive.get_mut(&order_no)
    }

    /// Adds to the total of an archived order; the new total, or `more` for an order of somebody else.
    pub(super) fn add_archived(&mut self, id: ClientOrderId, more: Qty) -> Qty {
        let Some(total) = self.archived_ids.get_mut(&id) else {
            return more;
        };
        *total = total.checked_add(more).unwrap_or(*total);
        *total
    }

    pub(super) fn is_archived(&self, order_no: OrderNo) -> bool {
        self.archive.contains_key(&order_no)
    }

    /// Whether a number was ever seen.
    pub(super) fn is_known(&self, order_no: OrderNo) -> bool {
        self.numbers.contains_key(&order_no) || self.archive.contains_key(&order_no)
    }

    pub(super) const fn learned(&self) -> u64 {
        self.learned
    }

    /// A stamp for a number learned now.
    pub(super) const fn learn(&mut self) -> u64 {
        self.learned += 1;
        self.learned
    }

    /// Orders that may be filled or are in flight, and ended ones with which the list has not agreed.
    pub(super) const fn open(&self) -> usize {
        self.active + self.unsettled
    }

    /// Makes room for one more order; `false` at the bound.
    pub(super) fn make_room(&mut self) -> bool {
        let is_kept = self
            .forgets_beyond
            .is_none_or(|kept| self.ended.len() <= kept);
        if self.entries.len() < self.orders_max && is_kept {
            return true;
        }
        // At most one round over the ended orders; those that are not settled go to the back.
        for _ in 0..self.ended.len() {
            let Some(order) = self.ended.pop_front() else {
                break;
            };
            let Some(entry) = self.find(order) else {
                continue;
            };
            let has_room = self.forgets_beyond.is_some() || self.archive.len() < self.archive_max;
            if self.entries[entry].settled && has_room {
                self.archive_entry(entry);
                return true;
            }
            self.ended.push_back(order);
        }
        self.entries.len() < self.orders_max
    }

    /// Whether ended orders wait for the list.
    pub(super) const fn has_unsettled(&self) -> bool {
        self.unsettled > 0
    }

    /// Whether more than half of the room is taken by orders that only wait for the list.
    pub(super) const fn is_crowded(&self) -> bool {
        2 * self.unsettled > self.orders_max
    }

    pub(super) fn insert(&mut self, entry: Entry) -> usize {
        let id = entry.id;
        let key = self.entries.insert(entry);
        if !id.is_auto() {
            self.ids.insert(id, key);
        }
        self.active += 1;
        key
    }

    /// Forgets an order that never left.
    pub(super) fn remove_unsent(&mut self, entry: usize) {
        if let Some(entry) = self.entries.remove(entry) {
            self.ids.remove(&entry.id);
            self.active -= 1;
        }
    }

    /// Adds a number to an order, after its others.
    pub(super) fn add_leg(&mut self, leg: Leg) -> usize {
        let (entry, order_no) = (leg.entry, leg.order_no);
        let key = self.legs.insert(leg);
        self.numbers.insert(order_no, key);
        self.link(entry, key);
        key
    }

    /// Moves a number, with its counts, to another order.
    pub(super) fn move_leg(&mut self, leg: usize, to: usize) {
        let from = self.legs[leg].entry;
        self.unlink(from, leg);
        self.legs[leg].entry = to;
        self.link(to, leg);
    }

    fn link(&mut self, entry: usize, leg: usize) {
        match self.legs_of(entry).last() {
            Some(last) => self.legs[last].next = Some(leg),
            None => self.entries[entry].first_leg = Some(leg),
        }
        self.entries[entry].legs += 1;
    }

    fn unlink(&mut self, entry: usize, leg: usize) {
        let next = self.legs[leg].next.take();
        let before = self
            .legs_of(entry)
            .find(|&key| self.legs[key].next == Some(leg));
        match before {
            Some(before) => self.legs[before].next = next,
            None => self.entries[entry].first_leg = next,
        }
        let entry = &mut self.entries[entry];
        entry.legs -= 1;
        if entry.current == Some(leg) {
            entry.current = None;
        }
    }

    /// The legs of an order, oldest first.
    pub(super) fn legs_of(&self, entry: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.entries[entry].first_leg, |&leg| self.legs[leg].next)
    }

    /// Marks an order as ended. An ended one only gets the new fate.
    pub(super) fn end(&mut self, key: usize, fate: Fate, at: std::time::Duration) {
        let entry = &mut self.entries[key];
        entry.fate = fate;
        entry.open_modify = None;
        entry.open_cancel = None;
        if entry.ended.is_some() {
            return;
        }
        entry.ended = Some(at);
        let name = if entry.id.is_auto() {
            entry
                .current
                .map(|leg| OrderRef::Number(self.legs[leg].order_no))
        } else {
            Some(OrderRef::Client(entry.id))
        };
        self.active -= 1;
        self.unsettled += 1;
        if let Some(name) = name {
            self.ended.push_back(name);
        }
    }

    /// An order that was taken for ended works after all.
    pub(super) fn revive(&mut self, key: usize) {
        let entry = &mut self.entries[key];
        entry.fate = Fate::Working;
        if entry.ended.take().is_some() {
            self.active += 1;
            if entry.settled {
                entry.settled = false;
            } else {
                self.unsettled -= 1;
            }
            let id = entry.id;
            let current = entry.current.map(|leg| self.legs[leg].order_no);
            self.ended.retain(|&name| {
                name != OrderRef::Client(id) && current.map(OrderRef::Number) != Some(name)
            });
        }
    }

    pub(super) fn settle(&mut self, key: usize) {
        let entry = &mut self.entries[key];
        if entry.ended.is_some() && !entry.settled {
            entry.settled = true;
            self.unsettled -= 1;
        }
    }

    /// Removes an order of somebody else whose number turned out to be of this desk.
    pub(super) fn remove_empty(&mut self, key: usize) {
        if self.entries[key].first_leg.is_none()
            && let Some(entry) = self.entries.remove(key)
        {
            match (entry.ended.is_some(), entry.settled) {
                (false, _) => self.active -= 1,
                (true, false) => self.unsettled -= 1,
                (true, true) => {}
            }
        }
    }

    /// Keeps a number that there is no room to follow.
    pub(super) fn note(&mut self, order_no: OrderNo, archived: Archived) {
        if self.archive.len() < self.archive_max {
            self.archive.insert(order_no, archived);
        }
    }

    fn archive_entry(&mut self, key: usize) {
        let mut next = self.entries[key].first_leg;
        let id = self.entries[key].id;
        while let Some(key) = next {
            let leg = &self.legs[key];
            self.numbers.remove(&leg.order_no);
            if self.forgets_beyond.is_none() {
                let totals = Archived {
                    id,
                    filled: leg.filled,
                    value: leg.value,
                };
                self.archive.insert(leg.order_no, totals);
            }
            next = leg.next;
            self.legs.clear(key);
        }
        self.ids.remove(&id);
        if !id.is_auto() && self.forgets_beyond.is_none() {
            let filled = self.entries[key].filled;
            self.archived_ids.insert(id, filled);
        }
        self.entries.clear(key);
    }
}
