//! What every payload says, field by field: a test has the name of its fixture.

use gwanmun::wire::kis::rest::account::{
    InquireAccountBalanceAnswer, InquirePsblOrderAnswer, InquirePsblSellAnswer,
};
use gwanmun::wire::kis::rest::auth::{ApprovalAnswer, HashkeyAnswer, RevokeAnswer, TokenAnswer};
use gwanmun::wire::kis::rest::balance::{InquireBalanceAnswer, InquireBalanceRlzPlAnswer};
use gwanmun::wire::kis::rest::book::InquireAskingPriceAnswer;
use gwanmun::wire::kis::rest::calendar::{ChkHolidayAnswer, InquireViStatusAnswer};
use gwanmun::wire::kis::rest::candles::{
    InquireDailyItemchartpriceAnswer, InquireDailyPriceAnswer, InquireTimeItemchartpriceAnswer,
};
use gwanmun::wire::kis::rest::credit::InquireCreditPsamountAnswer;
use gwanmun::wire::kis::rest::envelope::Answer;
use gwanmun::wire::kis::rest::instrument::{SearchInfoAnswer, SearchStockInfoAnswer};
use gwanmun::wire::kis::rest::lists::{InquireDailyCcldAnswer, InquirePsblRvsecnclAnswer};
use gwanmun::wire::kis::rest::margin::IntgrMarginAnswer;
use gwanmun::wire::kis::rest::multprice::IntstockMultpriceAnswer;
use gwanmun::wire::kis::rest::order::{OrderAnswer, OrderCashRequest};
use gwanmun::wire::kis::rest::price::{InquirePrice2Answer, InquirePriceAnswer};
use gwanmun::wire::kis::rest::profit::{InquirePeriodProfitAnswer, InquirePeriodTradeProfitAnswer};
use gwanmun::wire::kis::rest::reserved::{
    OrderResvAnswer, OrderResvCcnlAnswer, OrderResvRvsecnclAnswer,
};
use gwanmun::wire::kis::rest::trades::{InquireCcnlAnswer, InquireTimeItemconclusionAnswer};

use super::fixture::{Fixture, parsed};

/// An order that was turned away: what the answer says, word by word.
fn assert_no_order(fixture: &str, code: &str, message: &str) {
    let text = Fixture::read(fixture).response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("1", code));
    assert_eq!(answer.message(), message);
}

#[test]
fn approval_success() {
    let text = Fixture::read("Approval_success").response_text();
    let answer: ApprovalAnswer<'_> = parsed(&text);
    assert_eq!(answer.approval_key, "3500000a-b00a-4000-8700-f56000000000");
    assert!(!format!("{answer:?}").contains(&*answer.approval_key));
}

#[test]
fn chk_holiday() {
    let text = Fixture::read("chk_holiday").response_text();
    let answer: ChkHolidayAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0500"));
    assert_eq!(answer.output.0.len(), 3);
    let row = answer.output.0.last().unwrap();
    assert_eq!(row.bass_dt, "20260506");
    assert_eq!(row.tr_day_yn, "Y");
    assert_eq!(row.sttl_day_yn, "Y");
    assert_eq!(answer.context(), Some(("", "")));
}

#[test]
fn error_input_opsq2001() {
    let text = Fixture::read("error_input_OPSQ2001").response_text();
    let answer: InquirePriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("1", "OPSQ2001"));
    assert_eq!(
        answer.message(),
        "ERROR : INPUT INVALID_CHECK_MRKT_DIV_CODE"
    );
}

#[test]
fn error_not_paper_tr_egw02006() {
    let text = Fixture::read("error_not_paper_tr_EGW02006").response_text();
    let answer: Answer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("1", "EGW02006"));
    assert_eq!(answer.message(), "모의투자 TR 이 아닙니다.");
}

#[test]
fn error_rate_limit_egw00201() {
    let text = Fixture::read("error_rate_limit_EGW00201").response_text();
    let answer: InquirePriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("1", "EGW00201"));
    assert_eq!(answer.message(), "초당 거래건수를 초과하였습니다.");
}

#[test]
fn error_token_expired_egw00123() {
    let text = Fixture::read("error_token_expired_EGW00123").response_text();
    let answer: InquirePriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("1", "EGW00123"));
    assert_eq!(answer.message(), "기간이 만료된 token 입니다.");
}

#[test]
fn hashkey_success() {
    let text = Fixture::read("hashkey_success").response_text();
    let answer: HashkeyAnswer<'_, OrderCashRequest<'_>> = parsed(&text);
    assert_eq!(
        answer.hash,
        "8b84068222a49302f7ef58226d90403f62e216828f8103465f900de0e7be2f0f"
    );
    assert_eq!(answer.body.ord_unpr, "70000");
}

#[test]
fn inquire_account_balance_documented() {
    let text = Fixture::read("inquire_account_balance_documented").response_text();
    let answer: InquireAccountBalanceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    assert_eq!(answer.output1.0.len(), 3);
    let row = answer.output1.0.last().unwrap();
    assert_eq!(row.pchs_amt, "1276567");
    assert_eq!(row.crdt_lnd_amt, "747532");
    assert_eq!(row.whol_weit_rt, "7.04");
    let row = answer.output2.0.as_ref().unwrap();
    assert_eq!(row.pchs_amt_smtl, "5957282");
    assert_eq!(row.tot_lnda_tot_ulst_lnda, "2930486");
    assert_eq!(row.pldg_stup_amt, "7376065");
    assert_eq!(row.etpr_crdt_grnt_loan_amt, "5274149");
}

#[test]
fn inquire_asking_price_exp_ccn() {
    let text = Fixture::read("inquire_asking_price_exp_ccn").response_text();
    let answer: InquireAskingPriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output1.0.as_ref().unwrap();
    assert_eq!(row.aspr_acpt_hour, "131542");
    assert_eq!(row.bidp7, "75500");
    assert_eq!(row.bidp_rsqn5, "1400");
    assert_eq!(row.new_mkop_cls_code, "20");
    let row = answer.output2.0.as_ref().unwrap();
    assert_eq!(row.antc_mkop_cls_code, "030");
    assert_eq!(row.antc_cnpr, "75800");
    assert_eq!(row.vi_cls_code, "N");
}

#[test]
fn inquire_balance_one_holding() {
    let text = Fixture::read("inquire_balance_one_holding").response_text();
    let answer: InquireBalanceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    assert_eq!(answer.output1.0.len(), 1);
    let row = answer.output1.0.last().unwrap();
    assert_eq!(row.pdno, "088350");
    assert_eq!(row.thdt_sll_qty, "0");
    assert_eq!(row.evlu_amt, "3145");
    assert_eq!(row.stck_loan_unpr, "0.0000");
    assert_eq!(answer.output2.0.len(), 1);
    let row = answer.output2.0.last().unwrap();
    assert_eq!(row.dnca_tot_amt, "996855");
    assert_eq!(row.thdt_buy_amt, "3145");
    assert_eq!(row.thdt_tlex_amt, "0");
    assert_eq!(row.asst_icdc_erng_rt, "0.00000000");
    assert_eq!(
        answer.context(),
        Some(("12345678!^01!^N!^N!^02!^01!^N!^N!^00!^", ""))
    );
}

#[test]
fn inquire_balance_rlz_pl_documented() {
    let text = Fixture::read("inquire_balance_rlz_pl_documented").response_text();
    let answer: InquireBalanceRlzPlAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    assert_eq!(answer.output1.0.len(), 2);
    let row = answer.output1.0.last().unwrap();
    assert_eq!(row.pdno, "005930");
    assert_eq!(row.thdt_buyqty, "3142");
    assert_eq!(row.prpr, "71800");
    assert_eq!(row.fltt_rt, "7.54");
    assert_eq!(answer.output2.0.len(), 2);
    let row = answer.output2.0.last().unwrap();
    assert_eq!(row.dnca_tot_amt, "691222");
    assert_eq!(row.bfdy_sll_amt, "574421");
    assert_eq!(row.tot_evlu_amt, "6139569");
    assert_eq!(row.real_evlu_pfls_erng_rt, "6.19");
}

#[test]
fn inquire_ccnl() {
    let text = Fixture::read("inquire_ccnl").response_text();
    let answer: InquireCcnlAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    assert_eq!(answer.output.0.len(), 2);
    let row = answer.output.0.last().unwrap();
    assert_eq!(row.stck_cntg_hour, "131541");
    assert_eq!(row.prdy_vrss_sign, "5");
    assert_eq!(row.prdy_ctrt, "-0.13");
}

#[test]
fn inquire_credit_psamount_documented() {
    let text = Fixture::read("inquire_credit_psamount_documented").response_text();
    let answer: InquireCreditPsamountAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.ord_psbl_cash, "4345441");
    assert_eq!(row.nrcvb_buy_qty, "1534");
    assert_eq!(row.ord_psbl_frcr_amt_wcrc, "4943520");
}

#[test]
fn inquire_daily_ccld_first_page_continues() {
    let text = Fixture::read("inquire_daily_ccld_first_page_continues").response_text();
    let answer: InquireDailyCcldAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0500"));
    assert_eq!(answer.output1.0.len(), 2);
    let row = answer.output1.0.last().unwrap();
    assert_eq!(row.ord_dt, "20251217");
    assert_eq!(row.pdno, "088350");
    assert_eq!(row.avg_prvs, "3145");
    assert_eq!(row.stpm_cndt_pric, "0");
    let row = answer.output2.0.as_ref().unwrap();
    assert_eq!(row.tot_ord_qty, "1");
    assert_eq!(row.tot_ccld_amt, "3145");
    assert_eq!(row.pchs_avg_pric, "3145.0000");
    assert_eq!(
        answer.context(),
        Some((
            "12345678!^01!^20251201!^20260104!^!^00!^00!^00!^",
            "0000085100!^20251217!^"
        ))
    );
}

#[test]
fn inquire_daily_ccld_one_fill() {
    let text = Fixture::read("inquire_daily_ccld_one_fill").response_text();
    let answer: InquireDailyCcldAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0460"));
    assert_eq!(answer.output1.0.len(), 1);
    let row = answer.output1.0.last().unwrap();
    assert_eq!(row.ord_dt, "20251217");
    assert_eq!(row.pdno, "088350");
    assert_eq!(row.avg_prvs, "3145");
    assert_eq!(row.stpm_cndt_pric, "0");
    let row = answer.output2.0.as_ref().unwrap();
    assert_eq!(row.tot_ord_qty, "1");
    assert_eq!(row.tot_ccld_amt, "3145");
    assert_eq!(row.pchs_avg_pric, "3145.0000");
    assert_eq!(
        answer.context(),
        Some((
            "12345678!^01!^20251201!^20260104!^00000A088350!^01!^00!^00!^",
            ""
        ))
    );
}

#[test]
fn inquire_daily_ccld_paper_empty_70070000() {
    let text = Fixture::read("inquire_daily_ccld_paper_empty_70070000").response_text();
    let answer: InquireDailyCcldAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "70070000"));
    assert!(answer.output1.0.is_empty());
    let row = answer.output2.0.as_ref().unwrap();
    assert_eq!(row.tot_ord_qty, "2");
    assert_eq!(row.tot_ccld_amt, "143000");
    assert_eq!(row.pchs_avg_pric, "71500.0000");
    assert_eq!(answer.context(), Some(("", "")));
}

#[test]
fn inquire_daily_itemchartprice() {
    let text = Fixture::read("inquire_daily_itemchartprice").response_text();
    let answer: InquireDailyItemchartpriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output1.0.as_ref().unwrap();
    assert_eq!(row.prdy_vrss, "-200");
    assert_eq!(row.stck_prpr, "75800");
    assert_eq!(row.stck_prdy_oprc, "76500");
    assert_eq!(row.itewhol_loan_rmnd_ratem, "0.45");
    assert_eq!(answer.output2.0.len(), 3);
    let row = answer.output2.0.last().unwrap();
    assert_eq!(row.stck_bsop_date, "20260430");
    assert_eq!(row.acml_tr_pbmn, "796950000000");
    assert_eq!(row.prdy_vrss, "-300");
}

#[test]
fn inquire_daily_price() {
    let text = Fixture::read("inquire_daily_price").response_text();
    let answer: InquireDailyPriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    assert_eq!(answer.output.0.len(), 2);
    let row = answer.output.0.last().unwrap();
    assert_eq!(row.stck_bsop_date, "20260502");
    assert_eq!(row.prdy_vrss, "100");
    assert_eq!(row.acml_prtt_rate, "0.00");
}

#[test]
fn inquire_period_profit_documented() {
    let text = Fixture::read("inquire_period_profit_documented").response_text();
    let answer: InquirePeriodProfitAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    assert_eq!(answer.output1.0.len(), 1);
    let row = answer.output1.0.last().unwrap();
    assert_eq!(row.trad_dt, "20261102");
    assert_eq!(row.loan_int, "283210");
    assert_eq!(row.buy_qty1, "3008");
    let row = answer.output2.0.as_ref().unwrap();
    assert_eq!(row.sll_qty_smtl, "1963");
    assert_eq!(row.buy_tax_smtl, "5777065");
    assert_eq!(row.loan_int, "7054270");
}

#[test]
fn inquire_period_trade_profit_documented() {
    let text = Fixture::read("inquire_period_trade_profit_documented").response_text();
    let answer: InquirePeriodTradeProfitAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    assert_eq!(answer.output1.0.len(), 2);
    let row = answer.output1.0.last().unwrap();
    assert_eq!(row.trad_dt, "20261111");
    assert_eq!(row.buy_amt, "341806");
    assert_eq!(row.loan_int, "5197416");
    let row = answer.output2.0.as_ref().unwrap();
    assert_eq!(row.sll_qty_smtl, "2963");
    assert_eq!(row.buy_excc_amt_smtl, "9439607");
    assert_eq!(row.tot_pftrt, "6259043");
    assert_eq!(answer.context(), Some(("", "")));
}

#[test]
fn inquire_price() {
    let text = Fixture::read("inquire_price").response_text();
    let answer: InquirePriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.iscd_stat_cls_code, "55");
    assert_eq!(row.stck_mxpr, "98500");
    assert_eq!(row.lstn_stcn, "5969782550");
    assert_eq!(row.mang_issu_cls_code, "N");
}

#[test]
fn inquire_price_2_documented() {
    let text = Fixture::read("inquire_price_2_documented").response_text();
    let answer: InquirePrice2Answer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.rprs_mrkt_kor_name, "삼성전자");
    assert_eq!(row.hgpr_vrss_prpr, "71800");
    assert_eq!(row.vi_cls_code, "01");
    assert_eq!(row.prdy_vol, "2833");
}

#[test]
fn inquire_psbl_order_market() {
    let text = Fixture::read("inquire_psbl_order_market").response_text();
    let answer: InquirePsblOrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.ord_psbl_cash, "478180");
    assert_eq!(row.nrcvb_buy_qty, "293");
    assert_eq!(row.ord_psbl_frcr_amt_wcrc, "0");
}

#[test]
fn inquire_psbl_rvsecncl_two_orders() {
    let text = Fixture::read("inquire_psbl_rvsecncl_two_orders").response_text();
    let answer: InquirePsblRvsecnclAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    assert_eq!(answer.output.0.len(), 2);
    let row = answer.output.0.last().unwrap();
    assert_eq!(row.ord_gno_brno, "03930");
    assert_eq!(row.tot_ccld_qty, "0");
    assert_eq!(row.stpm_cndt_pric, "0");
    assert_eq!(answer.context(), Some(("12345678^01^", "")));
}

#[test]
fn inquire_psbl_sell_documented() {
    let text = Fixture::read("inquire_psbl_sell_documented").response_text();
    let answer: InquirePsblSellAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    let row = answer.output1.0.as_ref().unwrap();
    assert_eq!(row.pdno, "005930");
    assert_eq!(row.ord_psbl_qty, "1168");
    assert_eq!(row.evlu_pfls_rt, "2.81");
}

#[test]
fn inquire_time_dailychartprice_documented() {
    let text = Fixture::read("inquire_time_dailychartprice_documented").response_text();
    let answer: InquireTimeItemchartpriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output1.0.as_ref().unwrap();
    assert_eq!(row.prdy_vrss, "6324377");
    assert_eq!(row.acml_vol, "2496");
    assert_eq!(row.stck_prpr, "69100");
    assert_eq!(answer.output2.0.len(), 2);
    let row = answer.output2.0.last().unwrap();
    assert_eq!(row.stck_bsop_date, "20261118");
    assert_eq!(row.stck_hgpr, "70700");
    assert_eq!(row.acml_tr_pbmn, "7875130");
}

#[test]
fn inquire_time_itemchartprice() {
    let text = Fixture::read("inquire_time_itemchartprice").response_text();
    let answer: InquireTimeItemchartpriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output1.0.as_ref().unwrap();
    assert_eq!(row.prdy_vrss, "-200");
    assert_eq!(row.acml_vol, "12345678");
    assert_eq!(row.stck_prpr, "75800");
    assert_eq!(answer.output2.0.len(), 3);
    let row = answer.output2.0.last().unwrap();
    assert_eq!(row.stck_bsop_date, "20260503");
    assert_eq!(row.stck_hgpr, "75900");
    assert_eq!(row.acml_tr_pbmn, "775944000");
}

#[test]
fn inquire_time_itemconclusion_documented() {
    let text = Fixture::read("inquire_time_itemconclusion_documented").response_text();
    let answer: InquireTimeItemconclusionAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output1.0.as_ref().unwrap();
    assert_eq!(row.stck_prpr, "69500");
    assert_eq!(row.prdy_ctrt, "3.89");
    assert_eq!(row.rprs_mrkt_kor_name, "삼성전자");
    assert_eq!(answer.output2.0.len(), 2);
    let row = answer.output2.0.last().unwrap();
    assert_eq!(row.stck_cntg_hour, "104402");
    assert_eq!(row.askp, "5518518");
    assert_eq!(row.cnqn, "6181508");
}

#[test]
fn inquire_vi_status() {
    let text = Fixture::read("inquire_vi_status").response_text();
    let answer: InquireViStatusAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    assert_eq!(answer.output.0.len(), 1);
    let row = answer.output.0.last().unwrap();
    assert_eq!(row.hts_kor_isnm, "삼성전자");
    assert_eq!(row.vi_kind_code, "1");
    assert_eq!(row.vi_count, "3");
}

#[test]
fn intgr_margin_documented() {
    let text = Fixture::read("intgr_margin_documented").response_text();
    let answer: IntgrMarginAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.acmga_rt, "-3.50");
    assert_eq!(row.stck_cash40_max_ord_psbl_amt, "1173344");
    assert_eq!(row.usd_ruse_amt, "8132568");
    assert_eq!(row.cny_frst_bltn_exrt, "4421443");
}

#[test]
fn intstock_multprice_documented() {
    let text = Fixture::read("intstock_multprice_documented").response_text();
    let answer: IntstockMultpriceAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    assert_eq!(answer.output.0.len(), 3);
    let row = answer.output.0.last().unwrap();
    assert_eq!(row.kospi_kosdaq_cls_name, "삼성전자");
    assert_eq!(row.prdy_vrss_sign, "5");
    assert_eq!(row.inter2_mxpr, "7570964");
    assert_eq!(row.inter2_sdpr, "3107510");
}

#[test]
fn order_cash_buy_limit_success() {
    let text = Fixture::read("order_cash_buy_limit_success").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "APBK0013"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.krx_fwdg_ord_orgno, "91252");
    assert_eq!(row.odno, "0000117057");
    assert_eq!(row.ord_tmd, "121052");
}

#[test]
fn order_cash_buy_market_sor_success() {
    let text = Fixture::read("order_cash_buy_market_SOR_success").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "APBK0013"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.krx_fwdg_ord_orgno, "03930");
    assert_eq!(row.odno, "0000085100");
    assert_eq!(row.ord_tmd, "094414");
}

#[test]
fn order_cash_buy_success_paper_old_unpadded() {
    let text = Fixture::read("order_cash_buy_success_paper_old_unpadded").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "40600000"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.krx_fwdg_ord_orgno, "00950");
    assert_eq!(row.odno, "51378");
    assert_eq!(row.ord_tmd, "110840");
}

#[test]
fn order_cash_sell_success_paper_40590000() {
    let text = Fixture::read("order_cash_sell_success_paper_40590000").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "40590000"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.krx_fwdg_ord_orgno, "00950");
    assert_eq!(row.odno, "0000038700");
    assert_eq!(row.ord_tmd, "100101");
}

#[test]
fn order_credit_documented() {
    let text = Fixture::read("order_credit_documented").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "APBK0013"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.krx_fwdg_ord_orgno, "2254257");
    assert_eq!(row.odno, "0000596854");
    assert_eq!(row.ord_tmd, "091607");
}

#[test]
fn order_error_body_igw00007() {
    assert_no_order(
        "order_error_body_IGW00007",
        "IGW00007",
        "MCA 전문바디 구성 중 오류가 발생하였습니다.",
    );
}

#[test]
fn order_reject_market_closed_apbk0918() {
    assert_no_order(
        "order_reject_market_closed_APBK0918",
        "APBK0918",
        "장운영시간이 아닙니다.(주문불가)",
    );
}

#[test]
fn order_reject_paper_closed_40580000() {
    assert_no_order(
        "order_reject_paper_closed_40580000",
        "40580000",
        "모의투자 장종료 입니다.",
    );
}

#[test]
fn order_reject_paper_holiday_40100000() {
    assert_no_order(
        "order_reject_paper_holiday_40100000",
        "40100000",
        "모의투자 영업일이 아닙니다.",
    );
}

#[test]
fn order_reject_paper_tick_40030000() {
    assert_no_order(
        "order_reject_paper_tick_40030000",
        "40030000",
        "모의투자 주문처리가 안되었습니다(호가단위 오류)",
    );
}

#[test]
fn order_reject_quantity_apbk0400() {
    assert_no_order(
        "order_reject_quantity_APBK0400",
        "APBK0400",
        "주문 가능한 수량을 초과했습니다.",
    );
}

#[test]
fn order_reject_wrong_date_apbk0919() {
    assert_no_order(
        "order_reject_wrong_date_APBK0919",
        "APBK0919",
        "장운영일자가 주문일과 상이합니다",
    );
}

#[test]
fn order_resv_ccnl_documented() {
    let text = Fixture::read("order_resv_ccnl_documented").response_text();
    let answer: OrderResvCcnlAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "KIOK0510"));
    assert_eq!(answer.output.0.len(), 3);
    let row = answer.output.0.last().unwrap();
    assert_eq!(row.rsvn_ord_seq, "6429423");
    assert_eq!(row.ord_rsvn_qty, "2958");
    assert_eq!(row.odno, "0000857107");
    assert_eq!(row.rsvn_end_dt, "20261117");
}

#[test]
fn order_resv_documented() {
    let text = Fixture::read("order_resv_documented").response_text();
    let answer: OrderResvAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "APBK0013"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.rsvn_ord_seq, "3992383");
}

#[test]
fn order_resv_rvsecncl_documented() {
    let text = Fixture::read("order_resv_rvsecncl_documented").response_text();
    let answer: OrderResvRvsecnclAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "APBK0013"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.nrml_prcs_yn, "Y");
}

#[test]
fn order_rvsecncl_cancel_success() {
    let text = Fixture::read("order_rvsecncl_cancel_success").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "APBK0013"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.krx_fwdg_ord_orgno, "03930");
    assert_eq!(row.odno, "0000503800");
    assert_eq!(row.ord_tmd, "152400");
}

#[test]
fn order_rvsecncl_cancel_success_paper_40630000() {
    let text = Fixture::read("order_rvsecncl_cancel_success_paper_40630000").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "40630000"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.krx_fwdg_ord_orgno, "00950");
    assert_eq!(row.odno, "0000001518");
    assert_eq!(row.ord_tmd, "230935");
}

#[test]
fn order_rvsecncl_nothing_left_apbk0927() {
    let text = Fixture::read("order_rvsecncl_nothing_left_APBK0927").response_text();
    let answer: OrderAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("7", "APBK0927"));
    assert_eq!(answer.message(), "정정취소 가능수량이 없습니다.");
}

#[test]
fn revokep_success() {
    let text = Fixture::read("revokeP_success").response_text();
    let answer: RevokeAnswer<'_> = parsed(&text);
    assert_eq!(answer.code, "200");
    assert_eq!(answer.message, "접근토큰 폐기에 성공하였습니다");
}

#[test]
fn search_info() {
    let text = Fixture::read("search_info").response_text();
    let answer: SearchInfoAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.pdno, "005930");
    assert_eq!(row.prdt_sale_stat_cd, "01");
    assert_eq!(row.frst_erlm_dt, "19750611");
}

#[test]
fn search_stock_info() {
    let text = Fixture::read("search_stock_info").response_text();
    let answer: SearchStockInfoAnswer<'_> = parsed(&text);
    assert_eq!((&*answer.rt_cd, answer.code()), ("0", "MCA00000"));
    let row = answer.output.0.as_ref().unwrap();
    assert_eq!(row.pdno, "005930");
    assert_eq!(row.papr, "100");
    assert_eq!(row.idx_bztp_scls_cd_name, "전기.전자");
    assert_eq!(row.std_idst_clsf_cd_name, "전자부품 제조업");
}

#[test]
fn tokenp_rate_limited_egw00133() {
    let text = Fixture::read("tokenP_rate_limited_EGW00133").response_text();
    let answer: Answer<'_> = parsed(&text);
    assert!(!answer.is_success());
    assert_eq!(answer.code(), "EGW00133");
    assert_eq!(
        answer.message(),
        "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)"
    );
}

#[test]
fn tokenp_success() {
    let text = Fixture::read("tokenP_success").response_text();
    let answer: TokenAnswer<'_> = parsed(&text);
    assert_eq!(
        answer.access_token,
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ0b2tlbiIsImF1ZCI6IkZBS0UifQ.FAKEFAKEFAKE"
    );
    assert_eq!(answer.access_token_token_expired, "2026-11-24 08:31:07");
    assert_eq!(answer.expires_in, 86400);
    assert!(!format!("{answer:?}").contains(&*answer.access_token));
}
