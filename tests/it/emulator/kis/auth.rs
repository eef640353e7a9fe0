//! Tokens, keys, TR ids and limits.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::advance;

use super::support::{QUOTES, SAMSUNG, Server, TRADING, settings};

const PRICE: &str = "FHKST01010100";

fn quote_query() -> String {
    format!("FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={SAMSUNG}")
}

async fn price(server: &Server) -> super::support::Answer {
    server
        .get(PRICE, &format!("{QUOTES}inquire-price"), &quote_query())
        .await
}

#[tokio::test(start_paused = true)]
async fn a_token_is_issued_once_a_minute_and_is_the_same_for_six_hours() {
    let server = Server::real().await;
    let issue = async || {
        server
            .call("POST", "/oauth2/tokenP", &[], &server.login())
            .await
    };
    let soon = issue().await;
    assert_eq!((soon.status, soon.code()), (403, "EGW00133".into()));
    assert!(soon.json().get("rt_cd").is_none(), "{}", soon.body);
    advance(Duration::from_secs(61)).await;
    let again = issue().await.json();
    assert_eq!(again["access_token"], server.token());
    assert_eq!(again["token_type"], "Bearer");
    assert_eq!(again["expires_in"], 86_400 - 61);
    assert_eq!(again["access_token_token_expired"], "2026-11-25 10:00:00");
    advance(Duration::from_secs(6 * 3600)).await;
    assert_ne!(issue().await.json()["access_token"], server.token());
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_not_the_customers_are_refused() {
    let server = Server::real().await;
    for (field, value, code) in [
        ("appkey", "", "EGW00102"),
        ("appkey", "other", "EGW00103"),
        ("appsecret", "", "EGW00104"),
        ("appsecret", "other", "EGW00105"),
        ("grant_type", "", "EGW00115"),
        ("grant_type", "password", "EGW00116"),
    ] {
        let mut body = server.login();
        body[field] = value.into();
        let answer = server.call("POST", "/oauth2/tokenP", &[], &body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, code.into()),
            "{field}"
        );
    }
    let malformed = server
        .call("POST", "/oauth2/tokenP", &[], &json!("x"))
        .await;
    assert_eq!(malformed.status, 403);
}

#[tokio::test(start_paused = true)]
async fn every_call_needs_a_token_that_lives() {
    let server = Server::real().await;
    assert_eq!(
        price(&server).await.said(),
        (200, "0".into(), "MCA00000".into())
    );
    let path = format!("{QUOTES}inquire-price?{}", quote_query());
    for (bearer, code) in [
        ("", "EGW00122"),
        ("Basic x", "EGW00205"),
        ("Bearer wrong", "EGW00121"),
    ] {
        let headers = server.headers(bearer, PRICE);
        let answer = server.call("GET", &path, &headers, &Value::Null).await;
        assert_eq!(answer.said(), (500, "1".into(), code.into()));
    }
    server.emulator.expire_tokens();
    assert_eq!(
        price(&server).await.said(),
        (500, "1".into(), "EGW00123".into())
    );
    let body = json!({
        "appkey": &*server.customer.app_key,
        "appsecret": &*server.customer.app_secret,
        "token": server.token(),
    });
    let revoked = server.call("POST", "/oauth2/revokeP", &[], &body).await;
    assert_eq!(revoked.json()["code"], 200);
    assert_eq!(price(&server).await.code(), "EGW00121");
    let again = server.call("POST", "/oauth2/revokeP", &[], &body).await;
    assert_eq!((again.status, again.code()), (403, "EGW00121".into()));
}

#[tokio::test(start_paused = true)]
async fn each_server_knows_its_own_transactions() {
    let (real, paper) = (Server::real().await, Server::paper().await);
    let path = format!("{TRADING}inquire-balance");
    let said = async |server: &Server, tr_id: &str| {
        let query = format!("{}&AFHR_FLPR_YN=N&INQR_DVSN=02", server.own());
        server.get(tr_id, &path, &query).await.said()
    };
    assert_eq!(said(&real, "TTTC8434R").await.0, 200);
    assert_eq!(
        said(&paper, "VTTC8434R").await,
        (200, "0".into(), "20310000".into())
    );
    assert_eq!(
        said(&real, "VTTC8434R").await,
        (500, "1".into(), "EGW02005".into())
    );
    assert_eq!(
        said(&paper, "TTTC8434R").await,
        (500, "1".into(), "EGW02006".into())
    );
    // There is no open-orders call on paper, and no overseas order anywhere here.
    assert_eq!(said(&paper, "TTTC0084R").await.2, "EGW02006");
    assert_eq!(said(&real, "TTTT1002U").await.2, "OPSQ0002");
    assert_eq!(said(&real, "").await.2, "OPSQ9999");
    // Credit is not modelled: this customer may not use it.
    let order = real.order("00", "1", "70000");
    let credit = real
        .post("TTTC0052U", &format!("{TRADING}order-credit"), &order)
        .await;
    assert_eq!(credit.said(), (403, "1".into(), "EGW00206".into()));
    // The id alone says what is done, not the path; but reading is not writing.
    let odd = real.get(PRICE, &path, &quote_query()).await;
    assert_eq!(odd.said(), (200, "0".into(), "MCA00000".into()));
    let posted = real.post(PRICE, &path, &json!({})).await;
    assert_eq!(posted.code(), "EGW00101");
}

#[tokio::test(start_paused = true)]
async fn customer_types_are_optional_and_companies_have_no_paper_trading() {
    let (real, paper) = (Server::real().await, Server::paper().await);
    let path = format!("{QUOTES}inquire-price");
    for (server, custtype, code) in [
        (&real, "P", "MCA00000"),
        (&real, "B", "MCA00000"),
        (&real, "X", "EGW00208"),
        (&paper, "B", "EGW00210"),
    ] {
        let answer = server
            .get_with(PRICE, &path, &quote_query(), &[("custtype", custtype)])
            .await;
        assert_eq!(answer.code(), code, "{custtype}");
    }
}

#[tokio::test(start_paused = true)]
async fn names_go_out_in_the_mixed_case_that_the_samples_need() {
    let server = Server::real().await;
    let answer = price(&server).await;
    let names: Vec<&str> = answer
        .head
        .split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "Content-Type",
            "tr_id",
            "tr_cont",
            "gt_uid",
            "Content-Length",
            "Date"
        ]
    );
    assert_eq!(answer.header("tr_id"), Some(PRICE));
    assert_eq!(answer.header("gt_uid").map(str::len), Some(32));
    assert_eq!(answer.header("Date"), Some("Tue, 24 Nov 2026 01:00:00 GMT"));
}

#[tokio::test(start_paused = true)]
async fn eighteen_requests_are_taken_in_any_second() {
    let mut settings = settings(false);
    settings.limits.requests_per_second = 18;
    let server = Server::start(settings).await;
    for _ in 0..18 {
        assert_eq!(price(&server).await.status, 200);
    }
    assert_eq!(
        price(&server).await.said(),
        (500, "1".into(), "EGW00201".into())
    );
    advance(Duration::from_millis(900)).await;
    assert_eq!(
        price(&server).await.status,
        500,
        "the window slides, it is not reset"
    );
    advance(Duration::from_millis(150)).await;
    assert_eq!(price(&server).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn the_ledger_has_a_limit_of_its_own_where_it_is_set() {
    let mut settings = settings(false);
    settings.limits.ledger_per_second = Some(1);
    let server = Server::start(settings).await;
    assert_eq!(server.daily("", &[]).await.status, 200);
    assert_eq!(
        server.daily("", &[]).await.said(),
        (500, "1".into(), "EGW00215".into())
    );
    assert_eq!(
        price(&server).await.status,
        200,
        "quotes are not the ledger's"
    );
}

#[tokio::test(start_paused = true)]
async fn approval_keys_are_one_a_second_and_said_so_as_over_rate() {
    let server = Server::real().await;
    let first = server.approval().await;
    assert_eq!(first.len(), 36);
    let body = json!({
        "grant_type": "client_credentials",
        "appkey": &*server.customer.app_key,
        "secretkey": &*server.customer.app_secret,
    });
    let soon = server.call("POST", "/oauth2/Approval", &[], &body).await;
    assert_eq!(soon.said(), (500, "1".into(), "EGW00201".into()));
    advance(Duration::from_secs(1)).await;
    assert_ne!(server.approval().await, first);
}

#[tokio::test(start_paused = true)]
async fn a_hash_key_is_right_or_absent() {
    let server = Server::real().await;
    let order = server.order("00", "1", "70000");
    let keys = [
        ("appkey", &*server.customer.app_key),
        ("appsecret", &*server.customer.app_secret),
    ];
    let answer = server
        .call("POST", "/uapi/hashkey", &keys, &order)
        .await
        .json();
    let hash = answer["HASH"].as_str().unwrap().to_owned();
    assert_eq!((hash.len(), &answer["BODY"]), (64, &order));
    let bearer = format!("Bearer {}", server.token());
    for (hash, code) in [
        (hash.as_str(), "APBK0013"),
        ("0", "EGW00131"),
        ("", "APBK0013"),
    ] {
        let mut headers = server.headers(&bearer, "TTTC0802U");
        headers.push(("hashkey", hash));
        let path = format!("{TRADING}order-cash");
        let answer = server.call("POST", &path, &headers, &order).await;
        assert_eq!(answer.code(), code, "{hash}");
    }
}
