//! The values of market operations and of an index.

use super::field::fields;

fields! {
    /// State of an issue and its market (H0STMKO0, H0NXMKO0, H0UNMKO0).
    pub enum StatusField {
        /// 유가증권단축종목코드 (short symbol code).
        MKSC_SHRN_ISCD,
        /// 거래정지여부 (trading halt flag).
        TRHT_YN,
        /// 거래정지사유내용 (trading halt reason text).
        TR_SUSP_REAS_CNTT,
        /// 장운영구분코드 (market operation class code).
        MKOP_CLS_CODE,
        /// 예상장운영구분코드 (market operation, expected matches).
        ANTC_MKOP_CLS_CODE,
        /// 임의연장구분코드 (random end set and released).
        MRKT_TRTM_CLS_CODE,
        /// 동시호가배분처리구분코드 (allotment at the limit price in call auctions).
        DIVI_APP_CLS_CODE,
        /// 종목상태구분코드 (state of the issue).
        ISCD_STAT_CLS_CODE,
        /// VI적용구분코드 (VI applied flag).
        VI_CLS_CODE,
        /// 시간외단일가VI적용구분코드 (after-hours single-price VI flag).
        OVTM_VI_CLS_CODE,
        /// 거래소구분코드 (exchange): documented, but in no captured frame.
        EXCH_CLS_CODE,
    }
}

fields! {
    /// An index (H0UPCNT0). Points have two decimals.
    pub enum IndexField {
        /// 업종구분코드 (sector class code).
        BSTP_CLS_CODE,
        /// 영업시간 (business time).
        BSOP_HOUR,
        /// 현재가지수 (current index value).
        PRPR_NMIX,
        /// 전일대비부호 (sign of change vs previous close).
        PRDY_VRSS_SIGN,
        /// 업종지수전일대비 (sector index change vs previous close).
        BSTP_NMIX_PRDY_VRSS,
        /// 누적거래량 (cumulative volume).
        ACML_VOL,
        /// 누적거래대금 (cumulative turnover).
        ACML_TR_PBMN,
        /// 건별거래량 (volume of this record).
        PCAS_VOL,
        /// 건별거래대금 (turnover of this record).
        PCAS_TR_PBMN,
        /// 전일대비율 (percent change vs previous close).
        PRDY_CTRT,
        /// 시가지수 (index open).
        OPRC_NMIX,
        /// 지수최고가 (index high).
        NMIX_HGPR,
        /// 지수최저가 (index low).
        NMIX_LWPR,
        /// 시가대비지수현재가 (current vs open).
        OPRC_VRSS_NMIX_PRPR,
        /// 시가대비지수부호 (sign vs open).
        OPRC_VRSS_NMIX_SIGN,
        /// 최고가대비지수현재가 (current vs high).
        HGPR_VRSS_NMIX_PRPR,
        /// 최고가대비지수부호 (sign vs high).
        HGPR_VRSS_NMIX_SIGN,
        /// 최저가대비지수현재가 (current vs low).
        LWPR_VRSS_NMIX_PRPR,
        /// 최저가대비지수부호 (sign vs low).
        LWPR_VRSS_NMIX_SIGN,
        /// 전일종가대비시가2비율 (open vs previous close, percent).
        PRDY_CLPR_VRSS_OPRC_RATE,
        /// 전일종가대비최고가비율 (high vs previous close, percent).
        PRDY_CLPR_VRSS_HGPR_RATE,
        /// 전일종가대비최저가비율 (low vs previous close, percent).
        PRDY_CLPR_VRSS_LWPR_RATE,
        /// 상한종목수 (upper limit issue count).
        UPLM_ISSU_CNT,
        /// 상승종목수 (advancing issue count).
        ASCN_ISSU_CNT,
        /// 보합종목수 (unchanged issue count).
        STNR_ISSU_CNT,
        /// 하락종목수 (declining issue count).
        DOWN_ISSU_CNT,
        /// 하한종목수 (lower limit issue count).
        LSLM_ISSU_CNT,
        /// 기세상승종목수 (quote-only advancing issue count).
        QTQT_ASCN_ISSU_CNT,
        /// 기세하락종목수 (quote-only declining issue count).
        QTQT_DOWN_ISSU_CNT,
        /// TICK대비 (TICK change).
        TICK_VRSS,
    }
}
