//! Execution notices: what they say, value by value, and whole records both ways.

use std::borrow::Cow;

use super::codes::{
    Code, CommandCode, ConditionCode, ExchangeCode, NoticeKind, RefusedCode, SideCode, StageCode,
    YesNo,
};
use super::digits;
use super::encode::Writer;
use super::feed::Feed;
use super::field::Field;
use super::notice_field::NoticeField;
use super::record::{FieldError, FieldFault, NoticeRecord, TimeOfDay};

/// Where the tail begins, which differs by layout.
const TAIL: usize = NoticeField::ALL.len();
/// Values of a notice since 2025, real server.
const WIDE: usize = 26;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeNews {
    /// Shares changed hands: those of this execution alone, not of the order so far.
    Execution {
        /// Shares.
        qty: u64,
        /// Won.
        price: i64,
    },
    /// A command was received, confirmed, or cancelled by its own condition. Nothing changed hands.
    Receipt {
        /// The command.
        command: CommandCode,
        /// How far it has come.
        stage: StageCode,
        /// The shares of the order, which KIS puts in the place of executed shares.
        qty: u64,
        /// The price of the order in won, 0 for none; it stands in the place of the execution's price.
        price: i64,
    },
    /// A command was refused.
    Refusal {
        /// The command.
        command: CommandCode,
        /// The shares of the command.
        qty: u64,
    },
    /// Codes that contradict each other or are unknown: the order list has to be read.
    Unclear,
}

impl<'f> NoticeRecord<'f> {
    /// The customer's HTS id, which is the key of the subscription.
    pub fn customer(&self) -> Cow<'f, str> {
        self.lossy(NoticeField::CUST_ID.index())
    }

    /// The account: digits, ten in every capture. Notices of all accounts of a customer arrive.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn account(&self) -> Result<&'f str, FieldError> {
        let account = self.key(NoticeField::ACNT_NO)?;
        match account.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(account),
            false => Err(self.error(NoticeField::ACNT_NO, FieldFault::NotANumber)),
        }
    }

    /// The number of the order; KIS pads it to ten digits.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn order_no(&self) -> Result<u64, FieldError> {
        self.unsigned(NoticeField::ODER_NO)
    }

    /// The number of the order that is modified or cancelled; `None` for new orders.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn original_no(&self) -> Result<Option<u64>, FieldError> {
        let number = self.optional(NoticeField::OODER_NO, Self::unsigned)?;
        Ok(number.filter(|number| *number != 0))
    }

    /// The side of the order.
    ///
    /// # Errors
    /// When it is no code.
    #[inline]
    pub fn side(&self) -> Result<SideCode, FieldError> {
        self.code(NoticeField::SELN_BYOV_CLS).map(SideCode::from)
    }

    /// The command: new, modify or cancel.
    ///
    /// # Errors
    /// When it is no code.
    #[inline]
    pub fn command(&self) -> Result<CommandCode, FieldError> {
        self.code(NoticeField::RCTF_CLS).map(CommandCode::from)
    }

    /// The code.
    ///
    /// # Errors
    /// When it is empty or not printable ASCII.
    #[inline]
    pub fn symbol(&self) -> Result<&'f str, FieldError> {
        self.key(NoticeField::STCK_SHRN_ISCD)
    }

    /// The time, KST.
    ///
    /// # Errors
    /// When it is not a time of day.
    #[inline]
    pub fn notice_time(&self) -> Result<TimeOfDay, FieldError> {
        self.time(NoticeField::STCK_CNTG_HOUR)
    }

    /// The shares of the order; `None` when the value is empty.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn order_qty(&self) -> Result<Option<u64>, FieldError> {
        self.optional(NoticeField::ODER_QTY, Self::unsigned)
    }

    /// What the notice is about.
    ///
    /// # Errors
    /// When a code or number is none.
    pub fn news(&self) -> Result<NoticeNews, FieldError> {
        use NoticeField as F;
        let kind = NoticeKind::from(self.code(F::CNTG_YN)?);
        let refused = RefusedCode::from(self.code(F::RFUS_YN)?);
        let stage = StageCode::from(self.code(F::ACPT_YN)?);
        let command = self.command()?;
        Ok(match (kind, refused, stage) {
            (NoticeKind::Execution, RefusedCode::No, _) => NoticeNews::Execution {
                qty: self.unsigned(F::CNTG_QTY)?,
                price: self.won(F::CNTG_UNPR)?,
            },
            (NoticeKind::Receipt, RefusedCode::Yes, _) => NoticeNews::Refusal {
                command,
                qty: self.optional(F::CNTG_QTY, Self::unsigned)?.unwrap_or(0),
            },
            (
                NoticeKind::Receipt,
                RefusedCode::No,
                StageCode::Received | StageCode::Confirmed | StageCode::Cancelled,
            ) => NoticeNews::Receipt {
                command,
                stage,
                qty: self.unsigned(F::CNTG_QTY)?,
                price: self.optional(F::CNTG_UNPR, Self::won)?.unwrap_or(0),
            },
            (NoticeKind::Execution | NoticeKind::Receipt | NoticeKind::Other(_), _, _) => {
                NoticeNews::Unclear
            }
        })
    }

    /// The values behind those that all layouts share.
    ///
    /// # Errors
    /// When a code or number is none.
    pub fn tail(&self) -> Result<NoticeTail<'f>, FieldError> {
        match self.width() {
            WIDE.. => self.wide_tail(),
            _ => self.narrow_tail(),
        }
    }

    /// 26 values: each in its own place.
    fn wide_tail(&self) -> Result<NoticeTail<'f>, FieldError> {
        Ok(NoticeTail {
            condition_price: self.optional_won(TAIL, "ORD_COND_PRC")?,
            exchange: self.code_at(TAIL + 1, "ORD_EXG_GB")?.into(),
            popup: self.code_at(TAIL + 2, "POPUP_YN")?.into(),
            credit: self.code_at(TAIL + 4, "CRDT_CLS")?,
            loan_date: self.code_at(TAIL + 5, "CRDT_LOAN_DATE")?,
            name: self.lossy(TAIL + 6),
            order_price: self.optional_won(TAIL + 7, "ODER_PRC")?,
        })
    }

    /// 23 values: the first of them is four in one, or in the documentation of 2023 a name.
    fn narrow_tail(&self) -> Result<NoticeTail<'f>, FieldError> {
        let packed = Packed::read(self.raw_at(TAIL).unwrap_or_default()).unwrap_or_default();
        Ok(NoticeTail {
            condition_price: packed.condition_price,
            exchange: packed.exchange,
            popup: packed.popup,
            credit: self.code_at(TAIL + 1, "CRDT_CLS")?,
            loan_date: self.code_at(TAIL + 2, "CRDT_LOAN_DATE")?,
            name: self.lossy(TAIL + 3),
            order_price: self.optional_won(TAIL + 4, "ODER_PRC")?,
        })
    }

    fn optional_won(&self, index: usize, name: &'static str) -> Result<Option<i64>, FieldError> {
        match self.raw_at(index) {
            None | Some([]) => Ok(None),
            Some(_) => self.number_at(index, name, digits::signed).map(Some),
        }
    }

    /// A name: whatever is not UTF-8 becomes a replacement mark, because nothing is decided by it.
    fn lossy(&self, index: usize) -> Cow<'f, str> {
        String::from_utf8_lossy(self.raw_at(index).unwrap_or_default())
    }
}

/// The values of a notice whose places differ by layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeTail<'f> {
    /// The price at which a stop order becomes one, won.
    pub condition_price: Option<i64>,
    /// The exchange.
    pub exchange: ExchangeCode,
    /// Whether the broker's own program shows the execution.
    pub popup: YesNo,
    /// 신용구분 (credit): `10` cash.
    pub credit: Code,
    /// `YYYYMMDD`, mostly empty.
    pub loan_date: Code,
    /// The name.
    pub name: Cow<'f, str>,
    /// The price of the order in won; empty in receipts.
    pub order_price: Option<i64>,
}

/// What narrow notices hold in one value: ORD_COND_PRC (9 characters), ORD_EXG_GB, POPUP_YN, FILLER (3), the blanks around
/// them taken off. Only `1Y` has been captured; the rest of the reading is UNCONFIRMED and has this one home.
#[derive(Debug)]
struct Packed {
    condition_price: Option<i64>,
    exchange: ExchangeCode,
    popup: YesNo,
}

impl Default for Packed {
    fn default() -> Self {
        Self {
            condition_price: None,
            exchange: ExchangeCode::Other(Code::EMPTY),
            popup: YesNo::Other(Code::EMPTY),
        }
    }
}

impl Packed {
    fn read(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        let popup = text.iter().position(|byte| matches!(byte, b'Y' | b'N'))?;
        let before = text.get(..popup)?;
        let (exchange, price) = before.split_last()?;
        let condition_price = match price {
            [] => None,
            price => Some(digits::signed(price, 0, price.len()).ok()?),
        };
        Some(Self {
            condition_price,
            exchange: Code::read(&[*exchange]).ok()?.into(),
            popup: Code::read(text.get(popup..=popup)?).ok()?.into(),
        })
    }
}

/// All values of a notice, as they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice<'a> {
    /// The customer's HTS id.
    pub customer: Cow<'a, str>,
    /// The account, ten digits.
    pub account: &'a str,
    /// The number of the order.
    pub order_no: u64,
    /// The number of the order that is modified or cancelled.
    pub original_no: Option<u64>,
    /// The side.
    pub side: SideCode,
    /// The command.
    pub command: CommandCode,
    /// 주문종류 (order division): `00` limit, `01` market, as in ORD_DVSN.
    pub division: Code,
    /// The condition.
    pub condition: ConditionCode,
    /// The code.
    pub symbol: &'a str,
    /// Shares of the execution; in a receipt those of the order.
    pub qty: u64,
    /// The price of the execution in won; in a receipt that of the order.
    pub price: i64,
    /// The time, KST.
    pub time: TimeOfDay,
    /// Whether the command was refused.
    pub refused: RefusedCode,
    /// Receipt or execution.
    pub kind: NoticeKind,
    /// How far the command has come.
    pub stage: StageCode,
    /// 지점번호 (branch).
    pub branch: Code,
    /// Shares of the order.
    pub order_qty: u64,
    /// 계좌명 (name of the account's owner).
    pub account_name: Cow<'a, str>,
    /// What stands behind.
    pub tail: NoticeTail<'a>,
}

impl<'a> Notice<'a> {
    /// Reads all values of a record.
    ///
    /// # Errors
    /// When one of them is not what its field holds.
    pub fn read(record: &NoticeRecord<'a>) -> Result<Self, FieldError> {
        use NoticeField as F;
        Ok(Self {
            customer: record.customer(),
            account: record.account()?,
            order_no: record.order_no()?,
            original_no: record.original_no()?,
            side: record.side()?,
            command: record.command()?,
            division: record.code(F::ODER_KIND)?,
            condition: record.code(F::ODER_COND)?.into(),
            symbol: record.symbol()?,
            qty: record.unsigned(F::CNTG_QTY)?,
            price: record.won(F::CNTG_UNPR)?,
            time: record.notice_time()?,
            refused: record.code(F::RFUS_YN)?.into(),
            kind: record.code(F::CNTG_YN)?.into(),
            stage: record.code(F::ACPT_YN)?.into(),
            branch: record.code(F::BRNC_NO)?,
            order_qty: record.unsigned(F::ODER_QTY)?,
            account_name: record.lossy(F::ACNT_NAME.index()),
            tail: record.tail()?,
        })
    }

    pub(super) fn write_to(&self, feed: Feed, width: usize, to: &mut Writer<'_>) {
        to.text(&self.customer);
        to.text(self.account);
        to.padded(self.order_no, 10);
        to.optional(self.original_no, |to, number| to.padded(number, 10));
        to.text(self.side.as_str());
        to.text(self.command.as_str());
        to.code(self.division);
        to.text(self.condition.as_str());
        to.text(self.symbol);
        to.padded(self.qty, 10);
        write_won(self.price, to);
        to.time(self.time);
        to.text(self.refused.as_str());
        to.text(self.kind.as_str());
        to.text(self.stage.as_str());
        to.code(self.branch);
        to.padded(self.order_qty, 9);
        to.text(&self.account_name);
        self.write_orders_exchange(feed, width, to);
        to.code(self.tail.credit);
        to.code(self.tail.loan_date);
        to.text(&self.tail.name);
        to.optional(self.tail.order_price, |to, price| write_won(price, to));
    }

    fn write_orders_exchange(&self, feed: Feed, width: usize, to: &mut Writer<'_>) {
        let tail = &self.tail;
        if width >= WIDE {
            to.optional(tail.condition_price, |to, price| write_won(price, to));
            to.text(tail.exchange.as_str());
            to.text(tail.popup.as_str());
            to.nothing();
        } else if feed == Feed::Notice {
            // The documentation of 2023 has the name here as well.
            to.text(&tail.name);
        } else {
            let price = tail
                .condition_price
                .map_or_else(String::new, |price| format!("{price:09}"));
            to.text(&format!("{price}{}{}", tail.exchange, tail.popup));
        }
    }
}

/// Nine digits.
fn write_won(won: i64, to: &mut Writer<'_>) {
    to.padded(won.unsigned_abs(), 9);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_value_is_read_from_its_end() {
        let packed = Packed::read(b"1Y").expect("the captured form");
        assert_eq!(packed.condition_price, None);
        assert_eq!(packed.exchange, ExchangeCode::Krx);
        assert_eq!(packed.popup, YesNo::Yes);
        let packed = Packed::read(b" 0000152003N  ").expect("the documented form");
        assert_eq!(packed.condition_price, Some(15_200));
        assert_eq!(packed.exchange, ExchangeCode::SorKrx);
        assert_eq!(packed.popup, YesNo::No);
        for text in ["", "Y", "하림", "KODEX200", "  ", "x1Y"] {
            assert!(Packed::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
