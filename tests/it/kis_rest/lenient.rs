//! What is forgiven, what is not, and that nothing panics.

use gwanmun::wire::kis::messages::Message;
use gwanmun::wire::kis::rest::auth::{ApprovalAnswer, HashkeyAnswer, TokenAnswer};
use gwanmun::wire::kis::rest::balance::InquireBalanceAnswer;
use gwanmun::wire::kis::rest::candles::InquireDailyItemchartpriceAnswer;
use gwanmun::wire::kis::rest::envelope::{Answer, Nothing, One, Rows};
use gwanmun::wire::kis::rest::lists::{InquireDailyCcldAnswer, InquireDailyCcldRow};
use gwanmun::wire::kis::rest::order::{OrderAnswer, OrderCashRequest, OrderReceipt};
use proptest::prelude::*;

use super::fixture::parsed;

#[test]
fn an_output_that_holds_nothing_is_nothing() {
    for output in [
        "",
        r#","output":null"#,
        r#","output":{}"#,
        r#","output":[]"#,
        r#","output":"""#,
        r#","output":[{}]"#,
        r#","output":{"ODNO":"","ORD_TMD":null}"#,
    ] {
        let text = format!(r#"{{"rt_cd":"7","msg_cd":"APBK0952 ","msg1":" no  "{output}}}"#);
        let answer: OrderAnswer<'_> = parsed(&text);
        assert_eq!(answer.output, One(None), "{text}");
        let list: Answer<'_, Rows<OrderReceipt<'_>>> = parsed(&text);
        assert_eq!(list.output, Rows(Vec::new()), "{text}");
        assert_eq!((answer.code(), answer.message()), ("APBK0952", "no"));
        assert!(!answer.is_success());
    }
}

#[test]
fn a_record_and_a_list_of_one_are_the_same() {
    for output in [r#"{"odno":"1"}"#, r#"[{"ODNO":"1"}]"#, r#"[{"OdNo":1},{}]"#] {
        let text = format!(r#"{{"rt_cd":"0","output":{output}}}"#);
        let answer: OrderAnswer<'_> = parsed(&text);
        assert_eq!(answer.output.0.unwrap().odno, "1", "{text}");
        let list: Answer<'_, Rows<OrderReceipt<'_>>> = parsed(&text);
        assert_eq!(list.output.0.len(), 1, "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_an_error() {
    for output in [
        r#"[{"ODNO":"1"},{"ODNO":"2"}]"#,
        r#"{"ODNO":"1","odno":"2"}"#,
        r#"{"ODNO":1.5}"#,
        r#"{"ODNO":["1"]}"#,
        r#"{"ODNO":true}"#,
        r#""text""#,
        "7",
    ] {
        let text = format!(r#"{{"rt_cd":"0","output":{output}}}"#);
        assert!(
            serde_json::from_str::<OrderAnswer<'_>>(&text).is_err(),
            "{text}"
        );
    }
    // The same value twice says nothing new; two heads do.
    let twice = r#"{"rt_cd":"0","output":{"ODNO":"1","odno":"1"}}"#;
    assert!(serde_json::from_str::<OrderAnswer<'_>>(twice).is_ok());
    let heads = r#"{"rt_cd":"0","rt_cd":"1"}"#;
    assert!(serde_json::from_str::<Answer<'_>>(heads).is_err());
}

#[test]
fn success_is_said_and_never_guessed() {
    for text in [
        "{}",
        r#"{"output":{"ODNO":"0000117057"}}"#,
        r#"{"rt_cd":"","msg_cd":"APBK0013"}"#,
        r#"{"rt_cd":null}"#,
        r#"{"rt_cd":"00"}"#,
        r#"{"rt_cd":"1"}"#,
        r#"{"rt_cd":"0","error_code":"EGW00133"}"#,
    ] {
        assert!(!parsed::<OrderAnswer<'_>>(text).is_success(), "{text}");
    }
    assert!(parsed::<OrderAnswer<'_>>(r#"{"rt_cd":0}"#).is_success());
    assert!(parsed::<OrderAnswer<'_>>(r#"{"rt_cd":"0 "}"#).is_success());
}

#[test]
fn fields_that_kis_adds_are_ignored() {
    let text = r#"{"rt_cd":"0","NEW":{"a":[1.5]},"output":{"ODNO":"1","NEW":{"b":null},"ORD_TMD":"090000"}}"#;
    let answer: OrderAnswer<'_> = parsed(text);
    let receipt = answer.output.0.unwrap();
    assert_eq!((&*receipt.odno, &*receipt.ord_tmd), ("1", "090000"));
}

#[test]
fn empty_rows_with_which_candles_are_padded_are_left_out() {
    let text = r#"{"rt_cd":"0","output1":{},"output2":[{"stck_bsop_date":"20260504"},{},{}]}"#;
    let answer: InquireDailyItemchartpriceAnswer<'_> = parsed(text);
    assert_eq!(answer.output2.0.len(), 1);
}

#[test]
fn escapes_are_read_and_plain_text_is_borrowed() {
    let text = r#"{"msg1":"\ub2e8\uac00 \"1\"","rt_cd":"1","output":{"ODNO":"0000117057"}}"#;
    let answer: OrderAnswer<'_> = parsed(text);
    assert_eq!(answer.message(), "단가 \"1\"");
    let odno = answer.output.0.unwrap().odno;
    assert!(matches!(odno, std::borrow::Cow::Borrowed(_)));
}

#[test]
fn debug_shows_no_account_and_no_secret() {
    let request: OrderCashRequest<'_> =
        parsed(r#"{"CANO":"87654321","ACNT_PRDT_CD":"01","PDNO":"005930"}"#);
    let shown = format!("{request:?}");
    assert!(
        shown.contains("005930") && !shown.contains("87654321"),
        "{shown}"
    );
    let row: InquireDailyCcldRow<'_> =
        parsed(r#"{"odno":"1","ctac_tlno":"01012345678","inqr_ip_addr":"203.0.113.7"}"#);
    let shown = format!("{row:?}");
    assert!(
        !shown.contains("01012345678") && !shown.contains("203.0.113.7"),
        "{shown}"
    );
    let answer: Answer<'_> =
        parsed(r#"{"rt_cd":"0","ctx_area_fk100":"87654321!^01!^   ","ctx_area_nk100":""}"#);
    assert!(!format!("{answer:?}").contains("87654321"));
    assert_eq!(answer.context(), Some(("87654321!^01!^", "")));
}

#[test]
fn the_codes_of_all_fixtures_are_in_the_table() {
    for entry in std::fs::read_dir(super::fixture::FIXTURES).unwrap() {
        let name = entry.unwrap().file_name().to_str().unwrap().to_owned();
        let Some(name) = name.strip_suffix(".json") else {
            continue;
        };
        let text = super::fixture::Fixture::read(name).response_text();
        let answer: Answer<'_> = parsed(&text);
        if !answer.code().is_empty() {
            let message = Message::find(answer.code()).unwrap_or_else(|| panic!("{name}"));
            assert!(!answer.is_success() || !message.proves_refusal(), "{name}");
        }
    }
}

/// Every reader of answers, fed the same text.
fn read_everything(text: &str) {
    let _ = serde_json::from_str::<Answer<'_>>(text);
    let _ = serde_json::from_str::<Answer<'_, Nothing, Nothing, Nothing>>(text);
    let _ = serde_json::from_str::<OrderAnswer<'_>>(text);
    let _ = serde_json::from_str::<InquireDailyCcldAnswer<'_>>(text);
    let _ = serde_json::from_str::<InquireBalanceAnswer<'_>>(text);
    let _ = serde_json::from_str::<TokenAnswer<'_>>(text);
    let _ = serde_json::from_str::<ApprovalAnswer<'_>>(text);
    let _ = serde_json::from_str::<HashkeyAnswer<'_>>(text);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        read_everything(&text);
    }

    /// A real answer with a hole and a scratch gets deeper into the readers than noise does.
    #[test]
    fn any_damage_is_read_or_refused(
        name in proptest::sample::select(vec![
            "inquire_daily_ccld_one_fill", "inquire_balance_one_holding", "order_cash_buy_limit_success", "tokenP_success",
        ]),
        at in any::<proptest::sample::Index>(),
        len in 0_usize..40,
        scratch in "[\\[\\]{}\",:0-9a-z null.e-]{0,8}",
    ) {
        let text = super::fixture::Fixture::read(name).response_text();
        let chars = text.chars().collect::<Vec<_>>();
        let at = at.index(chars.len());
        let end = (at + len).min(chars.len());
        let damaged = chars[..at].iter().chain(scratch.chars().collect::<Vec<_>>().iter()).chain(&chars[end..]).collect::<String>();
        read_everything(&damaged);
    }
}
