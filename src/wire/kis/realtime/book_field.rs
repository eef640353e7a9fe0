//! The values of an order book.

use super::field::fields;

fields! {
    /// An order book of ten levels (H0STASP0, H0NXASP0, H0UNASP0), and that of the single price after hours (H0STOAA0).
    ///
    /// After [`BookField::KMID_CLS_CODE`] the venues part; see [`BookTail`](super::BookTail).
    pub enum BookField {
        /// 유가증권단축종목코드 (short symbol code).
        MKSC_SHRN_ISCD,
        /// 영업시간 (business time).
        BSOP_HOUR,
        /// 시간구분코드 (session class): 0 intraday; A, B, C, D expected matches.
        HOUR_CLS_CODE,
        /// 매도호가1 (ask price 1).
        ASKP1,
        /// 매도호가2 (ask price 2).
        ASKP2,
        /// 매도호가3 (ask price 3).
        ASKP3,
        /// 매도호가4 (ask price 4).
        ASKP4,
        /// 매도호가5 (ask price 5).
        ASKP5,
        /// 매도호가6 (ask price 6).
        ASKP6,
        /// 매도호가7 (ask price 7).
        ASKP7,
        /// 매도호가8 (ask price 8).
        ASKP8,
        /// 매도호가9 (ask price 9).
        ASKP9,
        /// 매도호가10 (ask price 10).
        ASKP10,
        /// 매수호가1 (bid price 1).
        BIDP1,
        /// 매수호가2 (bid price 2).
        BIDP2,
        /// 매수호가3 (bid price 3).
        BIDP3,
        /// 매수호가4 (bid price 4).
        BIDP4,
        /// 매수호가5 (bid price 5).
        BIDP5,
        /// 매수호가6 (bid price 6).
        BIDP6,
        /// 매수호가7 (bid price 7).
        BIDP7,
        /// 매수호가8 (bid price 8).
        BIDP8,
        /// 매수호가9 (bid price 9).
        BIDP9,
        /// 매수호가10 (bid price 10).
        BIDP10,
        /// 매도호가잔량1 (ask size 1).
        ASKP_RSQN1,
        /// 매도호가잔량2 (ask size 2).
        ASKP_RSQN2,
        /// 매도호가잔량3 (ask size 3).
        ASKP_RSQN3,
        /// 매도호가잔량4 (ask size 4).
        ASKP_RSQN4,
        /// 매도호가잔량5 (ask size 5).
        ASKP_RSQN5,
        /// 매도호가잔량6 (ask size 6).
        ASKP_RSQN6,
        /// 매도호가잔량7 (ask size 7).
        ASKP_RSQN7,
        /// 매도호가잔량8 (ask size 8).
        ASKP_RSQN8,
        /// 매도호가잔량9 (ask size 9).
        ASKP_RSQN9,
        /// 매도호가잔량10 (ask size 10).
        ASKP_RSQN10,
        /// 매수호가잔량1 (bid size 1).
        BIDP_RSQN1,
        /// 매수호가잔량2 (bid size 2).
        BIDP_RSQN2,
        /// 매수호가잔량3 (bid size 3).
        BIDP_RSQN3,
        /// 매수호가잔량4 (bid size 4).
        BIDP_RSQN4,
        /// 매수호가잔량5 (bid size 5).
        BIDP_RSQN5,
        /// 매수호가잔량6 (bid size 6).
        BIDP_RSQN6,
        /// 매수호가잔량7 (bid size 7).
        BIDP_RSQN7,
        /// 매수호가잔량8 (bid size 8).
        BIDP_RSQN8,
        /// 매수호가잔량9 (bid size 9).
        BIDP_RSQN9,
        /// 매수호가잔량10 (bid size 10).
        BIDP_RSQN10,
        /// 총매도호가잔량 (total ask size).
        TOTAL_ASKP_RSQN,
        /// 총매수호가잔량 (total bid size).
        TOTAL_BIDP_RSQN,
        /// 시간외총매도호가잔량 (after-hours total ask size).
        OVTM_TOTAL_ASKP_RSQN,
        /// 시간외총매수호가잔량 (after-hours total bid size).
        OVTM_TOTAL_BIDP_RSQN,
        /// 예상체결가 (expected match price): 0 outside call auctions, and the changes below are then meaningless.
        ANTC_CNPR,
        /// 예상체결량 (expected match quantity).
        ANTC_CNQN,
        /// 예상거래량 (expected volume).
        ANTC_VOL,
        /// 예상체결대비 (expected price change).
        ANTC_CNTG_VRSS,
        /// 예상체결대비부호 (sign of expected change).
        ANTC_CNTG_VRSS_SIGN,
        /// 예상체결전일대비율 (expected percent change).
        ANTC_CNTG_PRDY_CTRT,
        /// 누적거래량 (cumulative volume).
        ACML_VOL,
        /// 총매도호가잔량증감 (total ask size change).
        TOTAL_ASKP_RSQN_ICDC,
        /// 총매수호가잔량증감 (total bid size change).
        TOTAL_BIDP_RSQN_ICDC,
        /// 시간외총매도호가증감 (after-hours total ask size change).
        OVTM_TOTAL_ASKP_ICDC,
        /// 시간외총매수호가증감 (after-hours total bid size change).
        OVTM_TOTAL_BIDP_ICDC,
        /// 주식매매구분코드 (trade class); unused.
        STCK_DEAL_CLS_CODE,
        /// KRX중간가 (midpoint price of KRX). From here on only in frames since 2026.
        KMID_PRC,
        /// KRX중간가잔량합계수량 (size at the midpoint of KRX).
        KMID_TOTAL_RSQN,
        /// KRX중간가매수매도구분 (side of the size at the midpoint of KRX).
        KMID_CLS_CODE,
    }
}
