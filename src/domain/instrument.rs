//! What is traded: an issue with everything the order rules need to know of it.

use std::num::{NonZeroI8, NonZeroU32};
use std::sync::Arc;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use super::band::PriceBand;
use super::order::OrderType;
use super::price::{Price, Qty};
use super::session::Segment;
use super::symbol::{Symbol, Venue};
use super::text::{ValueError, text_enum};
use super::tick::TickTable;

text_enum! {
    /// The market an issue is listed on. Nextrade lists nothing of its own: it trades issues of KOSPI and KOSDAQ.
    pub enum Market("market") {
        /// KOSPI (유가증권시장).
        Kospi = "KOSPI",
        /// KOSDAQ (코스닥시장).
        Kosdaq = "KOSDAQ",
        /// KONEX (코넥스시장).
        Konex = "KONEX",
    }
}

text_enum! {
    /// What kind of issue, as far as ticks, limits, taxes and order types tell them apart.
    pub enum InstrumentKind("instrument kind") {
        /// Common and preferred shares, depositary receipts and REITs.
        Stock = "STOCK",
        /// Exchange-traded fund.
        Etf = "ETF",
        /// Exchange-traded note.
        Etn = "ETN",
        /// Equity-linked warrant.
        Elw = "ELW",
        /// Subscription right or warrant (신주인수권증서, 신주인수권증권).
        Right = "RIGHT",
    }
}

text_enum! {
    /// The rule that gives an issue its daily price limits.
    pub enum PriceLimit("price limit") {
        /// Base price ± a percentage: the market's, times the leverage multiple.
        Percent = "PERCENT",
        /// The first day of a new listing on KOSPI or KOSDAQ: 60 % to 400 % of the offering price.
        FirstDay = "FIRST_DAY",
        /// No limit: ELW, rights, and issues in liquidation trading (정리매매).
        Unlimited = "UNLIMITED",
    }
}

/// ± 30 % is in force since this day on KOSPI and KOSDAQ (KRX price limit pages, read 2026-11). Earlier limits are not
/// in our tables.
const PERCENT_LIMIT_SINCE: Date = date(2015, 6, 15);

/// 60 % to 400 % of the offering price is in force since this day (KRX, read 2026-11).
const FIRST_DAY_LIMIT_SINCE: Date = date(2023, 6, 26);

/// An issue that can be traded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Fields", try_from = "Fields")]
pub struct Instrument {
    symbol: Symbol,
    name: Arc<str>,
    market: Market,
    kind: InstrumentKind,
    lot: NonZeroU32,
    listed_shares: Option<Qty>,
    leverage: NonZeroI8,
    price_limit: PriceLimit,
    nxt_listed: bool,
    alerted: bool,
}

impl Instrument {
    /// An issue with its kind's usual lot and price limit, without leverage, not on Nextrade; `with_…` changes the
    /// rest.
    ///
    /// # Errors
    /// When the name is empty or holds control characters, or the market does not list this kind.
    pub fn new(
        symbol: Symbol,
        name: &str,
        market: Market,
        kind: InstrumentKind,
    ) -> Result<Self, ValueError> {
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return Err(ValueError::new(
                "instrument name",
                name,
                "a name without control characters",
            ));
        }
        let listed_there = match kind {
            InstrumentKind::Stock => true,
            InstrumentKind::Right => !matches!(market, Market::Konex),
            InstrumentKind::Etf | InstrumentKind::Etn | InstrumentKind::Elw => {
                matches!(market, Market::Kospi)
            }
        };
        if !listed_there {
            return Err(ValueError::new(
                "market",
                market,
                format!("a market that lists {kind}"),
            ));
        }
        Ok(Self {
            symbol,
            name: name.into(),
            market,
            kind,
            lot: usual_lot(kind),
            listed_shares: None,
            leverage: UNLEVERAGED,
            price_limit: usual_price_limit(kind),
            nxt_listed: false,
            alerted: false,
        })
    }

    /// With another lot.
    #[must_use]
    pub const fn with_lot(mut self, lot: NonZeroU32) -> Self {
        self.lot = lot;
        self
    }

    /// With the number of listed shares, which caps single orders.
    ///
    /// # Errors
    /// When it is zero.
    pub fn with_listed_shares(mut self, shares: Qty) -> Result<Self, ValueError> {
        if shares.is_zero() {
            return Err(ValueError::new("listed shares", shares, "at least 1"));
        }
        self.listed_shares = Some(shares);
        Ok(self)
    }

    /// With the multiple of its index that an ETF or ETN follows: 2 for 2X, −2 for inverse 2X.
    ///
    /// # Errors
    /// When it is zero, or the issue is neither ETF nor ETN and it is not 1.
    pub fn with_leverage(mut self, multiple: i8) -> Result<Self, ValueError> {
        let leverageable = matches!(self.kind, InstrumentKind::Etf | InstrumentKind::Etn);
        self.leverage = NonZeroI8::new(multiple)
            .filter(|&multiple| leverageable || multiple == UNLEVERAGED)
            .ok_or_else(|| {
                ValueError::new(
                    "leverage",
                    multiple,
                    "not 0, and 1 for everything but ETF and ETN",
                )
            })?;
        Ok(self)
    }

    /// With another rule for its price limits: a first trading day, or liquidation trading.
    ///
    /// # Errors
    /// When the rule is not one for this kind and market: first days are for stocks of KOSPI and KOSDAQ, and ELW and
    /// rights have no limits.
    pub fn with_price_limit(mut self, rule: PriceLimit) -> Result<Self, ValueError> {
        let stock = matches!(self.kind, InstrumentKind::Stock);
        let fits = match rule {
            PriceLimit::Percent => {
                matches!(usual_price_limit(self.kind), PriceLimit::Percent)
            }
            PriceLimit::FirstDay => stock && !matches!(self.market, Market::Konex),
            PriceLimit::Unlimited => true,
        };
        if !fits {
            return Err(ValueError::new(
                "price limit",
                rule,
                format!("a rule for {} of {}", self.kind, self.market),
            ));
        }
        self.price_limit = rule;
        Ok(self)
    }

    /// Traded on Nextrade or not. The list is reviewed quarterly and issues leave it at short notice.
    ///
    /// # Errors
    /// When Nextrade cannot trade it: it takes only stocks of KOSPI and KOSDAQ (November 2026).
    pub fn with_nxt_listed(mut self, listed: bool) -> Result<Self, ValueError> {
        let stock = matches!(self.kind, InstrumentKind::Stock);
        if listed && (!stock || matches!(self.market, Market::Konex)) {
            return Err(ValueError::new(
                "NXT listing",
                self.kind,
                "a stock of KOSPI or KOSDAQ",
            ));
        }
        self.nxt_listed = listed;
        Ok(self)
    }

    /// Under an investment warning or risk notice (투자경고, 투자위험) or not: such issues are off Nextrade and off the
    /// KRX after-market.
    #[must_use]
    pub const fn with_alert(mut self, alerted: bool) -> Self {
        self.alerted = alerted;
        self
    }

    /// The short code.
    pub const fn symbol(&self) -> Symbol {
        self.symbol
    }

    /// The name, in the language of its source.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is listed.
    pub const fn market(&self) -> Market {
        self.market
    }

    /// What it is.
    pub const fn kind(&self) -> InstrumentKind {
        self.kind
    }

    /// Shares of one trading unit: order quantities are multiples of it. 10 for ELW, else 1 (KRX, read 2026-11).
    pub const fn lot(&self) -> NonZeroU32 {
        self.lot
    }

    /// Listed shares, if known.
    pub const fn listed_shares(&self) -> Option<Qty> {
        self.listed_shares
    }

    /// The multiple of its index that an ETF or ETN follows; 1 for everything else. Never 0.
    pub const fn leverage(&self) -> i8 {
        self.leverage.get()
    }

    /// The rule of its daily limits.
    pub const fn price_limit(&self) -> PriceLimit {
        self.price_limit
    }

    /// Whether Nextrade trades it.
    pub const fn is_nxt_listed(&self) -> bool {
        self.nxt_listed
    }

    /// Whether it is under an investment warning or risk notice.
    pub const fn is_alerted(&self) -> bool {
        self.alerted
    }

    /// Whether that many shares are whole lots, and at least one.
    pub fn is_whole_lots(&self, qty: Qty) -> bool {
        !qty.is_zero() && qty.get().is_multiple_of(u64::from(self.lot.get()))
    }

    /// The most whole lots in that many shares.
    pub fn floor_to_lot(&self, qty: Qty) -> Qty {
        Qty::new(qty.get() - qty.get() % u64::from(self.lot.get()))
    }

    /// The tick ladder of a date.
    ///
    /// # Errors
    /// Before the first ladder that we know.
    pub fn tick_table(&self, date: Date) -> Result<TickTable, ValueError> {
        TickTable::of(self.kind, self.market, date)
    }

    /// How many per cent the price may leave its base: 30, on KONEX 15, times the absolute leverage multiple. `None`
    /// for issues with another rule.
    pub fn limit_percent(&self) -> Option<u32> {
        if self.price_limit != PriceLimit::Percent {
            return None;
        }
        let percent = match self.market {
            Market::Kospi | Market::Kosdaq => 30,
            Market::Konex => 15,
        };
        Some(percent * u32::from(self.leverage.get().unsigned_abs()))
    }

    /// The daily limits of a date from that day's base price (on a first trading day: the offering price); `None` for
    /// an issue without limits.
    ///
    /// # Errors
    /// Before the rules that we know, or when a limit is out of the range of [`Price`].
    pub fn price_band(&self, base: Price, date: Date) -> Result<Option<PriceBand>, ValueError> {
        let in_force = |since: Date| {
            if date < since {
                let expected = format!("a date since {since}: earlier limits are not known");
                return Err(ValueError::new("date", date, expected));
            }
            Ok(())
        };
        let ticks = self.tick_table(date)?;
        let band = match self.limit_percent() {
            Some(percent) => {
                in_force(PERCENT_LIMIT_SINCE)?;
                PriceBand::around(base, percent, ticks)
            }
            None if self.price_limit == PriceLimit::FirstDay => {
                in_force(FIRST_DAY_LIMIT_SINCE)?;
                PriceBand::first_day(base, ticks)
            }
            None => return Ok(None),
        };
        band.map(Some).ok_or_else(|| {
            ValueError::new("base price", base, "a base whose limits are prices, too")
        })
    }

    /// Whether volatility interruptions guard it: not on a first trading day, and not where there are no limits. For
    /// KONEX UNCONFIRMED, taken as no.
    pub const fn has_volatility_interruption(&self) -> bool {
        matches!(self.price_limit, PriceLimit::Percent) && !matches!(self.market, Market::Konex)
    }

    /// Whether orders of that type may be sent for this kind of issue at all, whatever the time and venue.
    ///
    /// ELW take limit orders only (KRX ELW page), mid-price orders are for stocks, ETF and ETN.
    pub const fn takes(&self, order_type: OrderType) -> bool {
        match self.kind {
            InstrumentKind::Stock | InstrumentKind::Etf | InstrumentKind::Etn => true,
            InstrumentKind::Elw => matches!(order_type, OrderType::Limit),
            InstrumentKind::Right => !matches!(order_type, OrderType::MidPrice),
        }
    }

    /// Whether the issue is traded in a segment at all.
    ///
    /// Nextrade trades its own list. The KRX after-market takes neither ETF and ETN nor issues under an alert; that it
    /// leaves out rights and KONEX is UNCONFIRMED. ELW are for the regular session only (KRX ELW page).
    pub const fn trades_in(&self, segment: Segment) -> bool {
        if matches!(segment.venue(), Venue::Nxt) {
            return self.nxt_listed && !self.alerted;
        }
        if matches!(segment, Segment::AfterMarket) {
            let listed = matches!(self.market, Market::Kospi | Market::Kosdaq);
            return listed && matches!(self.kind, InstrumentKind::Stock) && !self.alerted;
        }
        !(matches!(self.kind, InstrumentKind::Elw) && segment.is_off_hours())
    }
}

/// The leverage multiple of everything that follows no index, or follows it one to one.
// Evaluated at compile time, where 1 is not 0.
const UNLEVERAGED: NonZeroI8 = NonZeroI8::new(1).expect("1 is not 0");

/// ELW trade in tens (KRX ELW page, read 2026-11).
// Evaluated at compile time, where 10 is not 0.
const ELW_LOT: NonZeroU32 = NonZeroU32::new(10).expect("10 is not 0");

const fn usual_lot(kind: InstrumentKind) -> NonZeroU32 {
    match kind {
        InstrumentKind::Elw => ELW_LOT,
        InstrumentKind::Stock
        | InstrumentKind::Etf
        | InstrumentKind::Etn
        | InstrumentKind::Right => NonZeroU32::MIN,
    }
}

const fn usual_price_limit(kind: InstrumentKind) -> PriceLimit {
    match kind {
        InstrumentKind::Stock | InstrumentKind::Etf | InstrumentKind::Etn => PriceLimit::Percent,
        InstrumentKind::Elw | InstrumentKind::Right => PriceLimit::Unlimited,
    }
}

/// An [`Instrument`] as it is written down: what is usual for its kind may be left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    symbol: Symbol,
    name: Arc<str>,
    market: Market,
    kind: InstrumentKind,
    lot: Option<NonZeroU32>,
    listed_shares: Option<Qty>,
    leverage: Option<i8>,
    price_limit: Option<PriceLimit>,
    #[serde(default)]
    nxt_listed: bool,
    #[serde(default)]
    alerted: bool,
}

impl From<Instrument> for Fields {
    fn from(instrument: Instrument) -> Self {
        Self {
            symbol: instrument.symbol,
            name: instrument.name,
            market: instrument.market,
            kind: instrument.kind,
            lot: Some(instrument.lot),
            listed_shares: instrument.listed_shares,
            leverage: Some(instrument.leverage.get()),
            price_limit: Some(instrument.price_limit),
            nxt_listed: instrument.nxt_listed,
            alerted: instrument.alerted,
        }
    }
}

impl TryFrom<Fields> for Instrument {
    type Error = ValueError;

    fn try_from(fields: Fields) -> Result<Self, ValueError> {
        let mut instrument = Self::new(fields.symbol, &fields.name, fields.market, fields.kind)?
            .with_nxt_listed(fields.nxt_listed)?
            .with_alert(fields.alerted);
        if let Some(lot) = fields.lot {
            instrument = instrument.with_lot(lot);
        }
        if let Some(shares) = fields.listed_shares {
            instrument = instrument.with_listed_shares(shares)?;
        }
        if let Some(multiple) = fields.leverage {
            instrument = instrument.with_leverage(multiple)?;
        }
        if let Some(rule) = fields.price_limit {
            instrument = instrument.with_price_limit(rule)?;
        }
        Ok(instrument)
    }
}

/// The check digit of an ISIN's first 11 characters: letters count 10 to 35, every second digit from the right is
/// doubled, and the digit sum is filled up to ten (ISO 6166). `None` unless `body` is 11 characters of `0-9A-Z`.
///
/// A short code does not always stand in the ISIN (preferred shares): take the pair from the exchange's master file.
pub fn isin_check_digit(body: &str) -> Option<char> {
    const BODY_LEN: usize = 11;
    if body.len() != BODY_LEN {
        return None;
    }
    let mut sum = 0;
    let mut doubled = true;
    for letter in body.bytes().rev() {
        let value = match letter {
            b'0'..=b'9' => letter - b'0',
            b'A'..=b'Z' => letter - b'A' + 10,
            _ => return None,
        };
        // A letter is two digits: its units stand on the right, its tens on the left of them.
        let digits = [Some(value % 10), (value >= 10).then_some(value / 10)];
        for digit in digits.into_iter().flatten() {
            let weighted = if doubled { 2 * digit } else { digit };
            sum += u32::from(weighted / 10 + weighted % 10);
            doubled = !doubled;
        }
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbol;

    fn instrument(market: Market, kind: InstrumentKind) -> Instrument {
        Instrument::new(symbol!("005930"), "삼성전자", market, kind).unwrap()
    }

    /// S-101: the check digits of published ISINs.
    #[test]
    fn s101_isin_check_digits() {
        for isin in [
            "KR7005930003",
            "KR7000660001",
            "KR7069500007",
            "KR7005931001",
            "KR7035420009",
            // Two of other countries, with other letters.
            "US0378331005",
            "GB0002634946",
        ] {
            let (body, digit) = isin.split_at(11);
            assert_eq!(isin_check_digit(body), digit.chars().next(), "{isin}");
        }
        for body in ["", "KR700593000", "KR70059300\u{ff10}", "kr700593000"] {
            let expected = (body == "KR700593000").then_some('3');
            assert_eq!(isin_check_digit(body), expected, "{body:?}");
        }
    }

    #[test]
    fn kinds_have_their_usual_lot_and_limit() {
        for (market, kind, lot, percent) in [
            (Market::Kospi, InstrumentKind::Stock, 1, Some(30)),
            (Market::Kosdaq, InstrumentKind::Stock, 1, Some(30)),
            (Market::Konex, InstrumentKind::Stock, 1, Some(15)),
            (Market::Kospi, InstrumentKind::Etf, 1, Some(30)),
            (Market::Kospi, InstrumentKind::Etn, 1, Some(30)),
            (Market::Kospi, InstrumentKind::Elw, 10, None),
            (Market::Kosdaq, InstrumentKind::Right, 1, None),
        ] {
            let instrument = instrument(market, kind);
            assert_eq!(instrument.lot().get(), lot);
            assert_eq!(instrument.limit_percent(), percent, "{market} {kind}");
        }
    }

    /// S-05, the rows on lot and order type.
    #[test]
    fn s05_elw_lot_and_order_type() {
        let elw = instrument(Market::Kospi, InstrumentKind::Elw);
        assert!(elw.is_whole_lots(Qty::new(10)));
        assert!(!elw.is_whole_lots(Qty::new(15)));
        assert!(!elw.is_whole_lots(Qty::ZERO));
        assert_eq!(elw.floor_to_lot(Qty::new(19)), Qty::new(10));
        assert!(elw.takes(OrderType::Limit));
        assert!(!elw.takes(OrderType::Market));
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for (market, kind) in [
            (Market::Kosdaq, InstrumentKind::Etf),
            (Market::Konex, InstrumentKind::Elw),
            (Market::Konex, InstrumentKind::Right),
        ] {
            assert!(Instrument::new(symbol!("069500"), "x", market, kind).is_err());
        }
        let stock = || instrument(Market::Kospi, InstrumentKind::Stock);
        let konex = || instrument(Market::Konex, InstrumentKind::Stock);
        let etf = || instrument(Market::Kospi, InstrumentKind::Etf);
        let elw = || instrument(Market::Kospi, InstrumentKind::Elw);
        assert!(stock().with_leverage(2).is_err());
        assert!(etf().with_leverage(0).is_err());
        assert!(konex().with_price_limit(PriceLimit::FirstDay).is_err());
        assert!(elw().with_price_limit(PriceLimit::Percent).is_err());
        assert!(etf().with_nxt_listed(true).is_err());
        assert!(konex().with_nxt_listed(true).is_err());
        assert!(stock().with_nxt_listed(true).is_ok());
        assert!(stock().with_listed_shares(Qty::ZERO).is_err());
        for name in ["", "  ", "a\nb"] {
            let named = Instrument::new(
                symbol!("005930"),
                name,
                Market::Kospi,
                InstrumentKind::Stock,
            );
            assert!(named.is_err(), "{name:?} was taken as a name");
        }
    }

    #[test]
    fn serde_fills_in_what_is_usual_and_refuses_what_is_not_valid() {
        let read = |rest: &str| {
            let json =
                format!(r#"{{"symbol":"252670","name":"인버스2X","market":"KOSPI",{rest}}}"#);
            serde_json::from_str::<Instrument>(&json)
        };
        let etf = read(r#""kind":"ETF","leverage":-2"#).unwrap();
        assert_eq!((etf.limit_percent(), etf.lot().get()), (Some(60), 1));
        let elw = read(r#""kind":"ELW""#).unwrap();
        assert_eq!(elw.lot().get(), 10);
        for rest in [
            r#""kind":"STOCK","leverage":-2"#,
            r#""kind":"ETF","leverage":0"#,
            r#""kind":"STOCK","lot":0"#,
            r#""kind":"STOCK","listed_shares":0"#,
            r#""kind":"ETF","nxt_listed":true"#,
            r#""kind":"STOCK","levrage":1"#,
        ] {
            assert!(read(rest).is_err(), "{rest}");
        }
    }
}
