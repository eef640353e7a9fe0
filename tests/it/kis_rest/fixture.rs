//! Payloads of `tests/fixtures/kis/rest`. Texts that a table of readers shares are leaked: one lifetime fits all its rows.

use gwanmun::wire::kis::query;
use gwanmun::wire::kis::record::Record;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kis/rest");

/// A request and its answer.
pub(super) struct Fixture {
    /// The body, or the parameters of the query.
    pub(super) request: Value,
    pub(super) response: Value,
}

impl Fixture {
    pub(super) fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(format!("{FIXTURES}/{name}.json")).unwrap();
        let mut whole: Value = serde_json::from_str(&text).unwrap();
        let request = whole["request"].take();
        let fields = request
            .get("body")
            .or_else(|| request.get("query"))
            .cloned();
        Self {
            request: fields.unwrap(),
            response: whole["response"]["body"].take(),
        }
    }

    pub(super) fn response_text(&self) -> String {
        self.response.to_string()
    }
}

pub(super) fn parsed<'a, A: Deserialize<'a>>(text: &'a str) -> A {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

pub(super) fn answered<A: Deserialize<'static> + Serialize>(text: &'static str) -> Value {
    serde_json::to_value(parsed::<A>(text)).unwrap()
}

/// A request goes through the query too, because some are sent that way.
pub(super) fn asked<R>(text: &'static str) -> Value
where
    R: Record<'static> + Deserialize<'static> + Serialize,
{
    let record = parsed::<R>(text);
    let mut written = String::new();
    query::write(&record, &mut written);
    let read = query::read::<R>(written.leak()).unwrap();
    assert_eq!(read.values().as_ref(), record.values().as_ref());
    serde_json::to_value(record).unwrap()
}

/// For requests to parts of the vendor's API that are not for domestic stocks.
pub(super) fn not_ours(text: &'static str) -> Value {
    parsed(text)
}
