//! Candles: days, weeks, months and minutes.

use jiff::ToSpan;
use jiff::civil::Date;

use super::no::No;
use super::past;
use super::quotes::{Sight, rows, some_won};
use super::rest::{Body, Call, quoted};
use super::tape::Span;
use super::text;
use super::world::World;
use crate::domain::{Candle, Money};
use crate::wire::kis::query;
use crate::wire::kis::rest::candles::{
    InquireDailyItemchartpriceHead, InquireDailyItemchartpriceQuery, InquireDailyItemchartpriceRow,
    InquireDailyPriceQuery, InquireDailyPriceRow, InquireTimeDailychartpriceQuery,
    InquireTimeItemchartpriceHead, InquireTimeItemchartpriceQuery, InquireTimeItemchartpriceRow,
};
use crate::wire::kis::rest::envelope::{Answer, Nothing, One, Rows};
use crate::wire::kis::tr::Tr;

impl World {
    /// 주식현재가 일자별: the last 30 days, weeks or months.
    pub(super) fn daily_price(&self, call: &Call<'_>) -> Result<Body, No> {
        const ROWS: usize = 30;
        let asked: InquireDailyPriceQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        let seen = self.sight(&asked.fid_cond_mrkt_div_code, &asked.fid_input_iscd)?;
        let span = span(&asked.fid_period_div_code)?;
        let candles = seen.tape.long_candles(span, Date::MIN, self.floor.date());
        let row = |(candle, before): (&Candle, Option<&Candle>)| {
            let change = before.map_or(0, |before| candle.close.won() - before.close.won());
            let base = before.map_or(0, |before| before.close.won());
            let volume = |candle: &Candle| i64::try_from(candle.volume.get()).unwrap_or(i64::MAX);
            InquireDailyPriceRow {
                stck_bsop_date: text::date(candle.start.kst_date()).into(),
                stck_oprc: text::won(candle.open).into(),
                stck_hgpr: text::won(candle.high).into(),
                stck_lwpr: text::won(candle.low).into(),
                stck_clpr: text::won(candle.close).into(),
                acml_vol: candle.volume.to_string().into(),
                prdy_vrss_vol_rate: text::percent(volume(candle), before.map_or(0, volume)).into(),
                prdy_vrss: change.to_string().into(),
                prdy_vrss_sign: text::sign(change).into(),
                prdy_ctrt: text::percent(change, base).into(),
                hts_frgn_ehrt: "0.00".into(),
                frgn_ntby_qty: "0".into(),
                flng_cls_code: "00".into(),
                acml_prtt_rate: "0.00".into(),
            }
        };
        Ok(rows(newest_first(&candles).take(ROWS).map(row).collect()))
    }

    /// 국내주식기간별시세: candles of a range of dates, the newest 100 of them.
    pub(super) fn daily_itemchartprice(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquireDailyItemchartpriceQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        let seen = self.sight(&asked.fid_cond_mrkt_div_code, &asked.fid_input_iscd)?;
        let span = span(&asked.fid_period_div_code)?;
        let date = |text: &str, name| text::parse_date(text).ok_or_else(|| No::parameter(name));
        let from = date(&asked.fid_input_date_1, "FID_INPUT_DATE_1")?;
        let to = date(&asked.fid_input_date_2, "FID_INPUT_DATE_2")?;
        let len = Tr::InquireDailyItemchartprice.page_rows(self.environment());
        // The candle before the first of them says how that one changed.
        let earlier = from.checked_sub(60.days()).unwrap_or(Date::MIN);
        let candles = seen.tape.long_candles(span, earlier, to);
        let row = |(candle, before): (&Candle, Option<&Candle>)| {
            let change = before.map_or(0, |before| candle.close.won() - before.close.won());
            InquireDailyItemchartpriceRow {
                stck_bsop_date: text::date(candle.start.kst_date()).into(),
                stck_clpr: text::won(candle.close).into(),
                stck_oprc: text::won(candle.open).into(),
                stck_hgpr: text::won(candle.high).into(),
                stck_lwpr: text::won(candle.low).into(),
                acml_vol: candle.volume.to_string().into(),
                acml_tr_pbmn: turnover(candle).into(),
                flng_cls_code: "00".into(),
                prtt_rate: "0.00".into(),
                mod_yn: "N".into(),
                prdy_vrss_sign: text::sign(change).into(),
                prdy_vrss: change.to_string().into(),
                revl_issu_reas: "00".into(),
            }
        };
        let list = newest_first(&candles)
            .filter(|(candle, _)| candle.start.kst_date() >= from)
            .take(usize::from(len.unwrap_or(100)))
            .map(row)
            .collect();
        let (code, words) = quoted();
        Ok(Body::of(&Answer {
            output1: One(Some(self.chart_head(&seen))),
            output2: Rows(list),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Nothing, One<_>, Rows<_>>::default()
        }))
    }

    fn chart_head(&self, seen: &Sight<'_>) -> InquireDailyItemchartpriceHead<'static> {
        let quote = &seen.quote;
        let before = seen.tape.day_before(self.floor.date());
        let volume_before = seen.tape.volume_before();
        InquireDailyItemchartpriceHead {
            prdy_vrss: seen.change().to_string().into(),
            prdy_vrss_sign: seen.sign().into(),
            prdy_ctrt: seen.change_rate().into(),
            stck_prdy_clpr: text::won(quote.base).into(),
            acml_vol: quote.volume.to_string().into(),
            acml_tr_pbmn: text::amount(quote.value).into(),
            hts_kor_isnm: seen.issue.name.to_string().into(),
            stck_prpr: text::won(quote.last).into(),
            stck_shrn_iscd: quote.symbol.to_string().into(),
            prdy_vol: volume_before.to_string().into(),
            stck_mxpr: some_won(quote.upper_limit).into(),
            stck_llam: some_won(quote.lower_limit).into(),
            stck_oprc: some_won(quote.open).into(),
            stck_hgpr: some_won(quote.high).into(),
            stck_lwpr: some_won(quote.low).into(),
            stck_prdy_oprc: some_won(before.map(|day| day.open)).into(),
            stck_prdy_hgpr: some_won(before.map(|day| day.high)).into(),
            stck_prdy_lwpr: some_won(before.map(|day| day.low)).into(),
            askp: some_won(quote.ask.map(|level| level.price)).into(),
            bidp: some_won(quote.bid.map(|level| level.price)).into(),
            prdy_vrss_vol: (i128::from(quote.volume.get()) - i128::from(volume_before))
                .to_string()
                .into(),
            vol_tnrt: "0.00".into(),
            stck_fcam: "0".into(),
            lstn_stcn: "0".into(),
            cpfn: "0".into(),
            hts_avls: "0".into(),
            per: "0.00".into(),
            eps: "0.00".into(),
            pbr: "0.00".into(),
            itewhol_loan_rmnd_ratem: "0.00".into(),
        }
    }

    /// 주식당일분봉조회: minutes of today, back from a time.
    pub(super) fn time_itemchartprice(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquireTimeItemchartpriceQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        let seen = self.sight(&asked.fid_cond_mrkt_div_code, &asked.fid_input_iscd)?;
        let today = self.floor.date();
        let mut minutes = Vec::new();
        if &*asked.fid_pw_data_incu_yn == "Y" {
            let before = past::trading_day_before(today);
            minutes.extend(before.map_or_else(Vec::new, |date| minutes_of(&seen, date)));
        }
        minutes.extend(seen.tape.minutes(today));
        let len = Tr::InquireTimeItemchartprice.page_rows(self.environment());
        let until = (today, asked.fid_input_hour_1.trim());
        Ok(self.minutes_answer(&seen, &minutes, until, len))
    }

    /// 주식일별분봉조회: minutes of a past day, back from a time.
    pub(super) fn time_dailychartprice(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquireTimeDailychartpriceQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        let seen = self.sight(&asked.fid_cond_mrkt_div_code, &asked.fid_input_iscd)?;
        let date = text::parse_date(asked.fid_input_date_1.trim());
        let date = date.ok_or_else(|| No::parameter("FID_INPUT_DATE_1"))?;
        let mut minutes = Vec::new();
        if &*asked.fid_pw_data_incu_yn == "Y" {
            let before = past::trading_day_before(date);
            minutes.extend(before.map_or_else(Vec::new, |date| minutes_of(&seen, date)));
        }
        minutes.extend(minutes_of(&seen, date));
        let len = Tr::InquireTimeDailychartprice.page_rows(self.environment());
        let until = (date, asked.fid_input_hour_1.trim());
        Ok(self.minutes_answer(&seen, &minutes, until, len))
    }

    fn minutes_answer(
        &self,
        seen: &Sight<'_>,
        minutes: &[Candle],
        (date, hour): (Date, &str),
        len: Option<u16>,
    ) -> Body {
        let quote = &seen.quote;
        let head = InquireTimeItemchartpriceHead {
            prdy_vrss: seen.change().to_string().into(),
            prdy_vrss_sign: seen.sign().into(),
            prdy_ctrt: seen.change_rate().into(),
            stck_prdy_clpr: text::won(quote.base).into(),
            acml_vol: quote.volume.to_string().into(),
            acml_tr_pbmn: text::amount(quote.value).into(),
            hts_kor_isnm: seen.issue.name.to_string().into(),
            stck_prpr: text::won(quote.last).into(),
        };
        let in_time = |candle: &&Candle| {
            let at = candle.start.kst_date();
            at < date
                || (at == date && (hour.is_empty() || text::time(candle.start).as_str() <= hour))
        };
        let row = |candle: &Candle| InquireTimeItemchartpriceRow {
            stck_bsop_date: text::date(candle.start.kst_date()).into(),
            stck_cntg_hour: text::time(candle.start).into(),
            stck_prpr: text::won(candle.close).into(),
            stck_oprc: text::won(candle.open).into(),
            stck_hgpr: text::won(candle.high).into(),
            stck_lwpr: text::won(candle.low).into(),
            cntg_vol: candle.volume.to_string().into(),
            acml_tr_pbmn: turnover(candle).into(),
        };
        let list = minutes
            .iter()
            .rev()
            .filter(in_time)
            .take(usize::from(len.unwrap_or(30)))
            .map(row)
            .collect();
        let (code, words) = quoted();
        Body::of(&Answer {
            output1: One(Some(head)),
            output2: Rows(list),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Nothing, One<_>, Rows<_>>::default()
        })
    }
}

/// The minutes of a date: simulated ones, or those of the made-up past.
fn minutes_of(seen: &Sight<'_>, date: Date) -> Vec<Candle> {
    let simulated = seen.tape.minutes(date);
    if !simulated.is_empty() {
        return simulated;
    }
    let days = seen.tape.long_candles(Span::Day, date, date);
    days.first().map_or_else(Vec::new, |day| {
        past::minutes(seen.issue, day, seen.tape.seed())
    })
}

/// Each candle with the one before it, newest first.
fn newest_first(candles: &[Candle]) -> impl Iterator<Item = (&Candle, Option<&Candle>)> {
    (0..candles.len()).rev().map(|place| {
        let before = place.checked_sub(1).and_then(|before| candles.get(before));
        (&candles[place], before)
    })
}

/// What a candle's shares cost, at the middle of its range: the tape keeps no sums of candles.
fn turnover(candle: &Candle) -> String {
    let value = |price: crate::domain::Price| price.value(candle.volume).unwrap_or(Money::MAX);
    let (high, low) = (value(candle.high).units(), value(candle.low).units());
    text::amount(Money::from_units(high / 2 + low / 2))
}

fn span(code: &str) -> Result<Span, No> {
    match code {
        "D" => Ok(Span::Day),
        "W" => Ok(Span::Week),
        "M" => Ok(Span::Month),
        "Y" => Ok(Span::Year),
        _ => Err(No::parameter("PERIOD_DIV_CODE")),
    }
}
