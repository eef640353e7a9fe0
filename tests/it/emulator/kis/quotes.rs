//! Prices, books, trades, candles and reference data.

use std::collections::BTreeSet;
use std::time::Duration;

use gwanmun::symbol;
use serde_json::Value;
use tokio::time::advance;

use super::support::{Answer, Http, QUOTES, Server, request, text};

async fn asked(server: &Server, tr_id: &str, call: &str, more: &str) -> Answer {
    let query = format!("FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930&{more}");
    server.get(tr_id, &format!("{QUOTES}{call}"), &query).await
}

fn number(row: &Value, name: &str) -> i64 {
    text(row, name).parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn prices_and_books_are_those_of_the_exchange() {
    let server = Server::real().await;
    advance(Duration::from_secs(30)).await;
    let quote = server.emulator.quote(symbol!("005930")).unwrap();
    let book = server.emulator.order_book(symbol!("005930")).unwrap();
    let price = asked(&server, "FHKST01010100", "inquire-price", "")
        .await
        .json()["output"]
        .clone();
    assert_eq!(number(&price, "stck_prpr"), quote.last.won());
    assert_eq!(number(&price, "prdy_vrss"), quote.last.won() - 71_000);
    assert_eq!(
        (number(&price, "stck_mxpr"), number(&price, "stck_llam")),
        (92_300, 49_700)
    );
    assert_eq!(text(&price, "acml_vol"), quote.volume.to_string());
    let two = asked(&server, "FHPST01010000", "inquire-price-2", "")
        .await
        .json()["output"]
        .clone();
    assert_eq!(number(&two, "stck_prpr"), quote.last.won());
    let both = asked(&server, "FHKST01010200", "inquire-asking-price-exp-ccn", "")
        .await
        .json();
    let levels = &both["output1"];
    for (place, level) in book.asks.iter().enumerate() {
        let level = level.unwrap();
        assert_eq!(
            number(levels, &format!("askp{}", place + 1)),
            level.price.won()
        );
        assert_eq!(
            text(levels, &format!("askp_rsqn{}", place + 1)),
            level.qty.to_string()
        );
    }
    assert_eq!(
        number(levels, "bidp1"),
        book.best_bid().unwrap().price.won()
    );
    let trades = asked(&server, "FHKST01010300", "inquire-ccnl", "")
        .await
        .rows("output");
    assert!((1..=30).contains(&trades.len()));
    assert_eq!(number(&trades[0], "stck_prpr"), quote.last.won());
    let back = asked(
        &server,
        "FHPST01060000",
        "inquire-time-itemconclusion",
        "FID_INPUT_HOUR_1=100010",
    )
    .await;
    let times: Vec<String> = back
        .rows("output2")
        .iter()
        .map(|row| text(row, "stck_cntg_hour").into())
        .collect();
    assert!(
        !times.is_empty() && times.iter().all(|time| time.as_str() <= "100010"),
        "{times:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_venues_and_symbols_are_refused() {
    let (real, paper) = (Server::real().await, Server::paper().await);
    let path = format!("{QUOTES}inquire-price");
    for (server, venue, code, said) in [
        (&real, "J", "005930", "MCA00000"),
        (&real, "NX", "005930", "MCA00000"),
        (&real, "UN", "005930", "MCA00000"),
        (&real, "NX", "069500", "MCA05918"),
        (&real, "J", "000000", "MCA05918"),
        (&real, "X", "005930", "OPSQ2001"),
        (&real, "", "005930", "OPSQ2001"),
        (&paper, "NX", "005930", "OPSQ2001"),
    ] {
        let query = format!("FID_COND_MRKT_DIV_CODE={venue}&FID_INPUT_ISCD={code}");
        let answer = server.get("FHKST01010100", &path, &query).await;
        assert_eq!(
            (answer.status, answer.code()),
            (200, said.into()),
            "{venue} {code}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn candles_go_back_a_hundred_at_a_time_and_each_day_comes_once() {
    let server = Server::real().await;
    let mut seen = BTreeSet::new();
    let mut to = "20261124".to_owned();
    for _ in 0..3 {
        let more = format!(
            "FID_INPUT_DATE_1=20250101&FID_INPUT_DATE_2={to}&FID_PERIOD_DIV_CODE=D&FID_ORG_ADJ_PRC=0"
        );
        let page = asked(
            &server,
            "FHKST03010100",
            "inquire-daily-itemchartprice",
            &more,
        )
        .await;
        let rows = page.rows("output2");
        assert_eq!(rows.len(), 100);
        for pair in rows.windows(2) {
            let change = number(&pair[0], "stck_clpr") - number(&pair[1], "stck_clpr");
            assert_eq!(number(&pair[0], "prdy_vrss"), change);
            assert!(text(&pair[0], "stck_bsop_date") > text(&pair[1], "stck_bsop_date"));
        }
        for row in &rows {
            assert!(seen.insert(text(row, "stck_bsop_date").to_owned()), "{row}");
            assert!(number(row, "stck_lwpr") <= number(row, "stck_clpr"));
        }
        let last: i64 = text(&rows[99], "stck_bsop_date").parse().unwrap();
        to = (last - 1).to_string();
    }
    assert_eq!(seen.len(), 300);
    for (period, count) in [("W", 99), ("M", 23), ("Y", 2)] {
        let more = format!(
            "FID_INPUT_DATE_1=20250101&FID_INPUT_DATE_2=20261124&FID_PERIOD_DIV_CODE={period}&FID_ORG_ADJ_PRC=0"
        );
        let page = asked(
            &server,
            "FHKST03010100",
            "inquire-daily-itemchartprice",
            &more,
        )
        .await;
        assert_eq!(page.rows("output2").len(), count, "{period}");
    }
    let days = asked(
        &server,
        "FHKST01010400",
        "inquire-daily-price",
        "FID_PERIOD_DIV_CODE=D",
    )
    .await;
    assert_eq!(days.rows("output").len(), 30);
    let wrong = asked(
        &server,
        "FHKST01010400",
        "inquire-daily-price",
        "FID_PERIOD_DIV_CODE=Q",
    )
    .await;
    assert_eq!(wrong.code(), "OPSQ2001");
}

#[tokio::test(start_paused = true)]
async fn minutes_are_thirty_of_today_and_a_hundred_and_twenty_of_a_past_day() {
    let server = Server::real().await;
    advance(Duration::from_secs(45 * 60)).await;
    let more = "FID_INPUT_HOUR_1=104000&FID_PW_DATA_INCU_YN=N&FID_ETC_CLS_CODE=";
    let today = asked(
        &server,
        "FHKST03010200",
        "inquire-time-itemchartprice",
        more,
    )
    .await
    .rows("output2");
    assert_eq!(today.len(), 30);
    assert_eq!(text(&today[0], "stck_cntg_hour"), "104000");
    assert_eq!(text(&today[29], "stck_cntg_hour"), "101100");
    let more = "FID_INPUT_HOUR_1=153000&FID_INPUT_DATE_1=20261120&FID_PW_DATA_INCU_YN=N";
    let past = asked(
        &server,
        "FHKST03010230",
        "inquire-time-dailychartprice",
        more,
    )
    .await
    .rows("output2");
    assert_eq!(past.len(), 120);
    assert!(
        past.iter()
            .all(|row| text(row, "stck_bsop_date") == "20261120")
    );
}

#[tokio::test(start_paused = true)]
async fn reference_data_says_who_an_issue_is_and_which_days_trade() {
    let server = Server::real().await;
    let info = server
        .get(
            "CTPF1604R",
            &format!("{QUOTES}search-info"),
            "PDNO=005930&PRDT_TYPE_CD=300",
        )
        .await;
    assert_eq!(info.json()["output"]["std_pdno"], "KR7005930003");
    let stock = server
        .get(
            "CTPF1002R",
            &format!("{QUOTES}search-stock-info"),
            "PDNO=247540&PRDT_TYPE_CD=300",
        )
        .await;
    assert_eq!(stock.json()["output"]["mket_id_cd"], "KSQ");
    let days = server
        .get(
            "CTCA0903R",
            &format!("{QUOTES}chk-holiday"),
            "BASS_DT=20261224&CTX_AREA_NK=&CTX_AREA_FK=",
        )
        .await;
    let open: Vec<(String, String)> = days
        .rows("output")
        .iter()
        .take(4)
        .map(|row| (text(row, "bass_dt").into(), text(row, "opnd_yn").into()))
        .collect();
    let day = |date: &str, open: &str| (date.to_owned(), open.to_owned());
    assert_eq!(
        open,
        [
            day("20261224", "Y"),
            day("20261225", "N"),
            day("20261226", "N"),
            day("20261227", "N")
        ]
    );
    let query = "FID_COND_MRKT_DIV_CODE_1=J&FID_INPUT_ISCD_1=005930&FID_COND_MRKT_DIV_CODE_2=J&FID_INPUT_ISCD_2=000660";
    let several = server
        .get(
            "FHKST11300006",
            &format!("{QUOTES}intstock-multprice"),
            query,
        )
        .await;
    let codes: Vec<String> = several
        .rows("output")
        .iter()
        .map(|row| text(row, "inter_shrn_iscd").into())
        .collect();
    assert_eq!(codes, ["005930", "000660"]);
}

#[tokio::test(start_paused = true)]
async fn master_files_list_the_issues_of_each_market() {
    use gwanmun::wire::kis::masters::{MasterField, MasterFile, unzip};

    let server = Server::without_token(super::support::settings(false));
    for (file, codes) in [
        (MasterFile::Kospi, &["005930", "000660", "069500"][..]),
        (MasterFile::Kosdaq, &["247540"]),
    ] {
        let mut http = Http::new(server.dial().await);
        http.send(&request("GET", file.path(), &[], &Value::Null))
            .await;
        let read = http.rest(Duration::from_millis(10)).await;
        let body = read.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
        let records = unzip(&read[body..], 1 << 20).unwrap();
        let rows: Vec<_> = file.rows(&records).map(Result::unwrap).collect();
        let found: Vec<&str> = rows.iter().map(|row| row.short_code()).collect();
        assert_eq!(found, codes);
        if let Some(row) = rows.first() {
            assert_eq!(row.text(MasterField::Lot), Some("00001"));
            assert_eq!(row.flag(MasterField::Halted), Some(false));
            assert!(!row.korean_name().is_empty());
        }
    }
    let mut http = Http::new(server.dial().await);
    // Nothing is listed on KONEX here.
    for path in ["/common/master/x.zip", MasterFile::Konex.path()] {
        let none = http
            .exchange(&request("GET", path, &[], &Value::Null))
            .await;
        assert_eq!(none.unwrap().status, 404);
    }
}
