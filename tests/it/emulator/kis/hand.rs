//! What the market and people do by themselves, and what the server knows.

use std::sync::Arc;
use std::time::Duration;

use gwanmun::emulator::kis::{Channel, Emulator, Hours, Issue, Settings};
use gwanmun::sim::RecordedCandles;
use gwanmun::{OrderRequest, OrderStatus, Price, Qty, Side, symbol};

use super::support::{Server, TRADING, quiet, settings, text};

#[tokio::test(start_paused = true)]
async fn the_market_fills_as_much_of_an_order_as_asked() {
    let server = Server::start(settings(false)).await;
    let account = server.account();
    let bid = server
        .emulator
        .quote(symbol!("005930"))
        .unwrap()
        .bid
        .unwrap()
        .price;
    // Two ticks below the best bid: others stand in front.
    let price = Price::from_won(bid.won() - 200).unwrap();
    let number: u64 = server
        .buy("00", 10, price.won())
        .await
        .number()
        .parse()
        .unwrap();
    for (asked, filled) in [(3, 3), (0, 0), (100, 7)] {
        let done = server
            .emulator
            .fill(account, number, Qty::new(asked))
            .unwrap();
        assert_eq!(done, Qty::new(filled));
    }
    let order = server.emulator.orders(account)[0];
    assert_eq!(order.status, OrderStatus::Filled);
    assert_eq!(order.filled_value, price.value(Qty::new(10)).unwrap());
    assert!(
        server.emulator.fill(account, number, Qty::new(1)).is_err(),
        "it has ended"
    );
}

#[tokio::test(start_paused = true)]
async fn people_act_in_the_brokers_own_program() {
    let server = Server::start(quiet(false)).await;
    let account = server.account();
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    stream.register(&approval, "H0STCNI0", "HTSDEMO1").await;
    let number: u64 = server.buy("00", 10, 70_000).await.number().parse().unwrap();
    let price = Price::from_won(70_100).unwrap();
    let modified = server
        .emulator
        .modify_by_person(account, number, price)
        .unwrap();
    let cancelled = server
        .emulator
        .cancel_by_person(account, modified, Some(Qty::new(4)))
        .unwrap();
    let request = OrderRequest::limit_buy(
        account,
        symbol!("000660"),
        Qty::new(1),
        Price::from_won(200_000).unwrap(),
    );
    let placed = server.emulator.place_by_person(&request).unwrap();
    let seen: Vec<(Option<u64>, Channel)> = server
        .emulator
        .ledger(account)
        .iter()
        .map(|row| (row.original, row.channel))
        .collect();
    assert_eq!(
        seen,
        [
            (None, Channel::Api),
            (Some(number), Channel::Person),
            (Some(modified), Channel::Person),
            (None, Channel::Person)
        ]
    );
    for expected in [number, modified, cancelled, placed] {
        assert_eq!(stream.notice().await.unwrap()[2], format!("{expected:010}"));
    }
    let rows = server.daily("", &[]).await.rows("output1");
    let channels: Vec<&str> = rows.iter().map(|row| text(row, "ordr_empno")).collect();
    assert_eq!(channels, ["MTS", "MTS", "MTS", "OpnAPI"]);
    assert!(
        server
            .emulator
            .cancel_by_person(account, number, None)
            .is_err(),
        "used up"
    );
}

#[tokio::test(start_paused = true)]
async fn a_routed_order_shows_up_on_nxt() {
    let server = Server::start(quiet(false)).await;
    let account = server.account();
    let mut order = server.order("00", "1", "70000");
    order["EXCG_ID_DVSN_CD"] = "SOR".into();
    let path = format!("{TRADING}order-cash");
    let number: u64 = server
        .post("TTTC0012U", &path, &order)
        .await
        .number()
        .parse()
        .unwrap();
    server.emulator.route_to_nxt(account, number).unwrap();
    for (venue, rows) in [("SOR", 0), ("KRX", 0), ("NXT", 1), ("ALL", 1)] {
        let listed = server
            .daily(&format!("EXCG_ID_DVSN_CD={venue}"), &[])
            .await
            .rows("output1");
        assert_eq!(listed.len(), rows, "{venue}");
    }
    let krx: u64 = server.buy("00", 1, 70_000).await.number().parse().unwrap();
    assert!(
        server.emulator.route_to_nxt(account, krx).is_err(),
        "it was not sent to SOR"
    );
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    stream.register(&approval, "H0STCNI0", "HTSDEMO1").await;
    server.emulator.fill(account, number, Qty::new(1)).unwrap();
    assert_eq!(stream.notice().await.unwrap()[19], "4", "SOR, on NXT");
}

#[tokio::test(start_paused = true)]
async fn connections_and_streams_end_at_once() {
    let server = Server::start(quiet(false)).await;
    let mut first = server.stream().await;
    server.emulator.close_streams();
    assert_eq!(first.text().await, None);
    let mut second = server.stream().await;
    server.emulator.drop_connections();
    assert_eq!(second.text().await, None);
    assert_eq!(
        server.buy("00", 1, 70_000).await.code(),
        "APBK0013",
        "new ones are taken"
    );
    let soon = server
        .call("POST", "/oauth2/tokenP", &[], &server.login())
        .await;
    assert_eq!(soon.status, 403);
    server.emulator.forget_token_issues();
    let fresh = server
        .call("POST", "/oauth2/tokenP", &[], &server.login())
        .await;
    assert_eq!(fresh.status, 200);
    assert_ne!(fresh.json()["access_token"], server.token());
}

#[tokio::test(start_paused = true)]
async fn orders_end_with_their_day_and_numbers_begin_anew() {
    let mut settings = quiet(false);
    settings.market.hours = Hours::Simulated("2026-11-24T15:19:50+09:00".parse().unwrap());
    let server = Server::start(settings).await;
    let yesterday = server.buy("00", 1, 70_000).await.number();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(
        server.emulator.now().kst_date(),
        jiff::civil::date(2026, 11, 25)
    );
    let today = server.buy("00", 2, 70_000).await.number();
    assert_eq!(today, yesterday, "numbers are unique by day only");
    let row = &server.daily("", &[]).await.rows("output1")[0];
    assert_eq!(
        (text(row, "ord_dt"), text(row, "rmn_qty")),
        ("20261124", "0")
    );
    let order = &server.emulator.ledger(server.account())[1];
    assert_eq!((order.qty, order.remaining), (Qty::new(2), Qty::new(2)));
}

#[tokio::test(start_paused = true)]
async fn one_seed_is_one_market() {
    let run = async |seed: u64| {
        let mut settings = settings(false);
        settings.market.seed = seed;
        let server = Server::start(settings).await;
        server.buy("01", 7, 0).await.number();
        tokio::time::sleep(Duration::from_secs(30)).await;
        let quote = server.emulator.quote(symbol!("000660")).unwrap();
        (quote, server.emulator.fills(server.account()))
    };
    assert_eq!(run(5).await, run(5).await);
    assert_ne!(run(5).await.0, run(6).await.0);
}

#[tokio::test]
async fn what_cannot_be_is_refused_at_the_start() {
    let twice = |settings: &mut Settings| {
        let first = settings.market.issues[0].clone();
        settings.market.issues.push(first);
    };
    let off_the_grid = |settings: &mut Settings| {
        let price = Price::from_won(71_001).unwrap();
        settings
            .market
            .issues
            .push(Issue::new(symbol!("123450"), "x", price));
    };
    let changes: [&dyn Fn(&mut Settings); 2] = [&twice, &off_the_grid];
    for change in changes {
        let mut settings = quiet(false);
        change(&mut settings);
        assert!(Emulator::new(settings).is_err());
    }
    let everywhere = Emulator::start(quiet(false), ([0, 0, 0, 0], 0).into(), None).await;
    assert!(everywhere.unwrap_err().to_string().contains("loopback"));
}

#[tokio::test(start_paused = true)]
async fn the_hand_trades_against_the_book() {
    let server = Server::start(quiet(false)).await;
    server.buy("00", 5, 70_000).await.number();
    let price = Price::from_won(70_000).unwrap();
    let sold = server
        .emulator
        .trade(symbol!("005930"), Side::Sell, price, Qty::new(9))
        .unwrap();
    assert_eq!(sold, Qty::new(5), "as many as were there");
    assert_eq!(server.emulator.fills(server.account())[0].qty, Qty::new(5));
    let off = Price::from_won(70_001).unwrap();
    assert!(
        server
            .emulator
            .trade(symbol!("005930"), Side::Sell, off, Qty::new(1))
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn a_recording_moves_the_first_issue_and_brings_its_days() {
    let mut settings = settings(false);
    let recording = RecordedCandles::samsung_2025_10();
    settings.market.recording = Some(Arc::new(recording.clone()));
    let server = Server::start(settings).await;
    assert_eq!(server.emulator.now().kst_date(), recording.first_date());
    let first = &recording.candles()[0];
    tokio::time::sleep(Duration::from_secs(240)).await;
    let last = server.emulator.quote(symbol!("005930")).unwrap().last;
    assert!(
        (first.low..=first.high).contains(&last),
        "{last} in {first:?}"
    );
    let number = server.buy("01", 1, 0).await.number();
    let date = recording.first_date().strftime("%Y%m%d");
    let query = format!(
        "{}&INQR_STRT_DT={date}&INQR_END_DT={date}&SLL_BUY_DVSN_CD=00",
        server.own()
    );
    let path = format!("{TRADING}inquire-daily-ccld");
    let rows = server.get("TTTC0081R", &path, &query).await.rows("output1");
    assert_eq!((rows.len(), text(&rows[0], "odno")), (1, &*number));
}
