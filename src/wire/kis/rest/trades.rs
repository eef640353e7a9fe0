//! 체결 (trades of a symbol). KIS developers' portal, read 2026-07.

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
}
