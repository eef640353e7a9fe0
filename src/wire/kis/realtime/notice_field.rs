//! The values of an execution notice.

use super::field::fields;

fields! {
    /// What all layouts of an execution notice (H0STCNI0 real, H0STCNI9 paper) have in common: the first 18 values.
    ///
    /// The tail differs; see [`NoticeTail`](super::NoticeTail).
    pub enum NoticeField {
        /// 고객ID (customer (HTS) id).
        CUST_ID,
        /// 계좌번호 (account number).
        ACNT_NO,
        /// 주문번호 (order number).
        ODER_NO,
        /// 원주문번호 (number of the order that is modified or cancelled; else empty).
        OODER_NO,
        /// 매도매수구분 (side): 01 sell, 02 buy.
        SELN_BYOV_CLS,
        /// 정정구분 (command): 0 new, 1 modify, 2 cancel.
        RCTF_CLS,
        /// 주문종류 (order division, as in ORD_DVSN).
        ODER_KIND,
        /// 주문조건 (condition): 0 none, 1 IOC, 2 FOK.
        ODER_COND,
        /// 주식단축종목코드 (short symbol code).
        STCK_SHRN_ISCD,
        /// 체결수량 (quantity of the execution; in a receipt the quantity of the order).
        CNTG_QTY,
        /// 체결단가 (price of the execution; in a receipt the price of the order).
        CNTG_UNPR,
        /// 주식체결시간 (trade time).
        STCK_CNTG_HOUR,
        /// 거부여부 (refused): 0 no, 1 yes.
        RFUS_YN,
        /// 체결여부 (kind): 1 receipt, 2 execution.
        CNTG_YN,
        /// 접수여부 (stage): 1 received, 2 confirmed, 3 cancelled by IOC or FOK.
        ACPT_YN,
        /// 지점번호 (branch number).
        BRNC_NO,
        /// 주문수량 (order quantity).
        ODER_QTY,
        /// 계좌명 (account name).
        ACNT_NAME,
    }
}
