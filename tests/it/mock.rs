//! MOCK through the gateway: what a trading loop sees.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind and stops at others"
)]

use std::time::Duration;

use gwanmun::{
    AccountId, BrokerConfig, BrokerGateway, BrokerType, CancelReason, CancelRequest, ClientOrderId,
    ConnectionStatus, Error, ExecutionEvent, Gateway, MarketEvent, MarketSource, Mock, MockConfig,
    ModifyRequest, Money, OrderCommand, OrderKind, OrderNo, OrderRequest, OrderResult, OrderStatus,
    OrderableRequest, Price, Qty, RefusalReason, Side, Subscription, Symbol, TimeInForce, Topic,
    TradingState, TryRecvError, Venue, symbol,
};

const SAMSUNG: Symbol = symbol!("005930");

fn won(won: i64) -> Price {
    Price::from_won(won).unwrap()
}

/// A connected MOCK without a market of its own: base price 71,000, band 49,700 to 92,300, two accounts.
async fn quiet() -> (Gateway, AccountId, AccountId) {
    let config = BrokerConfig::from_toml_str(
        "test.toml",
        r#"
        broker_type = "MOCK"
        [[accounts]]
        account_id = "1111-01"
        account_name = "buyer"
        account_type = "PAPER"
        [[accounts]]
        account_id = "2222-01"
        account_name = "seller"
        account_type = "PAPER"
        [mock]
        market = "NONE"
        cash = 10000000
        fees = "KIS"
        "#,
    )
    .unwrap();
    let gateway = Gateway::new(config).unwrap();
    gateway.connect().await.unwrap();
    let [buyer, seller] = [0, 1].map(|index: usize| gateway.accounts()[index].account_id);
    (gateway, buyer, seller)
}

fn mock(gateway: &Gateway) -> &Mock {
    gateway.as_mock().unwrap()
}

fn drain(executions: &mut Subscription<ExecutionEvent>) -> Vec<ExecutionEvent> {
    let mut events = Vec::new();
    loop {
        match executions.try_recv() {
            Ok(event) => events.push(event),
            Err(error) => {
                assert_eq!(error, TryRecvError::Empty);
                return events;
            }
        }
    }
}

async fn place(gateway: &Gateway, request: OrderRequest) -> ClientOrderId {
    let result = gateway.place_order(&request).await.unwrap();
    result.accepted().unwrap_or_else(|| panic!("{result:?}")).id
}

async fn refused(gateway: &Gateway, request: OrderRequest) -> RefusalReason {
    match gateway.place_order(&request).await.unwrap() {
        OrderResult::Refused(refusal) => {
            assert!(!refusal.reason.remedy().is_empty());
            refusal.reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_trade_between_two_accounts_is_told_and_booked_to_the_won() {
    let (gateway, buyer, seller) = quiet().await;
    mock(&gateway)
        .add_position(seller, SAMSUNG, Qty::new(10), won(60_000))
        .unwrap();
    let mut executions = gateway.executions();
    let sell = place(
        &gateway,
        OrderRequest::limit_sell(seller, SAMSUNG, Qty::new(10), won(71_000)),
    )
    .await;
    let buy = place(
        &gateway,
        OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(4), won(71_000)),
    )
    .await;
    let events = drain(&mut executions);
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            ExecutionEvent::Filled {
                fill,
                cumulative,
                remaining,
            } => Some((
                fill.id,
                fill.side,
                fill.maker,
                cumulative.get(),
                remaining.get(),
            )),
            _ => None,
        })
        .collect();
    assert!(told.contains(&(sell, Side::Sell, true, 4, 6)), "{events:?}");
    assert!(told.contains(&(buy, Side::Buy, false, 4, 0)), "{events:?}");
    assert!(matches!(events[0], ExecutionEvent::Accepted { receipt, .. } if receipt.id == sell));

    // 4 × 71,000 = 284,000; KIS fee 39; KOSPI 2026 taxes 142 + 426.
    let balance = gateway.balance(buyer).await.unwrap();
    assert_eq!(balance.deposit, Money::from_won(10_000_000).unwrap());
    assert_eq!(
        balance.deposit_d2,
        Money::from_won(10_000_000 - 284_000 - 39).unwrap()
    );
    let balance = gateway.balance(seller).await.unwrap();
    assert_eq!(
        balance.deposit_d2,
        Money::from_won(10_000_000 + 284_000 - 39 - 142 - 426).unwrap()
    );
    assert_eq!(
        (balance.fees_today.won(), balance.taxes_today.won()),
        (39, 568)
    );

    let position = gateway.positions(buyer).await.unwrap()[0];
    assert_eq!(
        (position.qty, position.average_price()),
        (Qty::new(4), Some(won(71_000)))
    );
    let position = gateway.positions(seller).await.unwrap()[0];
    assert_eq!((position.qty, position.sellable), (Qty::new(6), Qty::ZERO));
    assert_eq!(position.realized_pnl, Money::from_won(4 * 11_000).unwrap());

    let order = gateway.order(seller, sell.into()).await.unwrap();
    assert_eq!(
        (order.status, order.filled, order.remaining()),
        (OrderStatus::PartiallyFilled, Qty::new(4), Qty::new(6))
    );
    assert!(gateway.order(buyer, buy.into()).await.unwrap().is_filled());
    assert_eq!(gateway.fills(buyer).await.unwrap().len(), 1);
    assert_eq!(gateway.open_orders(seller).await.unwrap(), [order]);
    assert!(gateway.open_orders(buyer).await.unwrap().is_empty());
}

/// What the broker's list has forgotten is ended orders only: one that rests through a long day is filled and told.
#[tokio::test]
async fn an_order_that_is_older_than_the_history_is_filled_and_told() {
    let text = "broker_type = \"MOCK\"\n[mock]\nmarket = \"NONE\"\nhistory = 1000\n";
    let config = BrokerConfig::from_toml_str("test.toml", text).unwrap();
    let gateway = Gateway::new(config).unwrap();
    gateway.connect().await.unwrap();
    let account = gateway.accounts()[0].account_id;
    let mut executions = gateway.executions();
    mock(&gateway)
        .add_position(account, SAMSUNG, Qty::new(5), won(60_000))
        .unwrap();
    let bid = |qty, price| OrderRequest::limit_buy(account, SAMSUNG, Qty::new(qty), won(price));
    let old = place(&gateway, bid(5, 70_000)).await;
    for _ in 0..2_500 {
        let id = gateway.submit_order(&bid(1, 60_000)).unwrap();
        let cancelled = gateway.cancel_order(&CancelRequest::all(account, id)).await;
        assert!(cancelled.unwrap().accepted().is_some());
        drain(&mut executions);
    }
    for sold in [2, 5] {
        let sale = if sold == 2 { 2 } else { 3 };
        let sell = OrderRequest::limit_sell(account, SAMSUNG, Qty::new(sale), won(70_000));
        place(&gateway, sell).await;
        let told = drain(&mut executions);
        let is_told = told.iter().any(|event| {
            matches!(event, ExecutionEvent::Filled { fill, cumulative, .. }
                if fill.id == old && cumulative.get() == sold)
        });
        assert!(is_told, "{told:?}");
        let order = gateway.order(account, old.into()).await.unwrap();
        assert_eq!(order.filled, Qty::new(sold));
    }
    mock(&gateway).advance(Duration::from_secs(2 * 3_600));
    let order = gateway.order(account, old.into()).await.unwrap();
    assert_eq!(order.status, OrderStatus::Filled);
    assert!(gateway.open_orders(account).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_order_may_be_modified_cancelled_in_part_and_at_last_whole() {
    let (gateway, buyer, _) = quiet().await;
    let mut executions = gateway.executions();
    let id = place(
        &gateway,
        OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(10), won(70_000)),
    )
    .await;
    let first = gateway.order(buyer, id.into()).await.unwrap();

    let modified = gateway
        .modify_order(&ModifyRequest::to_price(buyer, id, won(69_900)))
        .await
        .unwrap();
    let second_no = modified.accepted().unwrap().order_no;
    let order = gateway.order(buyer, id.into()).await.unwrap();
    assert_eq!(
        (order.order_no, order.original_no),
        (second_no, Some(first.order_no))
    );
    assert_eq!(order.kind, OrderKind::Limit { price: won(69_900) });

    let part = gateway
        .cancel_order(&CancelRequest::part(buyer, second_no, Qty::new(3)))
        .await
        .unwrap();
    assert!(part.accepted().is_some());
    let all = gateway
        .cancel_order(&CancelRequest::all(buyer, id))
        .await
        .unwrap();
    assert!(all.accepted().is_some());
    let order = gateway.order(buyer, id.into()).await.unwrap();
    assert_eq!(
        (order.status, order.cancelled),
        (OrderStatus::Cancelled, Qty::new(10))
    );

    let kinds: Vec<_> = drain(&mut executions)
        .into_iter()
        .map(|event| match event {
            ExecutionEvent::Accepted { .. } => "accepted".to_owned(),
            ExecutionEvent::Modified {
                original_no,
                order_no,
                ..
            } => format!("{original_no}>{order_no}"),
            ExecutionEvent::Cancelled {
                qty,
                remaining,
                reason,
                ..
            } => format!("{reason} {qty} {remaining}"),
            other => panic!("{other:?}"),
        })
        .collect();
    let (first_no, reason) = (first.order_no, CancelReason::Requested);
    assert_eq!(
        kinds,
        [
            "accepted".to_owned(),
            format!("{first_no}>{second_no}"),
            format!("{reason} 3 7"),
            format!("{reason} 7 0")
        ]
    );
    assert_eq!(gateway.balance(buyer).await.unwrap().held, Money::ZERO);
}

/// Bad input, one by one: an error or a refusal that names it, and nothing changed.
#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let (gateway, buyer, seller) = quiet().await;
    mock(&gateway)
        .add_position(seller, SAMSUNG, Qty::new(50), won(60_000))
        .unwrap();
    let resting = place(
        &gateway,
        OrderRequest::limit_sell(seller, SAMSUNG, Qty::new(30), won(80_000)),
    )
    .await;
    let before = mock(&gateway).checksum();
    let buy = |qty, price| OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(qty), won(price));

    // The gate holds back what the rules of the market forbid: an error that names the rule, and nothing is sent.
    for (request, rule, allowed) in [
        (buy(10, 71_050), "tick", "71000 or 71100"),
        (buy(1, 49_650), "price band", "49700 to 92300"),
        (buy(1, 92_400), "price band", "49700 to 92300"),
        (buy(1, 71_000).with_id(resting), "id", "or 0"),
    ] {
        let error = gateway.place_order(&request).await.unwrap_err();
        let words = error.to_string();
        assert!(matches!(error, Error::Invalid(_)), "{words}");
        assert!(words.contains(rule) && words.contains(allowed), "{words}");
    }
    let unlisted = OrderRequest::limit_buy(buyer, symbol!("000660"), Qty::new(1), won(71_000));
    let unlisted = gateway.place_order(&unlisted).await.unwrap_err();
    assert!(matches!(unlisted, Error::NotFound(_)), "{unlisted}");

    // Cash and shares are the broker's to know.
    assert_eq!(
        refused(&gateway, buy(141, 71_000)).await,
        RefusalReason::InsufficientCash
    );
    assert_eq!(
        refused(
            &gateway,
            OrderRequest::limit_sell(seller, SAMSUNG, Qty::new(21), won(80_000))
        )
        .await,
        RefusalReason::InsufficientShares
    );

    // What cannot be an order here does not leave: an error.
    let zero = gateway.place_order(&buy(0, 71_000)).await.unwrap_err();
    assert!(
        matches!(&zero, Error::Invalid(_)) && zero.to_string().contains("qty"),
        "{zero}"
    );
    let zero = gateway.submit_order(&buy(0, 71_000)).unwrap_err();
    assert!(zero.to_string().contains("qty"), "{zero}");
    let stranger =
        OrderRequest::limit_buy("9999".parse().unwrap(), SAMSUNG, Qty::new(1), won(71_000));
    let stranger = gateway.place_order(&stranger).await.unwrap_err();
    assert!(stranger.to_string().contains("account"), "{stranger}");
    // The exchange takes these; the simulation does not have them.
    let mid_price = OrderRequest {
        kind: OrderKind::MidPrice,
        ..buy(1, 71_000)
    };
    for request in [mid_price, buy(1, 71_000).with_venue(Venue::Nxt)] {
        let error = gateway.place_order(&request).await.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    }
    // No venue takes this.
    let top_priority = OrderRequest {
        kind: OrderKind::TopPriority,
        ..buy(1, 71_000)
    };
    let error = gateway
        .place_order(&top_priority.with_time_in_force(TimeInForce::Ioc))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Invalid(_)) && error.to_string().contains("TOP_PRIORITY IOC"),
        "{error}"
    );
    let to_mid_price = ModifyRequest {
        kind: OrderKind::MidPrice,
        ..ModifyRequest::to_price(seller, resting, won(79_000))
    };
    let error = gateway.modify_order(&to_mid_price).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");

    // Orders that are not there: the desk knows them all, so nothing is sent.
    let nobody = OrderNo::new(999).unwrap();
    for cancel in [
        CancelRequest::all(buyer, nobody),
        CancelRequest::all(buyer, resting),
    ] {
        let unknown = gateway.cancel_order(&cancel).await.unwrap_err();
        assert!(matches!(unknown, Error::NotFound(_)), "{unknown}");
    }
    let more = gateway
        .cancel_order(&CancelRequest::part(seller, resting, Qty::new(31)))
        .await
        .unwrap_err();
    assert!(more.to_string().contains("1 to the remaining 30"), "{more}");
    let same = gateway
        .modify_order(&ModifyRequest::to_price(seller, resting, won(80_000)))
        .await
        .unwrap();
    assert_eq!(same.refused().unwrap().reason, RefusalReason::NoChange);
    let missing = gateway.order(buyer, nobody.into()).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound(_)), "{missing}");
    let missing = gateway
        .quote(symbol!("000660"), Venue::Krx)
        .await
        .unwrap_err();
    assert!(missing.to_string().contains("000660"), "{missing}");

    assert_eq!(mock(&gateway).checksum(), before);
}

#[tokio::test]
async fn nothing_is_sent_before_connect_and_after_disconnect() {
    let (gateway, buyer, _) = quiet().await;
    let request = OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(1), won(71_000));
    gateway.connect().await.unwrap();
    gateway.disconnect().await.unwrap();
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
    let error = gateway.place_order(&request).await.unwrap_err();
    assert!(matches!(error, Error::NotConnected { .. }), "{error}");
    assert!(gateway.submit_order(&request).is_err());
    assert!(gateway.balance(buyer).await.is_err());
    gateway.connect().await.unwrap();
    assert!(gateway.open_orders(buyer).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_market_closes_and_what_is_left_expires() {
    let (gateway, buyer, _) = quiet().await;
    let id = place(
        &gateway,
        OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(1), won(70_000)),
    )
    .await;
    let mut executions = gateway.executions();
    mock(&gateway).advance(Duration::from_secs(7 * 3_600));
    let events = drain(&mut executions);
    assert!(
        matches!(events[..], [ExecutionEvent::Cancelled { id: ended, reason: CancelReason::SessionEnd, .. }] if ended == id),
        "{events:?}"
    );
    assert_eq!(
        gateway.order(buyer, id.into()).await.unwrap().status,
        OrderStatus::Expired
    );
    let late = OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(1), won(70_000));
    assert_eq!(refused(&gateway, late).await, RefusalReason::MarketClosed);
    // The next trading day opens by itself.
    mock(&gateway).advance(Duration::from_secs(18 * 3_600));
    place(&gateway, late).await;
}

#[tokio::test]
async fn books_and_trades_come_for_subscribed_topics_only() {
    let (gateway, buyer, seller) = quiet().await;
    mock(&gateway)
        .add_position(seller, SAMSUNG, Qty::new(10), won(60_000))
        .unwrap();
    let mut market_data = gateway.market_data();
    place(
        &gateway,
        OrderRequest::limit_sell(seller, SAMSUNG, Qty::new(5), won(71_000)),
    )
    .await;
    assert_eq!(market_data.try_recv(), Err(TryRecvError::Empty));

    let topics = [
        Topic::Book {
            symbol: SAMSUNG,
            venue: Venue::Krx,
        },
        Topic::Trades {
            symbol: SAMSUNG,
            venue: Venue::Krx,
        },
    ];
    gateway.subscribe(&topics).await.unwrap();
    place(
        &gateway,
        OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(2), won(71_000)),
    )
    .await;
    let (mut trades, mut books) = (Vec::new(), Vec::new());
    while let Ok(event) = market_data.try_recv() {
        match event {
            MarketEvent::Trade(trade) => trades.push(trade),
            MarketEvent::Book(book) => books.push(book),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        (trades[0].price, trades[0].qty, trades[0].aggressor),
        (won(71_000), Qty::new(2), Some(Side::Buy))
    );
    assert_eq!(books.last().unwrap().best_ask().unwrap().qty, Qty::new(3));
    assert_eq!(
        gateway.order_book(SAMSUNG, Venue::Krx).await.unwrap(),
        *books.last().unwrap()
    );
    assert_eq!(
        gateway.quote(SAMSUNG, Venue::Krx).await.unwrap().last,
        won(71_000)
    );

    gateway.unsubscribe(&topics).await.unwrap();
    place(
        &gateway,
        OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(1), won(70_900)),
    )
    .await;
    assert_eq!(market_data.try_recv(), Err(TryRecvError::Empty));
    let unknown = gateway
        .subscribe(&[Topic::Book {
            symbol: symbol!("000660"),
            venue: Venue::Krx,
        }])
        .await
        .unwrap_err();
    assert!(unknown.to_string().contains("000660"), "{unknown}");
}

#[tokio::test]
async fn a_consumer_that_is_behind_stops_new_orders_but_not_cancels() {
    let config = BrokerConfig::from_toml_str(
        "test.toml",
        "broker_type = \"MOCK\"\nexecutions_capacity = 16\n\
         [[accounts]]\naccount_id = \"1\"\naccount_name = \"a\"\naccount_type = \"PAPER\"\n[mock]\nmarket = \"NONE\"\n",
    )
    .unwrap();
    let gateway = Gateway::new(config).unwrap();
    gateway.connect().await.unwrap();
    let account = gateway.accounts()[0].account_id;
    let mut executions = gateway.executions();
    let request = OrderRequest::limit_buy(account, SAMSUNG, Qty::new(1), won(70_000));
    let mut last = ClientOrderId::AUTO;
    for _ in 0..16 {
        last = gateway.submit_order(&request).unwrap();
    }
    let behind = gateway.submit_order(&request).unwrap_err();
    assert!(
        matches!(behind, Error::ConsumerBehind { capacity: 16 }),
        "{behind}"
    );
    let cancelled = gateway
        .cancel_order(&CancelRequest::all(account, last))
        .await
        .unwrap();
    assert!(cancelled.accepted().is_some());
    assert_eq!(drain(&mut executions).len(), 17);
    gateway.submit_order(&request).unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_rate_limit_turns_submits_away_and_lets_placed_orders_wait() {
    let config = BrokerConfig::from_toml_str(
        "test.toml",
        "broker_type = \"MOCK\"\nrate_limit = 2\n\
         [[accounts]]\naccount_id = \"1\"\naccount_name = \"a\"\naccount_type = \"PAPER\"\n[mock]\nmarket = \"NONE\"\n",
    )
    .unwrap();
    let gateway = Gateway::new(config).unwrap();
    gateway.connect().await.unwrap();
    let account = gateway.accounts()[0].account_id;
    let request = OrderRequest::limit_buy(account, SAMSUNG, Qty::new(1), won(70_000));
    gateway.submit_order(&request).unwrap();
    gateway.submit_order(&request).unwrap();
    let full = gateway.submit_order(&request).unwrap_err();
    assert!(
        full.is_retryable() && full.retry_after().is_some(),
        "{full}"
    );
    let started = tokio::time::Instant::now();
    place(&gateway, request).await;
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(gateway.open_orders(account).await.unwrap().len(), 3);
}

#[tokio::test]
async fn orderable_is_exact() {
    let (gateway, buyer, seller) = quiet().await;
    mock(&gateway)
        .add_position(seller, SAMSUNG, Qty::new(50), won(60_000))
        .unwrap();
    let ask = |account, side, kind| OrderableRequest {
        account,
        symbol: SAMSUNG,
        side,
        kind,
    };
    // S-88 and S-89 of the worked scenarios: limit at 71,000, and market valued at the upper limit.
    let limit = gateway
        .orderable(&ask(
            buyer,
            Side::Buy,
            OrderKind::Limit { price: won(71_000) },
        ))
        .await
        .unwrap();
    assert_eq!(limit.qty, Qty::new(140));
    let market = gateway
        .orderable(&ask(buyer, Side::Buy, OrderKind::Market))
        .await
        .unwrap();
    assert_eq!(market.qty, Qty::new(108));
    let sell = gateway
        .orderable(&ask(seller, Side::Sell, OrderKind::Market))
        .await
        .unwrap();
    assert_eq!(sell.qty, Qty::new(50));
}

#[tokio::test]
async fn one_seed_is_one_history() {
    async fn history(seed: u64) -> u64 {
        let config = BrokerConfig::from_toml_str(
            "test.toml",
            &format!(
                "broker_type = \"MOCK\"\n[[accounts]]\naccount_id = \"1\"\naccount_name = \"a\"\n\
                 account_type = \"PAPER\"\n[mock]\nmarket = \"GBM\"\nseed = {seed}\n"
            ),
        )
        .unwrap();
        let gateway = Gateway::new(config).unwrap();
        gateway.connect().await.unwrap();
        let account = gateway.accounts()[0].account_id;
        for round in 0..200 {
            mock(&gateway).advance(Duration::from_secs(5));
            let book = gateway.order_book(SAMSUNG, Venue::Krx).await.unwrap();
            let level = if round % 2 == 0 {
                book.best_ask()
            } else {
                book.best_bid()
            };
            let request =
                OrderRequest::limit_buy(account, SAMSUNG, Qty::new(1), level.unwrap().price);
            place(&gateway, request).await;
        }
        assert!(!gateway.fills(account).await.unwrap().is_empty());
        mock(&gateway).checksum()
    }
    assert_eq!(history(7).await, history(7).await);
    assert_ne!(history(7).await, history(8).await);
}

/// A list is whole or an error: MOCK says so when it had to forget fills.
#[tokio::test]
async fn forgotten_fills_make_an_error_and_not_a_shorter_list() {
    let mut mock_config = MockConfig::default();
    mock_config.history = 1_000;
    mock_config.market = MarketSource::None;
    let config = BrokerConfig::builder(BrokerType::Mock)
        .mock(mock_config)
        .build()
        .unwrap();
    let gateway = Gateway::new(config).unwrap();
    gateway.connect().await.unwrap();
    let account = gateway.accounts()[0].account_id;
    mock(&gateway)
        .add_position(account, SAMSUNG, Qty::new(10_000), won(60_000))
        .unwrap();
    for _ in 0..500 {
        place(
            &gateway,
            OrderRequest::limit_sell(account, SAMSUNG, Qty::new(1), won(71_000)),
        )
        .await;
        place(
            &gateway,
            OrderRequest::limit_buy(account, SAMSUNG, Qty::new(1), won(71_000)),
        )
        .await;
    }
    assert_eq!(gateway.fills(account).await.unwrap().len(), 1_000);
    let first = gateway.fills(account).await.unwrap()[0];
    for _ in 0..2 {
        place(
            &gateway,
            OrderRequest::limit_sell(account, SAMSUNG, Qty::new(1), won(71_000)),
        )
        .await;
        place(
            &gateway,
            OrderRequest::limit_buy(account, SAMSUNG, Qty::new(1), won(71_000)),
        )
        .await;
    }
    let error = gateway.fills(account).await.unwrap_err();
    assert!(error.to_string().contains("mock.history"), "{error}");
    let error = gateway.resolve_order(first.id).await.unwrap_err();
    assert!(error.to_string().contains("mock.history"), "{error}");
}

/// What was cancelled before the connection was lost is told, and the rest says that it was not sent.
#[tokio::test(start_paused = true)]
async fn cancelling_all_orders_loses_no_outcome_when_the_connection_goes() {
    let config = BrokerConfig::from_toml_str(
        "test.toml",
        "broker_type = \"MOCK\"\nrate_limit = 4\n[mock]\nmarket = \"NONE\"\n",
    )
    .unwrap();
    let gateway = Gateway::new(config).unwrap();
    gateway.connect().await.unwrap();
    let account = gateway.accounts()[0].account_id;
    for _ in 0..4 {
        place(
            &gateway,
            OrderRequest::limit_buy(account, SAMSUNG, Qty::new(1), won(70_000)),
        )
        .await;
    }
    tokio::time::advance(Duration::from_secs(2)).await;
    // Room for two more before the window is full.
    for _ in 0..2 {
        gateway
            .submit_order(&OrderRequest::limit_buy(
                account,
                SAMSUNG,
                Qty::new(1),
                won(69_900),
            ))
            .unwrap();
    }
    let lost = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        mock(&gateway).drop_connection();
    };
    let (outcomes, ()) = tokio::join!(gateway.cancel_all_orders(account), lost);
    let outcomes = outcomes.unwrap();
    assert_eq!(outcomes.len(), 6);
    for (place, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(result) => assert!(
                place < 2 && result.accepted().is_some(),
                "{place}: {outcome:?}"
            ),
            Err(error) => assert!(
                place >= 2 && matches!(error, Error::NotConnected { .. }),
                "{place}: {outcome:?}"
            ),
        }
    }
    gateway.connect().await.unwrap();
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(gateway.open_orders(account).await.unwrap().len(), 4);
}

/// Every outcome has a name: refused orders are numbered too, and numbers go on over the night.
#[tokio::test]
async fn a_refused_order_is_told_under_the_number_that_was_returned() {
    let (gateway, buyer, _) = quiet().await;
    let mut executions = gateway.executions();
    let too_dear = OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(1_000), won(71_000));
    let first = gateway.submit_order(&too_dear).unwrap();
    let second = gateway.submit_order(&too_dear).unwrap();
    assert!(!first.is_auto() && second > first);
    let live = place(
        &gateway,
        OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(140), won(70_000)),
    )
    .await;
    let refused = gateway
        .modify_order(&ModifyRequest::to_price(buyer, live, won(90_000)))
        .await
        .unwrap();
    assert_eq!(refused.refused().unwrap().id, live);
    // What the desk knows to be wrong is not sent, and so not refused.
    let unsent = gateway
        .cancel_order(&CancelRequest::part(buyer, live, Qty::new(141)))
        .await;
    assert!(matches!(unsent, Err(Error::Invalid(_))), "{unsent:?}");
    let told: Vec<_> = drain(&mut executions)
        .into_iter()
        .filter_map(|event| match &event {
            ExecutionEvent::Refused { command, .. } => {
                Some((*command, event.id()?, event.account()))
            }
            _ => None,
        })
        .collect();
    let (placed, modified) = (OrderCommand::Place, OrderCommand::Modify);
    assert_eq!(
        told,
        [
            (placed, first, buyer),
            (placed, second, buyer),
            (modified, live, buyer)
        ]
    );

    mock(&gateway).advance(Duration::from_secs(24 * 3_600));
    let tomorrow = place(
        &gateway,
        OrderRequest::limit_buy(buyer, SAMSUNG, Qty::new(1), won(70_000)),
    )
    .await;
    assert!(tomorrow > live);
}

/// What this side refuses is no request: it takes no room under the rate limit, whatever stood against it.
#[tokio::test(start_paused = true)]
async fn an_order_that_is_refused_here_takes_no_room_under_the_rate_limit() {
    let text = "broker_type = \"MOCK\"\nrate_limit = 4\n[mock]\nmarket = \"NONE\"\n";
    let gateway = Gateway::new(BrokerConfig::from_toml_str("test.toml", text).unwrap()).unwrap();
    gateway.connect().await.unwrap();
    let account = gateway.accounts()[0].account_id;
    let limiter = gateway.rate_limiter();
    let bid = |price| OrderRequest::limit_buy(account, SAMSUNG, Qty::new(1), won(price));
    let live = place(&gateway, bid(70_000)).await;
    assert_eq!(limiter.usage_ratio(), 0.25);

    for _ in 0..10 {
        // Off the tick grid, beyond the limits, and under an id that is used.
        for request in [bid(70_050), bid(99_000), bid(70_000).with_id(live)] {
            let unsent = gateway.submit_order(&request);
            assert!(matches!(unsent, Err(Error::Invalid(_))), "{unsent:?}");
            let unsent = gateway.place_order(&request).await;
            assert!(matches!(unsent, Err(Error::Invalid(_))), "{unsent:?}");
        }
        let dearer = ModifyRequest::to_price(account, live, won(70_050));
        let unsent = gateway.modify_order(&dearer).await;
        assert!(matches!(unsent, Err(Error::Invalid(_))), "{unsent:?}");
        let unknown = CancelRequest::all(account, ClientOrderId::new(1_000));
        let unsent = gateway.cancel_order(&unknown).await;
        assert!(matches!(unsent, Err(Error::NotFound(_))), "{unsent:?}");
    }
    assert_eq!(limiter.usage_ratio(), 0.25);

    mock(&gateway)
        .set_trading_state(TradingState::Halted)
        .unwrap();
    let unsent = gateway.submit_order(&bid(70_000));
    assert!(unsent.is_err() && limiter.usage_ratio() == 0.25);
    let all = CancelRequest::all(account, live);
    let cancelled = gateway.cancel_order(&all).await.unwrap();
    assert!(cancelled.accepted().is_some(), "cancels pass when halted");
    assert_eq!(limiter.usage_ratio(), 0.5);
}

/// What the simulation cannot be told to do says what is wrong.
#[tokio::test]
async fn arranging_the_simulation_wrongly_names_the_mistake() {
    let (gateway, buyer, _) = quiet().await;
    let stranger: AccountId = "9999".parse().unwrap();
    let before = mock(&gateway).checksum();
    let wrong = [
        (
            mock(&gateway).set_balance(buyer, Money::from_won(-5).unwrap()),
            "cash",
        ),
        (mock(&gateway).set_balance(stranger, Money::ZERO), "account"),
        (
            mock(&gateway).add_position(buyer, SAMSUNG, Qty::ZERO, won(1)),
            "qty",
        ),
        (
            mock(&gateway).add_position(buyer, symbol!("000660"), Qty::new(1), won(1)),
            "000660",
        ),
    ];
    for (result, named) in wrong {
        let error = result.unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
    }
    assert_eq!(mock(&gateway).checksum(), before);
}
