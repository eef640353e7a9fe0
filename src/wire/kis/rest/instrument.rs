//! Who a symbol is. Real server only. KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, One};

/// What `search-info` answers.
pub type SearchInfoAnswer<'a> = Answer<'a, One<SearchInfo<'a>>>;

/// What `search-stock-info` answers.
pub type SearchStockInfoAnswer<'a> = Answer<'a, One<SearchStockInfo<'a>>>;

records! {
    /// 상품기본조회 (product), `search-info`; also asks `search-stock-info`.
    pub struct SearchInfoQuery {
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno = "PDNO",
        /// 상품유형코드 (product type code): 300 stock, ETF, ETN or ELW; 301 futures and options; 302 bond; 306 ELS.
        prdt_type_cd = "PRDT_TYPE_CD",
    }

    /// A product.
    pub struct SearchInfo {
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품유형코드 (product type code): 300 stock, ETF, ETN or ELW; 301 futures and options; 302 bond; 306 ELS.
        prdt_type_cd,
        /// 상품명 (product name).
        prdt_name,
        /// 상품명120 (product name 120).
        prdt_name120,
        /// 상품약어명 (product abbreviation name).
        prdt_abrv_name,
        /// 상품영문명 (product English name).
        prdt_eng_name,
        /// 상품영문명120 (product English name 120).
        prdt_eng_name120,
        /// 상품영문약어명 (product English abbreviation name).
        prdt_eng_abrv_name,
        /// 표준상품번호 (standard product number, ISIN).
        std_pdno,
        /// 단축상품번호 (short product number).
        shtn_pdno,
        /// 상품판매상태코드 (product sale state code).
        prdt_sale_stat_cd,
        /// 상품위험등급코드 (product risk grade code).
        prdt_risk_grad_cd | "prdt_risk_grade_cd",
        /// 상품분류코드 (product classification code).
        prdt_clsf_cd,
        /// 상품분류명 (product classification name).
        prdt_clsf_name,
        /// 판매시작일자 (sale start date).
        sale_strt_dt,
        /// 판매종료일자 (sale end date).
        sale_end_dt,
        /// 랩어카운트자산유형코드 (wrap-account asset type code).
        wrap_asst_type_cd,
        /// 투자상품유형코드 (investment product type code).
        ivst_prdt_type_cd,
        /// 투자상품유형코드명 (investment product type code name).
        ivst_prdt_type_cd_name,
        /// 최초등록일자 (first registration date).
        frst_erlm_dt,
    }

    /// 주식기본조회 (share), `search-stock-info`.
    pub struct SearchStockInfo {
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품유형코드 (product type code): 300 stock, ETF, ETN or ELW; 301 futures and options; 302 bond; 306 ELS.
        prdt_type_cd,
        /// 시장ID코드 (market ID code): AGR agri-livestock, BON bond, CMD commodity derivatives, CMX CME linked, CUR
        /// currency derivatives, ENG energy, EQU equity derivatives, ETF ETF derivatives, IRT interest-rate
        /// derivatives, KNX KONEX, KSQ KOSDAQ, MTL metal, SPI index derivatives, STK KOSPI.
        mket_id_cd,
        /// 증권그룹ID코드 (security group id code): BC beneficiary cert, DR, EF ETF, EN ETN, EW ELW, FE foreign ETF, FO
        /// F/O, FS foreign stock, FU futures, FX flex futures, GD spot gold, IC investment contract, IF infra fund,
        /// KN KONEX, MF mutual fund, OP option, RT REIT, SC ship fund, SR subscription right, ST stock, SW warrant,
        /// TC trust cert.
        scty_grp_id_cd | "scrt_grp_id_cd",
        /// 거래소구분코드 (exchange class code): 02 KRX, 03 KOSDAQ, 04 K-OTC, 61 before the open, 64 block, 65 auction, 81
        /// after-hours auctions; 12 was seen on orders sent through SOR.
        excg_dvsn_cd,
        /// 결산월일 (fiscal closing month-day).
        setl_mmdd,
        /// 상장주수 (listed share count).
        lstg_stqt,
        /// 상장자본금액 (listing capital 액).
        lstg_cptl_amt,
        /// 자본금 (capital).
        cpta,
        /// 액면가 (par value).
        papr,
        /// 발행가격 (issue price).
        issu_pric,
        /// 코스피200종목여부 (KOSPI 200 issue flag).
        kospi200_item_yn,
        /// 유가증권시장상장일자 (KOSPI market market listing date).
        scts_mket_lstg_dt,
        /// 유가증권시장상장폐지일자 (KOSPI market market listing delisting date).
        scts_mket_lstg_abol_dt,
        /// 코스닥시장상장일자 (KOSDAQ market listing date).
        kosdaq_mket_lstg_dt,
        /// 코스닥시장상장폐지일자 (KOSDAQ market listing delisting date).
        kosdaq_mket_lstg_abol_dt,
        /// 프리보드시장상장일자 (K-OTC market listing date).
        frbd_mket_lstg_dt,
        /// 프리보드시장상장폐지일자 (K-OTC market listing delisting date).
        frbd_mket_lstg_abol_dt,
        /// 리츠종류코드 (REIT kind code).
        reits_kind_cd,
        /// ETF구분코드 (ETF class code).
        etf_dvsn_cd,
        /// 유전펀드여부 (oil-field fund flag).
        oilf_fund_yn,
        /// 지수업종대분류코드 (index sector large class code).
        idx_bztp_lcls_cd,
        /// 지수업종중분류코드 (index sector middle class code).
        idx_bztp_mcls_cd,
        /// 지수업종소분류코드 (index sector small class code).
        idx_bztp_scls_cd,
        /// 주식종류코드 (stock kind code): 000 n/a, 101 common, 201..220 preferred (n-th), 301 deferred, 401 mixed.
        stck_kind_cd,
        /// 뮤추얼펀드개시일자 (mutual fund opening date).
        mfnd_opng_dt,
        /// 뮤추얼펀드종료일자 (mutual fund end date).
        mfnd_end_dt,
        /// 예탁등록취소일자 (deposit registration cancel date).
        dpsi_erlm_cncl_dt,
        /// ETFCU수량 (ETFCU quantity).
        etf_cu_qty,
        /// 상품명 (product name).
        prdt_name,
        /// 상품명120 (product name 120).
        prdt_name120,
        /// 상품약어명 (product abbreviation name).
        prdt_abrv_name,
        /// 표준상품번호 (standard product number, ISIN).
        std_pdno,
        /// 상품영문명 (product English name).
        prdt_eng_name,
        /// 상품영문명120 (product English name 120).
        prdt_eng_name120,
        /// 상품영문약어명 (product English abbreviation name).
        prdt_eng_abrv_name,
        /// 예탁지정등록여부 (deposit designation registration flag).
        dpsi_aptm_erlm_yn,
        /// ETF과세유형코드 (ETF tax type code).
        etf_txtn_type_cd,
        /// ETF유형코드 (ETF type code).
        etf_type_cd,
        /// 상장폐지일자 (listing delisting date).
        lstg_abol_dt,
        /// 신주구주구분코드 (new share old 주 class code).
        nwst_odst_dvsn_cd,
        /// 대용가격 (substitute, collateral price).
        sbst_pric,
        /// 당사대용가격 (KIS-internal substitute, collateral price).
        thco_sbst_pric,
        /// 당사대용가격변경일자 (KIS-internal substitute, collateral price change date).
        thco_sbst_pric_chng_dt,
        /// 거래정지여부 (trading halt flag).
        tr_stop_yn,
        /// 관리종목여부 (administrative issue flag).
        admn_item_yn,
        /// 당일종가 (close of the day).
        thdt_clpr,
        /// 전일종가 (previous close).
        bfdy_clpr,
        /// 종가변경일자 (close price change date).
        clpr_chng_dt,
        /// 표준산업분류코드 (standard industry classification code).
        std_idst_clsf_cd,
        /// 표준산업분류코드명 (standard industry classification code name).
        std_idst_clsf_cd_name,
        /// 지수업종대분류코드명 (index sector large class code name).
        idx_bztp_lcls_cd_name,
        /// 지수업종중분류코드명 (index sector middle class code name).
        idx_bztp_mcls_cd_name,
        /// 지수업종소분류코드명 (index sector small class code name).
        idx_bztp_scls_cd_name,
        /// OCR번호 (OCR number).
        ocr_no,
        /// 크라우드펀딩종목여부 (crowd-funding issue flag).
        crfd_item_yn,
        /// 전자증권여부 (electronic securities flag).
        elec_scty_yn,
        /// 발행기관코드 (issue institution code).
        issu_istt_cd,
        /// ETF추적수익율배수 (ETF tracking return multiple).
        etf_chas_erng_rt_dbnb,
        /// ETFETN투자유의종목여부 (ETFETN investment caution issue flag).
        etf_etn_ivst_heed_item_yn,
        /// 대주이자율구분코드 (stock loan for short interest rate class code).
        stln_int_rt_dvsn_cd,
        /// 외국인개인한도비율 (foreigner individual limit ratio).
        frnr_psnl_lmt_rt,
        /// 상장신청인발행기관코드 (listing applicant issue institution code).
        lstg_rqsr_issu_istt_cd,
        /// 상장신청인종목코드 (listing applicant issue code).
        lstg_rqsr_item_cd,
        /// 신탁기관발행기관코드 (trust institution issue institution code).
        trst_istt_issu_istt_cd,
        /// NXT거래종목여부 (tradable on NXT flag): Y tradable on NXT.
        cptt_trad_tr_psbl_yn,
        /// NXT거래정지여부 (NXT trading halt flag): Y halted on NXT.
        nxt_tr_stop_yn,
    }
}
