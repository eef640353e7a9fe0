//! Who has what: cash and shares by double entry, exact.
//!
//! Every amount that enters an account leaves another: deposits come from `outside`, fees go to a fee account, taxes
//! to a tax account. The sum over all of them is zero at any time, and the shares of an issue over all accounts are
//! those granted. Amounts count 1/10,000 won in an `i128`, so that no flow of trades can overflow one; they become
//! [`Money`] when read.

use jiff::civil::Date;

use super::day::TradingDay;
use crate::domain::{AccountId, Money, Price, Qty};

/// A customer's place in the ledger.
pub(super) type AccountIndex = u32;
/// An issue's place in the ledger and in the exchange's list.
pub(super) type ListingIndex = u32;

/// Trade dates whose settlement may be outstanding at once without growing a list: T+2 leaves two.
const PENDING_RESERVED: usize = 8;

/// Cash and shares of everybody.
#[derive(Clone, Debug, Hash)]
pub(super) struct Ledger {
    customers: Vec<Customer>,
    house: House,
    /// Where deposits come from: minus everything that was paid in.
    outside: i128,
    fees: i128,
    taxes: i128,
    /// Shares that came from outside, by issue.
    granted: Vec<i128>,
}

/// Who takes part in a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Party {
    /// The market's liquidity: unlimited, and without costs.
    House,
    /// A customer.
    Customer(AccountIndex),
}

/// One side of a trade.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    /// The issue.
    pub(super) listing: ListingIndex,
    /// Shares.
    pub(super) qty: Qty,
    /// Shares × price.
    pub(super) value: Money,
    /// The fee that this fill adds to its order.
    pub(super) fee: Money,
    /// The taxes that this fill adds to its order.
    pub(super) tax: Money,
}

/// Unlimited cash and shares: both may be negative.
#[derive(Clone, Debug, Default, Hash)]
struct House {
    cash: i128,
    shares: Vec<i128>,
}

/// What a customer has.
#[derive(Clone, Debug, Hash)]
pub(super) struct Customer {
    /// Whose.
    pub(super) id: AccountId,
    /// Cash once all trades to date are settled (D+2).
    cash: i128,
    /// The part of `cash` that today's trades will bring or take.
    traded: i128,
    /// The parts of `cash` from earlier days that are not settled, by settlement date, earliest first.
    pending: Vec<(Date, i128)>,
    /// What open orders hold back of `cash`.
    held: i128,
    /// By issue.
    holdings: Vec<Holding>,
    /// Today's sums.
    today: Turnover,
    fees: i128,
    taxes: i128,
}

/// Sums of a day, in 1/10,000 won.
#[derive(Clone, Copy, Debug, Default, Hash)]
struct Turnover {
    bought: i128,
    sold: i128,
    fees: i128,
    taxes: i128,
}

/// Shares of one issue.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(super) struct Holding {
    /// Shares held, those on the way in or out of settlement included.
    pub(super) qty: Qty,
    /// Shares in open sell orders.
    pub(super) selling: Qty,
    cost: i128,
    realized: i128,
    /// Whether shares were sold today, so that the row shows a profit even when none are left.
    pub(super) sold_today: bool,
}

impl Holding {
    /// Shares that a new order can sell.
    pub(super) const fn sellable(&self) -> Qty {
        self.qty.saturating_sub(self.selling)
    }

    /// Purchase amount of the shares held: moving average, without fees.
    pub(super) fn cost(&self) -> Money {
        money(self.cost)
    }

    /// Profit of today's sales against the average cost, before fees and taxes.
    pub(super) fn realized(&self) -> Money {
        money(self.realized)
    }
}

/// The cash of an account as a broker shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct CashView {
    pub(super) settled: Money,
    pub(super) d1: Money,
    pub(super) d2: Money,
    pub(super) held: Money,
    pub(super) orderable: Money,
    pub(super) bought_today: Money,
    pub(super) sold_today: Money,
    pub(super) fees_today: Money,
    pub(super) taxes_today: Money,
}

impl Ledger {
    pub(super) const fn new() -> Self {
        Self {
            customers: Vec::new(),
            house: House {
                cash: 0,
                shares: Vec::new(),
            },
            outside: 0,
            fees: 0,
            taxes: 0,
            granted: Vec::new(),
        }
    }

    /// Opens an account without cash and shares.
    pub(super) fn open(&mut self, id: AccountId) {
        self.customers.push(Customer {
            id,
            cash: 0,
            traded: 0,
            pending: Vec::with_capacity(PENDING_RESERVED),
            held: 0,
            holdings: vec![Holding::default(); self.granted.len()],
            today: Turnover::default(),
            fees: 0,
            taxes: 0,
        });
    }

    /// Opens a column for one more issue.
    pub(super) fn list(&mut self) {
        self.granted.push(0);
        self.house.shares.push(0);
        for customer in &mut self.customers {
            customer.holdings.push(Holding::default());
        }
    }

    pub(super) fn customer(&self, account: AccountIndex) -> &Customer {
        &self.customers[account as usize]
    }

    pub(super) fn holding(&self, account: AccountIndex, listing: ListingIndex) -> &Holding {
        &self.customers[account as usize].holdings[listing as usize]
    }

    fn holding_mut(&mut self, account: AccountIndex, listing: ListingIndex) -> &mut Holding {
        &mut self.customers[account as usize].holdings[listing as usize]
    }

    /// Settles what falls due up to `today` and puts away yesterday's trades, which settle on `settles`.
    pub(super) fn begin_day(&mut self, settles: Option<Date>, today: Date) {
        for customer in &mut self.customers {
            let traded = std::mem::take(&mut customer.traded);
            if let (Some(date), true) = (settles, traded != 0) {
                customer.pending.push((date, traded));
            }
            customer.pending.retain(|&(date, _)| date > today);
            customer.today = Turnover::default();
            for holding in &mut customer.holdings {
                holding.realized = 0;
                holding.sold_today = false;
            }
        }
    }

    /// Cash from outside; negative takes it back. False, and nothing done, when the account would lack the cash at
    /// any settlement date, or its cash would leave the range of [`Money`].
    pub(super) fn deposit(&mut self, account: AccountIndex, amount: Money) -> bool {
        let units = i128::from(amount.units());
        let customer = &mut self.customers[account as usize];
        let after = customer.cash + units;
        let covered = units >= 0 || customer.lowest() + units >= 0;
        if !covered || after > i128::from(i64::MAX) {
            return false;
        }
        customer.cash = after;
        self.outside -= units;
        true
    }

    /// Shares from outside at `cost` in all. False, and nothing done, out of range.
    pub(super) fn grant(
        &mut self,
        account: AccountIndex,
        listing: ListingIndex,
        qty: Qty,
        price: Price,
    ) -> bool {
        let holding = self.holding_mut(account, listing);
        let cost = holding.cost + i128::from(price.units()) * i128::from(qty.get());
        let after = holding
            .qty
            .checked_add(qty)
            .filter(|qty| i64::try_from(qty.get()).is_ok());
        let (Some(after), true) = (after, cost <= i128::from(i64::MAX)) else {
            return false;
        };
        (holding.qty, holding.cost) = (after, cost);
        self.granted[listing as usize] += i128::from(qty.get());
        true
    }

    /// Replaces what an open order holds back of the cash.
    pub(super) fn rehold(&mut self, account: AccountIndex, before: Money, after: Money) {
        let customer = &mut self.customers[account as usize];
        customer.held += i128::from(after.units()) - i128::from(before.units());
        debug_assert!(customer.held >= 0, "held cash below zero");
    }

    /// Puts shares into an open sell order.
    pub(super) fn offer(&mut self, account: AccountIndex, listing: ListingIndex, qty: Qty) {
        let holding = self.holding_mut(account, listing);
        holding.selling = Qty::new(holding.selling.get().saturating_add(qty.get()));
        debug_assert!(holding.selling <= holding.qty, "more on offer than held");
    }

    /// Takes shares out of an open sell order.
    pub(super) fn withdraw(&mut self, account: AccountIndex, listing: ListingIndex, qty: Qty) {
        let holding = self.holding_mut(account, listing);
        debug_assert!(holding.selling >= qty, "less on offer than withdrawn");
        holding.selling = holding.selling.saturating_sub(qty);
    }

    /// The buyer's side of a trade. The seller's side must follow.
    pub(super) fn buy(&mut self, party: Party, leg: &Leg) {
        let value = i128::from(leg.value.units());
        match party {
            Party::House => {
                self.house.cash -= value;
                self.house.shares[leg.listing as usize] += i128::from(leg.qty.get());
            }
            Party::Customer(account) => {
                let customer = &mut self.customers[account as usize];
                let fee = customer.charge(leg);
                customer.pay(-value);
                customer.today.bought += value;
                let holding = &mut customer.holdings[leg.listing as usize];
                holding.qty = Qty::new(holding.qty.get().saturating_add(leg.qty.get()));
                holding.cost += value;
                self.fees += fee;
            }
        }
    }

    /// The seller's side of a trade, whose shares are on offer.
    pub(super) fn sell(&mut self, party: Party, leg: &Leg) {
        let value = i128::from(leg.value.units());
        match party {
            Party::House => {
                self.house.cash += value;
                self.house.shares[leg.listing as usize] -= i128::from(leg.qty.get());
            }
            Party::Customer(account) => {
                let customer = &mut self.customers[account as usize];
                let fee = customer.charge(leg);
                let tax = i128::from(leg.tax.units());
                customer.pay(value - tax);
                customer.today.sold += value;
                customer.today.taxes += tax;
                customer.taxes += tax;
                let holding = &mut customer.holdings[leg.listing as usize];
                let cost = share_of(holding.cost, leg.qty, holding.qty);
                holding.cost -= cost;
                holding.realized += value - cost;
                holding.sold_today = true;
                holding.qty = holding.qty.saturating_sub(leg.qty);
                holding.selling = holding.selling.saturating_sub(leg.qty);
                self.fees += fee;
                self.taxes += tax;
            }
        }
    }

    /// Checks that nothing was made or lost.
    ///
    /// # Panics
    /// When money or shares appeared or vanished, or a customer has less than nothing: a defect of the exchange.
    pub(super) fn check_conservation(&self) {
        let customers: i128 = self.customers.iter().map(|customer| customer.cash).sum();
        let sum = customers + self.house.cash + self.outside + self.fees + self.taxes;
        assert_eq!(sum, 0, "money was made or lost");
        let fees: i128 = self.customers.iter().map(|customer| customer.fees).sum();
        let taxes: i128 = self.customers.iter().map(|customer| customer.taxes).sum();
        assert_eq!((fees, taxes), (self.fees, self.taxes), "costs went astray");
        for (listing, &granted) in self.granted.iter().enumerate() {
            let held: i128 = self
                .customers
                .iter()
                .map(|customer| i128::from(customer.holdings[listing].qty.get()))
                .sum();
            let sum = held + self.house.shares[listing];
            assert_eq!(sum, granted, "shares of issue {listing} were made or lost");
        }
        for customer in &self.customers {
            assert!(customer.held >= 0, "{}: negative hold", customer.id);
            assert!(
                customer.free() >= 0,
                "{}: cash below its holds",
                customer.id
            );
            for holding in &customer.holdings {
                assert!(holding.selling <= holding.qty, "{}: oversold", customer.id);
                assert!(holding.cost >= 0, "{}: negative cost", customer.id);
                assert!(
                    !holding.qty.is_zero() || holding.cost == 0,
                    "{}: cost without shares",
                    customer.id
                );
            }
        }
    }
}

impl Customer {
    /// By issue, in the order of listing.
    pub(super) fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Cash that a new order can use.
    const fn free(&self) -> i128 {
        self.cash - self.held
    }

    /// Whether a new order can use that much, when `released` of the holds goes.
    pub(super) fn covers(&self, needed: Money, released: Money) -> bool {
        i128::from(needed.units()) <= self.free() + i128::from(released.units())
    }

    /// Cash that a new order can use.
    pub(super) fn orderable(&self) -> Money {
        money(self.free())
    }

    /// All fees so far.
    pub(super) fn fees(&self) -> Money {
        money(self.fees)
    }

    /// All taxes so far.
    pub(super) fn taxes(&self) -> Money {
        money(self.taxes)
    }

    /// What open orders hold back.
    pub(super) fn held(&self) -> Money {
        money(self.held)
    }

    /// Cash on the evening of each settlement date, and in the end less what orders hold: the lowest of them.
    fn lowest(&self) -> i128 {
        let mut cash = self.settled();
        let mut lowest = cash;
        for &(_, amount) in &self.pending {
            cash += amount;
            lowest = lowest.min(cash);
        }
        lowest.min(self.free())
    }

    fn settled(&self) -> i128 {
        let unsettled: i128 = self.pending.iter().map(|&(_, amount)| amount).sum();
        self.cash - self.traded - unsettled
    }

    /// Settled cash.
    pub(super) fn deposit(&self) -> Money {
        money(self.settled())
    }

    /// The account's cash on a day, the first and second settlement after it included.
    pub(super) fn cash_view(&self, day: Option<TradingDay>) -> CashView {
        let settled = self.settled();
        let due = |day: TradingDay| -> i128 {
            let earlier: i128 = self
                .pending
                .iter()
                .filter(|&&(date, _)| date <= day.next())
                .map(|&(_, amount)| amount)
                .sum();
            let today = day.settles() <= day.next();
            earlier + if today { self.traded } else { 0 }
        };
        let next = day.map_or(0, due);
        CashView {
            settled: money(settled),
            d1: money(settled + next),
            d2: money(self.cash),
            held: money(self.held),
            orderable: money(self.free()),
            bought_today: money(self.today.bought),
            sold_today: money(self.today.sold),
            fees_today: money(self.today.fees),
            taxes_today: money(self.today.taxes),
        }
    }

    fn pay(&mut self, units: i128) {
        self.cash += units;
        self.traded += units;
    }

    /// Takes the fee, and returns it for the fee account.
    fn charge(&mut self, leg: &Leg) -> i128 {
        let fee = i128::from(leg.fee.units());
        self.pay(-fee);
        self.today.fees += fee;
        self.fees += fee;
        fee
    }
}

/// Held at the range of [`Money`], which the amounts of customers do not leave in practice: ± 922 trillion won.
fn money(units: i128) -> Money {
    let end = if units < 0 { i64::MIN } else { i64::MAX };
    Money::from_units(i64::try_from(units).unwrap_or(end))
}

/// `cost × part ÷ whole`, half-up, for a cost that is not negative. As [`Money::share_of`], for any cost.
fn share_of(cost: i128, part: Qty, whole: Qty) -> i128 {
    if part >= whole {
        return cost;
    }
    let (part, whole) = (i128::from(part.get()), i128::from(whole.get()));
    // Dividing first keeps the product below `part × whole`, which is in range because quantities fit in 63 bits.
    let (per_share, rest) = (cost / whole, cost % whole);
    per_share * part + (rest * part + whole / 2) / whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn won(won: i64) -> Money {
        Money::from_won(won).unwrap()
    }

    fn leg(qty: u64, price_won: i64, fee: i64, tax: i64) -> Leg {
        let price = Price::from_won(price_won).unwrap();
        Leg {
            listing: 0,
            qty: Qty::new(qty),
            value: price.value(Qty::new(qty)).unwrap(),
            fee: won(fee),
            tax: won(tax),
        }
    }

    fn ledger(cash: i64) -> Ledger {
        let mut ledger = Ledger::new();
        ledger.list();
        ledger.open("1".parse().unwrap());
        assert!(ledger.deposit(0, won(cash)));
        ledger
    }

    fn buy(ledger: &mut Ledger, leg: &Leg) {
        ledger.buy(Party::Customer(0), leg);
        ledger.sell(Party::House, leg);
        ledger.check_conservation();
    }

    fn sell(ledger: &mut Ledger, leg: &Leg) {
        ledger.offer(0, leg.listing, leg.qty);
        ledger.buy(Party::House, leg);
        ledger.sell(Party::Customer(0), leg);
        ledger.check_conservation();
    }

    /// S-87: deposit, D+1 and D+2 on four evenings.
    #[test]
    fn cash_settles_on_the_second_day() {
        let mut ledger = ledger(10_000_000);
        let days = [10, 11, 12, 13, 16, 17].map(|day| date(2026, 3, day));
        let evening = |ledger: &Ledger, day: usize| {
            let noon = Timestamp::from_nanos;
            let (next, settles) = (days[day + 1], days[day + 2]);
            let day = TradingDay::new(days[day], noon(0), noon(1), next, settles).unwrap();
            let view = ledger.customer(0).cash_view(Some(day));
            [view.settled.won(), view.d1.won(), view.d2.won()]
        };
        ledger.begin_day(None, days[0]);
        buy(&mut ledger, &leg(100, 50_000, 702, 0));
        assert_eq!(evening(&ledger, 0), [10_000_000, 10_000_000, 4_999_298]);
        ledger.begin_day(Some(days[2]), days[1]);
        sell(&mut ledger, &leg(40, 50_000, 281, 4_000));
        assert_eq!(evening(&ledger, 1), [10_000_000, 4_999_298, 6_995_017]);
        ledger.begin_day(Some(days[3]), days[2]);
        assert_eq!(evening(&ledger, 2), [4_999_298, 6_995_017, 6_995_017]);
        ledger.begin_day(Some(days[4]), days[3]);
        assert_eq!(evening(&ledger, 3), [6_995_017; 3]);
    }

    /// S-94 and S-95: a sale leaves the average as it is.
    #[test]
    fn cost_is_a_moving_average() {
        let mut ledger = ledger(10_000_000);
        for (qty, price) in [(10, 70_100), (20, 70_200), (5, 69_900)] {
            buy(&mut ledger, &leg(qty, price, 0, 0));
        }
        assert_eq!(ledger.holding(0, 0).cost(), won(2_454_500));
        sell(&mut ledger, &leg(15, 71_000, 0, 0));
        let holding = *ledger.holding(0, 0);
        assert_eq!(holding.cost().to_string(), "1402571.4286");
        assert_eq!(holding.realized().to_string(), "13071.4286");
        buy(&mut ledger, &leg(10, 72_000, 0, 0));
        let holding = *ledger.holding(0, 0);
        let average = holding.cost().per_share(holding.qty).unwrap();
        assert_eq!(average.to_string(), "70752.381");
    }

    #[test]
    fn withdrawals_wait_for_settlement() {
        let mut ledger = ledger(0);
        assert!(ledger.grant(0, 0, Qty::new(20), Price::from_won(40_000).unwrap()));
        ledger.begin_day(None, date(2026, 3, 11));
        sell(&mut ledger, &leg(20, 50_000, 140, 2_000));
        assert_eq!(ledger.customer(0).orderable(), won(997_860));
        assert!(!ledger.deposit(0, won(-1)));
        ledger.begin_day(Some(date(2026, 3, 13)), date(2026, 3, 12));
        assert!(!ledger.deposit(0, won(-1)));
        ledger.begin_day(Some(date(2026, 3, 16)), date(2026, 3, 13));
        assert!(!ledger.deposit(0, won(-997_861)));
        assert!(ledger.deposit(0, won(-997_860)));
        ledger.check_conservation();
    }

    #[test]
    fn cash_that_a_purchase_needs_cannot_be_withdrawn() {
        let mut ledger = ledger(1_000_000);
        buy(&mut ledger, &leg(10, 60_000, 0, 0));
        assert!(!ledger.deposit(0, won(-400_001)));
        ledger.rehold(0, Money::ZERO, won(100_000));
        assert!(!ledger.deposit(0, won(-300_001)));
        assert!(ledger.deposit(0, won(-300_000)));
    }

    #[test]
    fn grants_and_deposits_out_of_range_change_nothing() {
        let mut ledger = ledger(1);
        assert!(!ledger.deposit(0, Money::MAX));
        let price = Price::from_won(1).unwrap();
        assert!(!ledger.grant(0, 0, Qty::new(u64::MAX), price));
        assert!(!ledger.grant(0, 0, Qty::new(1 << 62), price));
        ledger.check_conservation();
        assert_eq!(ledger.customer(0).deposit(), won(1));
    }

    proptest! {
        #[test]
        fn shares_of_a_cost_agree_with_money(
            cost in 0..=i64::MAX, part in 0..=1_u64 << 40, rest in 0..=1_u64 << 40,
        ) {
            prop_assume!(part + rest > 0);
            let (part, whole) = (Qty::new(part), Qty::new(part + rest));
            let expected = Money::from_units(cost).share_of(part, whole).unwrap();
            prop_assert_eq!(share_of(i128::from(cost), part, whole), i128::from(expected.units()));
        }
    }
}
