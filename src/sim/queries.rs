//! What the exchange answers without changing.

use super::book::Book;
use super::checks;
use super::events::SymbolIndex;
use super::exchange::{Exchange, Phase};
use super::ladder::Ladder;
use super::ledger::{AccountIndex, ListingIndex};
use super::matching::cost;
use super::refusal::Denial;
use crate::domain::{
    AccountId, Balance, ClientOrderId, Fill, Instrument, Money, Order, OrderBook, OrderRef,
    Orderable, OrderableRequest, Position, Price, Qty, Quote, Refusal, Side, Symbol, TimeInForce,
    Timestamp, Venue,
};

impl<B: Book> Exchange<B> {
    /// Whether orders are taken then.
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        match self.phase {
            Phase::Open(day) => day.is_open_at(now),
            Phase::New | Phase::Closed(_) => false,
        }
    }

    /// The accounts, in an order that does not depend on when they were opened.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.iter().map(|&(id, _)| id)
    }

    /// The issues, in the order of listing.
    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.listings.iter().map(|listed| &listed.instrument)
    }

    /// One of today's orders by either of its names, also by a number from before a modification. Ended orders are
    /// known as far as the [`Capacity`](super::Capacity) goes.
    pub fn order(&self, account: AccountId, order: OrderRef) -> Option<Order> {
        let slot = self.orders.find(self.account_index(account)?, order)?;
        Some(self.orders.get(slot).order)
    }

    /// The limit price at which an order works: for best-limit and top-priority orders the one that it took at its
    /// entry; none for a market order.
    pub fn working_price(&self, account: AccountId, order: OrderRef) -> Option<Price> {
        let slot = self.orders.find(self.account_index(account)?, order)?;
        let record = self.orders.get(slot);
        (!record.market).then_some(record.price)
    }

    /// The open orders of an account, by entry; `None` for an unknown account.
    pub fn open_orders(&self, account: AccountId) -> Option<Vec<Order>> {
        let slots = self.orders.open_orders(self.account_index(account)?);
        Some(slots.map(|slot| self.orders.get(slot).order).collect())
    }

    /// Today's orders of an account, as far as the [`Capacity`](super::Capacity) goes, by first order number; `None`
    /// for an unknown account.
    pub fn orders(&self, account: AccountId) -> Option<Vec<Order>> {
        self.account_index(account)
            .map(|index| self.orders.all(index))
    }

    /// How many of today's first fills, of whichever accounts, are forgotten: the [`Capacity`](super::Capacity) bounds
    /// what is remembered.
    pub const fn forgotten_fills(&self) -> u64 {
        self.orders.forgotten_fills()
    }

    /// Today's fills of an account, as far as the [`Capacity`](super::Capacity) goes, by time; `None` for an unknown
    /// account.
    pub fn fills(&self, account: AccountId) -> Option<Vec<Fill>> {
        self.account_index(account)?;
        Some(self.orders.fills(account).copied().collect())
    }

    /// A fill by its number, as far as the [`Capacity`](super::Capacity) goes.
    pub fn fill(&self, fill_no: u64) -> Option<&Fill> {
        self.orders.fill(fill_no)
    }

    /// The cash of an account and what it is worth; `None` for an unknown account.
    ///
    /// Sums beyond the range of [`Money`] are shown at its end.
    pub fn balance(&self, account: AccountId) -> Option<Balance> {
        let customer = self.ledger.customer(self.account_index(account)?);
        let cash = customer.cash_view(self.trading_day());
        let mut balance = Balance::of_cash(account, cash.settled);
        (balance.deposit_d1, balance.deposit_d2) = (cash.d1, cash.d2);
        (balance.orderable, balance.held) = (cash.orderable, cash.held);
        (balance.bought_today, balance.sold_today) = (cash.bought_today, cash.sold_today);
        (balance.fees_today, balance.taxes_today) = (cash.fees_today, cash.taxes_today);
        for (listed, holding) in self.listings.iter().zip(customer.holdings()) {
            let value = listed.tape.last.value(holding.qty).unwrap_or(Money::MAX);
            balance.securities_value = sum(balance.securities_value, value);
            balance.purchase_amount = sum(balance.purchase_amount, holding.cost());
        }
        Some(balance)
    }

    /// What an account holds, and what it sold today, in the order of listing; `None` for an unknown account.
    ///
    /// An issue that was sold out today is there with 0 shares, because its row has the day's profit.
    pub fn positions(&self, account: AccountId) -> Option<Vec<Position>> {
        let customer = self.ledger.customer(self.account_index(account)?);
        let rows = self.listings.iter().zip(customer.holdings());
        let shown = rows.filter(|(_, holding)| !holding.qty.is_zero() || holding.sold_today);
        let positions = shown.map(|(listed, holding)| {
            let (symbol, last) = (listed.symbol, listed.tape.last);
            let mut position = Position::new(account, symbol, holding.qty, holding.cost(), last);
            position.sellable = holding.sellable();
            position.realized_pnl = holding.realized();
            position
        });
        Some(positions.collect())
    }

    /// All fees that an account was charged so far; `None` for an unknown account.
    pub fn fees(&self, account: AccountId) -> Option<Money> {
        let index = self.account_index(account)?;
        Some(self.ledger.customer(index).fees())
    }

    /// All taxes that an account was charged so far; `None` for an unknown account.
    pub fn taxes(&self, account: AccountId) -> Option<Money> {
        let index = self.account_index(account)?;
        Some(self.ledger.customer(index).taxes())
    }

    /// How much a new order of that kind might be now. The market need not be open.
    ///
    /// # Errors
    /// What the order would be refused for, apart from its quantity.
    pub fn orderable(&self, request: &OrderableRequest) -> Result<Orderable, Refusal> {
        self.check_orderable(request)
            .map_err(|denial| denial.into_refusal(ClientOrderId::AUTO))
    }

    fn check_orderable(&self, request: &OrderableRequest) -> Result<Orderable, Denial> {
        let account = self.require_account(request.account)?;
        let listed = self.require_symbol(request.symbol)?;
        let order_type = request.kind.order_type();
        checks::check_type(&listed.instrument, Venue::Krx, order_type, TimeInForce::Day)?;
        let terms = checks::terms(listed, request.side, request.kind)?;
        let cash = self.ledger.customer(account).orderable();
        let qty = match request.side {
            Side::Buy => self.buyable(account, listed.index, terms.price, cash),
            Side::Sell => self.ledger.holding(account, listed.index).sellable(),
        };
        Ok(Orderable::new(listed.instrument.floor_to_lot(qty), cash))
    }

    /// The most shares that cash buys at a price, fee included.
    fn buyable(
        &self,
        account: AccountIndex,
        listing: ListingIndex,
        price: Price,
        cash: Money,
    ) -> Qty {
        let tariff = &self.tariffs[account as usize];
        let issue = self.listings[listing as usize].costs;
        let covered = |qty: u64| {
            let needed = cost(
                tariff,
                issue,
                price,
                Qty::new(qty),
                Money::ZERO,
                Money::ZERO,
            );
            needed <= cash
        };
        // Cost rises with the quantity: `low` shares are covered, `high` are not.
        let mut low = 0;
        let mut high = u64::try_from(cash.units() / price.units()).unwrap_or(0) + 1;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if covered(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Qty::new(low)
    }

    /// The state of an issue; `None` when it is not listed.
    pub fn quote(&self, symbol: Symbol) -> Option<Quote> {
        let index = self.listing_index(symbol)?;
        Some(self.listings[index as usize].quote(self.now))
    }

    /// The ten best levels a side of an issue; `None` when it is not listed.
    ///
    /// Resting market orders are shown one tick better than the best limit order of their side, or at the last price
    /// without one (UNCONFIRMED).
    pub fn order_book(&self, symbol: Symbol) -> Option<OrderBook> {
        let index = self.listing_index(symbol)?;
        Some(self.listings[index as usize].order_book(self.now))
    }

    /// The day's grid of an issue.
    pub fn ladder(&self, index: SymbolIndex) -> Option<&Ladder> {
        let listed = self.listings.get(index.0 as usize)?;
        Some(&listed.ladder)
    }

    /// The time of the last command that was not refused.
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}

/// Held at the range of [`Money`].
fn sum(a: Money, b: Money) -> Money {
    Money::from_units(a.units().saturating_add(b.units()))
}
