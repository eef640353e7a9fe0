//! Trading days, and volatility interruptions of today. Real server only. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Rows};

/// What `chk-holiday` answers.
pub type ChkHolidayAnswer<'a> = Answer<'a, Rows<ChkHolidayRow<'a>>>;

/// What `inquire-vi-status` answers.
pub type InquireViStatusAnswer<'a> = Answer<'a, Rows<InquireViStatusRow<'a>>>;

records! {
    /// 국내휴장일조회 (calendar), `chk-holiday`. KIS asks for no more than one call a day.
    pub struct ChkHolidayQuery {
        /// 기준일자 (base date).
        bass_dt = "BASS_DT",
        /// 연속조회키 (continuation key NK): send empty / one space.
        ctx_area_nk = "CTX_AREA_NK",
        /// 연속조회검색조건 (continuation search key FK): send empty / one space.
        ctx_area_fk = "CTX_AREA_FK",
    }

    /// A day. `opnd_yn` says whether orders can be placed on it.
    pub struct ChkHolidayRow {
        /// 기준일자 (base date).
        bass_dt,
        /// 요일구분코드 (weekday code): 01 Sunday .. 07 Saturday.
        wday_dvsn_cd,
        /// 영업일여부 (bank business day flag): Y/N financial institutions open.
        bzdy_yn,
        /// 거래일여부 (trading-service day flag): Y/N account services available.
        tr_day_yn,
        /// 개장일여부 (market open day flag): Y/N market open for orders: use this one.
        opnd_yn,
        /// 결제일여부 (settlement day flag): Y/N settlement day.
        sttl_day_yn,
    }

    /// 변동성완화장치(VI) 현황 (volatility interruptions), `inquire-vi-status`: the last 30.
    pub struct InquireViStatusQuery {
        /// FID분류구분코드 (FID classification class code): 0 all, 1 up, 2 down.
        fid_div_cls_code = "FID_DIV_CLS_CODE",
        /// FID조건화면분류코드 (FID screen code): 20139.
        fid_cond_scr_div_code = "FID_COND_SCR_DIV_CODE",
        /// FID시장구분코드 (FID market class code): 0 all, K KOSPI, Q KOSDAQ.
        fid_mrkt_cls_code = "FID_MRKT_CLS_CODE",
        /// FID입력종목코드 (FID symbol code): six characters; seven for an ETN, which begins with Q.
        fid_input_iscd = "FID_INPUT_ISCD",
        /// FID순위정렬구분코드 (FID sort class code): 0 all, 1 static, 2 dynamic, 3 both.
        fid_rank_sort_cls_code = "FID_RANK_SORT_CLS_CODE",
        /// FID입력날짜1 (FID input date 1): YYYYMMDD start.
        fid_input_date_1 = "FID_INPUT_DATE_1",
        /// FID대상구분코드 (FID target class code).
        fid_trgt_cls_code = "FID_TRGT_CLS_CODE",
        /// FID대상제외구분코드 (FID exclusion class code).
        fid_trgt_exls_cls_code = "FID_TRGT_EXLS_CLS_CODE",
    }

    /// A volatility interruption.
    pub struct InquireViStatusRow {
        /// HTS한글종목명 (HTS Korean issue name).
        hts_kor_isnm,
        /// 유가증권단축종목코드 (short symbol code).
        mksc_shrn_iscd,
        /// VI발동상태 (VI trigger state): Y triggered, N released.
        vi_cls_code,
        /// 영업일자 (business date).
        bsop_date,
        /// VI발동시간 (VI trigger time).
        cntg_vi_hour,
        /// VI해제시간 (VI release time).
        vi_cncl_hour,
        /// VI종류코드 (VI kind code): 1 static, 2 dynamic, 3 both.
        vi_kind_code,
        /// VI발동가격 (VI trigger price).
        vi_prc,
        /// 정적VI발동기준가격 (static VI reference price).
        vi_stnd_prc,
        /// 정적VI발동괴리율 (static VI deviation rate).
        vi_dprt,
        /// 동적VI발동기준가격 (dynamic VI reference price).
        vi_dmc_stnd_prc,
        /// 동적VI발동괴리율 (dynamic VI deviation rate).
        vi_dmc_dprt,
        /// VI발동횟수 (VI trigger count).
        vi_count,
    }
}
