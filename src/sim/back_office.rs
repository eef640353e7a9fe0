//! Everything around trading: accounts and their cash, issues, and the change of days.

use super::book::Book;
use super::command::Listing;
use super::costs::Tariff;
use super::day::TradingDay;
use super::events::{Events, SymbolIndex};
use super::exchange::{Exchange, Phase};
use super::ledger::{AccountIndex, ListingIndex};
use super::listing::Listed;
use super::refusal::Denial;
use crate::domain::{AccountId, CancelReason, Money, Price, Qty, RefusalReason, Symbol, Timestamp};

impl<B: Book> Exchange<B> {
    pub(super) fn open_account(
        &mut self,
        account: AccountId,
        tariff: Tariff,
    ) -> Result<(), Denial> {
        tariff.check()?;
        let Err(place) = self.account_place(account) else {
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

    pub(super) fn deposit(&mut self, account: AccountId, amount: Money) -> Result<(), Denial> {
        let index = self.require_account(account)?;
        if self.ledger.deposit(index, amount) {
            return Ok(());
        }
        Err(Denial::new(
            RefusalReason::InsufficientCash,
            format!("amount {amount}: the account's cash would be negative or out of range"),
        ))
    }

    pub(super) fn set_balance(&mut self, account: AccountId, cash: Money) -> Result<(), Denial> {
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

    pub(super) fn add_position(
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

    pub(super) fn list(&mut self, listing: &Listing, at: Timestamp) -> Result<(), Denial> {
        let symbol = listing.instrument.symbol();
        let Err(place) = self.symbol_place(symbol) else {
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

    pub(super) fn open_day(&mut self, day: TradingDay) -> Result<(), Denial> {
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

    pub(super) fn close_day(
        &mut self,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Result<(), Denial> {
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
}
