//! One set of tests, written against `Gateway`, run for every broker that can trade: MOCK, and KIS on its emulator, real
//! and paper. What a broker lacks is asserted to be said, not skipped.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind and stops at others"
)]

mod fixture;
mod market;
mod orders;
mod state;

/// Makes a module for each broker, with each test in it.
macro_rules! suite {
    ($($group:ident :: $test:ident),+ $(,)?) => {
        suite!(@broker mock, Mock, $($group :: $test),+);
        #[cfg(all(feature = "kis", feature = "emulator"))]
        suite!(@broker kis_real, KisReal, $($group :: $test),+);
        #[cfg(all(feature = "kis", feature = "emulator"))]
        suite!(@broker kis_paper, KisPaper, $($group :: $test),+);
    };
    (@broker $name:ident, $broker:ident, $($group:ident :: $test:ident),+) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $test() {
                    let fixture = super::fixture::Fixture::connected(super::fixture::Broker::$broker).await;
                    super::$group::$test(&fixture).await;
                    fixture.end().await;
                }
            )+
        }
    };
}

suite! {
    state::connecting_twice_is_connecting_once,
    state::nothing_is_asked_of_a_gateway_that_is_not_connected,
    state::health_tells_of_a_connection_that_stands,
    state::the_account_has_its_cash_and_what_it_may_buy,
    orders::a_limit_order_waits_and_is_cancelled,
    orders::a_market_order_fills_and_is_booked,
    orders::a_modification_keeps_the_order_and_changes_its_number,
    orders::every_open_order_is_cancelled_at_once,
    orders::an_order_off_the_grid_never_reaches_the_market,
    orders::what_the_capabilities_lack_is_refused_before_it_is_sent,
    orders::a_submitted_order_tells_its_outcome_on_the_stream,
    orders::an_order_that_is_not_there_is_not_found,
    market::quote_and_book_are_of_the_issue_that_was_asked_for,
    market::candles_come_oldest_first,
    market::instruments_are_listed_with_their_lots,
    market::a_subscription_delivers_its_topic_and_ends,
    market::more_topics_than_the_broker_takes_are_refused_together,
}
