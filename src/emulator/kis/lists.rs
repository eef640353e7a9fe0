//! The two lists of orders, in pages.

use jiff::civil::Date;

use super::fault::{Fault, Point, Target};
use super::ledger::{Channel, Row, RowKind};
use super::no::No;
use super::order::{branch, division_name};
use super::rest::{Body, Call, inquired};
use super::text;
use super::world::World;
use crate::domain::{Market, Money, Price, Qty, Side, Symbol, Venue};
use crate::wire::kis::query;
use crate::wire::kis::rest::envelope::{Answer, Nothing, One, Rows};
use crate::wire::kis::rest::lists::{
    InquireDailyCcldQuery, InquireDailyCcldRow, InquireDailyCcldTotals, InquirePsblRvsecnclQuery,
    InquirePsblRvsecnclRow,
};
use crate::wire::kis::tr::Tr;

/// The width of a paging key.
const KEY_LEN: usize = 100;

/// A part of a list.
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    pub(super) tr_cont: &'static str,
    /// Where the next page begins: the place of its first row among all.
    pub(super) next: Option<usize>,
}

impl<T> Page<T> {
    /// The page that begins at `start`.
    pub(super) fn of(all: Vec<T>, start: usize, len: usize, first: bool) -> Self {
        let total = all.len();
        let rows: Vec<T> = all.into_iter().skip(start).take(len).collect();
        let end = start.saturating_add(rows.len());
        let next = (end < total).then_some(end);
        Self {
            rows,
            tr_cont: match (next.is_some(), first) {
                (true, true) => "F",
                (true, false) => "M",
                (false, true) => "D",
                (false, false) => "E",
            },
            next,
        }
    }
}

impl World {
    /// 주식일별주문체결조회: orders of a range of days.
    pub(super) fn daily_ccld(&mut self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquireDailyCcldQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.check_own(call, &asked.cano, &asked.acnt_prdt_cd)?;
        let date = |text: &str, name| text::parse_date(text).ok_or_else(|| No::parameter(name));
        let dates =
            date(&asked.inqr_strt_dt, "INQR_STRT_DT")?..=date(&asked.inqr_end_dt, "INQR_END_DT")?;
        let side = side_filter(&asked.sll_buy_dvsn_cd)?;
        let venue = match &*asked.excg_id_dvsn_cd {
            "" | "KRX" => Some(Venue::Krx),
            "NXT" => Some(Venue::Nxt),
            "SOR" => Some(Venue::Sor),
            "ALL" => None,
            _ => return Err(No::parameter("EXCG_ID_DVSN_CD")),
        };
        let filled = match &*asked.ccld_dvsn {
            "" | "00" => None,
            "01" => Some(true),
            "02" => Some(false),
            _ => return Err(No::parameter("CCLD_DVSN")),
        };
        let symbol = Some(asked.pdno.trim()).filter(|code| !code.is_empty());
        let number = Some(asked.odno.trim()).filter(|number| !number.is_empty());
        let fault = self.faults.strike(Point::List, Target::Lists);
        let now = self.floor.now();
        let wanted = |row: &&Row| {
            row.listed_from <= now
                && dates.contains(&row.date)
                && side.is_none_or(|side| row.side == side)
                && venue.is_none_or(|venue| shown_venue(row) == venue)
                && filled.is_none_or(|filled| match filled {
                    true => !row.filled.is_zero(),
                    false => !row.remaining().is_zero(),
                })
                && symbol.is_none_or(|code| row.symbol.as_str() == code)
                && number.is_none_or(|number| text::number(number) == Some(row.odno))
        };
        let mut rows: Vec<&Row> = self
            .ledger
            .rows(call.client)
            .iter()
            .filter(wanted)
            .collect();
        if &*asked.inqr_dvsn != "01" {
            rows.reverse();
        }
        let totals = totals(&rows);
        let start = page_start(call, &asked.ctx_area_nk100, &rows, fault.as_ref());
        if fault == Some(Fault::EmptyList) {
            rows.clear();
        }
        let len = usize::from(
            Tr::InquireDailyCcld
                .page_rows(self.environment())
                .unwrap_or(100),
        );
        let mut page = Page::of(rows, start, len, !call.is_next_page());
        let next = next_key(&mut page, fault.as_ref());
        let paper = self.settings.is_paper();
        let (code, words) = match (page.rows.is_empty(), page.next.is_some(), paper) {
            (true, _, true) => ("70070000", "모의투자 조회할 내역(자료)이 없습니다."),
            (true, _, false) => ("KIOK0560", "조회할 내용이 없습니다"),
            (false, true, _) => ("KIOK0500", "조회가 계속됩니다..다음버튼을 Click 하십시오."),
            (false, false, true) => ("20310000", "모의투자 조회가 완료되었습니다."),
            (false, false, false) => ("KIOK0460", "조회 되었습니다. (마지막 자료)"),
        };
        let condition = format!(
            "{}!^{}!^{}!^{}!^{}!^{}!^",
            asked.cano,
            asked.acnt_prdt_cd,
            asked.inqr_strt_dt,
            asked.inqr_end_dt,
            asked.pdno,
            asked.sll_buy_dvsn_cd,
        );
        let answer = Answer {
            ctx_area_fk100: Some(text::padded(&condition, KEY_LEN).into()),
            ctx_area_nk100: Some(text::padded(&next, KEY_LEN).into()),
            output1: Rows(page.rows.iter().map(|row| self.daily_row(row)).collect()),
            output2: One(Some(totals)),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: text::msg1(words).into(),
            ..Answer::<'_, Nothing, Rows<_>, One<_>>::default()
        };
        Ok(Body::of(&answer).followed(page.tr_cont))
    }

    /// 주식정정취소가능주문조회: orders that can still be changed.
    pub(super) fn psbl_rvsecncl(&mut self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquirePsblRvsecnclQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.check_own(call, &asked.cano, &asked.acnt_prdt_cd)?;
        let side = match &*asked.inqr_dvsn_2 {
            "" | "0" => None,
            "1" => Some(Side::Sell),
            "2" => Some(Side::Buy),
            _ => return Err(No::parameter("INQR_DVSN_2")),
        };
        let fault = self.faults.strike(Point::List, Target::Lists);
        let (now, today) = (self.floor.now(), self.floor.date());
        let wanted = |row: &&Row| {
            row.listed_from <= now
                && row.date == today
                && !row.remaining().is_zero()
                && side.is_none_or(|side| row.side == side)
        };
        let mut rows: Vec<&Row> = self
            .ledger
            .rows(call.client)
            .iter()
            .filter(wanted)
            .collect();
        rows.reverse();
        let start = page_start(call, &asked.ctx_area_nk100, &rows, fault.as_ref());
        if fault == Some(Fault::EmptyList) {
            rows.clear();
        }
        let len = usize::from(
            Tr::InquirePsblRvsecncl
                .page_rows(self.environment())
                .unwrap_or(50),
        );
        let mut page = Page::of(rows, start, len, !call.is_next_page());
        let next = next_key(&mut page, fault.as_ref());
        let condition = format!("{}^{}^", asked.cano, asked.acnt_prdt_cd);
        let (code, words) = inquired(self.settings.is_paper());
        let answer = Answer {
            ctx_area_fk100: Some(text::padded(&condition, KEY_LEN).into()),
            ctx_area_nk100: Some(text::padded(&next, KEY_LEN).into()),
            output: Rows(page.rows.iter().map(|row| self.open_row(row)).collect()),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Rows<_>>::default()
        };
        Ok(Body::of(&answer).followed(page.tr_cont))
    }

    /// The account asked for is the app key's.
    pub(super) fn check_own(&self, call: &Call<'_>, cano: &str, product: &str) -> Result<(), No> {
        let own = self.client(call.client);
        match own.cano() == cano && own.product() == product {
            true => Ok(()),
            false => Err(No::account()),
        }
    }

    pub(super) fn name(&self, symbol: Symbol) -> String {
        let issue = self.issue(symbol);
        issue.map_or_else(String::new, |(_, issue)| issue.name.to_string())
    }

    fn daily_row(&self, row: &Row) -> InquireDailyCcldRow<'static> {
        let average = row.value.per_share(row.filled);
        InquireDailyCcldRow {
            ord_dt: text::date(row.date).into(),
            ord_gno_brno: branch(self.settings.is_paper()).into(),
            odno: format!("{:010}", row.odno).into(),
            orgn_odno: original(row).into(),
            ord_dvsn_name: division_name(row.division).into(),
            sll_buy_dvsn_cd: side_code(row.side).into(),
            sll_buy_dvsn_cd_name: deal_name(row).into(),
            pdno: row.symbol.to_string().into(),
            prdt_name: self.name(row.symbol).into(),
            ord_qty: row.qty.to_string().into(),
            ord_unpr: unit_price(row.price).into(),
            ord_tmd: text::time(row.at).into(),
            tot_ccld_qty: row.filled.to_string().into(),
            avg_prvs: average_price(average).into(),
            cncl_yn: match row.cancelled.is_zero() {
                true => "",
                false => "Y",
            }
            .into(),
            tot_ccld_amt: text::amount(row.value).into(),
            ordr_empno: match row.channel {
                Channel::Api => "OpnAPI",
                Channel::Person => "MTS",
            }
            .into(),
            ord_dvsn_cd: row.division.into(),
            cncl_cfrm_qty: row.cancelled.to_string().into(),
            rmn_qty: row.remaining().to_string().into(),
            rjct_qty: row.rejected.to_string().into(),
            ccld_cndt_name: condition_name(row).into(),
            inqr_ip_addr: "127.0.0.1".into(),
            excg_dvsn_cd: self.venue_number(row).into(),
            ord_orgno: "00000".into(),
            excg_id_dvsn_cd: shown_venue(row).as_str().into(),
            stpm_cndt_pric: "0".into(),
            ..InquireDailyCcldRow::default()
        }
    }

    fn open_row(&self, row: &Row) -> InquirePsblRvsecnclRow<'static> {
        InquirePsblRvsecnclRow {
            ord_gno_brno: branch(self.settings.is_paper()).into(),
            odno: format!("{:010}", row.odno).into(),
            orgn_odno: original(row).into(),
            ord_dvsn_name: division_name(row.division).into(),
            pdno: row.symbol.to_string().into(),
            prdt_name: self.name(row.symbol).into(),
            rvse_cncl_dvsn_name: deal_name(row).into(),
            ord_qty: row.qty.to_string().into(),
            ord_unpr: unit_price(row.price).into(),
            ord_tmd: text::time(row.at).into(),
            tot_ccld_qty: row.filled.to_string().into(),
            tot_ccld_amt: text::amount(row.value).into(),
            psbl_qty: row.remaining().to_string().into(),
            sll_buy_dvsn_cd: side_code(row.side).into(),
            ord_dvsn_cd: row.division.into(),
            excg_dvsn_cd: self.venue_number(row).into(),
            excg_id_dvsn_cd: shown_venue(row).as_str().into(),
            excg_id_dvsn_name: shown_venue(row).as_str().into(),
            stpm_cndt_pric: "0".into(),
            ..InquirePsblRvsecnclRow::default()
        }
    }

    /// 02 KRX, 03 KOSDAQ, 12 for orders that were routed. For NXT no number was recorded; the market's stands for it.
    /// UNCONFIRMED.
    fn venue_number(&self, row: &Row) -> &'static str {
        let market = self.issue(row.symbol).map(|(_, issue)| issue.market);
        match (row.venue, market) {
            (Venue::Sor, _) => "12",
            (_, Some(Market::Kosdaq)) => "03",
            _ => "02",
        }
    }
}

/// An order that was routed to NXT shows up there.
const fn shown_venue(row: &Row) -> Venue {
    match row.routed_to_nxt {
        true => Venue::Nxt,
        false => row.venue,
    }
}

/// Where a page begins: after the row that the key names, or at the top.
fn page_start(call: &Call<'_>, key: &str, rows: &[&Row], fault: Option<&Fault>) -> usize {
    if !call.is_next_page() || fault == Some(&Fault::EndlessPages) {
        return 0;
    }
    let mut parts = key.trim().split("!^");
    let number = parts.next().and_then(text::number);
    let date = parts.next().and_then(text::parse_date);
    let last = rows.iter().position(|row| key_of(row) == (number, date));
    let start = last.map_or(0, |last| last + 1);
    match fault {
        Some(Fault::ShiftPages) => start.saturating_sub(1),
        _ => start,
    }
}

const fn key_of(row: &Row) -> (Option<u64>, Option<Date>) {
    (Some(row.odno), Some(row.date))
}

/// The key of the next page; nothing on the last one.
fn next_key(page: &mut Page<&Row>, fault: Option<&Fault>) -> String {
    if fault == Some(&Fault::EndlessPages) {
        page.tr_cont = "M";
        page.next = Some(0);
    }
    match (page.next, page.rows.last()) {
        (Some(_), Some(last)) => format!("{:010}!^{}!^", last.odno, text::date(last.date)),
        _ => String::new(),
    }
}

fn totals(rows: &[&Row]) -> InquireDailyCcldTotals<'static> {
    let sum = |of: fn(&Row) -> Qty| {
        rows.iter()
            .map(|row| u128::from(of(row).get()))
            .sum::<u128>()
    };
    let value: i128 = rows.iter().map(|row| i128::from(row.value.units())).sum();
    let value = Money::from_units(i64::try_from(value).unwrap_or(i64::MAX));
    let filled = sum(|row| row.filled);
    let average = u64::try_from(filled)
        .ok()
        .and_then(|filled| value.per_share(Qty::new(filled)));
    InquireDailyCcldTotals {
        tot_ord_qty: sum(|row| row.qty).to_string().into(),
        tot_ccld_qty: filled.to_string().into(),
        tot_ccld_amt: text::amount(value).into(),
        prsm_tlex_smtl: "0".into(),
        pchs_avg_pric: text::average(average).into(),
    }
}

fn side_filter(code: &str) -> Result<Option<Side>, No> {
    match code {
        "" | "00" => Ok(None),
        "01" => Ok(Some(Side::Sell)),
        "02" => Ok(Some(Side::Buy)),
        _ => Err(No::parameter("SLL_BUY_DVSN_CD")),
    }
}

pub(super) const fn side_code(side: Side) -> &'static str {
    match side {
        Side::Sell => "01",
        Side::Buy => "02",
    }
}

fn original(row: &Row) -> String {
    row.original
        .map_or_else(String::new, |number| format!("{number:010}"))
}

fn unit_price(price: Option<Price>) -> String {
    price.map_or_else(|| "0".to_owned(), text::won)
}

/// The average as lists have it: without decimals where it has none.
fn average_price(price: Option<Price>) -> String {
    match price {
        None => "0".to_owned(),
        Some(price) if price.is_whole_won() => text::won(price),
        Some(price) => text::average(Some(price)),
    }
}

const fn deal_name(row: &Row) -> &'static str {
    match (row.kind, row.side) {
        (RowKind::New, Side::Buy) => "현금매수",
        (RowKind::New, Side::Sell) => "현금매도",
        (RowKind::Modify, Side::Buy) => "매수정정*",
        (RowKind::Modify, Side::Sell) => "매도정정*",
        (RowKind::Cancel, Side::Buy) => "매수취소*",
        (RowKind::Cancel, Side::Sell) => "매도취소*",
    }
}

const fn condition_name(row: &Row) -> &'static str {
    use crate::domain::TimeInForce;

    match row.time_in_force {
        TimeInForce::Day => "없음",
        TimeInForce::Ioc => "IOC",
        TimeInForce::Fok => "FOK",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_say_whether_more_follow() {
        let page = |start, first| Page::of((0..5).collect(), start, 2, first);
        let said: Vec<_> = [page(0, true), page(2, false), page(4, false)]
            .into_iter()
            .map(|page: Page<i32>| (page.rows, page.tr_cont, page.next))
            .collect();
        assert_eq!(
            said,
            [
                (vec![0, 1], "F", Some(2)),
                (vec![2, 3], "M", Some(4)),
                (vec![4], "E", None)
            ]
        );
        assert_eq!(Page::of(Vec::<i32>::new(), 0, 2, true).tr_cont, "D");
    }
}
