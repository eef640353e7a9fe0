//! Cash, shares, costs and profit: scenarios S-80, S-84, S-87 to S-95.

use gwanmun::domain::{
    Balance, CancelRequest, FeeSchedule, InstrumentKind, Market, OrderKind, OrderableRequest, Qty,
    RefusalReason, Side,
};
use gwanmun::sim::book::Book;
use gwanmun::sim::{Command, Listing, Tariff};
use gwanmun::symbol;
use jiff::civil::date;

use super::support::*;

/// A market whose maker sells and buys whatever is asked for.
fn market<B: Book>(base: i64) -> World<B> {
    let mut world = World::with_base(base);
    world.customer_with("maker", 1_000_000_000, 10_000, Tariff::FREE);
    world
}

impl<B: Book> World<B> {
    fn balance(&self, name: &str) -> Balance {
        self.exchange.balance(named(name)).unwrap()
    }

    fn orderable(&self, name: &str, side: Side, kind: OrderKind) -> u64 {
        let request = OrderableRequest {
            account: named(name),
            symbol: SYMBOL,
            side,
            kind,
        };
        self.exchange.orderable(&request).unwrap().qty.get()
    }

    /// Lets `name` buy from the maker.
    fn bought(&mut self, name: &str, qty: u64, won: i64) {
        self.place(sell(named("maker"), qty, limit(won)));
        self.place(buy(named(name), qty, limit(won)));
    }

    /// Lets `name` sell to the maker.
    fn sold(&mut self, name: &str, qty: u64, won: i64) {
        self.place(buy(named("maker"), qty, limit(won)));
        self.place(sell(named(name), qty, limit(won)));
    }
}

fn s80_costs_of_a_purchase_and_a_sale<B: Book>() {
    let mut world = market::<B>(71_000);
    let account = world.customer("a", 10_000_000, 10);
    world.bought("a", 10, 71_000);
    let balance = world.balance("a");
    assert_eq!(balance.deposit_d2, won(10_000_000 - 710_099));
    assert_eq!((balance.fees_today, balance.taxes_today), (won(99), won(0)));
    world.sold("a", 10, 71_000);
    let balance = world.balance("a");
    assert_eq!(balance.deposit_d2, won(10_000_000 - 710_099 + 708_481));
    assert_eq!(
        (balance.fees_today, balance.taxes_today),
        (won(198), won(1_420))
    );
    assert_eq!(
        (balance.bought_today, balance.sold_today),
        (won(710_000), won(710_000))
    );
    assert_eq!(world.exchange.fees(account), Some(won(198)));
    assert_eq!(world.exchange.taxes(account), Some(won(1_420)));
}

fn s80_an_etf_has_its_own_fee_and_no_tax<B: Book>() {
    let mut world = market::<B>(71_000);
    let etf = symbol!("069500");
    let instrument =
        gwanmun::domain::Instrument::new(etf, "an ETF", Market::Kospi, InstrumentKind::Etf)
            .unwrap();
    world.done(Command::List(Listing {
        instrument,
        base: price(35_720),
    }));
    let tariff = Tariff {
        stock: FeeSchedule::KIS,
        product: FeeSchedule::KIS_PRODUCT,
    };
    let account = world.customer_with("a", 0, 0, tariff);
    world.done(Command::AddPosition {
        account,
        symbol: etf,
        qty: Qty::new(50),
        average_price: price(30_000),
    });
    for mut request in [
        buy(named("maker"), 50, limit(35_720)),
        sell(account, 50, limit(35_720)),
    ] {
        request.symbol = etf;
        world.place(request);
    }
    assert_eq!(world.balance("a").deposit_d2, won(1_785_739));
}

fn s84_fees_count_per_order_and_not_per_fill<B: Book>() {
    let mut world = market::<B>(10_000);
    let account = world.customer("a", 0, 20);
    for (qty, won) in [(7, 10_010), (7, 10_020), (6, 10_030)] {
        world.place(buy(named("maker"), qty, limit(won)));
    }
    world.place(sell(account, 20, limit(10_010)));
    let balance = world.balance("a");
    assert_eq!(
        (balance.sold_today, balance.fees_today),
        (won(200_390), won(28))
    );
}

fn s87_cash_settles_on_the_second_day<B: Book>() {
    let mut world = market::<B>(50_000);
    world.customer("a", 10_000_000, 0);
    let evening = |world: &World<B>| {
        let balance = world.balance("a");
        [
            balance.deposit.won(),
            balance.deposit_d1.won(),
            balance.deposit_d2.won(),
        ]
    };
    world.bought("a", 100, 50_000);
    assert_eq!(evening(&world), [10_000_000, 10_000_000, 4_999_298]);
    world.done(Command::CloseDay);
    assert_eq!(evening(&world), [10_000_000, 10_000_000, 4_999_298]);
    world.open_day(date(2026, 3, 11));
    assert_eq!(world.balance("a").bought_today, won(0));
    world.sold("a", 40, 50_000);
    assert_eq!(evening(&world), [10_000_000, 4_999_298, 6_995_017]);
    world.done(Command::CloseDay);
    world.open_day(date(2026, 3, 12));
    assert_eq!(evening(&world), [4_999_298, 6_995_017, 6_995_017]);
    world.done(Command::CloseDay);
    world.open_day(date(2026, 3, 13));
    assert_eq!(evening(&world), [6_995_017; 3]);
}

/// S-88, the rows of cash accounts.
fn s88_most_shares_at_a_limit_price<B: Book>() {
    for (tariff, cash, base, most) in [
        (FeeSchedule::KIS, 10_000_000, 71_000, 140),
        (FeeSchedule::KIWOOM, 10_000_000, 71_000, 140),
        (FeeSchedule::KIWOOM, 1_000_000, 1_999, 500),
        (FeeSchedule::KIS, 500_000, 500_000, 0),
        (FeeSchedule::KIWOOM_MOCK, 3_000_000, 50_000, 59),
    ] {
        let mut world = World::<B>::with_base(base);
        let account = world.customer_with("a", cash, 0, Tariff::flat(tariff));
        assert_eq!(world.orderable("a", Side::Buy, limit(base)), most);
        let more = buy(account, most + 1, limit(base));
        world.refused(Command::Place(more), RefusalReason::InsufficientCash);
        if most > 0 {
            world.place(buy(account, most, limit(base)));
            assert_eq!(world.orderable("a", Side::Buy, limit(base)), 0);
        }
    }
}

fn s89_a_market_buy_is_valued_at_the_upper_limit<B: Book>() {
    let mut world = market::<B>(71_000);
    let account = world.customer("a", 10_000_000, 0);
    assert_eq!(world.orderable("a", Side::Buy, OrderKind::Market), 108);
    assert_eq!(world.orderable("a", Side::Buy, limit(71_000)), 140);
    let more = buy(account, 109, OrderKind::Market);
    world.refused(Command::Place(more), RefusalReason::InsufficientCash);
    world.place(sell(named("maker"), 100, limit(71_100)));
    world.place(buy(account, 108, OrderKind::Market).with_id(id(9)));
    let balance = world.balance("a");
    // 8 are open at the upper limit, with the fee that they would add.
    let fee = FeeSchedule::KIS.fee(won(7_110_000 + 8 * 92_300)).won() - 999;
    assert_eq!(balance.held, won(8 * 92_300 + fee));
    assert_eq!(balance.deposit_d2, won(10_000_000 - 7_110_999));
    world.cancel(account, 9);
    let balance = world.balance("a");
    assert_eq!(
        (balance.held, balance.orderable),
        (won(0), won(10_000_000 - 7_110_999))
    );
}

fn s90_open_orders_hold_cash<B: Book>() {
    let mut world = market::<B>(50_000);
    let account = world.customer_with("a", 1_000_000, 0, Tariff::FREE);
    world.place(buy(account, 10, limit(50_000)).with_id(id(1)));
    assert_eq!(world.balance("a").held, won(500_000));
    let more = buy(account, 11, limit(50_000));
    world.refused(Command::Place(more), RefusalReason::InsufficientCash);
    world.place(buy(account, 10, limit(50_000)).with_id(id(2)));
    world.modify(account, 1, 49_000);
    let balance = world.balance("a");
    assert_eq!(
        (balance.held, balance.orderable),
        (won(990_000), won(10_000))
    );
    world.cancel(account, 2);
    world.place(sell(named("maker"), 4, limit(49_000)));
    let balance = world.balance("a");
    assert_eq!(balance.deposit_d2, won(1_000_000 - 196_000));
    assert_eq!(balance.held, won(294_000));
}

fn s91_sale_proceeds_buy_again_the_same_day<B: Book>() {
    let mut world = market::<B>(50_000);
    let account = world.customer("a", 0, 20);
    world.sold("a", 20, 50_000);
    assert_eq!(world.balance("a").orderable, won(997_860));
    assert_eq!(world.balance("a").deposit, won(0));
    assert_eq!(world.orderable("a", Side::Buy, limit(50_000)), 19);
    let pay_out = Command::Deposit {
        account,
        amount: won(-1),
    };
    let refused = world.apply(&pay_out);
    assert_eq!(
        refused.refused().unwrap().reason,
        RefusalReason::InsufficientCash
    );
    world.bought("a", 19, 50_000);
}

fn s93_no_more_than_the_sellable_shares<B: Book>() {
    let mut world = market::<B>(50_000);
    let account = world.customer("a", 0, 50);
    world.place(sell(account, 30, limit(51_000)).with_id(id(1)));
    assert_eq!(world.orderable("a", Side::Sell, limit(51_000)), 20);
    let more = sell(account, 21, limit(51_000));
    world.refused(Command::Place(more), RefusalReason::InsufficientShares);
    world.place(sell(account, 20, limit(51_000)));
    world.accepted(Command::Cancel(CancelRequest::part(
        account,
        id(1),
        Qty::new(5),
    )));
    assert_eq!(world.orderable("a", Side::Sell, limit(51_000)), 5);
    let nothing = world.customer("b", 1_000_000, 0);
    let short = sell(nothing, 1, limit(51_000));
    world.refused(Command::Place(short), RefusalReason::InsufficientShares);
}

fn s94_s95_average_price_and_realized_profit<B: Book>() {
    let mut world = market::<B>(70_000);
    let account = world.customer("a", 10_000_000, 0);
    let position = |world: &World<B>| world.exchange.positions(account).unwrap()[0];
    for (qty, won) in [(10, 70_100), (20, 70_200), (5, 69_900)] {
        world.bought("a", qty, won);
    }
    assert_eq!(position(&world).cost, won(2_454_500));
    assert_eq!(
        position(&world).average_price().unwrap().to_string(),
        "70128.5714"
    );
    world.sold("a", 15, 71_000);
    assert_eq!(
        position(&world).average_price().unwrap().to_string(),
        "70128.5714"
    );
    assert_eq!(position(&world).realized_pnl.to_string(), "13071.4286");
    world.bought("a", 10, 72_000);
    assert_eq!(
        position(&world).average_price().unwrap().to_string(),
        "70752.381"
    );
    assert_eq!(position(&world).last_price, price(72_000));
    let balance = world.balance("a");
    assert_eq!(balance.securities_value, won(30 * 72_000));
    assert_eq!(balance.purchase_amount, position(&world).cost);
    // Sold out: the row stays for the day, with its profit.
    world.sold("a", 30, 72_000);
    assert_eq!(
        (position(&world).qty.get(), position(&world).cost),
        (0, won(0))
    );
    world.done(Command::CloseDay);
    world.open_day(date(2026, 3, 11));
    assert_eq!(world.exchange.positions(account).unwrap(), []);
}

/// Fees truncated to 10 won jump by more than a fill of a few won is worth.
fn costs_of_penny_stocks_never_overdraw_an_account<B: Book>() {
    let mut world = market::<B>(3);
    let tariff = Tariff::flat(FeeSchedule::new(400_000_000, 10).unwrap());
    let account = world.customer_with("a", 0, 100, tariff);
    let maker = named("maker");
    world.place(sell(account, 100, limit(3)).with_id(id(1)));
    for _ in 0..100 {
        world.place(buy(maker, 1, limit(3)));
        // Whatever can be spent is spent.
        let most = world.orderable("a", Side::Buy, limit(2));
        if most > 0 {
            world.bought("a", most, 2);
        }
    }
    assert_eq!(world.order(account, id(1)).remaining().get(), 0);
    assert_eq!(
        world
            .exchange
            .order(account, id(1).into())
            .unwrap()
            .filled_value,
        won(300)
    );
}

fn deposits_and_withdrawals<B: Book>() {
    let mut world = market::<B>(50_000);
    let account = world.customer("a", 1_000_000, 0);
    world.place(buy(account, 10, limit(50_000)));
    let held = world.balance("a").held;
    let set = |cash| Command::SetBalance {
        account,
        cash: won(cash),
    };
    world.done(set(600_000));
    assert_eq!(world.balance("a").deposit, won(600_000));
    let refused = world.apply(&set(held.won() - 1));
    assert_eq!(
        refused.refused().unwrap().reason,
        RefusalReason::InsufficientCash
    );
    assert!(world.apply(&set(-1)).refused().is_some());
    world.done(set(held.won()));
    assert_eq!(world.balance("a").orderable, won(0));
}

on_both_books! {
    s80_costs_of_a_purchase_and_a_sale,
    s80_an_etf_has_its_own_fee_and_no_tax,
    s84_fees_count_per_order_and_not_per_fill,
    s87_cash_settles_on_the_second_day,
    s88_most_shares_at_a_limit_price,
    s89_a_market_buy_is_valued_at_the_upper_limit,
    s90_open_orders_hold_cash,
    s91_sale_proceeds_buy_again_the_same_day,
    s93_no_more_than_the_sellable_shares,
    s94_s95_average_price_and_realized_profit,
    costs_of_penny_stocks_never_overdraw_an_account,
    deposits_and_withdrawals,
}
