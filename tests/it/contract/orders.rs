//! What an order goes through.

use gwanmun::{
    BrokerGateway, CancelReason, CancelRequest, Error, ExecutionEvent, ModifyRequest, OrderKind,
    OrderNo, OrderRequest, OrderResult, OrderStatus, OrderType, Price, Qty, Receipt, RefusalReason,
    TimeInForce, Venue,
};

use super::fixture::{Fixture, SYMBOL, event, is_set, until};

async fn accepted(fixture: &Fixture, order: &OrderRequest) -> Receipt {
    match fixture.gateway.place_order(order).await.unwrap() {
        OrderResult::Accepted(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_limit_order_waits_and_is_cancelled(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let account = fixture.account;
    let mut executions = gateway.executions();
    let price = fixture.low_price(0).await;
    let order = OrderRequest::limit_buy(account, SYMBOL, Qty::new(3), price);
    let receipt = accepted(fixture, &order).await;
    assert!(!receipt.inferred && is_set(receipt.at));
    let told = event(&mut executions, |event| match event {
        ExecutionEvent::Accepted { account, receipt } => Some((*account, *receipt)),
        _ => None,
    })
    .await;
    assert_eq!((told.0, told.1.order_no), (account, receipt.order_no));

    let open = gateway.open_orders(account).await.unwrap();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((open[0].id, open[0].status), (receipt.id, OrderStatus::New));
    assert_eq!((open[0].qty, open[0].kind), (Qty::new(3), order.kind));
    let by_number = gateway
        .order(account, receipt.order_no.into())
        .await
        .unwrap();
    let by_id = gateway.order(account, receipt.id.into()).await.unwrap();
    assert_eq!(by_number.id, by_id.id);

    let cancel = CancelRequest::all(account, receipt.order_no);
    let cancelled = gateway.cancel_order(&cancel).await.unwrap();
    assert!(cancelled.accepted().is_some(), "{cancelled:?}");
    let (qty, remaining, reason) = event(&mut executions, |event| match event {
        ExecutionEvent::Cancelled {
            id,
            qty,
            remaining,
            reason,
            ..
        } if *id == receipt.id => Some((*qty, *remaining, *reason)),
        _ => None,
    })
    .await;
    assert_eq!((qty, remaining), (Qty::new(3), Qty::ZERO));
    assert_eq!(reason, CancelReason::Requested);
    assert!(gateway.open_orders(account).await.unwrap().is_empty());
    let ended = gateway.order(account, receipt.id.into()).await.unwrap();
    assert_eq!(ended.status, OrderStatus::Cancelled);
}

pub(crate) async fn a_market_order_fills_and_is_booked(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let account = fixture.account;
    let mut executions = gateway.executions();
    let before = gateway.balance(account).await.unwrap();
    let receipt = accepted(
        fixture,
        &OrderRequest::market_buy(account, SYMBOL, Qty::new(2)),
    )
    .await;
    let mut filled = Qty::ZERO;
    let mut value = 0;
    while filled < Qty::new(2) {
        let fill = event(&mut executions, |event| match event {
            ExecutionEvent::Filled {
                fill, cumulative, ..
            } if fill.id == receipt.id => Some((*fill, *cumulative)),
            _ => None,
        })
        .await;
        assert!(fill.1 > filled, "the sum never falls");
        filled = fill.1;
        value += fill.0.value().unwrap().units();
        assert_eq!((fill.0.symbol, fill.0.account), (SYMBOL, account));
    }
    let order = gateway.order(account, receipt.id.into()).await.unwrap();
    assert_eq!(order.status, OrderStatus::Filled);
    assert_eq!(order.filled_value.units(), value);
    let positions = gateway.positions(account).await.unwrap();
    assert_eq!(positions.len(), 1);
    assert_eq!(
        (positions[0].symbol, positions[0].qty),
        (SYMBOL, Qty::new(2))
    );
    assert_eq!(positions[0].cost.units(), value);
    let after = gateway.balance(account).await.unwrap();
    assert!(after.deposit_d2 < before.deposit_d2);
    assert_eq!(after.bought_today.units(), value);
    let fills = gateway.fills(account).await.unwrap();
    let sum: u64 = fills.iter().map(|fill| fill.qty.get()).sum();
    assert_eq!(sum, 2, "{fills:?}");
}

pub(crate) async fn a_modification_keeps_the_order_and_changes_its_number(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let account = fixture.account;
    let mut executions = gateway.executions();
    let (low, next) = (fixture.low_price(0).await, fixture.low_price(1).await);
    let placed = accepted(
        fixture,
        &OrderRequest::limit_buy(account, SYMBOL, Qty::new(3), low),
    )
    .await;
    let modify = ModifyRequest::to_price(account, placed.id, next);
    let modified = gateway.modify_order(&modify).await.unwrap();
    let receipt = *modified
        .accepted()
        .unwrap_or_else(|| panic!("{modified:?}"));
    assert_ne!(receipt.order_no, placed.order_no);
    let (original_no, order_no, kind) = event(&mut executions, |event| match event {
        ExecutionEvent::Modified {
            id,
            original_no,
            order_no,
            kind,
            ..
        } if *id == placed.id => Some((*original_no, *order_no, *kind)),
        _ => None,
    })
    .await;
    assert_eq!((original_no, order_no), (placed.order_no, receipt.order_no));
    assert_eq!(kind, OrderKind::Limit { price: next });
    let open = gateway.open_orders(account).await.unwrap();
    assert_eq!(open.len(), 1, "one order for the caller: {open:?}");
    assert_eq!(
        (open[0].id, open[0].order_no),
        (placed.id, receipt.order_no)
    );
    assert_eq!(open[0].kind.limit_price(), Some(next));
}

pub(crate) async fn every_open_order_is_cancelled_at_once(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let account = fixture.account;
    for ticks in 0..3 {
        let price = fixture.low_price(ticks).await;
        let order = OrderRequest::limit_buy(account, SYMBOL, Qty::new(1), price);
        accepted(fixture, &order).await;
    }
    let outcomes = gateway.cancel_all_orders(account).await.unwrap();
    assert_eq!(outcomes.len(), 3);
    for outcome in outcomes {
        assert!(outcome.unwrap().accepted().is_some());
    }
    until("no open order", || async {
        gateway.open_orders(account).await.unwrap().is_empty()
    })
    .await;
}

pub(crate) async fn an_order_off_the_grid_never_reaches_the_market(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let price = fixture.low_price(0).await;
    let off = Price::from_won(price.won() + 1).unwrap();
    let order = OrderRequest::limit_buy(fixture.account, SYMBOL, Qty::new(1), off);
    match gateway.place_order(&order).await {
        // Proof that nothing was sent.
        Err(Error::Invalid(_)) => {}
        Ok(OrderResult::Refused(refusal)) => assert_eq!(refusal.reason, RefusalReason::Tick),
        other => panic!("{other:?}"),
    }
    assert!(
        gateway
            .open_orders(fixture.account)
            .await
            .unwrap()
            .is_empty()
    );
    let none = OrderRequest::limit_buy(fixture.account, SYMBOL, Qty::ZERO, price);
    assert!(gateway.place_order(&none).await.is_err());
}

pub(crate) async fn what_the_capabilities_lack_is_refused_before_it_is_sent(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let price = fixture.low_price(0).await;
    let capabilities = gateway.capabilities();
    assert!(capabilities.trading);
    let mut lacking = 0;
    for &venue in Venue::ALL {
        for &order_type in OrderType::ALL {
            for &time in TimeInForce::ALL {
                if capabilities.accepts(venue, order_type, time) {
                    continue;
                }
                lacking += 1;
                let order = OrderRequest::limit_buy(fixture.account, SYMBOL, Qty::new(1), price);
                let order = OrderRequest {
                    kind: kind(order_type, price),
                    ..order.with_venue(venue).with_time_in_force(time)
                };
                let error = gateway.place_order(&order).await.unwrap_err();
                assert!(
                    matches!(error, Error::Unsupported { .. } | Error::Invalid(_)),
                    "{venue} {order_type} {time}: {error}"
                );
            }
        }
    }
    assert!(lacking > 0, "no venue takes everything");
    assert!(
        gateway
            .open_orders(fixture.account)
            .await
            .unwrap()
            .is_empty()
    );
}

fn kind(order_type: OrderType, price: Price) -> OrderKind {
    match order_type {
        OrderType::Limit => OrderKind::Limit { price },
        OrderType::Market => OrderKind::Market,
        OrderType::ConditionalLimit => OrderKind::ConditionalLimit { price },
        OrderType::BestLimit => OrderKind::BestLimit,
        OrderType::TopPriority => OrderKind::TopPriority,
        OrderType::MidPrice => OrderKind::MidPrice,
        OrderType::StopLimit => OrderKind::StopLimit { stop: price, price },
        OrderType::PreClose => OrderKind::PreClose,
        OrderType::PostClose => OrderKind::PostClose,
    }
}

pub(crate) async fn a_submitted_order_tells_its_outcome_on_the_stream(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let price = fixture.low_price(0).await;
    let order = OrderRequest::limit_buy(fixture.account, SYMBOL, Qty::new(1), price);
    // One request a second means that the quote before has used it up.
    until("room under the limit", || async {
        gateway.rate_limiter().level() != gwanmun::LimitLevel::Limited
    })
    .await;
    let mut executions = gateway.executions();
    let id = gateway.submit_order(&order).unwrap();
    let receipt = event(&mut executions, |event| match event {
        ExecutionEvent::Accepted { receipt, .. } if receipt.id == id => Some(*receipt),
        _ => None,
    })
    .await;
    let resolved = gateway.resolve_order(id).await.unwrap();
    assert_eq!(resolved.accepted().unwrap().order_no, receipt.order_no);
}

pub(crate) async fn an_order_that_is_not_there_is_not_found(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let account = fixture.account;
    let number = OrderNo::new(9_999_999).unwrap();
    let error = gateway.order(account, number.into()).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    match gateway
        .cancel_order(&CancelRequest::all(account, number))
        .await
    {
        Err(Error::NotFound(_)) => {}
        Ok(OrderResult::Refused(refusal)) => {
            assert_eq!(refusal.reason, RefusalReason::UnknownOrder);
        }
        other => panic!("{other:?}"),
    }
}
