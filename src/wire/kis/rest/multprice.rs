//! 관심종목(멀티종목) 시세조회 (prices of many symbols at once). Real server only. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Rows};

/// What `intstock-multprice` answers.
pub type IntstockMultpriceAnswer<'a> = Answer<'a, Rows<IntstockMultpriceRow<'a>>>;

records! {
    /// What `intstock-multprice` is asked with: 30 symbols, and empty fields behind the last.
    pub struct IntstockMultpriceQuery {
        /// 조건시장분류코드 (market) of the 1st symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_1 = "FID_COND_MRKT_DIV_CODE_1",
        /// 입력종목코드 (1st symbol).
        fid_input_iscd_1 = "FID_INPUT_ISCD_1",
        /// 조건시장분류코드 (market) of the 2nd symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_2 = "FID_COND_MRKT_DIV_CODE_2",
        /// 입력종목코드 (2nd symbol).
        fid_input_iscd_2 = "FID_INPUT_ISCD_2",
        /// 조건시장분류코드 (market) of the 3rd symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_3 = "FID_COND_MRKT_DIV_CODE_3",
        /// 입력종목코드 (3rd symbol).
        fid_input_iscd_3 = "FID_INPUT_ISCD_3",
        /// 조건시장분류코드 (market) of the 4th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_4 = "FID_COND_MRKT_DIV_CODE_4",
        /// 입력종목코드 (4th symbol).
        fid_input_iscd_4 = "FID_INPUT_ISCD_4",
        /// 조건시장분류코드 (market) of the 5th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_5 = "FID_COND_MRKT_DIV_CODE_5",
        /// 입력종목코드 (5th symbol).
        fid_input_iscd_5 = "FID_INPUT_ISCD_5",
        /// 조건시장분류코드 (market) of the 6th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_6 = "FID_COND_MRKT_DIV_CODE_6",
        /// 입력종목코드 (6th symbol).
        fid_input_iscd_6 = "FID_INPUT_ISCD_6",
        /// 조건시장분류코드 (market) of the 7th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_7 = "FID_COND_MRKT_DIV_CODE_7",
        /// 입력종목코드 (7th symbol).
        fid_input_iscd_7 = "FID_INPUT_ISCD_7",
        /// 조건시장분류코드 (market) of the 8th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_8 = "FID_COND_MRKT_DIV_CODE_8",
        /// 입력종목코드 (8th symbol).
        fid_input_iscd_8 = "FID_INPUT_ISCD_8",
        /// 조건시장분류코드 (market) of the 9th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_9 = "FID_COND_MRKT_DIV_CODE_9",
        /// 입력종목코드 (9th symbol).
        fid_input_iscd_9 = "FID_INPUT_ISCD_9",
        /// 조건시장분류코드 (market) of the 10th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_10 = "FID_COND_MRKT_DIV_CODE_10",
        /// 입력종목코드 (10th symbol).
        fid_input_iscd_10 = "FID_INPUT_ISCD_10",
        /// 조건시장분류코드 (market) of the 11th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_11 = "FID_COND_MRKT_DIV_CODE_11",
        /// 입력종목코드 (11th symbol).
        fid_input_iscd_11 = "FID_INPUT_ISCD_11",
        /// 조건시장분류코드 (market) of the 12th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_12 = "FID_COND_MRKT_DIV_CODE_12",
        /// 입력종목코드 (12th symbol).
        fid_input_iscd_12 = "FID_INPUT_ISCD_12",
        /// 조건시장분류코드 (market) of the 13th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_13 = "FID_COND_MRKT_DIV_CODE_13",
        /// 입력종목코드 (13th symbol).
        fid_input_iscd_13 = "FID_INPUT_ISCD_13",
        /// 조건시장분류코드 (market) of the 14th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_14 = "FID_COND_MRKT_DIV_CODE_14",
        /// 입력종목코드 (14th symbol).
        fid_input_iscd_14 = "FID_INPUT_ISCD_14",
        /// 조건시장분류코드 (market) of the 15th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_15 = "FID_COND_MRKT_DIV_CODE_15",
        /// 입력종목코드 (15th symbol).
        fid_input_iscd_15 = "FID_INPUT_ISCD_15",
        /// 조건시장분류코드 (market) of the 16th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_16 = "FID_COND_MRKT_DIV_CODE_16",
        /// 입력종목코드 (16th symbol).
        fid_input_iscd_16 = "FID_INPUT_ISCD_16",
        /// 조건시장분류코드 (market) of the 17th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_17 = "FID_COND_MRKT_DIV_CODE_17",
        /// 입력종목코드 (17th symbol).
        fid_input_iscd_17 = "FID_INPUT_ISCD_17",
        /// 조건시장분류코드 (market) of the 18th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_18 = "FID_COND_MRKT_DIV_CODE_18",
        /// 입력종목코드 (18th symbol).
        fid_input_iscd_18 = "FID_INPUT_ISCD_18",
        /// 조건시장분류코드 (market) of the 19th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_19 = "FID_COND_MRKT_DIV_CODE_19",
        /// 입력종목코드 (19th symbol).
        fid_input_iscd_19 = "FID_INPUT_ISCD_19",
        /// 조건시장분류코드 (market) of the 20th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_20 = "FID_COND_MRKT_DIV_CODE_20",
        /// 입력종목코드 (20th symbol).
        fid_input_iscd_20 = "FID_INPUT_ISCD_20",
        /// 조건시장분류코드 (market) of the 21st symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_21 = "FID_COND_MRKT_DIV_CODE_21",
        /// 입력종목코드 (21st symbol).
        fid_input_iscd_21 = "FID_INPUT_ISCD_21",
        /// 조건시장분류코드 (market) of the 22nd symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_22 = "FID_COND_MRKT_DIV_CODE_22",
        /// 입력종목코드 (22nd symbol).
        fid_input_iscd_22 = "FID_INPUT_ISCD_22",
        /// 조건시장분류코드 (market) of the 23rd symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_23 = "FID_COND_MRKT_DIV_CODE_23",
        /// 입력종목코드 (23rd symbol).
        fid_input_iscd_23 = "FID_INPUT_ISCD_23",
        /// 조건시장분류코드 (market) of the 24th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_24 = "FID_COND_MRKT_DIV_CODE_24",
        /// 입력종목코드 (24th symbol).
        fid_input_iscd_24 = "FID_INPUT_ISCD_24",
        /// 조건시장분류코드 (market) of the 25th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_25 = "FID_COND_MRKT_DIV_CODE_25",
        /// 입력종목코드 (25th symbol).
        fid_input_iscd_25 = "FID_INPUT_ISCD_25",
        /// 조건시장분류코드 (market) of the 26th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_26 = "FID_COND_MRKT_DIV_CODE_26",
        /// 입력종목코드 (26th symbol).
        fid_input_iscd_26 = "FID_INPUT_ISCD_26",
        /// 조건시장분류코드 (market) of the 27th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_27 = "FID_COND_MRKT_DIV_CODE_27",
        /// 입력종목코드 (27th symbol).
        fid_input_iscd_27 = "FID_INPUT_ISCD_27",
        /// 조건시장분류코드 (market) of the 28th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_28 = "FID_COND_MRKT_DIV_CODE_28",
        /// 입력종목코드 (28th symbol).
        fid_input_iscd_28 = "FID_INPUT_ISCD_28",
        /// 조건시장분류코드 (market) of the 29th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_29 = "FID_COND_MRKT_DIV_CODE_29",
        /// 입력종목코드 (29th symbol).
        fid_input_iscd_29 = "FID_INPUT_ISCD_29",
        /// 조건시장분류코드 (market) of the 30th symbol: a code of [`MarketDiv`](super::super::codes::MarketDiv).
        fid_cond_mrkt_div_code_30 = "FID_COND_MRKT_DIV_CODE_30",
        /// 입력종목코드 (30th symbol).
        fid_input_iscd_30 = "FID_INPUT_ISCD_30",
    }

    /// The price of one of the symbols.
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
