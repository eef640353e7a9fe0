//! App keys, access tokens, approval keys and hash keys.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::no::No;
use super::settings::{Client, Limits, Settings};
use crate::domain::Timestamp;
use crate::emulator::http::Request;

/// The place of a customer in the settings.
pub(super) type ClientIndex = usize;

/// What was handed out to whom.
#[derive(Debug)]
pub(super) struct Keys {
    clients: Vec<Client>,
    /// By client: the token that is handed out again, when it was issued, and when somebody last asked.
    current: Vec<Option<Issue>>,
    /// Every token that may still be good.
    tokens: BTreeMap<String, Token>,
    approvals: BTreeMap<String, (ClientIndex, Timestamp)>,
    limits: Limits,
    random: ChaCha8Rng,
}

#[derive(Clone, Debug)]
struct Issue {
    token: String,
    issued: Timestamp,
    asked: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    client: ClientIndex,
    ends: Timestamp,
}

/// A token as it is handed out.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) token: String,
    pub(super) ends: Timestamp,
    pub(super) seconds: u64,
}

impl Keys {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            clients: settings.clients.clone(),
            current: vec![None; settings.clients.len()],
            tokens: BTreeMap::new(),
            approvals: BTreeMap::new(),
            limits: settings.limits,
            random: ChaCha8Rng::seed_from_u64(settings.seed),
        }
    }

    /// Who an app key and its secret belong to.
    pub(super) fn client(
        &self,
        app_key: Option<&str>,
        app_secret: Option<&str>,
    ) -> Result<ClientIndex, No> {
        let key = app_key.filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| No::oauth("EGW00102", "AppKey는 필수입니다."))?;
        let secret = app_secret.filter(|secret| !secret.is_empty());
        let secret = secret.ok_or_else(|| No::oauth("EGW00104", "AppSecret은 필수입니다."))?;
        let index = self
            .clients
            .iter()
            .position(|client| *client.app_key == *key)
            .ok_or_else(|| No::oauth("EGW00103", "유효하지 않은 AppKey입니다."))?;
        if *self.clients[index].app_secret != *secret {
            return Err(No::oauth("EGW00105", "유효하지 않은 AppSecret입니다."));
        }
        Ok(index)
    }

    /// Issues a token, or the last one again.
    pub(super) fn issue(&mut self, client: ClientIndex, now: Timestamp) -> Result<Issued, No> {
        let since = |then: Timestamp| {
            Duration::from_nanos(u64::try_from(now.nanos_since(then)).unwrap_or(0))
        };
        if let Some(issue) = &mut self.current[client] {
            if since(issue.asked) < self.limits.token_interval {
                return Err(No::oauth(
                    "EGW00133",
                    "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)",
                ));
            }
            let live = self.tokens.get(&issue.token);
            if let Some(token) = live.filter(|token| token.ends > now)
                && since(issue.issued) < self.limits.token_repeats
            {
                issue.asked = now;
                return Ok(issued(issue.token.clone(), token.ends, now));
            }
        }
        let life = i64::try_from(self.limits.token_life.as_nanos()).unwrap_or(i64::MAX);
        let ends = now.saturating_add_nanos(life);
        let token = self.new_token();
        self.tokens.retain(|_, token| token.ends > now);
        self.tokens.insert(token.clone(), Token { client, ends });
        self.current[client] = Some(Issue {
            token: token.clone(),
            issued: now,
            asked: now,
        });
        Ok(issued(token, ends, now))
    }

    /// Takes a token back.
    pub(super) fn revoke(&mut self, client: ClientIndex, token: &str) -> Result<(), No> {
        let known = self.tokens.get(token);
        if known.is_none_or(|known| known.client != client) {
            return Err(No::oauth("EGW00121", "유효하지 않은 token 입니다."));
        }
        self.tokens.remove(token);
        // A revoked token is not handed out again; the interval between issues stays.
        Ok(())
    }

    /// Ends every token now: they are known, and expired.
    pub(super) fn expire(&mut self, now: Timestamp) {
        for token in self.tokens.values_mut() {
            token.ends = token.ends.min(now);
        }
    }

    /// Forgets when tokens were issued, so that the next one is new and comes at once.
    pub(super) fn forget_issues(&mut self) {
        self.current.fill(None);
    }

    /// Who sent a request: by token and app key.
    pub(super) fn authenticate(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<ClientIndex, No> {
        let client = self
            .client(request.header("appkey"), request.header("appsecret"))
            .map_err(No::of_gateway)?;
        let bearer = request.header("authorization").unwrap_or_default();
        if bearer.is_empty() {
            return Err(No::gateway("EGW00122", "token이 없습니다."));
        }
        let token = bearer
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| {
                No::gateway("EGW00205", "credentials_type이 유효하지 않습니다.(Bearer)")
            })?;
        match self.tokens.get(token) {
            Some(known) if known.client == client && known.ends > now => Ok(client),
            Some(known) if known.client == client => {
                Err(No::gateway("EGW00123", "기간이 만료된 token 입니다."))
            }
            _ => Err(No::gateway("EGW00121", "유효하지 않은 token 입니다.")),
        }
    }

    /// A new approval key. Every one that was issued stays good for its life.
    pub(super) fn approve(&mut self, client: ClientIndex, now: Timestamp) -> String {
        let life = i64::try_from(self.limits.token_life.as_nanos()).unwrap_or(i64::MAX);
        let (a, b) = (self.random.next_u64(), self.random.next_u64());
        let key = format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xffff,
            b >> 48,
            b & 0xffff_ffff_ffff
        );
        self.approvals.retain(|_, (_, ends)| *ends > now);
        let ends = now.saturating_add_nanos(life);
        self.approvals.insert(key.clone(), (client, ends));
        key
    }

    /// Who an approval key was issued to.
    pub(super) fn approved(&self, key: &str, now: Timestamp) -> Option<ClientIndex> {
        let (client, ends) = self.approvals.get(key)?;
        (*ends > now).then_some(*client)
    }

    /// A key and an initial vector for a stream session: 32 and 16 letters and digits.
    pub(super) fn cipher(&mut self) -> ([u8; 32], [u8; 16]) {
        let mut letter = || {
            *b"abcdefghijklmnopqrstuvwxyz012345"
                .get(usize::from(self.random.random::<u8>() & 31))
                .unwrap_or(&b'a')
        };
        (
            std::array::from_fn(|_| letter()),
            std::array::from_fn(|_| letter()),
        )
    }

    /// The id of an answer: `gt_uid`.
    pub(super) fn gt_uid(&mut self) -> String {
        format!(
            "{:016x}{:016x}",
            self.random.next_u64(),
            self.random.next_u64()
        )
    }

    /// In the form of a JSON web token, and 350 characters at most, as KIS's are.
    fn new_token(&mut self) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut part = |len: usize| -> String {
            (0..len)
                .map(|_| char::from(ALPHABET[usize::from(self.random.random::<u8>() & 63)]))
                .collect()
        };
        format!(
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.{}.{}",
            part(180),
            part(86)
        )
    }
}

fn issued(token: String, ends: Timestamp, now: Timestamp) -> Issued {
    const NANOS_PER_SECOND: i64 = 1_000_000_000;
    Issued {
        token,
        ends,
        seconds: u64::try_from(ends.nanos_since(now) / NANOS_PER_SECOND).unwrap_or(0),
    }
}

/// The hash that KIS makes of an order body. The body is hashed as data, not as text: clients write it twice and may put
/// spaces elsewhere. KIS's own recipe is not known.
pub(super) fn hash_of(body: &serde_json::Value) -> String {
    let digest = Sha256::digest(body.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A limit of so many in any second.
#[derive(Debug, Default)]
pub(super) struct Window {
    taken: VecDeque<Timestamp>,
}

impl Window {
    /// Whether one more is taken now; if so it is counted.
    pub(super) fn admit(&mut self, most: u32, now: Timestamp) -> bool {
        const SECOND_NS: i64 = 1_000_000_000;
        while let Some(&first) = self.taken.front()
            && now.nanos_since(first) >= SECOND_NS
        {
            self.taken.pop_front();
        }
        let room = u32::try_from(self.taken.len()).is_ok_and(|taken| taken < most);
        if room {
            self.taken.push_back(now);
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(1_790_000_000_000_000_000 + seconds * 1_000_000_000)
    }

    #[test]
    fn one_token_a_minute_the_same_for_six_hours_and_then_another() {
        let mut keys = Keys::new(&Settings::real());
        let first = keys.issue(0, at(0)).unwrap();
        assert_eq!(first.seconds, 86_400);
        assert_eq!(keys.issue(0, at(59)).unwrap_err().code(), "EGW00133");
        let again = keys.issue(0, at(61)).unwrap();
        assert_eq!((&again.token, again.seconds), (&first.token, 86_339));
        let late = keys.issue(0, at(6 * 3600 + 1)).unwrap();
        assert_ne!(late.token, first.token);
        assert!(late.token.len() <= 350);
    }

    #[test]
    fn an_expired_token_is_replaced_before_the_six_hours_are_over() {
        let mut keys = Keys::new(&Settings::real());
        let first = keys.issue(0, at(0)).unwrap();
        keys.expire(at(10));
        assert_ne!(keys.issue(0, at(70)).unwrap().token, first.token);
    }

    #[test]
    fn a_revoked_token_is_not_known() {
        let mut keys = Keys::new(&Settings::real());
        let token = keys.issue(0, at(0)).unwrap().token;
        assert!(keys.revoke(0, "other").is_err());
        keys.revoke(0, &token).unwrap();
        assert_eq!(keys.revoke(0, &token).unwrap_err().code(), "EGW00121");
    }

    #[test]
    fn every_approval_key_of_a_day_is_good() {
        let mut keys = Keys::new(&Settings::real());
        let (first, second) = (keys.approve(0, at(0)), keys.approve(0, at(1)));
        assert_eq!(first.len(), 36);
        for key in [&first, &second] {
            assert_eq!(keys.approved(key, at(100)), Some(0));
            assert_eq!(keys.approved(key, at(2 * 86_400)), None);
        }
        assert_eq!(keys.approved("nothing", at(0)), None);
    }

    #[test]
    fn a_window_takes_so_many_in_any_second() {
        let mut window = Window::default();
        let ms = |ms: i64| at(0).saturating_add_nanos(ms * 1_000_000);
        assert!(window.admit(2, ms(0)) && window.admit(2, ms(600)));
        assert!(!window.admit(2, ms(999)));
        assert!(window.admit(2, ms(1_000)));
        assert!(!window.admit(2, ms(1_500)) && window.admit(2, ms(1_600)));
    }

    #[test]
    fn a_hash_is_of_the_data_not_of_the_spaces() {
        let body = |text| serde_json::from_str(text).unwrap();
        let hash = hash_of(&body(r#"{"CANO":"1","PDNO":"2"}"#));
        assert_eq!(hash.len(), 64);
        assert_eq!(hash, hash_of(&body(r#"{ "PDNO": "2", "CANO": "1" }"#)));
        assert_ne!(hash, hash_of(&body(r#"{"CANO":"1","PDNO":"3"}"#)));
    }
}
