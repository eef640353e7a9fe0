//! A broker that leaves a method out does not compile. This one cannot cancel.

use gwanmun::*;

struct Hasty;

impl BrokerGateway for Hasty {
    fn broker_type(&self) -> BrokerType {
        unreachable!()
    }

    fn config(&self) -> &BrokerConfig {
        unreachable!()
    }

    fn accounts(&self) -> &[AccountConfig] {
        unreachable!()
    }

    fn capabilities(&self) -> &'static Capabilities {
        unreachable!()
    }

    fn status(&self) -> ConnectionStatus {
        unreachable!()
    }

    fn rate_limiter(&self) -> &RateLimiter {
        unreachable!()
    }

    async fn connect(&self) -> Result<()> {
        unreachable!()
    }

    async fn disconnect(&self) -> Result<()> {
        unreachable!()
    }

    async fn health(&self) -> Result<Health> {
        unreachable!()
    }

    fn submit_order(&self, _: &OrderRequest) -> Result<ClientOrderId> {
        unreachable!()
    }

    async fn place_order(&self, _: &OrderRequest) -> Result<OrderResult> {
        unreachable!()
    }

    async fn modify_order(&self, _: &ModifyRequest) -> Result<OrderResult> {
        unreachable!()
    }

    async fn cancel_all_orders(&self, _: AccountId) -> Result<Vec<Result<OrderResult>>> {
        unreachable!()
    }

    async fn resolve_order(&self, _: ClientOrderId) -> Result<OrderResult> {
        unreachable!()
    }

    async fn order(&self, _: AccountId, _: OrderRef) -> Result<Order> {
        unreachable!()
    }

    async fn open_orders(&self, _: AccountId) -> Result<Vec<Order>> {
        unreachable!()
    }

    async fn fills(&self, _: AccountId) -> Result<Vec<Fill>> {
        unreachable!()
    }

    async fn balance(&self, _: AccountId) -> Result<Balance> {
        unreachable!()
    }

    async fn positions(&self, _: AccountId) -> Result<Vec<Position>> {
        unreachable!()
    }

    async fn orderable(&self, _: &OrderableRequest) -> Result<Orderable> {
        unreachable!()
    }

    async fn instruments(&self) -> Result<Vec<Instrument>> {
        unreachable!()
    }

    async fn quote(&self, _: Symbol, _: Venue) -> Result<Quote> {
        unreachable!()
    }

    async fn order_book(&self, _: Symbol, _: Venue) -> Result<OrderBook> {
        unreachable!()
    }

    async fn candles(&self, _: &CandleRequest) -> Result<Vec<Candle>> {
        unreachable!()
    }

    async fn subscribe(&self, _: &[Topic]) -> Result<()> {
        unreachable!()
    }

    async fn unsubscribe(&self, _: &[Topic]) -> Result<()> {
        unreachable!()
    }

    fn executions(&self) -> Subscription<ExecutionEvent> {
        unreachable!()
    }

    fn market_data(&self) -> Subscription<MarketEvent> {
        unreachable!()
    }
}

fn main() {}
