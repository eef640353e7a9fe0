//! What the demo's trades cost, by the published rates.

use gwanmun::{
    FeeSchedule, Fill, InstrumentKind, Market, Money, SETTLEMENT_DAYS, Side, TaxRates,
    TradingCalendar, ValueError,
};
use jiff::civil::Date;

use super::tally::Charges;

/// The rates of one issue, with the tax of the day last asked for.
#[derive(Debug)]
pub(super) struct Costs {
    fees: FeeSchedule,
    market: Market,
    kind: InstrumentKind,
    taxes: Option<(Date, TaxRates)>,
}

impl Costs {
    pub(super) const fn new(fees: FeeSchedule, market: Market, kind: InstrumentKind) -> Self {
        Self {
            fees,
            market,
            kind,
            taxes: None,
        }
    }

    /// Fee and tax of what one order has traded by `fill`.
    ///
    /// # Errors
    /// When the calendar does not know when the trade settles.
    pub(super) fn charges(
        &mut self,
        side: Side,
        traded: Money,
        fill: &Fill,
    ) -> Result<Charges, ValueError> {
        let tax = match side {
            Side::Buy => Money::ZERO,
            Side::Sell => self.rates(fill.at.kst_date())?.taxes(traded).total(),
        };
        Ok(Charges {
            fee: self.fees.fee(traded),
            tax,
        })
    }

    /// A sale is taxed by the rates of the day on which it settles.
    fn rates(&mut self, traded_on: Date) -> Result<TaxRates, ValueError> {
        if let Some((_, rates)) = self.taxes.filter(|(date, _)| *date == traded_on) {
            return Ok(rates);
        }
        let settles = TradingCalendar::builtin().settlement_date(traded_on, SETTLEMENT_DAYS)?;
        let rates = TaxRates::of_sale(self.market, self.kind, settles)?;
        self.taxes = Some((traded_on, rates));
        Ok(rates)
    }
}
