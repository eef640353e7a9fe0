//! What the dispatch benchmarks share: one body, reached in five ways.
//!
//! The body is MOCK's own `submit_order` or `place_order`, called in two states: *turned away* (a gateway that is not
//! connected answers at its first check, so that little but the dispatch is measured) and *whole order* (a limit order
//! that rests in the book, followed by its cancel).

#![allow(dead_code, reason = "each benchmark uses its part of this")]
#![allow(
    unreachable_pub,
    reason = "a module of several programs, not of a crate"
)]

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gwanmun::broker::{Creon, Kis, Kiwoom};
use gwanmun::config::Credentials;
use gwanmun::{
    AccountId, BrokerConfig, BrokerGateway, BrokerType, CancelRequest, ClientOrderId, Gateway,
    Mock, OrderRequest, OrderResult, Price, Qty, Result, Secret, symbol,
};

/// The twin that boxes: a trait object whose every call allocates its future.
#[async_trait::async_trait]
pub trait BoxedGateway: Send + Sync {
    fn submit(&self, request: &OrderRequest) -> Result<ClientOrderId>;
    async fn place(&self, request: &OrderRequest) -> Result<OrderResult>;
}

#[async_trait::async_trait]
impl<B: BrokerGateway> BoxedGateway for B {
    fn submit(&self, request: &OrderRequest) -> Result<ClientOrderId> {
        BrokerGateway::submit_order(self, request)
    }

    async fn place(&self, request: &OrderRequest) -> Result<OrderResult> {
        BrokerGateway::place_order(self, request).await
    }
}

/// The twin that is matched by hand.
pub enum HandMatched {
    Kis(Kis),
    Creon(Creon),
    Kiwoom(Kiwoom),
    Mock(Mock),
}

impl HandMatched {
    #[inline]
    pub fn submit_order(&self, request: &OrderRequest) -> Result<ClientOrderId> {
        match self {
            Self::Kis(broker) => broker.submit_order(request),
            Self::Creon(broker) => broker.submit_order(request),
            Self::Kiwoom(broker) => broker.submit_order(request),
            Self::Mock(broker) => broker.submit_order(request),
        }
    }

    #[inline]
    pub async fn place_order(&self, request: &OrderRequest) -> Result<OrderResult> {
        match self {
            Self::Kis(broker) => broker.place_order(request).await,
            Self::Creon(broker) => broker.place_order(request).await,
            Self::Kiwoom(broker) => broker.place_order(request).await,
            Self::Mock(broker) => broker.place_order(request).await,
        }
    }
}

/// Runs a future that is ready at once, as MOCK's are, without an executor. Inlined, so that every caller is one call site.
#[inline(always)]
pub fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("MOCK answers at once"),
    }
}

/// The account of every benchmark.
pub fn account() -> AccountId {
    BrokerConfig::mock().accounts()[0].account_id
}

/// A limit buy that rests in the book, far below the market.
pub fn resting_buy() -> OrderRequest {
    let mock = connected();
    let quote = ready(mock.quote(symbol!("005930"), gwanmun::Venue::Krx)).unwrap();
    OrderRequest::limit_buy(
        account(),
        symbol!("005930"),
        Qty::new(1),
        quote.lower_limit.unwrap(),
    )
}

/// An order of the right shape that a gateway that is not connected turns away.
pub fn any_order() -> OrderRequest {
    OrderRequest::limit_buy(
        account(),
        symbol!("005930"),
        Qty::new(1),
        Price::from_won(71_000).unwrap(),
    )
}

/// A MOCK that is not connected.
pub fn unconnected() -> Mock {
    Mock::new(BrokerConfig::mock()).unwrap()
}

/// A connected MOCK whose clock stands still.
pub fn connected() -> Mock {
    let mock = unconnected();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(mock.connect()).unwrap();
    mock
}

/// A gateway of each broker.
pub fn gateways() -> [(BrokerType, Gateway); 4] {
    BrokerType::ALL
        .iter()
        .map(|&broker_type| (broker_type, Gateway::new(config(broker_type)).unwrap()))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

/// The smallest valid configuration of a broker.
pub fn config(broker_type: BrokerType) -> BrokerConfig {
    if broker_type == BrokerType::Mock {
        return BrokerConfig::mock();
    }
    let builder = BrokerConfig::builder(broker_type);
    let (account, builder) = if broker_type == BrokerType::Kis {
        let secret = |text: &str| Secret::new(text.to_owned()).unwrap();
        let keys = Credentials::new(
            secret("app-key-of-a-bench"),
            secret("app-secret-of-a-bench"),
        );
        ("50123456-01".parse().unwrap(), builder.credentials(keys))
    } else {
        (account(), builder.grpc_host("127.0.0.1"))
    };
    let account = gwanmun::AccountConfig::new(account, gwanmun::AccountType::Paper);
    builder.account(account).build().unwrap()
}

/// Places an order and cancels it, through anything that dispatches.
#[inline]
pub fn place_and_cancel<B: BrokerGateway>(broker: &B, request: &OrderRequest) {
    let outcome = ready(broker.place_order(black_box(request))).unwrap();
    let receipt = outcome.accepted().unwrap();
    let cancelled =
        ready(broker.cancel_order(&CancelRequest::all(request.account, receipt.id))).unwrap();
    black_box(cancelled.accepted().unwrap());
}
