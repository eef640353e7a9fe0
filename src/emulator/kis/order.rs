//! Order commands: 주식주문(현금) and 주식주문(정정취소).

use serde_json::Value;

use super::fault::{Fault, Point, Target};
use super::keys::ClientIndex;
use super::ledger::{Channel, Row, RowKind};
use super::no::{No, OrderNo as Why};
use super::rest::Body;
use super::text;
use super::world::World;
use crate::domain::{
    CancelRequest, ClientOrderId, ModifyRequest, Money, OrderKind, OrderRequest, Price, Qty, Side,
    Symbol, TimeInForce, Timestamp, TradingCalendar, Venue,
};
use crate::sim::{Command, Outcome};
use crate::wire::kis::rest::envelope::{Answer, One};
use crate::wire::kis::rest::order::{
    ORDER_CASH_REQUIRED, ORDER_RVSECNCL_REQUIRED, OrderCashRequest, OrderReceipt,
    OrderRvsecnclRequest,
};

/// An order division: what it asks for, and where it is taken.
struct Division {
    code: &'static str,
    make: Make,
    time_in_force: TimeInForce,
    nxt: bool,
    sor: bool,
}

/// How a division's kind is made of its price.
#[derive(Clone, Copy)]
enum Make {
    Limit,
    Plain(OrderKind),
    /// Taken at other hours only.
    OffHours,
    /// Known to KIS, and not to the simulated exchange.
    NotHere,
}

const fn division(
    code: &'static str,
    make: Make,
    tif: TimeInForce,
    nxt: bool,
    sor: bool,
) -> Division {
    Division {
        code,
        make,
        time_in_force: tif,
        nxt,
        sor,
    }
}

/// ORD_DVSN by venue, as the manual has it. KRX takes all of them.
const DIVISIONS: &[Division] = {
    use TimeInForce::{Day, Fok, Ioc};
    &[
        division("00", Make::Limit, Day, true, true),
        division("01", Make::Plain(OrderKind::Market), Day, false, true),
        division("02", Make::NotHere, Day, false, false),
        division("03", Make::Plain(OrderKind::BestLimit), Day, true, true),
        division("04", Make::Plain(OrderKind::TopPriority), Day, true, true),
        division("05", Make::OffHours, Day, false, false),
        division("06", Make::OffHours, Day, false, false),
        division("07", Make::OffHours, Day, false, false),
        division("11", Make::Limit, Ioc, true, true),
        division("12", Make::Limit, Fok, true, true),
        division("13", Make::Plain(OrderKind::Market), Ioc, true, true),
        division("14", Make::Plain(OrderKind::Market), Fok, true, true),
        division("15", Make::Plain(OrderKind::BestLimit), Ioc, true, true),
        division("16", Make::Plain(OrderKind::BestLimit), Fok, true, true),
        division("21", Make::NotHere, Day, true, false),
        division("22", Make::NotHere, Day, true, false),
        division("23", Make::NotHere, Ioc, true, false),
        division("24", Make::NotHere, Fok, true, false),
    ]
};

/// The name of a division, as lists show it.
pub(super) fn division_name(code: &str) -> &'static str {
    match code {
        "00" => "지정가",
        "01" => "시장가",
        "03" => "최유리지정가",
        "04" => "최우선지정가",
        "11" => "IOC지정가",
        "12" => "FOK지정가",
        "13" => "IOC시장가",
        "14" => "FOK시장가",
        "15" => "IOC최유리",
        "16" => "FOK최유리",
        _ => "기타",
    }
}

impl Division {
    /// Found by code, where the venue takes it.
    fn find(code: &str, venue: Venue) -> Option<&'static Self> {
        let taken = |division: &&Self| match venue {
            Venue::Krx => true,
            Venue::Nxt => division.nxt,
            Venue::Sor => division.sor,
        };
        DIVISIONS
            .iter()
            .find(|division| division.code == code)
            .filter(taken)
    }

    /// The kind with its price.
    fn kind(&self, price: &str) -> Result<OrderKind, Reason> {
        match self.make {
            Make::Plain(kind) => Ok(kind),
            Make::Limit => {
                let won = text::number(price).ok_or(Reason::Body)?;
                let price = i64::try_from(won).ok().and_then(Price::checked_won);
                // A price of nothing is below the lower limit.
                let price = price.ok_or(Reason::Ledger(Why::Band))?;
                Ok(OrderKind::Limit { price })
            }
            // A price here is a message that cannot be built (recorded for 06).
            Make::OffHours if text::number(price).is_some_and(|won| won > 0) => Err(Reason::Body),
            Make::OffHours => Err(Reason::Ledger(Why::Closed)),
            Make::NotHere => Err(Reason::Ledger(Why::Kind)),
        }
    }
}

/// Why an order is not taken.
#[derive(Debug)]
enum Reason {
    Body,
    Ledger(Why),
    Input(&'static str),
    Account,
}

impl World {
    /// 주식주문(현금): buys or sells, as the TR id says.
    pub(super) fn order_cash(
        &mut self,
        client: ClientIndex,
        side: Side,
        body: &[u8],
        fault: Option<&Fault>,
    ) -> Result<Body, No> {
        let paper = self.settings.is_paper();
        let placed = self.place(client, side, body);
        let (odno, at) = placed.map_err(|reason| refusal(reason, paper))?;
        let (code, words) = match (paper, side) {
            (false, _) => ("APBK0013", "주문 전송 완료 되었습니다."),
            (true, Side::Sell) => ("40590000", "모의투자 매도주문이 완료 되었습니다."),
            (true, Side::Buy) => ("40600000", "모의투자 매수주문이 완료 되었습니다."),
        };
        Ok(receipt(odno, at, paper, code, words, fault))
    }

    fn place(
        &mut self,
        client: ClientIndex,
        side: Side,
        body: &[u8],
    ) -> Result<(u64, Timestamp), Reason> {
        let object = object(body, &ORDER_CASH_REQUIRED)?;
        let order: OrderCashRequest<'_> = record(&object)?;
        self.check_account(client, &order.cano, &order.acnt_prdt_cd)?;
        let venue = self.venue(&order.excg_id_dvsn_cd)?;
        if !matches!(&*order.sll_type, "" | "01") {
            return Err(Reason::Ledger(Why::Kind));
        }
        let division = Division::find(&order.ord_dvsn, venue).ok_or(Reason::Ledger(Why::Kind))?;
        let qty = text::number(&order.ord_qty).ok_or(Reason::Body)?;
        let kind = division.kind(&order.ord_unpr);
        let symbol: Symbol = order
            .pdno
            .trim()
            .parse()
            .map_err(|_| Reason::Ledger(Why::Symbol))?;
        let (_, issue) = self.issue(symbol).ok_or(Reason::Ledger(Why::Symbol))?;
        if venue == Venue::Nxt && !issue.nxt {
            return Err(Reason::Ledger(Why::Symbol));
        }
        let kind = kind?;
        self.check_day()?;
        let account = self.client(client).account;
        let request = OrderRequest::new(account, symbol, side, Qty::new(qty), kind)
            .with_time_in_force(division.time_in_force);
        let mut entry = self.entry(client, venue, division.code, Channel::Api);
        match self.faults.strike(Point::Order, Target::NewOrders) {
            Some(Fault::ListLag(lag)) => {
                let lag = i64::try_from(lag.as_nanos()).unwrap_or(i64::MAX);
                entry.listed_from = entry.listed_from.saturating_add_nanos(lag);
            }
            Some(Fault::RejectOrder) => {
                return Ok(self.turn_away(&request, venue, division, client));
            }
            _ => {}
        }
        let known = self.ledger.rows(client).len();
        match self.command(&Command::Place(request), &entry) {
            Outcome::Accepted(receipt) => {
                // The new order's row is the first one after those that were there.
                let row = self.ledger.rows(client).get(known);
                Ok((row.map_or(0, |row| row.odno), receipt.at))
            }
            Outcome::Refused(refusal) => Err(Reason::Ledger(Why::of(refusal.reason))),
            Outcome::Cancelled(_) | Outcome::Done => Err(Reason::Body),
        }
    }

    /// Takes an order that the exchange then turns away.
    fn turn_away(
        &mut self,
        request: &OrderRequest,
        venue: Venue,
        division: &Division,
        client: ClientIndex,
    ) -> (u64, Timestamp) {
        let now = self.floor.now();
        let row = Row {
            client,
            date: self.floor.date(),
            odno: 0,
            original: None,
            kind: RowKind::New,
            symbol: request.symbol,
            side: request.side,
            venue,
            routed_to_nxt: false,
            division: division.code,
            time_in_force: request.time_in_force,
            price: request.kind.limit_price(),
            qty: request.qty,
            filled: Qty::ZERO,
            value: Money::ZERO,
            cancelled: Qty::ZERO,
            moved: Qty::ZERO,
            rejected: Qty::ZERO,
            channel: Channel::Api,
            at: now,
            listed_from: now,
            exchange_no: None,
        };
        let (odno, notice) = self.ledger.reject(row);
        self.tell(&notice);
        (odno, now)
    }

    /// 주식주문(정정취소): modifies or cancels.
    pub(super) fn order_rvsecncl(
        &mut self,
        client: ClientIndex,
        body: &[u8],
        fault: Option<&Fault>,
    ) -> Result<Body, No> {
        let paper = self.settings.is_paper();
        let changed = self.change(client, body);
        let (odno, at, cancels) = changed.map_err(|reason| refusal(reason, paper))?;
        let (code, words) = match (paper, cancels) {
            (false, _) => ("APBK0013", "주문 전송 완료 되었습니다."),
            (true, false) => ("40620000", "모의투자 정정주문이 완료 되었습니다."),
            (true, true) => ("40630000", "모의투자 취소주문이 완료 되었습니다."),
        };
        Ok(receipt(odno, at, paper, code, words, fault))
    }

    fn change(
        &mut self,
        client: ClientIndex,
        body: &[u8],
    ) -> Result<(u64, Timestamp, bool), Reason> {
        let object = object(body, &ORDER_RVSECNCL_REQUIRED)?;
        let change: OrderRvsecnclRequest<'_> = record(&object)?;
        self.check_account(client, &change.cano, &change.acnt_prdt_cd)?;
        let cancels = match &*change.rvse_cncl_dvsn_cd {
            "01" => false,
            "02" => true,
            _ => return Err(Reason::Input("RVSE_CNCL_DVSN_CD")),
        };
        let qty = match &*change.qty_all_ord_yn {
            "Y" => None,
            "N" => Some(Qty::new(text::number(&change.ord_qty).ok_or(Reason::Body)?)),
            _ => return Err(Reason::Input("QTY_ALL_ORD_YN")),
        };
        let number = text::number(&change.orgn_odno).ok_or(Reason::Body)?;
        self.check_day()?;
        let row = self.ledger.find(client, number, self.floor.date());
        let row = row.ok_or(Reason::Ledger(Why::NotFound))?.clone();
        // A missing venue is that of the order.
        if !change.excg_id_dvsn_cd.is_empty() && self.venue(&change.excg_id_dvsn_cd)? != row.venue {
            return Err(Reason::Ledger(Why::NotFound));
        }
        let left = row.exchange_no.filter(|_| !row.remaining().is_zero());
        let exchange_no = left.ok_or(Reason::Ledger(Why::NothingLeft))?;
        let account = self.client(client).account;
        let (command, code) = if cancels {
            let cancel = CancelRequest {
                account,
                order: exchange_no.into(),
                qty,
            };
            (Command::Cancel(cancel), row.division)
        } else {
            let division = Division::find(&change.ord_dvsn, row.venue);
            let division = division.ok_or(Reason::Ledger(Why::Kind))?;
            let modify = ModifyRequest {
                account,
                order: exchange_no.into(),
                qty,
                kind: division.kind(&change.ord_unpr)?,
                part_id: ClientOrderId::AUTO,
            };
            (Command::Modify(modify), division.code)
        };
        let entry = self.entry(client, row.venue, code, Channel::Api);
        let known = self.ledger.rows(client).len();
        match self.command(&command, &entry) {
            Outcome::Accepted(receipt) => {
                let row = self.ledger.rows(client).get(known);
                Ok((row.map_or(0, |row| row.odno), receipt.at, cancels))
            }
            Outcome::Refused(refusal) => Err(Reason::Ledger(Why::of(refusal.reason))),
            Outcome::Cancelled(_) | Outcome::Done => Err(Reason::Body),
        }
    }

    /// The venue of a code. Nothing is KRX; the paper server has no other.
    fn venue(&self, code: &str) -> Result<Venue, Reason> {
        let venue = match code {
            "" | "KRX" => Venue::Krx,
            "NXT" => Venue::Nxt,
            "SOR" => Venue::Sor,
            _ => return Err(Reason::Input("EXCG_ID_DVSN_CD")),
        };
        match self.settings.is_paper() && venue != Venue::Krx {
            true => Err(Reason::Input("EXCG_ID_DVSN_CD")),
            false => Ok(venue),
        }
    }

    fn check_account(&self, client: ClientIndex, cano: &str, product: &str) -> Result<(), Reason> {
        let own = self.client(client);
        match own.cano() == cano && own.product() == product {
            true => Ok(()),
            false => Err(Reason::Account),
        }
    }

    /// On a day without trading the ledger says so before anything else.
    fn check_day(&self) -> Result<(), Reason> {
        use super::settings::Hours;

        let now = self.floor.now();
        let closed = self.floor.hours() == Hours::Krx
            && TradingCalendar::builtin()
                .is_trading_day(now.kst_date())
                .is_ok_and(|trading| !trading);
        match closed {
            true => Err(Reason::Ledger(Why::Holiday)),
            false => Ok(()),
        }
    }
}

fn refusal(reason: Reason, paper: bool) -> No {
    match reason {
        Reason::Body => No::body(),
        Reason::Ledger(why) => No::order(why, paper),
        Reason::Input(name) => No::parameter(name),
        Reason::Account => No::account(),
    }
}

/// A body as an object of strings that has the required names.
fn object(body: &[u8], required: &[&str]) -> Result<Value, Reason> {
    let object: Value = serde_json::from_slice(body).map_err(|_| Reason::Body)?;
    let fields = object.as_object().ok_or(Reason::Body)?;
    let there = required.iter().all(|name| fields.contains_key(*name));
    let strings = fields.values().all(Value::is_string);
    match there && strings {
        true => Ok(object),
        false => Err(Reason::Body),
    }
}

fn record<'a, T: serde::Deserialize<'a>>(object: &'a Value) -> Result<T, Reason> {
    T::deserialize(object).map_err(|_| Reason::Body)
}

fn receipt(
    odno: u64,
    at: Timestamp,
    paper: bool,
    code: &'static str,
    words: &str,
    fault: Option<&Fault>,
) -> Body {
    let number = match fault {
        Some(Fault::NoOrderNumber) => String::new(),
        Some(Fault::BadOrderNumber) => "ABCDEFGHIJ".to_owned(),
        _ => format!("{odno:010}"),
    };
    let receipt = OrderReceipt {
        krx_fwdg_ord_orgno: branch(paper).into(),
        odno: number.into(),
        ord_tmd: text::time(at).into(),
        sor_odno: "".into(),
    };
    let answer = Answer {
        output: One(Some(receipt)),
        rt_cd: "0".into(),
        msg_cd: code.into(),
        msg1: text::msg1(words).into(),
        ..Answer::<'_, One<OrderReceipt<'_>>>::default()
    };
    Body::of(&answer)
}

/// The branch that numbers orders.
pub(super) const fn branch(paper: bool) -> &'static str {
    if paper { "00950" } else { "03930" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn venues_take_the_divisions_of_the_manual() {
        let taken = |code, venue| Division::find(code, venue).is_some();
        assert!(taken("01", Venue::Krx) && !taken("01", Venue::Nxt) && taken("01", Venue::Sor));
        assert!(taken("22", Venue::Nxt) && !taken("22", Venue::Sor));
        assert!(!taken("99", Venue::Krx) && !taken("", Venue::Krx));
    }

    #[test]
    fn bodies_need_their_names_and_strings() {
        let all = r#"{"CANO":"1","ACNT_PRDT_CD":"01","PDNO":"x","ORD_DVSN":"00","ORD_QTY":"1","ORD_UNPR":"2"}"#;
        assert!(object(all.as_bytes(), &ORDER_CASH_REQUIRED).is_ok());
        for name in ORDER_CASH_REQUIRED {
            let without = all.replace(name, "OTHER");
            assert!(
                object(without.as_bytes(), &ORDER_CASH_REQUIRED).is_err(),
                "{name}"
            );
        }
        for wrong in ["", "[]", "null", &all.replace("\"2\"", "2")] {
            assert!(
                object(wrong.as_bytes(), &ORDER_CASH_REQUIRED).is_err(),
                "{wrong}"
            );
        }
    }
}
