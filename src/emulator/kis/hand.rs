//! The hand that works a server from outside of its wire: faults, acts of the market and of people, and what is so.

use std::fmt;

use super::fault::Rule;
use super::floor::News;
use super::keys::ClientIndex;
use super::ledger::{Channel, Row, RowKind};
use super::server::Emulator;
use super::settings::Settings;
use super::world::{Counts, World};
use crate::domain::{
    AccountId, CancelRequest, ClientOrderId, Fill, ModifyRequest, Money, Order, OrderBook,
    OrderKind, OrderRequest, Price, Qty, Quote, Side, Symbol, Timestamp, Venue,
};
use crate::error::{Error, Result};
use crate::sim::{Command, Outcome};

/// A number of the ledger, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// ODNO.
    pub number: u64,
    /// ORGN_ODNO: what it changes.
    pub original: Option<u64>,
    /// Whether it is a cancel.
    pub is_cancel: bool,
    /// The issue.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// The venue that was asked for.
    pub venue: Venue,
    /// Shares.
    pub qty: Qty,
    /// The limit, of kinds that have one.
    pub price: Option<Price>,
    /// Shares filled.
    pub filled: Qty,
    /// Won of the fills.
    pub filled_value: Money,
    /// Shares that may still be filled.
    pub remaining: Qty,
    /// Shares that the exchange turned away.
    pub rejected: Qty,
    /// Who entered it.
    pub channel: Channel,
}

impl LedgerEntry {
    fn of(row: &Row) -> Self {
        Self {
            number: row.odno,
            original: row.original,
            is_cancel: row.kind == RowKind::Cancel,
            symbol: row.symbol,
            side: row.side,
            venue: row.venue,
            qty: row.qty,
            price: row.price,
            filled: row.filled,
            filled_value: row.value,
            remaining: row.remaining(),
            rejected: row.rejected,
            channel: row.channel,
        }
    }
}

impl Emulator {
    /// The settings it was made with.
    pub fn settings(&self) -> std::sync::Arc<Settings> {
        self.0.world().settings.clone()
    }

    /// Switches a fault on.
    pub fn inject(&self, rule: Rule) {
        self.0.world().faults.add(rule);
    }

    /// Switches all faults off. What is under way stays so.
    pub fn clear_faults(&self) {
        self.0.world().faults.clear();
    }

    /// How often each fault struck, by name.
    pub fn struck(&self) -> Vec<(&'static str, u64)> {
        self.0.world().faults.struck().to_vec()
    }

    /// What came in so far.
    pub fn counts(&self) -> Counts {
        self.0.world().counts.clone()
    }

    /// How many stream sessions are open, and how many subscriptions they have.
    pub fn sessions(&self) -> (usize, usize) {
        let world = self.0.world();
        (world.hub.len(), world.hub.subscriptions())
    }

    /// What trading time it is.
    pub fn now(&self) -> Timestamp {
        self.advanced().floor.now()
    }

    /// The state of an issue; `None` when it is not listed.
    pub fn quote(&self, symbol: Symbol) -> Option<Quote> {
        self.advanced().floor.exchange().quote(symbol)
    }

    /// The book of an issue; `None` when it is not listed.
    pub fn order_book(&self, symbol: Symbol) -> Option<OrderBook> {
        self.advanced().floor.exchange().order_book(symbol)
    }

    /// The exchange's own orders of an account: what is so, whatever the lists and notices said.
    pub fn orders(&self, account: AccountId) -> Vec<Order> {
        let world = self.advanced();
        world.floor.exchange().orders(account).unwrap_or_default()
    }

    /// The exchange's own fills of an account.
    pub fn fills(&self, account: AccountId) -> Vec<Fill> {
        let world = self.advanced();
        world.floor.exchange().fills(account).unwrap_or_default()
    }

    /// The ledger's numbers of an account, in their order.
    pub fn ledger(&self, account: AccountId) -> Vec<LedgerEntry> {
        let world = self.advanced();
        let client = world.ledger.client_of(account);
        client.map_or_else(Vec::new, |client| {
            world
                .ledger
                .rows(client)
                .iter()
                .map(LedgerEntry::of)
                .collect()
        })
    }

    /// Somebody in the market trades shares of an order, at its price; returns how many. Better orders in front of it
    /// trade first.
    ///
    /// # Errors
    /// When there is no such open order today.
    pub fn fill(&self, account: AccountId, number: u64, qty: Qty) -> Result<Qty> {
        /// Orders in front of it are at most so many steps.
        const STEPS_MAX: u32 = 10_000;
        let mut world = self.advanced();
        let (client, row) = world.open_order(account, number)?;
        let exchange_no = row.exchange_no.ok_or_else(|| not_open(number))?;
        let working = world
            .floor
            .exchange()
            .working_price(account, exchange_no.into());
        let price = working.or_else(|| {
            let quote = world.floor.exchange().quote(row.symbol)?;
            match row.side {
                Side::Buy => quote.lower_limit,
                Side::Sell => quote.upper_limit,
            }
        });
        let price = price.ok_or_else(|| not_open(number))?;
        let today = world.floor.date();
        let filled = |world: &World| {
            let row = world.ledger.find(client, number, today);
            row.map_or(Qty::ZERO, |row| row.filled)
        };
        let before = filled(&world);
        let wanted = qty.get().min(row.remaining().get());
        for _ in 0..STEPS_MAX {
            let done = filled(&world).saturating_sub(before).get();
            if done >= wanted {
                break;
            }
            let mut news = News::default();
            let left = Qty::new(wanted - done);
            let taken = world
                .floor
                .take(row.symbol, row.side.opposite(), price, left, &mut news);
            world.digest(&news, None);
            if taken.is_none_or(Qty::is_zero) {
                break;
            }
        }
        Ok(filled(&world).saturating_sub(before))
    }

    /// A person places an order in the broker's own program, and gets its number.
    ///
    /// # Errors
    /// When the account is not known, or the exchange refuses.
    pub fn place_by_person(&self, request: &OrderRequest) -> Result<u64> {
        let mut world = self.advanced();
        let client = world.ledger.client_of(request.account);
        let client = client.ok_or_else(|| refused("the account is not of this server"))?;
        let division = match request.kind == OrderKind::Market {
            true => "01",
            false => "00",
        };
        world.by_person(
            client,
            request.venue,
            division,
            &Command::Place(request.with_venue(Venue::Krx)),
        )
    }

    /// A person cancels what is left of an order, or a part of it, and gets the cancel's number.
    ///
    /// # Errors
    /// When there is no such open order today, or the exchange refuses.
    pub fn cancel_by_person(
        &self,
        account: AccountId,
        number: u64,
        qty: Option<Qty>,
    ) -> Result<u64> {
        let mut world = self.advanced();
        let (client, row) = world.open_order(account, number)?;
        let order = row.exchange_no.ok_or_else(|| not_open(number))?.into();
        let cancel = CancelRequest {
            account,
            order,
            qty,
        };
        world.by_person(client, row.venue, row.division, &Command::Cancel(cancel))
    }

    /// A person gives what is left of an order another price, and gets the modification's number.
    ///
    /// # Errors
    /// When there is no such open order today, or the exchange refuses.
    pub fn modify_by_person(&self, account: AccountId, number: u64, price: Price) -> Result<u64> {
        let mut world = self.advanced();
        let (client, row) = world.open_order(account, number)?;
        let order = row.exchange_no.ok_or_else(|| not_open(number))?.into();
        let modify = ModifyRequest {
            account,
            order,
            qty: None,
            kind: OrderKind::Limit { price },
            part_id: ClientOrderId::AUTO,
        };
        world.by_person(client, row.venue, "00", &Command::Modify(modify))
    }

    /// Routes an order that was sent to SOR to NXT: lists and notices show it there from now on.
    ///
    /// # Errors
    /// When there is no such order today, or it was not sent to SOR.
    pub fn route_to_nxt(&self, account: AccountId, number: u64) -> Result<()> {
        let mut world = self.advanced();
        let client = world.ledger.client_of(account);
        let today = world.floor.date();
        let row = client.and_then(|client| world.ledger.find_mut(client, number, today));
        match row {
            Some(row) if row.venue == Venue::Sor => {
                row.routed_to_nxt = true;
                Ok(())
            }
            Some(_) | None => Err(refused("no SOR order of that number today")),
        }
    }

    /// Somebody in the market trades against what rests in a book, no worse than that price; returns the shares traded.
    ///
    /// # Errors
    /// When the issue is not listed, the price is off its grid, or the market is closed.
    pub fn trade(&self, symbol: Symbol, side: Side, price: Price, qty: Qty) -> Result<Qty> {
        let mut world = self.advanced();
        let mut news = News::default();
        let taken = world.floor.take(symbol, side, price, qty, &mut news);
        world.digest(&news, None);
        taken.ok_or_else(|| refused("the market does not take that"))
    }

    /// Puts shares into an account, from outside of the market.
    ///
    /// # Errors
    /// When the account or the issue is not known here.
    pub fn add_position(
        &self,
        account: AccountId,
        symbol: Symbol,
        qty: Qty,
        average_price: Price,
    ) -> Result<()> {
        let command = Command::AddPosition {
            account,
            symbol,
            qty,
            average_price,
        };
        match self.advanced().floor.apply(&command, &mut News::default()) {
            Outcome::Refused(refusal) => Err(refused(refusal.words())),
            Outcome::Accepted(_) | Outcome::Cancelled(_) | Outcome::Done => Ok(()),
        }
    }

    /// Ends every token now.
    pub fn expire_tokens(&self) {
        let mut world = self.0.world();
        let now = world.wall();
        world.keys.expire(now);
    }

    /// Lets the next token be a new one, at once, however lately the last one was issued.
    pub fn forget_token_issues(&self) {
        self.0.world().keys.forget_issues();
    }

    /// Ends every connection, HTTP and WebSocket.
    pub fn drop_connections(&self) {
        self.0.end_connections();
    }

    /// Ends every stream session.
    pub fn close_streams(&self) {
        self.0.world().hub.close_all();
    }

    fn advanced(&self) -> std::sync::MutexGuard<'_, World> {
        let mut world = self.0.world();
        world.advance();
        world
    }
}

impl World {
    /// An open order of today.
    fn open_order(&self, account: AccountId, number: u64) -> Result<(ClientIndex, Row)> {
        let client = self.ledger.client_of(account);
        let client = client.ok_or_else(|| refused("the account is not of this server"))?;
        let row = self.ledger.find(client, number, self.floor.date());
        let open = row.filter(|row| !row.remaining().is_zero());
        open.map(|row| (client, row.clone()))
            .ok_or_else(|| not_open(number))
    }

    fn by_person(
        &mut self,
        client: ClientIndex,
        venue: Venue,
        division: &'static str,
        command: &Command,
    ) -> Result<u64> {
        let entry = self.entry(client, venue, division, Channel::Person);
        let known = self.ledger.rows(client).len();
        match self.command(command, &entry) {
            Outcome::Refused(refusal) => Err(refused(refusal.words())),
            Outcome::Accepted(_) | Outcome::Cancelled(_) | Outcome::Done => {
                let row = self.ledger.rows(client).get(known);
                row.map(|row| row.odno)
                    .ok_or_else(|| refused("nothing was entered"))
            }
        }
    }
}

fn not_open(number: u64) -> Error {
    refused(format_args!("order {number:010} is not open today"))
}

fn refused(words: impl fmt::Display) -> Error {
    Error::Simulation(words.to_string().into())
}
