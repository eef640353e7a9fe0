//! What fills cost: an account's tariff, an issue's taxes.

use jiff::civil::Date;

use super::refusal::Denial;
use crate::domain::{
    AccountType, BrokerType, FeeSchedule, Instrument, InstrumentKind, Money, RefusalReason,
    TaxRates, Venue,
};

/// What a broker charges an account. Fees count per order and side, on all that is filled of it, and are truncated
/// then; each fill is charged what it adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tariff {
    /// For stocks and rights.
    pub stock: FeeSchedule,
    /// For ETF, ETN and ELW.
    pub product: FeeSchedule,
}

impl Tariff {
    /// No fees. Sales are taxed all the same.
    pub const FREE: Self = Self::flat(FeeSchedule::FREE);

    /// One schedule for everything.
    pub const fn flat(fees: FeeSchedule) -> Self {
        Self {
            stock: fees,
            product: fees,
        }
    }

    /// What a broker charges online for KRX.
    pub const fn of_broker(broker: BrokerType, account: AccountType) -> Self {
        Self {
            stock: FeeSchedule::of_broker(broker, account, InstrumentKind::Stock, Venue::Krx),
            product: FeeSchedule::of_broker(broker, account, InstrumentKind::Etf, Venue::Krx),
        }
    }

    /// The fee of an order that is filled for `amount` so far.
    pub(super) fn fee(&self, issue: IssueCosts, amount: Money) -> Money {
        self.schedule(issue).fee(amount)
    }

    /// Fee and taxes of a sell order that is filled for `amount` so far, before they are truncated; rounded up.
    pub(super) fn accrued(&self, issue: IssueCosts, amount: Money) -> Money {
        const PPB: i128 = 1_000_000_000;
        const PPB_PER_BP: i128 = PPB / 10_000;
        let taxes = i128::from(issue.taxes.securities_bp()) + i128::from(issue.taxes.rural_bp());
        let rate = i128::from(self.schedule(issue).rate_ppb()) + taxes * PPB_PER_BP;
        let units = (i128::from(amount.units()) * rate + PPB - 1) / PPB;
        // Rates are below 1, so this is in range.
        Money::from_units(i64::try_from(units).unwrap_or(i64::MAX))
    }

    const fn schedule(&self, issue: IssueCosts) -> FeeSchedule {
        if issue.product {
            self.product
        } else {
            self.stock
        }
    }

    /// Refuses rates at which the proceeds of a sale might not cover its costs.
    pub(super) fn check(&self) -> Result<(), Denial> {
        // Half in fees leaves the taxes, which are far below 1 %, more than enough.
        const RATE_PPB_MAX: u32 = 500_000_000;
        let highest = self.stock.rate_ppb().max(self.product.rate_ppb());
        if highest > RATE_PPB_MAX {
            return Err(Denial::new(
                RefusalReason::Other,
                format!("fee rate of {highest} parts per billion: at most {RATE_PPB_MAX}"),
            ));
        }
        Ok(())
    }
}

/// What decides the costs of an issue's fills on a day, besides the tariff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct IssueCosts {
    product: bool,
    taxes: TaxRates,
}

impl IssueCosts {
    /// The costs of trades that settle on that date.
    pub(super) fn new(instrument: &Instrument, settles: Date) -> Result<Self, Denial> {
        let (market, kind) = (instrument.market(), instrument.kind());
        let taxes = TaxRates::of_sale(market, kind, settles).map_err(|error| {
            Denial::new(
                RefusalReason::Other,
                format!("{}: {error}", instrument.symbol()),
            )
        })?;
        let product = match kind {
            InstrumentKind::Stock | InstrumentKind::Right => false,
            InstrumentKind::Etf | InstrumentKind::Etn | InstrumentKind::Elw => true,
        };
        Ok(Self { product, taxes })
    }

    /// The taxes of a sell order that is filled for `amount` so far.
    pub(super) fn taxes(self, amount: Money) -> Money {
        self.taxes.taxes(amount).total()
    }
}
