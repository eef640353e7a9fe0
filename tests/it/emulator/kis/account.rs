//! Cash, holdings, and what may be bought and sold.

use gwanmun::{Price, Qty, symbol};
use serde_json::Value;

use super::support::{Answer, Server, TRADING, quiet, text};

async fn balance(server: &Server, headers: &[(&str, &str)], key: &str) -> Answer {
    let query = format!(
        "{}&AFHR_FLPR_YN=N&OFL_YN=&INQR_DVSN=02&UNPR_DVSN=01&CTX_AREA_NK100={key}",
        server.own()
    );
    let path = format!("{TRADING}inquire-balance");
    server.get_with("TTTC8434R", &path, &query, headers).await
}

#[tokio::test(start_paused = true)]
async fn a_purchase_moves_cash_and_shares() {
    let server = Server::start(quiet(false)).await;
    let before = balance(&server, &[], "").await;
    assert_eq!(before.rows("output1"), Vec::<Value>::new());
    assert_eq!(before.rows("output2")[0]["dnca_tot_amt"], "100000000");
    let number = server.buy("00", 10, 70_000).await.number();
    let filled = server
        .emulator
        .fill(server.account(), number.parse().unwrap(), Qty::new(10));
    assert_eq!(filled.unwrap(), Qty::new(10));
    let after = balance(&server, &[], "").await;
    let (row, totals) = (&after.rows("output1")[0], &after.rows("output2")[0]);
    assert_eq!(
        [
            "pdno",
            "hldg_qty",
            "ord_psbl_qty",
            "thdt_buyqty",
            "pchs_avg_pric",
            "pchs_amt"
        ]
        .map(|name| text(row, name)),
        ["005930", "10", "10", "10", "70000.0000", "700000"]
    );
    // 700,000 won at 0.0140527 % are 98.3689 won of fee, charged as 98.
    assert_eq!(text(totals, "thdt_buy_amt"), "700000");
    assert_eq!(text(totals, "thdt_tlex_amt"), "98");
    assert_eq!(
        text(totals, "dnca_tot_amt"),
        "100000000",
        "settled cash moves on T+2"
    );
    assert_eq!(text(totals, "prvs_rcdl_excc_amt"), "99299902");
    assert_eq!(after.header("tr_cont"), Some("D"));
    let path = format!("{TRADING}inquire-psbl-sell");
    let sellable = server
        .get("TTTC8408R", &path, &format!("{}&PDNO=005930", server.own()))
        .await;
    assert_eq!(sellable.json()["output"]["ord_psbl_qty"], "10");
    let none = server
        .get("TTTC8408R", &path, &format!("{}&PDNO=000660", server.own()))
        .await;
    assert_eq!(none.json()["output"]["ord_psbl_qty"], "0");
}

#[tokio::test(start_paused = true)]
async fn buying_power_is_of_the_price_or_of_the_upper_limit() {
    let server = Server::start(quiet(false)).await;
    let path = format!("{TRADING}inquire-psbl-order");
    let power = async |more: &str| {
        let query = format!(
            "{}&CMA_EVLU_AMT_ICLD_YN=N&OVRS_ICLD_YN=N&{more}",
            server.own()
        );
        server.get("TTTC8908R", &path, &query).await.json()["output"].clone()
    };
    let limit = power("PDNO=005930&ORD_UNPR=70000&ORD_DVSN=00").await;
    assert_eq!(
        (
            text(&limit, "psbl_qty_calc_unpr"),
            text(&limit, "max_buy_qty")
        ),
        ("70000", "1428")
    );
    let market = power("PDNO=005930&ORD_UNPR=&ORD_DVSN=01").await;
    assert_eq!(
        (
            text(&market, "psbl_qty_calc_unpr"),
            text(&market, "max_buy_qty")
        ),
        ("92300", "1083")
    );
    let cash = power("PDNO=&ORD_UNPR=&ORD_DVSN=01").await;
    assert_eq!(
        (text(&cash, "ord_psbl_cash"), text(&cash, "nrcvb_buy_qty")),
        ("100000000", "0")
    );
    let query = format!("{}&PDNO=005930&CMA_EVLU_AMT_ICLD_YN=X", server.own());
    assert_eq!(
        server.get("TTTC8908R", &path, &query).await.code(),
        "OPSQ2001"
    );
}

#[tokio::test(start_paused = true)]
async fn holdings_come_in_pages() {
    let mut settings = quiet(true);
    for number in 0..25 {
        let code = format!("9{number:05}");
        let issue = gwanmun::emulator::kis::Issue::new(
            code.parse().unwrap(),
            "가나다",
            Price::from_won(10_000).unwrap(),
        );
        let position = (issue.symbol, Qty::new(1), issue.base);
        settings.clients[0].positions.push(position);
        settings.market.issues.push(issue);
    }
    let server = Server::start(settings).await;
    let page = async |tr_cont: &str, key: &str| {
        let query = format!(
            "{}&AFHR_FLPR_YN=N&INQR_DVSN=02&CTX_AREA_NK100={key}",
            server.own()
        );
        let path = format!("{TRADING}inquire-balance");
        server
            .get_with("VTTC8434R", &path, &query, &[("tr_cont", tr_cont)])
            .await
    };
    let first = page("", "").await;
    assert_eq!(
        (first.rows("output1").len(), first.header("tr_cont")),
        (20, Some("F"))
    );
    let key = text(&first.json(), "ctx_area_nk100").trim().to_owned();
    let second = page("N", &key).await;
    assert_eq!(
        (second.rows("output1").len(), second.header("tr_cont")),
        (5, Some("E"))
    );
}

#[tokio::test(start_paused = true)]
async fn profit_is_told_once_shares_are_sold() {
    let server = Server::start(quiet(false)).await;
    let (symbol, cost) = (symbol!("005930"), Price::from_won(60_000).unwrap());
    server
        .emulator
        .add_position(server.account(), symbol, Qty::new(10), cost)
        .unwrap();
    let order = server.order("00", "10", "70000");
    let sale = server
        .post("TTTC0011U", &format!("{TRADING}order-cash"), &order)
        .await
        .number();
    server
        .emulator
        .fill(server.account(), sale.parse().unwrap(), Qty::new(10))
        .unwrap();
    let query = format!("{}&AFHR_FLPR_YN=N&INQR_DVSN=00", server.own());
    let path = format!("{TRADING}inquire-balance-rlz-pl");
    let answer = server.get("TTTC8494R", &path, &query).await;
    let profit: i64 = text(&answer.rows("output2")[0], "rlzt_pfls")
        .parse()
        .unwrap();
    assert!(
        (97_000..=100_000).contains(&profit),
        "100,000 less fee and tax: {profit}"
    );
    let path = format!("{TRADING}inquire-account-balance");
    let answer = server.get("CTRP6548R", &path, &server.own()).await;
    assert_eq!(answer.rows("output1").len(), 20);
    assert_eq!(answer.json()["output2"]["tot_dncl_amt"], "100000000");
}
