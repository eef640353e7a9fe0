//! How KIS says no.

use super::text::msg1;
use crate::domain::RefusalReason;
use crate::emulator::http::Answer;

/// A refusal, in the form that it goes out in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct No {
    status: u16,
    form: Form,
    code: Box<str>,
    words: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `error_code` and `error_description`.
    OAuth,
    /// `rt_cd`, `msg_cd` and `msg1`.
    Envelope(&'static str),
}

impl No {
    /// The token server's: HTTP 403 in its own envelope.
    pub(super) fn oauth(code: &str, words: &str) -> Self {
        Self::of(403, Form::OAuth, code, words)
    }

    /// The gateway's: HTTP 500 with `rt_cd` 1.
    pub(super) fn gateway(code: &str, words: &str) -> Self {
        Self::of(500, Form::Envelope("1"), code, words)
    }

    /// The query server's: HTTP 200 with `rt_cd` 1.
    pub(super) fn input(code: &str, words: &str) -> Self {
        Self::of(200, Form::Envelope("1"), code, words)
    }

    /// What the token server says, said by the gateway: HTTP 403 in the usual envelope.
    pub(super) fn of_gateway(self) -> Self {
        Self {
            form: Form::Envelope("1"),
            ..self
        }
    }

    /// A message that cannot be built of a body (IGW00007).
    pub(super) fn body() -> Self {
        Self::gateway("IGW00007", "MCA 전문바디 구성 중 오류가 발생하였습니다.")
    }

    /// More requests than a second takes (EGW00201).
    pub(super) fn over_rate() -> Self {
        Self::gateway("EGW00201", "초당 거래건수를 초과하였습니다.")
    }

    /// The account is not the app key's (OPSQ2000).
    pub(super) fn account() -> Self {
        Self::input("OPSQ2000", "ERROR : INPUT INVALID_CHECK_ACNO")
    }

    /// A parameter that is not on its list (OPSQ2001).
    pub(super) fn parameter(name: &str) -> Self {
        Self::input("OPSQ2001", &format!("ERROR : INPUT INVALID_CHECK_{name}"))
    }

    /// An API that this customer may not use: what the emulator does not model.
    pub(super) fn permission() -> Self {
        Self::of(
            403,
            Form::Envelope("1"),
            "EGW00206",
            "API 사용 권한이 없습니다.",
        )
    }

    /// The ledger's word on an order.
    pub(super) fn order(reason: OrderNo, paper: bool) -> Self {
        let (rt_cd, code, words) = reason.words(paper);
        Self::of(200, Form::Envelope(rt_cd), code, words)
    }

    fn of(status: u16, form: Form, code: &str, words: &str) -> Self {
        Self {
            status,
            form,
            code: code.into(),
            words: words.into(),
        }
    }

    /// A code with words of its own, for faults.
    pub(super) fn of_code(code: &str) -> Self {
        let words = match code {
            "EGW00201" => "초당 거래건수를 초과하였습니다.",
            "EGW00123" => "기간이 만료된 token 입니다.",
            "EGW00301" | "EGW00302" => "거래시간이 초과되었습니다. 직전 거래를 반드시 확인하세요.",
            _ => "처리중 오류가 발생하였습니다.",
        };
        Self::gateway(code, words)
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// The answer's status and body.
    pub(super) fn answer(&self) -> Answer {
        let body = match self.form {
            Form::OAuth => serde_json::json!({
                "error_description": &*self.words,
                "error_code": &*self.code,
            }),
            Form::Envelope(rt_cd) => serde_json::json!({
                "rt_cd": rt_cd,
                "msg_cd": &*self.code,
                "msg1": msg1(&self.words),
            }),
        };
        Answer {
            status: self.status,
            headers: vec![("Content-Type", super::CONTENT_TYPE.into())],
            body: body.to_string().into_bytes(),
        }
    }
}

/// Why the ledger takes no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OrderNo {
    Tick,
    Band,
    Quantity,
    Symbol,
    Cash,
    Shares,
    Kind,
    Closed,
    Holiday,
    NoQuote,
    NotFound,
    NothingLeft,
    NoChange,
}

impl OrderNo {
    /// What the exchange's reason is to KIS.
    pub(super) const fn of(reason: RefusalReason) -> Self {
        match reason {
            RefusalReason::Tick => Self::Tick,
            RefusalReason::PriceBand => Self::Band,
            RefusalReason::Quantity
            | RefusalReason::Lot
            | RefusalReason::ExceedsRemaining
            | RefusalReason::Capacity => Self::Quantity,
            RefusalReason::UnknownSymbol | RefusalReason::Halted => Self::Symbol,
            RefusalReason::InsufficientCash => Self::Cash,
            RefusalReason::InsufficientShares => Self::Shares,
            RefusalReason::OrderType => Self::Kind,
            RefusalReason::MarketClosed => Self::Closed,
            RefusalReason::NoQuote => Self::NoQuote,
            RefusalReason::UnknownOrder | RefusalReason::UnknownAccount => Self::NotFound,
            RefusalReason::NoChange => Self::NoChange,
            RefusalReason::DuplicateId
            | RefusalReason::RateLimited
            | RefusalReason::Authentication
            | RefusalReason::Other => Self::Kind,
        }
    }

    /// `rt_cd`, `msg_cd` and words: codes recorded from KIS where there are any. The real ledger's codes for ticks, limits,
    /// missing quotes and modifications that change nothing were never recorded; APBK1664 ("cannot be ordered", seen with
    /// several meanings) stands for them. UNCONFIRMED.
    const fn words(self, paper: bool) -> (&'static str, &'static str, &'static str) {
        match (self, paper) {
            (Self::Tick, false) => ("7", "APBK1664", "호가단위 오류로 주문이 불가합니다."),
            (Self::Tick, true) => (
                "1",
                "40030000",
                "모의투자 주문처리가 안되었습니다(호가단위 오류)",
            ),
            (Self::Band, false) => ("7", "APBK1664", "상하한가 오류로 주문이 불가합니다."),
            (Self::Band, true) => (
                "1",
                "40270000",
                "모의투자 주문처리가 안되었습니다(상/하한가 오류)",
            ),
            (Self::Quantity, false) => ("1", "APBK0400", "주문 가능한 수량을 초과했습니다."),
            (Self::Quantity | Self::Shares, true) => {
                ("1", "40240000", "모의투자 잔고내역이 없습니다.")
            }
            (Self::Symbol, false) => ("1", "APBK0656", "해당종목정보가 없습니다."),
            (Self::Symbol | Self::Kind, true) => {
                ("1", "40070000", "모의투자 매매불가 종목(주문) 입니다.")
            }
            (Self::Cash, false) => ("7", "APBK0952", "주문가능금액을 초과 했습니다."),
            (Self::Cash, true) => ("1", "40250000", "모의투자 주문가능금액이 부족합니다."),
            (Self::Shares, false) => ("1", "APBK0400", "주문 가능한 수량을 초과했습니다."),
            (Self::Kind, false) => ("7", "APBK0963", "주문구분코드 오류입니다."),
            (Self::Closed, false) => ("1", "APBK0918", "장운영시간이 아닙니다.(주문불가)"),
            (Self::Closed | Self::NoQuote, true) => ("1", "40580000", "모의투자 장종료 입니다."),
            (Self::Holiday, false) => ("1", "APBK0919", "장운영일자가 주문일과 상이합니다"),
            (Self::Holiday, true) => ("1", "40100000", "모의투자 영업일이 아닙니다."),
            (Self::NoQuote, false) => ("7", "APBK1664", "호가가 없어 주문이 불가합니다."),
            (Self::NotFound, false) => ("7", "APBK0344", "원주문정보가 존재하지 않습니다."),
            (Self::NothingLeft, false) => ("7", "APBK0927", "정정취소 가능수량이 없습니다."),
            (Self::NotFound | Self::NothingLeft | Self::NoChange, true) => {
                ("1", "40330000", "모의투자 정정/취소할 수량이 없습니다.")
            }
            (Self::NoChange, false) => ("7", "APBK1664", "정정할 내용이 없습니다."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_codes() {
        let code = |reason, paper| No::order(reason, paper).code().to_owned();
        for (reason, real, paper) in [
            (OrderNo::Tick, "APBK1664", "40030000"),
            (OrderNo::Cash, "APBK0952", "40250000"),
            (OrderNo::Shares, "APBK0400", "40240000"),
            (OrderNo::Closed, "APBK0918", "40580000"),
            (OrderNo::Holiday, "APBK0919", "40100000"),
            (OrderNo::NothingLeft, "APBK0927", "40330000"),
        ] {
            assert_eq!(
                (code(reason, false), code(reason, true)),
                (real.into(), paper.into())
            );
        }
    }

    #[test]
    fn every_code_is_one_that_kis_refuses_with() {
        use crate::wire::kis::messages::{Meaning, Message};

        let ledger = [
            OrderNo::Tick,
            OrderNo::Band,
            OrderNo::Quantity,
            OrderNo::Symbol,
            OrderNo::Cash,
            OrderNo::Shares,
            OrderNo::Kind,
            OrderNo::Closed,
            OrderNo::Holiday,
            OrderNo::NoQuote,
            OrderNo::NotFound,
            OrderNo::NothingLeft,
            OrderNo::NoChange,
        ];
        let both = ledger
            .into_iter()
            .flat_map(|reason| [No::order(reason, false), No::order(reason, true)]);
        let gateway = [No::body(), No::over_rate(), No::account(), No::permission()];
        for no in both.chain(gateway) {
            let known = Message::find(no.code()).map(|known| known.meaning);
            let refuses = matches!(
                known,
                Some(Meaning::Refused | Meaning::Gone | Meaning::RateLimited)
            );
            assert!(refuses, "{}: {known:?}", no.code());
        }
    }

    #[test]
    fn each_server_has_its_envelope() {
        let body = |no: No| String::from_utf8(no.answer().body).unwrap();
        let token = No::oauth("EGW00133", "x");
        assert_eq!(token.answer().status, 403);
        assert_eq!(
            body(token),
            r#"{"error_code":"EGW00133","error_description":"x"}"#
        );
        let ledger = No::order(OrderNo::NothingLeft, false);
        assert_eq!(ledger.answer().status, 200);
        assert!(body(ledger).contains(r#""rt_cd":"7""#));
        let gateway = No::over_rate();
        assert_eq!(gateway.answer().status, 500);
        assert!(body(gateway).contains(r#""msg_cd":"EGW00201""#));
    }
}
