//! A gateway of each broker, with a market behind it.

use std::future::Future;
use std::time::Duration;

use gwanmun::{
    AccountId, BrokerConfig, BrokerGateway, ExecutionEvent, Gateway, Price, Subscription, Symbol,
    TickTable, Timestamp, Venue, symbol,
};
use tokio::time::timeout;

/// The brokers that can trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broker {
    Mock,
    #[cfg(all(feature = "kis", feature = "emulator"))]
    KisReal,
    #[cfg(all(feature = "kis", feature = "emulator"))]
    KisPaper,
}

/// The issue that is traded.
pub(crate) const SYMBOL: Symbol = symbol!("005930");
/// One that is listed nowhere.
pub(crate) const UNLISTED: Symbol = symbol!("999999");

/// A connected gateway.
pub(crate) struct Fixture {
    pub(crate) gateway: Gateway,
    pub(crate) account: AccountId,
    #[cfg(all(feature = "kis", feature = "emulator"))]
    _emulator: Option<gwanmun::emulator::kis::Running>,
    _folder: tempfile::TempDir,
}

impl Fixture {
    /// A gateway that stands, with 100,000,000 won and no shares.
    pub(crate) async fn connected(broker: Broker) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, emulator) = Self::config(broker, folder.path()).await;
        #[cfg(not(all(feature = "kis", feature = "emulator")))]
        let () = emulator;
        let gateway = Gateway::new(config).unwrap();
        gateway.connect().await.unwrap();
        Self {
            account: gateway.accounts()[0].account_id,
            gateway,
            #[cfg(all(feature = "kis", feature = "emulator"))]
            _emulator: emulator,
            _folder: folder,
        }
    }

    #[cfg(all(feature = "kis", feature = "emulator"))]
    async fn config(
        broker: Broker,
        folder: &std::path::Path,
    ) -> (BrokerConfig, Option<gwanmun::emulator::kis::Running>) {
        use gwanmun::emulator::kis::{Emulator, Settings};

        let mut settings = match broker {
            Broker::Mock => return (mock(), None),
            Broker::KisReal => Settings::real(),
            Broker::KisPaper => Settings::paper(),
        };
        // Requests that leave a second apart arrive closer together on a machine that is busy, and one second of real time
        // is all that paper trading leaves between two. What happens beyond a rate has tests of its own.
        settings.limits.requests_per_second = settings.limits.requests_per_second.max(10);
        let client = settings.clients[0].clone();
        let account_type = settings.account_type;
        let running = Emulator::start(settings, ([127, 0, 0, 1], 0).into(), None)
            .await
            .unwrap();
        let text = format!(
            r#"
            broker_type = "KIS"
            hts_id = "{}"
            data_dir = "{}"
            [[accounts]]
            account_id = "{}"
            account_type = "{account_type}"
            [credentials]
            app_key = "{}"
            app_secret = "{}"
            [endpoints]
            rest_url = "{}"
            ws_url = "{}"
            "#,
            client.hts_id,
            folder.display(),
            client.account.as_str(),
            client.app_key,
            client.app_secret,
            running.rest_url(),
            running.stream_url(),
        );
        let config = BrokerConfig::from_toml_str("kis.toml", &text).unwrap();
        (config, Some(running))
    }

    #[cfg(not(all(feature = "kis", feature = "emulator")))]
    async fn config(_: Broker, _: &std::path::Path) -> (BrokerConfig, ()) {
        (mock(), ())
    }

    /// A price on the grid, far below the market and inside the day's limits.
    pub(crate) async fn low_price(&self, ticks_up: i64) -> Price {
        let quote = self.gateway.quote(SYMBOL, Venue::Krx).await.unwrap();
        let instruments = self.gateway.instruments().await.unwrap();
        let instrument = instruments
            .iter()
            .find(|instrument| instrument.symbol() == SYMBOL)
            .unwrap();
        let date = quote.at.kst_date();
        let ticks: TickTable = instrument.tick_table(date).unwrap();
        let band = instrument.price_band(quote.base, date).unwrap().unwrap();
        let mut price = ticks.ceil(band.lower()).unwrap();
        for _ in 0..ticks_up {
            price = Price::from_won(price.won() + ticks.tick_at(price)).unwrap();
        }
        price
    }

    pub(crate) async fn end(self) {
        self.gateway.disconnect().await.unwrap();
    }
}

fn mock() -> BrokerConfig {
    let text = "broker_type = \"MOCK\"\n[mock]\nseed = 7\npace = 20\ncash = 100_000_000";
    BrokerConfig::from_toml_str("mock.toml", text).unwrap()
}

/// The first event that is looked for; those before it are passed over.
pub(crate) async fn event<T>(
    executions: &mut Subscription<ExecutionEvent>,
    wanted: impl FnMut(&ExecutionEvent) -> Option<T>,
) -> T {
    within("an execution event", next_event(executions, wanted)).await
}

async fn next_event<T>(
    executions: &mut Subscription<ExecutionEvent>,
    mut wanted: impl FnMut(&ExecutionEvent) -> Option<T>,
) -> T {
    loop {
        let event = executions.recv().await.unwrap();
        if let Some(found) = wanted(&event) {
            return found;
        }
    }
}

/// Waits for a condition that comes by itself.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    within(what, async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Every wait has an end.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    const LIMIT: Duration = Duration::from_secs(60);
    timeout(LIMIT, future)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// Whether a time is of today, as far as a broker's clock goes.
pub(crate) fn is_set(at: Timestamp) -> bool {
    at > Timestamp::EPOCH
}
