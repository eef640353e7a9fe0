//! The lists of orders, page by page.

use std::collections::BTreeSet;
use std::time::Duration;

use gwanmun::Qty;
use gwanmun::emulator::kis::{Fault, Rule};
use tokio::time::advance;

use super::support::{Answer, Server, TRADING, quiet, text};

fn numbers(answer: &Answer, output: &str) -> Vec<String> {
    let rows = answer.rows(output);
    rows.iter()
        .map(|row| text(row, "odno").to_owned())
        .collect()
}

/// All pages of the day's list, and what `tr_cont` said of each.
async fn walk(server: &Server, most: usize) -> (Vec<String>, Vec<String>) {
    let (mut all, mut said) = (Vec::new(), Vec::new());
    let mut key = String::new();
    while said.len() < most {
        let tr_cont = if said.is_empty() { "" } else { "N" };
        let more = format!(
            "CTX_AREA_FK100=&CTX_AREA_NK100={}",
            key.trim().replace('^', "%5E")
        );
        let page = server.daily(&more, &[("tr_cont", tr_cont)]).await;
        all.extend(numbers(&page, "output1"));
        said.push(page.header("tr_cont").unwrap().to_owned());
        key = text(&page.json(), "ctx_area_nk100").to_owned();
        assert_eq!(key.len(), 100, "padded");
        if matches!(said.last().map(String::as_str), Some("D" | "E")) {
            break;
        }
    }
    (all, said)
}

async fn with_orders(count: u64) -> Server {
    let server = Server::start(quiet(true)).await;
    for _ in 0..count {
        server.buy("00", 1, 70_000).await.number();
    }
    server
}

#[tokio::test(start_paused = true)]
async fn paper_pages_have_fifteen_rows_and_go_on_until_the_last() {
    let server = with_orders(33).await;
    let (all, said) = walk(&server, 10).await;
    assert_eq!(said, ["F", "M", "E"]);
    assert_eq!(all.len(), 33);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 33);
    assert!(all.is_sorted_by(|a, b| a > b), "newest first");
    // Without the header it is the first page again, whatever the key says.
    let page = server
        .daily("CTX_AREA_NK100=0000001003!%5E20261124!%5E", &[])
        .await;
    assert_eq!(numbers(&page, "output1"), all[..15]);
    assert_eq!(page.code(), "KIOK0500");
    assert_eq!(page.json()["output2"]["tot_ord_qty"], "33");
}

#[tokio::test(start_paused = true)]
async fn pages_shift_repeat_and_lag_where_asked() {
    let server = with_orders(20).await;
    server.emulator.inject(Rule::always(Fault::ShiftPages));
    let (all, _) = walk(&server, 10).await;
    assert_eq!(
        (all.len(), all.iter().collect::<BTreeSet<_>>().len()),
        (21, 20)
    );
    server.emulator.clear_faults();
    server.emulator.inject(Rule::always(Fault::EndlessPages));
    let (all, said) = walk(&server, 6).await;
    assert_eq!(said, ["M"; 6]);
    assert_eq!(
        all.iter().collect::<BTreeSet<_>>().len(),
        15,
        "the same page"
    );
    server.emulator.clear_faults();
    server.emulator.inject(Rule::once(Fault::EmptyList));
    let empty = server.daily("", &[]).await;
    assert_eq!(
        (empty.code(), empty.rows("output1").len()),
        ("70070000".into(), 0)
    );
    assert_eq!(
        empty.json()["output2"]["tot_ord_qty"],
        "20",
        "the totals are there"
    );
    server
        .emulator
        .inject(Rule::once(Fault::ListLag(Duration::from_secs(30))));
    let late = server.buy("00", 1, 70_000).await.number();
    assert!(!walk(&server, 10).await.0.contains(&late));
    advance(Duration::from_secs(31)).await;
    assert!(walk(&server, 10).await.0.contains(&late));
}

#[tokio::test(start_paused = true)]
async fn rows_say_what_became_of_each_number() {
    let server = Server::start(quiet(false)).await;
    let first = server.buy("00", 10, 70_000).await.number();
    let account = server.account();
    let number = |text: &str| text.parse::<u64>().unwrap();
    assert_eq!(
        server
            .emulator
            .fill(account, number(&first), Qty::new(4))
            .unwrap(),
        Qty::new(4)
    );
    let second = server
        .rvsecncl(&server.change(&first, "01", "70100"))
        .await
        .number();
    server
        .emulator
        .fill(account, number(&second), Qty::new(1))
        .unwrap();
    let third = server.cancel(&second).await.number();
    let answer = server.daily("", &[]).await;
    let facts: Vec<_> = answer
        .rows("output1")
        .iter()
        .map(|row| {
            let of = |name| text(row, name).to_owned();
            (
                of("odno"),
                of("orgn_odno"),
                [
                    of("ord_qty"),
                    of("tot_ccld_qty"),
                    of("cncl_cfrm_qty"),
                    of("rmn_qty"),
                ],
                of("avg_prvs"),
                of("cncl_yn"),
            )
        })
        .collect();
    let row = |odno: &str, orgn: &str, numbers: [&str; 4], average: &str, cancelled: &str| {
        (
            odno.to_owned(),
            orgn.to_owned(),
            numbers.map(str::to_owned),
            average.to_owned(),
            cancelled.to_owned(),
        )
    };
    assert_eq!(
        facts,
        [
            row(&third, &second, ["5", "0", "5", "0"], "0", "Y"),
            row(&second, &first, ["6", "1", "5", "0"], "70100", "Y"),
            row(&first, "", ["10", "4", "0", "0"], "70000", ""),
        ]
    );
    let totals = &answer.json()["output2"];
    assert_eq!(
        (text(totals, "tot_ccld_qty"), text(totals, "tot_ccld_amt")),
        ("5", "350100")
    );
}

#[tokio::test(start_paused = true)]
async fn lists_are_filtered_and_open_orders_lack_finished_ones() {
    let server = Server::start(quiet(false)).await;
    let open = server.buy("00", 1, 70_000).await.number();
    let done = server.buy("00", 2, 70_100).await.number();
    let number = done.parse().unwrap();
    server
        .emulator
        .fill(server.account(), number, Qty::new(2))
        .unwrap();
    let mut order = server.order("00", "3", "70000");
    order["EXCG_ID_DVSN_CD"] = "SOR".into();
    let sor = server
        .post("TTTC0012U", &format!("{TRADING}order-cash"), &order)
        .await
        .number();
    let listed = async |more: &str| numbers(&server.daily(more, &[]).await, "output1");
    assert_eq!(listed("").await, [&*done, &open], "KRX without a venue");
    assert_eq!(listed("EXCG_ID_DVSN_CD=ALL").await, [&*sor, &done, &open]);
    assert_eq!(listed("EXCG_ID_DVSN_CD=SOR").await, [&*sor]);
    // The filter of executions comes twice in such a query; the last one counts.
    assert_eq!(listed("EXCG_ID_DVSN_CD=ALL&CCLD_DVSN=01").await, [&*done]);
    assert_eq!(
        listed("EXCG_ID_DVSN_CD=ALL&CCLD_DVSN=02&INQR_DVSN=01").await,
        [&*open, &sor]
    );
    assert_eq!(listed(&format!("ODNO={done}")).await, [&*done]);
    assert_eq!(listed("PDNO=000660").await, Vec::<String>::new());
    let query = format!(
        "{}&inqr_dvsn_1=0&INQR_DVSN_2=0&ctx_area_fk100=",
        server.own()
    );
    let path = format!("{TRADING}inquire-psbl-rvsecncl");
    let answer = server.get("TTTC8036R", &path, &query).await;
    assert_eq!(numbers(&answer, "output"), [&*sor, &open]);
    assert_eq!(answer.header("tr_cont"), Some("D"));
    let wrong = server
        .get("TTTC0084R", &path, "CANO=1&ACNT_PRDT_CD=01")
        .await;
    assert_eq!(wrong.code(), "OPSQ2000");
}
