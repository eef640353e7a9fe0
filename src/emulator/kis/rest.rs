//! Requests in, answers out: who is let in, how much of it, and which call it is.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::CONTENT_TYPE;
use super::fault::{Fault, PageBody, Point, Target};
use super::keys::{self, ClientIndex};
use super::no::No;
use super::text;
use super::world::World;
use crate::domain::{Side, Timestamp};
use crate::emulator::http::{Answer, Request};
use crate::wire::kis::rest::auth::{
    APPROVAL_PATH, ApprovalAnswer, ApprovalRequest, HASHKEY_PATH, REVOKE_PATH, RevokeAnswer,
    RevokeRequest, TOKEN_PATH, TokenAnswer, TokenRequest,
};
use crate::wire::kis::tr::{Environment, Method, Tr};

/// An answer's body, and whether more pages follow.
#[derive(Debug)]
pub(super) struct Body {
    json: Vec<u8>,
    /// The header `tr_cont`: F and M are followed by a page, D and E are not.
    tr_cont: &'static str,
}

impl Body {
    pub(super) fn of(answer: &impl Serialize) -> Self {
        Self {
            // Strings and lists of strings always have a JSON form.
            json: serde_json::to_vec(answer).unwrap_or_default(),
            tr_cont: "",
        }
    }

    pub(super) fn followed(self, tr_cont: &'static str) -> Self {
        Self { tr_cont, ..self }
    }
}

/// An answer, and how it gets to the client.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) delivery: Delivery,
    /// What the answer's clock shows.
    pub(super) date: Timestamp,
}

/// How an answer gets to the client.
#[derive(Debug)]
pub(super) enum Delivery {
    Whole,
    /// Not at all; the connection ends.
    Close,
    /// Not at all; the connection stays.
    Never,
    Late(Duration),
    /// So many bytes of it; the connection ends.
    Cut(usize),
    /// With so many bytes less than it says.
    Short(usize),
    /// Followed by so many blanks, which its length counts.
    Padded(usize),
    /// In chunks without a last one.
    Endless,
    /// In place of this one, another's, if it comes in time.
    Swap(oneshot::Receiver<Answer>),
}

/// A request of `/uapi` whose sender is known.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) client: ClientIndex,
    pub(super) request: &'a Request,
}

impl Call<'_> {
    /// Whether a page after the first is asked for.
    pub(super) fn is_next_page(&self) -> bool {
        self.request.header("tr_cont") == Some("N")
    }
}

impl World {
    /// Answers a request, now.
    pub(super) fn respond(&mut self, request: &Request) -> Reply {
        self.advance();
        self.count(request);
        let target = self.target(request);
        let fault = self.faults.strike(Point::Request, target);
        let mut offset_ns = 0;
        match &fault {
            Some(Fault::ExpireToken) => {
                let now = self.wall();
                self.keys.expire(now);
            }
            Some(Fault::ClockOffset(seconds)) => {
                offset_ns = seconds.saturating_mul(1_000_000_000);
            }
            _ => {}
        }
        let acted = match &fault {
            Some(fault) if fault.replaces_acting() => None,
            _ => Some(self.act(request, fault.as_ref())),
        };
        let (answer, delivery) = self.deliver(acted, fault.as_ref());
        Reply {
            answer,
            delivery,
            date: self.floor.now().saturating_add_nanos(offset_ns),
        }
    }

    /// What a fault makes of an answer.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most faults strike elsewhere, or show in the answer itself"
    )]
    fn deliver(&mut self, acted: Option<Answer>, fault: Option<&Fault>) -> (Answer, Delivery) {
        let answer = acted.unwrap_or_else(|| page(503, PageBody::Empty));
        let Some(fault) = fault else {
            return self.exchanged(answer);
        };
        match fault {
            Fault::CloseUnread | Fault::CloseAfterActing => (answer, Delivery::Close),
            Fault::Swallow | Fault::NeverAnswer => (answer, Delivery::Never),
            Fault::AnswerLate(time) => (answer, Delivery::Late(*time)),
            Fault::CutAnswer(bytes) => (answer, Delivery::Cut(*bytes)),
            Fault::WrongLength(bytes) => (answer, Delivery::Short(*bytes)),
            Fault::EndlessChunks => (answer, Delivery::Endless),
            Fault::Page(status, body) | Fault::PageAfterActing(status, body) => {
                (page(*status, *body), Delivery::Whole)
            }
            Fault::Code(code) | Fault::CodeAfterActing(code) => (
                self.headed(No::of_code(code).answer(), None),
                Delivery::Whole,
            ),
            Fault::Redirect => {
                let mut answer = page(302, PageBody::Empty);
                answer.headers.push(("Location", "/elsewhere".into()));
                (answer, Delivery::Whole)
            }
            Fault::Huge(bytes) => (answer, Delivery::Padded(*bytes)),
            Fault::Gzip => {
                let mut answer = answer;
                answer.headers.push(("Content-Encoding", "gzip".into()));
                answer.body = b"\x1f\x8b\x08\x00not really compressed".to_vec();
                (answer, Delivery::Whole)
            }
            Fault::Deep(depth) => {
                let mut answer = answer;
                answer.body = vec![b'['; *depth];
                answer.body.resize(depth * 2, b']');
                (answer, Delivery::Whole)
            }
            Fault::Swap if self.swap.is_none() => {
                let (sender, receiver) = oneshot::channel();
                self.swap = Some((answer.clone(), sender));
                (answer, Delivery::Swap(receiver))
            }
            _ => self.exchanged(answer),
        }
    }

    /// Gives the answer to whoever waits for one in exchange, and takes theirs.
    fn exchanged(&mut self, answer: Answer) -> (Answer, Delivery) {
        match self.swap.take() {
            Some((theirs, waiting)) if !waiting.is_closed() => {
                let _ = waiting.send(answer);
                (theirs, Delivery::Whole)
            }
            Some(_) | None => (answer, Delivery::Whole),
        }
    }

    fn count(&mut self, request: &Request) {
        let mut name = format!("{} {}", request.method, request.path);
        if let Some(tr_id) = request.header("tr_id") {
            name.push(' ');
            name.push_str(tr_id);
        }
        *self.counts.requests.entry(name).or_default() += 1;
    }

    /// What kind of request it is, for faults.
    fn target(&self, request: &Request) -> Target {
        let tr = request
            .header("tr_id")
            .and_then(|id| Tr::from_id(id, self.environment()));
        match tr {
            _ if request.path.starts_with("/oauth2") || request.path == HASHKEY_PATH => {
                Target::Auth
            }
            Some(Tr::OrderCashBuy | Tr::OrderCashSell) => Target::NewOrders,
            Some(Tr::OrderRvsecncl) => Target::Changes,
            Some(Tr::InquireDailyCcld | Tr::InquireDailyCcldBefore | Tr::InquirePsblRvsecncl) => {
                Target::Lists
            }
            _ => Target::Queries,
        }
    }

    fn act(&mut self, request: &Request, fault: Option<&Fault>) -> Answer {
        let outcome = match (request.method.as_str(), request.path.as_str()) {
            ("POST", TOKEN_PATH) => self.token(&request.body),
            ("POST", REVOKE_PATH) => self.revoke(&request.body),
            ("POST", APPROVAL_PATH) => self.approval(&request.body),
            ("POST", HASHKEY_PATH) => self.hashkey(request),
            (_, path) if path.starts_with("/uapi/") => return self.uapi(request, fault),
            ("GET", path) => {
                return self.master(path).map_or_else(
                    || page(404, PageBody::Html),
                    |body| Answer {
                        status: 200,
                        headers: vec![("Content-Type", "application/zip".into())],
                        body,
                    },
                );
            }
            _ => return page(404, PageBody::Html),
        };
        match outcome {
            Ok(json) => self.headed(json_answer(json), None),
            Err(no) => self.headed(no.answer(), None),
        }
    }

    fn uapi(&mut self, request: &Request, fault: Option<&Fault>) -> Answer {
        let tr_id = request.header("tr_id").unwrap_or_default();
        match self.call(request, tr_id, fault) {
            Ok(body) => {
                let tr_cont = body.tr_cont;
                self.headed(json_answer(body.json), Some((tr_id, tr_cont)))
            }
            Err(no) => self.headed(no.answer(), Some((tr_id, ""))),
        }
    }

    /// The headers of KIS: the three of its own in lower case.
    fn headed(&mut self, mut answer: Answer, tr: Option<(&str, &'static str)>) -> Answer {
        if let Some((tr_id, tr_cont)) = tr {
            // Not in a head that is not ours: a client may send anything.
            let plain = |byte: u8| byte.is_ascii_alphanumeric();
            let tr_id = match tr_id.bytes().all(plain) {
                true => tr_id,
                false => "",
            };
            answer.headers.push(("tr_id", tr_id.to_owned()));
            answer.headers.push(("tr_cont", tr_cont.to_owned()));
            answer.headers.push(("gt_uid", self.keys.gt_uid()));
        }
        answer
    }

    fn call(&mut self, request: &Request, tr_id: &str, fault: Option<&Fault>) -> Result<Body, No> {
        let wall = self.wall();
        let client = self
            .keys
            .client(request.header("appkey"), request.header("appsecret"));
        let client = client.map_err(No::of_gateway)?;
        let most = self.settings.limits.requests_per_second;
        if !self.windows(client).requests.admit(most, wall) {
            return Err(No::over_rate());
        }
        self.keys.authenticate(request, wall)?;
        match request.header("custtype") {
            None | Some("" | "P") => {}
            Some("B") if self.settings.is_paper() => {
                return Err(No::gateway(
                    "EGW00210",
                    "법인고객은 모의투자를 이용할 수 없습니다.",
                ));
            }
            Some("B") => {}
            Some(_) => {
                return Err(No::gateway("EGW00208", "고객타입이 유효하지 않습니다."));
            }
        }
        if tr_id.is_empty() {
            return Err(No::gateway(
                "OPSQ9999",
                "JSON PARSING ERROR : tr_id not found",
            ));
        }
        let tr = self.tr(tr_id)?;
        let posted = request.method == "POST";
        if posted != (tr.method() == Method::Post) {
            return Err(No::gateway("EGW00101", "유효하지 않은 요청입니다."));
        }
        if tr.path().contains("/trading/")
            && let Some(most) = self.settings.limits.ledger_per_second
            && !self.windows(client).ledger.admit(most, wall)
        {
            return Err(No::gateway(
                "EGW00215",
                "초당 거래건수를 초과하였습니다.(원장)",
            ));
        }
        if posted {
            check_post(request)?;
        }
        let call = Call { client, request };
        match tr {
            Tr::OrderCashBuy => self.order_cash(client, Side::Buy, &request.body, fault),
            Tr::OrderCashSell => self.order_cash(client, Side::Sell, &request.body, fault),
            Tr::OrderRvsecncl => self.order_rvsecncl(client, &request.body, fault),
            Tr::InquirePsblRvsecncl => self.psbl_rvsecncl(&call),
            Tr::InquireDailyCcld | Tr::InquireDailyCcldBefore => self.daily_ccld(&call),
            Tr::InquireBalance => self.balance(&call),
            Tr::InquireBalanceRlzPl => self.balance_rlz_pl(&call),
            Tr::InquireAccountBalance => self.account_balance(&call),
            Tr::InquirePsblOrder => self.psbl_order(&call),
            Tr::InquirePsblSell => self.psbl_sell(&call),
            Tr::InquirePrice => self.price(&call),
            Tr::InquirePrice2 => self.price_2(&call),
            Tr::InquireAskingPriceExpCcn => self.asking_price(&call),
            Tr::InquireCcnl => self.ccnl(&call),
            Tr::InquireTimeItemconclusion => self.time_itemconclusion(&call),
            Tr::InquireDailyPrice => self.daily_price(&call),
            Tr::InquireDailyItemchartprice => self.daily_itemchartprice(&call),
            Tr::InquireTimeItemchartprice => self.time_itemchartprice(&call),
            Tr::InquireTimeDailychartprice => self.time_dailychartprice(&call),
            Tr::SearchStockInfo => self.search_stock_info(&call),
            Tr::SearchInfo => self.search_info(&call),
            Tr::ChkHoliday => self.chk_holiday(&call),
            Tr::InquireViStatus => self.vi_status(&call),
            Tr::IntstockMultprice => self.multprice(&call),
            // Credit, reserved orders, margin over currencies and profit over periods are not modelled: this customer
            // may not use them.
            Tr::OrderCreditBuy
            | Tr::OrderCreditSell
            | Tr::OrderResv
            | Tr::OrderResvCancel
            | Tr::OrderResvModify
            | Tr::OrderResvCcnl
            | Tr::InquireCreditPsamount
            | Tr::IntgrMargin
            | Tr::InquirePeriodProfit
            | Tr::InquirePeriodTradeProfit => Err(No::permission()),
        }
    }

    pub(super) fn environment(&self) -> Environment {
        match self.settings.is_paper() {
            true => Environment::Paper,
            false => Environment::Real,
        }
    }

    /// The call of an id on this server. The path does not matter: the id alone says what is done, as far as is known.
    fn tr(&self, tr_id: &str) -> Result<Tr, No> {
        let environment = self.environment();
        if let Some(tr) = Tr::from_id(tr_id, environment) {
            return Ok(tr);
        }
        let other = match environment {
            Environment::Real => Environment::Paper,
            Environment::Paper => Environment::Real,
        };
        Err(match (Tr::from_id(tr_id, other), environment) {
            (Some(_), Environment::Paper) => No::gateway("EGW02006", "모의투자 TR 이 아닙니다."),
            (Some(_), Environment::Real) => No::gateway("EGW02005", "실전투자 TR 이 아닙니다."),
            (None, _) => No::input("OPSQ0002", "없는 서비스 코드 입니다"),
        })
    }

    fn token(&mut self, body: &[u8]) -> Result<Vec<u8>, No> {
        let asked: TokenRequest<'_> = parse(body)?;
        check_grant(&asked.grant_type)?;
        let client = self
            .keys
            .client(Some(&asked.appkey), Some(&asked.appsecret))?;
        let now = self.wall();
        let issued = self.keys.issue(client, now)?;
        let ends = issued.ends.kst();
        let answer = TokenAnswer {
            access_token: issued.token.into(),
            access_token_token_expired: ends.strftime("%Y-%m-%d %H:%M:%S").to_string().into(),
            token_type: "Bearer".into(),
            expires_in: issued.seconds,
        };
        Ok(json(&answer))
    }

    fn revoke(&mut self, body: &[u8]) -> Result<Vec<u8>, No> {
        let asked: RevokeRequest<'_> = parse(body)?;
        let client = self
            .keys
            .client(Some(&asked.appkey), Some(&asked.appsecret))?;
        self.keys.revoke(client, &asked.token)?;
        // A number here, unlike everywhere else.
        let answer = RevokeAnswer {
            code: "200".into(),
            message: "접근토큰 폐기에 성공하였습니다".into(),
        };
        Ok(json(
            &serde_json::json!({ "code": 200, "message": &*answer.message }),
        ))
    }

    fn approval(&mut self, body: &[u8]) -> Result<Vec<u8>, No> {
        let asked: ApprovalRequest<'_> = parse(body)?;
        check_grant(&asked.grant_type)?;
        let client = self
            .keys
            .client(Some(&asked.appkey), Some(&asked.secretkey))?;
        let now = self.wall();
        let most = self.settings.limits.approvals_per_second;
        if !self.windows(client).approvals.admit(most, now) {
            return Err(No::over_rate());
        }
        let approval_key = self.keys.approve(client, now).into();
        Ok(json(&ApprovalAnswer { approval_key }))
    }

    fn hashkey(&self, request: &Request) -> Result<Vec<u8>, No> {
        let client = self
            .keys
            .client(request.header("appkey"), request.header("appsecret"));
        client.map_err(No::of_gateway)?;
        let body: Value = serde_json::from_slice(&request.body).map_err(|_| No::body())?;
        let hash = keys::hash_of(&body);
        Ok(json(&serde_json::json!({ "BODY": body, "HASH": hash })))
    }
}

/// What holds for every POST: JSON, and a hash that is right if there is one.
fn check_post(request: &Request) -> Result<(), No> {
    let content_type = request.header("content-type").unwrap_or("application/json");
    if !content_type.to_ascii_lowercase().contains("json") {
        return Err(No::gateway(
            "EGW00132",
            "Content-Type이 유효하지 않습니다.(application/json)",
        ));
    }
    let Some(hash) = request.header("hashkey").filter(|hash| !hash.is_empty()) else {
        return Ok(());
    };
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| No::body())?;
    match hash == keys::hash_of(&body) {
        true => Ok(()),
        false => Err(No::gateway("EGW00131", "유효하지 않은 hashkey 입니다.")),
    }
}

fn check_grant(grant_type: &str) -> Result<(), No> {
    match grant_type {
        "client_credentials" => Ok(()),
        "" => Err(No::oauth("EGW00115", "grant_type은 필수입니다.")),
        _ => Err(No::oauth("EGW00116", "지원하지 않는 grant_type 입니다.")),
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, No> {
    serde_json::from_slice(body).map_err(|_| No::oauth("EGW00101", "유효하지 않은 요청입니다."))
}

fn json(answer: &impl Serialize) -> Vec<u8> {
    Body::of(answer).json
}

fn json_answer(body: Vec<u8>) -> Answer {
    Answer {
        status: 200,
        headers: vec![("Content-Type", CONTENT_TYPE.into())],
        body,
    }
}

/// A page that is not the broker's.
fn page(status: u16, body: PageBody) -> Answer {
    const HUGE: usize = 10_000_000;
    let body = match body {
        PageBody::Empty => Vec::new(),
        PageBody::Html => {
            format!("<html><body><h1>{status}</h1><p>nginx</p></body></html>").into_bytes()
        }
        PageBody::Huge => vec![b'x'; HUGE],
    };
    Answer {
        status,
        headers: vec![("Content-Type", "text/html".into())],
        body,
    }
}

/// The code and words of an inquiry that went well: the ledger's on each server, and the quote server's.
pub(super) fn inquired(paper: bool) -> (&'static str, String) {
    match paper {
        false => ("KIOK0510", text::msg1("조회가 완료되었습니다")),
        true => ("20310000", text::msg1("모의투자 조회가 완료되었습니다.")),
    }
}

/// The quote server's word that all is well.
pub(super) fn quoted() -> (&'static str, String) {
    ("MCA00000", "정상처리 되었습니다.".to_owned())
}
