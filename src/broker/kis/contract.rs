//! The contract, method by method.

use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::account::AccountReads;
use super::capabilities;
use super::market_data::MarketReads;
use super::session::Session;
use super::{Inner, Kis};
use crate::config::{AccountConfig, BrokerConfig};
use crate::contract::{AtOnce, BrokerGateway, Capabilities, Health, Subscription};
use crate::domain::{
    AccountId, Balance, BrokerType, CancelRequest, Candle, CandleRequest, ClientOrderId,
    ConnectionStatus, ExecutionEvent, Fill, Instrument, MarketEvent, ModifyRequest, Order,
    OrderBook, OrderRef, OrderRequest, OrderResult, Orderable, OrderableRequest, Position, Quote,
    Symbol, TimeInForce, Topic, Venue,
};
use crate::error::{Error, Result};
use crate::limiter::RateLimiter;
use crate::transport::Connect;

/// The issue that `health` asks for: the one that is always there.
const HEALTH_SYMBOL: Symbol = crate::symbol!("005930");

impl<C: Connect> Inner<C> {
    fn account<'s>(&'s self, session: &'s Session<C>) -> AccountReads<'s, C> {
        AccountReads {
            client: &session.client,
            accounts: &self.accounts,
            is_paper: self.is_paper,
        }
    }

    fn market<'s>(&self, session: &'s Session<C>) -> MarketReads<'s, C> {
        MarketReads {
            client: &session.client,
            is_paper: self.is_paper,
        }
    }

    async fn health(&self) -> Result<Health> {
        let session = self.session()?;
        let code = self.listings.code_of(HEALTH_SYMBOL);
        let asked = Instant::now();
        self.market(&session)
            .order_book(HEALTH_SYMBOL, Venue::Krx, code.as_str())
            .await?;
        let mut health = Health::local(self.status.load(), asked.elapsed(), self.limiter.usage());
        health.last_frame_age = session.stream.watch().age();
        health.token_life = session.tokens.life();
        Ok(health)
    }

    async fn balance(&self, account: AccountId) -> Result<Balance> {
        let session = self.session()?;
        self.account(&session).balance(account).await
    }

    async fn positions(&self, account: AccountId) -> Result<Vec<Position>> {
        let session = self.session()?;
        let positions = self.account(&session).positions(account).await?;
        for position in &positions {
            session
                .dealer
                .set_sellable(account, position.symbol, position.sellable)?;
        }
        Ok(positions)
    }

    async fn orderable(&self, request: &OrderableRequest) -> Result<Orderable> {
        let session = self.session()?;
        let code = self.listings.code_of(request.symbol);
        self.account(&session)
            .orderable(request, code.as_str())
            .await
    }

    async fn instruments(&self) -> Result<Vec<Instrument>> {
        let session = self.session()?;
        let today = session.dealer.trading_date()?;
        let listing = match self.listings.get() {
            Some(listing) if listing.date == today => listing,
            Some(_) | None => session.read_listing().await?,
        };
        Ok(listing.instruments.clone())
    }

    async fn quote(&self, symbol: Symbol, venue: Venue) -> Result<Quote> {
        let session = self.session()?;
        let code = self.listings.code_of(symbol);
        self.market(&session)
            .quote(symbol, venue, code.as_str())
            .await
    }

    async fn order_book(&self, symbol: Symbol, venue: Venue) -> Result<OrderBook> {
        let session = self.session()?;
        let code = self.listings.code_of(symbol);
        self.market(&session)
            .order_book(symbol, venue, code.as_str())
            .await
    }

    async fn candles(&self, request: &CandleRequest) -> Result<Vec<Candle>> {
        let session = self.session()?;
        let code = self.listings.code_of(request.symbol);
        self.market(&session).candles(request, code.as_str()).await
    }

    async fn fills(&self, account: AccountId) -> Result<Vec<Fill>> {
        let session = self.session()?;
        if let Some(fills) = session.dealer.fills(account)? {
            return Ok(fills);
        }
        let orders = session.dealer.wire();
        let date = session.dealer.trading_date()?;
        let rows = orders
            .rows_of(account, date, self.config.timeouts().query)
            .await?;
        Ok(super::orders::fills_of(account, &rows, |number| {
            session
                .dealer
                .order(account, number.into())
                .map_or(ClientOrderId::AUTO, |order| order.id)
        }))
    }

    async fn subscribe(&self, topics: &[Topic]) -> Result<()> {
        if self.is_paper {
            let elsewhere = |topic: &&Topic| {
                let (Topic::Trades { venue, .. } | Topic::Book { venue, .. }) = topic;
                *venue != Venue::Krx
            };
            if topics.iter().any(|topic| elsewhere(&topic)) {
                return Err(Error::Unsupported {
                    broker: BrokerType::Kis,
                    operation: "venues other than KRX in paper trading",
                });
            }
        }
        if topics.is_empty() {
            return Ok(());
        }
        let session = self.session()?;
        session
            .stream
            .subscribe(topics, self.patience(topics))
            .await
    }

    /// A registration each some time apart, so many take longer.
    fn patience(&self, topics: &[Topic]) -> Duration {
        let each = Duration::from_millis(if self.is_paper { 500 } else { 50 });
        let count = u32::try_from(topics.len()).unwrap_or(u32::MAX);
        self.config
            .timeouts()
            .query
            .saturating_add(each.saturating_mul(count))
    }
}

impl<C: Connect> BrokerGateway for Kis<C> {
    fn broker_type(&self) -> BrokerType {
        BrokerType::Kis
    }

    fn config(&self) -> &BrokerConfig {
        &self.0.config
    }

    fn accounts(&self) -> &[AccountConfig] {
        self.0.config.accounts()
    }

    fn capabilities(&self) -> &'static Capabilities {
        self.0.capabilities()
    }

    fn status(&self) -> ConnectionStatus {
        self.0.status.load()
    }

    fn rate_limiter(&self) -> &RateLimiter {
        &self.0.limiter
    }

    // The bodies of queries are boxed: they are rare, and their futures are large.

    async fn connect(&self) -> Result<()> {
        Box::pin(self.0.connect()).await
    }

    async fn disconnect(&self) -> Result<()> {
        Box::pin(self.0.disconnect()).await
    }

    async fn health(&self) -> Result<Health> {
        Box::pin(self.0.health()).await
    }

    #[inline]
    fn submit_order(&self, request: &OrderRequest) -> Result<ClientOrderId> {
        let session = self.0.session()?;
        capabilities::check(self.0.capabilities(), request)?;
        session.dealer.submit(request)
    }

    // What waits for the broker is boxed: carried in the gateway's future, it would cost the others' orders, too.
    async fn place_order(&self, request: &OrderRequest) -> Result<OrderResult> {
        AtOnce::new(
            || Poll::Pending,
            || async {
                let session = self.0.session()?;
                capabilities::check(self.0.capabilities(), request)?;
                session.dealer.place(request).await
            },
        )
        .await
    }

    async fn modify_order(&self, request: &ModifyRequest) -> Result<OrderResult> {
        let session = self.0.session()?;
        let order = session.dealer.order(request.account, request.order)?;
        capabilities::check_kind(
            self.0.capabilities(),
            order.venue,
            request.kind.order_type(),
            TimeInForce::Day,
        )?;
        session.dealer.modify(request).await
    }

    async fn cancel_order(&self, request: &CancelRequest) -> Result<OrderResult> {
        let session = self.0.session()?;
        session.dealer.cancel(request).await
    }

    async fn cancel_all_orders(&self, account: AccountId) -> Result<Vec<Result<OrderResult>>> {
        let session = self.0.session()?;
        session.dealer.cancel_all(account).await
    }

    async fn resolve_order(&self, id: ClientOrderId) -> Result<OrderResult> {
        let session = self.0.session()?;
        session.dealer.resolve(id).await
    }

    async fn order(&self, account: AccountId, order: OrderRef) -> Result<Order> {
        self.0.session()?.dealer.order(account, order)
    }

    async fn open_orders(&self, account: AccountId) -> Result<Vec<Order>> {
        self.0.session()?.dealer.open_orders(account)
    }

    async fn fills(&self, account: AccountId) -> Result<Vec<Fill>> {
        Box::pin(self.0.fills(account)).await
    }

    async fn balance(&self, account: AccountId) -> Result<Balance> {
        Box::pin(self.0.balance(account)).await
    }

    async fn positions(&self, account: AccountId) -> Result<Vec<Position>> {
        Box::pin(self.0.positions(account)).await
    }

    async fn orderable(&self, request: &OrderableRequest) -> Result<Orderable> {
        Box::pin(self.0.orderable(request)).await
    }

    async fn instruments(&self) -> Result<Vec<Instrument>> {
        Box::pin(self.0.instruments()).await
    }

    async fn quote(&self, symbol: Symbol, venue: Venue) -> Result<Quote> {
        Box::pin(self.0.quote(symbol, venue)).await
    }

    async fn order_book(&self, symbol: Symbol, venue: Venue) -> Result<OrderBook> {
        Box::pin(self.0.order_book(symbol, venue)).await
    }

    async fn candles(&self, request: &CandleRequest) -> Result<Vec<Candle>> {
        Box::pin(self.0.candles(request)).await
    }

    async fn subscribe(&self, topics: &[Topic]) -> Result<()> {
        Box::pin(self.0.subscribe(topics)).await
    }

    async fn unsubscribe(&self, topics: &[Topic]) -> Result<()> {
        let session = self.0.session()?;
        Box::pin(session.stream.unsubscribe(topics)).await
    }

    fn executions(&self) -> Subscription<ExecutionEvent> {
        self.0.executions.subscribe()
    }

    fn market_data(&self) -> Subscription<MarketEvent> {
        self.0.market_data.subscribe()
    }
}
