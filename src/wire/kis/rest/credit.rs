//! 주식주문(신용) (margin orders) and how much they may buy. Real server only. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, One};

/// What `inquire-credit-psamount` answers.
pub type InquireCreditPsamountAnswer<'a> = Answer<'a, One<InquireCreditPsamount<'a>>>;

records! {
    /// 주식주문(신용) (margin order), `order-credit`.
    pub struct OrderCreditRequest {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 매도유형 (sell type): send empty string.
        sll_type = "SLL_TYPE",
        /// 신용유형 (credit type): sell: 22 new market short, 24 new house short, 25 repay house loan, 27 repay market
        /// loan; buy: 21 new house loan, 23 new market loan, 26 cover market short, 28 cover house short.
        crdt_type = "CRDT_TYPE",
        /// 대출일자 (loan date): credit buy: today; credit sell: loan date of the position (YYYYMMDD).
        loan_dt = "LOAN_DT",
        /// 주문구분 (order type): a code of [`OrdDvsn`](super::super::codes::OrdDvsn).
        ord_dvsn = "ORD_DVSN",
        /// 주문수량 (order quantity): shares.
        ord_qty = "ORD_QTY",
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr = "ORD_UNPR",
        /// 예약주문여부 (reserved order flag): Y reserved order (15:10 to 07:30 next day), N credit order.
        rsvn_ord_yn = "RSVN_ORD_YN",
        /// 비상주문여부 (emergency order flag).
        emgc_ord_yn = "EMGC_ORD_YN",
        /// 프로그램매매구분 (program trading class).
        pgtr_dvsn = "PGTR_DVSN",
        /// 운용사지정주문번호 (manager-assigned order number).
        mgco_aptm_odno = "MGCO_APTM_ODNO",
        /// 대량거래협상상세번호 (block trade negotiation detail number).
        lqty_tr_ngtn_dtl_no = "LQTY_TR_NGTN_DTL_NO",
        /// 대량거래협정번호 (block trade agreement number).
        lqty_tr_agmt_no = "LQTY_TR_AGMT_NO",
        /// 대량거래협상자Id (block trade negotiator Id).
        lqty_tr_ngtn_id = "LQTY_TR_NGTN_ID",
        /// LP주문여부 (LP order flag).
        lp_ord_yn = "LP_ORD_YN",
        /// 매체주문번호 (media order number).
        mdia_odno = "MDIA_ODNO",
        /// 주문서버구분코드 (order server class code): "0".
        ord_svr_dvsn_cd = "ORD_SVR_DVSN_CD",
        /// 프로그램호가신고구분코드 (program quote report class code).
        pgm_nmpr_stmt_dvsn_cd = "PGM_NMPR_STMT_DVSN_CD",
        /// 반대매매선정사유코드 (forced liquidation selection reason code).
        cvrg_slct_rson_cd = "CVRG_SLCT_RSON_CD",
        /// 반대매매순번 (forced liquidation sequence).
        cvrg_seq = "CVRG_SEQ",
        /// 거래소ID구분코드 (exchange id code): KRX, NXT or SOR; KRX when missing, and always on paper.
        excg_id_dvsn_cd = "EXCG_ID_DVSN_CD",
        /// 조건가격 (condition, stop price): required only when ORD_DVSN 22 (stop-limit).
        cndt_pric = "CNDT_PRIC",
    }

    /// 신용매수가능조회 (what a margin order may buy), `inquire-credit-psamount`.
    pub struct InquireCreditPsamountQuery {
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
        /// 신용유형 (credit type): sell: 22 new market short, 24 new house short, 25 repay house loan, 27 repay market
        /// loan; buy: 21 new house loan, 23 new market loan, 26 cover market short, 28 cover house short.
        crdt_type = "CRDT_TYPE",
        /// CMA평가금액포함여부 (include CMA valuation flag): Y/N.
        cma_evlu_amt_icld_yn = "CMA_EVLU_AMT_ICLD_YN",
        /// 해외포함여부 (include overseas flag): Y/N.
        ovrs_icld_yn = "OVRS_ICLD_YN",
    }

    /// What a margin order may buy.
    pub struct InquireCreditPsamount {
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
}
