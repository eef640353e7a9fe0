//! Who an issue is, and which days trade.

use jiff::ToSpan;

use super::no::No;
use super::quotes::one;
use super::rest::{Body, Call, inquired};
use super::text;
use super::world::World;
use crate::domain::{InstrumentKind, Market, Symbol, TradingCalendar, isin_check_digit};
use crate::wire::kis::query;
use crate::wire::kis::rest::calendar::{ChkHolidayQuery, ChkHolidayRow};
use crate::wire::kis::rest::envelope::{Answer, Rows};
use crate::wire::kis::rest::instrument::{SearchInfo, SearchInfoQuery, SearchStockInfo};

impl World {
    /// 상품기본조회.
    pub(super) fn search_info(&self, call: &Call<'_>) -> Result<Body, No> {
        let (symbol, issue) = self.product(call)?;
        let (name, english) = (issue.name.to_string(), issue.english.to_string());
        Ok(one(SearchInfo {
            pdno: symbol.to_string().into(),
            prdt_type_cd: "300".into(),
            prdt_name: name.clone().into(),
            prdt_name120: name.clone().into(),
            prdt_abrv_name: name.into(),
            prdt_eng_name: english.clone().into(),
            prdt_eng_name120: english.clone().into(),
            prdt_eng_abrv_name: english.into(),
            std_pdno: standard_code(symbol).into(),
            shtn_pdno: symbol.to_string().into(),
            prdt_sale_stat_cd: "01".into(),
            prdt_clsf_name: "주권".into(),
            ivst_prdt_type_cd_name: "국내주식".into(),
            ..SearchInfo::default()
        }))
    }

    /// 주식기본조회.
    pub(super) fn search_stock_info(&self, call: &Call<'_>) -> Result<Body, No> {
        let (symbol, issue) = self.product(call)?;
        let quote = self.floor.exchange().quote(symbol);
        let (name, english) = (issue.name.to_string(), issue.english.to_string());
        let close = quote.map_or(issue.base, |quote| quote.base);
        let last = quote.map_or(issue.base, |quote| quote.last);
        let kosdaq = issue.market == Market::Kosdaq;
        let group = match issue.kind {
            InstrumentKind::Etf => "EF",
            InstrumentKind::Etn => "EN",
            InstrumentKind::Elw => "EW",
            InstrumentKind::Stock | InstrumentKind::Right => "ST",
        };
        Ok(one(SearchStockInfo {
            pdno: symbol.to_string().into(),
            prdt_type_cd: "300".into(),
            mket_id_cd: if kosdaq { "KSQ" } else { "STK" }.into(),
            scty_grp_id_cd: group.into(),
            excg_dvsn_cd: if kosdaq { "03" } else { "02" }.into(),
            setl_mmdd: "1231".into(),
            kospi200_item_yn: "N".into(),
            oilf_fund_yn: "N".into(),
            stck_kind_cd: "101".into(),
            prdt_name: name.clone().into(),
            prdt_name120: name.clone().into(),
            prdt_abrv_name: name.into(),
            std_pdno: standard_code(symbol).into(),
            prdt_eng_name: english.clone().into(),
            prdt_eng_name120: english.clone().into(),
            prdt_eng_abrv_name: english.into(),
            tr_stop_yn: "N".into(),
            admn_item_yn: "N".into(),
            thdt_clpr: text::won(last).into(),
            bfdy_clpr: text::won(close).into(),
            clpr_chng_dt: text::date(self.floor.date()).into(),
            cptt_trad_tr_psbl_yn: if issue.nxt { "Y" } else { "N" }.into(),
            nxt_tr_stop_yn: "N".into(),
            ..SearchStockInfo::default()
        }))
    }

    fn product(&self, call: &Call<'_>) -> Result<(Symbol, &super::settings::Issue), No> {
        let asked: SearchInfoQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        if &*asked.prdt_type_cd != "300" {
            return Err(No::parameter("PRDT_TYPE_CD"));
        }
        let unknown = || No::input("MCA05918", "종목코드 오류입니다.");
        let symbol: Symbol = asked.pdno.trim().parse().map_err(|_| unknown())?;
        let (_, issue) = self.issue(symbol).ok_or_else(unknown)?;
        Ok((symbol, issue))
    }

    /// 국내휴장일조회: days from a date on.
    pub(super) fn chk_holiday(&self, call: &Call<'_>) -> Result<Body, No> {
        const DAYS: i32 = 25;
        let asked: ChkHolidayQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        let key = asked.ctx_area_nk.trim();
        let from = match call.is_next_page() && !key.is_empty() {
            true => text::parse_date(key),
            false => text::parse_date(asked.bass_dt.trim()),
        };
        let from = from.ok_or_else(|| No::parameter("BASS_DT"))?;
        let calendar = TradingCalendar::builtin();
        let days: Vec<_> = (0..DAYS)
            .filter_map(|day| from.checked_add(day.days()).ok())
            .filter(|date| calendar.covers().contains(date))
            .collect();
        let more = days.len() == usize::try_from(DAYS).unwrap_or(0);
        let row = |date: &jiff::civil::Date| {
            let open = match calendar.is_trading_day(*date) {
                Ok(true) => "Y",
                Ok(false) | Err(_) => "N",
            };
            // 01 is Sunday.
            let weekday = date.weekday().to_sunday_zero_offset() + 1;
            ChkHolidayRow {
                bass_dt: text::date(*date).into(),
                wday_dvsn_cd: format!("{weekday:02}").into(),
                bzdy_yn: open.into(),
                tr_day_yn: open.into(),
                opnd_yn: open.into(),
                sttl_day_yn: open.into(),
            }
        };
        let next = from.checked_add(DAYS.days()).ok().filter(|_| more);
        let (code, words) = inquired(self.settings.is_paper());
        let answer = Answer {
            ctx_area_fk: Some(text::padded("", 20).into()),
            ctx_area_nk: Some(text::padded(&next.map_or_else(String::new, text::date), 20).into()),
            output: Rows(days.iter().map(row).collect()),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Rows<_>>::default()
        };
        Ok(Body::of(&answer).followed(if more { "F" } else { "D" }))
    }
}

/// The international code of a Korean share: `KR7`, the short code, `00` and a check digit.
pub(super) fn standard_code(symbol: Symbol) -> String {
    let body = format!("KR7{symbol}00");
    let digit = isin_check_digit(&body).unwrap_or('0');
    format!("{body}{digit}")
}
