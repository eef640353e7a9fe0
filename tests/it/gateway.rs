//! The handle: small, cheap, honest about what is not there.

use gwanmun::{
    AccountConfig, AccountType, BrokerConfig, BrokerGateway, BrokerType, CancelRequest,
    CandleRequest, ClientOrderId, ConnectionStatus, Error, Gateway, ModifyRequest, OrderKind,
    OrderRequest, OrderableRequest, Price, Qty, RecvError, Side, Timeframe, Venue, symbol,
};
use jiff::civil::date;

fn config(broker_type: BrokerType) -> BrokerConfig {
    BrokerConfig::builder(broker_type)
        .account(AccountConfig::new(
            "12345678-01".parse().unwrap(),
            AccountType::Paper,
        ))
        .grpc_host("127.0.0.1")
        .build()
        .unwrap()
}

fn assert_handle<T: Clone + Send + Sync + 'static>() {}

#[test]
fn the_handle_is_16_bytes_and_may_go_anywhere() {
    assert_handle::<Gateway>();
    // MOCK alone needs no tag.
    let tagged = cfg!(any(feature = "kis", feature = "kiwoom", feature = "creon"));
    assert_eq!(size_of::<Gateway>(), if tagged { 16 } else { 8 });
}

/// Whether this build has the broker.
fn is_built_in(broker_type: BrokerType) -> bool {
    match broker_type {
        BrokerType::Kis => cfg!(feature = "kis"),
        BrokerType::Creon => cfg!(feature = "creon"),
        BrokerType::Kiwoom => cfg!(feature = "kiwoom"),
        BrokerType::Mock => true,
    }
}

#[test]
fn the_variant_follows_the_broker_type() {
    for &broker_type in BrokerType::ALL {
        let made = Gateway::new(config(broker_type));
        if !is_built_in(broker_type) {
            let error = made.unwrap_err();
            assert!(
                matches!(error, Error::MissingFeature { broker, .. } if broker == broker_type),
                "{error}"
            );
            let feature = broker_type.as_str().to_lowercase();
            assert!(
                error.to_string().contains(&format!("`{feature}`")),
                "{error}"
            );
            continue;
        }
        let gateway = made.unwrap();
        assert_eq!(gateway.broker_type(), broker_type);
        assert_eq!(gateway.config().broker_type(), broker_type);
        assert_eq!(gateway.accounts().len(), 1);
        assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
        assert_eq!(gateway.as_mock().is_some(), broker_type == BrokerType::Mock);
        assert_eq!(
            gateway.capabilities().trading,
            broker_type == BrokerType::Mock
        );
    }
}

/// Every future is small enough to be moved around: buffers live in connections, cold bodies are boxed.
#[test]
fn futures_stay_under_256_bytes() {
    let gateway = Gateway::new(BrokerConfig::mock()).unwrap();
    let (account, symbol) = (gateway.accounts()[0].account_id, symbol!("005930"));
    let price = Price::from_won(71_000).unwrap();
    let request = OrderRequest::limit_buy(account, symbol, Qty::new(1), price);
    let modify = ModifyRequest::to_price(account, ClientOrderId::new(1), price);
    let cancel = CancelRequest::all(account, ClientOrderId::new(1));
    let orderable = OrderableRequest {
        account,
        symbol,
        side: Side::Buy,
        kind: OrderKind::Market,
    };
    let day = date(2026, 11, 24);
    let candles = CandleRequest {
        symbol,
        timeframe: Timeframe::Day,
        from: day,
        to: day,
    };
    macro_rules! sizes {
        ($($call:expr),+ $(,)?) => { [$((stringify!($call), size_of_val(&$call))),+] };
    }
    let sizes = sizes![
        gateway.connect(),
        gateway.disconnect(),
        gateway.health(),
        gateway.place_order(&request),
        gateway.modify_order(&modify),
        gateway.cancel_order(&cancel),
        gateway.cancel_all_orders(account),
        gateway.resolve_order(ClientOrderId::new(1)),
        gateway.order(account, ClientOrderId::new(1).into()),
        gateway.open_orders(account),
        gateway.fills(account),
        gateway.balance(account),
        gateway.positions(account),
        gateway.orderable(&orderable),
        gateway.instruments(),
        gateway.quote(symbol, Venue::Krx),
        gateway.order_book(symbol, Venue::Krx),
        gateway.candles(&candles),
        gateway.subscribe(&[]),
        gateway.unsubscribe(&[]),
    ];
    for (call, size) in sizes {
        assert!(size <= 256, "{call} has a future of {size} bytes");
    }
}

#[tokio::test]
async fn a_broker_that_is_not_built_yet_says_so_to_everything() {
    let brokers = [BrokerType::Creon, BrokerType::Kiwoom];
    for broker_type in brokers
        .into_iter()
        .filter(|&broker_type| is_built_in(broker_type))
    {
        let gateway = Gateway::new(config(broker_type)).unwrap();
        let account = gateway.accounts()[0].account_id;
        let symbol = symbol!("005930");
        let request = OrderRequest::limit_buy(
            account,
            symbol,
            Qty::new(1),
            Price::from_won(71_000).unwrap(),
        );
        let errors = [
            gateway.connect().await.unwrap_err(),
            gateway.submit_order(&request).unwrap_err(),
            gateway.place_order(&request).await.unwrap_err(),
            gateway.cancel_all_orders(account).await.unwrap_err(),
            gateway.balance(account).await.unwrap_err(),
            gateway.quote(symbol, Venue::Krx).await.unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(error, Error::Unsupported { broker, .. } if broker == broker_type),
                "{error}"
            );
            assert!(error.to_string().contains(broker_type.as_str()), "{error}");
        }
        let mut executions = gateway.executions();
        drop(gateway);
        assert_eq!(executions.recv().await, Err(RecvError::Closed));
    }
}
