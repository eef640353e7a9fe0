//! The exchange: accounts, issues, orders and the rules between them behind one entry point.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::book::Book;
use super::command::{Command, Outcome};
use super::costs::Tariff;
use super::day::TradingDay;
use super::events::Events;
use super::ladder_book::LadderBook;
use super::ledger::{AccountIndex, Ledger, ListingIndex};
use super::listing::Listed;
use super::matching::Clearing;
use super::orders::{Capacity, OrderStore, Slot};
use super::refusal::Denial;
use crate::domain::{AccountId, ClientOrderId, OrderNo, RefusalReason, Symbol, Timestamp};

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
    /// Sorted by the bits of the number.
    pub(super) accounts: Vec<(AccountId, AccountIndex)>,
    /// By account.
    pub(super) tariffs: Vec<Tariff>,
    pub(super) listings: Vec<Listed<B>>,
    /// Sorted.
    pub(super) symbols: Vec<(Symbol, ListingIndex)>,
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
    ///
    /// [`ExecutionEvent::Refused`]: crate::domain::ExecutionEvent::Refused
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

    /// The first order of today gets that number, if that is more than 1 and no order was numbered yet.
    pub fn number_from(&mut self, first: OrderNo) {
        self.orders.number_from(first);
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

    pub(super) fn clearing_of<'a, E: Events>(
        &'a mut self,
        slot: Slot,
        events: &'a mut E,
    ) -> (Clearing<'a, E>, &'a mut Listed<B>) {
        self.clearing(self.orders.get(slot).listing, events)
    }

    /// Where an account is in the table, or would be.
    pub(super) fn account_place(&self, account: AccountId) -> Result<usize, usize> {
        self.accounts
            .binary_search_by_key(&account.bits(), |&(id, _)| id.bits())
    }

    /// Where an issue is in the table, or would be.
    pub(super) fn symbol_place(&self, symbol: Symbol) -> Result<usize, usize> {
        self.symbols
            .binary_search_by_key(&symbol.bits(), |&(id, _)| id.bits())
    }

    pub(super) fn account_index(&self, account: AccountId) -> Option<AccountIndex> {
        let place = self.account_place(account);
        place.ok().map(|place| self.accounts[place].1)
    }

    pub(super) fn listing_index(&self, symbol: Symbol) -> Option<ListingIndex> {
        let place = self.symbol_place(symbol);
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
