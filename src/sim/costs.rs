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
        let schedule = if issue.product {
            self.product
        } else {
            self.stock
        };
        schedule.fee(amount)
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
