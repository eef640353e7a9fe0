//! 체결 (trades of a symbol) and the prices of many symbols at once. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Nothing, One, Rows};

/// What `inquire-ccnl` answers.
pub type InquireCcnlAnswer<'a> = Answer<'a, Rows<InquireCcnlRow<'a>>>;

/// What `inquire-time-itemconclusion` answers.
pub type InquireTimeItemconclusionAnswer<'a> = Answer<
    'a,
    Nothing,
    One<InquireTimeItemconclusionHead<'a>>,
    Rows<InquireTimeItemconclusionRow<'a>>,
>;

/// What `intstock-multprice` answers.
pub type IntstockMultpriceAnswer<'a> = Answer<'a, Rows<IntstockMultpriceRow<'a>>>;

records! {
    /// 주식현재가 체결 (a trade), `inquire-ccnl`: the last 30, newest first.
    pub struct InquireCcnlRow {
        /// 주식체결시간 (trade time).
        stck_cntg_hour,
        /// 주식현재가 (last price).
        stck_prpr,
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 체결거래량 (trade volume).
        cntg_vol,
        /// 당일체결강도 (execution strength today).
        tday_rltv,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
    }

    /// 주식현재가 당일시간대별체결 (trades of the day back from a time), `inquire-time-itemconclusion`.
    pub struct InquireTimeItemconclusionQuery {
        /// 조건시장분류코드 (market division code): J KRX, NX NXT, UN unified (W ELW on some quotes).
        fid_cond_mrkt_div_code = "FID_COND_MRKT_DIV_CODE",
        /// 입력종목코드 (symbol code): six characters; seven for an ETN, which begins with Q.
        fid_input_iscd = "FID_INPUT_ISCD",
        /// 입력시간1 (input time 1): HHMMSS; returns bars at and before this time.
        fid_input_hour_1 = "FID_INPUT_HOUR_1",
    }

    /// The price now.
    pub struct InquireTimeItemconclusionHead {
        /// 주식현재가 (last price).
        stck_prpr,
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 전일거래량 (previous-day volume).
        prdy_vol,
        /// 대표시장한글명 (representative market name).
        rprs_mrkt_kor_name,
    }

    /// A trade.
    pub struct InquireTimeItemconclusionRow {
        /// 주식체결시간 (trade time).
        stck_cntg_hour,
        /// 주식현재가 (last price).
        stck_pbpr,
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// 매도호가 (ask price).
        askp,
        /// 매수호가 (bid price).
        bidp,
        /// 당일체결강도 (execution strength today).
        tday_rltv,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 체결량 (executed volume).
        cnqn,
    }

    /// 관심종목(멀티종목) 시세조회 (the price of one of many symbols), `intstock-multprice`: real server only, 30 symbols at
    /// most.
    pub struct IntstockMultpriceRow {
        /// 코스피코스닥구분명 (KOSPI KOSDAQ class name).
        kospi_kosdaq_cls_name,
        /// 시장조치구분명 (market action name).
        mrkt_trtm_cls_name,
        /// 시간구분코드 (session class code): 0 intraday, A post-close expected, B pre-open expected, C expected after
        /// 09:00 / VI, D after-hours single-price expected.
        hour_cls_code,
        /// 관심단축종목코드 (short symbol code).
        inter_shrn_iscd,
        /// 관심한글종목명 (watched Korean issue name).
        inter_kor_isnm,
        /// 관심2현재가 (watched 2 current price).
        inter2_prpr,
        /// 관심2전일대비 (watched 2 change vs previous close).
        inter2_prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 관심2시가 (watched 2 open).
        inter2_oprc,
        /// 관심2고가 (watched 2 high).
        inter2_hgpr,
        /// 관심2저가 (watched 2 low).
        inter2_lwpr,
        /// 관심2하한가 (watched 2 lower limit price).
        inter2_llam,
        /// 관심2상한가 (watched 2 upper limit price).
        inter2_mxpr,
        /// 관심2매도호가 (watched 2 ask price).
        inter2_askp,
        /// 관심2매수호가 (watched 2 bid price).
        inter2_bidp,
        /// 매도잔량 (ask size).
        seln_rsqn,
        /// 매수2잔량 (buy 2 size).
        shnu_rsqn,
        /// 총매도호가잔량 (total ask size).
        total_askp_rsqn,
        /// 총매수호가잔량 (total bid size).
        total_bidp_rsqn,
        /// 누적거래대금 (cumulative turnover).
        acml_tr_pbmn,
        /// 관심2전일종가 (watched 2 previous close).
        inter2_prdy_clpr,
        /// 시가대비최고가비율 (high vs open, ratio).
        oprc_vrss_hgpr_rate,
        /// 관심예상체결대비 (watched expected price change).
        intr_antc_cntg_vrss,
        /// 관심예상체결대비부호 (watched sign of expected change).
        intr_antc_cntg_vrss_sign,
        /// 관심예상체결전일대비율 (watched expected percent change).
        intr_antc_cntg_prdy_ctrt,
        /// 관심예상거래량 (watched expected volume).
        intr_antc_vol,
        /// 관심2기준가 (watched 2 reference price).
        inter2_sdpr,
    }
}
