//! The contract, method by method.

use std::future::Future;
use std::task::Poll;

use super::{
    CAPABILITIES, Mock, check_venue, is_to_fail, open_orders, unknown_account, unknown_symbol,
};
use crate::clock;
use crate::config::{AccountConfig, BrokerConfig};
use crate::contract::{AtOnce, BrokerGateway, Capabilities, Health, Subscription};
use crate::domain::{
    AccountId, Balance, BrokerType, CancelRequest, Candle, CandleRequest, ClientOrderId,
    ConnectionStatus, ExecutionEvent, Fill, Instrument, MarketEvent, ModifyRequest, Order,
    OrderBook, OrderRef, OrderRequest, OrderResult, Orderable, OrderableRequest, Position, Quote,
    Symbol, Topic, Venue,
};
use crate::error::{Error, Result, TimeoutPhase};
use crate::limiter::{Lane, RateLimiter};

impl BrokerGateway for Mock {
    fn broker_type(&self) -> BrokerType {
        BrokerType::Mock
    }

    fn config(&self) -> &BrokerConfig {
        &self.0.config
    }

    fn accounts(&self) -> &[AccountConfig] {
        self.0.config.accounts()
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn status(&self) -> ConnectionStatus {
        self.0.status.load()
    }

    fn rate_limiter(&self) -> &RateLimiter {
        &self.0.rate_limiter
    }

    async fn connect(&self) -> Result<()> {
        if self.0.status.load() == ConnectionStatus::Connected {
            return Ok(());
        }
        if self.0.floor.is_poisoned() {
            return Err(Error::invalid(
                "exchange",
                "a panic in the middle of a command",
                "a new gateway",
            ));
        }
        if is_to_fail(&self.0.failing_connects) {
            let after = self.0.config.timeouts().connect;
            return Err(Error::Timeout {
                phase: TimeoutPhase::Connect,
                after,
            });
        }
        self.0.start_pacer()?;
        self.0.status.store(ConnectionStatus::Connected);
        Ok(())
    }

    async fn disconnect(&self) -> Result<()> {
        self.0.stop_pacer();
        self.0.status.store(ConnectionStatus::Disconnected);
        Ok(())
    }

    async fn health(&self) -> Result<Health> {
        drop(self.0.admit_query(Lane::Market).await?);
        let asked = clock::monotonic();
        // The exchange stands in this process: its lock is the whole way there and back.
        drop(self.0.floor());
        if is_to_fail(&self.0.failing_health) {
            return Err(Error::Timeout {
                phase: TimeoutPhase::Answer,
                after: self.0.config.timeouts().query,
            });
        }
        Ok(Health::local(
            self.status(),
            asked.elapsed(),
            self.0.rate_limiter.usage(),
        ))
    }

    #[inline]
    fn submit_order(&self, request: &OrderRequest) -> Result<ClientOrderId> {
        if !self.0.status.is_connected() {
            return Err(self.0.not_connected());
        }
        // The outcome is told on `executions`.
        self.0.submit(request)
    }

    #[inline]
    fn place_order(
        &self,
        request: &OrderRequest,
    ) -> impl Future<Output = Result<OrderResult>> + Send {
        let now = || {
            if !self.0.status.is_connected() {
                return Poll::Ready(Err(self.0.not_connected()));
            }
            match self.0.place(request) {
                Err(Error::RateLimited { .. }) => Poll::Pending,
                outcome => Poll::Ready(outcome),
            }
        };
        AtOnce::new(now, || self.0.place_when_admitted(request))
    }

    async fn modify_order(&self, request: &ModifyRequest) -> Result<OrderResult> {
        self.0.modify(request).await
    }

    async fn cancel_order(&self, request: &CancelRequest) -> Result<OrderResult> {
        self.0.cancel(request).await
    }

    async fn cancel_all_orders(&self, account: AccountId) -> Result<Vec<Result<OrderResult>>> {
        Box::pin(self.0.cancel_all(account)).await
    }

    async fn resolve_order(&self, id: ClientOrderId) -> Result<OrderResult> {
        let mut floor = self.0.admit_query(Lane::Reconciliation).await?;
        floor.resolve(id, self.0.outlets())
    }

    async fn order(&self, account: AccountId, order: OrderRef) -> Result<Order> {
        self.0.check_account(account)?;
        let floor = self.0.admit_query(Lane::Account).await?;
        floor
            .orders
            .order(account, order)?
            .ok_or_else(|| Error::not_found("order", order, "an order of today of this account"))
    }

    async fn open_orders(&self, account: AccountId) -> Result<Vec<Order>> {
        let floor = self.0.admit_query(Lane::Account).await?;
        open_orders(&floor, account)
    }

    async fn fills(&self, account: AccountId) -> Result<Vec<Fill>> {
        self.0.check_account(account)?;
        let floor = self.0.admit_query(Lane::Account).await?;
        let forgotten = floor.orders.forgotten_fills();
        if forgotten > 0 {
            let found = format_args!("{forgotten} forgotten fills of today");
            return Err(Error::not_found(
                "fills",
                found,
                "all of today's: raise mock.history",
            ));
        }
        Ok(floor.orders.fills(account).copied().collect())
    }

    async fn balance(&self, account: AccountId) -> Result<Balance> {
        let floor = self.0.admit_query(Lane::Account).await?;
        floor
            .exchange()
            .balance(account)
            .ok_or_else(|| unknown_account(account))
    }

    async fn positions(&self, account: AccountId) -> Result<Vec<Position>> {
        let floor = self.0.admit_query(Lane::Account).await?;
        floor
            .exchange()
            .positions(account)
            .ok_or_else(|| unknown_account(account))
    }

    async fn orderable(&self, request: &OrderableRequest) -> Result<Orderable> {
        let floor = self.0.admit_query(Lane::Account).await?;
        floor.exchange().orderable(request).map_err(|refusal| {
            let expected = refusal.words();
            Error::invalid("orderable request", refusal.reason, expected)
        })
    }

    async fn instruments(&self) -> Result<Vec<Instrument>> {
        Ok(self
            .0
            .admit_query(Lane::Market)
            .await?
            .exchange()
            .instruments()
            .cloned()
            .collect())
    }

    async fn quote(&self, symbol: Symbol, venue: Venue) -> Result<Quote> {
        check_venue(venue)?;
        let floor = self.0.admit_query(Lane::Market).await?;
        floor
            .exchange()
            .quote(symbol)
            .ok_or_else(|| unknown_symbol(symbol))
    }

    async fn order_book(&self, symbol: Symbol, venue: Venue) -> Result<OrderBook> {
        check_venue(venue)?;
        let floor = self.0.admit_query(Lane::Market).await?;
        floor
            .exchange()
            .order_book(symbol)
            .ok_or_else(|| unknown_symbol(symbol))
    }

    async fn candles(&self, request: &CandleRequest) -> Result<Vec<Candle>> {
        let floor = self.0.admit_query(Lane::Market).await?;
        floor
            .candles(request)
            .ok_or_else(|| unknown_symbol(request.symbol))
    }

    async fn subscribe(&self, topics: &[Topic]) -> Result<()> {
        self.0.admit_query(Lane::Market).await?.subscribe(topics)
    }

    async fn unsubscribe(&self, topics: &[Topic]) -> Result<()> {
        self.0.admit_query(Lane::Market).await?.unsubscribe(topics)
    }

    fn executions(&self) -> Subscription<ExecutionEvent> {
        self.0.executions.subscribe()
    }

    fn market_data(&self) -> Subscription<MarketEvent> {
        self.0.market_data.subscribe()
    }
}
