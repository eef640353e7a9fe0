//! The exchange: accounts, issues, orders and the rules between them behind one entry point.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::book::Book;
use super::checks::{self, Terms};
use super::command::{Command, Listing, Outcome};
use super::costs::Tariff;
use super::day::TradingDay;
use super::events::{Events, SymbolIndex};
use super::ladder_book::LadderBook;
use super::ledger::{AccountIndex, Ledger, ListingIndex};
use super::listing::Listed;
use super::matching::{Clearing, Taker, cost, needed};
use super::orders::{Capacity, NO_SLOT, OrderStore, Record, Slot};
use super::refusal::Denial;
use crate::domain::{
    AccountId, CancelReason, CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, Money,
    Order, OrderKind, OrderRef, OrderRequest, OrderStatus, Price, Qty, Receipt, RefusalReason,
    Side, Symbol, TimeInForce, Timestamp,
};

/// A Korean exchange with its brokers' accounts.
///
/// Everything happens in [`Exchange::apply`] and in the commands of the market's own orders; time is an argument, so
/// that the same commands give the same history. A command is checked whole before anything changes: what is refused
/// leaves no trace. Within its [`Capacity`], orders that are accepted allocate nothing.
///
/// What the simulation does not have yet is refused, never faked: call auctions, the closing-price and after-market
/// segments, Nextrade and routing, conditional-limit, mid-price and stop-limit orders, volatility interruptions and
/// halts, and issues without daily limits.
///
/// A time before that of an earlier command counts as that one's: time does not go back.
#[derive(Debug)]
pub struct Exchange<B: Book = LadderBook> {
    pub(super) orders: OrderStore,
    pub(super) ledger: Ledger,
    /// Sorted.
    pub(super) accounts: Vec<(AccountId, AccountIndex)>,
    /// By account.
    pub(super) tariffs: Vec<Tariff>,
    pub(super) listings: Vec<Listed<B>>,
    /// Sorted.
    symbols: Vec<(Symbol, ListingIndex)>,
    pub(super) phase: Phase,
    /// How many days were opened.
    pub(super) day_count: u32,
    pub(super) now: Timestamp,
}

/// Where the exchange stands between days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    New,
    Open(TradingDay),
    Closed(TradingDay),
}

/// A new order that may enter.
#[derive(Clone, Copy, Debug)]
struct Admission {
    id: ClientOrderId,
    account: AccountIndex,
    listing: ListingIndex,
    terms: Terms,
}

/// A change that may be made.
#[derive(Clone, Copy, Debug)]
struct Change {
    slot: Slot,
    qty: Qty,
    terms: Terms,
    /// The number of the order of the changed part; `None` when all that is left is changed.
    part: Option<ClientOrderId>,
}

/// A refused command that names an order: whose it is, as far as that is known.
type NamedDenial = (ClientOrderId, Denial);

impl<B: Book> Default for Exchange<B> {
    fn default() -> Self {
        Self::new(Capacity::default())
    }
}

impl<B: Book> Exchange<B> {
    /// An exchange without accounts and issues, before its first day. Memory for `capacity` is reserved here.
    pub fn new(capacity: Capacity) -> Self {
        Self {
            orders: OrderStore::new(capacity),
            ledger: Ledger::new(),
            accounts: Vec::new(),
            tariffs: Vec::new(),
            listings: Vec::new(),
            symbols: Vec::new(),
            phase: Phase::New,
            day_count: 0,
            now: Timestamp::EPOCH,
        }
    }

    /// Carries out a command at a time and tells `events` what happens.
    ///
    /// A refused order command is told once, as [`ExecutionEvent::Refused`]; other refused commands are only answered.
    pub fn apply(
        &mut self,
        command: &Command,
        now: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let at = now.max(self.now);
        let done = match command {
            Command::Place(request) => return self.place(request, at, events),
            Command::Modify(request) => return self.modify(request, at, events),
            Command::Cancel(request) => return self.cancel(request, at, events),
            Command::CancelAll { account } => return self.cancel_all(*account, at, events),
            Command::OpenAccount { account, tariff } => self.open_account(*account, *tariff),
            Command::Deposit { account, amount } => self.deposit(*account, *amount),
            Command::SetBalance { account, cash } => self.set_balance(*account, *cash),
            Command::AddPosition {
                account,
                symbol,
                qty,
                average_price,
            } => self.add_position(*account, *symbol, *qty, *average_price),
            Command::List(listing) => self.list(listing, at),
            Command::OpenDay(day) => self.open_day(*day),
            Command::CloseDay => self.close_day(at, events),
        };
        match done {
            Ok(()) => {
                self.now = at;
                Outcome::Done
            }
            Err(denial) => Outcome::Refused(denial.into_refusal(ClientOrderId::AUTO)),
        }
    }

    fn place(
        &mut self,
        request: &OrderRequest,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let admission = match self.admit(request, at) {
            Ok(admission) => admission,
            Err(denial) => return refuse(request.account, request.id, denial, at, events),
        };
        self.now = at;
        let slot = self.orders.vacant();
        let order_no = self.orders.take_number(slot);
        let Admission {
            id,
            account,
            listing,
            terms,
        } = admission;
        let order = Order::accepted(request, id, order_no, at);
        let record = Record::new(order, account, listing, terms);
        self.orders.insert(slot, record);
        if request.side == Side::Sell {
            self.ledger.offer(account, listing, request.qty);
        }
        let receipt = Receipt {
            id,
            order_no,
            at,
            inferred: false,
        };
        events.execution(ExecutionEvent::Accepted {
            account: request.account,
            receipt,
        });
        self.work(slot, events);
        Outcome::Accepted(receipt)
    }

    fn admit(&self, request: &OrderRequest, at: Timestamp) -> Result<Admission, Denial> {
        let account = self.require_account(request.account)?;
        let listed = self.require_symbol(request.symbol)?;
        self.require_open(at)?;
        checks::check_type(
            request.venue,
            request.kind.order_type(),
            request.time_in_force,
        )?;
        checks::check_lot(listed, request.qty)?;
        let terms = checks::terms(listed, request.side, request.kind)?;
        checks::check_caps(listed, request.side, &terms, request.qty)?;
        let id = self.require_new_id(request.id)?;
        self.require_room()?;
        match request.side {
            Side::Buy => {
                let tariff = &self.tariffs[account as usize];
                let needed = cost(
                    tariff,
                    listed.costs,
                    terms.price,
                    request.qty,
                    Money::ZERO,
                    Money::ZERO,
                );
                self.require_cash(account, needed, Money::ZERO)?;
            }
            Side::Sell => {
                let sellable = self.ledger.holding(account, listed.index).sellable();
                if request.qty > sellable {
                    return Err(Denial::new(
                        RefusalReason::InsufficientShares,
                        format!("qty {} exceeds the sellable {sellable}", request.qty),
                    ));
                }
            }
        }
        Ok(Admission {
            id,
            account,
            listing: listed.index,
            terms,
        })
    }

    /// Trades an order that came in, and rests or ends what is left of it.
    fn work(&mut self, slot: Slot, events: &mut impl Events) {
        let record = self.orders.get(slot);
        let (side, tick, market) = (record.order.side, record.tick, record.market);
        let time_in_force = record.order.time_in_force;
        let taker = Taker {
            key: slot,
            side,
            worst: tick,
            qty: record.order.remaining(),
        };
        let (mut clearing, listed) = self.clearing(record.listing, events);
        if time_in_force == TimeInForce::Fok
            && listed.book.available(side, tick, taker.qty) < taker.qty
        {
            let reason = CancelReason::FillOrKill;
            clearing.cancel(listed.costs, slot, taker.qty, reason, None);
            return;
        }
        let left = clearing.sweep(listed, &taker);
        let rests = time_in_force == TimeInForce::Day && !left.is_zero();
        if rests {
            let handle = listed.book.rest(side, tick, market, left, slot);
            clearing.orders.get_mut(slot).handle = Some(handle);
            clearing.rehold(listed.costs, slot);
        } else if !left.is_zero() {
            let reason = CancelReason::ImmediateOrCancel;
            clearing.cancel(listed.costs, slot, left, reason, None);
        }
        if rests || left < taker.qty {
            clearing.tell_book(listed);
        }
    }

    fn modify(
        &mut self,
        request: &ModifyRequest,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let change = match self.check_change(request, at) {
            Ok(change) => change,
            Err((id, denial)) => return refuse(request.account, id, denial, at, events),
        };
        self.now = at;
        let receipt = match change.part {
            None => self.change_whole(&change, request.kind, events),
            Some(part_id) => self.change_part(&change, part_id, request.kind, events),
        };
        Outcome::Accepted(receipt)
    }

    /// Gives all that is left of an order new terms, a new number and a new place.
    fn change_whole(
        &mut self,
        change: &Change,
        kind: OrderKind,
        events: &mut impl Events,
    ) -> Receipt {
        let at = self.now;
        let order_no = self.orders.take_number(change.slot);
        let record = self.orders.get_mut(change.slot);
        let handle = record.handle.take();
        (record.tick, record.price) = (change.terms.tick, change.terms.price);
        record.market = change.terms.market;
        let order = &mut record.order;
        let original_no = std::mem::replace(&mut order.order_no, order_no);
        order.original_no = Some(original_no);
        order.kind = kind;
        order.updated_at = at;
        let (account, id) = (order.account, order.id);
        let (mut clearing, listed) = self.clearing_of(change.slot, events);
        if let Some(handle) = handle {
            listed.book.reduce(handle, change.qty);
        }
        // It comes in anew, and holds nothing until it rests again.
        clearing.release(change.slot);
        events.execution(ExecutionEvent::Modified {
            account,
            id,
            original_no,
            order_no,
            part_id: id,
            qty: change.qty,
            kind,
            at,
        });
        self.work(change.slot, events);
        Receipt {
            id,
            order_no,
            at,
            inferred: false,
        }
    }

    /// Makes a new order of a part of one, with new terms; the rest keeps its place.
    fn change_part(
        &mut self,
        change: &Change,
        part_id: ClientOrderId,
        kind: OrderKind,
        events: &mut impl Events,
    ) -> Receipt {
        let at = self.now;
        let slot = self.orders.vacant();
        let order_no = self.orders.take_number(slot);
        let parent = self.orders.get_mut(change.slot);
        let mut part = parent.order;
        (part.id, part.order_no) = (part_id, order_no);
        part.original_no = Some(parent.order.order_no);
        (part.kind, part.qty) = (kind, change.qty);
        (part.filled, part.filled_value) = (Qty::ZERO, Money::ZERO);
        part.cancelled = Qty::ZERO;
        part.status = OrderStatus::New;
        (part.accepted_at, part.updated_at) = (at, at);
        let record = Record::new(part, parent.account, parent.listing, change.terms);
        // The part's shares on offer go with it.
        let moved = parent
            .order
            .cancelled
            .get()
            .saturating_add(change.qty.get());
        parent.order.cancelled = Qty::new(moved);
        parent.order.updated_at = at;
        let (handle, original) = (parent.handle, parent.order);
        self.orders.insert(slot, record);
        let (mut clearing, listed) = self.clearing_of(change.slot, events);
        if let Some(handle) = handle {
            listed.book.reduce(handle, change.qty);
        }
        clearing.rehold(listed.costs, change.slot);
        events.execution(ExecutionEvent::Modified {
            account: original.account,
            id: original.id,
            original_no: original.order_no,
            order_no,
            part_id,
            qty: change.qty,
            kind,
            at,
        });
        self.work(slot, events);
        Receipt {
            id: part_id,
            order_no,
            at,
            inferred: false,
        }
    }

    fn check_change(&self, request: &ModifyRequest, at: Timestamp) -> Result<Change, NamedDenial> {
        let (account, slot) = self.require_order(request.account, request.order, at)?;
        let record = self.orders.get(slot);
        let order = &record.order;
        let named = |denial: Denial| (order.id, denial);
        let listed = &self.listings[record.listing as usize];
        checks::check_type(order.venue, request.kind.order_type(), order.time_in_force)
            .map_err(named)?;
        let left = order.remaining();
        let qty = request.qty.unwrap_or(left);
        checks::check_part(listed, qty, left).map_err(named)?;
        let terms = checks::terms(listed, order.side, request.kind).map_err(named)?;
        if (terms.tick, terms.market) == (record.tick, record.market) {
            return Err(named(Denial::new(
                RefusalReason::NoChange,
                format!("order {} is a {} already", order.order_no, describe(&terms)),
            )));
        }
        checks::check_caps(listed, order.side, &terms, qty).map_err(named)?;
        let tariff = &self.tariffs[account as usize];
        let issue = listed.costs;
        let (part, needed) = if qty == left {
            (None, needed(tariff, issue, record, terms.price, left))
        } else {
            let id = self.require_new_id(request.part_id).map_err(named)?;
            self.require_room().map_err(named)?;
            let rest = Qty::new(left.get() - qty.get());
            let kept = needed(tariff, issue, record, record.price, rest);
            let moved = match order.side {
                Side::Buy => cost(tariff, issue, terms.price, qty, Money::ZERO, Money::ZERO),
                Side::Sell => Money::ZERO,
            };
            (Some(id), kept.checked_add(moved).unwrap_or(Money::MAX))
        };
        self.require_cash(account, needed, record.hold)
            .map_err(named)?;
        Ok(Change {
            slot,
            qty,
            terms,
            part,
        })
    }

    fn cancel(
        &mut self,
        request: &CancelRequest,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let (slot, qty) = match self.check_cancel(request, at) {
            Ok(cancel) => cancel,
            Err((id, denial)) => return refuse(request.account, id, denial, at, events),
        };
        self.now = at;
        Outcome::Accepted(self.take_off(slot, qty, events))
    }

    fn check_cancel(
        &self,
        request: &CancelRequest,
        at: Timestamp,
    ) -> Result<(Slot, Qty), NamedDenial> {
        let (_, slot) = self.require_order(request.account, request.order, at)?;
        let record = self.orders.get(slot);
        let left = record.order.remaining();
        let qty = request.qty.unwrap_or(left);
        let listed = &self.listings[record.listing as usize];
        checks::check_part(listed, qty, left).map_err(|denial| (record.order.id, denial))?;
        Ok((slot, qty))
    }

    /// Cancels shares of a resting order under a number of its own.
    fn take_off(&mut self, slot: Slot, qty: Qty, events: &mut impl Events) -> Receipt {
        let order_no = self.orders.take_number(NO_SLOT);
        let record = self.orders.get(slot);
        let (id, handle) = (record.order.id, record.handle);
        let at = self.now;
        let (mut clearing, listed) = self.clearing_of(slot, events);
        if let Some(handle) = handle {
            listed.book.reduce(handle, qty);
        }
        let reason = CancelReason::Requested;
        clearing.cancel(listed.costs, slot, qty, reason, Some(order_no));
        clearing.tell_book(listed);
        Receipt {
            id,
            order_no,
            at,
            inferred: false,
        }
    }

    fn cancel_all(
        &mut self,
        account: AccountId,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let checked = self
            .require_account(account)
            .and_then(|index| self.require_open(at).map(|()| index));
        let index = match checked {
            Ok(index) => index,
            Err(denial) => return refuse(account, ClientOrderId::AUTO, denial, at, events),
        };
        self.now = at;
        let mut count = 0;
        while let Some(slot) = self.orders.first_open(index) {
            let left = self.orders.get(slot).order.remaining();
            self.take_off(slot, left, events);
            count += 1;
        }
        Outcome::Cancelled(count)
    }

    fn open_account(&mut self, account: AccountId, tariff: Tariff) -> Result<(), Denial> {
        tariff.check()?;
        let Err(place) = self.accounts.binary_search_by_key(&account, |&(id, _)| id) else {
            return Err(Denial::new(
                RefusalReason::Other,
                format!("account {account} is open already"),
            ));
        };
        let index = AccountIndex::try_from(self.tariffs.len())
            .map_err(|_| Denial::new(RefusalReason::Capacity, "too many accounts"))?;
        self.accounts.insert(place, (account, index));
        self.tariffs.push(tariff);
        self.ledger.open(account);
        self.orders.open_account();
        Ok(())
    }

    fn deposit(&mut self, account: AccountId, amount: Money) -> Result<(), Denial> {
        let index = self.require_account(account)?;
        if self.ledger.deposit(index, amount) {
            return Ok(());
        }
        Err(Denial::new(
            RefusalReason::InsufficientCash,
            format!("amount {amount}: the account's cash would be negative or out of range"),
        ))
    }

    fn set_balance(&mut self, account: AccountId, cash: Money) -> Result<(), Denial> {
        let index = self.require_account(account)?;
        let settled = self.ledger.customer(index).deposit();
        let amount = cash.checked_sub(settled).filter(|_| cash >= Money::ZERO);
        let amount = amount.ok_or_else(|| {
            Denial::new(
                RefusalReason::Other,
                format!("cash {cash}: set it to 0 or more"),
            )
        })?;
        self.deposit(account, amount)
    }

    fn add_position(
        &mut self,
        account: AccountId,
        symbol: Symbol,
        qty: Qty,
        average_price: Price,
    ) -> Result<(), Denial> {
        let index = self.require_account(account)?;
        let listing = self.require_symbol(symbol)?.index;
        if qty.is_zero() || !self.ledger.grant(index, listing, qty, average_price) {
            return Err(Denial::new(
                RefusalReason::Quantity,
                format!("qty {qty} at {average_price}: zero, or its value is out of range"),
            ));
        }
        Ok(())
    }

    fn list(&mut self, listing: &Listing, at: Timestamp) -> Result<(), Denial> {
        let symbol = listing.instrument.symbol();
        let Err(place) = self.symbols.binary_search_by_key(&symbol, |&(id, _)| id) else {
            return Err(Denial::new(
                RefusalReason::Other,
                format!("symbol {symbol} is listed already"),
            ));
        };
        let index = ListingIndex::try_from(self.listings.len())
            .map_err(|_| Denial::new(RefusalReason::Capacity, "too many issues"))?;
        // Before the first day its date is not known; the day draws everything anew.
        let (date, settles) = match self.trading_day() {
            Some(day) => (day.date(), day.settles()),
            None => (at.kst_date(), at.kst_date()),
        };
        let instrument = listing.instrument.clone();
        let listed = Listed::open(instrument, index, listing.base, date, settles)?;
        self.symbols.insert(place, (symbol, index));
        self.listings.push(listed);
        self.ledger.list();
        Ok(())
    }

    fn open_day(&mut self, day: TradingDay) -> Result<(), Denial> {
        let previous = match self.phase {
            Phase::New => None,
            Phase::Closed(previous) => Some(previous),
            Phase::Open(open) => {
                return Err(Denial::new(
                    RefusalReason::Other,
                    format!("the day {} has not ended: close it first", open.date()),
                ));
            }
        };
        if let Some(last) = previous.filter(|last| day.date() <= last.date()) {
            return Err(Denial::new(
                RefusalReason::Other,
                format!(
                    "day {} is not after the last one, {}",
                    day.date(),
                    last.date()
                ),
            ));
        }
        let next_day = |listed: &Listed<B>| listed.next_day(&day);
        let listings = self.listings.iter().map(next_day);
        self.listings = listings.collect::<Result<_, Denial>>()?;
        self.ledger
            .begin_day(previous.map(|last| last.settles()), day.date());
        self.orders.clear();
        self.phase = Phase::Open(day);
        self.day_count = self.day_count.wrapping_add(1);
        Ok(())
    }

    fn close_day(&mut self, at: Timestamp, events: &mut impl Events) -> Result<(), Denial> {
        let Phase::Open(day) = self.phase else {
            return Err(Denial::new(RefusalReason::MarketClosed, "no day is open"));
        };
        self.now = at;
        for account in 0..self.tariffs.len() {
            // Accounts are numbered by the same type.
            let account = AccountIndex::try_from(account).unwrap_or(AccountIndex::MAX);
            while let Some(slot) = self.orders.first_open(account) {
                let left = self.orders.get(slot).order.remaining();
                let (mut clearing, listed) = self.clearing_of(slot, events);
                let reason = CancelReason::SessionEnd;
                clearing.cancel(listed.costs, slot, left, reason, None);
            }
        }
        for listed in &mut self.listings {
            listed.book = B::new(listed.ladder.levels());
            events.book_changed(SymbolIndex(listed.index), listed.symbol);
        }
        self.phase = Phase::Closed(day);
        Ok(())
    }

    /// What a fill in an issue touches, and the issue.
    pub(super) fn clearing<'a, E: Events>(
        &'a mut self,
        listing: ListingIndex,
        events: &'a mut E,
    ) -> (Clearing<'a, E>, &'a mut Listed<B>) {
        let clearing = Clearing {
            orders: &mut self.orders,
            ledger: &mut self.ledger,
            tariffs: &self.tariffs,
            events,
            at: self.now,
        };
        (clearing, &mut self.listings[listing as usize])
    }

    fn clearing_of<'a, E: Events>(
        &'a mut self,
        slot: Slot,
        events: &'a mut E,
    ) -> (Clearing<'a, E>, &'a mut Listed<B>) {
        self.clearing(self.orders.get(slot).listing, events)
    }

    pub(super) fn account_index(&self, account: AccountId) -> Option<AccountIndex> {
        let place = self.accounts.binary_search_by_key(&account, |&(id, _)| id);
        place.ok().map(|place| self.accounts[place].1)
    }

    pub(super) fn listing_index(&self, symbol: Symbol) -> Option<ListingIndex> {
        let place = self.symbols.binary_search_by_key(&symbol, |&(id, _)| id);
        place.ok().map(|place| self.symbols[place].1)
    }

    pub(super) fn require_account(&self, account: AccountId) -> Result<AccountIndex, Denial> {
        self.account_index(account).ok_or_else(|| {
            Denial::new(
                RefusalReason::UnknownAccount,
                format!("account {account} is not open here"),
            )
        })
    }

    pub(super) fn require_symbol(&self, symbol: Symbol) -> Result<&Listed<B>, Denial> {
        match self.listing_index(symbol) {
            Some(index) => Ok(&self.listings[index as usize]),
            None => Err(Denial::new(
                RefusalReason::UnknownSymbol,
                format!("symbol {symbol} is not listed here"),
            )),
        }
    }

    /// The market takes orders then.
    pub(super) fn require_open(&self, at: Timestamp) -> Result<(), Denial> {
        match self.phase {
            Phase::Open(day) if day.is_open_at(at) => Ok(()),
            Phase::Open(day) => Err(Denial::new(
                RefusalReason::MarketClosed,
                format!(
                    "{at} is outside of continuous trading, {} to {}",
                    day.opens(),
                    day.closes()
                ),
            )),
            Phase::New | Phase::Closed(_) => {
                Err(Denial::new(RefusalReason::MarketClosed, "no day is open"))
            }
        }
    }

    /// The id of a new order: the caller's, or the next one.
    fn require_new_id(&self, id: ClientOrderId) -> Result<ClientOrderId, Denial> {
        if id.is_auto() {
            return self.orders.next_id().ok_or_else(|| {
                Denial::new(
                    RefusalReason::Other,
                    "no client order id is left above the last one: send one",
                )
            });
        }
        if i64::try_from(id.get()).is_err() {
            return Err(Denial::new(
                RefusalReason::Other,
                format!("client order id {id}: at most {}", i64::MAX),
            ));
        }
        if self.orders.is_known(id) {
            return Err(Denial::new(
                RefusalReason::DuplicateId,
                format!("client order id {id} was used today"),
            ));
        }
        Ok(id)
    }

    fn require_room(&self) -> Result<(), Denial> {
        if self.orders.has_room() {
            return Ok(());
        }
        let most = self.orders.capacity().open_orders;
        Err(Denial::new(
            RefusalReason::Capacity,
            format!("{most} orders are open, which is the most"),
        ))
    }

    fn require_cash(
        &self,
        account: AccountIndex,
        needed: Money,
        released: Money,
    ) -> Result<(), Denial> {
        let customer = self.ledger.customer(account);
        if customer.covers(needed, released) {
            return Ok(());
        }
        let orderable = customer.orderable();
        Err(Denial::new(
            RefusalReason::InsufficientCash,
            format!("needs {needed} won with fees; orderable {orderable}, released {released}"),
        ))
    }

    /// An open order of an account, and the market is open for it.
    fn require_order(
        &self,
        account: AccountId,
        order: OrderRef,
        at: Timestamp,
    ) -> Result<(AccountIndex, Slot), NamedDenial> {
        let mut id = match order {
            OrderRef::Client(id) => id,
            OrderRef::Number(_) => ClientOrderId::AUTO,
        };
        let index = self
            .require_account(account)
            .map_err(|denial| (id, denial))?;
        let slot = self.orders.find(index, order);
        if let Some(slot) = slot {
            id = self.orders.get(slot).order.id;
        }
        self.require_open(at).map_err(|denial| (id, denial))?;
        let resting = slot.filter(|&slot| self.orders.get(slot).handle.is_some());
        let slot = resting.ok_or_else(|| {
            let state = if slot.is_some() {
                "has ended"
            } else {
                "is unknown"
            };
            let message = format!("{order} {state}");
            (id, Denial::new(RefusalReason::UnknownOrder, message))
        })?;
        Ok((index, slot))
    }

    /// The date of the open day, or of the last one.
    pub fn trading_date(&self) -> Option<Date> {
        self.trading_day().map(|day| day.date())
    }

    /// The open day, or the last one.
    pub const fn trading_day(&self) -> Option<TradingDay> {
        match self.phase {
            Phase::Open(day) | Phase::Closed(day) => Some(day),
            Phase::New => None,
        }
    }

    /// A hash of the whole state: equal after equal histories, whatever the book is made of. For comparisons inside of
    /// one build only.
    pub fn checksum(&self) -> u64 {
        let mut state = DefaultHasher::new();
        self.orders.hash_into(&mut state);
        (&self.ledger, &self.accounts, &self.tariffs, &self.symbols).hash(&mut state);
        (self.phase, self.day_count, self.now).hash(&mut state);
        for listed in &self.listings {
            listed.hash_into(&mut state);
        }
        state.finish()
    }

    /// Checks everything that must hold: money and shares are conserved, no customer has less than nothing, holds and
    /// shares on offer are those of the open orders, and the books agree with the orders.
    ///
    /// # Panics
    /// When something does not hold, which is a defect of the exchange.
    pub fn validate(&self) {
        self.ledger.check_conservation();
        let open = self.orders.validate();
        for &(_, index) in &self.accounts {
            let mine = || open.iter().filter(|order| order.0 == index);
            let held: i128 = mine().map(|order| i128::from(order.2.units())).sum();
            let customer = self.ledger.customer(index);
            assert_eq!(i128::from(customer.held().units()), held, "holds differ");
            for (listing, holding) in customer.holdings().iter().enumerate() {
                let offered: u64 = mine()
                    .filter(|order| order.1 as usize == listing)
                    .map(|order| order.3.get())
                    .sum();
                assert_eq!(holding.selling.get(), offered, "shares on offer differ");
            }
        }
        let mut resting = 0;
        for listed in &self.listings {
            resting += listed.validate(&self.orders);
        }
        assert_eq!(resting, open.len(), "an open order rests in no book");
    }
}

/// How the terms of an order read.
fn describe(terms: &Terms) -> String {
    if terms.market {
        "market order".to_owned()
    } else {
        format!("limit order at {}", terms.price)
    }
}

/// Tells and answers that an order command is refused.
fn refuse(
    account: AccountId,
    id: ClientOrderId,
    denial: Denial,
    at: Timestamp,
    events: &mut impl Events,
) -> Outcome {
    let refusal = denial.into_refusal(id);
    events.execution(ExecutionEvent::Refused {
        account,
        refusal: refusal.clone(),
        at,
    });
    Outcome::Refused(refusal)
}
