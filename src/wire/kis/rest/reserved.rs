//! 주식예약주문 (orders reserved for the next trading day). Real server only; taken from 15:40 to 07:30, but not from 23:40 to
//! 00:10. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, One, Rows};

/// What `order-resv` answers.
pub type OrderResvAnswer<'a> = Answer<'a, One<OrderResvReceipt<'a>>>;

/// What `order-resv-rvsecncl` answers.
pub type OrderResvRvsecnclAnswer<'a> = Answer<'a, One<OrderResvRvsecnclReceipt<'a>>>;

/// What `order-resv-ccnl` answers.
pub type OrderResvCcnlAnswer<'a> = Answer<'a, Rows<OrderResvCcnlRow<'a>>>;

records! {
    /// 주식예약주문 (reserve an order), `order-resv`.
    pub struct OrderResvRequest {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 종목코드 (issue code, 6 digits): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 주문수량 (order quantity): shares.
        ord_qty = "ORD_QTY",
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr = "ORD_UNPR",
        /// 매도매수구분코드 (sell/buy code): 01 sell, 02 buy.
        sll_buy_dvsn_cd = "SLL_BUY_DVSN_CD",
        /// 주문구분코드 (order type code): reserved order: 00 limit, 01 market, 02 conditional limit, 05 pre-open
        /// after-hours.
        ord_dvsn_cd = "ORD_DVSN_CD",
        /// 주문대상잔고구분코드 (target balance class code): 10 cash, 12 stock-collateral loan, 14 lending repayment, 21
        /// house loan new, 22 market short new, 23 market loan new, 24 house short new, 25 house loan repay, 26
        /// market short cover, 27 market loan repay, 28 house short cover.
        ord_objt_cblc_dvsn_cd = "ORD_OBJT_CBLC_DVSN_CD",
        /// 대출일자 (loan date).
        loan_dt = "LOAN_DT",
        /// 예약주문종료일자 (reserved order end date): YYYYMMDD, at most 30 days ahead; empty for the next business day
        /// only.
        rsvn_ord_end_dt = "RSVN_ORD_END_DT",
        /// 대여일자 (lending date).
        ldng_dt = "LDNG_DT",
    }

    /// What a reserved order is known by.
    pub struct OrderResvReceipt {
        /// 예약주문순번 (reserved order sequence).
        rsvn_ord_seq = "RSVN_ORD_SEQ",
    }

    /// 주식예약주문정정취소 (amend or cancel a reserved order), `order-resv-rvsecncl`. A cancellation needs the account and
    /// the three RSVN_ORD fields only.
    pub struct OrderResvRvsecnclRequest {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 종목코드 (issue code, 6 digits): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 주문수량 (order quantity): shares.
        ord_qty = "ORD_QTY",
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr = "ORD_UNPR",
        /// 매도매수구분코드 (sell/buy code): 01 sell, 02 buy.
        sll_buy_dvsn_cd = "SLL_BUY_DVSN_CD",
        /// 주문구분코드 (order type code): 00 limit, 01 market, 02 conditional limit, 05 pre-open after-hours.
        ord_dvsn_cd = "ORD_DVSN_CD",
        /// 주문대상잔고구분코드 (target balance class code): 10 cash, 12 stock-collateral loan, 14 lending repayment, 21
        /// house loan new, 22 market short new, 23 market loan new, 24 house short new, 25 house loan repay, 26
        /// market short cover, 27 market loan repay, 28 house short cover.
        ord_objt_cblc_dvsn_cd = "ORD_OBJT_CBLC_DVSN_CD",
        /// 대출일자 (loan date).
        loan_dt = "LOAN_DT",
        /// 예약주문종료일자 (reserved order end date): YYYYMMDD, at most 30 days ahead; empty for the next business day
        /// only.
        rsvn_ord_end_dt = "RSVN_ORD_END_DT",
        /// 연락전화번호 (contact phone number).
        ctal_tlno = "CTAL_TLNO",
        /// 예약주문순번 (reserved order sequence).
        rsvn_ord_seq = "RSVN_ORD_SEQ",
        /// 예약주문조직번호 (reserved order organisation number).
        rsvn_ord_orgno = "RSVN_ORD_ORGNO",
        /// 예약주문주문일자 (reserved order order date).
        rsvn_ord_ord_dt = "RSVN_ORD_ORD_DT",
    }

    /// Whether a reserved order was amended or cancelled.
    pub struct OrderResvRvsecnclReceipt {
        /// 정상처리여부 (processed normally flag).
        nrml_prcs_yn = "NRML_PRCS_YN",
    }

    /// 주식예약주문조회 (list of reserved orders), `order-resv-ccnl`: 20 rows a page.
    pub struct OrderResvCcnlQuery {
        /// 예약주문시작일자 (reserved order start date).
        rsvn_ord_ord_dt = "RSVN_ORD_ORD_DT",
        /// 예약주문종료일자 (reserved order end date): YYYYMMDD, at most 30 days ahead; empty for the next business day
        /// only.
        rsvn_ord_end_dt = "RSVN_ORD_END_DT",
        /// 예약주문순번 (reserved order sequence).
        rsvn_ord_seq = "RSVN_ORD_SEQ",
        /// 단말매체종류코드 (terminal media kind code).
        tmnl_mdia_kind_cd = "TMNL_MDIA_KIND_CD",
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 처리구분코드 (processing class code).
        prcs_dvsn_cd = "PRCS_DVSN_CD",
        /// 취소여부 (cancelled flag).
        cncl_yn = "CNCL_YN",
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 매도매수구분코드 (sell/buy code): 01 sell, 02 buy.
        sll_buy_dvsn_cd = "SLL_BUY_DVSN_CD",
        /// 연속조회검색조건200 (continuation search key FK 200): empty for the first page, then as in the answer before.
        ctx_area_fk200 = "CTX_AREA_FK200",
        /// 연속조회키200 (continuation key NK 200): empty for the first page, then as in the answer before.
        ctx_area_nk200 = "CTX_AREA_NK200",
    }

    /// A reserved order.
    pub struct OrderResvCcnlRow {
        /// 예약주문순번 (reserved order sequence).
        rsvn_ord_seq,
        /// 예약주문주문일자 (reserved order order date).
        rsvn_ord_ord_dt,
        /// 예약주문접수일자 (reserved order received date).
        rsvn_ord_rcit_dt,
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 주문구분코드 (order type code): a code of [`OrdDvsn`](super::super::codes::OrdDvsn).
        ord_dvsn_cd,
        /// 주문예약수량 (reserved order quantity).
        ord_rsvn_qty,
        /// 총체결수량 (total executed quantity).
        tot_ccld_qty,
        /// 취소주문일자 (cancel order date).
        cncl_ord_dt,
        /// 주문시각 (order time): HHMMSS.
        ord_tmd,
        /// 연락전화번호 (contact phone number).
        ctac_tlno,
        /// 거부사유2 (reject reason 2).
        rjct_rson2,
        /// 주문번호 (order number): ten digits, padded with zeros; old captures of the paper server are not padded.
        odno,
        /// 예약주문접수시각 (reserved order received time).
        rsvn_ord_rcit_tmd,
        /// 한글종목단축명 (Korean short issue name).
        kor_item_shtn_name,
        /// 매도매수구분코드 (sell/buy code): 01 sell, 02 buy.
        sll_buy_dvsn_cd,
        /// 주문예약단가 (reserved order price).
        ord_rsvn_unpr,
        /// 총체결금액 (total executed amount).
        tot_ccld_amt,
        /// 대출일자 (loan date).
        loan_dt,
        /// 취소접수시각 (cancel received time).
        cncl_rcit_tmd,
        /// 처리결과 (processing result).
        prcs_rslt,
        /// 주문구분명 (order type name).
        ord_dvsn_name,
        /// 단말매체종류코드 (terminal media kind code).
        tmnl_mdia_kind_cd,
        /// 예약종료일자 (reservation end date).
        rsvn_end_dt,
    }
}
