//! Any text as an answer of KIS's token server, and as a query: no panic, and no token in what `Debug` shows.
#![no_main]

use gwanmun::wire::kis::query;
use gwanmun::wire::kis::record::Record;
use gwanmun::wire::kis::rest::auth::{
    ApprovalAnswer, HashkeyAnswer, RevokeAnswer, RevokeRequest, TokenAnswer, TokenRequest,
};
use gwanmun::wire::kis::rest::envelope::Answer;
use gwanmun::wire::kis::rest::lists::InquireDailyCcldQuery;
use libfuzzer_sys::fuzz_target;

/// Shorter secrets may stand in the names of fields by chance.
const TELLING: usize = 24;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let _ = serde_json::from_str::<Answer<'_>>(text).map(|answer| answer.code().to_owned());
    let _ = serde_json::from_str::<HashkeyAnswer<'_>>(text);
    let _ = serde_json::from_str::<RevokeAnswer<'_>>(text);
    if let Ok(answer) = serde_json::from_str::<TokenAnswer<'_>>(text) {
        // The fields that may be shown could hold the token too, if a server put it there.
        if !answer
            .access_token_token_expired
            .contains(&*answer.access_token)
            && !answer.token_type.contains(&*answer.access_token)
        {
            hidden(&answer.access_token, &format!("{answer:?}"));
        }
    }
    if let Ok(answer) = serde_json::from_str::<ApprovalAnswer<'_>>(text) {
        hidden(&answer.approval_key, &format!("{answer:?}"));
    }
    if let Ok(request) = serde_json::from_str::<TokenRequest<'_>>(text)
        && !request.grant_type.contains(&*request.appsecret)
    {
        hidden(&request.appsecret, &format!("{request:?}"));
    }
    if let Ok(request) = serde_json::from_str::<RevokeRequest<'_>>(text) {
        hidden(&request.token, &format!("{request:?}"));
    }
    if let Ok(record) = query::read::<InquireDailyCcldQuery<'_>>(text) {
        let mut written = String::new();
        query::write(&record, &mut written);
        let again: InquireDailyCcldQuery<'_> =
            query::read(&written).expect("what was written can be read");
        assert_eq!(again.values().as_ref(), record.values().as_ref());
    }
});

fn hidden(secret: &str, shown: &str) {
    assert!(secret.len() < TELLING || !shown.contains(secret));
}
