//! Life of a gateway, and what an account has.

use gwanmun::{
    BrokerGateway, ConnectionStatus, Error, Money, OrderKind, OrderRequest, OrderableRequest, Qty,
    Side, Venue,
};

use super::fixture::{Fixture, SYMBOL};

pub(crate) async fn connecting_twice_is_connecting_once(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    assert_eq!(gateway.status(), ConnectionStatus::Connected);
    gateway.connect().await.unwrap();
    assert_eq!(gateway.status(), ConnectionStatus::Connected);
    gateway.disconnect().await.unwrap();
    gateway.disconnect().await.unwrap();
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
    gateway.connect().await.unwrap();
    assert_eq!(gateway.status(), ConnectionStatus::Connected);
}

pub(crate) async fn nothing_is_asked_of_a_gateway_that_is_not_connected(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let price = fixture.low_price(0).await;
    gateway.disconnect().await.unwrap();
    let order = OrderRequest::limit_buy(fixture.account, SYMBOL, Qty::new(1), price);
    let errors = [
        gateway.place_order(&order).await.unwrap_err(),
        gateway.submit_order(&order).unwrap_err(),
        gateway.quote(SYMBOL, Venue::Krx).await.unwrap_err(),
        gateway.balance(fixture.account).await.unwrap_err(),
        gateway.health().await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::NotConnected { .. }), "{error}");
    }
}

pub(crate) async fn health_tells_of_a_connection_that_stands(fixture: &Fixture) {
    let health = fixture.gateway.health().await.unwrap();
    assert_eq!(health.status, ConnectionStatus::Connected);
    assert!(health.usage.ratio() <= 1.0);
    if let Some(life) = health.token_life {
        assert!(life.as_secs() > 60, "{life:?}");
    }
}

pub(crate) async fn the_account_has_its_cash_and_what_it_may_buy(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let balance = gateway.balance(fixture.account).await.unwrap();
    assert_eq!(balance.account, fixture.account);
    assert_eq!(balance.deposit, Money::from_won(100_000_000).unwrap());
    assert_eq!(balance.orderable, balance.deposit_d2);
    assert!(gateway.positions(fixture.account).await.unwrap().is_empty());
    let price = fixture.low_price(0).await;
    let asked = |side| OrderableRequest {
        account: fixture.account,
        symbol: SYMBOL,
        side,
        kind: OrderKind::Limit { price },
    };
    let buy = gateway.orderable(&asked(Side::Buy)).await.unwrap();
    let worth = price.value(buy.qty).unwrap();
    assert!(!buy.qty.is_zero() && worth <= buy.cash, "{buy:?}");
    // At a price a broker may tell what whole shares use up of it.
    assert!(buy.cash <= balance.orderable, "{buy:?}");
    let sell = gateway.orderable(&asked(Side::Sell)).await.unwrap();
    assert_eq!(sell.qty, Qty::ZERO);
    let nobody = "99999999-99".parse().unwrap();
    assert!(gateway.balance(nobody).await.is_err());
}
