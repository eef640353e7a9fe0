//! Requests as KIS documents them, and what its answers say.

use bytes::Bytes;
use jiff::civil::date;

use super::*;
use crate::domain::{OrderRequest, Price, TimeInForce};
use crate::orders::desk::Ticket;

const DAY: Date = date(2026, 11, 24);

fn now() -> Timestamp {
    "2026-11-24T10:00:00+09:00".parse().unwrap()
}

fn reply(status: u16, body: &str) -> transport::Reply {
    transport::Reply {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        sent: Instant::now(),
        received: Instant::now(),
    }
}

fn fixture(name: &str) -> String {
    let path = format!(
        "{}/tests/fixtures/kis/rest/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let whole = std::fs::read_to_string(path).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
    whole["response"]["body"].to_string()
}

fn said(status: u16, body: &str) -> Answer {
    answer_of(&reply(status, body), DAY, now())
}

fn account() -> OrderAccount {
    OrderAccount {
        cano: Text::new("12345678").unwrap(),
        acnt_prdt_cd: Text::new("01").unwrap(),
    }
}

fn write(instruction: Instruction, order: OrderRequest) -> WriteRequest {
    WriteRequest {
        ticket: Ticket(1),
        id: order.id,
        order,
        instruction,
        deadline: Duration::from_secs(5),
    }
}

fn order(kind: OrderKind) -> OrderRequest {
    let account = "12345678-01".parse().unwrap();
    OrderRequest::new(
        account,
        crate::symbol!("005930"),
        Side::Buy,
        Qty::new(10),
        kind,
    )
}

fn price(won: i64) -> Price {
    Price::from_won(won).unwrap()
}

fn cash_body(order: OrderRequest) -> String {
    let mut body = Vec::new();
    let code = Code::of(order.symbol, None);
    cash_order(account(), &write(Instruction::Place, order), code)
        .unwrap()
        .write(&mut body);
    String::from_utf8(body).unwrap()
}

fn change_body(instruction: Instruction, order: OrderRequest) -> String {
    let mut body = Vec::new();
    change(account(), &write(instruction, order))
        .unwrap()
        .write(&mut body);
    String::from_utf8(body).unwrap()
}

#[test]
fn a_limit_order_has_every_key_of_the_manual() {
    let body = cash_body(
        order(OrderKind::Limit {
            price: price(65_000),
        })
        .with_venue(Venue::Sor),
    );
    assert_eq!(
        body,
        r#"{"CANO":"12345678","ACNT_PRDT_CD":"01","PDNO":"005930","ORD_DVSN":"00","ORD_QTY":"10","ORD_UNPR":"65000","EXCG_ID_DVSN_CD":"SOR","SLL_TYPE":"","CNDT_PRIC":""}"#
    );
}

#[test]
fn kinds_without_a_price_send_zero_and_a_stop_its_condition() {
    let market = cash_body(order(OrderKind::Market).with_time_in_force(TimeInForce::Ioc));
    assert!(market.contains(r#""ORD_DVSN":"13""#) && market.contains(r#""ORD_UNPR":"0""#));
    let stop = cash_body(order(OrderKind::StopLimit {
        stop: price(66_000),
        price: price(66_100),
    }));
    assert!(stop.contains(r#""ORD_DVSN":"22""#) && stop.contains(r#""CNDT_PRIC":"66000""#));
}

#[test]
fn changes_name_the_number_with_its_zeros_and_say_whether_all_is_meant() {
    let target = OrderNo::new(85_100).unwrap();
    let limit = order(OrderKind::Limit {
        price: price(65_000),
    });
    let all = change_body(Instruction::Cancel { target, qty: None }, limit);
    assert!(
        all.contains(r#""ORGN_ODNO":"0000085100""#) && all.contains(r#""QTY_ALL_ORD_YN":"Y""#),
        "{all}"
    );
    assert!(all.contains(r#""RVSE_CNCL_DVSN_CD":"02""#) && all.contains(r#""ORD_UNPR":"0""#));
    let part = Instruction::Modify {
        target,
        qty: Some(Qty::new(3)),
        kind: OrderKind::Limit {
            price: price(65_100),
        },
    };
    let part = change_body(part, limit);
    assert!(part.contains(r#""RVSE_CNCL_DVSN_CD":"01""#) && part.contains(r#""ORD_QTY":"3""#));
    assert!(part.contains(r#""QTY_ALL_ORD_YN":"N""#) && part.contains(r#""ORD_UNPR":"65100""#));
}

#[test]
fn the_vendors_acceptances_are_accepted_and_its_refusals_codes() {
    for name in [
        "order_cash_buy_limit_success.json",
        "order_cash_buy_market_SOR_success.json",
        "order_cash_buy_success_paper_old_unpadded.json",
        "order_cash_sell_success_paper_40590000.json",
        "order_rvsecncl_cancel_success.json",
    ] {
        let answer = said(200, &fixture(name));
        assert!(
            matches!(answer, Answer::Accepted { .. }),
            "{name}: {answer:?}"
        );
    }
    for (name, code) in [
        ("order_reject_market_closed_APBK0918.json", "APBK0918"),
        ("order_reject_quantity_APBK0400.json", "APBK0400"),
        ("order_reject_paper_tick_40030000.json", "40030000"),
        ("order_rvsecncl_nothing_left_APBK0927.json", "APBK0927"),
    ] {
        let answer = said(200, &fixture(name));
        assert!(
            matches!(&answer, Answer::Code { code: said, message: Some(_) } if said.as_str() == code),
            "{name}: {answer:?}"
        );
    }
}

#[test]
fn s12_the_code_decides_and_not_the_status() {
    for (name, code) in [
        ("error_rate_limit_EGW00201.json", "EGW00201"),
        ("error_token_expired_EGW00123.json", "EGW00123"),
        ("order_error_body_IGW00007.json", "IGW00007"),
    ] {
        let answer = said(500, &fixture(name));
        assert!(
            matches!(&answer, Answer::Code { code: said, .. } if said.as_str() == code),
            "{name}"
        );
    }
}

#[test]
fn s11_s15_s16_what_says_nothing_is_unclear() {
    let success = |odno: &str| {
        format!(
            r#"{{"rt_cd":"0","msg_cd":"APBK0013","msg1":"x","output":{{"ODNO":"{odno}","ORD_TMD":"100000"}}}}"#
        )
    };
    assert!(matches!(
        said(200, &success("0000085100")),
        Answer::Accepted { .. }
    ));
    for (status, body) in [
        (200, success("")),
        (200, success("0000000000")),
        (200, success("12A")),
        (500, success("0000085100")),
        (302, success("0000085100")),
        (
            200,
            r#"{"rt_cd":"0","msg_cd":"APBK0013","output":null}"#.to_owned(),
        ),
        (200, success("0000085100").replace("APBK0013", "IGW00009")),
        (200, r#"{"rt_cd":"1"}"#.to_owned()),
        (502, "<html>Bad Gateway</html>".to_owned()),
        (200, String::new()),
        (200, "[]".to_owned()),
    ] {
        assert_eq!(said(status, &body), Answer::Unclear, "{status} {body}");
    }
}

#[test]
fn an_unreadable_order_time_is_ours() {
    let body = r#"{"rt_cd":"0","msg_cd":"APBK0013","output":{"ODNO":"1","ORD_TMD":""}}"#;
    assert!(matches!(said(200, body), Answer::Accepted { at, .. } if at == now()));
}

#[test]
fn x3_the_brokers_words_lose_what_moves_a_cursor() {
    let body = "{\"rt_cd\":\"1\",\"msg_cd\":\"APBK0918\",\"msg1\":\"a\\u001b[2Jb\\nc\"}";
    let Answer::Code {
        message: Some(message),
        ..
    } = said(200, body)
    else {
        panic!("a code")
    };
    assert!(!message.chars().any(char::is_control), "{message}");
}

#[test]
fn the_paper_ledgers_empty_list_is_no_list_when_its_totals_count_orders() {
    let mut listed = Listed {
        total: Qty::new(3),
        ..Listed::default()
    };
    assert!(listed.check().is_err());
    listed.add(Qty::new(3));
    assert!(listed.check().is_ok());
}

#[test]
fn fills_by_the_list_are_one_for_each_number_and_say_so() {
    let mut filled = unreadable_row(DAY);
    filled.order_no = OrderNo::new(7).unwrap();
    filled.filled = Qty::new(3);
    filled.filled_value = Money::from_won(300).unwrap();
    let account = "12345678-01".parse().unwrap();
    let fills = fills_of(account, &[filled, filled, unreadable_row(DAY)], |_| {
        ClientOrderId::new(9)
    });
    assert_eq!(fills.len(), 1);
    assert_eq!((fills[0].price.won(), fills[0].qty), (100, Qty::new(3)));
    assert!(fills[0].inferred && fills[0].id == ClientOrderId::new(9));
}
