//! The values of a trade, and of an expected trade.

use super::field::fields;

fields! {
    /// A trade (H0STCNT0, H0NXCNT0, H0UNCNT0); also an expected one (H0STANC0, H0NXANC0, H0UNANC0) and one of the single price after
    /// hours (H0STOUP0, H0STOAC0), whose records end earlier.
    ///
    /// Where KIS names a place differently from feed to feed, the name is that of H0STCNT0.
    pub enum TradeField {
        /// 유가증권단축종목코드 (short symbol code).
        MKSC_SHRN_ISCD,
        /// 주식체결시간 (trade time).
        STCK_CNTG_HOUR,
        /// 주식현재가 (last price).
        STCK_PRPR,
        /// 전일대비부호 (sign of change vs previous close).
        PRDY_VRSS_SIGN,
        /// 전일대비 (change vs previous close).
        PRDY_VRSS,
        /// 전일대비율 (percent change vs previous close).
        PRDY_CTRT,
        /// 가중평균주식가격 (volume-weighted average price).
        WGHN_AVRG_STCK_PRC,
        /// 주식시가 (open price).
        STCK_OPRC,
        /// 주식최고가 (high price).
        STCK_HGPR,
        /// 주식최저가 (low price).
        STCK_LWPR,
        /// 매도호가1 (ask price 1).
        ASKP1,
        /// 매수호가1 (bid price 1).
        BIDP1,
        /// 체결거래량 (trade volume).
        CNTG_VOL,
        /// 누적거래량 (cumulative volume).
        ACML_VOL,
        /// 누적거래대금 (cumulative turnover).
        ACML_TR_PBMN,
        /// 매도체결건수 (sell trade count).
        SELN_CNTG_CSNU,
        /// 매수체결건수 (buy trade count).
        SHNU_CNTG_CSNU,
        /// 순매수체결건수 (net buy trade count).
        NTBY_CNTG_CSNU,
        /// 체결강도 (execution strength).
        CTTR,
        /// 총매도수량 (total sell quantity).
        SELN_CNTG_SMTN,
        /// 총매수수량 (total buy quantity).
        SHNU_CNTG_SMTN,
        /// 체결구분 (who took: 1 the buyer, 5 the seller; 3 before the open). `CNTG_CLS_CODE` in the other feeds.
        CCLD_DVSN,
        /// 매수비율 (buy ratio).
        SHNU_RATE,
        /// 전일거래량대비등락율 (volume change rate vs previous day).
        PRDY_VOL_VRSS_ACML_VOL_RATE,
        /// 시가시간 (time of open).
        OPRC_HOUR,
        /// 시가대비구분 (sign vs open).
        OPRC_VRSS_PRPR_SIGN,
        /// 시가대비 (change vs open).
        OPRC_VRSS_PRPR,
        /// 최고가시간 (time of high).
        HGPR_HOUR,
        /// 고가대비구분 (sign vs high).
        HGPR_VRSS_PRPR_SIGN,
        /// 고가대비 (change vs high).
        HGPR_VRSS_PRPR,
        /// 최저가시간 (time of low).
        LWPR_HOUR,
        /// 저가대비구분 (sign vs low).
        LWPR_VRSS_PRPR_SIGN,
        /// 저가대비 (change vs low).
        LWPR_VRSS_PRPR,
        /// 영업일자 (business date).
        BSOP_DATE,
        /// 신장운영구분코드 (market operation): two characters, phase and kind of trading; `20` is the continuous session.
        NEW_MKOP_CLS_CODE,
        /// 거래정지여부 (trading halt flag).
        TRHT_YN,
        /// 매도호가잔량1 (ask size 1).
        ASKP_RSQN1,
        /// 매수호가잔량1 (bid size 1).
        BIDP_RSQN1,
        /// 총매도호가잔량 (total ask size).
        TOTAL_ASKP_RSQN,
        /// 총매수호가잔량 (total bid size).
        TOTAL_BIDP_RSQN,
        /// 거래량회전율 (volume turnover ratio).
        VOL_TNRT,
        /// 전일동시간누적거래량 (previous-day cumulative volume at same time).
        PRDY_SMNS_HOUR_ACML_VOL,
        /// 전일동시간누적거래량비율 (ratio to previous-day cumulative volume at same time).
        PRDY_SMNS_HOUR_ACML_VOL_RATE,
        /// 시간구분코드 (session class): 0 intraday; A, B, C, D expected matches.
        HOUR_CLS_CODE,
        /// 임의종료구분코드 (random-end class code).
        MRKT_TRTM_CLS_CODE,
        /// 정적VI발동기준가 (static VI reference price).
        VI_STND_PRC,
        /// The session of the trade: 1 before the open, 2 regular, 3 after the close, 5 closing price. Sent since
        /// 2026-09-14, according to two public clients; no capture is at hand.
        MARKET_CLS_CODE,
    }
}
