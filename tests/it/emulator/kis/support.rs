//! A small KIS client, and a server for it to talk to.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use gwanmun::AccountId;
use gwanmun::emulator::Listen;
use gwanmun::emulator::kis::{Client, Emulator, Settings};
use gwanmun::wire::kis::realtime::{Control, Message, NoticeKey, Splitter};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

pub(super) const QUOTES: &str = "/uapi/domestic-stock/v1/quotations/";
pub(super) const TRADING: &str = "/uapi/domestic-stock/v1/trading/";
pub(super) const SAMSUNG: &str = "005930";

/// Connections of an in-memory network.
pub(super) struct Lines(mpsc::Receiver<DuplexStream>);

impl Listen for Lines {
    type Io = DuplexStream;

    async fn accept(&mut self) -> io::Result<DuplexStream> {
        match self.0.recv().await {
            Some(io) => Ok(io),
            None => std::future::pending().await,
        }
    }
}

/// A server on an in-memory network, and a customer who is logged in.
pub(super) struct Server {
    pub(super) emulator: Emulator,
    dial: mpsc::Sender<DuplexStream>,
    pub(super) customer: Client,
    token: String,
}

/// A normal Tuesday morning, so that nothing depends on when the tests run.
pub(super) fn settings(paper: bool) -> Settings {
    let mut settings = match paper {
        true => Settings::paper(),
        false => Settings::real(),
    };
    settings.wall = Some("2026-11-24T10:00:00+09:00".parse().unwrap());
    settings.limits.requests_per_second = 1_000;
    settings.market.issues.retain(|issue| {
        let wanted = [SAMSUNG, "000660", "069500", "247540"];
        wanted.contains(&issue.symbol.as_str())
    });
    settings
}

/// A server without the market's own orders: only customers trade.
pub(super) fn quiet(paper: bool) -> Settings {
    let mut settings = settings(paper);
    settings.market.house = false;
    settings
}

impl Server {
    pub(super) async fn start(settings: Settings) -> Self {
        let mut server = Self::without_token(settings);
        let body = server.login();
        let answer = server.call("POST", "/oauth2/tokenP", &[], &body).await;
        server.token = answer.json()["access_token"].as_str().unwrap().to_owned();
        server
    }

    pub(super) async fn real() -> Self {
        Self::start(settings(false)).await
    }

    pub(super) async fn paper() -> Self {
        Self::start(settings(true)).await
    }

    pub(super) fn without_token(settings: Settings) -> Self {
        let customer = settings.clients[0].clone();
        let emulator = Emulator::new(settings).unwrap();
        let (dial, lines) = mpsc::channel(8);
        let served = emulator.clone();
        tokio::spawn(async move { served.serve(Lines(lines), std::future::pending()).await });
        Self {
            emulator,
            dial,
            customer,
            token: String::new(),
        }
    }

    pub(super) fn login(&self) -> Value {
        json!({
            "grant_type": "client_credentials",
            "appkey": &*self.customer.app_key,
            "appsecret": &*self.customer.app_secret,
        })
    }

    pub(super) const fn account(&self) -> AccountId {
        self.customer.account
    }

    pub(super) async fn dial(&self) -> DuplexStream {
        let (mine, theirs) = duplex(1 << 16);
        self.dial.send(theirs).await.unwrap();
        mine
    }

    /// One request on a connection of its own.
    pub(super) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let io = self.dial().await;
        let bytes = request(method, path, headers, body);
        Http::new(io).exchange(&bytes).await.unwrap()
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The headers of a logged-in call.
    pub(super) fn headers<'a>(
        &'a self,
        bearer: &'a str,
        tr_id: &'a str,
    ) -> Vec<(&'a str, &'a str)> {
        vec![
            ("authorization", bearer),
            ("appkey", &self.customer.app_key),
            ("appsecret", &self.customer.app_secret),
            ("tr_id", tr_id),
        ]
    }

    /// A query of the logged-in customer.
    pub(super) async fn get(&self, tr_id: &str, path: &str, query: &str) -> Answer {
        self.get_with(tr_id, path, query, &[]).await
    }

    pub(super) async fn get_with(
        &self,
        tr_id: &str,
        path: &str,
        query: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = self.headers(&bearer, tr_id);
        headers.extend_from_slice(more);
        let path = format!("{path}?{query}");
        self.call("GET", &path, &headers, &Value::Null).await
    }

    pub(super) async fn post(&self, tr_id: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = self.headers(&bearer, tr_id);
        self.call("POST", path, &headers, body).await
    }

    /// The bytes of a logged-in POST, for tests that write them by hand.
    pub(super) fn post_bytes(&self, tr_id: &str, path: &str, body: &Value) -> Vec<u8> {
        let bearer = format!("Bearer {}", self.token);
        request("POST", path, &self.headers(&bearer, tr_id), body)
    }

    pub(super) fn order(&self, division: &str, qty: &str, price: &str) -> Value {
        json!({
            "CANO": self.customer.cano(),
            "ACNT_PRDT_CD": self.customer.product(),
            "PDNO": SAMSUNG,
            "ORD_DVSN": division,
            "ORD_QTY": qty,
            "ORD_UNPR": price,
        })
    }

    /// Buys with the older TR id, as libraries do.
    pub(super) async fn buy(&self, division: &str, qty: u64, price: i64) -> Answer {
        let tr_id = if self.is_paper() {
            "VTTC0802U"
        } else {
            "TTTC0802U"
        };
        let order = self.order(division, &qty.to_string(), &price.to_string());
        self.post(tr_id, &format!("{TRADING}order-cash"), &order)
            .await
    }

    fn is_paper(&self) -> bool {
        self.customer.account.as_str().starts_with("50")
    }

    pub(super) fn change(&self, number: &str, class: &str, price: &str) -> Value {
        json!({
            "CANO": self.customer.cano(),
            "ACNT_PRDT_CD": self.customer.product(),
            "KRX_FWDG_ORD_ORGNO": "",
            "ORGN_ODNO": number,
            "ORD_DVSN": "00",
            "RVSE_CNCL_DVSN_CD": class,
            "ORD_QTY": "0",
            "ORD_UNPR": price,
            "QTY_ALL_ORD_YN": "Y",
        })
    }

    pub(super) async fn rvsecncl(&self, body: &Value) -> Answer {
        let tr_id = if self.is_paper() {
            "VTTC0013U"
        } else {
            "TTTC0013U"
        };
        self.post(tr_id, &format!("{TRADING}order-rvsecncl"), body)
            .await
    }

    pub(super) async fn cancel(&self, number: &str) -> Answer {
        self.rvsecncl(&self.change(number, "02", "0")).await
    }

    /// `CANO` and `ACNT_PRDT_CD` of a query.
    pub(super) fn own(&self) -> String {
        let (cano, product) = (self.customer.cano(), self.customer.product());
        format!("CANO={cano}&ACNT_PRDT_CD={product}")
    }

    /// The day's orders, one page.
    pub(super) async fn daily(&self, more: &str, headers: &[(&str, &str)]) -> Answer {
        let tr_id = if self.is_paper() {
            "VTTC0081R"
        } else {
            "TTTC0081R"
        };
        let query = format!(
            "{}&INQR_STRT_DT=20261124&INQR_END_DT=20261124&SLL_BUY_DVSN_CD=00&CCLD_DVSN=00&INQR_DVSN=00&{more}",
            self.own()
        );
        let path = format!("{TRADING}inquire-daily-ccld");
        self.get_with(tr_id, &path, &query, headers).await
    }

    /// A WebSocket, any path.
    pub(super) async fn stream(&self) -> Stream<DuplexStream> {
        Stream::open(self.dial().await).await
    }

    pub(super) async fn approval(&self) -> String {
        let body = json!({
            "grant_type": "client_credentials",
            "appkey": &*self.customer.app_key,
            "secretkey": &*self.customer.app_secret,
        });
        let answer = self.call("POST", "/oauth2/Approval", &[], &body).await;
        answer.json()["approval_key"].as_str().unwrap().to_owned()
    }
}

/// A request as a client writes it.
pub(super) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: kis\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = match body.is_null() {
        true => String::new(),
        false => body.to_string(),
    };
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(&body);
    text.into_bytes()
}

/// An HTTP connection.
pub(super) struct Http<Io>(Io);

impl<Io: AsyncRead + AsyncWrite + Unpin> Http<Io> {
    pub(super) const fn new(io: Io) -> Self {
        Self(io)
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Writes a request and reads its answer; `None` when the connection ends before that is whole.
    pub(super) async fn exchange(&mut self, bytes: &[u8]) -> Option<Answer> {
        self.send(bytes).await;
        self.receive().await
    }

    pub(super) async fn receive(&mut self) -> Option<Answer> {
        let mut read = Vec::new();
        loop {
            if let Some(answer) = Answer::parse(&read) {
                return Some(answer);
            }
            if self.0.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// Everything that comes until the other side ends the connection, or has been silent for so long.
    pub(super) async fn rest(&mut self, patience: Duration) -> Vec<u8> {
        let mut read = Vec::new();
        while let Ok(Ok(1..)) = timeout(patience, self.0.read_buf(&mut read)).await {}
        read
    }
}

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// As it came.
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    fn parse(read: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(read);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let len: usize = header(head, "Content-Length")?.parse().ok()?;
        (body.len() >= len).then(|| Self {
            status,
            head: head.to_owned(),
            body: body[..len].to_owned(),
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// `msg_cd`, or `error_code`.
    pub(super) fn code(&self) -> String {
        let json = self.json();
        let code = json.get("msg_cd").or_else(|| json.get("error_code"));
        code.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Status, `rt_cd` and `msg_cd`.
    pub(super) fn said(&self) -> (u16, String, String) {
        let rt_cd = self.json()["rt_cd"].as_str().unwrap_or_default().to_owned();
        (self.status, rt_cd, self.code())
    }

    /// The order number of a receipt.
    pub(super) fn number(&self) -> String {
        let json = self.json();
        let number = json["output"]["ODNO"].as_str();
        number
            .unwrap_or_else(|| panic!("no receipt: {}", self.body))
            .to_owned()
    }

    /// The rows of an output.
    pub(super) fn rows(&self, output: &str) -> Vec<Value> {
        self.json()[output].as_array().cloned().unwrap_or_default()
    }
}

/// A header in exactly that case.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n").skip(1);
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// A value of a JSON row.
pub(super) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {row}"))
}

/// A WebSocket session.
pub(super) struct Stream<Io> {
    pub(super) socket: WebSocketStream<Io>,
    keys: BTreeMap<String, NoticeKey>,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Stream<Io> {
    pub(super) async fn open(io: Io) -> Self {
        let (socket, _) = tokio_tungstenite::client_async("ws://kis/any/path", io)
            .await
            .unwrap();
        Self {
            socket,
            keys: BTreeMap::new(),
        }
    }

    pub(super) async fn send(&mut self, text: &str) {
        use futures::SinkExt;

        self.socket.send(Frame::text(text)).await.unwrap();
    }

    /// The next message; `None` when the session has ended.
    pub(super) async fn next(&mut self) -> Option<Frame> {
        use futures::StreamExt;

        self.socket.next().await?.ok()
    }

    /// The next text that is no PINGPONG; those are answered.
    pub(super) async fn text(&mut self) -> Option<String> {
        loop {
            match self.next().await? {
                // As a client must, or the session ends.
                Frame::Text(text) if text.contains("PINGPONG") => self.send(&text).await,
                Frame::Text(text) => return Some(text.as_str().to_owned()),
                Frame::Close(_) => return None,
                Frame::Binary(_) | Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
            }
        }
    }

    /// Registers, and returns the code of the answer; frames that come before it are skipped.
    pub(super) async fn register(&mut self, approval: &str, tr_id: &str, key: &str) -> String {
        self.send(&registration(approval, "1", tr_id, key)).await;
        self.answer().await
    }

    pub(super) async fn answer(&mut self) -> String {
        loop {
            let text = self.text().await.unwrap();
            if !text.starts_with('{') {
                continue;
            }
            let Control::Answer(answer) = Control::parse(text.as_bytes()).unwrap() else {
                unreachable!("heartbeats are skipped")
            };
            if let Some(key) = &answer.key {
                let tr_id = answer.tr_id.clone().into_owned();
                self.keys.insert(tr_id, key.notice_key().unwrap());
            }
            return answer.code.as_str().to_owned();
        }
    }

    /// The next frame of a feed: its records, each as its values.
    pub(super) async fn records(&mut self, tr_id: &str) -> Vec<Vec<String>> {
        loop {
            let text = self.text().await.unwrap();
            let parts: Vec<&str> = text.splitn(4, '|').collect();
            if parts.len() == 4 && parts[1] == tr_id {
                let values: Vec<String> = parts[3].split('^').map(str::to_owned).collect();
                let width = values.len() / parts[2].parse::<usize>().unwrap();
                return values.chunks(width).map(<[String]>::to_vec).collect();
            }
        }
    }

    /// The next notice, decrypted: `None` when it does not open with the subscription's key.
    pub(super) async fn notice(&mut self) -> Option<Vec<String>> {
        loop {
            let text = self.text().await.expect("the session ended");
            if !text.starts_with("1|") {
                continue;
            }
            return self.opened(&text);
        }
    }

    pub(super) fn opened(&self, text: &str) -> Option<Vec<String>> {
        let Ok(Message::Frame(frame)) = Message::parse(text.as_bytes()) else {
            panic!("not a frame: {text}")
        };
        let tr_id = text.split('|').nth(1).unwrap();
        let key = self.keys.get(tr_id).expect("the key of the subscription");
        let mut buffer = Vec::new();
        let opened = key.open(&frame, &mut buffer).ok()?;
        // What opens must be a notice to our own reader as well.
        Splitter::new().split(&opened).ok()?;
        let values = String::from_utf8_lossy(opened.payload()).into_owned();
        Some(values.split('^').map(str::to_owned).collect())
    }

    /// Whether nothing but heartbeats comes for that long.
    pub(super) async fn is_silent(&mut self, time: Duration) -> bool {
        timeout(time, self.text()).await.is_err()
    }
}

pub(super) fn registration(approval: &str, class: &str, tr_id: &str, key: &str) -> String {
    json!({
        "header": { "approval_key": approval, "custtype": "P", "tr_type": class, "content-type": "utf-8" },
        "body": { "input": { "tr_id": tr_id, "tr_key": key } },
    })
    .to_string()
}
