//! The orders of a day: those that live, and a bounded memory of those that ended.
//!
//! Everything is reserved when the store is made, so that a day within its bounds allocates nothing.

use std::collections::VecDeque;

use super::book::{Handle, Tick};
use super::checks::Terms;
use super::id_map::IdMap;
use super::ledger::{AccountIndex, ListingIndex};
use crate::domain::{
    AccountId, ClientOrderId, Fill, Money, Order, OrderNo, OrderRef, OrderStatus, Price, Qty,
};

/// An order's place in the store, and its key in the books.
pub(super) type Slot = u32;

/// No order: the end of a list, and the number of a command that made none.
pub(super) const NO_SLOT: Slot = Slot::MAX;

/// How much an exchange holds at once. What is beyond is refused or forgotten, never grown into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Open customer orders; one more is refused with `CAPACITY`. At most 2^30.
    pub open_orders: usize,
    /// Ended orders that can still be asked for; the one that ended first is forgotten first, with its client order
    /// id. At most 2^30.
    pub history: usize,
    /// Fills that can still be asked for; the oldest is forgotten first.
    pub fills: usize,
}

impl Default for Capacity {
    /// 10,000 open orders, the last 100,000 ended ones, the last 100,000 fills.
    fn default() -> Self {
        Self {
            open_orders: 10_000,
            history: 100_000,
            fills: 100_000,
        }
    }
}

impl Capacity {
    const MAX: usize = 1 << 30;

    /// Within the bounds that slots can name.
    fn bounded(self) -> Self {
        Self {
            open_orders: self.open_orders.min(Self::MAX),
            history: self.history.min(Self::MAX),
            fills: self.fills.min(Self::MAX),
        }
    }
}

/// An order and what the exchange notes about it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) order: Order,
    pub(super) account: AccountIndex,
    pub(super) listing: ListingIndex,
    /// Where it rests; `None` while it comes in and after it ended.
    pub(super) handle: Option<Handle>,
    /// Its worst price on the grid; for a market order its side's daily limit.
    pub(super) tick: Tick,
    /// The price of `tick`.
    pub(super) price: Price,
    pub(super) market: bool,
    /// Cash that it holds back.
    pub(super) hold: Money,
    /// Fees of its fills.
    pub(super) fee: Money,
    /// Taxes of its fills.
    pub(super) tax: Money,
    /// Its first number: every number that names it is at least this one.
    first_no: OrderNo,
    previous: Slot,
    next: Slot,
    place: Place,
}

/// Where a record stands in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Open,
    Ended,
    Forgotten,
}

impl Record {
    pub(super) const fn new(
        order: Order,
        account: AccountIndex,
        listing: ListingIndex,
        terms: Terms,
    ) -> Self {
        Self {
            order,
            account,
            listing,
            handle: None,
            tick: terms.tick,
            price: terms.price,
            market: terms.market,
            hold: Money::ZERO,
            fee: Money::ZERO,
            tax: Money::ZERO,
            first_no: order.order_no,
            previous: NO_SLOT,
            next: NO_SLOT,
            place: Place::Open,
        }
    }
}

/// First and last of an account's open orders, by entry.
#[derive(Clone, Copy, Debug)]
struct OpenList {
    first: Slot,
    last: Slot,
}

/// The orders of a day, by slot, by client order id and by number.
#[derive(Debug)]
pub(super) struct OrderStore {
    capacity: Capacity,
    records: Vec<Record>,
    free: Vec<Slot>,
    /// Ended orders, the first that ended in front. With their ids, so that forgetting one reads nothing cold.
    ended: VecDeque<(Slot, ClientOrderId)>,
    by_id: IdMap,
    /// The orders of the last numbers: `numbers[0]` is that of `first_no`.
    numbers: VecDeque<Slot>,
    first_no: u64,
    numbers_max: usize,
    /// The highest client order id seen.
    max_id: u64,
    open: Vec<OpenList>,
    open_count: usize,
    fills: VecDeque<Fill>,
    fill_count: u64,
    /// The number of the last fill of today that is forgotten; 0 when all are remembered.
    forgotten_fills_until: u64,
}

impl OrderStore {
    pub(super) fn new(capacity: Capacity) -> Self {
        let capacity = capacity.bounded();
        let records = capacity.open_orders + capacity.history + 1;
        // A placed and cancelled order takes two numbers, a modified one more.
        let numbers_max = 2 * records;
        Self {
            capacity,
            records: Vec::with_capacity(records),
            free: Vec::with_capacity(records),
            ended: VecDeque::with_capacity(records),
            by_id: IdMap::new(records),
            numbers: VecDeque::with_capacity(numbers_max),
            first_no: 1,
            numbers_max,
            max_id: 0,
            open: Vec::new(),
            open_count: 0,
            fills: VecDeque::with_capacity(capacity.fills),
            fill_count: 0,
            forgotten_fills_until: 0,
        }
    }

    pub(super) fn open_account(&mut self) {
        self.open.push(OpenList {
            first: NO_SLOT,
            last: NO_SLOT,
        });
    }

    /// Forgets the day. No order may be open.
    pub(super) fn clear(&mut self) {
        debug_assert_eq!(self.open_count, 0, "open orders at the start of a day");
        self.records.clear();
        self.free.clear();
        self.ended.clear();
        self.by_id.clear();
        self.numbers.clear();
        self.fills.clear();
        self.forgotten_fills_until = 0;
        (self.first_no, self.max_id, self.fill_count) = (1, 0, 0);
    }

    /// Whether one more order may be open.
    pub(super) const fn has_room(&self) -> bool {
        self.open_count < self.capacity.open_orders
    }

    pub(super) const fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    pub(super) fn is_known(&self, id: ClientOrderId) -> bool {
        self.by_id.get(id).is_some()
    }

    /// The number that the exchange gives to an order without one; `None` when they have run out.
    pub(super) const fn next_id(&self) -> Option<ClientOrderId> {
        if self.max_id < i64::MAX.cast_unsigned() {
            Some(ClientOrderId::new(self.max_id + 1))
        } else {
            None
        }
    }

    /// Numbers begin there, unless one was given today.
    pub(super) fn number_from(&mut self, first: OrderNo) {
        if self.numbers.is_empty() {
            self.first_no = self.first_no.max(first.get());
        }
    }

    /// Takes the next order number, for `slot`.
    pub(super) fn take_number(&mut self, slot: Slot) -> OrderNo {
        if self.numbers.len() == self.numbers_max {
            self.numbers.pop_front();
            self.first_no += 1;
        }
        let number = self.first_no + self.numbers.len() as u64;
        self.numbers.push_back(slot);
        // Numbers start at 1 and 64 bits of them do not run out.
        OrderNo::new(number).unwrap_or(FIRST_NO)
    }

    /// The slot that the next order will have.
    pub(super) fn vacant(&mut self) -> Slot {
        while self.ended.len() > self.capacity.history {
            self.forget();
        }
        // There are fewer than 2^31 records, by the bounds of `Capacity`.
        self.free
            .last()
            .copied()
            .unwrap_or_else(|| Slot::try_from(self.records.len()).unwrap_or(NO_SLOT))
    }

    fn forget(&mut self) {
        if let Some((slot, id)) = self.ended.pop_front() {
            self.records[slot as usize].place = Place::Forgotten;
            self.by_id.remove(id);
            self.free.push(slot);
        }
    }

    /// Puts an open order into the vacant slot.
    pub(super) fn insert(&mut self, slot: Slot, mut record: Record) {
        let list = &mut self.open[record.account as usize];
        record.previous = list.last;
        match self.records.get_mut(list.last as usize) {
            Some(last) => last.next = slot,
            None => list.first = slot,
        }
        list.last = slot;
        self.open_count += 1;
        self.by_id.insert(record.order.id, slot);
        self.max_id = self.max_id.max(record.order.id.get());
        if self.free.pop().is_some() {
            self.records[slot as usize] = record;
        } else {
            self.records.push(record);
        }
    }

    pub(super) fn get(&self, slot: Slot) -> &Record {
        &self.records[slot as usize]
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> &mut Record {
        &mut self.records[slot as usize]
    }

    /// Moves an order from the open ones to the ended ones.
    pub(super) fn end(&mut self, slot: Slot) {
        let record = &mut self.records[slot as usize];
        debug_assert_eq!(record.place, Place::Open, "an order ended twice");
        record.place = Place::Ended;
        record.handle = None;
        let (previous, next, id) = (record.previous, record.next, record.order.id);
        let list = &mut self.open[record.account as usize];
        match self.records.get_mut(previous as usize) {
            Some(record) => record.next = next,
            None => list.first = next,
        }
        match self.records.get_mut(next as usize) {
            Some(record) => record.previous = previous,
            None => list.last = previous,
        }
        self.open_count -= 1;
        self.ended.push_back((slot, id));
    }

    /// The order of that name in that account.
    pub(super) fn find(&self, account: AccountIndex, order: OrderRef) -> Option<Slot> {
        let slot = match order {
            OrderRef::Client(id) => self.by_id.get(id),
            OrderRef::Number(number) => self.find_number(number),
        }?;
        (self.records[slot as usize].account == account).then_some(slot)
    }

    fn find_number(&self, number: OrderNo) -> Option<Slot> {
        let Some(index) = number.get().checked_sub(self.first_no) else {
            // Older than the remembered numbers: only an order that is still remembered itself can be meant.
            let mut records = (0..).zip(&self.records);
            let named = records.find(|(_, record)| {
                let named = record.first_no == number || record.order.order_no == number;
                named && record.place != Place::Forgotten
            });
            return named.map(|(slot, _)| slot);
        };
        let slot = *self.numbers.get(usize::try_from(index).ok()?)?;
        // A slot is reused by later orders, whose numbers are all higher.
        let record = self.records.get(slot as usize)?;
        (record.first_no <= number && record.place != Place::Forgotten).then_some(slot)
    }

    /// An account's open orders, by entry.
    pub(super) fn open_orders(&self, account: AccountIndex) -> impl Iterator<Item = Slot> {
        let mut slot = self.open[account as usize].first;
        std::iter::from_fn(move || {
            let record = self.records.get(slot as usize)?;
            Some(std::mem::replace(&mut slot, record.next))
        })
    }

    /// All remembered orders of an account, by first number.
    pub(super) fn all(&self, account: AccountIndex) -> Vec<Order> {
        let of_account =
            |record: &&Record| record.account == account && record.place != Place::Forgotten;
        let mut records: Vec<&Record> = self.records.iter().filter(of_account).collect();
        records.sort_unstable_by_key(|record| record.first_no);
        records.into_iter().map(|record| record.order).collect()
    }

    /// The first open order of an account.
    pub(super) fn first_open(&self, account: AccountIndex) -> Option<Slot> {
        let first = self.open[account as usize].first;
        (first != NO_SLOT).then_some(first)
    }

    /// The number of the next fill.
    pub(super) const fn next_fill_no(&mut self) -> u64 {
        self.fill_count += 1;
        self.fill_count
    }

    /// Remembers a fill, and forgets the oldest one where there is no room.
    pub(super) fn remember(&mut self, fill: Fill) {
        if self.fills.len() == self.capacity.fills {
            self.forgotten_fills_until = self
                .fills
                .pop_front()
                .map_or(fill.fill_no, |oldest| oldest.fill_no);
        }
        if self.fills.len() < self.capacity.fills {
            self.fills.push_back(fill);
        }
    }

    /// How many of the day's first fills, of whichever accounts, are forgotten.
    pub(super) const fn forgotten_fills(&self) -> u64 {
        self.forgotten_fills_until
    }

    /// The remembered fill of that number. They are remembered in the order of their numbers.
    pub(super) fn fill(&self, fill_no: u64) -> Option<&Fill> {
        let place = self
            .fills
            .binary_search_by_key(&fill_no, |fill| fill.fill_no);
        place.ok().and_then(|place| self.fills.get(place))
    }

    /// The remembered fills of an account, by time.
    pub(super) fn fills(&self, account: AccountId) -> impl Iterator<Item = &Fill> {
        self.fills
            .iter()
            .filter(move |fill| fill.account == account)
    }

    /// Adds everything that tells two histories apart. The handles are the book's, and left out.
    pub(super) fn hash_into(&self, state: &mut impl std::hash::Hasher) {
        use std::hash::Hash;

        (self.first_no + self.numbers.len() as u64, self.max_id).hash(state);
        (self.fill_count, self.open_count).hash(state);
        self.ended.hash(state);
        for record in &self.records {
            let money = (record.hold, record.fee, record.tax);
            let links = (record.previous, record.next, record.place);
            (record.order, record.account, record.listing).hash(state);
            (record.tick, record.market, money, links).hash(state);
        }
        self.fills.hash(state);
    }

    /// Checks the lists and each order's sums, and returns the holds and the shares on offer of every open order.
    ///
    /// # Panics
    /// When the store is inconsistent: a defect of the exchange.
    pub(super) fn validate(&self) -> Vec<(AccountIndex, ListingIndex, Money, Qty)> {
        let mut open = Vec::new();
        for account in 0..self.open.len() {
            let account = AccountIndex::try_from(account).unwrap_or(AccountIndex::MAX);
            let mut previous = NO_SLOT;
            for slot in self.open_orders(account) {
                let record = self.get(slot);
                assert_eq!(record.place, Place::Open, "an ended order is listed");
                assert_eq!(record.previous, previous, "broken list of open orders");
                assert_eq!(record.account, account, "an open order in two accounts");
                assert!(!record.order.remaining().is_zero(), "open and nothing left");
                assert!(record.order.status.is_active(), "open and ended");
                let offered = match record.order.side {
                    crate::domain::Side::Sell => record.order.remaining(),
                    crate::domain::Side::Buy => Qty::ZERO,
                };
                open.push((account, record.listing, record.hold, offered));
                previous = slot;
            }
            assert_eq!(
                self.open[account as usize].last, previous,
                "broken list end"
            );
        }
        assert_eq!(open.len(), self.open_count, "open orders miscounted");
        assert!(
            open.len() <= self.capacity.open_orders,
            "too many open orders"
        );
        let live = self.records.len() - self.free.len();
        assert_eq!(open.len() + self.ended.len(), live, "a record in no list");
        assert_eq!(self.by_id.len(), live, "ids and records differ");
        for &(slot, id) in &self.ended {
            assert_eq!(self.by_id.get(id), Some(slot), "an order lost its id");
            let order = &self.get(slot).order;
            assert!(!order.status.is_active(), "ended and active: {order:?}");
            assert!(order.remaining().is_zero(), "ended with shares left");
            assert_eq!(self.get(slot).hold, Money::ZERO, "ended with a hold");
        }
        for record in &self.records {
            let order = &record.order;
            let parts = order.filled.get() + order.cancelled.get() + order.remaining().get();
            assert_eq!(parts, order.qty.get(), "parts differ from the whole");
            let all_filled = order.filled == order.qty;
            assert!(!all_filled || order.status == OrderStatus::Filled);
        }
        open
    }
}

const FIRST_NO: OrderNo = match OrderNo::new(1) {
    Some(number) => number,
    None => unreachable!(),
};
