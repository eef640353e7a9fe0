//! 응답코드 (message codes) that are known, and what each proves.
//!
//! The list is open: KIS has codes that nobody has written down. What a code is called elsewhere says little; what counts
//! is what it proves about the request, because an order may be called refused only on proof. Families: EGW gateway and
//! tokens, IGW messages inside the gateway, OPSQ query server, OPSP stream, APBK and APTR ledger and orders, KIOK and KIER
//! inquiries of the ledger, MCA quotations, eight digits the paper ledger.

/// What a code proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Done; a code of success, or a remark beside it. `rt_cd` decides, not this.
    Success,
    /// Not done, and asking again changes nothing by itself.
    Refused,
    /// Not done, because what the command names has ended, is not there, or belongs to another venue. How it ended is a
    /// question for the list of orders.
    Gone,
    /// Not done, because too much was asked for; later it may be.
    RateLimited,
    /// Over the limit of the ledger, which is lower than that of the gateway and nowhere written down. Whether an order
    /// that gets this was done is not documented: an inquiry may be repeated later, an order is unknown.
    LedgerLimited,
    /// Not done, because the access token is not good. A new token is needed.
    Token,
    /// The server was in trouble. An inquiry may be repeated later; an order is unknown.
    Fault,
    /// By the broker's own words nobody knows: the transaction before must be looked at.
    Unknown,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// koreainvestment/kis-ai-extensions:shared/commands/kis-help.md and
    /// canduk910/auto_stock:docs/kis/error-codes.md, which agree.
    Help,
    /// canduk910/auto_stock:docs/kis/error-codes.md alone.
    List,
    /// An example of the portal.
    Portal,
    /// Answers that were recorded, in public repositories.
    Recorded,
    /// Answers of the paper server that were recorded.
    Paper,
    /// mgh3326/auto_trader:app/services/brokers/kis and its tests.
    AutoTrader,
    /// Soju06/python-kis:pykis/api/account/order.py.
    PythonKis,
    /// Several public clients, without a recording.
    Clients,
    /// A single source, or sources that do not agree.
    Weak,
}

/// A code that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The code.
    pub code: &'static str,
    /// The status of HTTP that it comes with. `None`: not known, or not of HTTP.
    pub status: Option<u16>,
    /// What it proves.
    pub meaning: Meaning,
    /// Who says so.
    pub source: Source,
    /// Whether the meaning is sure. What is not proves nothing about an order.
    pub is_confirmed: bool,
    /// What it means, in English.
    pub text: &'static str,
}

impl Message {
    /// The entry of a code. `None`: the code is not in the table, which proves nothing about what was asked.
    pub fn find(code: &str) -> Option<&'static Self> {
        let at = MESSAGES
            .binary_search_by(|message| message.code.cmp(code))
            .ok()?;
        MESSAGES.get(at)
    }

    /// Whether an order command that was answered with it, and without success, was certainly not carried out. This is
    /// the closed list of refusals.
    pub fn proves_refusal(&self) -> bool {
        self.is_confirmed
            && match self.meaning {
                Meaning::Refused | Meaning::Gone | Meaning::RateLimited | Meaning::Token => true,
                Meaning::Success | Meaning::LedgerLimited | Meaning::Fault | Meaning::Unknown => {
                    false
                }
            }
    }

    /// Whether an inquiry that was answered with it may be asked again after a pause.
    pub fn invites_repetition(&self) -> bool {
        match self.meaning {
            Meaning::RateLimited
            | Meaning::LedgerLimited
            | Meaning::Fault
            | Meaning::Unknown
            | Meaning::Token => true,
            Meaning::Success | Meaning::Refused | Meaning::Gone => false,
        }
    }
}

macro_rules! messages {
    (@sure !) => { true };
    (@sure ?) => { false };
    (@status 0) => { None };
    (@status $status:literal) => { Some($status) };
    ($( $code:literal $status:tt $meaning:ident $source:ident $sure:tt $text:literal, )*) => {
        /// All codes that are known, in their order. `!` marks a sure meaning, `?` an UNCONFIRMED one; 0 is no status.
        pub const MESSAGES: &[Message] = &[$( Message {
            code: $code,
            status: messages!(@status $status),
            meaning: Meaning::$meaning,
            source: Source::$source,
            is_confirmed: messages!(@sure $sure),
            text: $text,
        } ),*];
    };
}

messages! {
    "20310000" 200 Success       Paper      ! "paper: inquiry complete",
    "40030000" 200 Refused       Paper      ! "paper: price is not on the tick grid",
    "40070000" 200 Refused       Paper      ! "paper: symbol not tradable",
    "40100000" 200 Refused       Paper      ! "paper: not a business day",
    "40240000" 200 Refused       Paper      ! "paper: nothing to sell",
    "40250000" 200 Refused       Paper      ! "paper: more than the cash allows",
    "40270000" 200 Refused       Paper      ! "paper: price outside the daily limits",
    "40330000" 200 Gone          Paper      ! "paper: nothing left to amend or cancel",
    "40570000" 200 Refused       Paper      ! "paper: market not open yet",
    "40580000" 200 Refused       Paper      ! "paper: market closed",
    "40590000" 200 Success       Paper      ! "paper: sell order accepted",
    "40600000" 200 Success       Paper      ! "paper: buy order accepted",
    "40620000" 200 Success       Paper      ! "paper: modify accepted",
    "40630000" 200 Success       Paper      ! "paper: cancel accepted",
    "70070000" 200 Success       Paper      ! "paper: no rows; also sent although there are some",
    "APBK0013" 200 Success       Recorded   ! "order, amendment or cancellation passed on",
    "APBK0344" 200 Gone          Recorded   ! "no such original order: ended, or of another venue",
    "APBK0400" 200 Refused       AutoTrader ! "quantity exceeds orderable quantity",
    "APBK0656" 200 Refused       PythonKis  ! "no such symbol there",
    "APBK0918" 200 Refused       Recorded   ! "the market does not take this order now",
    "APBK0919" 200 Refused       Recorded   ! "not a trading day",
    "APBK0927" 200 Gone          Recorded   ! "nothing left to amend or cancel",
    "APBK0952" 200 Refused       Recorded   ! "more than the cash allows",
    "APBK0963" 200 Refused       Recorded   ! "order division not valid",
    "APBK0988" 200 Refused       Clients    ! "order quantity greater than available quantity",
    "APBK1234" 200 Refused       Weak       ? "not enough to sell, or wrong kind of order",
    "APBK1664" 200 Refused       Weak       ? "market closed for this symbol, or not enough cash",
    "APBK2995" 200 Refused       Weak       ? "market is not open",
    "APTR0057" 200 Refused       Weak       ? "price has too many decimals",
    "EGW00001" 500 Fault         Help       ! "temporary gateway error",
    "EGW00002" 500 Fault         Help       ! "server error",
    "EGW00003" 403 Refused       Help       ! "access denied",
    "EGW00004" 403 Refused       Help       ! "customer has no permission",
    "EGW00101" 0   Refused       Help       ! "invalid request",
    "EGW00102" 403 Refused       Help       ! "appkey missing",
    "EGW00103" 403 Refused       Help       ! "invalid appkey",
    "EGW00104" 403 Refused       Help       ! "appsecret missing",
    "EGW00105" 403 Refused       Help       ! "invalid appsecret",
    "EGW00106" 0   Refused       Help       ! "redirect_uri missing",
    "EGW00107" 0   Refused       Help       ! "invalid redirect_uri",
    "EGW00108" 0   Refused       Help       ! "invalid service class",
    "EGW00109" 0   Refused       Help       ! "scope missing",
    "EGW00110" 0   Refused       Help       ! "invalid scope",
    "EGW00111" 0   Refused       Help       ! "invalid state",
    "EGW00112" 0   Refused       Help       ! "invalid grant",
    "EGW00113" 0   Refused       Help       ! "response_type missing",
    "EGW00114" 0   Refused       Help       ! "unsupported response_type",
    "EGW00115" 0   Refused       Help       ! "grant_type missing",
    "EGW00116" 0   Refused       List       ! "unsupported grant_type",
    "EGW00117" 0   Refused       List       ! "unsupported token_type",
    "EGW00118" 0   Refused       List       ! "invalid code",
    "EGW00119" 0   Refused       List       ! "code not found",
    "EGW00120" 0   Refused       List       ! "expired code",
    "EGW00121" 500 Token         List       ! "token not valid",
    "EGW00122" 500 Token         List       ! "token not found: the header authorization is missing",
    "EGW00123" 500 Token         List       ! "token expired",
    "EGW00124" 0   Refused       List       ! "invalid session_key",
    "EGW00125" 0   Refused       List       ! "session_key not found",
    "EGW00126" 0   Refused       List       ! "expired session_key",
    "EGW00127" 0   Refused       List       ! "corpno missing",
    "EGW00128" 0   Refused       List       ! "acctno missing",
    "EGW00129" 0   Refused       List       ! "HTS id missing",
    "EGW00130" 0   Refused       Help       ! "invalid user",
    "EGW00131" 0   Refused       Help       ! "hash over the body not valid",
    "EGW00132" 0   Refused       Help       ! "invalid Content-Type",
    "EGW00133" 403 RateLimited   Recorded   ! "a token is issued once a minute at most",
    "EGW00201" 500 RateLimited   Help       ! "over the requests a second of the gateway",
    "EGW00202" 500 Fault         Help       ! "gateway routing error",
    "EGW00203" 500 Fault         Help       ! "OPS routing error",
    "EGW00204" 500 Fault         Help       ! "wrong gateway",
    "EGW00205" 0   Refused       Help       ! "kind of credentials not valid: Bearer is wanted",
    "EGW00206" 403 Refused       Help       ! "no permission for this call",
    "EGW00207" 0   Refused       Help       ! "missing or invalid IP address",
    "EGW00208" 0   Refused       Help       ! "invalid custtype",
    "EGW00209" 0   Refused       Help       ! "invalid seq_no",
    "EGW00210" 0   Refused       Help       ! "corporate customers cannot use paper trading",
    "EGW00211" 0   Refused       Help       ! "personalname required",
    "EGW00212" 0   Refused       Help       ! "personalphone required",
    "EGW00213" 0   Refused       Help       ! "name of the corporation missing; also a real TR on the paper server",
    "EGW00215" 500 LedgerLimited AutoTrader ! "over the requests a second of the account ledger",
    "EGW00300" 500 Fault         Help       ! "gateway routing error",
    "EGW00301" 500 Unknown       List       ! "connection timed out: look at the transaction before",
    "EGW00302" 500 Unknown       List       ! "transaction timed out: look at it",
    "EGW00303" 403 Refused       List       ! "IP not allowed for corporate customer",
    "EGW00304" 403 Refused       List       ! "personalSeckey/appsecret invalid",
    "EGW00316" 500 Fault         Clients    ! "error in an inquiry: ask again",
    "EGW00550" 0   Refused       Clients    ? "quotation of overseas futures without subscription",
    "EGW02005" 401 Refused       AutoTrader ! "not a call of this environment",
    "EGW02006" 500 Refused       AutoTrader ! "the TR does not exist on paper",
    "IGW00007" 500 Refused       Recorded   ! "the message could not be built: a field missing or of the wrong form",
    "IGW00009" 500 Unknown       Recorded   ! "the answer could not be built",
    "IGW00017" 0   Refused       Weak       ? "internal error of the gateway",
    "KIER2570" 200 Refused       AutoTrader ! "check inquiry date",
    "KIOK0000" 200 Success       Recorded   ! "normal",
    "KIOK0430" 200 Success       Portal     ! "processed normally",
    "KIOK0460" 200 Success       Recorded   ! "inquired, last page",
    "KIOK0500" 200 Success       Weak       ? "inquired, more pages follow",
    "KIOK0510" 200 Success       Recorded   ! "inquiry complete",
    "KIOK0560" 200 Success       Weak       ? "no rows to show",
    "MCA00000" 200 Success       Recorded   ! "normal",
    "MCA00001" 200 Refused       Weak       ? "failure, seen in made-up fixtures only",
    "MCA05918" 200 Refused       Portal     ! "no such symbol",
    "OPSP0000" 0   Success       Help       ! "subscribed",
    "OPSP0001" 0   Success       Help       ! "unsubscribed",
    "OPSP0002" 0   Success       Help       ! "subscribed already",
    "OPSP0003" 0   Gone          Help       ! "was not subscribed",
    "OPSP0007" 0   Fault         Help       ! "internal error of a subscription",
    "OPSP0008" 0   Refused       Help       ! "no room for another registration",
    "OPSP0009" 0   Fault         List       ! "MCI send failed",
    "OPSP0010" 0   Refused       List       ! "invalid appkey",
    "OPSP0011" 0   Refused       List       ! "invalid approval key",
    "OPSP8991" 0   Refused       List       ! "invalid tr_id",
    "OPSP8992" 0   Refused       Help       ! "invalid tr_key",
    "OPSP8993" 0   Refused       Help       ! "invalid tr_key",
    "OPSP8994" 0   Refused       Help       ! "personalseckey not found",
    "OPSP8995" 0   Refused       Help       ! "appsecret not found",
    "OPSP8996" 0   Refused       Help       ! "the app key has a session already",
    "OPSP8997" 0   Refused       Help       ! "invalid tr_type",
    "OPSP8998" 0   Refused       Help       ! "invalid custtype",
    "OPSP8999" 0   Fault         Help       ! "resource not available",
    "OPSP9990" 0   Refused       Help       ! "tr_key not found",
    "OPSP9991" 0   Refused       Help       ! "input not found",
    "OPSP9992" 0   Refused       Help       ! "body not found",
    "OPSP9993" 0   Fault         Help       ! "internal error",
    "OPSP9994" 0   Refused       Help       ! "app key not valid",
    "OPSP9995" 0   Fault         Help       ! "resource not available",
    "OPSP9996" 0   Refused       Help       ! "app key",
    "OPSP9997" 0   Refused       Help       ! "custtype not found",
    "OPSP9998" 0   Refused       Help       ! "header not found",
    "OPSP9999" 0   Refused       Help       ! "invalid json format",
    "OPSQ0001" 0   Fault         Help       ! "call pre-processing error",
    "OPSQ0002" 0   Refused       List       ! "no such TR in this environment",
    "OPSQ0003" 0   Fault         List       ! "call error",
    "OPSQ0004" 0   Fault         Help       ! "call post-processing error",
    "OPSQ0005" 0   Fault         Help       ! "call post-processing error",
    "OPSQ0006" 0   Fault         Help       ! "call post-processing error",
    "OPSQ0007" 0   Fault         Help       ! "post-processing: header set error",
    "OPSQ0008" 0   Fault         Help       ! "post-processing: MCI send error",
    "OPSQ0009" 0   Fault         Help       ! "post-processing: MCI receive error",
    "OPSQ0010" 0   Fault         Help       ! "result processing: out of resources",
    "OPSQ0011" 0   Fault         Help       ! "result processing: out of resources",
    "OPSQ1002" 0   Fault         Help       ! "session connection error / session full",
    "OPSQ2000" 0   Refused       Help       ! "account number not valid",
    "OPSQ2001" 0   Refused       Help       ! "market code, or another code, not valid",
    "OPSQ2002" 0   Refused       Help       ! "length of a field not valid",
    "OPSQ2003" 0   Fault         Help       ! "could not set MCI send data",
    "OPSQ3001" 0   Fault         Help       ! "could not add item to response",
    "OPSQ3002" 0   Fault         Help       ! "MCI send data length error",
    "OPSQ3004" 0   Fault         Help       ! "out string array allocation failed",
    "OPSQ9995" 0   Refused       Help       ! "json: body not found",
    "OPSQ9996" 0   Refused       Help       ! "json: header not found",
    "OPSQ9997" 0   Refused       Help       ! "json: invalid json format",
    "OPSQ9998" 0   Refused       Help       ! "json: seq_no not found",
    "OPSQ9999" 0   Refused       Help       ! "json: tr_id not found",
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_stand_in_order_and_once() {
        assert!(MESSAGES.is_sorted_by(|one, next| one.code < next.code));
        for message in MESSAGES {
            assert_eq!(Message::find(message.code), Some(message));
            assert!((1..=8).contains(&message.code.len()));
        }
    }

    #[test]
    fn only_proof_makes_a_refusal() {
        let proves = |code| Message::find(code).map(Message::proves_refusal);
        // The broker says that it did nothing.
        for code in [
            "APBK0918", "APBK0952", "40580000", "IGW00007", "EGW00123", "EGW00201", "APBK0927",
        ] {
            assert_eq!(proves(code), Some(true), "{code}");
        }
        // Timeouts, trouble of the server, and weak sources.
        for code in [
            "EGW00301", "EGW00302", "IGW00009", "EGW00001", "EGW00002", "EGW00202", "EGW00203",
            "EGW00204", "EGW00300", "EGW00215", "OPSQ1002", "APBK1664", "APBK1234", "APBK0013",
            "IGW00017",
        ] {
            assert_eq!(proves(code), Some(false), "{code}");
        }
        assert_eq!(proves("APBK9999"), None);
    }

    #[test]
    fn inquiries_are_repeated_after_trouble_only() {
        let repeats = |code| Message::find(code).map(Message::invites_repetition);
        assert_eq!(repeats("EGW00201"), Some(true));
        assert_eq!(repeats("EGW00316"), Some(true));
        assert_eq!(repeats("OPSQ2001"), Some(false));
        assert_eq!(repeats("KIOK0510"), Some(false));
    }

    proptest! {
        #[test]
        fn a_code_that_is_not_in_the_table_is_not_found(code in "[A-Z]{3,4}[0-9]{4,5}") {
            let known = MESSAGES.iter().any(|message| message.code == code);
            prop_assert_eq!(Message::find(&code).is_some(), known);
        }
    }
}
