//! 기간별 손익 (profit over a period). Real server only. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Nothing, One, Rows};

/// What `inquire-period-profit` answers.
pub type InquirePeriodProfitAnswer<'a> =
    Answer<'a, Nothing, Rows<InquirePeriodProfitRow<'a>>, One<InquirePeriodProfitTotals<'a>>>;

/// What `inquire-period-trade-profit` answers.
pub type InquirePeriodTradeProfitAnswer<'a> = Answer<
    'a,
    Nothing,
    Rows<InquirePeriodTradeProfitRow<'a>>,
    One<InquirePeriodTradeProfitTotals<'a>>,
>;

records! {
    /// 기간별손익일별합산조회 (profit by day), `inquire-period-profit`.
    pub struct InquirePeriodProfitQuery {
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 조회시작일자 (inquiry start date).
        inqr_strt_dt = "INQR_STRT_DT",
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 연속조회키100 (continuation key NK 100): empty for the first page, then as in the answer before.
        ctx_area_nk100 = "CTX_AREA_NK100",
        /// 조회종료일자 (inquiry end date).
        inqr_end_dt = "INQR_END_DT",
        /// 정렬구분 (sort class).
        sort_dvsn = "SORT_DVSN",
        /// 조회구분 (inquiry class).
        inqr_dvsn = "INQR_DVSN",
        /// 잔고구분 (balance class).
        cblc_dvsn = "CBLC_DVSN",
        /// 연속조회검색조건100 (continuation search key FK 100): empty for the first page, then as in the answer before.
        ctx_area_fk100 = "CTX_AREA_FK100",
    }

    /// The profit of a day.
    pub struct InquirePeriodProfitRow {
        /// 매매일자 (trade date).
        trad_dt,
        /// 매수금액 (buy amount).
        buy_amt,
        /// 매도금액 (sell amount).
        sll_amt,
        /// 실현손익 (realised P/L).
        rlzt_pfls,
        /// 수수료 (commission).
        fee,
        /// 대출이자 (loan interest).
        loan_int,
        /// 제세금 (tax).
        tl_tax,
        /// 손익률 (P/L percent).
        pfls_rt,
        /// 매도수량1 (sell quantity 1).
        sll_qty1,
        /// 매수수량1 (buy quantity 1).
        buy_qty1,
    }

    /// The profit of the period.
    pub struct InquirePeriodProfitTotals {
        /// 매도수량합계 (sell quantity total).
        sll_qty_smtl,
        /// 매도거래금액합계 (sell trade amount total).
        sll_tr_amt_smtl,
        /// 매도수수료합계 (sell commission total).
        sll_fee_smtl,
        /// 매도제세금합계 (sell tax total).
        sll_tltx_smtl,
        /// 매도정산금액합계 (sell settlement amount total).
        sll_excc_amt_smtl,
        /// 매수수량합계 (buy quantity total).
        buy_qty_smtl,
        /// 매수거래금액합계 (buy trade amount total).
        buy_tr_amt_smtl,
        /// 매수수수료합계 (buy commission total).
        buy_fee_smtl,
        /// 매수제세금합계 (buy tax total).
        buy_tax_smtl,
        /// 매수정산금액합계 (buy settlement amount total).
        buy_excc_amt_smtl,
        /// 총수량 (total quantity).
        tot_qty,
        /// 총거래금액 (total trade amount).
        tot_tr_amt,
        /// 총수수료 (total commission).
        tot_fee,
        /// 총제세금 (total tax).
        tot_tltx,
        /// 총정산금액 (total settlement amount).
        tot_excc_amt,
        /// 총실현손익 (total realised P/L).
        tot_rlzt_pfls,
        /// 대출이자 (loan interest).
        loan_int,
    }

    /// 기간별매매손익현황조회 (profit by symbol), `inquire-period-trade-profit`.
    pub struct InquirePeriodTradeProfitQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 정렬구분 (sort class).
        sort_dvsn = "SORT_DVSN",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 조회시작일자 (inquiry start date).
        inqr_strt_dt = "INQR_STRT_DT",
        /// 조회종료일자 (inquiry end date).
        inqr_end_dt = "INQR_END_DT",
        /// 연속조회키100 (continuation key NK 100): empty for the first page, then as in the answer before.
        ctx_area_nk100 = "CTX_AREA_NK100",
        /// 잔고구분 (balance class).
        cblc_dvsn = "CBLC_DVSN",
        /// 연속조회검색조건100 (continuation search key FK 100): empty for the first page, then as in the answer before.
        ctx_area_fk100 = "CTX_AREA_FK100",
    }

    /// The profit of a symbol on a day.
    pub struct InquirePeriodTradeProfitRow {
        /// 매매일자 (trade date).
        trad_dt,
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품명 (product name).
        prdt_name,
        /// 매매구분명 (trade class name).
        trad_dvsn_name,
        /// 대출일자 (loan date).
        loan_dt,
        /// 보유수량 (held quantity).
        hldg_qty,
        /// 매입단가 (purchase price).
        pchs_unpr,
        /// 매수수량 (buy quantity).
        buy_qty,
        /// 매수금액 (buy amount).
        buy_amt,
        /// 매도가격 (sell price).
        sll_pric,
        /// 매도수량 (sell quantity).
        sll_qty,
        /// 매도금액 (sell amount).
        sll_amt,
        /// 실현손익 (realised P/L).
        rlzt_pfls,
        /// 손익률 (P/L percent).
        pfls_rt,
        /// 수수료 (commission).
        fee,
        /// 제세금 (tax).
        tl_tax,
        /// 대출이자 (loan interest).
        loan_int,
    }

    /// The profit of the period.
    pub struct InquirePeriodTradeProfitTotals {
        /// 매도수량합계 (sell quantity total).
        sll_qty_smtl,
        /// 매도거래금액합계 (sell trade amount total).
        sll_tr_amt_smtl,
        /// 매도수수료합계 (sell commission total).
        sll_fee_smtl,
        /// 매도제세금합계 (sell tax total).
        sll_tltx_smtl,
        /// 매도정산금액합계 (sell settlement amount total).
        sll_excc_amt_smtl,
        /// 매수수량합계 (buy quantity total).
        buyqty_smtl,
        /// 매수거래금액합계 (buy trade amount total).
        buy_tr_amt_smtl,
        /// 매수수수료합계 (buy commission total).
        buy_fee_smtl,
        /// 매수제세금합계 (buy tax total).
        buy_tax_smtl,
        /// 매수정산금액합계 (buy settlement amount total).
        buy_excc_amt_smtl,
        /// 총수량 (total quantity).
        tot_qty,
        /// 총거래금액 (total trade amount).
        tot_tr_amt,
        /// 총수수료 (total commission).
        tot_fee,
        /// 총제세금 (total tax).
        tot_tltx,
        /// 총정산금액 (total settlement amount).
        tot_excc_amt,
        /// 총실현손익 (total realised P/L).
        tot_rlzt_pfls,
        /// 대출이자 (loan interest).
        loan_int,
        /// 총수익률 (total return).
        tot_pftrt,
    }
}
