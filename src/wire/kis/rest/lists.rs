//! The two lists of orders: those that can still be changed, and all of a range of days.
//!
//! Rows are snapshots of orders with cumulative quantities, not fills. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Nothing, One, Rows};

/// What `inquire-psbl-rvsecncl` answers.
pub type InquirePsblRvsecnclAnswer<'a> = Answer<'a, Rows<InquirePsblRvsecnclRow<'a>>>;

/// What `inquire-daily-ccld` answers.
pub type InquireDailyCcldAnswer<'a> =
    Answer<'a, Nothing, Rows<InquireDailyCcldRow<'a>>, One<InquireDailyCcldTotals<'a>>>;

records! {
    /// 주식정정취소가능주문조회 (orders that can be amended or cancelled), `inquire-psbl-rvsecncl`: real server only, 50 rows a
    /// page, orders from every channel.
    pub struct InquirePsblRvsecnclQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 연속조회검색조건100 (continuation search key FK 100): empty for the first page, then as in the answer before.
        ctx_area_fk100 = "CTX_AREA_FK100",
        /// 연속조회키100 (continuation key NK 100): empty for the first page, then as in the answer before.
        ctx_area_nk100 = "CTX_AREA_NK100",
        /// 조회구분1 (inquiry class 1): 0 by order, 1 by symbol.
        inqr_dvsn_1 = "INQR_DVSN_1",
        /// 조회구분2 (inquiry class 2): 0 all, 1 sell, 2 buy.
        inqr_dvsn_2 = "INQR_DVSN_2",
    }

    /// An order that can be amended or cancelled.
    pub struct InquirePsblRvsecnclRow {
        /// 주문채번지점번호 (branch number that numbered the order).
        ord_gno_brno,
        /// 주문번호 (order number): ten digits, padded with zeros; old captures of the paper server are not padded.
        odno,
        /// 원주문번호 (original order number).
        orgn_odno,
        /// 주문구분명 (order type name).
        ord_dvsn_name,
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품명 (product name).
        prdt_name,
        /// 정정취소구분명 (modify/cancel name): text; observed values such as 현금매수, 매수정정*, 매도취소*.
        rvse_cncl_dvsn_name,
        /// 주문수량 (order quantity): shares.
        ord_qty,
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr,
        /// 주문시각 (order time): HHMMSS.
        ord_tmd,
        /// 총체결수량 (total executed quantity).
        tot_ccld_qty,
        /// 총체결금액 (total executed amount).
        tot_ccld_amt,
        /// 가능수량 (available quantity): quantity still modifiable/cancellable.
        psbl_qty,
        /// 매도매수구분코드 (sell/buy code): 01 sell, 02 buy.
        sll_buy_dvsn_cd,
        /// 주문구분코드 (order type code): a code of [`OrdDvsn`](super::super::codes::OrdDvsn).
        ord_dvsn_cd,
        /// 운용사지정주문번호 (manager-assigned order number).
        mgco_aptm_odno,
        /// 거래소구분코드 (exchange class code): 02 KRX, 03 KOSDAQ, 04 K-OTC, 61 before the open, 64 block, 65 auction, 81
        /// after-hours auctions; 12 was seen on orders sent through SOR.
        excg_dvsn_cd,
        /// 거래소ID구분코드 (exchange id code): KRX, NXT or SOR; KRX when missing, and always on paper.
        excg_id_dvsn_cd,
        /// 거래소ID구분명 (exchange id name).
        excg_id_dvsn_name,
        /// 스톱지정가조건가격 (stop-limit condition price).
        stpm_cndt_pric,
        /// 스톱지정가효력발생여부 (stop-limit activated flag).
        stpm_efct_occr_yn,
    }

    /// 주식일별주문체결조회 (orders and executions by day), `inquire-daily-ccld`: 100 rows a page, 15 on paper.
    pub struct InquireDailyCcldQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 조회시작일자 (inquiry start date).
        inqr_strt_dt = "INQR_STRT_DT",
        /// 조회종료일자 (inquiry end date).
        inqr_end_dt = "INQR_END_DT",
        /// 매도매수구분코드 (sell/buy code): 00 all, 01 sell, 02 buy.
        sll_buy_dvsn_cd = "SLL_BUY_DVSN_CD",
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 주문채번지점번호 (branch number that numbered the order).
        ord_gno_brno = "ORD_GNO_BRNO",
        /// 주문번호 (order number): ten digits, padded with zeros; old captures of the paper server are not padded.
        odno = "ODNO",
        /// 체결구분 (trade side / execution class): 00 all, 01 filled, 02 unfilled.
        ccld_dvsn = "CCLD_DVSN",
        /// 조회구분 (inquiry class): 00 newest first, 01 oldest first.
        inqr_dvsn = "INQR_DVSN",
        /// 조회구분1 (inquiry class 1): empty all, 1 ELW, 2 K-OTC.
        inqr_dvsn_1 = "INQR_DVSN_1",
        /// 조회구분3 (inquiry class 3): 00 all, 01 cash, 02 credit, 03 collateral, 04 short, 05 lending, 06 house loan,
        /// 07 market loan.
        inqr_dvsn_3 = "INQR_DVSN_3",
        /// 거래소ID구분코드 (exchange id code): KRX, NXT, SOR or ALL; the paper server knows KRX only.
        excg_id_dvsn_cd = "EXCG_ID_DVSN_CD",
        /// 연속조회검색조건100 (continuation search key FK 100): empty for the first page, then as in the answer before.
        ctx_area_fk100 = "CTX_AREA_FK100",
        /// 연속조회키100 (continuation key NK 100): empty for the first page, then as in the answer before.
        ctx_area_nk100 = "CTX_AREA_NK100",
    }

    /// An order and what became of it. The paper server often sends no rows although there were orders.
    pub struct InquireDailyCcldRow {
        /// 주문일자 (order date).
        ord_dt,
        /// 주문채번지점번호 (branch number that numbered the order).
        ord_gno_brno,
        /// 주문번호 (order number): ten digits, padded with zeros; old captures of the paper server are not padded.
        odno,
        /// 원주문번호 (original order number).
        orgn_odno,
        /// 주문구분명 (order type name).
        ord_dvsn_name,
        /// 매도매수구분코드 (sell/buy code): 00 all, 01 sell, 02 buy.
        sll_buy_dvsn_cd,
        /// 매도매수구분코드명 (sell/buy code name).
        sll_buy_dvsn_cd_name,
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품명 (product name).
        prdt_name,
        /// 주문수량 (order quantity): shares.
        ord_qty,
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr,
        /// 주문시각 (order time): HHMMSS.
        ord_tmd,
        /// 총체결수량 (total executed quantity).
        tot_ccld_qty,
        /// 평균가 (average price).
        avg_prvs,
        /// 취소여부 (cancelled flag): Y when cancelled.
        cncl_yn,
        /// 총체결금액 (total executed amount).
        tot_ccld_amt,
        /// 대출일자 (loan date).
        loan_dt,
        /// 주문자사번 (order entry employee id / channel): channel tag; orders placed through the API show OpnAPI
        /// (observed).
        ordr_empno,
        /// 주문구분코드 (order type code): a code of [`OrdDvsn`](super::super::codes::OrdDvsn).
        ord_dvsn_cd,
        /// 취소확인수량 (cancel-confirmed quantity).
        cncl_cfrm_qty | "cnc_cfrm_qty",
        /// 잔여수량 (remaining quantity): remaining (open) quantity.
        rmn_qty,
        /// 거부수량 (rejected quantity): rejected quantity.
        rjct_qty,
        /// 체결조건명 (execution condition name).
        ccld_cndt_name,
        /// 조회IP주소 (IP address of the requester).
        inqr_ip_addr,
        /// 전산주문표주문접수구분코드 (order slip reception class code).
        cpbc_ordp_ord_rcit_dvsn_cd,
        /// 전산주문표통보방법구분코드 (order slip notification class code).
        cpbc_ordp_infm_mthd_dvsn_cd,
        /// 통보시각 (notification time).
        infm_tmd,
        /// 연락전화번호 (contact phone number).
        ctac_tlno,
        /// 상품유형코드 (product type code): 300 stock, ETF, ETN or ELW; 301 futures and options; 302 bond; 306 ELS.
        prdt_type_cd,
        /// 거래소구분코드 (exchange class code): 02 KRX, 03 KOSDAQ, 04 K-OTC, 61 before the open, 64 block, 65 auction, 81
        /// after-hours auctions; 12 was seen on orders sent through SOR.
        excg_dvsn_cd,
        /// 전산주문표자료구분코드 (order slip data class code).
        cpbc_ordp_mtrl_dvsn_cd,
        /// 주문조직번호 (order organisation number).
        ord_orgno,
        /// 예약주문종료일자 (reserved order end date): YYYYMMDD, at most 30 days ahead; empty for the next business day
        /// only.
        rsvn_ord_end_dt,
        /// 거래소ID구분코드 (exchange id code): KRX, NXT, SOR or ALL; the paper server knows KRX only.
        excg_id_dvsn_cd,
        /// 스톱지정가조건가격 (stop-limit condition price).
        stpm_cndt_pric,
        /// 스톱지정가효력발생상세시각 (stop-limit activation time).
        stpm_efct_occr_dtmd,
    }

    /// Totals of all rows of all pages.
    pub struct InquireDailyCcldTotals {
        /// 총주문수량 (total order quantity).
        tot_ord_qty,
        /// 총체결수량 (total executed quantity).
        tot_ccld_qty,
        /// 총체결금액 (total executed amount): won.
        tot_ccld_amt,
        /// 추정제비용합계 (estimated fees and taxes): won.
        prsm_tlex_smtl,
        /// 매입평균가격 (average price): won, four decimals.
        pchs_avg_pric,
    }
}
