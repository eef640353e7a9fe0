//! 주식현재가 (the price now). KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, One};

/// What `inquire-price` answers.
pub type InquirePriceAnswer<'a> = Answer<'a, One<InquirePrice<'a>>>;

/// What `inquire-price-2` answers.
pub type InquirePrice2Answer<'a> = Answer<'a, One<InquirePrice2<'a>>>;

records! {
    /// What the three plain quotations ask with: `inquire-price`, `inquire-price-2`,
    /// `inquire-asking-price-exp-ccn`, `inquire-ccnl`.
    pub struct QuoteQuery {
        /// 조건시장분류코드 (market division code): J KRX, NX NXT, UN unified (W ELW on some quotes).
        fid_cond_mrkt_div_code = "FID_COND_MRKT_DIV_CODE",
        /// 입력종목코드 (symbol code): six characters; seven for an ETN, which begins with Q.
        fid_input_iscd = "FID_INPUT_ISCD",
    }

    /// 주식현재가 시세 (the price now), `inquire-price`.
    pub struct InquirePrice {
        /// 종목상태구분코드 (issue status code): 00 other, 51 administrative, 52 investment risk, 53 investment warning, 54
        /// investment caution, 55 credit allowed, 57 100% margin, 58 halted, 59 short-term overheated.
        iscd_stat_cls_code,
        /// 증거금비율 (margin ratio).
        marg_rate,
        /// 대표시장한글명 (representative market name).
        rprs_mrkt_kor_name,
        /// 신고가저가구분코드 (new high/low class code).
        new_hgpr_lwpr_cls_code,
        /// 업종한글종목명 (sector Korean issue name).
        bstp_kor_isnm,
        /// 임시정지여부 (temporary halt flag).
        temp_stop_yn,
        /// 시가범위연장여부 (open-range extension flag).
        oprc_rang_cont_yn,
        /// 종가범위연장여부 (close-range extension flag).
        clpr_rang_cont_yn,
        /// 신용가능여부 (credit allowed flag).
        crdt_able_yn,
        /// 보증금비율구분코드 (deposit ratio class code).
        grmn_rate_cls_code,
        /// ELW발행여부 (ELW issued flag).
        elw_pblc_yn,
        /// 주식현재가 (last price).
        stck_prpr,
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// 누적거래대금 (cumulative turnover).
        acml_tr_pbmn,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 전일대비거래량비율 (volume vs previous day, ratio).
        prdy_vrss_vol_rate,
        /// 주식시가2 (open price 2).
        stck_oprc,
        /// 주식최고가 (high price).
        stck_hgpr,
        /// 주식최저가 (low price).
        stck_lwpr,
        /// 주식상한가 (stock upper limit price).
        stck_mxpr,
        /// 주식하한가 (stock lower limit price).
        stck_llam,
        /// 주식기준가 (stock reference price).
        stck_sdpr,
        /// 가중평균주식가격 (volume-weighted average price).
        wghn_avrg_stck_prc,
        /// HTS외국인소진율 (HTS foreigner exhaustion rate).
        hts_frgn_ehrt,
        /// 외국인순매수수량 (foreigner net buy quantity).
        frgn_ntby_qty,
        /// 프로그램매매순매수수량 (program trading net buy quantity).
        pgtr_ntby_qty,
        /// 피벗2차디저항가격 (pivot 2 -stage demark resistance price).
        pvt_scnd_dmrs_prc,
        /// 피벗1차디저항가격 (pivot 1 -stage demark resistance price).
        pvt_frst_dmrs_prc,
        /// 피벗포인트값 (pivot point value).
        pvt_pont_val,
        /// 피벗1차디지지가격 (pivot 1 -stage demark support price).
        pvt_frst_dmsp_prc,
        /// 피벗2차디지지가격 (pivot 2 -stage demark support price).
        pvt_scnd_dmsp_prc,
        /// 디저항값 (demark resistance).
        dmrs_val,
        /// 디지지값 (demark support).
        dmsp_val,
        /// 자본금 (capital).
        cpfn,
        /// 제한폭가격 (price limit width).
        rstc_wdth_prc,
        /// 주식액면가 (stock par value).
        stck_fcam,
        /// 주식대용가 (stock substitute price).
        stck_sspr,
        /// 호가단위 (tick size).
        aspr_unit,
        /// HTS매매수량단위값 (HTS trade quantity unit value).
        hts_deal_qty_unit_val,
        /// 상장주수 (listed share count).
        lstn_stcn,
        /// HTS시가총액 (HTS market capitalisation).
        hts_avls,
        /// PER: price by earnings.
        per,
        /// PBR: price by book value.
        pbr,
        /// 결산월 (fiscal closing month).
        stac_month,
        /// 거래량회전율 (volume turnover ratio).
        vol_tnrt,
        /// EPS: earnings a share, won.
        eps,
        /// BPS: book value a share, won.
        bps,
        /// 250일최고가 (250 -day high).
        d250_hgpr,
        /// 250일최고가일자 (250 -day high date).
        d250_hgpr_date,
        /// 250일최고가대비현재가비율 (250 -day high change current price ratio).
        d250_hgpr_vrss_prpr_rate,
        /// 250일최저가 (250 -day low).
        d250_lwpr,
        /// 250일최저가일자 (250 -day low date).
        d250_lwpr_date,
        /// 250일최저가대비현재가비율 (250 -day low change current price ratio).
        d250_lwpr_vrss_prpr_rate,
        /// 주식연중최고가 (stock year-to-date high).
        stck_dryy_hgpr,
        /// 연중최고가대비현재가비율 (year-to-date current vs high ratio).
        dryy_hgpr_vrss_prpr_rate,
        /// 연중최고가일자 (year-to-date date of high).
        dryy_hgpr_date,
        /// 주식연중최저가 (stock year-to-date low).
        stck_dryy_lwpr,
        /// 연중최저가대비현재가비율 (year-to-date current vs low ratio).
        dryy_lwpr_vrss_prpr_rate,
        /// 연중최저가일자 (year-to-date date of low).
        dryy_lwpr_date,
        /// 52주일최고가 (52 -week high).
        w52_hgpr,
        /// 52주일최고가대비현재가대비 (52 -week current vs high change).
        w52_hgpr_vrss_prpr_ctrt,
        /// 52주일최고가일자 (52 -week date of high).
        w52_hgpr_date,
        /// 52주일최저가 (52 -week low).
        w52_lwpr,
        /// 52주일최저가대비현재가대비 (52 -week current vs low change).
        w52_lwpr_vrss_prpr_ctrt,
        /// 52주일최저가일자 (52 -week date of low).
        w52_lwpr_date,
        /// 전체융자잔고비율 (total margin loan balance ratio).
        whol_loan_rmnd_rate,
        /// 공매도가능여부 (short sale available flag).
        ssts_yn,
        /// 주식단축종목코드 (short symbol code).
        stck_shrn_iscd,
        /// 액면가통화명 (par value currency name).
        fcam_cnnm,
        /// 자본금통화명 (capital currency name).
        cpfn_cnnm,
        /// 접근도 (proximity).
        apprch_rate,
        /// 외국인보유수량 (foreigner held quantity).
        frgn_hldn_qty,
        /// VI적용구분코드 (VI applied flag): Y triggered, N released.
        vi_cls_code,
        /// 시간외단일가VI적용구분코드 (after-hours single-price VI flag): Y/N.
        ovtm_vi_cls_code,
        /// 최종공매도체결수량 (last short sale executed quantity).
        last_ssts_cntg_qty,
        /// 투자유의여부 (investment caution flag).
        invt_caful_yn,
        /// 시장경고코드 (market warning code): 00 none, 01 caution, 02 warning, 03 risk.
        mrkt_warn_cls_code,
        /// 단기과열여부 (short-term overheating flag).
        short_over_yn,
        /// 정리매매여부 (liquidation trading flag).
        sltr_yn,
        /// 관리종목여부 (administrative issue flag).
        mang_issu_cls_code,
    }

    /// 주식현재가 시세2 (the price now, other fields), `inquire-price-2`: real server only.
    pub struct InquirePrice2 {
        /// 대표시장한글명 (representative market name).
        rprs_mrkt_kor_name,
        /// 신고가저가구분코드 (new high/low class code).
        new_hgpr_lwpr_cls_code,
        /// 상하한가구분코드 (upper/lower limit class code).
        mxpr_llam_cls_code,
        /// 신용가능여부 (credit allowed flag).
        crdt_able_yn,
        /// 주식상한가 (stock upper limit price).
        stck_mxpr,
        /// ELW발행여부 (ELW issued flag).
        elw_pblc_yn,
        /// 전일종가대비시가2비율 (open vs previous close, percent).
        prdy_clpr_vrss_oprc_rate,
        /// 신용비율 (credit ratio).
        crdt_rate,
        /// 증거금비율 (margin ratio).
        marg_rate,
        /// 최저가대비현재가 (current vs low).
        lwpr_vrss_prpr,
        /// 최저가대비현재가부호 (sign of current vs low): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        lwpr_vrss_prpr_sign,
        /// 전일종가대비최저가비율 (low vs previous close, percent).
        prdy_clpr_vrss_lwpr_rate,
        /// 주식최저가 (low price).
        stck_lwpr,
        /// 최고가대비현재가 (current vs high).
        hgpr_vrss_prpr,
        /// 최고가대비현재가부호 (sign of current vs high): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        hgpr_vrss_prpr_sign,
        /// 전일종가대비최고가비율 (high vs previous close, percent).
        prdy_clpr_vrss_hgpr_rate,
        /// 주식최고가 (high price).
        stck_hgpr,
        /// 시가2대비현재가 (current vs open).
        oprc_vrss_prpr,
        /// 시가2대비현재가부호 (sign of current vs open): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        oprc_vrss_prpr_sign,
        /// 관리종목여부 (administrative issue flag).
        mang_issu_yn,
        /// 동시호가배분처리코드 (call-auction allotment code): two chars: first 1 start,2 release; second 1 buy upper,2 buy
        /// lower,3 sell upper,4 sell lower.
        divi_app_cls_code,
        /// 단기과열여부 (short-term overheating flag).
        short_over_yn,
        /// 시장경고코드 (market warning code): 00 none, 01 caution, 02 warning, 03 risk.
        mrkt_warn_cls_code,
        /// 투자유의여부 (investment caution flag).
        invt_caful_yn,
        /// 이상급등여부 (abnormal surge flag).
        stange_runup_yn,
        /// 공매도과열여부 (short sale overheating flag).
        ssts_hot_yn,
        /// 저유동성종목여부 (low liquidity flag).
        low_current_yn,
        /// VI적용구분코드 (VI applied flag): Y triggered, N released.
        vi_cls_code,
        /// 단기과열구분코드 (short-term overheating code).
        short_over_cls_code,
        /// 주식하한가 (stock lower limit price).
        stck_llam,
        /// 신규상장구분명 (new listing class name).
        new_lstn_cls_name,
        /// 임의매매구분명 (discretionary trade class name).
        vlnt_deal_cls_name,
        /// 락구분이름 (ex-right class name).
        flng_cls_name,
        /// 재평가종목사유명 (revaluation issue reason name).
        revl_issu_reas_name,
        /// 시장경고구분명 (market warning name).
        mrkt_warn_cls_name,
        /// 주식기준가 (stock reference price).
        stck_sdpr,
        /// 업종구분코드 (sector class code).
        bstp_cls_code,
        /// 주식전일종가 (stock previous close).
        stck_prdy_clpr,
        /// 불성실공시여부 (unfaithful disclosure flag).
        insn_pbnt_yn,
        /// 액면가변경구분명 (par value change class name).
        fcam_mod_cls_name,
        /// 주식현재가 (last price).
        stck_prpr,
        /// 전일대비 (change vs previous close).
        prdy_vrss,
        /// 전일대비부호 (sign of change vs previous close): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        prdy_vrss_sign,
        /// 전일대비율 (percent change vs previous close).
        prdy_ctrt,
        /// 누적거래대금 (cumulative turnover).
        acml_tr_pbmn,
        /// 누적거래량 (cumulative volume).
        acml_vol,
        /// 전일대비거래량비율 (volume vs previous day, ratio).
        prdy_vrss_vol_rate,
        /// 업종한글종목명 (sector Korean issue name).
        bstp_kor_isnm,
        /// 정리매매여부 (liquidation trading flag).
        sltr_yn,
        /// 거래정지여부 (trading halt flag): Y halted, N normal.
        trht_yn,
        /// 시가범위연장여부 (open-range extension flag).
        oprc_rang_cont_yn,
        /// 임의종료구분코드 (random-end class code).
        vlnt_fin_cls_code,
        /// 주식시가2 (open price 2).
        stck_oprc,
        /// 전일거래량 (previous-day volume).
        prdy_vol,
    }
}
