//! Fees and taxes against the worked scenarios.

use super::*;
use crate::domain::calendar::{SETTLEMENT_DAYS, TradingCalendar};
use crate::domain::order::Side;
use crate::domain::price::{Price, Qty};
use InstrumentKind::{Etf, Stock};
use Market::{Konex, Kosdaq, Kospi};
use Side::{Buy, Sell};
use proptest::prelude::*;

const KIS: FeeSchedule = FeeSchedule::KIS;
const KIS_PRODUCT: FeeSchedule = FeeSchedule::KIS_PRODUCT;
const KIWOOM: FeeSchedule = FeeSchedule::KIWOOM;
const KIWOOM_NXT: FeeSchedule = FeeSchedule::KIWOOM_NXT;
const KIWOOM_MOCK: FeeSchedule = FeeSchedule::KIWOOM_MOCK;

fn won(won: i64) -> Money {
    Money::from_won(won).unwrap()
}

/// Fees, side, market, kind, trade date, settlement, qty, price; then amount, fee, both taxes, cash effect.
type Row = (
    FeeSchedule,
    Side,
    Market,
    InstrumentKind,
    Date,
    Date,
    u64,
    i64,
    [i64; 5],
);

fn check(rows: &[Row]) {
    for &(fees, side, market, kind, trade, settlement, qty, price, expected) in rows {
        let settles = TradingCalendar::builtin().settlement_date(trade, SETTLEMENT_DAYS);
        // The table of the calendar begins in 2024.
        assert!(settles.is_err() && trade < date(2024, 1, 1) || settles == Ok(settlement));
        let amount = Price::from_won(price)
            .unwrap()
            .value(Qty::new(qty))
            .unwrap();
        let fee = fees.fee(amount);
        let taxes = match side {
            Buy => TaxRates::NONE.taxes(amount),
            Sell => taxes(market, kind, settlement, amount).unwrap(),
        };
        let cash = match side {
            Buy => amount.checked_add(fee),
            Sell => amount
                .checked_sub(fee)
                .and_then(|left| left.checked_sub(taxes.total())),
        };
        let found = [amount, fee, taxes.securities, taxes.rural, cash.unwrap()];
        assert_eq!(
            found,
            expected.map(won),
            "{side} {market} {qty} × {price} on {trade}"
        );
    }
}

#[test]
fn s80_kis_style_account() {
    check(&[
        (
            KIS,
            Buy,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            10,
            71_000,
            [710_000, 99, 0, 0, 710_099],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            10,
            71_000,
            [710_000, 99, 355, 1_065, 708_481],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2025, 6, 10),
            date(2025, 6, 12),
            10,
            71_000,
            [710_000, 99, 0, 1_065, 708_836],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2024, 6, 10),
            date(2024, 6, 12),
            10,
            71_000,
            [710_000, 99, 213, 1_065, 708_623],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2023, 6, 12),
            date(2023, 6, 14),
            10,
            71_000,
            [710_000, 99, 355, 1_065, 708_481],
        ),
        (
            KIS,
            Sell,
            Kosdaq,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            100,
            12_340,
            [1_234_000, 173, 2_468, 0, 1_231_359],
        ),
        (
            KIS,
            Sell,
            Kosdaq,
            Stock,
            date(2025, 3, 10),
            date(2025, 3, 12),
            100,
            12_340,
            [1_234_000, 173, 1_851, 0, 1_231_976],
        ),
        (
            KIS,
            Sell,
            Kosdaq,
            Stock,
            date(2024, 3, 11),
            date(2024, 3, 13),
            100,
            12_340,
            [1_234_000, 173, 2_221, 0, 1_231_606],
        ),
        (
            KIS,
            Sell,
            Konex,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            200,
            4_985,
            [997_000, 140, 997, 0, 995_863],
        ),
        (
            KIS_PRODUCT,
            Sell,
            Kospi,
            Etf,
            date(2026, 3, 10),
            date(2026, 3, 12),
            50,
            35_720,
            [1_786_000, 261, 0, 0, 1_785_739],
        ),
        (
            KIS,
            Buy,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            3,
            1_250_000,
            [3_750_000, 526, 0, 0, 3_750_526],
        ),
        (
            KIS,
            Sell,
            Kosdaq,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            1,
            1_999,
            [1_999, 0, 3, 0, 1_996],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            7,
            2_345,
            [16_415, 2, 8, 24, 16_381],
        ),
    ]);
}

#[test]
fn s81_kiwoom_style_account() {
    check(&[
        (
            KIWOOM,
            Buy,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            10,
            71_000,
            [710_000, 100, 0, 0, 710_100],
        ),
        (
            KIWOOM,
            Sell,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            10,
            71_000,
            [710_000, 100, 355, 1_065, 708_480],
        ),
        (
            KIWOOM,
            Sell,
            Kosdaq,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            100,
            12_340,
            [1_234_000, 180, 2_468, 0, 1_231_352],
        ),
        (
            KIWOOM,
            Sell,
            Kosdaq,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            1,
            6_600,
            [6_600, 0, 13, 0, 6_587],
        ),
        (
            KIWOOM_NXT,
            Sell,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            10,
            71_000,
            [710_000, 100, 355, 1_065, 708_480],
        ),
        (
            KIWOOM,
            Sell,
            Kospi,
            Etf,
            date(2026, 3, 10),
            date(2026, 3, 12),
            50,
            35_720,
            [1_786_000, 260, 0, 0, 1_785_740],
        ),
        (
            KIWOOM_MOCK,
            Buy,
            Kosdaq,
            Stock,
            date(2026, 8, 27),
            date(2026, 8, 31),
            35,
            7_150,
            [250_250, 870, 0, 0, 251_120],
        ),
        (
            KIWOOM_MOCK,
            Sell,
            Kosdaq,
            Stock,
            date(2026, 8, 31),
            date(2026, 9, 2),
            35,
            7_430,
            [260_050, 910, 520, 0, 258_620],
        ),
    ]);
}

#[test]
fn s82_settlement_date_picks_the_rate() {
    check(&[
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2025, 12, 26),
            date(2025, 12, 30),
            10,
            50_000,
            [500_000, 70, 0, 750, 499_180],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2025, 12, 29),
            date(2026, 1, 2),
            10,
            50_000,
            [500_000, 70, 250, 750, 498_930],
        ),
        (
            KIS,
            Sell,
            Kosdaq,
            Stock,
            date(2025, 12, 30),
            date(2026, 1, 5),
            10,
            50_000,
            [500_000, 70, 1_000, 0, 498_930],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2024, 12, 26),
            date(2024, 12, 30),
            10,
            50_000,
            [500_000, 70, 150, 750, 499_030],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2024, 12, 27),
            date(2025, 1, 2),
            10,
            50_000,
            [500_000, 70, 0, 750, 499_180],
        ),
        (
            KIS,
            Sell,
            Kosdaq,
            Stock,
            date(2024, 12, 27),
            date(2025, 1, 2),
            10,
            50_000,
            [500_000, 70, 750, 0, 499_180],
        ),
    ]);
}

/// S-83: the default truncates each tax by itself.
#[test]
fn s83_taxes_are_truncated_one_by_one() {
    check(&[
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            1,
            177_000,
            [177_000, 24, 88, 265, 176_623],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            3,
            10_330,
            [30_990, 4, 15, 46, 30_925],
        ),
        (
            KIS,
            Sell,
            Kospi,
            Stock,
            date(2026, 3, 10),
            date(2026, 3, 12),
            1,
            2_345,
            [2_345, 0, 1, 3, 2_341],
        ),
    ]);
}

/// S-84: one order with three fills pays 28 won; asked fill by fill it would be 26.
#[test]
fn s84_fee_per_order_or_per_fill() {
    let fills = [(7, 10_010), (7, 10_020), (6, 10_030)].map(|(qty, price)| won(qty * price));
    let mut total = Money::ZERO;
    let (mut per_order, mut per_fill) = (Money::ZERO, Money::ZERO);
    for fill in fills {
        let after = total.checked_add(fill).unwrap();
        per_order = per_order
            .checked_add(KIS.fee_between(total, after))
            .unwrap();
        per_fill = per_fill.checked_add(KIS.fee(fill)).unwrap();
        total = after;
    }
    assert_eq!(
        (total, per_order, per_fill),
        (won(200_390), won(28), won(26))
    );
}

#[test]
fn s85_exchange_fees() {
    let fee = |venue, liquidity, day| {
        FeeSchedule::of_exchange(venue, liquidity, day).map(|fees| fees.fee(won(10_000_000)))
    };
    let today = date(2026, 11, 24);
    for (venue, liquidity, day, expected) in [
        (Venue::Krx, Liquidity::Maker, today, 230),
        (Venue::Krx, Liquidity::Taker, today, 230),
        (Venue::Nxt, Liquidity::Maker, today, 134),
        (Venue::Nxt, Liquidity::Taker, today, 182),
        (Venue::Krx, Liquidity::Maker, date(2025, 12, 14), 230),
        (Venue::Krx, Liquidity::Maker, date(2025, 12, 15), 134),
        (Venue::Krx, Liquidity::Taker, date(2026, 2, 13), 182),
        (Venue::Krx, Liquidity::Maker, date(2026, 2, 14), 230),
    ] {
        assert_eq!(
            fee(venue, liquidity, day),
            Some(won(expected)),
            "{venue} {day}"
        );
    }
    assert_eq!(fee(Venue::Sor, Liquidity::Taker, today), None);
}

/// S-87: the deposit and what it will be in one and two trading days.
#[test]
fn s87_three_lines_of_cash() {
    let calendar = TradingCalendar::builtin();
    let settles = |trade| calendar.settlement_date(trade, SETTLEMENT_DAYS).unwrap();
    let (first, second) = (date(2026, 3, 10), date(2026, 3, 11));
    let (bought, sold) = (won(5_000_000), won(2_000_000));
    let taxes = taxes(Kospi, Stock, settles(second), sold).unwrap();
    let flows = [
        (first, -(5_000_000 + KIS.fee(bought).won())),
        (
            second,
            2_000_000 - KIS.fee(sold).won() - taxes.total().won(),
        ),
    ];
    assert_eq!(flows.map(|(_, won)| won), [-5_000_702, 1_995_719]);
    for (evening, lines) in [
        (first, [10_000_000, 10_000_000, 4_999_298]),
        (second, [10_000_000, 4_999_298, 6_995_017]),
        (date(2026, 3, 12), [4_999_298, 6_995_017, 6_995_017]),
        (date(2026, 3, 13), [6_995_017; 3]),
    ] {
        let line = |ahead| {
            let until = calendar.settlement_date(evening, ahead).unwrap();
            let booked = flows
                .iter()
                .filter(|&&(trade, _)| trade <= evening && settles(trade) <= until)
                .map(|&(_, won)| won);
            10_000_000 + booked.sum::<i64>()
        };
        assert_eq!([line(0), line(1), line(2)], lines, "evening of {evening}");
    }
}

/// S-91, the sale.
#[test]
fn s91_sale_proceeds() {
    check(&[(
        KIS,
        Sell,
        Kospi,
        Stock,
        date(2026, 3, 11),
        date(2026, 3, 13),
        20,
        50_000,
        [1_000_000, 140, 500, 1_500, 997_860],
    )]);
}

/// S-97, S-98 and S-99, the net views: (fees, market, settlement, cost, value, both fees and the taxes, net).
#[test]
fn s97_s98_s99_net_profit() {
    for (fees, market, settlement, cost, value, [buy_fee, sell_fee, tax], net) in [
        (
            KIWOOM,
            Kosdaq,
            date(2024, 6, 12),
            373_500,
            177_000,
            [50, 20, 318],
            -196_888,
        ),
        (
            KIWOOM_MOCK,
            Kosdaq,
            date(2026, 8, 31),
            250_250,
            260_000,
            [870, 910, 520],
            7_450,
        ),
        // Truncating the sum of the taxes instead would make them 5,005.
        (
            KIWOOM,
            Kospi,
            date(2026, 8, 31),
            2_454_500,
            2_502_500,
            [360, 370, 5_004],
            42_266,
        ),
    ] {
        let taxes = taxes(market, Stock, settlement, won(value)).unwrap();
        let found = [fees.fee(won(cost)), fees.fee(won(value)), taxes.total()];
        assert_eq!(found, [buy_fee, sell_fee, tax].map(won));
        assert_eq!(value - cost - buy_fee - sell_fee - tax, net);
    }
}

/// The first and the last settlement date of every rate: (market, first, last, securities, rural).
#[test]
fn rates_change_on_their_days() {
    for (market, first, last, securities, rural) in [
        (Kospi, date(2019, 6, 3), date(2020, 12, 31), 10, 15),
        (Kospi, date(2021, 1, 1), date(2022, 12, 31), 8, 15),
        (Kospi, date(2023, 1, 1), date(2023, 12, 31), 5, 15),
        (Kospi, date(2024, 1, 1), date(2024, 12, 31), 3, 15),
        (Kospi, date(2025, 1, 1), date(2025, 12, 31), 0, 15),
        (Kospi, date(2026, 1, 1), date(2030, 1, 1), 5, 15),
        (Kosdaq, date(2019, 6, 3), date(2020, 12, 31), 25, 0),
        (Kosdaq, date(2021, 1, 1), date(2022, 12, 31), 23, 0),
        (Kosdaq, date(2023, 1, 1), date(2023, 12, 31), 20, 0),
        (Kosdaq, date(2024, 1, 1), date(2024, 12, 31), 18, 0),
        (Kosdaq, date(2025, 1, 1), date(2025, 12, 31), 15, 0),
        (Kosdaq, date(2026, 1, 1), date(2030, 1, 1), 20, 0),
        (Konex, date(2019, 6, 3), date(2030, 1, 1), 10, 0),
    ] {
        for day in [first, last] {
            let rates = TaxRates::of_sale(market, Stock, day).unwrap();
            let found = (rates.securities_bp(), rates.rural_bp());
            assert_eq!(found, (securities, rural), "{market} {day}");
        }
    }
    for market in Market::ALL {
        assert!(TaxRates::of_sale(*market, Stock, date(2019, 6, 2)).is_err());
    }
    for kind in [Etf, InstrumentKind::Etn, InstrumentKind::Elw] {
        let rates = TaxRates::of_sale(Kospi, kind, date(2010, 1, 1));
        assert_eq!(rates, Ok(TaxRates::NONE));
    }
}

#[test]
fn brokers_have_their_tariffs() {
    use AccountType::{Paper, Real};
    use BrokerType::{Creon, Kis, Kiwoom, Mock};
    for (broker, account, kind, venue, fees) in [
        (Kis, Real, Stock, Venue::Krx, KIS),
        (Kis, Paper, Etf, Venue::Krx, KIS_PRODUCT),
        (Mock, Real, Stock, Venue::Nxt, KIS),
        (Kiwoom, Real, Etf, Venue::Krx, KIWOOM),
        (Kiwoom, Real, Stock, Venue::Nxt, KIWOOM_NXT),
        (Kiwoom, Paper, Stock, Venue::Nxt, KIWOOM_MOCK),
        (Creon, Real, Stock, Venue::Krx, FeeSchedule::CREON),
    ] {
        assert_eq!(FeeSchedule::of_broker(broker, account, kind, venue), fees);
    }
}

/// The published tariffs: fees on ten billion won, truncated.
#[test]
fn tariffs_have_their_rates() {
    for (fees, fee) in [
        (FeeSchedule::FREE, 0),
        (KIS, 1_405_270),
        (KIS_PRODUCT, 1_465_270),
        (KIWOOM, 1_500_000),
        (KIWOOM_NXT, 1_450_000),
        (KIWOOM_MOCK, 35_000_000),
        (FeeSchedule::CREON, 1_500_000),
        (FeeSchedule::PASS_THROUGH, 363_960),
    ] {
        assert_eq!(fees.fee(won(10_000_000_000)), won(fee));
    }
}

#[test]
fn rates_and_units_out_of_range_are_refused() {
    assert!(FeeSchedule::new(PPB, 1).is_ok());
    assert!(FeeSchedule::new(PPB + 1, 1).is_err());
    assert!(FeeSchedule::new(0, 0).is_err());
    assert!(FeeSchedule::new(0, 100).is_err());
    let json = r#"{"rate_ppb":140527,"unit_won":1}"#;
    assert_eq!(serde_json::from_str::<FeeSchedule>(json).unwrap(), KIS);
    assert_eq!(serde_json::to_string(&KIS).unwrap(), json);
    assert!(serde_json::from_str::<FeeSchedule>(r#"{"rate_ppb":1,"unit_won":5}"#).is_err());
}

proptest! {
    #[test]
    fn fills_add_up_to_the_order(amounts in prop::collection::vec(0..=i64::MAX / 16, 1..16)) {
        let rates = TaxRates::of_sale(Kospi, Stock, date(2026, 1, 2)).unwrap();
        let (mut total, mut fee, mut tax) = (Money::ZERO, 0, 0);
        for amount in amounts {
            let after = total.checked_add(Money::from_units(amount)).unwrap();
            fee += KIWOOM.fee_between(total, after).units();
            tax += rates.taxes_between(total, after).total().units();
            total = after;
        }
        prop_assert_eq!(fee, KIWOOM.fee(total).units());
        prop_assert_eq!(tax, rates.taxes(total).total().units());
    }

    #[test]
    fn a_fee_is_a_multiple_of_its_unit_just_below_the_exact_one(
        amount in any::<i64>(),
        rate_ppb in 0..=PPB,
        unit_won in prop::sample::select(vec![1_u32, 10]),
    ) {
        let fees = FeeSchedule::new(rate_ppb, unit_won).unwrap();
        let fee = i128::from(fees.fee(Money::from_units(amount)).units());
        let unit = i128::from(unit_won) * i128::from(UNITS_PER_WON);
        let exact_ppb = i128::from(amount.max(0)) * i128::from(rate_ppb);
        prop_assert_eq!(fee % unit, 0);
        prop_assert!(fee * i128::from(PPB) <= exact_ppb);
        prop_assert!((fee + unit) * i128::from(PPB) > exact_ppb);
    }
}
