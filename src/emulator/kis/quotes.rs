//! Prices, books and trades of now.

use jiff::ToSpan;
use jiff::civil::Date;

use super::no::No;
use super::rest::{Body, Call, quoted};
use super::settings::Issue;
use super::tape::{Print, Span, Tape};
use super::text;
use super::world::World;
use crate::domain::{
    InstrumentKind, Level, Market, OrderBook, Price, Quote, Symbol, TickTable, Timestamp,
};
use crate::wire::kis::query;
use crate::wire::kis::record::Record;
use crate::wire::kis::rest::book::{InquireAskingPrice, InquireExpectedMatch};
use crate::wire::kis::rest::calendar::InquireViStatusRow;
use crate::wire::kis::rest::envelope::{Answer, Nothing, One, Output, Rows};
use crate::wire::kis::rest::multprice::{IntstockMultpriceQuery, IntstockMultpriceRow};
use crate::wire::kis::rest::price::{InquirePrice, InquirePrice2, QuoteQuery};
use crate::wire::kis::rest::trades::{
    InquireCcnlRow, InquireTimeItemconclusionHead, InquireTimeItemconclusionQuery,
    InquireTimeItemconclusionRow,
};

/// An issue with everything that is known of it now.
pub(super) struct Sight<'a> {
    pub(super) issue: &'a Issue,
    pub(super) tape: &'a Tape,
    pub(super) quote: Quote,
    pub(super) book: OrderBook,
}

/// A price and the day on which it was made.
type Extreme = (Price, Date);

impl Sight<'_> {
    /// The highest and the lowest price since a day.
    fn range(&self, from: Date, today: Date) -> (Extreme, Extreme) {
        let days = self.tape.long_candles(Span::Day, from, today);
        let now = (self.quote.last, today);
        let high = days.iter().map(|day| (day.high, day.start.kst_date()));
        let low = days.iter().map(|day| (day.low, day.start.kst_date()));
        (
            high.max_by_key(|(price, _)| *price).unwrap_or(now),
            low.min_by_key(|(price, _)| *price).unwrap_or(now),
        )
    }

    /// The change against the close before.
    pub(super) fn change(&self) -> i64 {
        self.quote.last.won() - self.quote.base.won()
    }

    pub(super) fn change_rate(&self) -> String {
        text::percent(self.change(), self.quote.base.won())
    }

    pub(super) fn sign(&self) -> &'static str {
        self.sign_at(self.quote.last)
    }

    /// The sign of a price, limits included.
    pub(super) fn sign_at(&self, price: Price) -> &'static str {
        match Some(price) {
            at if at == self.quote.upper_limit => "1",
            at if at == self.quote.lower_limit => "4",
            _ => text::sign(price.won() - self.quote.base.won()),
        }
    }

    /// Shares that buyers took for each 100 that sellers took.
    fn strength(print: &Print) -> String {
        let part = |qty: u64| i64::try_from(qty).unwrap_or(i64::MAX);
        text::percent(part(print.day.bought), part(print.day.sold))
    }

    pub(super) fn volume_rate(&self) -> String {
        let part = |qty: u64| i64::try_from(qty).unwrap_or(i64::MAX);
        text::percent(
            part(self.quote.volume.get()),
            part(self.tape.volume_before()),
        )
    }
}

impl World {
    /// An issue as a quotation sees it; the venue is checked.
    pub(super) fn sight(&self, venue: &str, code: &str) -> Result<Sight<'_>, No> {
        let known = match venue {
            "J" => true,
            "NX" | "UN" => !self.settings.is_paper(),
            _ => false,
        };
        if !known {
            return Err(No::parameter("MRKT_DIV_CODE"));
        }
        let unknown = || No::input("MCA05918", "종목코드 오류입니다.");
        let symbol: Symbol = code.trim().parse().map_err(|_| unknown())?;
        let (place, issue) = self.issue(symbol).ok_or_else(unknown)?;
        if venue == "NX" && !issue.nxt {
            return Err(unknown());
        }
        let exchange = self.floor.exchange();
        Ok(Sight {
            issue,
            tape: self.floor.tape(place),
            quote: exchange.quote(symbol).ok_or_else(unknown)?,
            book: exchange.order_book(symbol).ok_or_else(unknown)?,
        })
    }

    fn asked_sight(&self, call: &Call<'_>) -> Result<Sight<'_>, No> {
        let asked: QuoteQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.sight(&asked.fid_cond_mrkt_div_code, &asked.fid_input_iscd)
    }

    /// 주식현재가 시세.
    pub(super) fn price(&self, call: &Call<'_>) -> Result<Body, No> {
        let seen = self.asked_sight(call)?;
        let quote = &seen.quote;
        let average = quote.value.per_share(quote.volume);
        let today = self.floor.date();
        let range = |from: Date| seen.range(from, today);
        let back = |days: i32| today.checked_sub(days.days()).unwrap_or(Date::MIN);
        // 250 trading days are about as many as a year has.
        let (d250_high, d250_low) = range(back(363));
        let (w52_high, w52_low) = range(back(364));
        let (year_high, year_low) = range(today.first_of_year());
        let rate = |(price, _): Extreme| text::percent(quote.last.won() - price.won(), price.won());
        let row = InquirePrice {
            iscd_stat_cls_code: "55".into(),
            marg_rate: "100.00".into(),
            rprs_mrkt_kor_name: market_name(seen.issue).into(),
            temp_stop_yn: "N".into(),
            oprc_rang_cont_yn: "N".into(),
            clpr_rang_cont_yn: "N".into(),
            crdt_able_yn: "N".into(),
            elw_pblc_yn: "N".into(),
            stck_prpr: text::won(quote.last).into(),
            prdy_vrss: seen.change().to_string().into(),
            prdy_vrss_sign: seen.sign().into(),
            prdy_ctrt: seen.change_rate().into(),
            acml_tr_pbmn: text::amount(quote.value).into(),
            acml_vol: quote.volume.to_string().into(),
            prdy_vrss_vol_rate: seen.volume_rate().into(),
            stck_oprc: some_won(quote.open).into(),
            stck_hgpr: some_won(quote.high).into(),
            stck_lwpr: some_won(quote.low).into(),
            stck_mxpr: some_won(quote.upper_limit).into(),
            stck_llam: some_won(quote.lower_limit).into(),
            stck_sdpr: text::won(quote.base).into(),
            wghn_avrg_stck_prc: hundredths(average).into(),
            hts_frgn_ehrt: "0.00".into(),
            frgn_ntby_qty: "0".into(),
            pgtr_ntby_qty: "0".into(),
            aspr_unit: tick(seen.issue, quote.last, quote.at).into(),
            hts_deal_qty_unit_val: "1".into(),
            hts_avls: "0".into(),
            per: "0.00".into(),
            pbr: "0.00".into(),
            eps: "0.00".into(),
            bps: "0.00".into(),
            vol_tnrt: "0.00".into(),
            lstn_stcn: "0".into(),
            stck_fcam: "0".into(),
            cpfn: "0".into(),
            rstc_wdth_prc: quote
                .upper_limit
                .map_or(0, |upper| upper.won() - quote.base.won())
                .to_string()
                .into(),
            d250_hgpr: text::won(d250_high.0).into(),
            d250_hgpr_date: text::date(d250_high.1).into(),
            d250_hgpr_vrss_prpr_rate: rate(d250_high).into(),
            d250_lwpr: text::won(d250_low.0).into(),
            d250_lwpr_date: text::date(d250_low.1).into(),
            d250_lwpr_vrss_prpr_rate: rate(d250_low).into(),
            stck_dryy_hgpr: text::won(year_high.0).into(),
            dryy_hgpr_vrss_prpr_rate: rate(year_high).into(),
            dryy_hgpr_date: text::date(year_high.1).into(),
            stck_dryy_lwpr: text::won(year_low.0).into(),
            dryy_lwpr_vrss_prpr_rate: rate(year_low).into(),
            dryy_lwpr_date: text::date(year_low.1).into(),
            w52_hgpr: text::won(w52_high.0).into(),
            w52_hgpr_vrss_prpr_ctrt: rate(w52_high).into(),
            w52_hgpr_date: text::date(w52_high.1).into(),
            w52_lwpr: text::won(w52_low.0).into(),
            w52_lwpr_vrss_prpr_ctrt: rate(w52_low).into(),
            w52_lwpr_date: text::date(w52_low.1).into(),
            ssts_yn: "N".into(),
            stck_shrn_iscd: quote.symbol.to_string().into(),
            vi_cls_code: "N".into(),
            ovtm_vi_cls_code: "N".into(),
            invt_caful_yn: "N".into(),
            mrkt_warn_cls_code: "00".into(),
            short_over_yn: "N".into(),
            sltr_yn: "N".into(),
            mang_issu_cls_code: "N".into(),
            ..InquirePrice::default()
        };
        Ok(one(row))
    }

    /// 주식현재가 시세2.
    pub(super) fn price_2(&self, call: &Call<'_>) -> Result<Body, No> {
        let seen = self.asked_sight(call)?;
        let quote = &seen.quote;
        let last = quote.last.won();
        let against = |price: Option<Price>| price.map_or(0, |price| last - price.won());
        let rate = |price: Option<Price>| {
            let base = quote.base.won();
            text::percent(price.map_or(0, |price| price.won() - base), base)
        };
        let row = InquirePrice2 {
            rprs_mrkt_kor_name: market_name(seen.issue).into(),
            mxpr_llam_cls_code: match seen.sign() {
                sign @ ("1" | "4") => sign,
                _ => "0",
            }
            .into(),
            crdt_able_yn: "N".into(),
            stck_mxpr: some_won(quote.upper_limit).into(),
            elw_pblc_yn: "N".into(),
            prdy_clpr_vrss_oprc_rate: rate(quote.open).into(),
            marg_rate: "100.00".into(),
            lwpr_vrss_prpr: against(quote.low).to_string().into(),
            lwpr_vrss_prpr_sign: text::sign(against(quote.low)).into(),
            prdy_clpr_vrss_lwpr_rate: rate(quote.low).into(),
            stck_lwpr: some_won(quote.low).into(),
            hgpr_vrss_prpr: against(quote.high).to_string().into(),
            hgpr_vrss_prpr_sign: text::sign(against(quote.high)).into(),
            prdy_clpr_vrss_hgpr_rate: rate(quote.high).into(),
            stck_hgpr: some_won(quote.high).into(),
            oprc_vrss_prpr: against(quote.open).to_string().into(),
            oprc_vrss_prpr_sign: text::sign(against(quote.open)).into(),
            mang_issu_yn: "N".into(),
            short_over_yn: "N".into(),
            mrkt_warn_cls_code: "00".into(),
            invt_caful_yn: "N".into(),
            vi_cls_code: "N".into(),
            stck_llam: some_won(quote.lower_limit).into(),
            stck_sdpr: text::won(quote.base).into(),
            stck_prdy_clpr: text::won(quote.base).into(),
            stck_prpr: text::won(quote.last).into(),
            prdy_vrss: seen.change().to_string().into(),
            prdy_vrss_sign: seen.sign().into(),
            prdy_ctrt: seen.change_rate().into(),
            acml_tr_pbmn: text::amount(quote.value).into(),
            acml_vol: quote.volume.to_string().into(),
            prdy_vrss_vol_rate: seen.volume_rate().into(),
            sltr_yn: "N".into(),
            trht_yn: "N".into(),
            oprc_rang_cont_yn: "N".into(),
            stck_oprc: some_won(quote.open).into(),
            prdy_vol: seen.tape.volume_before().to_string().into(),
            ..InquirePrice2::default()
        };
        Ok(one(row))
    }

    /// 주식현재가 호가/예상체결.
    pub(super) fn asking_price(&self, call: &Call<'_>) -> Result<Body, No> {
        let seen = self.asked_sight(call)?;
        let (quote, book) = (&seen.quote, &seen.book);
        let total = |side: &[Option<Level>]| -> u64 {
            side.iter().flatten().map(|level| level.qty.get()).sum()
        };
        let (asks, bids) = (total(&book.asks), total(&book.bids));
        let mut row = InquireAskingPrice {
            aspr_acpt_hour: text::time(self.floor.now()).into(),
            total_askp_rsqn: asks.to_string().into(),
            total_bidp_rsqn: bids.to_string().into(),
            total_askp_rsqn_icdc: "0".into(),
            total_bidp_rsqn_icdc: "0".into(),
            ovtm_total_askp_icdc: "0".into(),
            ovtm_total_bidp_icdc: "0".into(),
            ovtm_total_askp_rsqn: "0".into(),
            ovtm_total_bidp_rsqn: "0".into(),
            ntby_aspr_rsqn: (i128::from(bids) - i128::from(asks)).to_string().into(),
            new_mkop_cls_code: "20".into(),
            ..InquireAskingPrice::default()
        };
        set_levels(&mut row, book);
        let expected = InquireExpectedMatch {
            antc_mkop_cls_code: "112".into(),
            stck_prpr: text::won(quote.last).into(),
            stck_oprc: some_won(quote.open).into(),
            stck_hgpr: some_won(quote.high).into(),
            stck_lwpr: some_won(quote.low).into(),
            stck_sdpr: text::won(quote.base).into(),
            // Outside of call auctions the price is 0 and the change means nothing.
            antc_cnpr: "0".into(),
            antc_cntg_vrss_sign: "5".into(),
            antc_cntg_vrss: (-quote.base.won()).to_string().into(),
            antc_cntg_prdy_ctrt: "-100.00".into(),
            antc_vol: "0".into(),
            stck_shrn_iscd: quote.symbol.to_string().into(),
            vi_cls_code: "N".into(),
        };
        let (code, words) = quoted();
        Ok(Body::of(&Answer {
            output1: One(Some(row)),
            output2: One(Some(expected)),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Nothing, One<_>, One<_>>::default()
        }))
    }

    /// 주식현재가 체결: the last trades.
    pub(super) fn ccnl(&self, call: &Call<'_>) -> Result<Body, No> {
        const ROWS: usize = 30;
        let seen = self.asked_sight(call)?;
        let base = seen.quote.base.won();
        let row = |print: &Print| {
            let change = print.trade.price.won() - base;
            InquireCcnlRow {
                stck_cntg_hour: text::time(print.trade.at).into(),
                stck_prpr: text::won(print.trade.price).into(),
                prdy_vrss: change.to_string().into(),
                prdy_vrss_sign: seen.sign_at(print.trade.price).into(),
                cntg_vol: print.trade.qty.to_string().into(),
                tday_rltv: Sight::strength(print).into(),
                prdy_ctrt: text::percent(change, base).into(),
            }
        };
        Ok(rows(seen.tape.prints().take(ROWS).map(row).collect()))
    }

    /// 주식현재가 당일시간대별체결: trades back from a time.
    pub(super) fn time_itemconclusion(&self, call: &Call<'_>) -> Result<Body, No> {
        const ROWS: usize = 30;
        let asked: InquireTimeItemconclusionQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        let seen = self.sight(&asked.fid_cond_mrkt_div_code, &asked.fid_input_iscd)?;
        let (quote, base) = (&seen.quote, seen.quote.base.won());
        let until = asked.fid_input_hour_1.trim().to_owned();
        let head = InquireTimeItemconclusionHead {
            stck_prpr: text::won(quote.last).into(),
            prdy_vrss: seen.change().to_string().into(),
            prdy_vrss_sign: seen.sign().into(),
            prdy_ctrt: seen.change_rate().into(),
            acml_vol: quote.volume.to_string().into(),
            prdy_vol: seen.tape.volume_before().to_string().into(),
            rprs_mrkt_kor_name: market_name(seen.issue).into(),
        };
        let row = |print: &Print| {
            let change = print.trade.price.won() - base;
            InquireTimeItemconclusionRow {
                stck_cntg_hour: text::time(print.trade.at).into(),
                stck_pbpr: text::won(print.trade.price).into(),
                prdy_vrss: change.to_string().into(),
                prdy_vrss_sign: seen.sign_at(print.trade.price).into(),
                prdy_ctrt: text::percent(change, base).into(),
                askp: some_won(quote.ask.map(|level| level.price)).into(),
                bidp: some_won(quote.bid.map(|level| level.price)).into(),
                tday_rltv: Sight::strength(print).into(),
                acml_vol: print.day.volume.to_string().into(),
                cnqn: print.trade.qty.to_string().into(),
            }
        };
        let before = |print: &&Print| until.is_empty() || text::time(print.trade.at) <= until;
        let list = seen
            .tape
            .prints()
            .filter(before)
            .take(ROWS)
            .map(row)
            .collect();
        let (code, words) = quoted();
        Ok(Body::of(&Answer {
            output1: One(Some(head)),
            output2: Rows(list),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Nothing, One<_>, Rows<_>>::default()
        }))
    }

    /// 변동성완화장치(VI) 현황: the simulated exchange has none, so the list is empty.
    pub(super) fn vi_status(&self, _: &Call<'_>) -> Result<Body, No> {
        Ok(rows(Vec::<InquireViStatusRow<'_>>::new()))
    }

    /// 관심종목(멀티종목) 시세조회: up to 30 issues.
    pub(super) fn multprice(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: IntstockMultpriceQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        let mut list = Vec::new();
        for pair in asked.values().chunks_exact(2) {
            if !pair[1].is_empty() {
                list.push(multprice_row(&self.sight(pair[0], pair[1])?));
            }
        }
        match list.is_empty() {
            true => Err(No::parameter("MRKT_DIV_CODE")),
            false => Ok(rows(list)),
        }
    }
}

fn multprice_row(seen: &Sight<'_>) -> IntstockMultpriceRow<'static> {
    let (quote, book) = (&seen.quote, &seen.book);
    let total = |side: &[Option<Level>]| -> u64 {
        side.iter().flatten().map(|level| level.qty.get()).sum()
    };
    let level_qty = |level: Option<Level>| level.map_or(0, |level| level.qty.get()).to_string();
    let range = match (quote.open, quote.high) {
        (Some(open), Some(high)) => text::percent(high.won() - open.won(), open.won()),
        _ => "0.00".to_owned(),
    };
    IntstockMultpriceRow {
        kospi_kosdaq_cls_name: seen.issue.market.as_str().into(),
        hour_cls_code: "0".into(),
        inter_shrn_iscd: quote.symbol.to_string().into(),
        inter_kor_isnm: seen.issue.name.to_string().into(),
        inter2_prpr: text::won(quote.last).into(),
        inter2_prdy_vrss: seen.change().to_string().into(),
        prdy_vrss_sign: seen.sign().into(),
        prdy_ctrt: seen.change_rate().into(),
        acml_vol: quote.volume.to_string().into(),
        inter2_oprc: some_won(quote.open).into(),
        inter2_hgpr: some_won(quote.high).into(),
        inter2_lwpr: some_won(quote.low).into(),
        inter2_llam: some_won(quote.lower_limit).into(),
        inter2_mxpr: some_won(quote.upper_limit).into(),
        inter2_askp: some_won(quote.ask.map(|level| level.price)).into(),
        inter2_bidp: some_won(quote.bid.map(|level| level.price)).into(),
        seln_rsqn: level_qty(quote.ask).into(),
        shnu_rsqn: level_qty(quote.bid).into(),
        total_askp_rsqn: total(&book.asks).to_string().into(),
        total_bidp_rsqn: total(&book.bids).to_string().into(),
        acml_tr_pbmn: text::amount(quote.value).into(),
        inter2_prdy_clpr: text::won(quote.base).into(),
        oprc_vrss_hgpr_rate: range.into(),
        intr_antc_cntg_vrss: "0".into(),
        intr_antc_cntg_vrss_sign: "3".into(),
        intr_antc_cntg_prdy_ctrt: "0.00".into(),
        intr_antc_vol: "0".into(),
        inter2_sdpr: text::won(quote.base).into(),
        ..IntstockMultpriceRow::default()
    }
}

/// Writes ten levels a side by the names of their fields.
fn set_levels(row: &mut InquireAskingPrice<'_>, book: &OrderBook) {
    let names = InquireAskingPrice::FIELDS;
    let mut slots = row.slots();
    let mut set = |name: String, value: String| {
        if let Some(place) = names.iter().position(|field| **field == name)
            && let Some(slot) = slots.as_mut().get_mut(place)
        {
            **slot = value.into();
        }
    };
    for (side, levels) in [("ask", &book.asks), ("bid", &book.bids)] {
        for (place, level) in levels.iter().enumerate() {
            let number = place + 1;
            let price = level.map_or(0, |level| level.price.won());
            let qty = level.map_or(0, |level| level.qty.get());
            set(format!("{side}p{number}"), price.to_string());
            set(format!("{side}p_rsqn{number}"), qty.to_string());
            set(format!("{side}p_rsqn_icdc{number}"), "0".to_owned());
        }
    }
}

pub(super) fn some_won(price: Option<Price>) -> String {
    price.map_or_else(|| "0".to_owned(), text::won)
}

/// Two decimals.
fn hundredths(price: Option<Price>) -> String {
    let average = text::average(price);
    average
        .get(..average.len() - 2)
        .unwrap_or("0.00")
        .to_owned()
}

pub(super) const fn market_name(issue: &Issue) -> &'static str {
    match (issue.kind, issue.market) {
        (InstrumentKind::Etf, _) => "ETF",
        (InstrumentKind::Etn, _) => "ETN",
        (_, Market::Kosdaq) => "KSQ150",
        (_, Market::Konex) => "KONEX",
        _ => "KOSPI200",
    }
}

fn tick(issue: &Issue, price: Price, at: Timestamp) -> String {
    let table = TickTable::of(issue.kind, issue.market, at.kst_date());
    table.map_or(1, |table| table.tick_at(price)).to_string()
}

/// A quotation of one record.
pub(super) fn one<T>(row: T) -> Body
where
    One<T>: Output,
{
    let (code, words) = quoted();
    Body::of(&Answer {
        output: One(Some(row)),
        rt_cd: "0".into(),
        msg_cd: code.into(),
        msg1: words.into(),
        ..Answer::<'_, One<T>>::default()
    })
}

/// A quotation of several records.
pub(super) fn rows<T>(list: Vec<T>) -> Body
where
    Rows<T>: Output,
{
    let (code, words) = quoted();
    Body::of(&Answer {
        output: Rows(list),
        rt_cd: "0".into(),
        msg_cd: code.into(),
        msg1: words.into(),
        ..Answer::<'_, Rows<T>>::default()
    })
}
