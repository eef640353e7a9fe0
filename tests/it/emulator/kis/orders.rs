//! Order commands, taken and refused.

use gwanmun::emulator::kis::{Hours, Settings};
use gwanmun::{Price, Qty, symbol};
use serde_json::Value;

use super::support::{Server, TRADING, quiet, settings};

fn order_path() -> String {
    format!("{TRADING}order-cash")
}

#[tokio::test(start_paused = true)]
async fn six_keys_make_an_order_and_five_do_not() {
    let server = Server::start(quiet(false)).await;
    let order = server.order("00", "10", "70000");
    let answer = server.post("TTTC0012U", &order_path(), &order).await;
    assert_eq!(answer.said(), (200, "0".into(), "APBK0013".into()));
    assert_eq!(answer.number().len(), 10);
    assert_eq!(answer.json()["output"]["ORD_TMD"], "100000");
    for name in [
        "CANO",
        "ACNT_PRDT_CD",
        "PDNO",
        "ORD_DVSN",
        "ORD_QTY",
        "ORD_UNPR",
    ] {
        let mut short = order.clone();
        short.as_object_mut().unwrap().remove(name);
        let answer = server.post("TTTC0012U", &order_path(), &short).await;
        assert_eq!(
            answer.said(),
            (500, "1".into(), "IGW00007".into()),
            "{name}"
        );
    }
    let orders = server.emulator.orders(server.account());
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].qty, Qty::new(10));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_ordered_is_refused_with_the_codes_of_each_server() {
    let (real, paper) = (
        Server::start(quiet(false)).await,
        Server::start(quiet(true)).await,
    );
    let change = |server: &Server, fields: &[(&str, &str)]| {
        let mut order = server.order("00", "10", "70000");
        for (name, value) in fields {
            order[*name] = (*value).into();
        }
        order
    };
    for (fields, real_said, paper_code) in [
        (
            &[("ORD_UNPR", "70050")][..],
            (200, "7", "APBK1664"),
            "40030000",
        ),
        (
            &[("ORD_UNPR", "200000")],
            (200, "7", "APBK1664"),
            "40270000",
        ),
        (&[("ORD_UNPR", "0")], (200, "7", "APBK1664"), "40270000"),
        (&[("ORD_QTY", "10000")], (200, "7", "APBK0952"), "40250000"),
        (&[("ORD_QTY", "0")], (200, "1", "APBK0400"), "40240000"),
        (&[("PDNO", "999999")], (200, "1", "APBK0656"), "40070000"),
        (&[("ORD_DVSN", "99")], (200, "7", "APBK0963"), "40070000"),
        (&[("ORD_DVSN", "22")], (200, "7", "APBK0963"), "40070000"),
        (
            &[("ORD_DVSN", "05"), ("ORD_UNPR", "0")],
            (200, "1", "APBK0918"),
            "40580000",
        ),
        (&[("ORD_DVSN", "06")], (500, "1", "IGW00007"), "IGW00007"),
        (&[("CANO", "87654321")], (200, "1", "OPSQ2000"), "OPSQ2000"),
        (
            &[("EXCG_ID_DVSN_CD", "NYSE")],
            (200, "1", "OPSQ2001"),
            "OPSQ2001",
        ),
        (&[("ORD_QTY", "-1")], (500, "1", "IGW00007"), "IGW00007"),
        (&[("ORD_UNPR", "1e5")], (500, "1", "IGW00007"), "IGW00007"),
    ] {
        let answer = real
            .post("TTTC0012U", &order_path(), &change(&real, fields))
            .await;
        let (status, rt_cd, code) = real_said;
        assert_eq!(
            answer.said(),
            (status, rt_cd.into(), code.into()),
            "{fields:?}"
        );
        let answer = paper
            .post("VTTC0012U", &order_path(), &change(&paper, fields))
            .await;
        assert_eq!(answer.code(), paper_code, "{fields:?}");
    }
    let sale = real
        .post("TTTC0011U", &order_path(), &real.order("00", "1", "70000"))
        .await;
    assert_eq!(
        sale.said(),
        (200, "1".into(), "APBK0400".into()),
        "nothing to sell"
    );
    let sale = paper
        .post("VTTC0801U", &order_path(), &paper.order("00", "1", "70000"))
        .await;
    assert_eq!(sale.code(), "40240000");
    assert!(
        real.emulator.orders(real.account()).is_empty(),
        "a refusal leaves no order"
    );
    assert!(
        real.emulator.ledger(real.account()).is_empty(),
        "and no number"
    );
}

#[tokio::test(start_paused = true)]
async fn paper_says_success_in_numbers() {
    let server = Server::start(quiet(true)).await;
    let bought = server.buy("00", 10, 70_000).await;
    assert_eq!(bought.code(), "40600000");
    assert_eq!(bought.json()["output"]["KRX_FWDG_ORD_ORGNO"], "00950");
    let modified = server
        .rvsecncl(&server.change(&bought.number(), "01", "70100"))
        .await;
    assert_eq!(modified.code(), "40620000");
    let cancelled = server.cancel(&modified.number()).await;
    assert_eq!(cancelled.code(), "40630000");
    let nothing = server.cancel(&modified.number()).await;
    assert_eq!(nothing.said(), (200, "1".into(), "40330000".into()));
    let symbol = symbol!("005930");
    let price = Price::from_won(70_000).unwrap();
    server
        .emulator
        .add_position(server.account(), symbol, Qty::new(5), price)
        .unwrap();
    let sold = server
        .post(
            "VTTC0011U",
            &order_path(),
            &server.order("00", "5", "72000"),
        )
        .await;
    assert_eq!(sold.code(), "40590000");
    // Paper has no other venue.
    let mut order = server.order("00", "1", "70000");
    order["EXCG_ID_DVSN_CD"] = "SOR".into();
    assert_eq!(
        server.post("VTTC0012U", &order_path(), &order).await.code(),
        "OPSQ2001"
    );
}

#[tokio::test(start_paused = true)]
async fn a_modification_has_a_new_number_and_the_old_one_is_used_up() {
    let server = Server::start(quiet(false)).await;
    let first = server.buy("00", 10, 70_000).await.number();
    let modified = server.rvsecncl(&server.change(&first, "01", "70100")).await;
    assert_eq!(modified.said(), (200, "0".into(), "APBK0013".into()));
    let second = modified.number();
    assert_ne!(first, second);
    let old = server.cancel(&first).await;
    assert_eq!(old.said(), (200, "7".into(), "APBK0927".into()));
    // Numbers are taken without their zeros, too.
    let third = server.cancel(second.trim_start_matches('0')).await.number();
    let rows: Vec<(String, Option<u64>, bool, u64)> = server
        .emulator
        .ledger(server.account())
        .iter()
        .map(|row| {
            let number = format!("{:010}", row.number);
            (number, row.original, row.is_cancel, row.remaining.get())
        })
        .collect();
    let number = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        rows,
        [
            (first.clone(), None, false, 0),
            (second.clone(), number(&first), false, 0),
            (third, number(&second), true, 0),
        ]
    );
    let unknown = server.cancel("0000009999").await;
    assert_eq!(unknown.said(), (200, "7".into(), "APBK0344".into()));
}

#[tokio::test(start_paused = true)]
async fn a_part_is_cancelled_and_a_part_modified() {
    let server = Server::start(quiet(false)).await;
    let number = server.buy("00", 10, 70_000).await.number();
    let part = |class: &str, qty: &str, price: &str| {
        let mut change = server.change(&number, class, price);
        change["QTY_ALL_ORD_YN"] = "N".into();
        change["ORD_QTY"] = qty.into();
        change
    };
    assert_eq!(
        server.rvsecncl(&part("02", "3", "0")).await.code(),
        "APBK0013"
    );
    let moved = server.rvsecncl(&part("01", "4", "70200")).await.number();
    let left: Vec<u64> = server
        .emulator
        .ledger(server.account())
        .iter()
        .map(|row| row.remaining.get())
        .collect();
    assert_eq!(
        left,
        [3, 0, 4],
        "the order, the cancel of 3, the modification of 4"
    );
    let too_much = server.rvsecncl(&part("02", "4", "0")).await;
    assert_eq!(too_much.code(), "APBK0400");
    assert_eq!(server.cancel(&moved).await.code(), "APBK0013");
    let mut wrong = server.change(&number, "03", "0");
    assert_eq!(server.rvsecncl(&wrong).await.code(), "OPSQ2001");
    wrong["RVSE_CNCL_DVSN_CD"] = "02".into();
    wrong.as_object_mut().unwrap().remove("ORGN_ODNO");
    assert_eq!(server.rvsecncl(&wrong).await.code(), "IGW00007");
}

#[tokio::test(start_paused = true)]
async fn venues_are_those_of_the_order() {
    let server = Server::start(quiet(false)).await;
    let order = |venue: &str, division: &str| {
        let mut order = server.order(division, "1", "70000");
        order["EXCG_ID_DVSN_CD"] = venue.into();
        order
    };
    let taken = async |body: Value| server.post("TTTC0012U", &order_path(), &body).await;
    let nxt = taken(order("NXT", "00")).await.number();
    let sor = taken(order("SOR", "00")).await.number();
    // NXT takes no market orders.
    assert_eq!(taken(order("NXT", "01")).await.code(), "APBK0963");
    // An ETF is not on NXT.
    let mut etf = order("NXT", "00");
    etf["PDNO"] = "069500".into();
    assert_eq!(taken(etf).await.code(), "APBK0656");
    let mut cancel = server.change(&nxt, "02", "0");
    cancel["EXCG_ID_DVSN_CD"] = "KRX".into();
    assert_eq!(server.rvsecncl(&cancel).await.code(), "APBK0344");
    cancel["EXCG_ID_DVSN_CD"] = "NXT".into();
    assert_eq!(server.rvsecncl(&cancel).await.code(), "APBK0013");
    // A missing venue is that of the order.
    assert_eq!(server.cancel(&sor).await.code(), "APBK0013");
}

#[tokio::test(start_paused = true)]
async fn a_market_order_meets_the_market() {
    let server = Server::start(settings(false)).await;
    let number = server.buy("01", 10, 0).await.number();
    let fills = server.emulator.fills(server.account());
    assert_eq!(fills.iter().map(|fill| fill.qty.get()).sum::<u64>(), 10);
    let row = &server.emulator.ledger(server.account())[0];
    assert_eq!(
        (format!("{:010}", row.number), row.filled),
        (number, Qty::new(10))
    );
    // Immediate or cancel below the market finds nobody, and leaves nothing.
    let lower = server
        .emulator
        .quote(symbol!("005930"))
        .unwrap()
        .lower_limit
        .unwrap();
    server.buy("11", 5, lower.won()).await.number();
    let row = &server.emulator.ledger(server.account())[1];
    assert_eq!((row.filled, row.remaining), (Qty::ZERO, Qty::ZERO));
}

#[tokio::test(start_paused = true)]
async fn outside_of_hours_and_on_holidays_nothing_is_taken() {
    let at = |wall: &str, paper: bool| -> Settings {
        let mut settings = settings(paper);
        settings.wall = Some(wall.parse().unwrap());
        settings.market.hours = Hours::Krx;
        settings
    };
    for (wall, real, paper) in [
        ("2026-11-24T16:10:00+09:00", "APBK0918", "40580000"),
        ("2026-11-28T10:00:00+09:00", "APBK0919", "40100000"),
        ("2026-11-24T10:00:00+09:00", "APBK0013", "40600000"),
    ] {
        for (is_paper, code) in [(false, real), (true, paper)] {
            let server = Server::start(at(wall, is_paper)).await;
            let said = server.buy("00", 1, 70_000).await.code();
            assert_eq!(said, code, "{wall}");
        }
    }
}
