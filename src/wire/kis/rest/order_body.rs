//! Bodies of order commands, written straight into a buffer that is used again.
//!
//! The values are numbers and codes that hold letters and digits only, so that nothing needs escaping and nothing can
//! fail. The bytes are those of [`OrderCashRequest`] and [`OrderRvsecnclRequest`] through serde, held equal by a property.

use std::fmt;

use super::super::codes::{Exchange, OrdDvsn, RvseCnclDvsn, SllType};
use super::order::{OrderCashRequest, OrderRvsecnclRequest};

/// At most `N` ASCII letters and digits; may be empty.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Code<N> {
    /// No letters at all.
    pub const EMPTY: Self = Self {
        bytes: [0; N],
        len: 0,
    };

    /// Checks a text. `None`: it is longer than `N`, or holds something else than ASCII letters and digits.
    pub fn new(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let mut code = Self::EMPTY;
        code.bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        code.len = text.len();
        Some(code)
    }

    /// The letters and digits.
    pub fn as_str(&self) -> &str {
        // ASCII is UTF-8, so the empty text never stands in for another.
        str::from_utf8(self.as_bytes()).unwrap_or("")
    }

    fn as_bytes(&self) -> &[u8] {
        // `new` is the only way in and keeps `len` within `N`.
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

/// Hidden, because one of these is an account number.
impl<const N: usize> fmt::Debug for Code<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Code({} of {N})", self.len)
    }
}

/// 계좌 (account): what KIS calls the first eight digits and the last two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderAccount {
    /// 종합계좌번호 (account number): eight digits.
    pub cano: Code<8>,
    /// 계좌상품코드 (account product code): two digits.
    pub acnt_prdt_cd: Code<2>,
}

/// A cash order; see [`OrderCashRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CashOrder {
    /// 계좌 (account).
    pub account: OrderAccount,
    /// 상품번호 (symbol).
    pub pdno: Code<12>,
    /// 주문구분 (order division).
    pub ord_dvsn: OrdDvsn,
    /// 주문수량 (quantity): shares.
    pub ord_qty: u64,
    /// 주문단가 (price): won a share; 0 for kinds without a price.
    pub ord_unpr: u64,
    /// 거래소ID구분코드 (venue).
    pub excg_id_dvsn_cd: Exchange,
    /// 매도유형 (kind of sale). `None`: empty, for purchases and ordinary sales.
    pub sll_type: Option<SllType>,
    /// 조건가격 (condition price): won a share, of stop limits. `None`: empty.
    pub cndt_pric: Option<u64>,
}

/// An amendment or cancellation; see [`OrderRvsecnclRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RvsecnclOrder {
    /// 계좌 (account).
    pub account: OrderAccount,
    /// 한국거래소전송주문조직번호 (branch that numbered the order); may be empty.
    pub krx_fwdg_ord_orgno: Code<5>,
    /// 원주문번호 (number of the order to change).
    pub orgn_odno: Code<10>,
    /// 주문구분 (order division).
    pub ord_dvsn: OrdDvsn,
    /// 정정취소구분코드 (amend or cancel).
    pub rvse_cncl_dvsn_cd: RvseCnclDvsn,
    /// 주문수량 (quantity): shares; of no matter when all that is left is meant.
    pub ord_qty: u64,
    /// 주문단가 (price): won a share; 0 in a cancellation.
    pub ord_unpr: u64,
    /// 잔량전부주문여부 (all that is left).
    pub qty_all_ord: bool,
    /// 조건가격 (condition price): won a share, of stop limits. `None`: empty.
    pub cndt_pric: Option<u64>,
    /// 거래소ID구분코드 (venue): that of the order.
    pub excg_id_dvsn_cd: Exchange,
}

/// More than any body here is long.
const BODY_LEN_MAX: usize = 384;

/// Writes the members of an object. Names and values hold nothing that JSON escapes.
macro_rules! object {
    ($body:ident, $first:literal: $first_value:expr, $($name:literal: $value:expr),* $(,)?) => {
        $body.extend_from_slice(concat!("{\"", $first, "\":\"").as_bytes());
        $first_value.put($body);
        $(
            $body.extend_from_slice(concat!("\",\"", $name, "\":\"").as_bytes());
            $value.put($body);
        )*
        $body.extend_from_slice(b"\"}");
    };
}

impl CashOrder {
    /// Appends the body. Nothing is allocated when `body` has room for it.
    pub fn write(&self, body: &mut Vec<u8>) {
        body.reserve(BODY_LEN_MAX);
        object!(body,
            "CANO": self.account.cano,
            "ACNT_PRDT_CD": self.account.acnt_prdt_cd,
            "PDNO": self.pdno,
            "ORD_DVSN": self.ord_dvsn.code(),
            "ORD_QTY": self.ord_qty,
            "ORD_UNPR": self.ord_unpr,
            "EXCG_ID_DVSN_CD": self.excg_id_dvsn_cd.code(),
            "SLL_TYPE": self.sll_type.map_or("", SllType::code),
            "CNDT_PRIC": self.cndt_pric,
        );
    }

    /// The same as a record.
    pub fn record(&self) -> OrderCashRequest<'_> {
        OrderCashRequest {
            cano: self.account.cano.as_str().into(),
            acnt_prdt_cd: self.account.acnt_prdt_cd.as_str().into(),
            pdno: self.pdno.as_str().into(),
            ord_dvsn: self.ord_dvsn.code().into(),
            ord_qty: self.ord_qty.to_string().into(),
            ord_unpr: self.ord_unpr.to_string().into(),
            excg_id_dvsn_cd: self.excg_id_dvsn_cd.code().into(),
            sll_type: self.sll_type.map_or("", SllType::code).into(),
            cndt_pric: decimal(self.cndt_pric).into(),
        }
    }
}

impl RvsecnclOrder {
    /// Appends the body. Nothing is allocated when `body` has room for it.
    pub fn write(&self, body: &mut Vec<u8>) {
        body.reserve(BODY_LEN_MAX);
        object!(body,
            "CANO": self.account.cano,
            "ACNT_PRDT_CD": self.account.acnt_prdt_cd,
            "KRX_FWDG_ORD_ORGNO": self.krx_fwdg_ord_orgno,
            "ORGN_ODNO": self.orgn_odno,
            "ORD_DVSN": self.ord_dvsn.code(),
            "RVSE_CNCL_DVSN_CD": self.rvse_cncl_dvsn_cd.code(),
            "ORD_QTY": self.ord_qty,
            "ORD_UNPR": self.ord_unpr,
            "QTY_ALL_ORD_YN": yes_no(self.qty_all_ord),
            "CNDT_PRIC": self.cndt_pric,
            "EXCG_ID_DVSN_CD": self.excg_id_dvsn_cd.code(),
        );
    }

    /// The same as a record.
    pub fn record(&self) -> OrderRvsecnclRequest<'_> {
        OrderRvsecnclRequest {
            cano: self.account.cano.as_str().into(),
            acnt_prdt_cd: self.account.acnt_prdt_cd.as_str().into(),
            krx_fwdg_ord_orgno: self.krx_fwdg_ord_orgno.as_str().into(),
            orgn_odno: self.orgn_odno.as_str().into(),
            ord_dvsn: self.ord_dvsn.code().into(),
            rvse_cncl_dvsn_cd: self.rvse_cncl_dvsn_cd.code().into(),
            ord_qty: self.ord_qty.to_string().into(),
            ord_unpr: self.ord_unpr.to_string().into(),
            qty_all_ord_yn: yes_no(self.qty_all_ord).into(),
            cndt_pric: decimal(self.cndt_pric).into(),
            excg_id_dvsn_cd: self.excg_id_dvsn_cd.code().into(),
        }
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "Y" } else { "N" }
}

fn decimal(value: Option<u64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// What is appended as it is.
trait Put {
    fn put(&self, body: &mut Vec<u8>);
}

impl Put for &str {
    #[inline]
    fn put(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(self.as_bytes());
    }
}

impl<const N: usize> Put for Code<N> {
    #[inline]
    fn put(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(self.as_bytes());
    }
}

impl Put for Option<u64> {
    #[inline]
    fn put(&self, body: &mut Vec<u8>) {
        if let Some(value) = self {
            value.put(body);
        }
    }
}

impl Put for u64 {
    #[inline]
    fn put(&self, body: &mut Vec<u8>) {
        // The largest has twenty digits.
        let mut digits = [b'0'; 20];
        let mut rest = *self;
        let mut used = 0;
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[usize::try_from(rest % 10).unwrap_or(0)];
            rest /= 10;
            used += 1;
            if rest == 0 {
                break;
            }
        }
        body.extend_from_slice(&digits[digits.len() - used..]);
    }
}

const DIGITS: [u8; 10] = *b"0123456789";

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn code<const N: usize>(least: usize) -> impl Strategy<Value = Code<N>> {
        proptest::string::string_regex(&format!("[0-9A-Za-z]{{{least},{N}}}"))
            .unwrap()
            .prop_map(|text| Code::new(&text).unwrap())
    }

    fn account() -> impl Strategy<Value = OrderAccount> {
        (code(8), code(2)).prop_map(|(cano, acnt_prdt_cd)| OrderAccount { cano, acnt_prdt_cd })
    }

    fn cash_order() -> impl Strategy<Value = CashOrder> {
        (
            account(),
            code(6),
            select(OrdDvsn::ALL),
            any::<u64>(),
            any::<u64>(),
            select(Exchange::ALL),
            option::of(select(SllType::ALL)),
            option::of(any::<u64>()),
        )
            .prop_map(
                |(
                    account,
                    pdno,
                    ord_dvsn,
                    ord_qty,
                    ord_unpr,
                    excg_id_dvsn_cd,
                    sll_type,
                    cndt_pric,
                )| CashOrder {
                    account,
                    pdno,
                    ord_dvsn,
                    ord_qty,
                    ord_unpr,
                    excg_id_dvsn_cd,
                    sll_type,
                    cndt_pric,
                },
            )
    }

    fn rvsecncl_order() -> impl Strategy<Value = RvsecnclOrder> {
        (
            account(),
            (code(0), code(1)),
            select(OrdDvsn::ALL),
            select(RvseCnclDvsn::ALL),
            (any::<u64>(), any::<u64>(), any::<bool>()),
            option::of(any::<u64>()),
            select(Exchange::ALL),
        )
            .prop_map(
                |(
                    account,
                    (krx_fwdg_ord_orgno, orgn_odno),
                    ord_dvsn,
                    rvse_cncl_dvsn_cd,
                    (ord_qty, ord_unpr, qty_all_ord),
                    cndt_pric,
                    excg_id_dvsn_cd,
                )| RvsecnclOrder {
                    account,
                    krx_fwdg_ord_orgno,
                    orgn_odno,
                    ord_dvsn,
                    rvse_cncl_dvsn_cd,
                    ord_qty,
                    ord_unpr,
                    qty_all_ord,
                    cndt_pric,
                    excg_id_dvsn_cd,
                },
            )
    }

    proptest! {
        #[test]
        fn cash_orders_have_the_bytes_that_serde_would_write(order in cash_order()) {
            let mut body = Vec::new();
            order.write(&mut body);
            prop_assert_eq!(&body, &serde_json::to_vec(&order.record()).unwrap());
            prop_assert!(body.len() <= BODY_LEN_MAX);
        }

        #[test]
        fn amendments_have_the_bytes_that_serde_would_write(order in rvsecncl_order()) {
            let mut body = Vec::new();
            order.write(&mut body);
            prop_assert_eq!(&body, &serde_json::to_vec(&order.record()).unwrap());
            prop_assert!(body.len() <= BODY_LEN_MAX);
        }
    }

    #[test]
    fn a_body_goes_behind_what_is_there() {
        let order = CashOrder {
            account: OrderAccount {
                cano: Code::new("12345678").unwrap(),
                acnt_prdt_cd: Code::new("01").unwrap(),
            },
            pdno: Code::new("005930").unwrap(),
            ord_dvsn: OrdDvsn::StopLimit,
            ord_qty: 10,
            ord_unpr: 66_000,
            excg_id_dvsn_cd: Exchange::Nxt,
            sll_type: Some(SllType::Ordinary),
            cndt_pric: Some(65_500),
        };
        let mut body = b"head".to_vec();
        order.write(&mut body);
        assert_eq!(
            str::from_utf8(&body).unwrap(),
            r#"head{"CANO":"12345678","ACNT_PRDT_CD":"01","PDNO":"005930","ORD_DVSN":"22","ORD_QTY":"10","#.to_owned()
                + r#""ORD_UNPR":"66000","EXCG_ID_DVSN_CD":"NXT","SLL_TYPE":"01","CNDT_PRIC":"65500"}"#
        );
    }

    #[test]
    fn a_code_holds_letters_and_digits_only() {
        assert_eq!(Code::<6>::new("0155E0").unwrap().as_str(), "0155E0");
        assert_eq!(Code::<6>::new("").unwrap(), Code::EMPTY);
        for text in ["0059301", "00\"930", "00\\930", "00 930", "삼성", "00\n930"] {
            assert_eq!(Code::<6>::new(text), None, "{text:?}");
        }
        assert!(!format!("{:?}", Code::<8>::new("12345678").unwrap()).contains("345"));
    }
}
