//! What a trade costs: broker and exchange fees on both sides, transaction taxes on sales.
//!
//! Everything is charged on the cumulative amount of an order, day and side, and then truncated; a fill costs what it
//! adds ([`FeeSchedule::fee_between`], [`TaxRates::taxes_between`]). Whether a broker truncates per order or per fill
//! is UNCONFIRMED: who wants it per fill asks for [`FeeSchedule::fee`] of each.

use std::ops::RangeInclusive;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use super::account::AccountType;
use super::broker_type::BrokerType;
use super::instrument::{InstrumentKind, Market};
use super::price::{Money, UNITS_PER_WON};
use super::symbol::Venue;
use super::text::{ValueError, text_enum};

/// A fee: a rate of the traded amount, truncated to a multiple of 1 or 10 won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "FeeFields")]
pub struct FeeSchedule {
    rate_ppb: u32,
    unit_won: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeeFields {
    rate_ppb: u32,
    unit_won: u32,
}

impl TryFrom<FeeFields> for FeeSchedule {
    type Error = ValueError;

    fn try_from(fields: FeeFields) -> Result<Self, ValueError> {
        Self::new(fields.rate_ppb, fields.unit_won)
    }
}

/// A rate of one, in parts per billion.
const PPB: u32 = 1_000_000_000;

impl FeeSchedule {
    /// No fee.
    pub const FREE: Self = Self::exact(0, 1);
    /// KIS, BanKIS online, stocks: 0.0140527 %. The unit of 1 won is UNCONFIRMED, and so is the rate for fills on
    /// Nextrade, taken to be the same.
    pub const KIS: Self = Self::exact(140_527, 1);
    /// KIS, BanKIS online, ETF, ETN and ELW: 0.0146527 %.
    pub const KIS_PRODUCT: Self = Self::exact(146_527, 1);
    /// Kiwoom online, KRX: 0.015 %, truncated to 10 won (tariff of 2026-08-04; unit from the samples of kt00018).
    pub const KIWOOM: Self = Self::exact(150_000, 10);
    /// Kiwoom online, fills on Nextrade: 0.0145 %, truncated to 10 won (tariff of 2026-08-04).
    pub const KIWOOM_NXT: Self = Self::exact(145_000, 10);
    /// Kiwoom mock account: 0.35 %, truncated to 10 won (samples of kt00018).
    pub const KIWOOM_MOCK: Self = Self::exact(3_500_000, 10);
    /// CREON online: 0.015 %. UNCONFIRMED, rate and unit.
    pub const CREON: Self = Self::exact(150_000, 1);
    /// What "free" tariffs still pass on of exchange and clearing (유관기관 제비용): 0.0036396 %.
    pub const PASS_THROUGH: Self = Self::exact(36_396, 1);

    /// A rate in parts per billion (0.0140527 % is 140,527) and the unit to which the fee is truncated.
    ///
    /// # Errors
    /// When the rate is above 1, or the unit is neither 1 nor 10 won.
    pub fn new(rate_ppb: u32, unit_won: u32) -> Result<Self, ValueError> {
        if rate_ppb > PPB {
            return Err(ValueError::new(
                "fee rate",
                rate_ppb,
                format!("0 to {PPB} parts per billion"),
            ));
        }
        if !matches!(unit_won, 1 | 10) {
            return Err(ValueError::new("fee unit", unit_won, "1 or 10 won"));
        }
        Ok(Self::exact(rate_ppb, unit_won))
    }

    const fn exact(rate_ppb: u32, unit_won: u32) -> Self {
        Self { rate_ppb, unit_won }
    }

    /// The rate in parts per billion.
    pub const fn rate_ppb(self) -> u32 {
        self.rate_ppb
    }

    /// The unit to which the fee is truncated, in won.
    pub const fn unit_won(self) -> u32 {
        self.unit_won
    }

    /// What a broker charges online for a fill of that kind of issue on that venue. For MOCK as KIS; the paper account
    /// of KIWOOM has a rate of its own.
    pub const fn of_broker(
        broker: BrokerType,
        account: AccountType,
        kind: InstrumentKind,
        venue: Venue,
    ) -> Self {
        let product = match kind {
            InstrumentKind::Stock | InstrumentKind::Right => false,
            InstrumentKind::Etf | InstrumentKind::Etn | InstrumentKind::Elw => true,
        };
        match (broker, account, venue) {
            (BrokerType::Kis | BrokerType::Mock, _, _) if product => Self::KIS_PRODUCT,
            (BrokerType::Kis | BrokerType::Mock, _, _) => Self::KIS,
            (BrokerType::Creon, _, _) => Self::CREON,
            (BrokerType::Kiwoom, AccountType::Paper, _) => Self::KIWOOM_MOCK,
            (BrokerType::Kiwoom, AccountType::Real, Venue::Nxt) => Self::KIWOOM_NXT,
            (BrokerType::Kiwoom, AccountType::Real, Venue::Krx | Venue::Sor) => Self::KIWOOM,
        }
    }

    /// What an exchange itself charges. Contained in the tariffs of the brokers, unless they say otherwise. `None` for
    /// SOR, which is no exchange.
    ///
    /// KRX 0.0023 %, from 2025-12-15 to 2026-02-13 0.00134 % for makers and 0.00182 % for takers (SBS and Donga,
    /// 2025-12-15); back to the old rate afterwards is UNCONFIRMED. Nextrade as KRX in those weeks, at all times.
    pub fn of_exchange(venue: Venue, liquidity: Liquidity, day: Date) -> Option<Self> {
        const KRX_CUT: RangeInclusive<Date> = date(2025, 12, 15)..=date(2026, 2, 13);
        let by_liquidity = match liquidity {
            Liquidity::Maker => Self::exact(13_400, 1),
            Liquidity::Taker => Self::exact(18_200, 1),
        };
        match venue {
            Venue::Krx if KRX_CUT.contains(&day) => Some(by_liquidity),
            Venue::Krx => Some(Self::exact(23_000, 1)),
            Venue::Nxt => Some(by_liquidity),
            Venue::Sor => None,
        }
    }

    /// The fee of an amount, truncated; nothing for a negative amount.
    pub fn fee(self, amount: Money) -> Money {
        truncated(amount, self.rate_ppb, self.unit_won)
    }

    /// What the fee grows by when the amount of the order, day and side grows from `before` to `after`.
    pub fn fee_between(self, before: Money, after: Money) -> Money {
        difference(self.fee(before), self.fee(after))
    }
}

text_enum! {
    /// Which side of a fill was in the book first (FIX `LastLiquidityInd`).
    pub enum Liquidity("liquidity") {
        /// The order that rested.
        Maker = "MAKER",
        /// The order that came in.
        Taker = "TAKER",
    }
}

/// The transaction taxes of a sale: securities transaction tax (증권거래세) and special tax for rural development
/// (농어촌특별세).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct TaxRates {
    securities_bp: u16,
    rural_bp: u16,
}

/// Taxes in whole won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Taxes {
    /// Securities transaction tax.
    pub securities: Money,
    /// Special tax for rural development.
    pub rural: Money,
}

impl Taxes {
    /// Both together.
    pub const fn total(self) -> Money {
        Money::from_units(self.securities.units().saturating_add(self.rural.units()))
    }
}

/// A rate with its first settlement date; it ends where the next row of the same market begins.
struct TaxRow {
    market: Market,
    from: Date,
    rates: TaxRates,
}

const fn tax(market: Market, from: Date, securities_bp: u16, rural_bp: u16) -> TaxRow {
    let rates = TaxRates {
        securities_bp,
        rural_bp,
    };
    TaxRow {
        market,
        from,
        rates,
    }
}

/// Rates in 1/10,000 by settlement date: enforcement decree of the Securities Transaction Tax Act as reported by Donga
/// and Hankyung, 2025-12-01, and by Hanyang Securities for 2025.
const TAXES: &[TaxRow] = &[
    tax(Market::Kospi, date(2019, 6, 3), 10, 15),
    tax(Market::Kospi, date(2021, 1, 1), 8, 15),
    tax(Market::Kospi, date(2023, 1, 1), 5, 15),
    tax(Market::Kospi, date(2024, 1, 1), 3, 15),
    tax(Market::Kospi, date(2025, 1, 1), 0, 15),
    tax(Market::Kospi, date(2026, 1, 1), 5, 15),
    tax(Market::Kosdaq, date(2019, 6, 3), 25, 0),
    tax(Market::Kosdaq, date(2021, 1, 1), 23, 0),
    tax(Market::Kosdaq, date(2023, 1, 1), 20, 0),
    tax(Market::Kosdaq, date(2024, 1, 1), 18, 0),
    tax(Market::Kosdaq, date(2025, 1, 1), 15, 0),
    tax(Market::Kosdaq, date(2026, 1, 1), 20, 0),
    tax(Market::Konex, date(2019, 6, 3), 10, 0),
];

impl TaxRates {
    /// No tax: purchases, and sales of ETF, ETN and ELW.
    pub const NONE: Self = Self {
        securities_bp: 0,
        rural_bp: 0,
    };

    /// The rates of a sale that settles on that date. It is the settlement date that decides: sales of the last two
    /// trading days of a year pay the next year's rate. Rights are taxed as shares (UNCONFIRMED).
    ///
    /// # Errors
    /// Before 2019-06-03, where our table begins.
    pub fn of_sale(
        market: Market,
        kind: InstrumentKind,
        settlement: Date,
    ) -> Result<Self, ValueError> {
        match kind {
            InstrumentKind::Etf | InstrumentKind::Etn | InstrumentKind::Elw => Ok(Self::NONE),
            InstrumentKind::Stock | InstrumentKind::Right => TAXES
                .iter()
                .rev()
                .find(|row| row.market == market && row.from <= settlement)
                .map(|row| row.rates)
                .ok_or_else(|| {
                    ValueError::new("settlement date", settlement, "a date since 2019-06-03")
                }),
        }
    }

    /// The securities transaction tax in 1/10,000 of the amount.
    pub const fn securities_bp(self) -> u16 {
        self.securities_bp
    }

    /// The special tax for rural development in 1/10,000 of the amount.
    pub const fn rural_bp(self) -> u16 {
        self.rural_bp
    }

    /// The taxes of an amount, each truncated to whole won by itself (UNCONFIRMED against truncating the sum); nothing
    /// for a negative amount.
    pub fn taxes(self, amount: Money) -> Taxes {
        const PPB_PER_BP: u32 = PPB / 10_000;
        let tax = |bp: u16| truncated(amount, u32::from(bp) * PPB_PER_BP, 1);
        Taxes {
            securities: tax(self.securities_bp),
            rural: tax(self.rural_bp),
        }
    }

    /// What the taxes grow by when the amount of the order and day grows from `before` to `after`.
    pub fn taxes_between(self, before: Money, after: Money) -> Taxes {
        let (before, after) = (self.taxes(before), self.taxes(after));
        Taxes {
            securities: difference(before.securities, after.securities),
            rural: difference(before.rural, after.rural),
        }
    }
}

/// The taxes of a sale: [`TaxRates::of_sale`] and [`TaxRates::taxes`] in one.
///
/// # Errors
/// As [`TaxRates::of_sale`].
pub fn taxes(
    market: Market,
    kind: InstrumentKind,
    settlement: Date,
    amount: Money,
) -> Result<Taxes, ValueError> {
    TaxRates::of_sale(market, kind, settlement).map(|rates| rates.taxes(amount))
}

/// `amount` × rate, truncated to the unit; 0 for a negative amount.
fn truncated(amount: Money, rate_ppb: u32, unit_won: u32) -> Money {
    let amount = u64::try_from(amount.units()).unwrap_or_default();
    let unit = u64::from(unit_won) * UNITS_PER_WON.unsigned_abs();
    let fee = match amount.checked_mul(u64::from(rate_ppb)) {
        Some(product) => product / u64::from(PPB),
        // 128-bit division is slow, and only amounts of billions need it. A rate is at most one, so the fee is at most
        // the amount; the fallback keeps the conversion total.
        None => {
            let product = u128::from(amount) * u128::from(rate_ppb);
            u64::try_from(product / u128::from(PPB)).unwrap_or(amount)
        }
    };
    i64::try_from(fee - fee % unit).map_or(Money::MAX, Money::from_units)
}

/// Of two amounts that are not negative.
const fn difference(before: Money, after: Money) -> Money {
    Money::from_units(after.units() - before.units())
}

#[cfg(test)]
mod tests;
