//! What a customer has, and may buy and sell.

use super::lists::Page;
use super::no::{No, OrderNo as Why};
use super::rest::{Body, Call, inquired};
use super::text;
use super::world::World;
use crate::domain::{
    Balance, Money, OrderKind, OrderableRequest, Position, Price, Qty, Side, Symbol,
};
use crate::wire::kis::query;
use crate::wire::kis::rest::account::{
    InquireAccountBalanceQuery, InquireAccountBalanceRow, InquireAccountBalanceTotals,
    InquirePsblOrder, InquirePsblOrderQuery, InquirePsblSell, InquirePsblSellQuery,
};
use crate::wire::kis::rest::balance::{
    InquireBalanceQuery, InquireBalanceRlzPlQuery, InquireBalanceRlzPlRow,
    InquireBalanceRlzPlTotals, InquireBalanceRow, InquireBalanceTotals,
};
use crate::wire::kis::rest::envelope::{Answer, Nothing, One, Rows};
use crate::wire::kis::tr::Tr;

/// A position with what its row needs besides.
struct Held {
    position: Position,
    name: String,
    /// Change against the close before.
    change: i64,
    base: Price,
    bought_today: u64,
    sold_today: u64,
}

impl Held {
    fn value(&self) -> Money {
        self.position.market_value().unwrap_or(Money::MAX)
    }

    fn profit(&self) -> Money {
        self.position.unrealized_pnl().unwrap_or(Money::ZERO)
    }

    fn profit_rate(&self) -> String {
        text::percent(self.profit().units(), self.position.cost.units())
    }

    fn change_rate(&self) -> String {
        // Eight decimals, of which two are made out here.
        format!("{}000000", text::percent(self.change, self.base.won()))
    }
}

impl World {
    fn held(&self, call: &Call<'_>) -> Vec<Held> {
        let account = self.client(call.client).account;
        let exchange = self.floor.exchange();
        let positions = exchange.positions(account).unwrap_or_default();
        let today = self.floor.date();
        let traded = |symbol: Symbol, side: Side| -> u64 {
            let rows = self.ledger.rows(call.client).iter();
            let wanted =
                rows.filter(|row| row.date == today && row.symbol == symbol && row.side == side);
            wanted.map(|row| row.filled.get()).sum()
        };
        let held = |position: Position| {
            let symbol = position.symbol;
            let quote = exchange.quote(symbol);
            let base = quote.map_or(position.last_price, |quote| quote.base);
            Held {
                name: self.name(symbol),
                change: position.last_price.won() - base.won(),
                base,
                bought_today: traded(symbol, Side::Buy),
                sold_today: traded(symbol, Side::Sell),
                position,
            }
        };
        positions.into_iter().map(held).collect()
    }

    fn cash(&self, call: &Call<'_>) -> Result<Balance, No> {
        let account = self.client(call.client).account;
        self.floor
            .exchange()
            .balance(account)
            .ok_or_else(No::account)
    }

    /// 주식잔고조회: holdings and cash.
    pub(super) fn balance(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquireBalanceQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.check_own(call, &asked.cano, &asked.acnt_prdt_cd)?;
        check_flag(&asked.afhr_flpr_yn, &["", "N", "Y", "X"], "AFHR_FLPR_YN")?;
        check_flag(&asked.inqr_dvsn, &["", "01", "02"], "INQR_DVSN")?;
        let cash = self.cash(call)?;
        let held = self.held(call);
        let totals = balance_totals(&cash);
        let page = self.holdings_page(call, held, &asked.ctx_area_nk100);
        let condition = format!(
            "{}!^{}!^{}!^{}!^{}!^{}!^{}!^{}!^{}!^",
            asked.cano,
            asked.acnt_prdt_cd,
            asked.afhr_flpr_yn,
            asked.ofl_yn,
            asked.inqr_dvsn,
            asked.unpr_dvsn,
            asked.fund_sttl_icld_yn,
            asked.fncg_amt_auto_rdpt_yn,
            asked.prcs_dvsn
        );
        let (code, words) = inquired(self.settings.is_paper());
        let answer = Answer {
            ctx_area_fk100: Some(text::padded(&condition, 100).into()),
            ctx_area_nk100: Some(next_key(&page).into()),
            output1: Rows(page.rows.iter().map(balance_row).collect()),
            output2: Rows(vec![totals]),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Nothing, Rows<_>, Rows<_>>::default()
        };
        Ok(Body::of(&answer).followed(page.tr_cont))
    }

    fn holdings_page(&self, call: &Call<'_>, held: Vec<Held>, key: &str) -> Page<Held> {
        let last = held
            .iter()
            .position(|held| held.position.symbol.as_str() == key.trim());
        let start = match (call.is_next_page(), last) {
            (true, Some(last)) => last + 1,
            _ => 0,
        };
        let len = usize::from(
            Tr::InquireBalance
                .page_rows(self.environment())
                .unwrap_or(50),
        );
        Page::of(held, start, len, !call.is_next_page())
    }

    /// 주식잔고조회_실현손익: holdings with realised profit.
    pub(super) fn balance_rlz_pl(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquireBalanceRlzPlQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.check_own(call, &asked.cano, &asked.acnt_prdt_cd)?;
        let cash = self.cash(call)?;
        let held = self.held(call);
        let realized: i64 = held
            .iter()
            .map(|held| held.position.realized_pnl.units())
            .sum();
        let base = balance_totals(&cash);
        let totals = InquireBalanceRlzPlTotals {
            dnca_tot_amt: base.dnca_tot_amt,
            nxdy_excc_amt: base.nxdy_excc_amt,
            prvs_rcdl_excc_amt: base.prvs_rcdl_excc_amt,
            cma_evlu_amt: base.cma_evlu_amt,
            bfdy_buy_amt: base.bfdy_buy_amt,
            thdt_buy_amt: base.thdt_buy_amt,
            nxdy_auto_rdpt_amt: base.nxdy_auto_rdpt_amt,
            bfdy_sll_amt: base.bfdy_sll_amt,
            thdt_sll_amt: base.thdt_sll_amt,
            d2_auto_rdpt_amt: base.d2_auto_rdpt_amt,
            bfdy_tlex_amt: base.bfdy_tlex_amt,
            thdt_tlex_amt: base.thdt_tlex_amt,
            tot_loan_amt: base.tot_loan_amt,
            scts_evlu_amt: base.scts_evlu_amt,
            tot_evlu_amt: base.tot_evlu_amt,
            nass_amt: base.nass_amt,
            fncg_gld_auto_rdpt_yn: base.fncg_gld_auto_rdpt_yn,
            pchs_amt_smtl_amt: base.pchs_amt_smtl_amt,
            evlu_amt_smtl_amt: base.evlu_amt_smtl_amt,
            evlu_pfls_smtl_amt: base.evlu_pfls_smtl_amt,
            tot_stln_slng_chgs: base.tot_stln_slng_chgs,
            bfdy_tot_asst_evlu_amt: base.bfdy_tot_asst_evlu_amt,
            asst_icdc_amt: base.asst_icdc_amt,
            asst_icdc_erng_rt: base.asst_icdc_erng_rt,
            rlzt_pfls: text::amount(Money::from_units(realized)).into(),
            rlzt_erng_rt: text::percent(realized, cash.sold_today.units()).into(),
            real_evlu_pfls: "0".into(),
            real_evlu_pfls_erng_rt: "0.00".into(),
        };
        let (code, words) = inquired(self.settings.is_paper());
        let answer = Answer {
            ctx_area_fk100: Some(text::padded("", 100).into()),
            ctx_area_nk100: Some(text::padded("", 100).into()),
            output1: Rows(held.iter().map(rlz_pl_row).collect()),
            output2: Rows(vec![totals]),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Nothing, Rows<_>, Rows<_>>::default()
        };
        Ok(Body::of(&answer).followed("D"))
    }

    /// 투자계좌자산현황조회: assets by kind, of which only stocks and cash are here.
    pub(super) fn account_balance(&self, call: &Call<'_>) -> Result<Body, No> {
        /// Rows of the answer, in an order that is fixed: stocks first.
        const KINDS: usize = 20;
        let asked: InquireAccountBalanceQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.check_own(call, &asked.cano, &asked.acnt_prdt_cd)?;
        let cash = self.cash(call)?;
        let zero = || InquireAccountBalanceRow {
            pchs_amt: "0".into(),
            evlu_amt: "0".into(),
            evlu_pfls_amt: "0".into(),
            crdt_lnd_amt: "0".into(),
            real_nass_amt: "0".into(),
            whol_weit_rt: "0.00".into(),
        };
        let profit = cash.unrealized_pnl().unwrap_or(Money::ZERO);
        let total = cash.total_value().unwrap_or(Money::MAX);
        let mut rows: Vec<_> = (0..KINDS).map(|_| zero()).collect();
        rows[0] = InquireAccountBalanceRow {
            pchs_amt: text::amount(cash.purchase_amount).into(),
            evlu_amt: text::amount(cash.securities_value).into(),
            evlu_pfls_amt: text::amount(profit).into(),
            real_nass_amt: text::amount(cash.securities_value).into(),
            whol_weit_rt: text::percent(cash.securities_value.units(), total.units()).into(),
            ..zero()
        };
        let totals = InquireAccountBalanceTotals {
            pchs_amt_smtl: text::amount(cash.purchase_amount).into(),
            nass_tot_amt: text::amount(total).into(),
            loan_amt_smtl: "0".into(),
            evlu_pfls_amt_smtl: text::amount(profit).into(),
            evlu_amt_smtl: text::amount(cash.securities_value).into(),
            tot_asst_amt: text::amount(total).into(),
            tot_dncl_amt: text::amount(cash.deposit).into(),
            dncl_amt: text::amount(cash.deposit).into(),
            thdt_rcvb_amt: "0".into(),
            ..InquireAccountBalanceTotals::default()
        };
        let (code, words) = inquired(self.settings.is_paper());
        let answer = Answer {
            output1: Rows(rows),
            output2: One(Some(totals)),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, Nothing, Rows<_>, One<_>>::default()
        };
        Ok(Body::of(&answer))
    }

    /// 매수가능조회: how much may be bought. Without a symbol it is about cash alone.
    pub(super) fn psbl_order(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquirePsblOrderQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.check_own(call, &asked.cano, &asked.acnt_prdt_cd)?;
        check_flag(
            &asked.cma_evlu_amt_icld_yn,
            &["", "Y", "N"],
            "CMA_EVLU_AMT_ICLD_YN",
        )?;
        let cash = self.cash(call)?.orderable;
        let mut price = None;
        let mut qty = Qty::ZERO;
        let code = asked.pdno.trim();
        if !code.is_empty() {
            let symbol = self.listed(code)?;
            let exchange = self.floor.exchange();
            let limit = text::number(&asked.ord_unpr)
                .and_then(|won| i64::try_from(won).ok())
                .and_then(Price::checked_won)
                .filter(|_| &*asked.ord_dvsn != "01");
            // A market order is reckoned at the upper limit.
            price = limit.or_else(|| exchange.quote(symbol)?.upper_limit);
            let kind = price.map_or(OrderKind::Market, |price| OrderKind::Limit { price });
            let request = OrderableRequest {
                account: self.client(call.client).account,
                symbol,
                side: Side::Buy,
                kind,
            };
            // A price that no order could have buys nothing.
            qty = exchange
                .orderable(&request)
                .map_or(Qty::ZERO, |orderable| orderable.qty);
        }
        let most = price.and_then(|price| price.value(qty)).unwrap_or(cash);
        let answer = Answer {
            output: One(Some(InquirePsblOrder {
                ord_psbl_cash: text::amount(cash).into(),
                ord_psbl_sbst: "0".into(),
                ruse_psbl_amt: "0".into(),
                fund_rpch_chgs: "0".into(),
                psbl_qty_calc_unpr: price.map_or_else(|| "0".to_owned(), text::won).into(),
                nrcvb_buy_amt: text::amount(most).into(),
                nrcvb_buy_qty: qty.to_string().into(),
                max_buy_amt: text::amount(most).into(),
                max_buy_qty: qty.to_string().into(),
                cma_evlu_amt: "0".into(),
                ovrs_re_use_amt_wcrc: "0".into(),
                ord_psbl_frcr_amt_wcrc: "0".into(),
            })),
            ..self.ledger_says::<One<_>>()
        };
        Ok(Body::of(&answer))
    }

    /// 매도가능수량조회: how much may be sold.
    pub(super) fn psbl_sell(&self, call: &Call<'_>) -> Result<Body, No> {
        let asked: InquirePsblSellQuery<'_> =
            query::read(&call.request.query).map_err(|_| No::parameter("QUERY"))?;
        self.check_own(call, &asked.cano, &asked.acnt_prdt_cd)?;
        let symbol = self.listed(asked.pdno.trim())?;
        let account = self.client(call.client).account;
        let found = self
            .held(call)
            .into_iter()
            .find(|held| held.position.symbol == symbol);
        let held = found.unwrap_or_else(|| {
            let quote = self.floor.exchange().quote(symbol);
            let (_, issue) = self.issue(symbol).unzip();
            let base = issue.map_or(FALLBACK, |issue| issue.base);
            let last = quote.map_or(base, |quote| quote.last);
            Held {
                position: Position::new(account, symbol, Qty::ZERO, Money::ZERO, last),
                name: self.name(symbol),
                change: 0,
                base: last,
                bought_today: 0,
                sold_today: 0,
            }
        });
        let position = &held.position;
        let row = InquirePsblSell {
            pdno: symbol.to_string().into(),
            prdt_name: held.name.clone().into(),
            buy_qty: held.bought_today.to_string().into(),
            sll_qty: held.sold_today.to_string().into(),
            cblc_qty: position.qty.to_string().into(),
            nsvg_qty: "0".into(),
            ord_psbl_qty: position.sellable.to_string().into(),
            pchs_avg_pric: text::average(position.average_price()).into(),
            pchs_amt: text::amount(position.cost).into(),
            now_pric: text::won(position.last_price).into(),
            evlu_amt: text::amount(held.value()).into(),
            evlu_pfls_amt: text::amount(held.profit()).into(),
            evlu_pfls_rt: held.profit_rate().into(),
        };
        let (code, words) = inquired(self.settings.is_paper());
        // The manual and the samples disagree about the name of the output: the samples' is sent. UNCONFIRMED.
        let answer = Answer {
            output: One(Some(row)),
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::<'_, One<InquirePsblSell<'_>>>::default()
        };
        Ok(Body::of(&answer))
    }

    /// A symbol that is listed here.
    fn listed(&self, code: &str) -> Result<Symbol, No> {
        let symbol: Option<Symbol> = code.parse().ok();
        let listed = symbol.filter(|symbol| self.issue(*symbol).is_some());
        listed.ok_or_else(|| No::order(Why::Symbol, self.settings.is_paper()))
    }

    /// The ledger's answer that all is well, without output.
    fn ledger_says<O: crate::wire::kis::rest::envelope::Output>(&self) -> Answer<'static, O> {
        let (code, words) = inquired(self.settings.is_paper());
        Answer {
            rt_cd: "0".into(),
            msg_cd: code.into(),
            msg1: words.into(),
            ..Answer::default()
        }
    }
}

/// One won, for an issue that is not there.
const FALLBACK: Price = match Price::checked_won(1) {
    Some(price) => price,
    None => unreachable!(),
};

fn check_flag(value: &str, allowed: &[&str], name: &str) -> Result<(), No> {
    match allowed.contains(&value) {
        true => Ok(()),
        false => Err(No::parameter(name)),
    }
}

fn next_key(page: &Page<Held>) -> String {
    let last = page.rows.last().filter(|_| page.next.is_some());
    let symbol = last.map_or_else(String::new, |held| held.position.symbol.to_string());
    text::padded(&symbol, 100)
}

fn balance_row(held: &Held) -> InquireBalanceRow<'static> {
    let position = &held.position;
    InquireBalanceRow {
        pdno: position.symbol.to_string().into(),
        prdt_name: held.name.clone().into(),
        trad_dvsn_name: "현금".into(),
        bfdy_buy_qty: "0".into(),
        bfdy_sll_qty: "0".into(),
        thdt_buyqty: held.bought_today.to_string().into(),
        thdt_sll_qty: held.sold_today.to_string().into(),
        hldg_qty: position.qty.to_string().into(),
        ord_psbl_qty: position.sellable.to_string().into(),
        pchs_avg_pric: text::average(position.average_price()).into(),
        pchs_amt: text::amount(position.cost).into(),
        prpr: text::won(position.last_price).into(),
        evlu_amt: text::amount(held.value()).into(),
        evlu_pfls_amt: text::amount(held.profit()).into(),
        evlu_pfls_rt: held.profit_rate().into(),
        evlu_erng_rt: "0.00000000".into(),
        loan_amt: "0".into(),
        stln_slng_chgs: "0".into(),
        fltt_rt: held.change_rate().into(),
        bfdy_cprs_icdc: held.change.to_string().into(),
        item_mgna_rt_name: "100%".into(),
        grta_rt_name: "100%".into(),
        sbst_pric: "0".into(),
        stck_loan_unpr: "0.0000".into(),
        ..InquireBalanceRow::default()
    }
}

fn rlz_pl_row(held: &Held) -> InquireBalanceRlzPlRow<'static> {
    let row = balance_row(held);
    InquireBalanceRlzPlRow {
        pdno: row.pdno,
        prdt_name: row.prdt_name,
        trad_dvsn_name: row.trad_dvsn_name,
        bfdy_buy_qty: row.bfdy_buy_qty,
        bfdy_sll_qty: row.bfdy_sll_qty,
        thdt_buyqty: row.thdt_buyqty,
        thdt_sll_qty: row.thdt_sll_qty,
        hldg_qty: row.hldg_qty,
        ord_psbl_qty: row.ord_psbl_qty,
        pchs_avg_pric: row.pchs_avg_pric,
        pchs_amt: row.pchs_amt,
        prpr: row.prpr,
        evlu_amt: row.evlu_amt,
        evlu_pfls_amt: row.evlu_pfls_amt,
        evlu_pfls_rt: row.evlu_pfls_rt,
        evlu_erng_rt: row.evlu_erng_rt,
        loan_dt: row.loan_dt,
        loan_amt: row.loan_amt,
        stln_slng_chgs: row.stln_slng_chgs,
        expd_dt: row.expd_dt,
        stck_loan_unpr: row.stck_loan_unpr,
        bfdy_cprs_icdc: row.bfdy_cprs_icdc,
        fltt_rt: row.fltt_rt,
    }
}

fn balance_totals(cash: &Balance) -> InquireBalanceTotals<'static> {
    let costs = cash.fees_today.checked_add(cash.taxes_today);
    let total = cash.total_value().unwrap_or(Money::MAX);
    let profit = cash.unrealized_pnl().unwrap_or(Money::ZERO);
    InquireBalanceTotals {
        dnca_tot_amt: text::amount(cash.deposit).into(),
        nxdy_excc_amt: text::amount(cash.deposit_d1).into(),
        prvs_rcdl_excc_amt: text::amount(cash.deposit_d2).into(),
        cma_evlu_amt: "0".into(),
        bfdy_buy_amt: "0".into(),
        thdt_buy_amt: text::amount(cash.bought_today).into(),
        nxdy_auto_rdpt_amt: "0".into(),
        bfdy_sll_amt: "0".into(),
        thdt_sll_amt: text::amount(cash.sold_today).into(),
        d2_auto_rdpt_amt: "0".into(),
        bfdy_tlex_amt: "0".into(),
        thdt_tlex_amt: text::amount(costs.unwrap_or(Money::MAX)).into(),
        tot_loan_amt: "0".into(),
        scts_evlu_amt: text::amount(cash.securities_value).into(),
        tot_evlu_amt: text::amount(total).into(),
        nass_amt: text::amount(total).into(),
        fncg_gld_auto_rdpt_yn: "".into(),
        pchs_amt_smtl_amt: text::amount(cash.purchase_amount).into(),
        evlu_amt_smtl_amt: text::amount(cash.securities_value).into(),
        evlu_pfls_smtl_amt: text::amount(profit).into(),
        tot_stln_slng_chgs: "0".into(),
        bfdy_tot_asst_evlu_amt: "0".into(),
        asst_icdc_amt: "0".into(),
        asst_icdc_erng_rt: "0.00000000".into(),
    }
}
