//! Candles by minute, day, week, month and year.
//!
//! FID_ORG_ADJ_PRC means the opposite in the two daily calls: 1 asks for adjusted prices in `inquire-daily-price`, 0 in
//! `inquire-daily-itemchartprice`. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Nothing, One, Rows};

/// What `inquire-daily-price` answers.
pub type InquireDailyPriceAnswer<'a> = Answer<'a, Rows<InquireDailyPriceRow<'a>>>;

/// What `inquire-daily-itemchartprice` answers.
pub type InquireDailyItemchartpriceAnswer<'a> = Answer<
    'a,
    Nothing,
    One<InquireDailyItemchartpriceHead<'a>>,
    Rows<InquireDailyItemchartpriceRow<'a>>,
>;

/// What `inquire-time-itemchartprice` and `inquire-time-dailychartprice` answer.
pub type InquireTimeItemchartpriceAnswer<'a> = Answer<
    'a,
    Nothing,
    One<InquireTimeItemchartpriceHead<'a>>,
    Rows<InquireTimeItemchartpriceRow<'a>>,
>;

records! {
    /// 주식현재가 일자별 (the last 30 days, weeks or months), `inquire-daily-price`.
    pub struct InquireDailyPriceQuery {
        /// 조건시장분류코드 (market division code): J KRX, NX NXT, UN unified (W ELW on some quotes).
        fid_cond_mrkt_div_code = "FID_COND_MRKT_DIV_CODE",
        /// 입력종목코드 (symbol code): six characters; seven for an ETN, which begins with Q.
        fid_input_iscd = "FID_INPUT_ISCD",
        /// 기간분류코드 (period class code): D last 30 trading days, W 30 weeks, M 30 months.
        fid_period_div_code = "FID_PERIOD_DIV_CODE",
        /// 수정주가원주가가격 (adjusted/raw price selector): 0 raw (no adjustment), 1 adjusted.
        fid_org_adj_prc = "FID_ORG_ADJ_PRC",
    }

    /// A candle of `inquire-daily-price`, newest first.
    pub struct InquireDailyPriceRow {
        /// 주식영업일자 (stock business date).
        stck_bsop_date,
        /// 주식시가2 (open price 2).
        stck_oprc,
        /// 주식최고가 (high price).
        stck_hgpr,
        /// 주식최저가 (low price).
        stck_lwpr,
        /// 주식종가 (close price).
        stck_clpr,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 전일대비거래량비율 (volume vs previous day, ratio).
        prdy_vrss_vol_rate,
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// HTS외국인소진율 (HTS foreigner exhaustion rate).
        hts_frgn_ehrt,
        /// 외국인순매수수량 (foreigner net buy quantity).
        frgn_ntby_qty,
        /// 락구분코드 (ex-right class code): 00 none, 01 ex-rights, 02 ex-dividend, 03 ex-distribution, 04
        /// ex-rights+dividend, 05 interim/quarter ex-dividend, 06 rights+interim, 07 rights+quarter.
        flng_cls_code,
        /// 누적분할비율 (cumulative split ratio).
        acml_prtt_rate,
    }

    /// 국내주식기간별시세 (candles of a range of dates), `inquire-daily-itemchartprice`: 100 rows at most, newest first; the
    /// next page ends a day before the last row.
    pub struct InquireDailyItemchartpriceQuery {
        /// 조건시장분류코드 (market division code): J KRX, NX NXT, UN unified (W ELW on some quotes).
        fid_cond_mrkt_div_code = "FID_COND_MRKT_DIV_CODE",
        /// 입력종목코드 (symbol code): six characters; seven for an ETN, which begins with Q.
        fid_input_iscd = "FID_INPUT_ISCD",
        /// 입력날짜1 (input date 1): YYYYMMDD start.
        fid_input_date_1 = "FID_INPUT_DATE_1",
        /// 입력날짜2 (input date 2): YYYYMMDD end; at most 100 rows per call.
        fid_input_date_2 = "FID_INPUT_DATE_2",
        /// 기간분류코드 (period class code): D, W, M, Y.
        fid_period_div_code = "FID_PERIOD_DIV_CODE",
        /// 수정주가원주가가격여부 (adjusted/raw price selector): 0 adjusted, 1 raw  (opposite of inquire-daily-price).
        fid_org_adj_prc = "FID_ORG_ADJ_PRC",
    }

    /// The price now.
    pub struct InquireDailyItemchartpriceHead {
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// 주식전일종가 (stock previous close).
        stck_prdy_clpr,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 누적거래대금 (cumulative turnover).
        acml_tr_pbmn,
        /// HTS한글종목명 (HTS Korean issue name).
        hts_kor_isnm,
        /// 주식현재가 (last price).
        stck_prpr,
        /// 주식단축종목코드 (short symbol code).
        stck_shrn_iscd,
        /// 전일거래량 (previous-day volume).
        prdy_vol,
        /// 주식상한가 (stock upper limit price).
        stck_mxpr,
        /// 주식하한가 (stock lower limit price).
        stck_llam,
        /// 주식시가2 (open price 2).
        stck_oprc,
        /// 주식최고가 (high price).
        stck_hgpr,
        /// 주식최저가 (low price).
        stck_lwpr,
        /// 주식전일시가 (stock previous day open).
        stck_prdy_oprc,
        /// 주식전일최고가 (stock previous day high).
        stck_prdy_hgpr,
        /// 주식전일최저가 (stock previous day low).
        stck_prdy_lwpr,
        /// 매도호가 (ask price).
        askp,
        /// 매수호가 (bid price).
        bidp,
        /// 전일대비거래량 (volume vs previous day).
        prdy_vrss_vol,
        /// 거래량회전율 (volume turnover ratio).
        vol_tnrt,
        /// 주식액면가 (stock par value).
        stck_fcam,
        /// 상장주수 (listed share count).
        lstn_stcn,
        /// 자본금 (capital).
        cpfn,
        /// HTS시가총액 (HTS market capitalisation).
        hts_avls,
        /// PER: price by earnings.
        per,
        /// EPS: earnings a share, won.
        eps,
        /// PBR: price by book value.
        pbr,
        /// 전체융자잔고비율 (total margin loan balance ratio).
        itewhol_loan_rmnd_ratem,
    }

    /// A candle of a day, week, month or year.
    pub struct InquireDailyItemchartpriceRow {
        /// 주식영업일자 (stock business date).
        stck_bsop_date,
        /// 주식종가 (close price).
        stck_clpr,
        /// 주식시가2 (open price 2).
        stck_oprc,
        /// 주식최고가 (high price).
        stck_hgpr,
        /// 주식최저가 (low price).
        stck_lwpr,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 누적거래대금 (cumulative turnover).
        acml_tr_pbmn,
        /// 락구분코드 (ex-right class code): 00 none, 01 ex-rights, 02 ex-dividend, 03 ex-distribution, 04
        /// ex-rights+dividend, 05 interim/quarter ex-dividend, 06 rights+interim, 07 rights+quarter.
        flng_cls_code,
        /// 분할비율 (split ratio).
        prtt_rate,
        /// 변경여부 (change flag).
        mod_yn,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 재평가사유코드 (revaluation reason code): 00 none, 01 spin-off, 02 capital reduction, 03 long halt, 04 excess
        /// distribution, 05 large dividend, 06 split-merger, 07 ETN merge/split, 08 new security price adjust, 99
        /// other.
        revl_issu_reas,
    }

    /// 주식당일분봉조회 (minutes of today), `inquire-time-itemchartprice`: 30 rows, newest first. A time to come repeats
    /// the price now.
    pub struct InquireTimeItemchartpriceQuery {
        /// 조건시장분류코드 (market division code): J KRX, NX NXT, UN unified (W ELW on some quotes).
        fid_cond_mrkt_div_code = "FID_COND_MRKT_DIV_CODE",
        /// 입력종목코드 (symbol code): six characters; seven for an ETN, which begins with Q.
        fid_input_iscd = "FID_INPUT_ISCD",
        /// 입력시간1 (input time 1): HHMMSS; returns bars at and before this time.
        fid_input_hour_1 = "FID_INPUT_HOUR_1",
        /// 과거데이터포함여부 (include past data flag): Y/N include previous day.
        fid_pw_data_incu_yn = "FID_PW_DATA_INCU_YN",
        /// 기타구분코드 (other class code): empty.
        fid_etc_cls_code = "FID_ETC_CLS_CODE",
    }

    /// The price now; also of `inquire-time-dailychartprice`.
    pub struct InquireTimeItemchartpriceHead {
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// 전일대비종가 (previous close).
        stck_prdy_clpr,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 누적거래대금 (cumulative turnover).
        acml_tr_pbmn,
        /// 한글종목명 (Korean issue name).
        hts_kor_isnm,
        /// 주식현재가 (last price).
        stck_prpr,
    }

    /// A candle of a minute; also of `inquire-time-dailychartprice`.
    pub struct InquireTimeItemchartpriceRow {
        /// 주식영업일자 (stock business date).
        stck_bsop_date,
        /// 주식체결시간 (trade time).
        stck_cntg_hour,
        /// 주식현재가 (last price).
        stck_prpr,
        /// 주식시가 (open price).
        stck_oprc,
        /// 주식최고가 (high price).
        stck_hgpr,
        /// 주식최저가 (low price).
        stck_lwpr,
        /// 체결거래량 (trade volume).
        cntg_vol,
        /// 누적거래대금 (cumulative turnover).
        acml_tr_pbmn,
    }

    /// 주식일별분봉조회 (minutes of a past day), `inquire-time-dailychartprice`: real server only, 120 rows, about a year
    /// back.
    pub struct InquireTimeDailychartpriceQuery {
        /// 조건시장분류코드 (market division code): J KRX, NX NXT, UN unified (W ELW on some quotes).
        fid_cond_mrkt_div_code = "FID_COND_MRKT_DIV_CODE",
        /// 입력종목코드 (symbol code): six characters; seven for an ETN, which begins with Q.
        fid_input_iscd = "FID_INPUT_ISCD",
        /// 입력시간1 (input time 1): HHMMSS; returns bars at and before this time.
        fid_input_hour_1 = "FID_INPUT_HOUR_1",
        /// 입력날짜1 (input date 1): YYYYMMDD start.
        fid_input_date_1 = "FID_INPUT_DATE_1",
        /// 과거데이터포함여부 (include past data flag): Y/N include previous day.
        fid_pw_data_incu_yn = "FID_PW_DATA_INCU_YN",
        /// 허봉포함여부 (include empty bars flag): send empty.
        fid_fake_tick_incu_yn = "FID_FAKE_TICK_INCU_YN",
    }
}
