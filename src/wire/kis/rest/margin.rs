//! 주식통합증거금 (margin over all currencies). Real server only: the paper server answers OPSQ0002. KIS developers' portal, read
//! 2026-07.

use super::super::record::records;
use super::envelope::{Answer, One};

/// What `intgr-margin` answers.
pub type IntgrMarginAnswer<'a> = Answer<'a, One<IntgrMargin<'a>>>;

records! {
    /// 주식통합증거금 현황 (margin over all currencies), `intgr-margin`.
    pub struct IntgrMarginQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// CMA평가금액포함여부 (include CMA valuation flag): Y/N.
        cma_evlu_amt_icld_yn = "CMA_EVLU_AMT_ICLD_YN",
        /// 원화외화구분코드 (KRW foreign currency class code): 01 foreign-currency basis, 02 KRW basis.
        wcrc_frcr_dvsn_cd = "WCRC_FRCR_DVSN_CD",
        /// 선도환계약외화구분코드 (forward contract foreign currency class code): 01 foreign-currency basis, 02 KRW basis.
        fwex_ctrt_frcr_dvsn_cd = "FWEX_CTRT_FRCR_DVSN_CD",
    }

    /// Margin over all currencies.
    pub struct IntgrMargin {
        /// 계좌증거금율 (account margin rate).
        acmga_rt,
        /// 계좌증거금100퍼센트지정사유 (account margin 100 percent designation reason).
        acmga_pct100_aptm_rson,
        /// 주식현금대상금액 (stock cash target amount).
        stck_cash_objt_amt,
        /// 주식대용대상금액 (stock substitute target amount).
        stck_sbst_objt_amt,
        /// 주식평가대상금액 (stock valuation target amount).
        stck_evlu_objt_amt,
        /// 주식재사용가능대상금액 (stock reusable target amount).
        stck_ruse_psbl_objt_amt,
        /// 주식펀드환매대금대상금액 (stock fund redemption proceeds target amount).
        stck_fund_rpch_chgs_objt_amt,
        /// 주식융자상환금대상금액 (stock margin loan repayment target amount).
        stck_fncg_rdpt_objt_atm,
        /// 채권재사용가능대상금액 (bond reusable target amount).
        bond_ruse_psbl_objt_amt,
        /// 주식현금사용금액 (stock cash used amount).
        stck_cash_use_amt,
        /// 주식대용사용금액 (stock substitute used amount).
        stck_sbst_use_amt,
        /// 주식평가사용금액 (stock valuation used amount).
        stck_evlu_use_amt,
        /// 주식재사용가능금사용금액 (stock reusable used amount).
        stck_ruse_psbl_amt_use_amt,
        /// 주식펀드환매대금사용금액 (stock fund redemption proceeds used amount).
        stck_fund_rpch_chgs_use_amt,
        /// 주식융자상환금사용금액 (stock margin loan repayment used amount).
        stck_fncg_rdpt_amt_use_amt,
        /// 채권재사용가능금사용금액 (bond reusable used amount).
        bond_ruse_psbl_amt_use_amt,
        /// 주식현금주문가능금액 (stock cash orderable amount).
        stck_cash_ord_psbl_amt,
        /// 주식대용주문가능금액 (stock substitute orderable amount).
        stck_sbst_ord_psbl_amt,
        /// 주식평가주문가능금액 (stock valuation orderable amount).
        stck_evlu_ord_psbl_amt,
        /// 주식재사용가능주문가능금액 (stock reusable orderable amount).
        stck_ruse_psbl_ord_psbl_amt,
        /// 주식펀드환매주문가능금액 (stock fund redemption orderable amount).
        stck_fund_rpch_ord_psbl_amt,
        /// 채권재사용가능주문가능금액 (bond reusable orderable amount).
        bond_ruse_psbl_ord_psbl_amt,
        /// 미수금액 (receivable amount).
        rcvb_amt,
        /// 주식대출보증금재사용가능금액 (stock loan deposit reusable amount).
        stck_loan_grta_ruse_psbl_amt,
        /// 주식현금20최대주문가능금액 (stock cash 20 maximum orderable amount).
        stck_cash20_max_ord_psbl_amt,
        /// 주식현금30최대주문가능금액 (stock cash 30 maximum orderable amount).
        stck_cash30_max_ord_psbl_amt,
        /// 주식현금40최대주문가능금액 (stock cash 40 maximum orderable amount).
        stck_cash40_max_ord_psbl_amt,
        /// 주식현금50최대주문가능금액 (stock cash 50 maximum orderable amount).
        stck_cash50_max_ord_psbl_amt,
        /// 주식현금60최대주문가능금액 (stock cash 60 maximum orderable amount).
        stck_cash60_max_ord_psbl_amt,
        /// 주식현금100최대주문가능금액 (stock cash 100 maximum orderable amount).
        stck_cash100_max_ord_psbl_amt,
        /// 주식재사용불가100최대주문가능 (stock reuse not allowed 100 maximum order available).
        stck_rsip100_max_ord_psbl_amt,
        /// 채권최대주문가능금액 (bond maximum orderable amount).
        bond_max_ord_psbl_amt,
        /// 주식융자45최대주문가능금액 (stock margin loan 45 maximum orderable amount).
        stck_fncg45_max_ord_psbl_amt,
        /// 주식융자50최대주문가능금액 (stock margin loan 50 maximum orderable amount).
        stck_fncg50_max_ord_psbl_amt,
        /// 주식융자60최대주문가능금액 (stock margin loan 60 maximum orderable amount).
        stck_fncg60_max_ord_psbl_amt,
        /// 주식융자70최대주문가능금액 (stock margin loan 70 maximum orderable amount).
        stck_fncg70_max_ord_psbl_amt,
        /// 주식대주최대주문가능금액 (stock stock loan for short maximum orderable amount).
        stck_stln_max_ord_psbl_amt,
        /// 한도금액 (limit amount).
        lmt_amt,
        /// 해외주식통합증거금구분명 (overseas stock integrated margin class name).
        ovrs_stck_itgr_mgna_dvsn_name,
        /// 미화대상금액 (USD target amount).
        usd_objt_amt,
        /// 미화사용금액 (USD used amount).
        usd_use_amt,
        /// 미화주문가능금액 (USD orderable amount).
        usd_ord_psbl_amt,
        /// 홍콩달러대상금액 (HKD target amount).
        hkd_objt_amt,
        /// 홍콩달러사용금액 (HKD used amount).
        hkd_use_amt,
        /// 홍콩달러주문가능금액 (HKD orderable amount).
        hkd_ord_psbl_amt,
        /// 엔화대상금액 (JPY target amount).
        jpy_objt_amt,
        /// 엔화사용금액 (JPY used amount).
        jpy_use_amt,
        /// 엔화주문가능금액 (JPY orderable amount).
        jpy_ord_psbl_amt,
        /// 위안화대상금액 (CNY target amount).
        cny_objt_amt,
        /// 위안화사용금액 (CNY used amount).
        cny_use_amt,
        /// 위안화주문가능금액 (CNY orderable amount).
        cny_ord_psbl_amt,
        /// 미화재사용대상금액 (USD reuse target amount).
        usd_ruse_objt_amt,
        /// 미화재사용금액 (USD reuse amount).
        usd_ruse_amt,
        /// 미화재사용주문가능금액 (USD reuse orderable amount).
        usd_ruse_ord_psbl_amt,
        /// 홍콩달러재사용대상금액 (HKD reuse target amount).
        hkd_ruse_objt_amt,
        /// 홍콩달러재사용금액 (HKD reuse amount).
        hkd_ruse_amt,
        /// 홍콩달러재사용주문가능금액 (HKD reuse orderable amount).
        hkd_ruse_ord_psbl_amt,
        /// 엔화재사용대상금액 (JPY reuse target amount).
        jpy_ruse_objt_amt,
        /// 엔화재사용금액 (JPY reuse amount).
        jpy_ruse_amt,
        /// 엔화재사용주문가능금액 (JPY reuse orderable amount).
        jpy_ruse_ord_psbl_amt,
        /// 위안화재사용대상금액 (CNY reuse target amount).
        cny_ruse_objt_amt,
        /// 위안화재사용금액 (CNY reuse amount).
        cny_ruse_amt,
        /// 위안화재사용주문가능금액 (CNY reuse orderable amount).
        cny_ruse_ord_psbl_amt,
        /// 미화일반주문가능금액 (USD general orderable amount).
        usd_gnrl_ord_psbl_amt,
        /// 미화통합주문가능금액 (USD integrated orderable amount).
        usd_itgr_ord_psbl_amt,
        /// 홍콩달러일반주문가능금액 (HKD general orderable amount).
        hkd_gnrl_ord_psbl_amt,
        /// 홍콩달러통합주문가능금액 (HKD integrated orderable amount).
        hkd_itgr_ord_psbl_amt,
        /// 엔화일반주문가능금액 (JPY general orderable amount).
        jpy_gnrl_ord_psbl_amt,
        /// 엔화통합주문가능금액 (JPY integrated orderable amount).
        jpy_itgr_ord_psbl_amt,
        /// 위안화일반주문가능금액 (CNY general orderable amount).
        cny_gnrl_ord_psbl_amt,
        /// 위안화통합주문가능금액 (CNY integrated orderable amount).
        cny_itgr_ord_psbl_amt,
        /// 주식통합현금20주문가능금액 (stock integrated cash 20 orderable amount).
        stck_itgr_cash20_ord_psbl_amt,
        /// 주식통합현금30주문가능금액 (stock integrated cash 30 orderable amount).
        stck_itgr_cash30_ord_psbl_amt,
        /// 주식통합현금40주문가능금액 (stock integrated cash 40 orderable amount).
        stck_itgr_cash40_ord_psbl_amt,
        /// 주식통합현금50주문가능금액 (stock integrated cash 50 orderable amount).
        stck_itgr_cash50_ord_psbl_amt,
        /// 주식통합현금60주문가능금액 (stock integrated cash 60 orderable amount).
        stck_itgr_cash60_ord_psbl_amt,
        /// 주식통합현금100주문가능금액 (stock integrated cash 100 orderable amount).
        stck_itgr_cash100_ord_psbl_amt,
        /// 주식통합100주문가능금액 (stock integrated 100 orderable amount).
        stck_itgr_100_ord_psbl_amt,
        /// 주식통합융자45주문가능금액 (stock integrated margin loan 45 orderable amount).
        stck_itgr_fncg45_ord_psbl_amt,
        /// 주식통합융자50주문가능금액 (stock integrated margin loan 50 orderable amount).
        stck_itgr_fncg50_ord_psbl_amt,
        /// 주식통합융자60주문가능금액 (stock integrated margin loan 60 orderable amount).
        stck_itgr_fncg60_ord_psbl_amt,
        /// 주식통합융자70주문가능금액 (stock integrated margin loan 70 orderable amount).
        stck_itgr_fncg70_ord_psbl_amt,
        /// 주식통합대주주문가능금액 (stock integrated stock loan for short orderable amount).
        stck_itgr_stln_ord_psbl_amt,
        /// 채권통합주문가능금액 (bond integrated orderable amount).
        bond_itgr_ord_psbl_amt,
        /// 주식현금해외사용금액 (stock cash overseas used amount).
        stck_cash_ovrs_use_amt,
        /// 주식대용해외사용금액 (stock substitute overseas used amount).
        stck_sbst_ovrs_use_amt,
        /// 주식평가해외사용금액 (stock valuation overseas used amount).
        stck_evlu_ovrs_use_amt,
        /// 주식재사용금액해외사용금액 (stock reuse amount overseas used amount).
        stck_re_use_amt_ovrs_use_amt,
        /// 주식펀드환매해외사용금액 (stock fund redemption overseas used amount).
        stck_fund_rpch_ovrs_use_amt,
        /// 주식융자상환해외사용금액 (stock margin loan repayment overseas used amount).
        stck_fncg_rdpt_ovrs_use_amt,
        /// 채권재사용해외사용금액 (bond reuse overseas used amount).
        bond_re_use_ovrs_use_amt,
        /// 미화타시장사용금액 (USD amount used in other markets).
        usd_oth_mket_use_amt,
        /// 엔화타시장사용금액 (JPY amount used in other markets).
        jpy_oth_mket_use_amt,
        /// 위안화타시장사용금액 (CNY amount used in other markets).
        cny_oth_mket_use_amt,
        /// 홍콩달러타시장사용금액 (HKD amount used in other markets).
        hkd_oth_mket_use_amt,
        /// 미화재사용타시장사용금액 (USD reuse amount used in other markets).
        usd_re_use_oth_mket_use_amt,
        /// 엔화재사용타시장사용금액 (JPY reuse amount used in other markets).
        jpy_re_use_oth_mket_use_amt,
        /// 위안화재사용타시장사용금액 (CNY reuse amount used in other markets).
        cny_re_use_oth_mket_use_amt,
        /// 홍콩달러재사용타시장사용금액 (HKD reuse amount used in other markets).
        hkd_re_use_oth_mket_use_amt,
        /// 홍콩위안화재사용금액 (HK CNH reuse amount).
        hgkg_cny_re_use_amt,
        /// 미국달러최초고시환율 (USD first posted FX rate).
        usd_frst_bltn_exrt,
        /// 홍콩달러최초고시환율 (HKD first posted FX rate).
        hkd_frst_bltn_exrt,
        /// 일본엔화최초고시환율 (JPY first posted FX rate).
        jpy_frst_bltn_exrt,
        /// 중국위안화최초고시환율 (CNY first posted FX rate).
        cny_frst_bltn_exrt,
    }
}
