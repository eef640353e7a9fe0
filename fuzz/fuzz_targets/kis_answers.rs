//! Any text as an answer of KIS: no panic, no success that the broker did not say, and nothing is lost on the way back.
#![no_main]

use gwanmun::wire::kis::messages::Message;
use gwanmun::wire::kis::rest::account::InquirePsblOrderAnswer;
use gwanmun::wire::kis::rest::balance::InquireBalanceAnswer;
use gwanmun::wire::kis::rest::book::InquireAskingPriceAnswer;
use gwanmun::wire::kis::rest::candles::InquireDailyItemchartpriceAnswer;
use gwanmun::wire::kis::rest::envelope::Answer;
use gwanmun::wire::kis::rest::lists::{InquireDailyCcldAnswer, InquirePsblRvsecnclAnswer};
use gwanmun::wire::kis::rest::order::OrderAnswer;
use gwanmun::wire::kis::rest::price::InquirePriceAnswer;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Reads an answer of one kind, and what it was written as.
macro_rules! check {
    ($text:expr, $($answer:ident),*) => { $(
        if let Ok(answer) = serde_json::from_str::<$answer<'_>>($text) {
            heads($text, &answer);
            let written = serde_json::to_string(&answer).expect("records are strings");
            let again: $answer<'_> = serde_json::from_str(&written).expect("what was written can be read");
            assert_eq!(again, answer);
        }
    )* };
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    check!(
        text,
        Answer,
        OrderAnswer,
        InquirePsblRvsecnclAnswer,
        InquireDailyCcldAnswer,
        InquireBalanceAnswer,
        InquirePsblOrderAnswer,
        InquirePriceAnswer,
        InquireAskingPriceAnswer,
        InquireDailyItemchartpriceAnswer
    );
});

fn heads<O, O1, O2>(text: &str, answer: &Answer<'_, O, O1, O2>) {
    let _ = Message::find(answer.code()).map(Message::proves_refusal);
    let _ = (answer.message(), answer.context());
    if answer.is_success() {
        let plain: Value = serde_json::from_str(text).expect("it was read before");
        let said = match &plain["rt_cd"] {
            Value::String(code) => code.trim() == "0",
            Value::Number(code) => code.as_i64() == Some(0),
            _ => false,
        };
        assert!(said);
    }
}
