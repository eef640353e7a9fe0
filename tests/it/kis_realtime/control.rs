//! Subscriptions, answers, heartbeats.

use gwanmun::wire::kis::realtime::{
    Answer, Control, CustomerCode, Feed, OpspCode, RegisterCode, Registration, heartbeat,
};

use super::Example;

fn answer(text: &str) -> Answer<'_> {
    match Control::parse(text.as_bytes()) {
        Ok(Control::Answer(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_brings_the_key() {
    let example = Example::read("ack_H0STCNT0");
    let answer = answer(example.frames()[0]);
    assert_eq!(answer.feed(), Some(Feed::TradeKrx));
    assert_eq!(answer.tr_key, "000660");
    assert_eq!(answer.code, OpspCode::Subscribed);
    assert!(answer.is_subscribed() && !answer.is_released());
    let key = answer.key.as_ref().unwrap();
    assert_eq!(key.iv, "0f1e2d3c4b5a6978");
    assert_eq!(key.key, "fakekeyfakekeyfakekeyfakekeyabcd");
    assert!(key.notice_key().is_ok());
    assert_eq!(answer.to_json(), example.frames()[0]);
}

#[test]
fn failures_are_told_apart() {
    let example = Example::read("ack_errors");
    let seen = example.frames().into_iter().map(|text| {
        let answer = answer(text);
        assert_eq!(answer.to_json(), text);
        assert_eq!(answer.message, answer.code.message());
        (answer.code, answer.is_subscribed(), answer.is_released())
    });
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [
            (OpspCode::AlreadySubscribed, true, false),
            (OpspCode::Released, false, true),
            (OpspCode::NotSubscribed, false, true),
            (OpspCode::TooMany, false, false),
            (OpspCode::InUse, false, false),
        ]
    );
    let in_use = answer(example.frames()[4]);
    assert_eq!((in_use.feed(), &*in_use.tr_id), (None, "(null)"));
    assert_eq!(in_use.key, None);
}

#[test]
fn a_success_code_in_a_failed_answer_is_no_success() {
    let text = r#"{"header":{},"body":{"rt_cd":"1","msg_cd":"OPSP0000"}}"#;
    assert!(!answer(text).is_subscribed());
    let text = r#"{"header":{},"body":{"rt_cd":"1","msg_cd":"OPSP0001"}}"#;
    assert!(!answer(text).is_released());
    let text = r#"{"header":{},"body":{"rt_cd":"0","msg_cd":"OPSP7777 and more"}}"#;
    assert!(!answer(text).is_subscribed());
}

#[test]
fn a_heartbeat_is_given_back_as_it_came() {
    let example = Example::read("pingpong");
    let text = example.frames()[0];
    assert_eq!(
        Control::parse(text.as_bytes()).unwrap(),
        Control::Heartbeat(text.as_bytes())
    );
    assert_eq!(heartbeat("20260923100000"), text);
}

#[test]
fn subscriptions_are_the_documented_messages() {
    for name in ["subscribe_request_H0STCNT0", "subscribe_request_H0STCNI0"] {
        for text in Example::read(name).texts("client_sends") {
            let asked = Registration::parse(text.as_bytes()).unwrap();
            assert_eq!(asked.customer, CustomerCode::Person);
            assert_eq!(asked.to_json(), text);
            assert!(!format!("{asked:?}").contains(&*asked.approval_key));
        }
    }
    let example = Example::read("subscribe_request_H0STCNT0");
    let [first, second] = example.texts("client_sends")[..] else {
        panic!("begin and end");
    };
    let first = Registration::parse(first.as_bytes()).unwrap();
    assert_eq!((&*first.tr_id, &*first.tr_key), ("H0STCNT0", "005930"));
    assert_eq!(first.action, RegisterCode::Register);
    let second = Registration::parse(second.as_bytes()).unwrap();
    assert_eq!(second.action, RegisterCode::Release);
}

#[test]
fn a_malformed_subscription_has_the_code_of_the_vendor() {
    let whole = r#"{"header":{"approval_key":"k","custtype":"P","tr_type":"1"},"body":{"input":{"tr_id":"H0STCNT0","tr_key":"005930"}}}"#;
    assert!(Registration::parse(whole.as_bytes()).is_ok());
    for (found, instead, code) in [
        ("}}}", "}}", OpspCode::InvalidJson),
        ("\"header\"", "\"h\"", OpspCode::NoHeader),
        ("\"body\"", "\"b\"", OpspCode::NoBody),
        ("\"input\"", "\"i\"", OpspCode::NoInput),
        ("\"custtype\"", "\"c\"", OpspCode::NoCustomerType),
        ("\"P\"", "\"X\"", OpspCode::InvalidCustomerType),
        ("\"1\"", "\"0\"", OpspCode::InvalidTrType),
        ("\"approval_key\"", "\"a\"", OpspCode::NoAppKey),
        ("\"tr_key\"", "\"k\"", OpspCode::NoTrKey),
        ("\"tr_id\"", "\"t\"", OpspCode::InvalidTrId),
    ] {
        let text = whole.replacen(found, instead, 1);
        assert_eq!(Registration::parse(text.as_bytes()), Err(code), "{text}");
    }
}

#[test]
fn every_code_has_a_text_and_is_read_back() {
    for code in OpspCode::ALL {
        let text = format!(
            r#"{{"header":{{}},"body":{{"rt_cd":"1","msg_cd":"{code}","msg1":"{}"}}}}"#,
            code.message()
        );
        assert!(!code.message().is_empty());
        assert_eq!(answer(&text).code, *code);
    }
}

#[test]
fn what_is_not_a_control_message_is_an_error() {
    for text in [
        "",
        "{",
        "{}",
        "[]",
        "null",
        r#"{"header":null}"#,
        r#"{"header":{}}"#,
        r#"{"header":{},"body":null}"#,
        r#"{"header":{},"body":{}}"#,
        r#"{"header":{},"body":{"rt_cd":0}}"#,
        r#"{"header":{"tr_id":"H0STCNT0"},"body":{"rt_cd":"0","output":{"key":"k"}}}"#,
    ] {
        assert!(Control::parse(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Control::parse(&[b'{'; 100_000]).is_err());
    assert!(Control::parse(b"{\"header\":{\"tr_id\":\"\xff\"}}").is_err());
}
