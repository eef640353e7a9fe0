//! What an account is worth, what it may buy, and what it may sell. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Nothing, One, Rows};

/// What `inquire-psbl-order` answers.
pub type InquirePsblOrderAnswer<'a> = Answer<'a, One<InquirePsblOrder<'a>>>;

/// What `inquire-psbl-sell` answers: under `output1` by the manual, under `output` by the vendor's samples
/// (UNCONFIRMED which the server sends). Both are read.
pub type InquirePsblSellAnswer<'a> = Answer<'a, One<InquirePsblSell<'a>>, One<InquirePsblSell<'a>>>;

/// What `inquire-account-balance` answers.
pub type InquireAccountBalanceAnswer<'a> =
    Answer<'a, Nothing, Rows<InquireAccountBalanceRow<'a>>, One<InquireAccountBalanceTotals<'a>>>;

records! {
    /// 매수가능조회 (what may be bought), `inquire-psbl-order`. With ORD_DVSN "01" the margin rate of the symbol counts,
    /// and the upper limit price is what a share costs. Without symbol and price only amounts come back.
    pub struct InquirePsblOrderQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr = "ORD_UNPR",
        /// 주문구분 (order type): a code of [`OrdDvsn`](super::super::codes::OrdDvsn).
        ord_dvsn = "ORD_DVSN",
        /// CMA평가금액포함여부 (include CMA valuation flag): Y/N.
        cma_evlu_amt_icld_yn = "CMA_EVLU_AMT_ICLD_YN",
        /// 해외포함여부 (include overseas flag): Y/N.
        ovrs_icld_yn = "OVRS_ICLD_YN",
    }

    /// What may be bought.
    pub struct InquirePsblOrder {
        /// 주문가능현금 (orderable cash).
        ord_psbl_cash,
        /// 주문가능대용 (orderable substitute securities).
        ord_psbl_sbst,
        /// 재사용가능금액 (reusable amount).
        ruse_psbl_amt,
        /// 펀드환매대금 (fund redemption proceeds).
        fund_rpch_chgs,
        /// 가능수량계산단가 (unit price used for quantity calculation): for market orders this is the upper-limit price
        /// (+30%).
        psbl_qty_calc_unpr,
        /// 미수없는매수금액 (buy amount without receivable): buyable amount without creating a receivable: size orders with
        /// this.
        nrcvb_buy_amt,
        /// 미수없는매수수량 (buy quantity without receivable): same, in shares; 0 when PDNO/ORD_UNPR were empty.
        nrcvb_buy_qty,
        /// 최대매수금액 (maximum buy amount).
        max_buy_amt,
        /// 최대매수수량 (maximum buy quantity).
        max_buy_qty,
        /// CMA평가금액 (CMA valuation amount).
        cma_evlu_amt,
        /// 해외재사용금액원화 (overseas reuse amount KRW).
        ovrs_re_use_amt_wcrc,
        /// 주문가능외화금액원화 (orderable foreign amount in KRW).
        ord_psbl_frcr_amt_wcrc,
    }

    /// 매도가능수량조회 (what may be sold), `inquire-psbl-sell`: real server only.
    pub struct InquirePsblSellQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 종목번호 (issue number): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
    }

    /// What may be sold of one symbol.
    pub struct InquirePsblSell {
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품명 (product name).
        prdt_name,
        /// 매수수량 (buy quantity).
        buy_qty,
        /// 매도수량 (sell quantity).
        sll_qty,
        /// 잔고수량 (balance quantity).
        cblc_qty,
        /// 비저축수량 (non-savings quantity).
        nsvg_qty,
        /// 주문가능수량 (orderable quantity).
        ord_psbl_qty,
        /// 매입평균가격 (average purchase price).
        pchs_avg_pric,
        /// 매입금액 (purchase amount).
        pchs_amt,
        /// 현재가 (current price).
        now_pric,
        /// 평가금액 (valuation amount).
        evlu_amt,
        /// 평가손익금액 (valuation P/L).
        evlu_pfls_amt,
        /// 평가손익율 (valuation P/L percent).
        evlu_pfls_rt,
    }

    /// 투자계좌자산현황조회 (assets of an account), `inquire-account-balance`: real server only.
    pub struct InquireAccountBalanceQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 조회구분1 (inquiry class 1): empty.
        inqr_dvsn_1 = "INQR_DVSN_1",
        /// 기준가이전일자적용여부 (apply base price of earlier date flag): empty.
        bspr_bf_dt_aply_yn = "BSPR_BF_DT_APLY_YN",
    }

    /// Assets of one kind. The rows come in a fixed order, of which the first is shares and the last the total.
    pub struct InquireAccountBalanceRow {
        /// 매입금액 (purchase amount).
        pchs_amt,
        /// 평가금액 (valuation amount).
        evlu_amt,
        /// 평가손익금액 (valuation P/L).
        evlu_pfls_amt,
        /// 신용대출금액 (credit loan amount).
        crdt_lnd_amt,
        /// 실제순자산금액 (actual net asset amount).
        real_nass_amt,
        /// 전체비중율 (total weight rate).
        whol_weit_rt,
    }

    /// All assets of the account.
    pub struct InquireAccountBalanceTotals {
        /// 매입금액합계 (total purchase amount).
        pchs_amt_smtl,
        /// 순자산총금액 (total net assets).
        nass_tot_amt,
        /// 대출금액합계 (total loan amount).
        loan_amt_smtl,
        /// 평가손익금액합계 (total valuation P/L).
        evlu_pfls_amt_smtl,
        /// 평가금액합계 (total valuation).
        evlu_amt_smtl,
        /// 총자산금액 (total asset amount).
        tot_asst_amt,
        /// 총대출금액총융자대출금액 (total loan amount total margin loan loan amount).
        tot_lnda_tot_ulst_lnda,
        /// CMA자동대출금액 (CMA auto loan amount).
        cma_auto_loan_amt,
        /// 총담보대출금액 (total collateral loan amount).
        tot_mgln_amt,
        /// 대주평가금액 (stock loan for short valuation amount).
        stln_evlu_amt,
        /// 신용융자금액 (margin-loan amount).
        crdt_fncg_amt,
        /// OCL_APL대출금액 (OCL_APL loan amount).
        ocl_apl_loan_amt,
        /// 질권설정금액 (pledge amount).
        pldg_stup_amt,
        /// 외화평가총액 (foreign currency valuation total).
        frcr_evlu_tota,
        /// 총예수금액 (total deposit amount).
        tot_dncl_amt,
        /// CMA평가금액 (CMA valuation amount).
        cma_evlu_amt,
        /// 예수금액 (deposit amount).
        dncl_amt,
        /// 총대용금액 (total substitute amount).
        tot_sbst_amt,
        /// 당일미수금액 (today receivable amount).
        thdt_rcvb_amt,
        /// 해외주식평가금액1 (overseas stock valuation amount 1).
        ovrs_stck_evlu_amt1,
        /// 해외채권평가금액 (overseas bond valuation amount).
        ovrs_bond_evlu_amt,
        /// MMFCMA담보대출금액 (MMFCMA collateral loan amount).
        mmf_cma_mgge_loan_amt,
        /// 청약예수금액 (subscription deposit amount).
        sbsc_dncl_amt,
        /// 공모주청약자금대출사용금액 (IPO share subscription funds loan used amount).
        pbst_sbsc_fnds_loan_use_amt,
        /// 기업신용공여대출금액 (corporate credit loan amount).
        etpr_crdt_grnt_loan_amt,
    }
}
