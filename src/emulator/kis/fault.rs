//! What can be made to go wrong, and when. Faults are data: named, given a place, counted.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::domain::ValueError;

/// A fault of the server or of the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection ends as soon as it is accepted.
    CloseOnConnect,
    /// The request is read and not acted on, and the connection ends.
    CloseUnread,
    /// The request is acted on, and the connection ends without an answer.
    CloseAfterActing,
    /// The request is read and not acted on, and no answer comes.
    Swallow,
    /// The request is acted on, and no answer comes.
    NeverAnswer,
    /// The request is acted on at once, and answered so much later.
    AnswerLate(Duration),
    /// The answer is cut after so many bytes, and the connection ends.
    CutAnswer(usize),
    /// The answer says that its body is so many bytes longer than it is; the connection stays.
    WrongLength(usize),
    /// The answer comes in chunks, of which there is no last one.
    EndlessChunks,
    /// A status and a page that is not JSON, in place of acting.
    Page(u16, PageBody),
    /// The same, after acting.
    PageAfterActing(u16, PageBody),
    /// An envelope of HTTP 500 with that code, in place of acting.
    Code(Box<str>),
    /// The same, after acting.
    CodeAfterActing(Box<str>),
    /// A redirect to another path, after acting.
    Redirect,
    /// Success without an order number.
    NoOrderNumber,
    /// Success with an order number that is none.
    BadOrderNumber,
    /// The answer is followed by so many bytes of white space.
    Huge(usize),
    /// The answer says that it is compressed, and is not anything.
    Gzip,
    /// The answer is lists in lists, so many deep.
    Deep(usize),
    /// Two answers to requests of the same kind are exchanged: each waits for the other.
    Swap,
    /// The token ends when the request is read.
    ExpireToken,
    /// The answer's clock is so many seconds off.
    ClockOffset(i64),
    /// New orders show in lists so much later.
    ListLag(Duration),
    /// Pages after the first begin with the last row of the page before, as when a new order came in between.
    ShiftPages,
    /// A page comes again and again, and says that there is more.
    EndlessPages,
    /// A list without rows whose totals are right.
    EmptyList,
    /// The exchange turns away what the broker took.
    RejectOrder,
    /// A notice is lost.
    DropNotice,
    /// A notice comes twice.
    RepeatNotice,
    /// A notice comes so much later.
    DelayNotice(Duration),
    /// A notice comes after the next one.
    SwapNotices,
    /// A notice is encrypted with another key.
    WrongKey,
    /// A notice is no whole number of blocks.
    BadPadding,
    /// A notice is not base64.
    BadBase64,
    /// The session ends.
    CloseStream,
    /// A feed falls silent: nothing more of the subscription comes. PINGPONG goes on.
    Stall,
    /// The session is in use (OPSP8996).
    SessionInUse,
    /// A subscription is refused with that code.
    RefuseSubscription(Box<str>),
    /// A subscription is never answered, and nothing comes of it.
    NoAck,
    /// A subscription takes effect at once, and is answered so much later.
    LateAck(Duration),
    /// Records have so many more values at the end.
    WiderRecords(usize),
    /// A frame's count is one too high.
    WrongCount,
    /// A frame comes as binary.
    Binary,
    /// A frame comes in two fragments.
    Fragment,
}

/// What a page that is not JSON holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageBody {
    /// HTML, as of a proxy.
    Html,
    /// Nothing.
    Empty,
    /// Ten million bytes.
    Huge,
}

/// Where in the server a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    Connect,
    Request,
    List,
    Order,
    Notice,
    Frame,
    Subscribe,
}

/// Which requests a fault is for. Faults that are not of requests take no notice of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Every request.
    #[default]
    Any,
    /// New orders, modifications and cancels.
    Orders,
    /// New orders.
    NewOrders,
    /// Modifications and cancels.
    Changes,
    /// The two lists of orders.
    Lists,
    /// Everything else that is asked: account, quotes, charts, reference.
    Queries,
    /// Tokens, approval keys, hash keys.
    Auth,
}

impl Target {
    /// Every target, with its name.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("any", Self::Any),
        ("orders", Self::Orders),
        ("new-orders", Self::NewOrders),
        ("changes", Self::Changes),
        ("lists", Self::Lists),
        ("queries", Self::Queries),
        ("auth", Self::Auth),
    ];

    /// Whether a request of kind `actual` is meant.
    pub(super) fn covers(self, actual: Self) -> bool {
        self == Self::Any
            || self == actual
            || (self == Self::Orders && matches!(actual, Self::NewOrders | Self::Changes))
    }
}

/// A fault with its place and its count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    fault: Fault,
    target: Target,
    skip: u32,
    times: Option<u32>,
    per_mille: u32,
}

impl Rule {
    /// The fault, once, at the next place where it can strike.
    pub const fn once(fault: Fault) -> Self {
        Self {
            fault,
            target: Target::Any,
            skip: 0,
            times: Some(1),
            per_mille: 1_000,
        }
    }

    /// The fault, every time.
    pub fn always(fault: Fault) -> Self {
        Self {
            times: None,
            ..Self::once(fault)
        }
    }

    /// The fault, by chance: so many times in a thousand.
    pub fn sometimes(fault: Fault, per_mille: u32) -> Self {
        Self {
            per_mille,
            ..Self::always(fault)
        }
    }

    /// Only at those requests.
    #[must_use]
    pub const fn at(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// After so many places have passed.
    #[must_use]
    pub const fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// So many times.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The faults of a bad day, each now and then: what `--faults SEED` switches on.
    pub fn bad_day() -> Vec<Self> {
        let ms = Duration::from_millis;
        let orders = |fault, per_mille| Self::sometimes(fault, per_mille).at(Target::Orders);
        let lists = |fault, per_mille| Self::sometimes(fault, per_mille).at(Target::Lists);
        vec![
            Self::sometimes(Fault::CloseOnConnect, 20),
            orders(Fault::CloseUnread, 10),
            orders(Fault::CloseAfterActing, 10),
            orders(Fault::NeverAnswer, 5),
            orders(Fault::Swallow, 5),
            orders(Fault::AnswerLate(ms(1_500)), 10),
            orders(Fault::CutAnswer(60), 5),
            orders(Fault::Page(502, PageBody::Html), 5),
            orders(Fault::PageAfterActing(504, PageBody::Empty), 5),
            orders(Fault::Code("EGW00201".into()), 10),
            orders(Fault::CodeAfterActing("EGW00302".into()), 5),
            orders(Fault::NoOrderNumber, 5),
            orders(Fault::Redirect, 3),
            Self::sometimes(Fault::RejectOrder, 5),
            Self::sometimes(Fault::ExpireToken, 2).at(Target::Queries),
            lists(Fault::Page(500, PageBody::Html), 20),
            lists(Fault::AnswerLate(ms(800)), 20),
            Self::sometimes(Fault::ShiftPages, 50),
            Self::sometimes(Fault::ListLag(ms(2_000)), 50),
            Self::sometimes(Fault::DropNotice, 30),
            Self::sometimes(Fault::RepeatNotice, 30),
            Self::sometimes(Fault::DelayNotice(ms(1_000)), 50),
            Self::sometimes(Fault::SwapNotices, 30),
            Self::sometimes(Fault::WrongKey, 5),
            Self::sometimes(Fault::CloseStream, 1),
            Self::sometimes(Fault::LateAck(ms(500)), 50),
        ]
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        if let Some((name, _)) = Target::ALL
            .iter()
            .find(|(_, target)| *target == self.target)
        {
            write!(f, "@{name}")?;
        }
        if self.per_mille < 1_000 {
            write!(f, "~{}", self.per_mille)?;
        }
        Ok(())
    }
}

/// Reads `cut-answer=120@orders~50`: a fault, its value, its target, and how often in a thousand; all but the fault may
/// be left out. It strikes every time it can.
impl FromStr for Rule {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = || {
            let expected = "FAULT[=VALUE][@TARGET][~PER_MILLE], such as never-answer@orders or cut-answer=60~100";
            ValueError::new("fault", text, expected)
        };
        let (rest, per_mille) = match text.split_once('~') {
            Some((rest, number)) => (rest, number.parse().map_err(|_| wrong())?),
            None => (text, 1_000),
        };
        if !(1..=1_000).contains(&per_mille) {
            return Err(wrong());
        }
        let (fault, target) = match rest.split_once('@') {
            Some((fault, name)) => {
                let found = Target::ALL.iter().find(|(target, _)| *target == name);
                (fault, found.ok_or_else(wrong)?.1)
            }
            None => (rest, Target::Any),
        };
        Ok(Self::sometimes(fault.parse()?, per_mille).at(target))
    }
}

/// What stands in a fault's place in the table of names.
#[derive(Clone, Copy)]
enum Make {
    Plain(fn() -> Fault),
    Millis(fn(Duration) -> Fault, u64),
    Count(fn(usize) -> Fault, usize),
    Status(fn(u16, PageBody) -> Fault, u16, PageBody),
    Code(fn(Box<str>) -> Fault, &'static str),
    Seconds(fn(i64) -> Fault, i64),
}

/// Every fault by name, with the value it has when none is given.
const NAMES: &[(&str, Make)] = &[
    ("close-on-connect", Make::Plain(|| Fault::CloseOnConnect)),
    ("close-unread", Make::Plain(|| Fault::CloseUnread)),
    (
        "close-after-acting",
        Make::Plain(|| Fault::CloseAfterActing),
    ),
    ("swallow", Make::Plain(|| Fault::Swallow)),
    ("never-answer", Make::Plain(|| Fault::NeverAnswer)),
    ("answer-late", Make::Millis(Fault::AnswerLate, 1_500)),
    ("cut-answer", Make::Count(Fault::CutAnswer, 60)),
    ("wrong-length", Make::Count(Fault::WrongLength, 10)),
    ("endless-chunks", Make::Plain(|| Fault::EndlessChunks)),
    ("page", Make::Status(Fault::Page, 502, PageBody::Html)),
    (
        "empty-page",
        Make::Status(Fault::Page, 503, PageBody::Empty),
    ),
    ("huge-page", Make::Status(Fault::Page, 502, PageBody::Huge)),
    (
        "page-after-acting",
        Make::Status(Fault::PageAfterActing, 504, PageBody::Html),
    ),
    ("code", Make::Code(Fault::Code, "EGW00201")),
    (
        "code-after-acting",
        Make::Code(Fault::CodeAfterActing, "EGW00302"),
    ),
    ("redirect", Make::Plain(|| Fault::Redirect)),
    ("no-order-number", Make::Plain(|| Fault::NoOrderNumber)),
    ("bad-order-number", Make::Plain(|| Fault::BadOrderNumber)),
    ("huge", Make::Count(Fault::Huge, 16 << 20)),
    ("gzip", Make::Plain(|| Fault::Gzip)),
    ("deep", Make::Count(Fault::Deep, 100_000)),
    ("swap", Make::Plain(|| Fault::Swap)),
    ("expire-token", Make::Plain(|| Fault::ExpireToken)),
    ("clock-offset", Make::Seconds(Fault::ClockOffset, 120)),
    ("list-lag", Make::Millis(Fault::ListLag, 5_000)),
    ("shift-pages", Make::Plain(|| Fault::ShiftPages)),
    ("endless-pages", Make::Plain(|| Fault::EndlessPages)),
    ("empty-list", Make::Plain(|| Fault::EmptyList)),
    ("reject-order", Make::Plain(|| Fault::RejectOrder)),
    ("drop-notice", Make::Plain(|| Fault::DropNotice)),
    ("repeat-notice", Make::Plain(|| Fault::RepeatNotice)),
    ("delay-notice", Make::Millis(Fault::DelayNotice, 1_000)),
    ("swap-notices", Make::Plain(|| Fault::SwapNotices)),
    ("wrong-key", Make::Plain(|| Fault::WrongKey)),
    ("bad-padding", Make::Plain(|| Fault::BadPadding)),
    ("bad-base64", Make::Plain(|| Fault::BadBase64)),
    ("close-stream", Make::Plain(|| Fault::CloseStream)),
    ("stall", Make::Plain(|| Fault::Stall)),
    ("session-in-use", Make::Plain(|| Fault::SessionInUse)),
    (
        "refuse-subscription",
        Make::Code(Fault::RefuseSubscription, "OPSP0007"),
    ),
    ("no-ack", Make::Plain(|| Fault::NoAck)),
    ("late-ack", Make::Millis(Fault::LateAck, 1_000)),
    ("wider-records", Make::Count(Fault::WiderRecords, 3)),
    ("wrong-count", Make::Plain(|| Fault::WrongCount)),
    ("binary", Make::Plain(|| Fault::Binary)),
    ("fragment", Make::Plain(|| Fault::Fragment)),
];

impl Fault {
    /// The names of all faults.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    pub(super) const fn point(&self) -> Point {
        match self {
            Self::CloseOnConnect => Point::Connect,
            Self::ListLag(_) | Self::RejectOrder => Point::Order,
            Self::ShiftPages | Self::EndlessPages | Self::EmptyList => Point::List,
            Self::DropNotice
            | Self::RepeatNotice
            | Self::DelayNotice(_)
            | Self::SwapNotices
            | Self::WrongKey
            | Self::BadPadding
            | Self::BadBase64 => Point::Notice,
            Self::CloseStream
            | Self::Stall
            | Self::WiderRecords(_)
            | Self::WrongCount
            | Self::Binary
            | Self::Fragment => Point::Frame,
            Self::SessionInUse | Self::RefuseSubscription(_) | Self::NoAck | Self::LateAck(_) => {
                Point::Subscribe
            }
            Self::CloseUnread
            | Self::CloseAfterActing
            | Self::Swallow
            | Self::NeverAnswer
            | Self::AnswerLate(_)
            | Self::CutAnswer(_)
            | Self::WrongLength(_)
            | Self::EndlessChunks
            | Self::Page(..)
            | Self::PageAfterActing(..)
            | Self::Code(_)
            | Self::CodeAfterActing(_)
            | Self::Redirect
            | Self::NoOrderNumber
            | Self::BadOrderNumber
            | Self::Huge(_)
            | Self::Gzip
            | Self::Deep(_)
            | Self::Swap
            | Self::ExpireToken
            | Self::ClockOffset(_) => Point::Request,
        }
    }

    /// Whether the request is not carried out at all.
    pub(super) const fn replaces_acting(&self) -> bool {
        matches!(
            self,
            Self::CloseUnread | Self::Swallow | Self::Page(..) | Self::Code(_)
        )
    }

    /// The name, without a value.
    pub fn name(&self) -> &'static str {
        let same = |make: &Make| match (make, self) {
            (Make::Status(make, status, body), Self::Page(_, actual))
            | (Make::Status(make, status, body), Self::PageAfterActing(_, actual)) => {
                body == actual
                    && std::mem::discriminant(&make(*status, *body)) == std::mem::discriminant(self)
            }
            _ => std::mem::discriminant(&make.default()) == std::mem::discriminant(self),
        };
        let found = NAMES.iter().find(|(_, make)| same(make));
        found.map_or("page-after-acting", |(name, _)| name)
    }
}

impl Make {
    fn default(&self) -> Fault {
        match *self {
            Self::Plain(make) => make(),
            Self::Millis(make, ms) => make(Duration::from_millis(ms)),
            Self::Count(make, count) => make(count),
            Self::Status(make, status, body) => make(status, body),
            Self::Code(make, code) => make(code.into()),
            Self::Seconds(make, seconds) => make(seconds),
        }
    }

    /// With a value; `None` when it is not one.
    fn with(&self, value: &str) -> Option<Fault> {
        Some(match *self {
            Self::Plain(_) => return None,
            Self::Millis(make, _) => {
                let millis = value.strip_suffix("ms").unwrap_or(value);
                make(Duration::from_millis(millis.parse().ok()?))
            }
            Self::Count(make, _) => make(value.parse().ok()?),
            Self::Status(make, _, body) => make(value.parse().ok()?, body),
            Self::Code(make, _) => make(value.into()),
            Self::Seconds(make, _) => make(value.parse().ok()?),
        })
    }
}

impl fmt::Display for Fault {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most faults have no value, and a new one shows its own"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::AnswerLate(time)
            | Self::ListLag(time)
            | Self::DelayNotice(time)
            | Self::LateAck(time) => write!(f, "={}", time.as_millis()),
            Self::CutAnswer(count)
            | Self::WrongLength(count)
            | Self::Huge(count)
            | Self::Deep(count)
            | Self::WiderRecords(count) => write!(f, "={count}"),
            Self::Page(status, _) | Self::PageAfterActing(status, _) => write!(f, "={status}"),
            Self::Code(code) | Self::CodeAfterActing(code) | Self::RefuseSubscription(code) => {
                write!(f, "={code}")
            }
            Self::ClockOffset(seconds) => write!(f, "={seconds}"),
            _ => Ok(()),
        }
    }
}

/// Reads a name, or a name and a value: `never-answer`, `cut-answer=120`, `answer-late=800`.
impl FromStr for Fault {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let named = NAMES.iter().find(|(known, _)| *known == name);
        let fault = named.and_then(|(_, make)| match value {
            None => Some(make.default()),
            Some(value) => make.with(value),
        });
        fault.ok_or_else(|| {
            let names = Self::names().collect::<Vec<_>>().join(", ");
            ValueError::new(
                "fault",
                text,
                format!("one of {names}; with =VALUE for some"),
            )
        })
    }
}

/// The rules that are on, and what struck so far.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Vec<Rule>,
    struck: Vec<(&'static str, u64)>,
    random: ChaCha8Rng,
}

impl Faults {
    pub(super) fn new(rules: Vec<Rule>, seed: u64) -> Self {
        Self {
            rules,
            struck: Vec::new(),
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    pub(super) fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// How often each fault struck, by name.
    pub(super) fn struck(&self) -> &[(&'static str, u64)] {
        &self.struck
    }

    /// The fault that strikes here, if one does: of several rules the first.
    pub(super) fn strike(&mut self, point: Point, actual: Target) -> Option<Fault> {
        let random = &mut self.random;
        let at = self.rules.iter_mut().position(|rule| {
            if rule.fault.point() != point || !rule.target.covers(actual) || rule.times == Some(0) {
                return false;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                return false;
            }
            rule.per_mille >= 1_000 || random.random_range(0..1_000) < rule.per_mille
        })?;
        let rule = &mut self.rules[at];
        rule.times = rule.times.map(|times| times - 1);
        let fault = rule.fault.clone();
        if rule.times == Some(0) {
            self.rules.remove(at);
        }
        let name = fault.name();
        match self.struck.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => self.struck.push((name, 1)),
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_by_its_name_and_shown_as_it_is_read() {
        for name in Fault::names() {
            let fault: Fault = name.parse().unwrap();
            assert_eq!(fault.name(), name);
            assert_eq!(fault.to_string().parse::<Fault>().unwrap(), fault);
        }
        for wrong in ["", "nothing", "cut-answer=x", "never-answer=3", "page=many"] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rules_are_read_with_their_target_and_chance() {
        let rule: Rule = "cut-answer=120@orders~50".parse().unwrap();
        let same = Rule::sometimes(Fault::CutAnswer(120), 50).at(Target::Orders);
        assert_eq!(rule, same);
        assert_eq!(rule.to_string(), "cut-answer=120@orders~50");
        for wrong in ["cut-answer@nowhere", "swap~0", "swap~1001", "swap~x"] {
            assert!(wrong.parse::<Rule>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rule_strikes_where_and_as_often_as_it_says() {
        let rule = Rule::once(Fault::NeverAnswer)
            .at(Target::Orders)
            .after(1)
            .times(2);
        let mut faults = Faults::new(vec![rule], 1);
        let mut strike = |target| faults.strike(Point::Request, target).is_some();
        assert!(!strike(Target::Lists), "not its target");
        assert!(!strike(Target::NewOrders), "skipped");
        assert!(strike(Target::Changes) && strike(Target::NewOrders));
        assert!(!strike(Target::NewOrders), "used up");
        assert_eq!(faults.struck(), [("never-answer", 2)]);
    }

    #[test]
    fn one_seed_is_one_history_of_faults() {
        let history = |seed| -> Vec<bool> {
            let mut faults = Faults::new(vec![Rule::sometimes(Fault::DropNotice, 300)], seed);
            (0..200)
                .map(|_| faults.strike(Point::Notice, Target::Any).is_some())
                .collect()
        };
        assert_eq!(history(3), history(3));
        assert_ne!(history(3), history(4));
        let count = history(3).iter().filter(|struck| **struck).count();
        assert!((30..90).contains(&count), "{count}");
    }
}
