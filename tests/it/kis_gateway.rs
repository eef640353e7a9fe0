//! KIS through its gateway, on bad days: each test is named after the fault that it provokes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind and stops at others"
)]

use std::time::Duration;

use gwanmun::broker::kis::NoticeState;
use gwanmun::emulator::kis::{Emulator, Fault, PageBody, Rule, Running, Settings, Target};
use gwanmun::{
    AccountId, BrokerConfig, BrokerGateway, CancelRequest, Error, ExecutionEvent, Fill, Gateway,
    ModifyRequest, OrderRequest, OrderResult, Price, Qty, RefusalReason, Resolution, Subscription,
    Symbol, Topic, Venue, symbol,
};
use tempfile::TempDir;
use tokio::time::timeout;

const SYMBOL: Symbol = symbol!("005930");

/// A gateway and the server that it speaks to.
struct Desk {
    gateway: Gateway,
    account: AccountId,
    emulator: Emulator,
    _running: Running,
    folder: TempDir,
    config: BrokerConfig,
}

impl Desk {
    /// A real account, in a market where nobody else trades.
    async fn quiet() -> Self {
        let mut settings = Settings::real();
        settings.market.house = false;
        Self::on(settings, "").await
    }

    async fn on(settings: Settings, more: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let (running, config) = Self::made(settings, &folder, more).await;
        let gateway = Gateway::new(config.clone()).unwrap();
        gateway.connect().await.unwrap();
        Self {
            account: gateway.accounts()[0].account_id,
            gateway,
            emulator: running.emulator().clone(),
            _running: running,
            folder,
            config,
        }
    }

    async fn made(settings: Settings, folder: &TempDir, more: &str) -> (Running, BrokerConfig) {
        let client = settings.clients[0].clone();
        let account_type = settings.account_type;
        let running = Emulator::start(settings, ([127, 0, 0, 1], 0).into(), None)
            .await
            .unwrap();
        let text = format!(
            "broker_type = \"KIS\"\nhts_id = \"{}\"\ndata_dir = \"{}\"\n[[accounts]]\naccount_id = \"{}\"\n\
             account_type = \"{account_type}\"\n[credentials]\napp_key = \"{}\"\napp_secret = \"{}\"\n[endpoints]\n\
             rest_url = \"{}\"\nws_url = \"{}\"\n[timeouts]\norder_ms = 700\n{more}",
            client.hts_id,
            folder.path().display(),
            client.account.as_str(),
            client.app_key,
            client.app_secret,
            running.rest_url(),
            running.stream_url(),
        );
        (
            running,
            BrokerConfig::from_toml_str("kis.toml", &text).unwrap(),
        )
    }

    fn notices(&self) -> NoticeState {
        self.gateway.as_kis().unwrap().notices()
    }

    async fn until_notices(&self, wanted: NoticeState) {
        until("the notices", || self.notices() == wanted).await;
    }

    /// A buy far below the market.
    fn buy(&self, qty: u64, won: i64) -> OrderRequest {
        let price = Price::from_won(won).unwrap();
        OrderRequest::limit_buy(self.account, SYMBOL, Qty::new(qty), price)
    }

    async fn accepted(&self, order: &OrderRequest) -> u64 {
        match self.gateway.place_order(order).await.unwrap() {
            OrderResult::Accepted(receipt) => receipt.order_no.get(),
            other => panic!("{other:?}"),
        }
    }

    /// Orders that the server has of us, changes left out.
    fn placed(&self) -> usize {
        let ledger = self.emulator.ledger(self.account);
        ledger.iter().filter(|row| row.original.is_none()).count()
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    timeout(PATIENCE, async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

async fn event<T>(
    executions: &mut Subscription<ExecutionEvent>,
    mut wanted: impl FnMut(&ExecutionEvent) -> Option<T>,
) -> T {
    let found = async {
        loop {
            let event = executions.recv().await.unwrap();
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    };
    timeout(PATIENCE, found).await.expect("an event in time")
}

async fn fill(executions: &mut Subscription<ExecutionEvent>) -> (Fill, Qty) {
    event(executions, |event| match event {
        ExecutionEvent::Filled {
            fill, cumulative, ..
        } => Some((*fill, *cumulative)),
        _ => None,
    })
    .await
}

/// The order is unknown, and is found: once at the server, once for the caller.
async fn unknown_then_found(rule: Rule) {
    let desk = Desk::quiet().await;
    let mut executions = desk.gateway.executions();
    desk.emulator.inject(rule.at(Target::NewOrders));
    let result = desk
        .gateway
        .place_order(&desk.buy(3, 60_000))
        .await
        .unwrap();
    let OrderResult::Unknown(pending) = result else {
        panic!("{result:?}")
    };
    let resolution = event(&mut executions, |event| match event {
        ExecutionEvent::Resolved { id, resolution, .. } if *id == pending.id => {
            Some(resolution.clone())
        }
        // The notice may have told of it first.
        ExecutionEvent::Accepted { receipt, .. } if receipt.id == pending.id => {
            Some(Resolution::Accepted(*receipt))
        }
        _ => None,
    })
    .await;
    let Resolution::Accepted(receipt) = resolution else {
        panic!("{resolution:?}")
    };
    assert_eq!(desk.placed(), 1, "written once");
    let open = desk.gateway.open_orders(desk.account).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].id, open[0].order_no),
        (pending.id, receipt.order_no)
    );
}

#[tokio::test]
async fn s6_an_answer_that_never_comes_is_unknown_and_found() {
    unknown_then_found(Rule::once(Fault::NeverAnswer)).await;
}

#[tokio::test]
async fn s6_a_connection_that_ends_without_an_answer_is_unknown_and_found() {
    unknown_then_found(Rule::once(Fault::CloseAfterActing)).await;
}

#[tokio::test]
async fn s7_half_an_answer_is_unknown_and_found() {
    unknown_then_found(Rule::once(Fault::CutAnswer(120))).await;
}

#[tokio::test]
async fn s9_an_answer_behind_the_deadline_makes_no_second_order() {
    unknown_then_found(Rule::once(Fault::AnswerLate(Duration::from_millis(1_200)))).await;
}

#[tokio::test]
async fn s11_a_proxys_page_is_unknown_and_found() {
    unknown_then_found(Rule::once(Fault::PageAfterActing(502, PageBody::Html))).await;
}

#[tokio::test]
async fn s14_a_code_that_proves_nothing_is_unknown_and_found() {
    unknown_then_found(Rule::once(Fault::CodeAfterActing("EGW00301".into()))).await;
}

#[tokio::test]
async fn s13_a_code_that_nobody_knows_is_unknown_and_found() {
    unknown_then_found(Rule::once(Fault::CodeAfterActing("APBK9999".into()))).await;
}

#[tokio::test]
async fn s15_success_without_a_number_is_unknown_and_found() {
    unknown_then_found(Rule::once(Fault::NoOrderNumber)).await;
}

#[tokio::test]
async fn s16_a_redirect_is_unknown_and_not_followed() {
    unknown_then_found(Rule::once(Fault::Redirect)).await;
}

#[tokio::test]
async fn s17_s18_a_token_that_ends_is_a_refusal_and_one_request_for_another() {
    let desk = Desk::quiet().await;
    assert_eq!(desk.emulator.counts().of("tokenP"), 1);
    desk.emulator.expire_tokens();
    let result = desk
        .gateway
        .place_order(&desk.buy(1, 60_000))
        .await
        .unwrap();
    let refusal = result.refused().unwrap_or_else(|| panic!("{result:?}"));
    assert_eq!(refusal.reason, RefusalReason::Authentication);
    // The minute is not over: nothing is sent, and KIS is not asked for a token again and again.
    for _ in 0..5 {
        let error = desk
            .gateway
            .place_order(&desk.buy(1, 60_000))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    }
    assert_eq!(desk.emulator.counts().of("tokenP"), 1);
    assert_eq!(desk.placed(), 0);
}

#[tokio::test]
async fn s19_a_second_gateway_takes_the_token_from_the_disk() {
    let desk = Desk::quiet().await;
    desk.gateway.disconnect().await.unwrap();
    let second = Gateway::new(desk.config.clone()).unwrap();
    second.connect().await.unwrap();
    assert_eq!(desk.emulator.counts().of("tokenP"), 1);
    assert!(second.health().await.unwrap().token_life.unwrap() > Duration::from_secs(3_600));
    second.disconnect().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn x2_a_token_cache_that_others_may_read_stops_the_start() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::quiet().await;
    desk.gateway.disconnect().await.unwrap();
    let tokens = desk.folder.path().join("tokens");
    let file = fs::read_dir(&tokens)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .unwrap();
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = desk.gateway.connect().await.unwrap_err().to_string();
    assert!(error.contains("0644"), "{error}");
}

#[tokio::test]
async fn s21_an_over_rate_answer_is_a_refusal_that_slows_us_down() {
    let desk = Desk::quiet().await;
    let before = desk.gateway.rate_limiter().usage().limit;
    let over = Fault::Code("EGW00201".into());
    desk.emulator.inject(Rule::once(over).at(Target::NewOrders));
    let result = desk
        .gateway
        .place_order(&desk.buy(1, 60_000))
        .await
        .unwrap();
    let refusal = result.refused().unwrap_or_else(|| panic!("{result:?}"));
    assert_eq!(refusal.reason, RefusalReason::RateLimited);
    assert_eq!(desk.placed(), 0, "and is not sent again");
    assert!(desk.gateway.rate_limiter().usage().limit < before);
}

#[tokio::test]
async fn n1_a_fill_that_comes_before_the_answer_is_joined() {
    let desk = Desk::on(Settings::real(), "").await;
    desk.until_notices(NoticeState::Up).await;
    let mut executions = desk.gateway.executions();
    let late = Fault::AnswerLate(Duration::from_millis(300));
    desk.emulator.inject(Rule::once(late).at(Target::NewOrders));
    let order = OrderRequest::market_buy(desk.account, SYMBOL, Qty::new(1));
    let result = desk.gateway.place_order(&order).await.unwrap();
    let id = result.accepted().unwrap_or_else(|| panic!("{result:?}")).id;
    let (fill, cumulative) = fill(&mut executions).await;
    assert_eq!((fill.id, cumulative), (id, Qty::new(1)));
}

/// A fill of which the notice is spoilt: it is found in the list, once.
async fn spoilt_notice(fault: Fault) {
    let desk = Desk::quiet().await;
    desk.until_notices(NoticeState::Up).await;
    let mut executions = desk.gateway.executions();
    let number = desk.accepted(&desk.buy(5, 70_000)).await;
    // The receipt has come; what comes next is the execution.
    until("the receipt", || !executions.is_empty()).await;
    desk.emulator.inject(Rule::once(fault));
    assert_eq!(
        desk.emulator
            .fill(desk.account, number, Qty::new(2))
            .unwrap(),
        Qty::new(2)
    );
    let (first, cumulative) = fill(&mut executions).await;
    assert_eq!((first.order_no.get(), cumulative), (number, Qty::new(2)));
    assert_eq!(first.price.won(), 70_000);
    // The rest is told as usual, and nothing twice.
    desk.emulator
        .fill(desk.account, number, Qty::new(3))
        .unwrap();
    let (_, cumulative) = fill(&mut executions).await;
    assert_eq!(cumulative, Qty::new(5));
    let fills = desk.gateway.fills(desk.account).await.unwrap();
    assert_eq!(fills.iter().map(|fill| fill.qty.get()).sum::<u64>(), 5);
}

#[tokio::test]
async fn n12_a_notice_under_another_key_is_found_in_the_list() {
    spoilt_notice(Fault::WrongKey).await;
}

#[tokio::test]
async fn n12_a_notice_of_broken_blocks_is_found_in_the_list() {
    spoilt_notice(Fault::BadPadding).await;
}

#[tokio::test]
async fn n12_a_notice_that_is_no_base64_is_found_in_the_list() {
    spoilt_notice(Fault::BadBase64).await;
}

#[tokio::test]
async fn n3_a_notice_that_comes_twice_counts_once() {
    let desk = Desk::quiet().await;
    desk.until_notices(NoticeState::Up).await;
    let mut executions = desk.gateway.executions();
    let number = desk.accepted(&desk.buy(2, 70_000)).await;
    until("the receipt", || !executions.is_empty()).await;
    desk.emulator.inject(Rule::once(Fault::RepeatNotice));
    desk.emulator
        .fill(desk.account, number, Qty::new(2))
        .unwrap();
    let (_, cumulative) = fill(&mut executions).await;
    assert_eq!(cumulative, Qty::new(2));
    let order = desk
        .gateway
        .order(desk.account, gwanmun::OrderNo::new(number).unwrap().into())
        .await
        .unwrap();
    assert_eq!(order.filled, Qty::new(2));
}

#[tokio::test]
async fn n4_what_a_broken_stream_missed_is_fetched_and_told() {
    let desk = Desk::quiet().await;
    desk.until_notices(NoticeState::Up).await;
    let mut executions = desk.gateway.executions();
    let number = desk.accepted(&desk.buy(4, 70_000)).await;
    desk.emulator.close_streams();
    desk.emulator
        .fill(desk.account, number, Qty::new(4))
        .unwrap();
    event(&mut executions, |event| match event {
        ExecutionEvent::Gap { .. } => Some(()),
        _ => None,
    })
    .await;
    let (fill, cumulative) = fill(&mut executions).await;
    assert_eq!((fill.order_no.get(), cumulative), (number, Qty::new(4)));
    desk.until_notices(NoticeState::Up).await;
}

#[tokio::test]
async fn n9_an_order_of_a_person_is_told_as_somebody_elses() {
    let desk = Desk::quiet().await;
    desk.until_notices(NoticeState::Up).await;
    let mut executions = desk.gateway.executions();
    let number = desk.emulator.place_by_person(&desk.buy(7, 60_000)).unwrap();
    let (order_no, qty) = event(&mut executions, |event| match event {
        ExecutionEvent::External { order_no, qty, .. } => Some((order_no.get(), *qty)),
        _ => None,
    })
    .await;
    assert_eq!((order_no, qty), (number, Qty::new(7)));
}

#[tokio::test]
async fn n11_n13_wider_records_fragments_and_binary_frames_are_read_as_ever() {
    let desk = Desk::on(Settings::real(), "").await;
    for fault in [Fault::WiderRecords(3), Fault::Fragment, Fault::Binary] {
        desk.emulator.inject(Rule::always(fault));
    }
    let mut market = desk.gateway.market_data();
    let topic = Topic::Trades {
        symbol: SYMBOL,
        venue: Venue::Krx,
    };
    desk.gateway.subscribe(&[topic]).await.unwrap();
    let order = OrderRequest::market_buy(desk.account, SYMBOL, Qty::new(1));
    desk.accepted(&order).await;
    timeout(PATIENCE, market.recv()).await.unwrap().unwrap();
}

#[tokio::test]
async fn n17_a_session_that_is_taken_leaves_the_list_and_is_said() {
    let mut settings = Settings::real();
    settings.market.house = false;
    settings.faults = vec![Rule::always(Fault::SessionInUse)];
    let desk = Desk::on(settings, "").await;
    desk.until_notices(NoticeState::InUse).await;
    let mut executions = desk.gateway.executions();
    let number = desk.accepted(&desk.buy(2, 70_000)).await;
    desk.emulator
        .fill(desk.account, number, Qty::new(2))
        .unwrap();
    let (fill, _) = fill(&mut executions).await;
    assert!(fill.inferred, "found in the list");
    desk.emulator.clear_faults();
    desk.until_notices(NoticeState::Up).await;
}

#[tokio::test]
async fn n17_refused_notices_are_said_and_orders_go_on() {
    let mut settings = Settings::real();
    settings.market.house = false;
    settings.faults = vec![Rule::once(Fault::RefuseSubscription("OPSP8992".into()))];
    let desk = Desk::on(settings, "").await;
    desk.until_notices(NoticeState::Refused).await;
    desk.accepted(&desk.buy(2, 60_000)).await;
}

#[tokio::test]
async fn l2_l4_a_list_without_an_end_or_in_pieces_is_no_list() {
    let desk = Desk::quiet().await;
    desk.emulator
        .inject(Rule::always(Fault::EndlessPages).at(Target::Lists));
    desk.emulator
        .inject(Rule::once(Fault::NeverAnswer).at(Target::NewOrders));
    let mut executions = desk.gateway.executions();
    let result = desk
        .gateway
        .place_order(&desk.buy(3, 60_000))
        .await
        .unwrap();
    assert!(matches!(result, OrderResult::Unknown(_)), "{result:?}");
    // Never absent by such a list; found once there is a whole one.
    desk.emulator.clear_faults();
    event(&mut executions, |event| match event {
        ExecutionEvent::Resolved { resolution, .. } => {
            assert!(
                matches!(resolution, Resolution::Accepted(_)),
                "{resolution:?}"
            );
            Some(())
        }
        ExecutionEvent::Accepted { .. } => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(desk.placed(), 1);
}

#[tokio::test]
async fn s27_an_order_by_routing_is_found_wherever_it_went() {
    let desk = Desk::quiet().await;
    desk.until_notices(NoticeState::Up).await;
    let mut executions = desk.gateway.executions();
    let number = desk
        .accepted(&desk.buy(2, 70_000).with_venue(Venue::Sor))
        .await;
    desk.emulator.route_to_nxt(desk.account, number).unwrap();
    desk.emulator
        .fill(desk.account, number, Qty::new(2))
        .unwrap();
    let (fill, cumulative) = fill(&mut executions).await;
    assert_eq!((fill.order_no.get(), cumulative), (number, Qty::new(2)));
}

#[tokio::test]
async fn a_part_is_modified_and_a_part_is_cancelled() {
    let desk = Desk::quiet().await;
    let mut executions = desk.gateway.executions();
    let number = desk.accepted(&desk.buy(10, 60_000)).await;
    let number = gwanmun::OrderNo::new(number).unwrap();
    let cancel = CancelRequest::part(desk.account, number, Qty::new(3));
    assert!(
        desk.gateway
            .cancel_order(&cancel)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    let remaining = event(&mut executions, |event| match event {
        ExecutionEvent::Cancelled { qty, remaining, .. } => Some((*qty, *remaining)),
        _ => None,
    })
    .await;
    assert_eq!(remaining, (Qty::new(3), Qty::new(7)));
    let price = Price::from_won(60_100).unwrap();
    let modify = ModifyRequest::to_price(desk.account, number, price).with_qty(Qty::new(2));
    let modified = desk.gateway.modify_order(&modify).await.unwrap();
    assert!(modified.accepted().is_some(), "{modified:?}");
    event(&mut executions, |event| match event {
        ExecutionEvent::Modified { qty, .. } => {
            assert_eq!(*qty, Qty::new(2));
            Some(())
        }
        _ => None,
    })
    .await;
    let open = desk.gateway.open_orders(desk.account).await.unwrap();
    let sizes: Vec<u64> = open.iter().map(|order| order.remaining().get()).collect();
    assert_eq!(sizes.iter().sum::<u64>(), 7, "{open:?}");
}

#[tokio::test]
async fn a_restart_finds_its_orders_again() {
    let desk = Desk::quiet().await;
    let number = desk.accepted(&desk.buy(3, 60_000)).await;
    desk.gateway.disconnect().await.unwrap();
    let again = Gateway::new(desk.config.clone()).unwrap();
    again.connect().await.unwrap();
    let open = again.open_orders(desk.account).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].order_no.get(), number);
    let cancel = CancelRequest::all(desk.account, open[0].id);
    assert!(
        again
            .cancel_order(&cancel)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    again.disconnect().await.unwrap();
}

#[tokio::test]
async fn the_brokers_calendar_is_asked_once_for_a_day() {
    let desk = Desk::quiet().await;
    let kis = desk.gateway.as_kis().unwrap();
    // The Sunday that begins a week, and the Tuesday in it.
    for (day, open) in [("2026-11-22", false), ("2026-11-24", true)] {
        let day = day.parse().unwrap();
        for _ in 0..3 {
            assert_eq!(kis.is_trading_day(day).await.unwrap(), open, "{day}");
        }
    }
    assert_eq!(desk.emulator.counts().of("chk-holiday"), 2);
}

#[tokio::test]
async fn p4_a_second_gateway_on_one_journal_does_not_start() {
    let desk = Desk::quiet().await;
    let second = Gateway::new(desk.config.clone()).unwrap();
    assert!(second.connect().await.is_err());
    desk.gateway.disconnect().await.unwrap();
    second.connect().await.unwrap();
    second.disconnect().await.unwrap();
}

#[tokio::test]
async fn a_doctor_finds_a_good_configuration_good_and_says_what_is_wrong() {
    use gwanmun::broker::kis::Verdict;

    let desk = Desk::quiet().await;
    desk.gateway.disconnect().await.unwrap();
    let findings = desk.gateway.as_kis().unwrap().examine().await.unwrap();
    for finding in &findings {
        // A night or a holiday is a note.
        assert!(
            matches!(finding.verdict, Verdict::Good | Verdict::Note),
            "{finding:?}"
        );
    }
    let shown = format!("{findings:?}");
    assert!(
        !shown.contains("DEMOSECRET") && !shown.contains("1234567801"),
        "{shown}"
    );

    desk.emulator.inject(Rule::always(Fault::CloseOnConnect));
    desk.emulator.drop_connections();
    let findings = desk.gateway.as_kis().unwrap().examine().await.unwrap();
    let bad = findings
        .iter()
        .find(|finding| finding.verdict == Verdict::Bad);
    assert!(
        bad.is_some_and(|finding| finding.remedy.is_some()),
        "{findings:?}"
    );
    assert_eq!(desk.placed(), 0);
}
