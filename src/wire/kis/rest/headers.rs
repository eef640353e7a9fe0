//! Headers of requests and answers.
//!
//! The server writes `Content-Type`, `Content-Length` and `Date` with capitals, and its own names in lower case; clients
//! must match names without regard to case. Requests need `authorization`, `appkey`, `appsecret` and `tr_id`; orders by
//! the manual `custtype` too, which common libraries leave out.

/// `Bearer`, a space, and the access token.
pub const AUTHORIZATION: &str = "authorization";
/// 앱키 (app key).
pub const APPKEY: &str = "appkey";
/// 앱시크릿키 (app secret).
pub const APPSECRET: &str = "appsecret";
/// 거래ID (transaction id): what the call does; see [`Tr`](super::super::tr::Tr).
pub const TR_ID: &str = "tr_id";
/// 연속거래여부 (continuation): see [`is_continued`].
pub const TR_CONT: &str = "tr_cont";
/// 고객타입 (kind of customer): [`CUSTTYPE_PERSON`] or [`CUSTTYPE_CORPORATE`].
pub const CUSTTYPE: &str = "custtype";
/// 해쉬키 (hash over the body): optional.
pub const HASHKEY: &str = "hashkey";
/// 글로벌UID (identity of the request), in answers.
pub const GT_UID: &str = "gt_uid";
/// 개인 (person).
pub const CUSTTYPE_PERSON: &str = "P";
/// 법인 (corporation).
pub const CUSTTYPE_CORPORATE: &str = "B";
/// What bodies are.
pub const JSON: &str = "application/json; charset=utf-8";
/// `tr_cont` of a request for the next page. The first page is asked for with an empty one, or none.
pub const TR_CONT_NEXT: &str = "N";

/// Whether an answer's `tr_cont` says that more pages follow: `F` and `M` do, `D`, `E` and an empty one do not. `None`:
/// it says something that is not in the manual, and whether the list is whole is not known.
pub fn is_continued(tr_cont: &str) -> Option<bool> {
    match tr_cont.trim() {
        "F" | "M" => Some(true),
        "D" | "E" | "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_manual_says_ends_or_continues_a_list() {
        for tr_cont in ["F", "M", " M "] {
            assert_eq!(is_continued(tr_cont), Some(true), "{tr_cont:?}");
        }
        for tr_cont in ["D", "E", "", "  "] {
            assert_eq!(is_continued(tr_cont), Some(false), "{tr_cont:?}");
        }
        for tr_cont in ["N", "f", "X", "FM"] {
            assert_eq!(is_continued(tr_cont), None, "{tr_cont:?}");
        }
    }
}
