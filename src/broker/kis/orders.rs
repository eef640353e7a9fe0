//! Orders on the wire: one write each, and the day's list.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method};
use jiff::civil::Date;
use tokio::time::Instant;

use super::auth::Tokens;
use super::client::{Ask, Client, TR_ID};
use super::convert::division;
use super::convert::number::{order_no, qty_or_none, time_on};
use super::convert::refusals::{REFUSALS, is_over_rate, is_token_code};
use super::convert::rows::row;
use super::instruments::Code;
use super::login::{Login, chain};
use super::market_data::digits_of;
use super::numbers::Accounts;
use super::paging::{Key, Pages};
use super::session::Listings;
use super::stream::Stream;
use crate::broker::live::{LateAnswer, ListJob, ListRead, OrderWire, Reply, WriteJob, Written};
use crate::domain::{
    AccountId, BrokerCode, BrokerType, ClientOrderId, Fill, Money, OrderCommand, OrderKind,
    OrderNo, Qty, Side, Timestamp, ValueError, Venue,
};
use crate::error::{Error, Result, TimeoutPhase};
use crate::limiter::{Lane, RateLimiter};
use crate::orders::desk::{Answer, ClosedList, Instruction, Row, WriteRequest};
use crate::transport::{self, Connect, Cut, Exchange, Lines, NotSent, Request};
use crate::wire::kis::codes::{Exchange as VenueCode, OrdDvsn, RvseCnclDvsn};
use crate::wire::kis::rest::lists::{InquireDailyCcldAnswer, InquireDailyCcldQuery};
use crate::wire::kis::rest::order::OrderAnswer;
use crate::wire::kis::rest::order_body::{CashOrder, Code as Text, OrderAccount, RvsecnclOrder};
use crate::wire::kis::tr::Tr;

/// The wire of KIS, as far as orders are concerned.
#[derive(Debug)]
pub(super) struct KisOrders<C: Connect> {
    client: Arc<Client<C>>,
    /// Lines that carry nothing but orders.
    lines: Lines<C>,
    tokens: Arc<Tokens<Login<C>>>,
    limiter: Arc<RateLimiter>,
    accounts: Accounts,
    listings: Listings,
    stream: Stream,
    is_paper: bool,
    buy: HeaderMap,
    sell: HeaderMap,
    change: HeaderMap,
}

impl<C: Connect> KisOrders<C> {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of the session that made them"
    )]
    pub(super) fn new(
        client: Arc<Client<C>>,
        lines: Lines<C>,
        tokens: Arc<Tokens<Login<C>>>,
        limiter: Arc<RateLimiter>,
        accounts: Accounts,
        listings: Listings,
        stream: Stream,
        is_paper: bool,
    ) -> Result<Self> {
        let head = |tr| {
            let mut head = client.head().clone();
            head.insert(TR_ID, HeaderValue::from_static(client.tr_id(tr)?));
            Ok::<_, Error>(head)
        };
        Ok(Self {
            buy: head(Tr::OrderCashBuy)?,
            sell: head(Tr::OrderCashSell)?,
            change: head(Tr::OrderRvsecncl)?,
            client,
            lines,
            tokens,
            limiter,
            accounts,
            listings,
            stream,
            is_paper,
        })
    }

    /// The lines of orders, to be kept warm.
    pub(super) const fn lines(&self) -> &Lines<C> {
        &self.lines
    }

    fn request(&self, job: &WriteJob, bearer: &HeaderValue) -> Result<Request> {
        let account = self.account(job.account_index)?;
        let code = self.listings.code_of(job.request.order.symbol);
        let mut body = Vec::with_capacity(BODY_LEN);
        let (head, tr) = match job.request.instruction {
            Instruction::Place => {
                cash_order(account, &job.request, code)?.write(&mut body);
                match job.request.order.side {
                    Side::Buy => (&self.buy, Tr::OrderCashBuy),
                    Side::Sell => (&self.sell, Tr::OrderCashSell),
                }
            }
            Instruction::Modify { .. } | Instruction::Cancel { .. } => {
                change(account, &job.request)?.write(&mut body);
                (&self.change, Tr::OrderRvsecncl)
            }
        };
        let mut headers = head.clone();
        headers.insert(AUTHORIZATION, bearer.clone());
        Ok(Request {
            method: Method::POST,
            path_and_query: PathAndQuery::from_static(tr.path()),
            headers,
            body: Bytes::from(body),
        })
    }

    fn account(&self, index: usize) -> Result<OrderAccount> {
        let number = self.accounts.at(index);
        let texts = number.and_then(|number| {
            let cano = Text::new(number.cano())?;
            Some((cano, Text::new(number.product())?))
        });
        let (cano, acnt_prdt_cd) =
            texts.ok_or_else(|| Error::invalid("account", index, "an account of the gateway"))?;
        Ok(OrderAccount { cano, acnt_prdt_cd })
    }
}

/// Room for the longest body.
const BODY_LEN: usize = 384;

impl<C: Connect> OrderWire for KisOrders<C> {
    fn refusals(&self) -> ClosedList {
        REFUSALS
    }

    async fn write(&self, job: &WriteJob, late: LateAnswer) -> Reply {
        // A token that is there costs no wait; one that is not must come before the deadline.
        let token = match self.tokens.ready() {
            Some(token) => token,
            None => match self.tokens.token(job.deadline).await {
                Ok(token) => token,
                Err(error) => return Written::NotSent(error).into(),
            },
        };
        let request = match self.request(job, token.bearer()) {
            Ok(request) => request,
            Err(error) => return Written::NotSent(error).into(),
        };
        let encoded = Instant::now();
        let reply = match self.lines.exchange(request, job.deadline).await {
            Exchange::Answered(reply) => reply,
            Exchange::NotSent(reason) => {
                return Written::NotSent(not_sent(&reason, encoded)).into();
            }
            Exchange::Unknown(cut) => {
                tracing::warn!(reason = %cut, "an order command has no answer");
                if let Cut::Deadline(answer) = cut {
                    self.wait_for(answer, job.date, late);
                }
                return Reply {
                    encoded: Some(encoded),
                    ..Written::Unknown.into()
                };
            }
        };
        self.client.note_clock(&reply);
        let (sent, received) = (reply.sent, reply.received);
        let answer = answer_of(&reply, job.date, self.client.broker_now());
        if let Answer::Code { code, .. } = &answer {
            if is_token_code(code.as_str()) {
                self.tokens.rejected(token.serial());
            }
            if is_over_rate(code.as_str()) {
                self.limiter.on_over_rate(Lane::Order);
            }
        }
        Reply {
            written: Written::Answered(answer),
            encoded: Some(encoded),
            sent: Some(sent),
            received: Some(received),
        }
    }

    async fn read_list(&self, job: &mut ListJob, rows: &mut Vec<Row>) -> Result<ListRead> {
        let (account, date, deadline) = (job.account, job.date, job.deadline);
        self.read_rows(account, date, deadline, &mut Admit::Job(job), rows)
            .await?;
        // Paper lists are known to leave orders out: what is not in one proves little without the stream.
        Ok(ListRead {
            all_venues: !self.is_paper,
        })
    }

    fn clock_jumped(&self) {
        self.lines.retire();
        self.client.lines().retire();
        self.stream.reconnect();
    }
}

/// Who lets a page of a list be asked for.
enum Admit<'j> {
    /// The desks, within their reserve.
    Job(&'j mut ListJob),
    /// The limiter.
    Limiter,
}

impl<C: Connect> KisOrders<C> {
    /// The whole list of a day, for those who ask.
    pub(super) async fn rows_of(
        &self,
        account: AccountId,
        date: Date,
        within: Duration,
    ) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let deadline = Instant::now() + within;
        self.read_rows(account, date, deadline, &mut Admit::Limiter, &mut rows)
            .await?;
        Ok(rows)
    }

    async fn read_rows(
        &self,
        account: AccountId,
        date: Date,
        deadline: Instant,
        admit: &mut Admit<'_>,
        rows: &mut Vec<Row>,
    ) -> Result<()> {
        let number = self.accounts.number(account)?;
        let day = digits_of(date);
        let mut pages = Pages::new(Tr::InquireDailyCcld);
        let mut listed = Listed::default();
        loop {
            let query = InquireDailyCcldQuery {
                cano: number.cano().into(),
                acnt_prdt_cd: number.product().into(),
                inqr_strt_dt: day.as_str().into(),
                inqr_end_dt: day.as_str().into(),
                // 00: both sides, filled or not, cash and loans.
                sll_buy_dvsn_cd: "00".into(),
                pdno: "".into(),
                ord_gno_brno: "".into(),
                odno: "".into(),
                ccld_dvsn: "00".into(),
                // 01: oldest first, so that a new order comes behind the pages that were read.
                inqr_dvsn: "01".into(),
                inqr_dvsn_1: "".into(),
                inqr_dvsn_3: "00".into(),
                excg_id_dvsn_cd: if self.is_paper { "KRX" } else { "ALL" }.into(),
                ctx_area_fk100: pages.key().fk.as_str().into(),
                ctx_area_nk100: pages.key().nk.as_str().into(),
            };
            let mut ask = Ask::new(Tr::InquireDailyCcld, Lane::Reconciliation, &query).by(deadline);
            if let Admit::Job(job) = admit {
                job.admit_page().await?;
                ask = ask.admitted();
            }
            let page = pages.ask(&self.client, ask).await?;
            let text = page.text();
            let answer: InquireDailyCcldAnswer<'_> = page.read(&text)?;
            for raw in &answer.output1.0 {
                listed.add(qty_or_none("ord_qty", &raw.ord_qty).unwrap_or(Qty::ZERO));
                rows.push(row(raw, date).unwrap_or_else(|error| {
                    tracing::warn!(%error, row = ?raw, "a row of the order list cannot be read");
                    unreadable_row(date)
                }));
            }
            if let Some(totals) = &answer.output2.0 {
                listed.total = qty_or_none("tot_ord_qty", &totals.tot_ord_qty).unwrap_or(Qty::ZERO);
            }
            let next = Key::of(answer.context());
            if !pages.turn(&page, next)? {
                break;
            }
        }
        if self.is_paper {
            listed.check()?;
        }
        Ok(())
    }

    /// Lets an answer that missed its deadline reach its order.
    fn wait_for(&self, answer: transport::Late, date: Date, late: LateAnswer) {
        let client = Arc::clone(&self.client);
        tokio::spawn(async move {
            if let Some(reply) = answer.await {
                late.answered(answer_of(&reply, date, client.broker_now()));
            }
        });
    }
}

/// What the paper ledger says of its own list: it often answers no rows while its totals count orders (code 70070000).
#[derive(Debug, Default)]
struct Listed {
    rows: Qty,
    total: Qty,
}

impl Listed {
    fn add(&mut self, qty: Qty) {
        self.rows = self.rows.checked_add(qty).unwrap_or(self.rows);
    }

    fn check(&self) -> Result<()> {
        if self.rows >= self.total {
            return Ok(());
        }
        Err(Error::answer(
            "inquire-daily-ccld",
            format_args!("{} of {} shares ordered", self.rows, self.total),
            "a list of every order",
        ))
    }
}

/// The fills of a day by its list, which has totals and no single trades: one for each number, at its average price.
pub(super) fn fills_of(
    account: AccountId,
    rows: &[Row],
    id_of: impl Fn(OrderNo) -> ClientOrderId,
) -> Vec<Fill> {
    let filled = rows.iter().filter(|row| !row.filled.is_zero());
    let mut fills: Vec<Fill> = filled
        .filter_map(|row| {
            let price = row.filled_value.per_share(row.filled)?;
            let mut fill = Fill::new(
                row.order_no.get(),
                id_of(row.order_no),
                row.order_no,
                account,
                row.symbol,
                row.venue.unwrap_or(Venue::Krx),
                row.side,
                row.filled,
                price,
                row.at,
            );
            fill.inferred = true;
            Some(fill)
        })
        .collect();
    fills.sort_by_key(|fill| (fill.at, fill.order_no));
    fills.dedup_by_key(|fill| fill.order_no);
    fills
}

/// A row that counts as one that cannot be used, so that nothing is concluded from what the list lacks.
fn unreadable_row(date: Date) -> Row {
    let at = Timestamp::from_kst(date, jiff::civil::Time::midnight());
    Row {
        order_no: OrderNo::new(u64::MAX).unwrap_or_else(|| unreachable!("not zero")),
        original_no: None,
        command: OrderCommand::Place,
        symbol: crate::symbol!("000000"),
        venue: None,
        side: Side::Buy,
        order_type: None,
        time_in_force: None,
        price: None,
        qty: Qty::ZERO,
        confirmed: Qty::ZERO,
        filled: Qty::ZERO,
        filled_value: Money::ZERO,
        remaining: Qty::ZERO,
        refused: false,
        at: at.unwrap_or(Timestamp::EPOCH),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is added later was not sent either"
)]
fn not_sent(reason: &NotSent, began: Instant) -> Error {
    match reason {
        NotSent::Deadline => Error::Timeout {
            phase: TimeoutPhase::Connect,
            after: began.elapsed(),
        },
        _ => Error::connection(BrokerType::Kis, "an order", chain(reason)),
    }
}

/// What an answer says. Success only with a number and HTTP 200; a code is a code whatever the status; all else is unclear.
fn answer_of(reply: &transport::Reply, date: Date, now: Timestamp) -> Answer {
    const OK: u16 = 200;
    /// 응답을 만들지 못함 (the answer could not be built): seen with success, and says nothing of the command.
    const NO_ANSWER: &str = "IGW00009";
    let text = String::from_utf8_lossy(&reply.body);
    let Ok(answer) = serde_json::from_str::<OrderAnswer<'_>>(&text) else {
        tracing::warn!(
            status = reply.status,
            body = %ValueError::new("body", &text, "").found,
            "the answer to an order command is not KIS's"
        );
        return Answer::Unclear;
    };
    if answer.is_success() {
        let receipt = answer.output.0.as_ref();
        let number = receipt.and_then(|receipt| order_no("ODNO", &receipt.odno).ok());
        let is_plain = reply.status == OK && answer.code() != NO_ANSWER;
        return match (number, receipt) {
            (Some(order_no), Some(receipt)) if is_plain => Answer::Accepted {
                order_no,
                at: time_on(date, "ORD_TMD", &receipt.ord_tmd).unwrap_or(now),
            },
            _ => Answer::Unclear,
        };
    }
    match answer.code() {
        "" => Answer::Unclear,
        code => Answer::Code {
            code: BrokerCode::new(code),
            message: Some(shown(answer.message())).filter(|message| !message.is_empty()),
        },
    }
}

/// The broker's words without control characters, cut.
fn shown(message: &str) -> Arc<str> {
    const CHARS_MAX: usize = 256;
    message
        .chars()
        .take(CHARS_MAX)
        .flat_map(char::escape_debug)
        .collect::<String>()
        .into()
}

fn cash_order(account: OrderAccount, request: &WriteRequest, code: Code) -> Result<CashOrder> {
    let order = &request.order;
    Ok(CashOrder {
        account,
        pdno: Text::new(code.as_str())
            .ok_or_else(|| Error::invalid("symbol", order.symbol, "an issue's code"))?,
        ord_dvsn: division_of(order.kind, request)?,
        ord_qty: order.qty.get(),
        ord_unpr: price_of(order.kind)?,
        excg_id_dvsn_cd: venue_code(order.venue),
        sll_type: None,
        cndt_pric: stop_of(order.kind)?,
    })
}

fn change(account: OrderAccount, request: &WriteRequest) -> Result<RvsecnclOrder> {
    let order = &request.order;
    let (target, qty, kind, what) = match request.instruction {
        Instruction::Modify { target, qty, kind } => (target, qty, kind, RvseCnclDvsn::Modify),
        Instruction::Cancel { target, qty } => (target, qty, order.kind, RvseCnclDvsn::Cancel),
        Instruction::Place => {
            return Err(Error::invalid("instruction", "a new order", "a change"));
        }
    };
    let is_cancel = what == RvseCnclDvsn::Cancel;
    Ok(RvsecnclOrder {
        account,
        // May be empty (portal, order-rvsecncl).
        krx_fwdg_ord_orgno: Text::EMPTY,
        orgn_odno: Text::new(&target.to_string())
            .ok_or_else(|| Error::invalid("order number", target, "at most ten digits"))?,
        ord_dvsn: division_of(kind, request)?,
        rvse_cncl_dvsn_cd: what,
        ord_qty: qty.map_or(0, Qty::get),
        ord_unpr: if is_cancel { 0 } else { price_of(kind)? },
        qty_all_ord: qty.is_none(),
        cndt_pric: if is_cancel { None } else { stop_of(kind)? },
        excg_id_dvsn_cd: venue_code(order.venue),
    })
}

fn division_of(kind: OrderKind, request: &WriteRequest) -> Result<OrdDvsn> {
    let time_in_force = request.order.time_in_force;
    let code = division::code_of(kind.order_type(), time_in_force);
    code.and_then(OrdDvsn::from_code).ok_or_else(|| {
        Error::invalid(
            "kind and time_in_force",
            format_args!("{} {time_in_force}", kind.order_type()),
            "a combination that KIS has a code for",
        )
    })
}

/// Whole won; 0 for kinds without a price.
fn price_of(kind: OrderKind) -> Result<u64> {
    kind.limit_price().map_or(Ok(0), whole_won)
}

fn stop_of(kind: OrderKind) -> Result<Option<u64>> {
    match kind {
        OrderKind::StopLimit { stop, .. } => whole_won(stop).map(Some),
        OrderKind::Limit { .. }
        | OrderKind::Market
        | OrderKind::ConditionalLimit { .. }
        | OrderKind::BestLimit
        | OrderKind::TopPriority
        | OrderKind::MidPrice
        | OrderKind::PreClose
        | OrderKind::PostClose => Ok(None),
    }
}

fn whole_won(price: crate::domain::Price) -> Result<u64> {
    u64::try_from(price.won())
        .ok()
        .filter(|_| price.is_whole_won())
        .ok_or_else(|| Error::invalid("price", price, "whole won"))
}

const fn venue_code(venue: Venue) -> VenueCode {
    match venue {
        Venue::Krx => VenueCode::Krx,
        Venue::Nxt => VenueCode::Nxt,
        Venue::Sor => VenueCode::Sor,
    }
}

#[cfg(test)]
mod tests;
