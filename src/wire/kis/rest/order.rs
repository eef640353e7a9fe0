//! 주식주문 (orders): cash orders, amendments and cancellations.
//!
//! Buying and selling share a path; the TR id alone decides the side. An amendment makes a new order number, and later
//! commands must name that one. There is no client order id. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, One};

/// The fields of a cash order without which the server cannot build its message (IGW00007). The others may be missing:
/// then the venue is KRX, the sale an ordinary one, and there is no condition price. Common libraries send these six.
pub const ORDER_CASH_REQUIRED: [&str; 6] = [
    "CANO",
    "ACNT_PRDT_CD",
    "PDNO",
    "ORD_DVSN",
    "ORD_QTY",
    "ORD_UNPR",
];

/// The fields of an amendment or cancellation that the manual marks as required.
pub const ORDER_RVSECNCL_REQUIRED: [&str; 9] = [
    "CANO",
    "ACNT_PRDT_CD",
    "KRX_FWDG_ORD_ORGNO",
    "ORGN_ODNO",
    "ORD_DVSN",
    "RVSE_CNCL_DVSN_CD",
    "ORD_QTY",
    "ORD_UNPR",
    "QTY_ALL_ORD_YN",
];

/// What `order-cash`, `order-rvsecncl` and `order-credit` answer.
pub type OrderAnswer<'a> = Answer<'a, One<OrderReceipt<'a>>>;

records! {
    /// 주식주문(현금) (cash order), `order-cash`. The server needs the six fields of [`ORDER_CASH_REQUIRED`]; a missing
    /// one answers IGW00007. All nine are always sent from here, in the order of the vendor's own samples.
    pub struct OrderCashRequest {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 주문구분 (order type): a code of [`OrdDvsn`](super::super::codes::OrdDvsn).
        ord_dvsn = "ORD_DVSN",
        /// 주문수량 (order quantity): shares.
        ord_qty = "ORD_QTY",
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr = "ORD_UNPR",
        /// 거래소ID구분코드 (exchange id code): KRX, NXT or SOR; KRX when missing, and always on paper.
        excg_id_dvsn_cd = "EXCG_ID_DVSN_CD",
        /// 매도유형 (sell type, sell orders): sell orders only: 01 normal (default when omitted), 02 discretionary, 05
        /// borrowed-stock sale.
        sll_type = "SLL_TYPE",
        /// 조건가격 (condition, stop price): required only when ORD_DVSN 22 (stop-limit).
        cndt_pric = "CNDT_PRIC",
    }

    /// What an accepted order, amendment or cancellation is known by from now on. Credit orders and the manual of
    /// amendments write the names in lower case; both are read.
    pub struct OrderReceipt {
        /// 계좌관리점코드 (branch/organisation number that numbered the order): five digits, 00950 on paper; may be empty
        /// in an amendment or cancellation.
        krx_fwdg_ord_orgno = "KRX_FWDG_ORD_ORGNO",
        /// 주문번호 (order number): ten digits, padded with zeros; old captures of the paper server are not padded.
        odno = "ODNO",
        /// 주문시간 (order time): HHMMSS.
        ord_tmd = "ORD_TMD",
        /// Order number of the smart router: not in the manual; seen empty on the real server since 2025-12.
        sor_odno = "SOR_ODNO",
    }

    /// 주식주문(정정취소) (amendment or cancellation), `order-rvsecncl`. A cancellation of all that is left has
    /// QTY_ALL_ORD_YN "Y", and then neither quantity nor price matters. The venue must be that of the order, or the
    /// answer is APBK0344.
    pub struct OrderRvsecnclRequest {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 한국거래소전송주문조직번호 (order organisation, branch number forwarded to the exchange): five digits, 00950 on
        /// paper; may be empty in an amendment or cancellation.
        krx_fwdg_ord_orgno = "KRX_FWDG_ORD_ORGNO",
        /// 원주문번호 (original order number): order number of the order to change.
        orgn_odno = "ORGN_ODNO",
        /// 주문구분 (order type): a code of [`OrdDvsn`](super::super::codes::OrdDvsn).
        ord_dvsn = "ORD_DVSN",
        /// 정정취소구분코드 (modify/cancel code): 01 modify, 02 cancel.
        rvse_cncl_dvsn_cd = "RVSE_CNCL_DVSN_CD",
        /// 주문수량 (order quantity): shares.
        ord_qty = "ORD_QTY",
        /// 주문단가 (order price): won a share; "0" for kinds without a price.
        ord_unpr = "ORD_UNPR",
        /// 잔량전부주문여부 (all remaining quantity flag): Y whole remaining quantity, N partial (ORD_QTY applies).
        qty_all_ord_yn = "QTY_ALL_ORD_YN",
        /// 조건가격 (condition, stop price): required only when ORD_DVSN 22 (stop-limit).
        cndt_pric = "CNDT_PRIC",
        /// 거래소ID구분코드 (exchange id code): KRX, NXT or SOR; KRX when missing, and always on paper.
        excg_id_dvsn_cd = "EXCG_ID_DVSN_CD",
    }
}
