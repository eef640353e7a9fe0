//! Accounts: whose order it is, what they hold.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::price::{Money, Price, Qty};
use super::symbol::Symbol;
use super::text::{ValueError, deserialize_from_str, text_enum};

/// An account number as the broker writes it: 1 to 15 letters, digits and hyphens, inline and `Copy`.
///
/// `Debug` and `Display` show the last two characters only, so that it may stand in a log; [`AccountId::as_str`] is
/// the whole number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    len: u8,
    text: [u8; Self::LEN_MAX],
}

impl AccountId {
    /// The longest number.
    pub const LEN_MAX: usize = 15;

    /// The number as one integer, different for different numbers: compared faster than text.
    pub(crate) const fn bits(self) -> u128 {
        let mut bytes = [0; 16];
        bytes[0] = self.len;
        let mut at = 0;
        while at < Self::LEN_MAX {
            bytes[at + 1] = self.text[at];
            at += 1;
        }
        u128::from_be_bytes(bytes)
    }

    /// The whole account number.
    pub fn as_str(&self) -> &str {
        // Only ASCII enters, so the text is always UTF-8.
        str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let len = u8::try_from(text.len())
            .ok()
            .filter(|&len| (1..=15).contains(&len));
        match len {
            Some(len) if text.bytes().all(allowed) => {
                let mut id = Self {
                    len,
                    text: [0; Self::LEN_MAX],
                };
                id.text[..text.len()].copy_from_slice(text.as_bytes());
                Ok(id)
            }
            // The text may be a mistyped account number, so it is not repeated.
            _ => Err(ValueError::new(
                "account_id",
                format_args!("{} characters", text.chars().count()),
                "1 to 15 letters, digits and hyphens",
            )),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 2;
        let text = self.as_str();
        let hidden = text.len().saturating_sub(SHOWN);
        for _ in 0..hidden {
            f.write_str("*")?;
        }
        f.write_str(&text[hidden..])
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({self})")
    }
}

impl Serialize for AccountId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AccountId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_from_str(deserializer)
    }
}

text_enum! {
    /// Real money or the broker's paper trading.
    pub enum AccountType("account type") {
        /// Real money.
        Real = "REAL",
        /// Paper trading.
        Paper = "PAPER",
    }
}

/// What an account holds of one issue.
///
/// `cost` is the purchase amount of the shares held, without fees (moving average: a sale leaves the average as it
/// is). Fees and taxes are not in the position; they are in the [`Balance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Position {
    /// The holder.
    pub account: AccountId,
    /// The issue.
    pub symbol: Symbol,
    /// Shares held, those on the way in or out of settlement included.
    pub qty: Qty,
    /// Shares that can be sold now: held less those in open sell orders.
    pub sellable: Qty,
    /// Purchase amount of the shares held, exact to 1/10,000 won.
    pub cost: Money,
    /// Last traded price, which values the position.
    pub last_price: Price,
    /// Profit of the shares sold today against their average cost, before fees and taxes.
    pub realized_pnl: Money,
}

impl Position {
    /// A position without sales; the other fields are public.
    pub const fn new(
        account: AccountId,
        symbol: Symbol,
        qty: Qty,
        cost: Money,
        last_price: Price,
    ) -> Self {
        Self {
            account,
            symbol,
            qty,
            sellable: qty,
            cost,
            last_price,
            realized_pnl: Money::ZERO,
        }
    }

    /// Purchase amount ÷ shares, 4 decimals half-up; `None` without shares.
    pub fn average_price(&self) -> Option<Price> {
        self.cost.per_share(self.qty)
    }

    /// Shares × last price; `None` beyond the range of [`Money`].
    pub const fn market_value(&self) -> Option<Money> {
        self.last_price.value(self.qty)
    }

    /// Market value less cost, before fees and taxes; `None` out of range.
    pub fn unrealized_pnl(&self) -> Option<Money> {
        self.market_value()?.checked_sub(self.cost)
    }

    /// Unrealized P&L in per cent of the cost, 2 decimals half-up; `None` without cost.
    pub fn unrealized_pnl_percent(&self) -> Option<Decimal> {
        self.unrealized_pnl()?.percent_of(self.cost)
    }
}

/// The cash of an account and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Balance {
    /// The holder.
    pub account: AccountId,
    /// Settled cash (예수금).
    pub deposit: Money,
    /// Cash after the trades that settle tomorrow (D+1).
    pub deposit_d1: Money,
    /// Cash after all trades to date settle (D+2).
    pub deposit_d2: Money,
    /// Cash that new buy orders can use: D+2 cash less what open buy orders hold.
    pub orderable: Money,
    /// What open orders hold: buys their worst cost, sells of very small value the costs that their proceeds might not
    /// cover.
    pub held: Money,
    /// Market value of all positions.
    pub securities_value: Money,
    /// Purchase amount of all positions.
    pub purchase_amount: Money,
    /// Today's bought value.
    pub bought_today: Money,
    /// Today's sold value.
    pub sold_today: Money,
    /// Today's fees.
    pub fees_today: Money,
    /// Today's taxes.
    pub taxes_today: Money,
}

impl Balance {
    /// An account with settled cash and nothing else; the other fields are public.
    pub const fn of_cash(account: AccountId, cash: Money) -> Self {
        Self {
            account,
            deposit: cash,
            deposit_d1: cash,
            deposit_d2: cash,
            orderable: cash,
            held: Money::ZERO,
            securities_value: Money::ZERO,
            purchase_amount: Money::ZERO,
            bought_today: Money::ZERO,
            sold_today: Money::ZERO,
            fees_today: Money::ZERO,
            taxes_today: Money::ZERO,
        }
    }

    /// Securities and D+2 cash (총평가금액); `None` out of range.
    pub const fn total_value(&self) -> Option<Money> {
        self.securities_value.checked_add(self.deposit_d2)
    }

    /// Market value less purchase amount of all positions, before fees and taxes; `None` out of range.
    pub const fn unrealized_pnl(&self) -> Option<Money> {
        self.securities_value.checked_sub(self.purchase_amount)
    }
}

/// How much a new order may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Orderable {
    /// The most shares: by cash for a buy, by sellable shares for a sell.
    pub qty: Qty,
    /// Cash that new buy orders can use.
    pub cash: Money,
}

impl Orderable {
    /// That many shares, with that much cash.
    pub const fn new(qty: Qty, cash: Money) -> Self {
        Self { qty, cash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol;

    fn position(qty: u64, cost_won: i64, last_won: i64) -> Position {
        Position::new(
            "12345678-01".parse().unwrap(),
            symbol!("005930"),
            Qty::new(qty),
            Money::from_won(cost_won).unwrap(),
            Price::from_won(last_won).unwrap(),
        )
    }

    /// S-94, S-96 of the worked scenarios: published average prices.
    #[test]
    fn average_prices() {
        for (cost, qty, average) in [
            (2_454_500, 35, "70128.5714"),
            (224_424_497, 1_657, "135440.2517"),
        ] {
            assert_eq!(
                position(qty, cost, 1).average_price().unwrap().to_string(),
                average
            );
        }
        assert_eq!(position(0, 0, 1).average_price(), None);
    }

    /// S-95: a sale leaves the average as it is, and what is bought next moves it.
    #[test]
    fn s95_sell_a_part_and_buy_again() {
        let shares = Qty::new;
        let won = |won| Money::from_won(won).unwrap();
        let cost = won(2_454_500);
        let sold = cost.share_of(shares(15), shares(35)).unwrap();
        let left = cost.checked_sub(sold).unwrap();
        assert_eq!(left.to_string(), "1402571.4286");
        assert_eq!(left.per_share(shares(20)), cost.per_share(shares(35)));
        let realized = won(15 * 71_000).checked_sub(sold).unwrap();
        assert_eq!(realized.to_string(), "13071.4286");
        let cost = left.checked_add(won(10 * 72_000)).unwrap();
        assert_eq!(cost.to_string(), "2122571.4286");
        assert_eq!(cost.per_share(shares(30)).unwrap().to_string(), "70752.381");
    }

    /// S-97 and S-99, the gross view.
    #[test]
    fn profit_and_per_cent() {
        for (qty, cost, last, pnl, percent) in [
            (35, 2_454_500, 71_500, "48000", "1.96"),
            (1, 373_500, 177_000, "-196500", "-52.61"),
        ] {
            let position = position(qty, cost, last);
            assert_eq!(position.unrealized_pnl().unwrap().to_string(), pnl);
            assert_eq!(
                position.unrealized_pnl_percent().unwrap().to_string(),
                percent
            );
        }
        assert_eq!(position(0, 0, 71_500).unrealized_pnl_percent(), None);
    }

    #[test]
    fn account_numbers_are_masked() {
        let id: AccountId = "12345678-01".parse().unwrap();
        assert_eq!(format!("{id} {id:?}"), "*********01 AccountId(*********01)");
        assert_eq!(id.as_str(), "12345678-01");
        for text in ["", "1234567890123456", "12 34", "계좌"] {
            assert!(text.parse::<AccountId>().is_err());
        }
        assert!(
            !"1234567890123456"
                .parse::<AccountId>()
                .unwrap_err()
                .to_string()
                .contains("1234")
        );
    }
}
