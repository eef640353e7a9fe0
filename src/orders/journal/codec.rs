//! Records to bytes and back. Every field is checked on the way in, and every record has exactly one form.

use crate::domain::{
    BrokerCode, ClientOrderId, Money, OrderKind, OrderNo, OrderType, Price, Qty, Symbol, Timestamp,
};

use super::codes::DiskCode;
use super::error::Damage;
use super::layout::{EMPTY, Frame, Put, Slot, Take, seal};
use super::record::{
    AccountMark, CancelIntent, Candidates, CommandId, Entry, JournalRecord, ModifyIntent,
    OrderIntent,
};
use super::text::JournalText;

/// The kinds' numbers on the disk. They never change their meaning.
mod kind {
    pub(super) const OPENED: u8 = 1;
    pub(super) const INTENT: u8 = 2;
    pub(super) const MODIFY_INTENT: u8 = 3;
    pub(super) const CANCEL_INTENT: u8 = 4;
    pub(super) const NOT_SENT: u8 = 5;
    pub(super) const SENT: u8 = 6;
    pub(super) const ACKED: u8 = 7;
    pub(super) const REFUSED: u8 = 8;
    pub(super) const UNKNOWN: u8 = 9;
    pub(super) const ABSENT: u8 = 10;
    pub(super) const UNRESOLVED: u8 = 11;
    pub(super) const FILL_TOTAL: u8 = 12;
    pub(super) const ENDED: u8 = 13;
    pub(super) const TRADING_STATE: u8 = 14;
    pub(super) const COUNTER: u8 = 15;
    pub(super) const NOTE: u8 = 16;
    pub(super) const CANCEL_TOTAL: u8 = 17;
    pub(super) const EXTERNAL: u8 = 18;
    pub(super) const SEEN: u8 = 19;
    pub(super) const MODIFIED: u8 = 20;
    pub(super) const CLOSED: u8 = 21;
}

const fn kind_of(record: &JournalRecord) -> u8 {
    match record {
        JournalRecord::Opened { .. } => kind::OPENED,
        JournalRecord::Intent(_) => kind::INTENT,
        JournalRecord::ModifyIntent(_) => kind::MODIFY_INTENT,
        JournalRecord::CancelIntent(_) => kind::CANCEL_INTENT,
        JournalRecord::NotSent { .. } => kind::NOT_SENT,
        JournalRecord::Sent { .. } => kind::SENT,
        JournalRecord::Acked { .. } => kind::ACKED,
        JournalRecord::Refused { .. } => kind::REFUSED,
        JournalRecord::Unknown { .. } => kind::UNKNOWN,
        JournalRecord::Absent { .. } => kind::ABSENT,
        JournalRecord::Unresolved { .. } => kind::UNRESOLVED,
        JournalRecord::FillTotal { .. } => kind::FILL_TOTAL,
        JournalRecord::Ended { .. } => kind::ENDED,
        JournalRecord::TradingState { .. } => kind::TRADING_STATE,
        JournalRecord::Counter { .. } => kind::COUNTER,
        JournalRecord::Note { .. } => kind::NOTE,
        JournalRecord::CancelTotal { .. } => kind::CANCEL_TOTAL,
        JournalRecord::External { .. } => kind::EXTERNAL,
        JournalRecord::Seen { .. } => kind::SEEN,
        JournalRecord::Modified { .. } => kind::MODIFIED,
        JournalRecord::Closed { .. } => kind::CLOSED,
    }
}

/// The bytes of an entry, sealed with the header's `seed`.
pub(super) fn encode(entry: &Entry, seed: u32) -> Slot {
    let mut slot = EMPTY;
    let mut put = Put::new(&mut slot);
    let frame = Frame {
        seq: entry.seq,
        at: entry.at,
        kind: kind_of(&entry.record),
    };
    frame.put(&mut put);
    put_body(&mut put, &entry.record);
    seal(&mut slot, seed);
    slot
}

fn put_body(put: &mut Put<'_>, record: &JournalRecord) {
    match record {
        JournalRecord::Opened { dropped_records } => {
            put.u32(*dropped_records);
        }
        JournalRecord::Intent(intent) => put_order_intent(put, intent),
        JournalRecord::ModifyIntent(intent) => {
            put.command(intent.command).account(intent.account);
            put.u64(intent.original_no.get()).maybe_qty(intent.qty);
            put.kind(intent.kind)
                .order(intent.part_id)
                .u64(intent.fingerprint);
        }
        JournalRecord::CancelIntent(intent) => {
            put.command(intent.command).account(intent.account);
            put.u64(intent.original_no.get())
                .maybe_qty(intent.qty)
                .u64(intent.fingerprint);
        }
        JournalRecord::NotSent { command, cause } => {
            put.command(*command).code(*cause);
        }
        JournalRecord::Sent {
            command,
            action,
            attempt,
        } => {
            put.command(*command).code(*action).u32(*attempt);
        }
        JournalRecord::Acked {
            command,
            order_no,
            taken_at,
            inferred,
        } => {
            put.command(*command).u64(order_no.get());
            put.i64(taken_at.nanos()).bool(*inferred);
        }
        JournalRecord::Refused {
            command,
            reason,
            code,
            message,
        } => {
            put.command(*command).code(*reason);
            put.broker_code(*code).text(message);
        }
        JournalRecord::Unknown {
            command,
            cause,
            code,
        } => {
            put.command(*command).code(*cause).broker_code(*code);
        }
        JournalRecord::Absent {
            command,
            reads,
            waited_ms,
        } => {
            put.command(*command).u32(*reads).u64(*waited_ms);
        }
        JournalRecord::Unresolved {
            command,
            candidates,
        } => {
            put.command(*command).u32(candidates.total);
            for number in candidates.places() {
                put.u64(number.map_or(0, OrderNo::get));
            }
        }
        JournalRecord::FillTotal {
            order_no,
            qty,
            value,
            inferred,
        } => {
            put.u64(order_no.get())
                .u64(qty.get())
                .i64(value.units())
                .bool(*inferred);
        }
        JournalRecord::CancelTotal { order_no, qty } => {
            put.u64(order_no.get()).u64(qty.get());
        }
        JournalRecord::External {
            order_no,
            original_no,
            action,
            order,
        } => {
            put.u64(order_no.get())
                .u64(original_no.map_or(0, OrderNo::get))
                .code(*action);
            put_order_intent(put, order);
        }
        JournalRecord::Seen {
            order_no,
            original_no,
            action,
        } => {
            put.u64(order_no.get()).u64(original_no.get()).code(*action);
        }
        JournalRecord::Modified {
            order_no,
            original_no,
            qty,
            kind,
            part_id,
        } => {
            put.u64(order_no.get())
                .u64(original_no.get())
                .u64(qty.get());
            put.kind(*kind).bool(part_id.is_some());
            put.order(part_id.unwrap_or(ClientOrderId::AUTO));
        }
        JournalRecord::Closed { order_no } => {
            put.u64(order_no.get());
        }
        JournalRecord::Ended { order_no, status } => {
            put.u64(order_no.get()).code(*status);
        }
        JournalRecord::TradingState { state, reason } => {
            put.code(*state).text(reason);
        }
        JournalRecord::Counter { name, value } => {
            put.text(name).u64(*value);
        }
        JournalRecord::Note { text } => {
            put.text(text);
        }
    }
}

fn put_order_intent(put: &mut Put<'_>, intent: &OrderIntent) {
    put.order(intent.id).account(intent.account);
    put.bytes(symbol_bytes(intent.symbol));
    put.code(intent.venue)
        .code(intent.side)
        .code(intent.time_in_force);
    put.kind(intent.kind)
        .u64(intent.qty.get())
        .u64(intent.fingerprint)
        .u32(intent.ticket);
}

/// The entry of a slot whose checksum is right.
///
/// # Errors
/// Names the field that no journal of this version writes.
pub(super) fn decode(slot: &Slot) -> Result<Entry, Damage> {
    let mut take = Take::new(slot);
    let frame = Frame::take(&mut take)?;
    let record = take_body(&mut take, frame.kind)?;
    take.finish()?;
    Ok(Entry {
        seq: frame.seq,
        at: frame.at,
        record,
    })
}

// Fields of a struct literal are evaluated in the order in which they are written: the order of the bytes.
fn take_body(take: &mut Take<'_>, kind: u8) -> Result<JournalRecord, Damage> {
    Ok(match kind {
        kind::OPENED => JournalRecord::Opened {
            dropped_records: take.u32()?,
        },
        kind::INTENT => JournalRecord::Intent(take_order_intent(take)?),
        kind::MODIFY_INTENT => JournalRecord::ModifyIntent(ModifyIntent {
            command: take.command()?,
            account: take.account()?,
            original_no: take.order_no()?,
            qty: take.maybe_qty()?,
            kind: take.kind()?,
            part_id: take.order()?,
            fingerprint: take.u64()?,
        }),
        kind::CANCEL_INTENT => JournalRecord::CancelIntent(CancelIntent {
            command: take.command()?,
            account: take.account()?,
            original_no: take.order_no()?,
            qty: take.maybe_qty()?,
            fingerprint: take.u64()?,
        }),
        kind::NOT_SENT => JournalRecord::NotSent {
            command: take.command()?,
            cause: take.code("cause")?,
        },
        kind::SENT => JournalRecord::Sent {
            command: take.command()?,
            action: take.code("action")?,
            attempt: take.u32()?,
        },
        kind::ACKED => JournalRecord::Acked {
            command: take.command()?,
            order_no: take.order_no()?,
            taken_at: Timestamp::from_nanos(take.i64()?),
            inferred: take.bool("inferred")?,
        },
        kind::REFUSED => JournalRecord::Refused {
            command: take.command()?,
            reason: take.code("refusal reason")?,
            code: take.broker_code()?,
            message: take.text()?,
        },
        kind::UNKNOWN => JournalRecord::Unknown {
            command: take.command()?,
            cause: take.code("cause")?,
            code: take.broker_code()?,
        },
        kind::ABSENT => JournalRecord::Absent {
            command: take.command()?,
            reads: take.u32()?,
            waited_ms: take.u64()?,
        },
        kind::UNRESOLVED => JournalRecord::Unresolved {
            command: take.command()?,
            candidates: take_candidates(take)?,
        },
        kind::FILL_TOTAL => JournalRecord::FillTotal {
            order_no: take.order_no()?,
            qty: Qty::new(take.u64()?),
            value: Money::from_units(take.i64()?),
            inferred: take.bool("inferred")?,
        },
        kind::CANCEL_TOTAL => JournalRecord::CancelTotal {
            order_no: take.order_no()?,
            qty: Qty::new(take.u64()?),
        },
        kind::EXTERNAL => JournalRecord::External {
            order_no: take.order_no()?,
            original_no: OrderNo::new(take.u64()?),
            action: take.code("action")?,
            order: take_order_intent(take)?,
        },
        kind::SEEN => JournalRecord::Seen {
            order_no: take.order_no()?,
            original_no: take.order_no()?,
            action: take.code("action")?,
        },
        kind::MODIFIED => JournalRecord::Modified {
            order_no: take.order_no()?,
            original_no: take.order_no()?,
            qty: Qty::new(take.u64()?),
            kind: take.kind()?,
            part_id: take.maybe_order()?,
        },
        kind::CLOSED => JournalRecord::Closed {
            order_no: take.order_no()?,
        },
        kind::ENDED => JournalRecord::Ended {
            order_no: take.order_no()?,
            status: take.code("end status")?,
        },
        kind::TRADING_STATE => JournalRecord::TradingState {
            state: take.code("trading state")?,
            reason: take.text()?,
        },
        kind::COUNTER => JournalRecord::Counter {
            name: take.text()?,
            value: take.u64()?,
        },
        kind::NOTE => JournalRecord::Note { text: take.text()? },
        unknown => return Err(Damage::Kind(unknown)),
    })
}

fn take_order_intent(take: &mut Take<'_>) -> Result<OrderIntent, Damage> {
    let (id, account) = (take.order()?, take.account()?);
    let symbol = Symbol::from_ascii(&take.bytes::<{ Symbol::LEN }>()?);
    let (venue, side) = (take.code("venue")?, take.code("side")?);
    let time_in_force = take.code("time in force")?;
    Ok(OrderIntent {
        id,
        account,
        symbol: symbol.ok_or(Damage::Field("symbol"))?,
        venue,
        side,
        time_in_force,
        kind: take.kind()?,
        qty: Qty::new(take.u64()?),
        fingerprint: take.u64()?,
        ticket: take.u32()?,
    })
}

fn take_candidates(take: &mut Take<'_>) -> Result<Candidates, Damage> {
    let total = take.u32()?;
    let mut listed = [None; Candidates::LISTED_MAX];
    for place in &mut listed {
        *place = OrderNo::new(take.u64()?);
    }
    Candidates::from_parts(total, listed).ok_or(Damage::Field("candidates"))
}

fn symbol_bytes(symbol: Symbol) -> [u8; Symbol::LEN] {
    // A symbol has exactly that many bytes.
    symbol
        .as_str()
        .as_bytes()
        .first_chunk()
        .copied()
        .unwrap_or_default()
}

impl Put<'_> {
    fn code(&mut self, value: impl DiskCode) -> &mut Self {
        self.u8(value.code())
    }

    fn order(&mut self, id: ClientOrderId) -> &mut Self {
        self.u64(id.get())
    }

    fn command(&mut self, command: CommandId) -> &mut Self {
        self.order(command.order).u32(command.child)
    }

    fn account(&mut self, account: AccountMark) -> &mut Self {
        let tail = account.tail().as_bytes().first_chunk().copied();
        self.u16(account.index)
            .bytes::<{ AccountMark::TAIL_LEN }>(tail.unwrap_or_default())
    }

    fn maybe_qty(&mut self, qty: Option<Qty>) -> &mut Self {
        self.bool(qty.is_some()).u64(qty.unwrap_or_default().get())
    }

    fn maybe_price(&mut self, price: Option<Price>) -> &mut Self {
        self.i64(price.map_or(0, Price::units))
    }

    fn kind(&mut self, kind: OrderKind) -> &mut Self {
        let stop = if let OrderKind::StopLimit { stop, .. } = kind {
            Some(stop)
        } else {
            None
        };
        self.code(kind.order_type())
            .maybe_price(kind.limit_price())
            .maybe_price(stop)
    }

    fn broker_code(&mut self, code: BrokerCode) -> &mut Self {
        self.bytes(padded::<{ BrokerCode::LEN_MAX }>(code.as_str()))
    }

    fn text(&mut self, text: &JournalText) -> &mut Self {
        self.bytes(padded::<{ JournalText::LEN_MAX }>(text.as_str()))
    }
}

/// The text, then zeros.
fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    bytes
}

/// The text before the zeros; `None` where it is not UTF-8 or something follows the first zero.
fn unpadded(bytes: &[u8]) -> Option<&str> {
    let len = bytes
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(bytes.len());
    let (text, zeros) = bytes.split_at(len);
    zeros
        .iter()
        .all(|&byte| byte == 0)
        .then(|| str::from_utf8(text).ok())
        .flatten()
}

impl Take<'_> {
    fn code<T: DiskCode>(&mut self, field: &'static str) -> Result<T, Damage> {
        T::from_code(self.u8()?).ok_or(Damage::Field(field))
    }

    fn order(&mut self) -> Result<ClientOrderId, Damage> {
        self.u64().map(ClientOrderId::new)
    }

    fn maybe_order(&mut self) -> Result<Option<ClientOrderId>, Damage> {
        match (self.bool("order id")?, self.u64()?) {
            (true, id) => Ok(Some(ClientOrderId::new(id))),
            (false, 0) => Ok(None),
            (false, _) => Err(Damage::Field("order id")),
        }
    }

    fn command(&mut self) -> Result<CommandId, Damage> {
        Ok(CommandId {
            order: self.order()?,
            child: self.u32()?,
        })
    }

    fn account(&mut self) -> Result<AccountMark, Damage> {
        let index = self.u16()?;
        AccountMark::from_parts(index, self.bytes()?).ok_or(Damage::Field("account"))
    }

    fn order_no(&mut self) -> Result<OrderNo, Damage> {
        OrderNo::new(self.u64()?).ok_or(Damage::Field("order number"))
    }

    fn maybe_qty(&mut self) -> Result<Option<Qty>, Damage> {
        match (self.bool("quantity")?, self.u64()?) {
            (true, shares) => Ok(Some(Qty::new(shares))),
            (false, 0) => Ok(None),
            (false, _) => Err(Damage::Field("quantity")),
        }
    }

    fn maybe_price(&mut self) -> Result<Option<Price>, Damage> {
        match self.i64()? {
            0 => Ok(None),
            units => Price::from_units(units)
                .map(Some)
                .ok_or(Damage::Field("price")),
        }
    }

    fn kind(&mut self) -> Result<OrderKind, Damage> {
        let order_type = self.code("order type")?;
        let prices = (self.maybe_price()?, self.maybe_price()?);
        match (order_type, prices) {
            (OrderType::Limit, (Some(price), None)) => Ok(OrderKind::Limit { price }),
            (OrderType::ConditionalLimit, (Some(price), None)) => {
                Ok(OrderKind::ConditionalLimit { price })
            }
            (OrderType::StopLimit, (Some(price), Some(stop))) => {
                Ok(OrderKind::StopLimit { stop, price })
            }
            (OrderType::Market, (None, None)) => Ok(OrderKind::Market),
            (OrderType::BestLimit, (None, None)) => Ok(OrderKind::BestLimit),
            (OrderType::TopPriority, (None, None)) => Ok(OrderKind::TopPriority),
            (OrderType::MidPrice, (None, None)) => Ok(OrderKind::MidPrice),
            (OrderType::PreClose, (None, None)) => Ok(OrderKind::PreClose),
            (OrderType::PostClose, (None, None)) => Ok(OrderKind::PostClose),
            _ => Err(Damage::Field("order kind")),
        }
    }

    fn broker_code(&mut self) -> Result<BrokerCode, Damage> {
        let bytes = self.bytes::<{ BrokerCode::LEN_MAX }>()?;
        unpadded(&bytes)
            .and_then(|text| text.parse().ok())
            .ok_or(Damage::Field("broker code"))
    }

    fn text(&mut self) -> Result<JournalText, Damage> {
        let bytes = self.bytes::<{ JournalText::LEN_MAX }>()?;
        unpadded(&bytes)
            .map(|text| (text, JournalText::new(text)))
            .filter(|(text, kept)| kept.as_str() == *text)
            .map(|(_, kept)| kept)
            .ok_or(Damage::Field("text"))
    }
}

#[cfg(test)]
mod tests;
