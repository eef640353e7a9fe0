//! Codes of frames: short texts of lists that may grow.

use std::fmt;

use super::record::FieldFault;

/// A short text as it was sent: printable ASCII, up to eight characters, perhaps none.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    bytes: [u8; Self::LEN_MAX],
    len: u8,
}

impl Code {
    /// The longest code. KIS has none above six.
    pub const LEN_MAX: usize = 8;
    /// No code.
    pub const EMPTY: Self = Self {
        bytes: [0; Self::LEN_MAX],
        len: 0,
    };

    /// The code of a text; `None` when it is too long or not printable ASCII.
    pub fn new(text: &str) -> Option<Self> {
        Self::read(text.as_bytes()).ok()
    }

    #[inline]
    pub(super) fn read(text: &[u8]) -> Result<Self, FieldFault> {
        let mut code = Self::EMPTY;
        if text.len() > Self::LEN_MAX {
            return Err(FieldFault::TooLong);
        }
        for (room, byte) in code.bytes.iter_mut().zip(text) {
            if !matches!(byte, b' '..=b'~') {
                return Err(FieldFault::NotAscii);
            }
            *room = *byte;
            code.len += 1;
        }
        Ok(code)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let text = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        // Never taken: only ASCII is stored.
        str::from_utf8(text).unwrap_or_default()
    }

    /// The code of a text that is known to be one.
    pub(super) const fn known(text: &str) -> Self {
        let mut code = Self::EMPTY;
        let text = text.as_bytes();
        assert!(text.len() <= Self::LEN_MAX, "a code of a list is short");
        while (code.len as usize) < text.len() {
            code.bytes[code.len as usize] = text[code.len as usize];
            code.len += 1;
        }
        code
    }

    /// Its bytes as one number: no printable text has a zero, so that different codes have different numbers.
    #[inline]
    pub(super) const fn number(self) -> u64 {
        u64::from_le_bytes(self.bytes)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Defines a list of codes; what is not on it is kept as it was sent.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $list:ident {
            $( $(#[$vmeta:meta])* $code:ident = $text:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list {
            $( $(#[$vmeta])* $code, )+
            /// A code that is not on the list, or none.
            Other(Code),
        }

        impl $list {
            /// The code as it is sent.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$code => $text, )+
                    Self::Other(code) => code.as_str(),
                }
            }
        }

        impl From<Code> for $list {
            #[inline]
            #[expect(non_upper_case_globals, reason = "constants named after the codes")]
            fn from(code: Code) -> Self {
                $( const $code: u64 = $crate::wire::kis::realtime::Code::known($text).number(); )+
                match code.number() {
                    $( $code => Self::$code, )+
                    _ => Self::Other(code),
                }
            }
        }

        impl std::fmt::Display for $list {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(super) use codes;

codes! {
    /// 전일대비부호 (sign of a change against the close before).
    pub enum SignCode {
        /// At the upper limit.
        UpperLimit = "1",
        /// Up.
        Up = "2",
        /// Unchanged.
        Unchanged = "3",
        /// At the lower limit.
        LowerLimit = "4",
        /// Down.
        Down = "5",
    }
}

impl SignCode {
    /// Up, unchanged or down.
    pub const fn of_change(change: i64) -> Self {
        match change {
            1.. => Self::Up,
            0 => Self::Unchanged,
            ..0 => Self::Down,
        }
    }
}

codes! {
    /// 체결구분 (which side took the liquidity).
    pub enum TakerCode {
        /// 매수: the buyer.
        Buyer = "1",
        /// 장전: before the open, nobody.
        PreOpen = "3",
        /// 매도: the seller.
        Seller = "5",
    }
}

codes! {
    /// 시간구분코드 (session class): whether a price is of a trade or expected.
    pub enum HourClass {
        /// 장중: in session.
        Session = "0",
        /// 장후예상: expected, closing auction.
        AfterExpected = "A",
        /// 장전예상: expected, opening auction.
        BeforeExpected = "B",
        /// 9시이후의 예상가, VI발동: expected, call auction after a volatility interruption.
        AuctionExpected = "C",
        /// 시간외단일가예상: expected, single price after hours.
        OvertimeExpected = "D",
    }
}

codes! {
    /// 시장구분 (session of a record): of frames since 2026-09-14, according to two public clients.
    pub enum MarketClass {
        /// Before the open.
        Before = "1",
        /// Regular session.
        Regular = "2",
        /// After the close.
        After = "3",
        /// Closing price after hours.
        ClosingPrice = "5",
    }
}

codes! {
    /// 매도매수구분 (side of an order).
    pub enum SideCode {
        /// 매도.
        Sell = "01",
        /// 매수.
        Buy = "02",
    }
}

codes! {
    /// 정정구분 (the command that a notice is about).
    pub enum CommandCode {
        /// 정상: a new order.
        New = "0",
        /// 정정: modify.
        Modify = "1",
        /// 취소: cancel.
        Cancel = "2",
    }
}

codes! {
    /// 주문조건 (condition of an order).
    pub enum ConditionCode {
        /// 없음: none.
        None = "0",
        /// Fill what is there and cancel the rest.
        Ioc = "1",
        /// All or nothing.
        Fok = "2",
    }
}

codes! {
    /// 거부여부 (whether a command was refused).
    pub enum RefusedCode {
        /// 승인: it was not.
        No = "0",
        /// 거부: it was.
        Yes = "1",
    }
}

codes! {
    /// 체결여부 (what kind a notice is).
    pub enum NoticeKind {
        /// 주문, 정정, 취소, 거부: receipt of an order, modify or cancel, or its refusal. Nothing was executed.
        Receipt = "1",
        /// 체결: an execution.
        Execution = "2",
    }
}

codes! {
    /// 접수여부 (how far a command has come).
    pub enum StageCode {
        /// 주문접수: received.
        Received = "1",
        /// 확인: confirmed.
        Confirmed = "2",
        /// 취소(FOK/IOC): what was not filled at once was cancelled.
        Cancelled = "3",
    }
}

codes! {
    /// 주문거래소구분 (exchange of an order).
    pub enum ExchangeCode {
        /// KRX.
        Krx = "1",
        /// NXT.
        Nxt = "2",
        /// Routed to KRX by the broker.
        SorKrx = "3",
        /// Routed to NXT by the broker.
        SorNxt = "4",
    }
}

codes! {
    /// Y or N.
    pub enum YesNo {
        /// Y.
        Yes = "Y",
        /// N.
        No = "N",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_outside_the_list_is_kept() {
        let code = |text| SideCode::from(Code::new(text).expect("a code"));
        assert_eq!(code("01"), SideCode::Sell);
        assert_eq!(code("03").as_str(), "03");
        assert!(matches!(code("1"), SideCode::Other(_)));
        assert!(matches!(code(""), SideCode::Other(code) if code.is_empty()));
    }

    #[test]
    fn a_code_is_short_and_printable() {
        assert_eq!(Code::read(b"123456789"), Err(FieldFault::TooLong));
        assert_eq!(Code::read(b"\n"), Err(FieldFault::NotAscii));
        assert_eq!(Code::new("매도"), None);
        assert_eq!(Code::new(" 1"), Code::read(b" 1").ok());
    }
}
