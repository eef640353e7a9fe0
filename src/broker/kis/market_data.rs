//! Quotes, books and candles.

use jiff::civil::{Date, Time, time};

use super::account::answer_of;
use super::client::{Ask, Client};
use super::convert::market::{book, daily_candle, division_of, merged, minute_candle, quote};
use super::convert::number::qty_or_none;
use crate::domain::{
    BrokerType, Candle, CandleRequest, OrderBook, Qty, Quote, Symbol, Timeframe, TradingCalendar,
    Venue,
};
use crate::error::{Error, Result};
use crate::limiter::Lane;
use crate::transport::Connect;
use crate::wire::kis::rest::book::InquireAskingPriceAnswer;
use crate::wire::kis::rest::candles::{
    InquireDailyItemchartpriceAnswer, InquireDailyItemchartpriceQuery,
    InquireTimeDailychartpriceQuery, InquireTimeItemchartpriceAnswer,
    InquireTimeItemchartpriceQuery,
};
use crate::wire::kis::rest::price::{InquirePriceAnswer, QuoteQuery};
use crate::wire::kis::tr::Tr;

/// The most calls for one range of candles: 100 rows each, more days than any issue has traded.
const CALLS_MAX: usize = 1_000;
/// No market opens before that, and none trades behind it: Nextrade's pre-market and both after-markets.
const FIRST_MINUTE: Time = time(8, 0, 0, 0);
const LAST_MINUTE: Time = time(20, 0, 0, 0);

/// The market side of one gateway.
#[derive(Clone, Copy, Debug)]
pub(super) struct MarketReads<'g, C: Connect> {
    pub(super) client: &'g Client<C>,
    pub(super) is_paper: bool,
}

impl<C: Connect> MarketReads<'_, C> {
    /// Two calls, because the price's answer has no bid and ask.
    pub(super) async fn quote(&self, symbol: Symbol, venue: Venue, code: &str) -> Result<Quote> {
        let book = self.order_book(symbol, venue, code).await?;
        let query = self.quote_query(venue, code)?;
        let ask = Ask::new(Tr::InquirePrice, Lane::Market, &query);
        let page = self.client.ask(&ask).await?;
        let text = page.text();
        let answer: InquirePriceAnswer<'_> = page.read(&text)?;
        let raw = answer.output.0.ok_or_else(|| unknown_symbol(symbol))?;
        // KIS answers a symbol that it does not know with success and zeros.
        if raw.stck_sdpr.trim().trim_start_matches('0').is_empty() {
            return Err(unknown_symbol(symbol));
        }
        let at = self.client.broker_now();
        quote(symbol, venue, &raw, &book, at).map_err(answer_of)
    }

    /// Shares of an issue traded today: one call.
    pub(super) async fn volume(&self, venue: Venue, code: &str) -> Result<Qty> {
        let query = self.quote_query(venue, code)?;
        let ask = Ask::new(Tr::InquirePrice, Lane::Market, &query);
        let page = self.client.ask(&ask).await?;
        let text = page.text();
        let answer: InquirePriceAnswer<'_> = page.read(&text)?;
        let raw = answer.output.0.unwrap_or_default();
        qty_or_none("acml_vol", &raw.acml_vol).map_err(answer_of)
    }

    pub(super) async fn order_book(
        &self,
        symbol: Symbol,
        venue: Venue,
        code: &str,
    ) -> Result<OrderBook> {
        let query = self.quote_query(venue, code)?;
        let ask = Ask::new(Tr::InquireAskingPriceExpCcn, Lane::Market, &query);
        let page = self.client.ask(&ask).await?;
        let text = page.text();
        let answer: InquireAskingPriceAnswer<'_> = page.read(&text)?;
        let raw = answer.output1.0.ok_or_else(|| unknown_symbol(symbol))?;
        book(symbol, venue, &raw, self.client.broker_now()).map_err(answer_of)
    }

    /// Candles of KRX, oldest first.
    pub(super) async fn candles(&self, request: &CandleRequest, code: &str) -> Result<Vec<Candle>> {
        if request.from > request.to {
            return Err(Error::invalid(
                "from",
                request.from,
                format!("{} or before", request.to),
            ));
        }
        let mut candles = match request.timeframe {
            Timeframe::Minutes(length) => {
                let minutes = self.minutes(request, code).await?;
                merged(minutes, request.timeframe, length.get()).map_err(answer_of)?
            }
            Timeframe::Day => self.days(request, code, "D").await?,
            Timeframe::Week => self.days(request, code, "W").await?,
            Timeframe::Month => self.days(request, code, "M").await?,
        };
        candles.sort_by_key(|candle| candle.start);
        candles.dedup_by_key(|candle| candle.start);
        Ok(candles)
    }

    /// Days, weeks or months: each call answers the last 100 up to a date, so the date moves back.
    async fn days(
        &self,
        request: &CandleRequest,
        code: &str,
        period: &'static str,
    ) -> Result<Vec<Candle>> {
        let mut candles = Vec::new();
        let mut to = request.to;
        for _ in 0..CALLS_MAX {
            let query = InquireDailyItemchartpriceQuery {
                fid_cond_mrkt_div_code: division_of(Venue::Krx).into(),
                fid_input_iscd: code.into(),
                fid_input_date_1: digits_of(request.from).into(),
                fid_input_date_2: digits_of(to).into(),
                fid_period_div_code: period.into(),
                // 0: prices adjusted for splits, as every chart shows them. In this call 1 is the raw price.
                fid_org_adj_prc: "0".into(),
            };
            let ask = Ask::new(Tr::InquireDailyItemchartprice, Lane::Market, &query);
            let page = self.client.ask(&ask).await?;
            let text = page.text();
            let answer: InquireDailyItemchartpriceAnswer<'_> = page.read(&text)?;
            let rows = answer.output2.0;
            let mut oldest = None;
            for row in &rows {
                let (day, candle) =
                    daily_candle(request.symbol, request.timeframe, row).map_err(answer_of)?;
                oldest = Some(oldest.map_or(day, |oldest: Date| oldest.min(day)));
                if (request.from..=request.to).contains(&day) {
                    candles.push(candle);
                }
            }
            let full = self.page_rows(Tr::InquireDailyItemchartprice);
            let Some(oldest) = oldest.filter(|&oldest| oldest > request.from && rows.len() >= full)
            else {
                return Ok(candles);
            };
            to = step_back(to, oldest)?;
        }
        Err(endless("inquire-daily-itemchartprice"))
    }

    /// Minutes, day by day from the last.
    async fn minutes(&self, request: &CandleRequest, code: &str) -> Result<Vec<Candle>> {
        let now = self.client.broker_now().kst();
        let mut candles = Vec::new();
        let mut day = request.to.min(now.date());
        while day >= request.from {
            // A day that the calendar does not know is asked for.
            if TradingCalendar::builtin()
                .is_trading_day(day)
                .unwrap_or(true)
            {
                if day == now.date() {
                    let until = now.time().clamp(FIRST_MINUTE, LAST_MINUTE);
                    self.minutes_of(
                        request,
                        code,
                        day,
                        until,
                        Tr::InquireTimeItemchartprice,
                        &mut candles,
                    )
                    .await?;
                } else if self.is_paper {
                    return Err(Error::Unsupported {
                        broker: BrokerType::Kis,
                        operation: "minutes of past days in paper trading",
                    });
                } else {
                    self.minutes_of(
                        request,
                        code,
                        day,
                        LAST_MINUTE,
                        Tr::InquireTimeDailychartprice,
                        &mut candles,
                    )
                    .await?;
                }
            }
            let Ok(eve) = day.yesterday() else { break };
            day = eve;
        }
        candles.sort_by_key(|candle: &Candle| candle.start);
        candles.dedup_by_key(|candle| candle.start);
        Ok(candles)
    }

    /// The minutes of one day: each call answers some up to a time, so the time moves back.
    async fn minutes_of(
        &self,
        request: &CandleRequest,
        code: &str,
        day: Date,
        mut until: Time,
        tr: Tr,
        candles: &mut Vec<Candle>,
    ) -> Result<()> {
        for _ in 0..CALLS_MAX {
            let page = self.client.ask(&minute_ask(tr, code, day, until)).await?;
            let text = page.text();
            let answer: InquireTimeItemchartpriceAnswer<'_> = page.read(&text)?;
            let rows = answer.output2.0;
            let mut oldest: Option<Time> = None;
            for row in &rows {
                let one = Timeframe::Minutes(std::num::NonZeroU16::MIN);
                let (of, candle) = minute_candle(request.symbol, one, row).map_err(answer_of)?;
                let start = candle.start.kst_time();
                // A time to come is answered with the price now, over and over.
                if of != day || start > until {
                    continue;
                }
                oldest = Some(oldest.map_or(start, |oldest| oldest.min(start)));
                candles.push(candle);
            }
            let Some(oldest) =
                oldest.filter(|&oldest| oldest > FIRST_MINUTE && rows.len() >= self.page_rows(tr))
            else {
                return Ok(());
            };
            until = oldest.saturating_sub(jiff::SignedDuration::from_mins(1));
        }
        Err(endless("minutes"))
    }

    fn page_rows(&self, tr: Tr) -> usize {
        use crate::wire::kis::tr::Environment;

        let environment = if self.is_paper {
            Environment::Paper
        } else {
            Environment::Real
        };
        tr.page_rows(environment).map_or(1, usize::from)
    }

    fn quote_query<'q>(&self, venue: Venue, code: &'q str) -> Result<QuoteQuery<'q>> {
        if self.is_paper && venue != Venue::Krx {
            return Err(Error::Unsupported {
                broker: BrokerType::Kis,
                operation: "venues other than KRX in paper trading",
            });
        }
        Ok(QuoteQuery {
            fid_cond_mrkt_div_code: division_of(venue).into(),
            fid_input_iscd: code.into(),
        })
    }
}

fn minute_ask(tr: Tr, code: &str, day: Date, until: Time) -> Ask {
    let hour = format!(
        "{:02}{:02}{:02}",
        until.hour(),
        until.minute(),
        until.second()
    );
    let market = division_of(Venue::Krx);
    if tr == Tr::InquireTimeItemchartprice {
        let query = InquireTimeItemchartpriceQuery {
            fid_cond_mrkt_div_code: market.into(),
            fid_input_iscd: code.into(),
            fid_input_hour_1: hour.into(),
            fid_pw_data_incu_yn: "N".into(),
            fid_etc_cls_code: "".into(),
        };
        return Ask::new(tr, Lane::Market, &query);
    }
    let query = InquireTimeDailychartpriceQuery {
        fid_cond_mrkt_div_code: market.into(),
        fid_input_iscd: code.into(),
        fid_input_hour_1: hour.into(),
        fid_input_date_1: digits_of(day).into(),
        fid_pw_data_incu_yn: "N".into(),
        fid_fake_tick_incu_yn: "".into(),
    };
    Ask::new(tr, Lane::Market, &query)
}

/// `YYYYMMDD`.
pub(super) fn digits_of(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// The day before the oldest row; an error when that is no step back.
fn step_back(to: Date, oldest: Date) -> Result<Date> {
    oldest
        .yesterday()
        .ok()
        .filter(|&eve| eve < to)
        .ok_or_else(|| endless("inquire-daily-itemchartprice"))
}

fn endless(what: &'static str) -> Error {
    Error::answer(what, "rows that do not go back in time", "older rows")
}

fn unknown_symbol(symbol: Symbol) -> Error {
    Error::not_found("symbol", symbol, "one of `instruments`")
}
