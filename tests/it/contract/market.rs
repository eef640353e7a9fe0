//! What a gateway tells of the market.

use std::num::NonZeroU16;

use gwanmun::{
    BrokerGateway, CandleRequest, Error, MarketEvent, OrderRequest, Qty, Symbol, Timeframe, Topic,
    Venue,
};
use jiff::ToSpan;

use super::fixture::{Fixture, SYMBOL, UNLISTED, within};

pub(crate) async fn quote_and_book_are_of_the_issue_that_was_asked_for(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let quote = gateway.quote(SYMBOL, Venue::Krx).await.unwrap();
    assert_eq!((quote.symbol, quote.venue), (SYMBOL, Venue::Krx));
    assert!(quote.upper_limit.unwrap() > quote.base && quote.lower_limit.unwrap() < quote.base);
    let book = gateway.order_book(SYMBOL, Venue::Krx).await.unwrap();
    assert_eq!((book.symbol, book.venue), (SYMBOL, Venue::Krx));
    let (bid, ask) = (book.best_bid().unwrap(), book.best_ask().unwrap());
    assert!(bid.price < ask.price && !bid.qty.is_zero() && !ask.qty.is_zero());
    let bids: Vec<_> = book
        .bids
        .iter()
        .flatten()
        .map(|level| level.price)
        .collect();
    assert!(bids.is_sorted_by(|a, b| a > b), "{bids:?}");
    let error = gateway.quote(UNLISTED, Venue::Krx).await.unwrap_err();
    assert!(
        matches!(error, Error::NotFound(_) | Error::Broker(_)),
        "{error}"
    );
}

pub(crate) async fn candles_come_oldest_first(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    assert!(gateway.capabilities().candles);
    let today = gateway
        .quote(SYMBOL, Venue::Krx)
        .await
        .unwrap()
        .at
        .kst_date();
    // A trade, so that there is a minute with one.
    let buy = OrderRequest::market_buy(fixture.account, SYMBOL, Qty::new(1));
    assert!(
        gateway
            .place_order(&buy)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    for timeframe in [
        Timeframe::Day,
        Timeframe::Week,
        Timeframe::Month,
        Timeframe::Minutes(NonZeroU16::MIN),
        Timeframe::Minutes(NonZeroU16::new(5).unwrap()),
    ] {
        let minutes = matches!(timeframe, Timeframe::Minutes(_));
        let from = if minutes {
            today
        } else {
            today.checked_sub(200.days()).unwrap()
        };
        let request = CandleRequest {
            symbol: SYMBOL,
            timeframe,
            from,
            to: today,
        };
        let candles = gateway.candles(&request).await.unwrap();
        assert!(
            candles.is_sorted_by(|a, b| a.start < b.start),
            "{timeframe}"
        );
        for candle in &candles {
            assert_eq!((candle.symbol, candle.timeframe), (SYMBOL, timeframe));
            assert!(candle.low <= candle.open && candle.close <= candle.high);
            assert!(
                (from..=today).contains(&candle.start.kst_date()),
                "{timeframe}"
            );
        }
    }
}

pub(crate) async fn instruments_are_listed_with_their_lots(fixture: &Fixture) {
    let instruments = fixture.gateway.instruments().await.unwrap();
    let listed = instruments
        .iter()
        .find(|instrument| instrument.symbol() == SYMBOL)
        .unwrap();
    assert_eq!(listed.lot().get(), 1);
    assert!(!listed.name().is_empty());
    assert!(
        !instruments
            .iter()
            .any(|instrument| instrument.symbol() == UNLISTED)
    );
}

pub(crate) async fn a_subscription_delivers_its_topic_and_ends(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let mut market = gateway.market_data();
    let trades = Topic::Trades {
        symbol: SYMBOL,
        venue: Venue::Krx,
    };
    let book = Topic::Book {
        symbol: SYMBOL,
        venue: Venue::Krx,
    };
    gateway.subscribe(&[trades, book]).await.unwrap();
    // Again is no error.
    gateway.subscribe(&[trades]).await.unwrap();
    let buy = OrderRequest::market_buy(fixture.account, SYMBOL, Qty::new(1));
    assert!(
        gateway
            .place_order(&buy)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    let (mut traded, mut shown) = (false, false);
    while !(traded && shown) {
        match within("market data", market.recv()).await.unwrap() {
            MarketEvent::Trade(trade) => {
                assert_eq!((trade.symbol, trade.venue), (SYMBOL, Venue::Krx));
                traded = true;
            }
            MarketEvent::Book(book) => {
                assert_eq!((book.symbol, book.venue), (SYMBOL, Venue::Krx));
                shown = true;
            }
            other => panic!("{other:?}"),
        }
    }
    gateway.unsubscribe(&[trades, book]).await.unwrap();
}

pub(crate) async fn more_topics_than_the_broker_takes_are_refused_together(fixture: &Fixture) {
    let gateway = &fixture.gateway;
    let Some(most) = gateway.capabilities().topics_max else {
        return;
    };
    let topics: Vec<Topic> = (0..=most)
        .map(|number| Topic::Trades {
            symbol: format!("{number:06}").parse::<Symbol>().unwrap(),
            venue: Venue::Krx,
        })
        .collect();
    let error = gateway.subscribe(&topics).await.unwrap_err();
    assert!(matches!(error, Error::Full { .. }), "{error}");
}
