//! What the frames of the stream bring: executions to the desks, trades and books to subscribers.

use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::task::{Session, Task};
use crate::broker::kis::convert::feed::{book, topic_of, trade, venue_of};
use crate::broker::kis::convert::notice::notice;
use crate::domain::{MarketEvent, Topic};
use crate::transport::Connect;
use crate::transport::ws::Frame;
use crate::wire::kis::realtime::{self as wire, Records};

impl<C: Connect> Task<C> {
    pub(super) fn notices(&mut self, session: &Session, frame: &wire::Frame<'_>) {
        let now = self.parts.client.broker_now();
        let opened = if frame.is_encrypted() {
            // Keys belong to one session: one of the last session opens nothing here.
            let Some(key) = &session.key else {
                return self.unreadable("an encrypted notice before its key");
            };
            match key.open(frame, &mut self.plain) {
                Ok(opened) => opened,
                Err(error) => {
                    let reason = error.to_string();
                    return self.unreadable(&reason);
                }
            }
        } else {
            *frame
        };
        let mut read = Vec::new();
        match self.splitter.split(&opened) {
            Ok(Records::Notices(table)) => {
                for record in table.records() {
                    let account = record.account().map(|ten| self.parts.accounts.find(ten));
                    read.push(match account {
                        // A notice of another account of the same customer.
                        Ok(None) => continue,
                        Ok(Some(account)) => notice(&record, now)
                            .map(|notice| (account, notice))
                            .map_err(|error| error.to_string()),
                        Err(error) => Err(error.to_string()),
                    });
                }
            }
            Ok(_) => read.push(Err("a frame of another kind".to_owned())),
            Err(error) => read.push(Err(error.to_string())),
        }
        for read in read {
            match read {
                Ok((account, notice)) => {
                    // The gateway's end is told by itself.
                    let _ = self.parts.dealer.notice(account, &notice);
                }
                Err(reason) => self.unreadable(&reason),
            }
        }
    }

    /// What may have been a fill of any account.
    pub(super) fn unreadable(&self, reason: &str) {
        self.parts.watch.unreadable.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(reason, "a frame of the KIS stream cannot be read");
        for account in &self.parts.ids {
            // The gateway's end is told by itself.
            let _ = self.parts.dealer.unreadable_frame(*account);
        }
    }

    /// Trades and books.
    pub(super) fn quotes(&mut self, session: &mut Session, frame: &Frame) {
        self.note_heard(session);
        let now = self.parts.client.broker_now();
        let Ok(frame) = wire::Frame::parse(frame.as_bytes()) else {
            return self.count_unreadable("market data");
        };
        let Some(venue) = venue_of(frame.feed()) else {
            return self.count_unreadable("a feed that was not asked for");
        };
        // Taken out, because what is read is published from here.
        let mut splitter = std::mem::take(&mut self.splitter);
        match splitter.split(&frame) {
            Ok(Records::Trades(table)) => {
                for record in table.records() {
                    match trade(&record, venue, now) {
                        Ok(trade) => {
                            self.parts.listings.set_last(trade.symbol, trade.price);
                            let topic = Topic::Trades {
                                symbol: trade.symbol,
                                venue,
                            };
                            if self.topics.wants(topic) {
                                self.silence.heard(topic, trade.volume, Instant::now());
                            }
                            self.publish(&MarketEvent::Trade(trade));
                        }
                        Err(error) => self.count_unreadable(&error.to_string()),
                    }
                }
            }
            Ok(Records::Books(table)) => {
                for record in table.records() {
                    match book(&record, venue, now) {
                        Ok(book) => self.publish(&MarketEvent::Book(book)),
                        Err(error) => self.count_unreadable(&error.to_string()),
                    }
                }
            }
            Ok(_) => self.count_unreadable("a feed that was not asked for"),
            Err(error) => self.count_unreadable(&error.to_string()),
        }
        self.splitter = splitter;
    }

    fn publish(&self, event: &MarketEvent) {
        if self.topics.wants(topic_of(event)) {
            self.parts.market_data.publish(event);
        }
    }

    /// Market data that cannot be read hides no fill.
    fn count_unreadable(&self, reason: &str) {
        self.parts.watch.unreadable.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(reason, "market data cannot be read");
    }
}
