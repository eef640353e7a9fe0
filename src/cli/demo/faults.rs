//! `demo --faults`: the same market on a bad line, and whether desk and exchange come to the same books.

use std::time::Duration;

use gwanmun::broker::mock::Reconciliation;
use gwanmun::{
    AccountId, BrokerGateway, CancelRequest, ClientOrderId, Error, ExecutionEvent, Gateway, Mock,
    ModifyRequest, OrderRequest, OrderResult, Price, Qty, Resolution, Subscription, Symbol,
    TryRecvError,
};
use serde::Serialize;

use super::schedule::Schedule;
use super::{DemoArgs, Failure, Output, VENUE};

/// Time for everything to be decided: desks decide within two minutes of the last fault.
const SETTLING: Duration = Duration::from_secs(180);

/// What the run came to.
#[derive(Debug, Serialize)]
struct Report {
    symbol: Symbol,
    faults: Option<u64>,
    told: Told,
    books: Reconciliation,
    agrees: bool,
}

/// What the caller was told.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Told {
    orders: u64,
    changes: u64,
    accepted: u64,
    refused: u64,
    unknown: u64,
    not_sent: u64,
    /// Changes of orders that had ended.
    had_ended: u64,
    found: u64,
    absent: u64,
    unresolved: u64,
    fills: u64,
    inferred_fills: u64,
    gaps: u64,
}

pub(super) async fn run(
    gateway: &Gateway,
    symbol: Symbol,
    args: &DemoArgs,
    schedule: &Schedule,
    output: &mut Output,
) -> Result<(), Failure> {
    let mock = gateway
        .as_mock()
        .ok_or_else(|| Failure::Other("the demo's gateway is not MOCK".to_owned()))?;
    let mut trader = Trader {
        gateway,
        mock,
        symbol,
        account: gateway.accounts()[0].account_id,
        executions: gateway.executions(),
        recent: Vec::new(),
        told: Told::default(),
    };
    for number in 0..args.orders {
        let wait = schedule.at(number).nanos_since(mock.now());
        mock.advance(Duration::from_nanos(wait.max(0).unsigned_abs()));
        trader.turn(number).await?;
        trader.read_executions()?;
    }
    trader.settle().await?;
    let books = mock.reconciliation();
    let report = Report {
        symbol,
        faults: args.faults,
        told: trader.told,
        books,
        agrees: books.agrees(),
    };
    gateway.disconnect().await?;
    output.answer(&report, Report::people)?;
    if report.agrees {
        return Ok(());
    }
    Err(Failure::Other(format!(
        "desk and exchange disagree: {} orders unlike, {} invented, {} undecided, {} fills and {} told, {} shares and {} told, \
         {} won spent, {} by the account and {} by the desk: this is a defect, please report it with the arguments of this \
         run",
        books.unlike,
        books.invented,
        books.undecided,
        books.fills,
        books.fills_told,
        books.shares,
        books.shares_told,
        books.spent,
        books.cash,
        books.spent_by_desks
    )))
}

struct Trader<'a> {
    gateway: &'a Gateway,
    mock: &'a Mock,
    symbol: Symbol,
    account: AccountId,
    executions: Subscription<ExecutionEvent>,
    /// The last orders, oldest first.
    recent: Vec<ClientOrderId>,
    told: Told,
}

impl Trader<'_> {
    /// One new order on either side, and now and then a change of an older one.
    async fn turn(&mut self, number: u64) -> Result<(), Failure> {
        /// Orders that may be changed later.
        const RECENT_MAX: usize = 16;
        let book = self.gateway.order_book(self.symbol, VENUE).await?;
        let quote = self.gateway.quote(self.symbol, VENUE).await?;
        let bid = book.best_bid().map_or(quote.last, |level| level.price);
        let ask = book.best_ask().map_or(quote.last, |level| level.price);
        let (account, symbol, qty) = (self.account, self.symbol, Qty::new(1 + number * 7 % 10));
        let request = match number % 4 {
            0 => OrderRequest::limit_buy(account, symbol, qty, ask),
            1 => OrderRequest::limit_sell(account, symbol, qty, ask),
            2 => OrderRequest::limit_buy(account, symbol, qty, bid),
            _ => OrderRequest::limit_sell(account, symbol, qty, bid),
        };
        self.told.orders += 1;
        let id = if number % 8 < 4 {
            self.gateway.submit_order(&request)
        } else {
            self.gateway.place_order(&request).await.map(|result| {
                self.told.unknown += u64::from(matches!(result, OrderResult::Unknown(_)));
                match result {
                    OrderResult::Accepted(receipt) => receipt.id,
                    OrderResult::Refused(refusal) => refusal.id,
                    OrderResult::Unknown(pending) => pending.id,
                }
            })
        };
        match id {
            Ok(id) => self.recent.push(id),
            Err(error) => self.not_sent(&error),
        }
        if self.recent.len() > RECENT_MAX {
            let oldest = self.recent.remove(0);
            self.change(number, oldest, bid).await;
        }
        Ok(())
    }

    /// An older order goes, or moves to the best bid. What has ended meanwhile is an error that sends nothing.
    async fn change(&mut self, number: u64, id: ClientOrderId, bid: Price) {
        self.told.changes += 1;
        let account = self.account;
        let result = if number.is_multiple_of(3) {
            let request = ModifyRequest::to_price(account, id, bid);
            self.gateway.modify_order(&request).await
        } else {
            let request = CancelRequest::all(account, id);
            self.gateway.cancel_order(&request).await
        };
        match result {
            Ok(result) => {
                self.told.unknown += u64::from(matches!(result, OrderResult::Unknown(_)));
            }
            Err(Error::NotFound(_)) => self.told.had_ended += 1,
            Err(error) => self.not_sent(&error),
        }
    }

    fn not_sent(&mut self, error: &Error) {
        tracing::debug!(%error, "an order command was not sent");
        self.told.not_sent += 1;
    }

    /// The faults end; what is open is cancelled, and what is unknown is decided.
    async fn settle(&mut self) -> Result<(), Failure> {
        self.mock.heal();
        self.mock.advance(SETTLING);
        for result in self.gateway.cancel_all_orders(self.account).await? {
            if let Err(error) = result {
                self.not_sent(&error);
            }
        }
        self.mock.advance(SETTLING);
        self.read_executions()
    }

    fn read_executions(&mut self) -> Result<(), Failure> {
        loop {
            match self.executions.try_recv() {
                Ok(event) => self.count(&event),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
                Err(TryRecvError::Lagged(count)) => {
                    return Err(Failure::Other(format!(
                        "{count} executions were lost: this is a defect"
                    )));
                }
            }
        }
    }

    fn count(&mut self, event: &ExecutionEvent) {
        let told = &mut self.told;
        match event {
            ExecutionEvent::Accepted { .. } => told.accepted += 1,
            ExecutionEvent::Refused { .. } => told.refused += 1,
            ExecutionEvent::Filled { fill, .. } => {
                told.fills += 1;
                told.inferred_fills += u64::from(fill.inferred);
            }
            ExecutionEvent::Resolved { resolution, .. } => match resolution {
                Resolution::Accepted(_) => told.found += 1,
                Resolution::Refused(_) => told.refused += 1,
                Resolution::Absent => told.absent += 1,
                Resolution::Unresolved { .. } => told.unresolved += 1,
            },
            ExecutionEvent::Gap { .. } => told.gaps += 1,
            // These, and events that are added later, are not counted here.
            ExecutionEvent::Modified { .. }
            | ExecutionEvent::Cancelled { .. }
            | ExecutionEvent::NotSent { .. }
            | ExecutionEvent::Unknown { .. }
            | ExecutionEvent::External { .. }
            | ExecutionEvent::Resynced { .. }
            | ExecutionEvent::Disputed { .. }
            | ExecutionEvent::Rejected { .. }
            | _ => {}
        }
    }
}

impl Report {
    fn people(&self) -> String {
        let Self { told, books, .. } = self;
        let verdict = if self.agrees { "agree" } else { "DISAGREE" };
        format!(
            "{} on a bad line, faults from seed {}\n\n\
             commands  {} orders, {} changes ({} too late): {} accepted, {} refused, {} not sent, {} unknown at first\n\
             unknown   {} found, {} absent, {} unresolved for a time\n\
             news      {} fills, {} of them inferred from the list; {} gaps of the stream\n\n\
             desk and exchange {verdict}: {} orders ({} unlike, {} invented, {} undecided), {} fills and {} told, \
             {} shares filled and {} told, {} won spent, {} by the account and {} by the desk",
            self.symbol,
            self.faults.unwrap_or_default(),
            told.orders,
            told.changes,
            told.had_ended,
            told.accepted,
            told.refused,
            told.not_sent,
            told.unknown,
            told.found,
            told.absent,
            told.unresolved,
            told.fills,
            told.inferred_fills,
            told.gaps,
            books.orders,
            books.unlike,
            books.invented,
            books.undecided,
            books.fills,
            books.fills_told,
            books.shares,
            books.shares_told,
            books.spent,
            books.cash,
            books.spent_by_desks,
        )
    }
}
