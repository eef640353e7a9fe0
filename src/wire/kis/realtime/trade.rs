//! Trades: single values on demand, and whole records both ways.

use super::codes::{Code, HourClass, MarketClass, SignCode, TakerCode, YesNo};
use super::encode::Writer;
use super::field::Field;
use super::record::{FieldError, Record, TimeOfDay, TradeRecord};
use super::trade_field::TradeField;

impl<'f> TradeRecord<'f> {
    /// The code.
    ///
    /// # Errors
    /// When it is empty or not printable ASCII.
    #[inline]
    pub fn symbol(&self) -> Result<&'f str, FieldError> {
        self.key(TradeField::MKSC_SHRN_ISCD)
    }

    /// The time of the trade, KST.
    ///
    /// # Errors
    /// When it is not a time of day.
    #[inline]
    pub fn trade_time(&self) -> Result<TimeOfDay, FieldError> {
        self.time(TradeField::STCK_CNTG_HOUR)
    }

    /// The price, in won.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn price(&self) -> Result<i64, FieldError> {
        self.won(TradeField::STCK_PRPR)
    }

    /// The shares that changed hands.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn qty(&self) -> Result<u64, FieldError> {
        self.unsigned(TradeField::CNTG_VOL)
    }

    /// The shares of the day so far, this trade included.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn volume(&self) -> Result<u64, FieldError> {
        self.unsigned(TradeField::ACML_VOL)
    }

    /// The money of the day so far, in won.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn turnover(&self) -> Result<u64, FieldError> {
        self.unsigned(TradeField::ACML_TR_PBMN)
    }

    /// The best ask, in won; 0 when there is none.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn ask(&self) -> Result<i64, FieldError> {
        self.won(TradeField::ASKP1)
    }

    /// The best bid, in won; 0 when there is none.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn bid(&self) -> Result<i64, FieldError> {
        self.won(TradeField::BIDP1)
    }

    /// The change against the close before, in won, with its sign.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn change(&self) -> Result<i64, FieldError> {
        self.signed(TradeField::PRDY_VRSS)
    }

    /// Which side took the liquidity.
    ///
    /// # Errors
    /// When it is no code.
    #[inline]
    pub fn taker(&self) -> Result<TakerCode, FieldError> {
        self.code(TradeField::CCLD_DVSN).map(TakerCode::from)
    }

    /// Whether the price is of a trade or expected. Empty in the feeds after hours, which do not have it.
    ///
    /// # Errors
    /// When it is no code.
    #[inline]
    pub fn hour_class(&self) -> Result<HourClass, FieldError> {
        self.code(TradeField::HOUR_CLS_CODE).map(HourClass::from)
    }

    /// The session of the trade; `None` in frames that do not have it yet.
    ///
    /// # Errors
    /// When it is no code.
    #[inline]
    pub fn market_class(&self) -> Result<Option<MarketClass>, FieldError> {
        let class = self.optional(TradeField::MARKET_CLS_CODE, Record::code)?;
        Ok(class.map(MarketClass::from))
    }
}

/// All values of a trade, as they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade<'a> {
    /// The code.
    pub symbol: &'a str,
    /// The time of the trade, KST.
    pub time: TimeOfDay,
    /// Won.
    pub price: i64,
    /// The direction of the change against the close before.
    pub sign: SignCode,
    /// The change against the close before, won.
    pub change: i64,
    /// That change in 1/100 percent.
    pub change_rate: i64,
    /// The volume-weighted average price of the day, in 1/100 won.
    pub average_price: i64,
    /// The first price of the day, won.
    pub open: i64,
    /// The highest price of the day, won.
    pub high: i64,
    /// The lowest price of the day, won.
    pub low: i64,
    /// The best ask, won; 0 when there is none.
    pub ask: i64,
    /// The best bid, won; 0 when there is none.
    pub bid: i64,
    /// The shares that changed hands.
    pub qty: u64,
    /// The shares of the day so far.
    pub volume: u64,
    /// The money of the day so far, won.
    pub turnover: u64,
    /// Trades of the day in which the seller took.
    pub sell_count: u64,
    /// Trades of the day in which the buyer took.
    pub buy_count: u64,
    /// The latter less the former.
    pub net_buy_count: i64,
    /// 체결강도 (shares that buyers took for each 100 that sellers took), in 1/100.
    pub strength: i64,
    /// Shares of the day that sellers took.
    pub sell_qty: u64,
    /// Shares of the day that buyers took.
    pub buy_qty: u64,
    /// Who took in this trade.
    pub taker: TakerCode,
    /// 매수비율 (buy ratio), as a fraction in 1/100.
    pub buy_rate: i64,
    /// The volume against that of the day before, in 1/100 percent.
    pub volume_rate: i64,
    /// The first price: when, and the last price against it.
    pub against_open: Against,
    /// The highest price: when, and the last price against it.
    pub against_high: Against,
    /// The lowest price: when, and the last price against it.
    pub against_low: Against,
    /// `YYYYMMDD`.
    pub date: &'a str,
    /// 신장운영구분코드 (market operation); `20` in the continuous session.
    pub operation: Code,
    /// Whether trading is halted.
    pub halted: YesNo,
    /// Shares at the best ask.
    pub ask_qty: u64,
    /// Shares at the best bid.
    pub bid_qty: u64,
    /// Shares of all asks.
    pub ask_total: u64,
    /// Shares of all bids.
    pub bid_total: u64,
    /// 거래량회전율 (volume for each share listed), in 1/100 percent.
    pub turnover_rate: i64,
    /// Shares of the day before up to the same time.
    pub volume_before: u64,
    /// The volume against that, in 1/100 percent.
    pub volume_before_rate: i64,
    /// Whether the price is of a trade or expected.
    pub hour_class: HourClass,
    /// 임의종료구분코드 (random end of a call auction); mostly empty.
    pub random_end: Code,
    /// The reference price of the static volatility interruption, won.
    pub vi_price: Option<i64>,
    /// The session of the trade; not in older layouts.
    pub market_class: Option<MarketClass>,
}

/// A price of the day: when it was made, and the last price against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Against {
    /// When it was made.
    pub time: TimeOfDay,
    /// The direction of the change.
    pub sign: SignCode,
    /// The change, won.
    pub change: i64,
}

impl Against {
    /// Nothing has been traded.
    pub const NOTHING: Self = Self {
        time: TimeOfDay::MIDNIGHT,
        sign: SignCode::Unchanged,
        change: 0,
    };
}

impl Default for Trade<'_> {
    /// No symbol, every number 0, in the continuous session.
    fn default() -> Self {
        Self {
            symbol: "",
            time: TimeOfDay::MIDNIGHT,
            price: 0,
            sign: SignCode::Unchanged,
            change: 0,
            change_rate: 0,
            average_price: 0,
            open: 0,
            high: 0,
            low: 0,
            ask: 0,
            bid: 0,
            qty: 0,
            volume: 0,
            turnover: 0,
            sell_count: 0,
            buy_count: 0,
            net_buy_count: 0,
            strength: 0,
            sell_qty: 0,
            buy_qty: 0,
            taker: TakerCode::Buyer,
            buy_rate: 0,
            volume_rate: 0,
            against_open: Against::NOTHING,
            against_high: Against::NOTHING,
            against_low: Against::NOTHING,
            date: "",
            operation: Code::new("20").unwrap_or(Code::EMPTY),
            halted: YesNo::No,
            ask_qty: 0,
            bid_qty: 0,
            ask_total: 0,
            bid_total: 0,
            turnover_rate: 0,
            volume_before: 0,
            volume_before_rate: 0,
            hour_class: HourClass::Session,
            random_end: Code::EMPTY,
            vi_price: None,
            market_class: None,
        }
    }
}

impl<'a> Trade<'a> {
    /// Reads all values of a record.
    ///
    /// # Errors
    /// When one of them is not what its field holds. A caller who needs few values asks the record for them.
    pub fn read(record: &TradeRecord<'a>) -> Result<Self, FieldError> {
        use TradeField as F;
        let against = |time, sign, change| {
            Ok(Against {
                time: record.time(time)?,
                sign: record.code(sign)?.into(),
                change: record.signed(change)?,
            })
        };
        Ok(Self {
            symbol: record.symbol()?,
            time: record.trade_time()?,
            price: record.price()?,
            sign: record.code(F::PRDY_VRSS_SIGN)?.into(),
            change: record.change()?,
            change_rate: record.hundredths(F::PRDY_CTRT)?,
            average_price: record.hundredths(F::WGHN_AVRG_STCK_PRC)?,
            open: record.won(F::STCK_OPRC)?,
            high: record.won(F::STCK_HGPR)?,
            low: record.won(F::STCK_LWPR)?,
            ask: record.ask()?,
            bid: record.bid()?,
            qty: record.qty()?,
            volume: record.volume()?,
            turnover: record.turnover()?,
            sell_count: record.unsigned(F::SELN_CNTG_CSNU)?,
            buy_count: record.unsigned(F::SHNU_CNTG_CSNU)?,
            net_buy_count: record.signed(F::NTBY_CNTG_CSNU)?,
            strength: record.hundredths(F::CTTR)?,
            sell_qty: record.unsigned(F::SELN_CNTG_SMTN)?,
            buy_qty: record.unsigned(F::SHNU_CNTG_SMTN)?,
            taker: record.taker()?,
            buy_rate: record.hundredths(F::SHNU_RATE)?,
            volume_rate: record.hundredths(F::PRDY_VOL_VRSS_ACML_VOL_RATE)?,
            against_open: against(F::OPRC_HOUR, F::OPRC_VRSS_PRPR_SIGN, F::OPRC_VRSS_PRPR)?,
            against_high: against(F::HGPR_HOUR, F::HGPR_VRSS_PRPR_SIGN, F::HGPR_VRSS_PRPR)?,
            against_low: against(F::LWPR_HOUR, F::LWPR_VRSS_PRPR_SIGN, F::LWPR_VRSS_PRPR)?,
            date: record.key(F::BSOP_DATE)?,
            operation: record.code(F::NEW_MKOP_CLS_CODE)?,
            halted: record.code(F::TRHT_YN)?.into(),
            ask_qty: record.unsigned(F::ASKP_RSQN1)?,
            bid_qty: record.unsigned(F::BIDP_RSQN1)?,
            ask_total: record.unsigned(F::TOTAL_ASKP_RSQN)?,
            bid_total: record.unsigned(F::TOTAL_BIDP_RSQN)?,
            turnover_rate: record.hundredths(F::VOL_TNRT)?,
            volume_before: record.unsigned(F::PRDY_SMNS_HOUR_ACML_VOL)?,
            volume_before_rate: record.hundredths(F::PRDY_SMNS_HOUR_ACML_VOL_RATE)?,
            hour_class: record.hour_class()?,
            random_end: record.code(F::MRKT_TRTM_CLS_CODE)?,
            vi_price: record.optional(F::VI_STND_PRC, Record::won)?,
            market_class: record.market_class()?,
        })
    }

    pub(super) fn write_to(&self, width: usize, to: &mut Writer<'_>) {
        for field in TradeField::ALL.iter().take(width) {
            self.write_value(*field, to);
        }
        for _ in TradeField::ALL.len()..width {
            to.nothing();
        }
    }

    fn write_value(&self, field: TradeField, to: &mut Writer<'_>) {
        use TradeField as F;
        match field {
            F::MKSC_SHRN_ISCD => to.text(self.symbol),
            F::STCK_CNTG_HOUR => to.time(self.time),
            F::STCK_PRPR => to.signed(self.price),
            F::PRDY_VRSS_SIGN => to.text(self.sign.as_str()),
            F::PRDY_VRSS => to.signed(self.change),
            F::PRDY_CTRT => to.hundredths(self.change_rate),
            F::WGHN_AVRG_STCK_PRC => to.hundredths(self.average_price),
            F::STCK_OPRC => to.signed(self.open),
            F::STCK_HGPR => to.signed(self.high),
            F::STCK_LWPR => to.signed(self.low),
            F::ASKP1 => to.signed(self.ask),
            F::BIDP1 => to.signed(self.bid),
            F::CNTG_VOL => to.unsigned(self.qty),
            F::ACML_VOL => to.unsigned(self.volume),
            F::ACML_TR_PBMN => to.unsigned(self.turnover),
            F::SELN_CNTG_CSNU => to.unsigned(self.sell_count),
            F::SHNU_CNTG_CSNU => to.unsigned(self.buy_count),
            F::NTBY_CNTG_CSNU => to.signed(self.net_buy_count),
            F::CTTR => to.hundredths(self.strength),
            F::SELN_CNTG_SMTN => to.unsigned(self.sell_qty),
            F::SHNU_CNTG_SMTN => to.unsigned(self.buy_qty),
            F::CCLD_DVSN => to.text(self.taker.as_str()),
            F::SHNU_RATE => to.hundredths(self.buy_rate),
            F::PRDY_VOL_VRSS_ACML_VOL_RATE => to.hundredths(self.volume_rate),
            F::OPRC_HOUR => to.time(self.against_open.time),
            F::OPRC_VRSS_PRPR_SIGN => to.text(self.against_open.sign.as_str()),
            F::OPRC_VRSS_PRPR => to.signed(self.against_open.change),
            F::HGPR_HOUR => to.time(self.against_high.time),
            F::HGPR_VRSS_PRPR_SIGN => to.text(self.against_high.sign.as_str()),
            F::HGPR_VRSS_PRPR => to.signed(self.against_high.change),
            F::LWPR_HOUR => to.time(self.against_low.time),
            F::LWPR_VRSS_PRPR_SIGN => to.text(self.against_low.sign.as_str()),
            F::LWPR_VRSS_PRPR => to.signed(self.against_low.change),
            F::BSOP_DATE => to.text(self.date),
            F::NEW_MKOP_CLS_CODE => to.code(self.operation),
            F::TRHT_YN => to.text(self.halted.as_str()),
            F::ASKP_RSQN1 => to.unsigned(self.ask_qty),
            F::BIDP_RSQN1 => to.unsigned(self.bid_qty),
            F::TOTAL_ASKP_RSQN => to.unsigned(self.ask_total),
            F::TOTAL_BIDP_RSQN => to.unsigned(self.bid_total),
            F::VOL_TNRT => to.hundredths(self.turnover_rate),
            F::PRDY_SMNS_HOUR_ACML_VOL => to.unsigned(self.volume_before),
            F::PRDY_SMNS_HOUR_ACML_VOL_RATE => to.hundredths(self.volume_before_rate),
            F::HOUR_CLS_CODE => to.text(self.hour_class.as_str()),
            F::MRKT_TRTM_CLS_CODE => to.code(self.random_end),
            F::VI_STND_PRC => to.optional(self.vi_price, Writer::signed),
            F::MARKET_CLS_CODE => {
                to.text(self.market_class.unwrap_or(MarketClass::Regular).as_str());
            }
        }
    }
}
