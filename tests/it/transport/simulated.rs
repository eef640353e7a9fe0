//! The same over a simulated network, which drops, holds and parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gwanmun::transport::{
    Connect, ConnectError, Cut, Endpoint, Exchange, LineSettings, Lines, NotSent, Security,
};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};
use turmoil::net::{TcpListener, TcpStream};

use super::support::{BODY, answered, ok, order, read_request};

#[derive(Clone, Debug)]
struct Simulated;

impl Connect for Simulated {
    type Io = TcpStream;

    async fn connect(&self, endpoint: &Endpoint) -> Result<TcpStream, ConnectError> {
        TcpStream::connect((endpoint.host(), endpoint.port()))
            .await
            .map_err(ConnectError::Tcp)
    }
}

/// An order before the network parts, one while it is parted, one after it is mended: answered, unknown, answered; and
/// the server has each of those at most once.
#[test]
fn a_parted_network_leaves_an_order_unknown_and_the_next_one_well() {
    let seen = Arc::new(AtomicUsize::new(0));
    let mut simulation = turmoil::Builder::new()
        .simulation_duration(Duration::from_secs(120))
        .rng_seed(7)
        .build();
    let count = Arc::clone(&seen);
    simulation.host("broker", move || {
        let count = Arc::clone(&count);
        async move {
            let listener = TcpListener::bind(("0.0.0.0", 9443)).await?;
            loop {
                let (mut stream, _) = listener.accept().await?;
                let count = Arc::clone(&count);
                tokio::spawn(async move {
                    let mut buffer = Vec::new();
                    while let Some(received) = read_request(&mut stream, &mut buffer).await {
                        assert_eq!(received.body, BODY);
                        count.fetch_add(1, Ordering::SeqCst);
                        if stream.write_all(ok("{}").as_bytes()).await.is_err() {
                            break;
                        }
                    }
                });
            }
        }
    });
    simulation.client("trader", async {
        let endpoint = Endpoint::new("broker", 9443, Security::Plain)?;
        let lines = Lines::new(Simulated, endpoint, LineSettings::default());
        let soon = || Instant::now() + Duration::from_secs(5);
        lines.warm().await?;
        answered(lines.exchange(order(), soon()).await);

        turmoil::partition("trader", "broker");
        let began = Instant::now();
        let exchange = lines.exchange(order(), soon()).await;
        let Exchange::Unknown(Cut::Deadline(late)) = exchange else {
            panic!("{exchange:?}");
        };
        assert_eq!(began.elapsed(), Duration::from_secs(5));
        assert!(late.await.is_none());

        // Without a warm line there is proof.
        lines.retire();
        let exchange = lines.exchange(order(), soon()).await;
        assert!(
            matches!(exchange, Exchange::NotSent(NotSent::Connect(_))),
            "{exchange:?}"
        );

        turmoil::repair("trader", "broker");
        sleep(Duration::from_secs(1)).await;
        answered(lines.exchange(order(), soon()).await);
        Ok(())
    });
    simulation.run().unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}
