//! 주식잔고 (holdings and cash). KIS developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Nothing, Rows};

/// What `inquire-balance` answers.
pub type InquireBalanceAnswer<'a> =
    Answer<'a, Nothing, Rows<InquireBalanceRow<'a>>, Rows<InquireBalanceTotals<'a>>>;

/// What `inquire-balance-rlz-pl` answers.
pub type InquireBalanceRlzPlAnswer<'a> =
    Answer<'a, Nothing, Rows<InquireBalanceRlzPlRow<'a>>, Rows<InquireBalanceRlzPlTotals<'a>>>;

records! {
    /// 주식잔고조회 (holdings and cash), `inquire-balance`: 50 rows a page, 20 on paper.
    pub struct InquireBalanceQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 시간외단일가,거래소여부 (after-hours single price / venue selector): N default, Y after-hours single price, X NXT
        /// session prices (only NXT-tradable issues change).
        afhr_flpr_yn = "AFHR_FLPR_YN",
        /// 오프라인여부 (offline flag): empty.
        ofl_yn = "OFL_YN",
        /// 조회구분 (inquiry class): 01 by loan date, 02 by symbol.
        inqr_dvsn = "INQR_DVSN",
        /// 단가구분 (unit price class): 01.
        unpr_dvsn = "UNPR_DVSN",
        /// 펀드결제분포함여부 (include fund settlement flag): Y/N.
        fund_sttl_icld_yn = "FUND_STTL_ICLD_YN",
        /// 융자금액자동상환여부 (margin-loan auto repayment flag): N.
        fncg_amt_auto_rdpt_yn = "FNCG_AMT_AUTO_RDPT_YN",
        /// 처리구분 (processing class): 00 include previous-day trades, 01 exclude.
        prcs_dvsn = "PRCS_DVSN",
        /// 연속조회검색조건100 (continuation search key FK 100): empty for the first page, then as in the answer before.
        ctx_area_fk100 = "CTX_AREA_FK100",
        /// 연속조회키100 (continuation key NK 100): empty for the first page, then as in the answer before.
        ctx_area_nk100 = "CTX_AREA_NK100",
    }

    /// A holding. One that was sold out may stay with a quantity of 0 until it is settled.
    pub struct InquireBalanceRow {
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품명 (product name).
        prdt_name,
        /// 매매구분명 (trade class name).
        trad_dvsn_name,
        /// 전일매수수량 (previous-day buy quantity).
        bfdy_buy_qty,
        /// 전일매도수량 (previous-day sell quantity).
        bfdy_sll_qty,
        /// 금일매수수량 (today's buy quantity).
        thdt_buyqty,
        /// 금일매도수량 (today's sell quantity).
        thdt_sll_qty,
        /// 보유수량 (held quantity).
        hldg_qty,
        /// 주문가능수량 (orderable quantity).
        ord_psbl_qty,
        /// 매입평균가격 (average purchase price).
        pchs_avg_pric,
        /// 매입금액 (purchase amount).
        pchs_amt,
        /// 현재가 (current price).
        prpr,
        /// 평가금액 (valuation amount).
        evlu_amt,
        /// 평가손익금액 (valuation P/L).
        evlu_pfls_amt,
        /// 평가손익율 (valuation P/L percent).
        evlu_pfls_rt,
        /// 평가수익율 (valuation return percent): unused (0).
        evlu_erng_rt,
        /// 대출일자 (loan date): filled only with INQR_DVSN 01.
        loan_dt,
        /// 대출금액 (loan amount).
        loan_amt,
        /// 대주매각대금 (short-sale proceeds).
        stln_slng_chgs,
        /// 만기일자 (maturity date).
        expd_dt,
        /// 등락율 (percent change).
        fltt_rt,
        /// 전일대비증감 (change vs previous close).
        bfdy_cprs_icdc,
        /// 종목증거금율명 (issue margin rate name).
        item_mgna_rt_name,
        /// 보증금율명 (deposit rate name).
        grta_rt_name,
        /// 대용가격 (substitute, collateral price).
        sbst_pric,
        /// 주식대출단가 (stock loan unit price).
        stck_loan_unpr,
    }

    /// The cash of the account and the sums over its holdings. Comes in a list of one.
    pub struct InquireBalanceTotals {
        /// 예수금총금액 (total deposit, cash): cash deposit.
        dnca_tot_amt,
        /// 익일정산금액 (D+1 settlement amount): D+1 deposit.
        nxdy_excc_amt,
        /// 가수도정산금액 (D+2, provisional settlement amount): D+2 deposit.
        prvs_rcdl_excc_amt,
        /// CMA평가금액 (CMA valuation amount).
        cma_evlu_amt,
        /// 전일매수금액 (previous-day buy amount).
        bfdy_buy_amt,
        /// 금일매수금액 (today's buy amount).
        thdt_buy_amt,
        /// 익일자동상환금액 (D+1 auto repayment amount).
        nxdy_auto_rdpt_amt,
        /// 전일매도금액 (previous-day sell amount).
        bfdy_sll_amt,
        /// 금일매도금액 (today's sell amount).
        thdt_sll_amt,
        /// D+2자동상환금액 (D+2 auto repayment amount).
        d2_auto_rdpt_amt,
        /// 전일제비용금액 (previous-day fees and taxes).
        bfdy_tlex_amt,
        /// 금일제비용금액 (today's fees and taxes).
        thdt_tlex_amt,
        /// 총대출금액 (total loan amount).
        tot_loan_amt,
        /// 유가평가금액 (securities valuation).
        scts_evlu_amt,
        /// 총평가금액 (total valuation): securities valuation + D+2 deposit.
        tot_evlu_amt,
        /// 순자산금액 (net asset amount).
        nass_amt,
        /// 융자금자동상환여부 (margin-loan auto repayment flag).
        fncg_gld_auto_rdpt_yn,
        /// 매입금액합계금액 (total purchase amount).
        pchs_amt_smtl_amt,
        /// 평가금액합계금액 (total valuation).
        evlu_amt_smtl_amt,
        /// 평가손익합계금액 (total valuation P/L).
        evlu_pfls_smtl_amt,
        /// 총대주매각대금 (total short-sale proceeds).
        tot_stln_slng_chgs,
        /// 전일총자산평가금액 (previous-day total asset valuation).
        bfdy_tot_asst_evlu_amt,
        /// 자산증감액 (asset change).
        asst_icdc_amt,
        /// 자산증감수익율 (asset change percent): not provided.
        asst_icdc_erng_rt,
    }

    /// 주식잔고조회_실현손익 (holdings with realised profit), `inquire-balance-rlz-pl`: real server only.
    pub struct InquireBalanceRlzPlQuery {
        /// 종합계좌번호 (account number, first 8 digits): eight digits.
        cano = "CANO",
        /// 계좌상품코드 (account product code, last 2 digits): two digits; 01 is a securities account.
        acnt_prdt_cd = "ACNT_PRDT_CD",
        /// 시간외단일가여부 (after-hours single price flag): N default, Y after-hours single price, X NXT session prices
        /// (only NXT-tradable issues change).
        afhr_flpr_yn = "AFHR_FLPR_YN",
        /// 오프라인여부 (offline flag): empty.
        ofl_yn = "OFL_YN",
        /// 조회구분 (inquiry class): 00 all.
        inqr_dvsn = "INQR_DVSN",
        /// 단가구분 (unit price class): 01.
        unpr_dvsn = "UNPR_DVSN",
        /// 펀드결제포함여부 (include fund settlement flag): Y/N.
        fund_sttl_icld_yn = "FUND_STTL_ICLD_YN",
        /// 융자금액자동상환여부 (margin-loan auto repayment flag): N.
        fncg_amt_auto_rdpt_yn = "FNCG_AMT_AUTO_RDPT_YN",
        /// 처리구분 (processing class): 00 with the trades of the day before, 01 without.
        prcs_dvsn = "PRCS_DVSN",
        /// 비용포함여부 (include cost flag): Y/N.
        cost_icld_yn = "COST_ICLD_YN",
        /// 연속조회검색조건100 (continuation search key FK 100): empty for the first page, then as in the answer before.
        ctx_area_fk100 = "CTX_AREA_FK100",
        /// 연속조회키100 (continuation key NK 100): empty for the first page, then as in the answer before.
        ctx_area_nk100 = "CTX_AREA_NK100",
    }

    /// A holding.
    pub struct InquireBalanceRlzPlRow {
        /// 상품번호 (product number, symbol): six characters; seven for an ETN, which begins with Q.
        pdno,
        /// 상품명 (product name).
        prdt_name,
        /// 매매구분명 (trade class name).
        trad_dvsn_name,
        /// 전일매수수량 (previous-day buy quantity).
        bfdy_buy_qty,
        /// 전일매도수량 (previous-day sell quantity).
        bfdy_sll_qty,
        /// 금일매수수량 (today's buy quantity).
        thdt_buyqty,
        /// 금일매도수량 (today's sell quantity).
        thdt_sll_qty,
        /// 보유수량 (held quantity).
        hldg_qty,
        /// 주문가능수량 (orderable quantity).
        ord_psbl_qty,
        /// 매입평균가격 (average purchase price).
        pchs_avg_pric,
        /// 매입금액 (purchase amount).
        pchs_amt,
        /// 현재가 (current price).
        prpr,
        /// 평가금액 (valuation amount).
        evlu_amt,
        /// 평가손익금액 (valuation P/L).
        evlu_pfls_amt,
        /// 평가손익율 (valuation P/L percent).
        evlu_pfls_rt,
        /// 평가수익율 (valuation return percent): unused (0).
        evlu_erng_rt,
        /// 대출일자 (loan date).
        loan_dt,
        /// 대출금액 (loan amount).
        loan_amt,
        /// 대주매각대금 (short-sale proceeds).
        stln_slng_chgs,
        /// 만기일자 (maturity date).
        expd_dt,
        /// 주식대출단가 (stock loan unit price).
        stck_loan_unpr,
        /// 전일대비증감 (change vs previous close).
        bfdy_cprs_icdc,
        /// 등락율 (percent change).
        fltt_rt,
    }

    /// Cash, sums over holdings, and realised profit. Comes in a list of one.
    pub struct InquireBalanceRlzPlTotals {
        /// 예수금총금액 (total deposit, cash): cash deposit.
        dnca_tot_amt,
        /// 익일정산금액 (D+1 settlement amount): D+1 deposit.
        nxdy_excc_amt,
        /// 가수도정산금액 (D+2, provisional settlement amount): D+2 deposit.
        prvs_rcdl_excc_amt,
        /// CMA평가금액 (CMA valuation amount).
        cma_evlu_amt,
        /// 전일매수금액 (previous-day buy amount).
        bfdy_buy_amt,
        /// 금일매수금액 (today's buy amount).
        thdt_buy_amt,
        /// 익일자동상환금액 (D+1 auto repayment amount).
        nxdy_auto_rdpt_amt,
        /// 전일매도금액 (previous-day sell amount).
        bfdy_sll_amt,
        /// 금일매도금액 (today's sell amount).
        thdt_sll_amt,
        /// D+2자동상환금액 (D+2 auto repayment amount).
        d2_auto_rdpt_amt,
        /// 전일제비용금액 (previous-day fees and taxes).
        bfdy_tlex_amt,
        /// 금일제비용금액 (today's fees and taxes).
        thdt_tlex_amt,
        /// 총대출금액 (total loan amount).
        tot_loan_amt,
        /// 유가평가금액 (securities valuation).
        scts_evlu_amt,
        /// 총평가금액 (total valuation): securities valuation + D+2 deposit.
        tot_evlu_amt,
        /// 순자산금액 (net asset amount).
        nass_amt,
        /// 융자금자동상환여부 (margin-loan auto repayment flag).
        fncg_gld_auto_rdpt_yn,
        /// 매입금액합계금액 (total purchase amount).
        pchs_amt_smtl_amt,
        /// 평가금액합계금액 (total valuation).
        evlu_amt_smtl_amt,
        /// 평가손익합계금액 (total valuation P/L).
        evlu_pfls_smtl_amt,
        /// 총대주매각대금 (total short-sale proceeds).
        tot_stln_slng_chgs,
        /// 전일총자산평가금액 (previous-day total asset valuation).
        bfdy_tot_asst_evlu_amt,
        /// 자산증감액 (asset change).
        asst_icdc_amt,
        /// 자산증감수익율 (asset change percent): not provided.
        asst_icdc_erng_rt,
        /// 실현손익 (realised P/L).
        rlzt_pfls,
        /// 실현수익율 (realised return).
        rlzt_erng_rt,
        /// 실평가손익 (real valuation P/L).
        real_evlu_pfls,
        /// 실평가손익수익율 (real valuation return).
        real_evlu_pfls_erng_rt,
    }
}
