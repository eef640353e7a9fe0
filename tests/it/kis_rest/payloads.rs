//! Every payload both ways: read, written, and the same as before.

use std::collections::BTreeSet;

use gwanmun::wire::kis::rest::account::{
    InquireAccountBalanceAnswer, InquireAccountBalanceQuery, InquirePsblOrderAnswer,
    InquirePsblOrderQuery, InquirePsblSellAnswer, InquirePsblSellQuery,
};
use gwanmun::wire::kis::rest::auth::{
    ApprovalAnswer, ApprovalRequest, HashkeyAnswer, RevokeAnswer, RevokeRequest, TokenAnswer,
    TokenRequest,
};
use gwanmun::wire::kis::rest::balance::{
    InquireBalanceAnswer, InquireBalanceQuery, InquireBalanceRlzPlAnswer, InquireBalanceRlzPlQuery,
};
use gwanmun::wire::kis::rest::book::InquireAskingPriceAnswer;
use gwanmun::wire::kis::rest::calendar::{
    ChkHolidayAnswer, ChkHolidayQuery, InquireViStatusAnswer, InquireViStatusQuery,
};
use gwanmun::wire::kis::rest::candles::{
    InquireDailyItemchartpriceAnswer, InquireDailyItemchartpriceQuery, InquireDailyPriceAnswer,
    InquireDailyPriceQuery, InquireTimeDailychartpriceQuery, InquireTimeItemchartpriceAnswer,
    InquireTimeItemchartpriceQuery,
};
use gwanmun::wire::kis::rest::credit::{
    InquireCreditPsamountAnswer, InquireCreditPsamountQuery, OrderCreditRequest,
};
use gwanmun::wire::kis::rest::envelope::Answer;
use gwanmun::wire::kis::rest::instrument::{
    SearchInfoAnswer, SearchInfoQuery, SearchStockInfoAnswer,
};
use gwanmun::wire::kis::rest::lists::{
    InquireDailyCcldAnswer, InquireDailyCcldQuery, InquirePsblRvsecnclAnswer,
    InquirePsblRvsecnclQuery,
};
use gwanmun::wire::kis::rest::margin::{IntgrMarginAnswer, IntgrMarginQuery};
use gwanmun::wire::kis::rest::multprice::{IntstockMultpriceAnswer, IntstockMultpriceQuery};
use gwanmun::wire::kis::rest::order::{OrderAnswer, OrderCashRequest, OrderRvsecnclRequest};
use gwanmun::wire::kis::rest::price::{InquirePrice2Answer, InquirePriceAnswer, QuoteQuery};
use gwanmun::wire::kis::rest::profit::{
    InquirePeriodProfitAnswer, InquirePeriodProfitQuery, InquirePeriodTradeProfitAnswer,
    InquirePeriodTradeProfitQuery,
};
use gwanmun::wire::kis::rest::reserved::{
    OrderResvAnswer, OrderResvCcnlAnswer, OrderResvCcnlQuery, OrderResvRequest,
    OrderResvRvsecnclAnswer, OrderResvRvsecnclRequest,
};
use gwanmun::wire::kis::rest::trades::{
    InquireCcnlAnswer, InquireTimeItemconclusionAnswer, InquireTimeItemconclusionQuery,
};

use super::fixture::{FIXTURES, Fixture, answered, asked, not_ours};

/// How a request of a fixture, and how its answer, is read and written again.
type BothWays = fn(&'static str) -> serde_json::Value;

const PAYLOADS: &[(&str, BothWays, BothWays)] = &[
    (
        "Approval_success",
        asked::<ApprovalRequest<'static>>,
        answered::<ApprovalAnswer<'static>>,
    ),
    (
        "chk_holiday",
        asked::<ChkHolidayQuery<'static>>,
        answered::<ChkHolidayAnswer<'static>>,
    ),
    (
        "error_input_OPSQ2001",
        asked::<QuoteQuery<'static>>,
        answered::<InquirePriceAnswer<'static>>,
    ),
    (
        "error_not_paper_tr_EGW02006",
        not_ours,
        answered::<Answer<'static>>,
    ),
    (
        "error_rate_limit_EGW00201",
        asked::<QuoteQuery<'static>>,
        answered::<InquirePriceAnswer<'static>>,
    ),
    (
        "error_token_expired_EGW00123",
        asked::<QuoteQuery<'static>>,
        answered::<InquirePriceAnswer<'static>>,
    ),
    (
        "hashkey_success",
        asked::<OrderCashRequest<'static>>,
        answered::<HashkeyAnswer<'static, OrderCashRequest<'static>>>,
    ),
    (
        "inquire_account_balance_documented",
        asked::<InquireAccountBalanceQuery<'static>>,
        answered::<InquireAccountBalanceAnswer<'static>>,
    ),
    (
        "inquire_asking_price_exp_ccn",
        asked::<QuoteQuery<'static>>,
        answered::<InquireAskingPriceAnswer<'static>>,
    ),
    (
        "inquire_balance_one_holding",
        asked::<InquireBalanceQuery<'static>>,
        answered::<InquireBalanceAnswer<'static>>,
    ),
    (
        "inquire_balance_rlz_pl_documented",
        asked::<InquireBalanceRlzPlQuery<'static>>,
        answered::<InquireBalanceRlzPlAnswer<'static>>,
    ),
    (
        "inquire_ccnl",
        asked::<QuoteQuery<'static>>,
        answered::<InquireCcnlAnswer<'static>>,
    ),
    (
        "inquire_credit_psamount_documented",
        asked::<InquireCreditPsamountQuery<'static>>,
        answered::<InquireCreditPsamountAnswer<'static>>,
    ),
    (
        "inquire_daily_ccld_first_page_continues",
        asked::<InquireDailyCcldQuery<'static>>,
        answered::<InquireDailyCcldAnswer<'static>>,
    ),
    (
        "inquire_daily_ccld_one_fill",
        asked::<InquireDailyCcldQuery<'static>>,
        answered::<InquireDailyCcldAnswer<'static>>,
    ),
    (
        "inquire_daily_ccld_paper_empty_70070000",
        asked::<InquireDailyCcldQuery<'static>>,
        answered::<InquireDailyCcldAnswer<'static>>,
    ),
    (
        "inquire_daily_itemchartprice",
        asked::<InquireDailyItemchartpriceQuery<'static>>,
        answered::<InquireDailyItemchartpriceAnswer<'static>>,
    ),
    (
        "inquire_daily_price",
        asked::<InquireDailyPriceQuery<'static>>,
        answered::<InquireDailyPriceAnswer<'static>>,
    ),
    (
        "inquire_period_profit_documented",
        asked::<InquirePeriodProfitQuery<'static>>,
        answered::<InquirePeriodProfitAnswer<'static>>,
    ),
    (
        "inquire_period_trade_profit_documented",
        asked::<InquirePeriodTradeProfitQuery<'static>>,
        answered::<InquirePeriodTradeProfitAnswer<'static>>,
    ),
    (
        "inquire_price",
        asked::<QuoteQuery<'static>>,
        answered::<InquirePriceAnswer<'static>>,
    ),
    (
        "inquire_price_2_documented",
        asked::<QuoteQuery<'static>>,
        answered::<InquirePrice2Answer<'static>>,
    ),
    (
        "inquire_psbl_order_market",
        asked::<InquirePsblOrderQuery<'static>>,
        answered::<InquirePsblOrderAnswer<'static>>,
    ),
    (
        "inquire_psbl_rvsecncl_two_orders",
        asked::<InquirePsblRvsecnclQuery<'static>>,
        answered::<InquirePsblRvsecnclAnswer<'static>>,
    ),
    (
        "inquire_psbl_sell_documented",
        asked::<InquirePsblSellQuery<'static>>,
        answered::<InquirePsblSellAnswer<'static>>,
    ),
    (
        "inquire_time_dailychartprice_documented",
        asked::<InquireTimeDailychartpriceQuery<'static>>,
        answered::<InquireTimeItemchartpriceAnswer<'static>>,
    ),
    (
        "inquire_time_itemchartprice",
        asked::<InquireTimeItemchartpriceQuery<'static>>,
        answered::<InquireTimeItemchartpriceAnswer<'static>>,
    ),
    (
        "inquire_time_itemconclusion_documented",
        asked::<InquireTimeItemconclusionQuery<'static>>,
        answered::<InquireTimeItemconclusionAnswer<'static>>,
    ),
    (
        "inquire_vi_status",
        asked::<InquireViStatusQuery<'static>>,
        answered::<InquireViStatusAnswer<'static>>,
    ),
    (
        "intgr_margin_documented",
        asked::<IntgrMarginQuery<'static>>,
        answered::<IntgrMarginAnswer<'static>>,
    ),
    (
        "intstock_multprice_documented",
        asked::<IntstockMultpriceQuery<'static>>,
        answered::<IntstockMultpriceAnswer<'static>>,
    ),
    (
        "order_cash_buy_limit_success",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_cash_buy_market_SOR_success",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_cash_buy_success_paper_old_unpadded",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_cash_sell_success_paper_40590000",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_credit_documented",
        asked::<OrderCreditRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_error_body_IGW00007",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_reject_market_closed_APBK0918",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_reject_paper_closed_40580000",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_reject_paper_holiday_40100000",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_reject_paper_tick_40030000",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_reject_quantity_APBK0400",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_reject_wrong_date_APBK0919",
        asked::<OrderCashRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_resv_ccnl_documented",
        asked::<OrderResvCcnlQuery<'static>>,
        answered::<OrderResvCcnlAnswer<'static>>,
    ),
    (
        "order_resv_documented",
        asked::<OrderResvRequest<'static>>,
        answered::<OrderResvAnswer<'static>>,
    ),
    (
        "order_resv_rvsecncl_documented",
        asked::<OrderResvRvsecnclRequest<'static>>,
        answered::<OrderResvRvsecnclAnswer<'static>>,
    ),
    (
        "order_rvsecncl_cancel_success",
        asked::<OrderRvsecnclRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_rvsecncl_cancel_success_paper_40630000",
        asked::<OrderRvsecnclRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "order_rvsecncl_nothing_left_APBK0927",
        asked::<OrderRvsecnclRequest<'static>>,
        answered::<OrderAnswer<'static>>,
    ),
    (
        "revokeP_success",
        asked::<RevokeRequest<'static>>,
        answered::<RevokeAnswer<'static>>,
    ),
    (
        "search_info",
        asked::<SearchInfoQuery<'static>>,
        answered::<SearchInfoAnswer<'static>>,
    ),
    (
        "search_stock_info",
        asked::<SearchInfoQuery<'static>>,
        answered::<SearchStockInfoAnswer<'static>>,
    ),
    (
        "tokenP_rate_limited_EGW00133",
        asked::<TokenRequest<'static>>,
        answered::<Answer<'static>>,
    ),
    (
        "tokenP_success",
        asked::<TokenRequest<'static>>,
        answered::<TokenAnswer<'static>>,
    ),
];

#[test]
fn every_fixture_is_read_by_a_test() {
    let named = PAYLOADS
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect::<BTreeSet<_>>();
    let stored = std::fs::read_dir(FIXTURES)
        .unwrap()
        .filter_map(|entry| {
            entry
                .unwrap()
                .file_name()
                .to_str()
                .unwrap()
                .strip_suffix(".json")
                .map(str::to_owned)
        })
        .collect::<BTreeSet<_>>();
    assert_eq!(named, stored);
    assert_eq!(named.len(), PAYLOADS.len());
}

#[test]
fn answers_are_written_as_they_were_read() {
    for (name, _, answer) in PAYLOADS {
        let fixture = Fixture::read(name);
        same(
            name,
            &fixture.response,
            &answer(fixture.response_text().leak()),
        );
    }
}

#[test]
fn requests_are_written_as_they_were_read() {
    for (name, request, _) in PAYLOADS {
        let fixture = Fixture::read(name);
        same(
            name,
            &fixture.request,
            &request(fixture.request.to_string().leak()),
        );
    }
}

/// Spellings that differ between the manual and a payload: the payload's, then ours.
const SPELLINGS: [(&str, &str); 2] = [
    ("scrt_grp_id_cd", "scty_grp_id_cd"),
    ("prdt_risk_grade_cd", "prdt_risk_grad_cd"),
];

/// Fields of a payload that the manual does not have, so that we do not either.
const STRANGERS: [&str; 3] = [
    "idx_bztp_lcls_cd_eng_name",
    "idx_bztp_mcls_cd_eng_name",
    "idx_bztp_scls_cd_eng_name",
];

/// Everything that was read is written again; what is written besides is empty.
fn same(name: &str, read: &serde_json::Value, written: &serde_json::Value) {
    use serde_json::Value;
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => {
            let mut seen = BTreeSet::new();
            for (key, value) in read {
                if STRANGERS.contains(&key.as_str()) {
                    continue;
                }
                let spelt = SPELLINGS
                    .iter()
                    .find(|(theirs, _)| theirs == key)
                    .map_or(key.as_str(), |(_, ours)| ours);
                let found = written
                    .get(spelt)
                    .unwrap_or_else(|| panic!("{name}: {key} is lost"));
                seen.insert(spelt.to_owned());
                same(&format!("{name}.{key}"), value, found);
            }
            for (key, value) in written.iter().filter(|(key, _)| !seen.contains(*key)) {
                assert!(
                    value == "" || value == &Value::Array(Vec::new()),
                    "{name}: {key} is new: {value}"
                );
            }
        }
        (Value::Array(read), Value::Array(written)) => {
            assert_eq!(read.len(), written.len(), "{name}");
            for (index, (read, written)) in read.iter().zip(written).enumerate() {
                same(&format!("{name}[{index}]"), read, written);
            }
        }
        (Value::Number(number), Value::String(text)) => {
            assert_eq!(&number.to_string(), text, "{name}")
        }
        _ => assert_eq!(read, written, "{name}"),
    }
}
