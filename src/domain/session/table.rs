//! The rows: every session of every kind of day since 2019, by the date from which it is in force.

use jiff::civil::{Date, date, time};

use super::{Hours, Segment, Session};
use crate::domain::calendar::DayKind;
use crate::domain::order::{OrderType, TimeInForce};
use crate::domain::order_table::OrderSet;
use OrderType::{
    BestLimit, ConditionalLimit, Limit, Market, MidPrice, PostClose, PreClose, StopLimit,
    TopPriority,
};
use TimeInForce::{Day, Fok, Ioc};

/// The sessions of one kind of day of one exchange, from a date on until the next row of the same kind.
pub(super) struct DayTable {
    pub(super) kind: DayKind,
    pub(super) from: Date,
    pub(super) sessions: &'static [Session],
}

const fn day(kind: DayKind, from: Date, sessions: &'static [Session]) -> DayTable {
    DayTable {
        kind,
        from,
        sessions,
    }
}

/// Hour, minute, second.
type Clock = (i8, i8, i8);

const fn hours((start, end): (Clock, Clock)) -> Hours {
    Hours {
        start: time(start.0, start.1, start.2, 0),
        end: time(end.0, end.1, end.2, 0),
    }
}

const fn session(
    segment: Segment,
    entry: (Clock, Clock),
    matching: (Clock, Clock),
    accepts: OrderSet,
) -> Session {
    Session {
        segment,
        entry: hours(entry),
        matching: hours(matching),
        accepts,
    }
}

/// A session that matches whenever it takes orders.
const fn at_once(segment: Segment, span: (Clock, Clock), accepts: OrderSet) -> Session {
    session(segment, span, span, accepts)
}

const ANY: &[TimeInForce] = &[Day, Ioc, Fok];
const NOW: &[TimeInForce] = &[Ioc, Fok];
const DAY: &[TimeInForce] = &[Day];

/// Mid-price and stop-limit orders came to KRX with the start of Nextrade.
const MID_AND_STOP: OrderSet = OrderSet::of(&[(MidPrice, ANY), (StopLimit, DAY)]);
const KRX_CONTINUOUS_2019: OrderSet = OrderSet::of(&[
    (Limit, ANY),
    (Market, ANY),
    (ConditionalLimit, DAY),
    (BestLimit, ANY),
    (TopPriority, DAY),
]);
const KRX_CONTINUOUS: OrderSet = KRX_CONTINUOUS_2019.union(MID_AND_STOP);
/// What the off-hours continuous segments of both exchanges take: no market orders.
const OFF_HOURS: OrderSet = OrderSet::of(&[(Limit, ANY), (BestLimit, ANY), (TopPriority, DAY)]);
const NXT_MAIN_ORDERS: OrderSet = OFF_HOURS
    .union(OrderSet::of(&[(Market, NOW)]))
    .union(MID_AND_STOP);
const OPENING: OrderSet = OrderSet::of(&[(Limit, DAY), (Market, DAY), (ConditionalLimit, DAY)]);
const CLOSING: OrderSet = OrderSet::of(&[(Limit, DAY), (Market, DAY)]);

const PRE_CLOSE: Session = at_once(
    Segment::PreClose,
    ((8, 30, 0), (8, 40, 0)),
    OrderSet::of(&[(PreClose, DAY)]),
);
const OPEN_AUCTION: Session = session(
    Segment::OpenAuction,
    ((8, 30, 0), (9, 0, 0)),
    ((9, 0, 0), (9, 0, 30)),
    OPENING,
);
/// Orders from 08:20 since 2026-09-14. UNCONFIRMED: 08:30 otherwise.
const OPEN_AUCTION_2026: Session = session(
    Segment::OpenAuction,
    ((8, 20, 0), (9, 0, 0)),
    ((9, 0, 0), (9, 0, 30)),
    OPENING,
);
/// The first trading day of a year. UNCONFIRMED: since 2026-09-14 orders may be taken from 09:20.
const OPEN_AUCTION_FIRST_DAY: Session = session(
    Segment::OpenAuction,
    ((9, 30, 0), (10, 0, 0)),
    ((10, 0, 0), (10, 0, 30)),
    OPENING,
);
const CONTINUOUS_2019: Session = at_once(
    Segment::Continuous,
    ((9, 0, 0), (15, 20, 0)),
    KRX_CONTINUOUS_2019,
);
const CONTINUOUS: Session = at_once(
    Segment::Continuous,
    ((9, 0, 0), (15, 20, 0)),
    KRX_CONTINUOUS,
);
const CONTINUOUS_FIRST_DAY_2020: Session = at_once(
    Segment::Continuous,
    ((10, 0, 0), (15, 20, 0)),
    KRX_CONTINUOUS_2019,
);
const CONTINUOUS_FIRST_DAY: Session = at_once(
    Segment::Continuous,
    ((10, 0, 0), (15, 20, 0)),
    KRX_CONTINUOUS,
);
const CLOSE_AUCTION: Session = session(
    Segment::CloseAuction,
    ((15, 20, 0), (15, 30, 0)),
    ((15, 30, 0), (15, 30, 30)),
    CLOSING,
);
const POST_CLOSE: Session = session(
    Segment::PostClose,
    ((15, 30, 0), (16, 0, 0)),
    ((15, 40, 0), (16, 0, 0)),
    OrderSet::of(&[(PostClose, DAY)]),
);
const AFTER_MARKET: Session = at_once(Segment::AfterMarket, ((16, 0, 0), (20, 0, 0)), OFF_HOURS);
const PRE_CLOSE_CSAT: Session = at_once(
    Segment::PreClose,
    ((9, 30, 0), (9, 40, 0)),
    OrderSet::of(&[(PreClose, DAY)]),
);
const OPEN_AUCTION_CSAT: Session = session(
    Segment::OpenAuction,
    ((9, 30, 0), (10, 0, 0)),
    ((10, 0, 0), (10, 0, 30)),
    OPENING,
);
/// As [`OPEN_AUCTION_2026`], UNCONFIRMED.
const OPEN_AUCTION_CSAT_2026: Session = session(
    Segment::OpenAuction,
    ((9, 20, 0), (10, 0, 0)),
    ((10, 0, 0), (10, 0, 30)),
    OPENING,
);
const CONTINUOUS_CSAT_2019: Session = at_once(
    Segment::Continuous,
    ((10, 0, 0), (16, 20, 0)),
    KRX_CONTINUOUS_2019,
);
const CONTINUOUS_CSAT: Session = at_once(
    Segment::Continuous,
    ((10, 0, 0), (16, 20, 0)),
    KRX_CONTINUOUS,
);
const CLOSE_AUCTION_CSAT: Session = session(
    Segment::CloseAuction,
    ((16, 20, 0), (16, 30, 0)),
    ((16, 30, 0), (16, 30, 30)),
    CLOSING,
);
const POST_CLOSE_CSAT: Session = session(
    Segment::PostClose,
    ((16, 30, 0), (17, 0, 0)),
    ((16, 40, 0), (17, 0, 0)),
    OrderSet::of(&[(PostClose, DAY)]),
);
/// The start on the day of the examination is UNCONFIRMED; the end is not moved.
const AFTER_MARKET_CSAT: Session =
    at_once(Segment::AfterMarket, ((17, 0, 0), (20, 0, 0)), OFF_HOURS);

const NXT_PRE: Session = at_once(Segment::NxtPre, ((8, 0, 0), (8, 50, 0)), OFF_HOURS);
/// Whether orders may be sent in the breaks before and after it is UNCONFIRMED; taken as no.
const NXT_MAIN: Session = at_once(Segment::NxtMain, ((9, 0, 30), (15, 20, 0)), NXT_MAIN_ORDERS);
/// The day on which Nextrade started. The second is UNCONFIRMED.
const NXT_MAIN_LAUNCH: Session =
    at_once(Segment::NxtMain, ((10, 0, 0), (15, 20, 0)), NXT_MAIN_ORDERS);
const NXT_MAIN_FIRST_DAY: Session = at_once(
    Segment::NxtMain,
    ((10, 0, 30), (15, 20, 0)),
    NXT_MAIN_ORDERS,
);
/// That it takes limit orders only is UNCONFIRMED.
const NXT_AFTER_OPEN: Session = session(
    Segment::NxtAfterOpen,
    ((15, 30, 0), (15, 40, 0)),
    ((15, 40, 0), (15, 40, 30)),
    OrderSet::of(&[(Limit, DAY)]),
);
const NXT_AFTER: Session = at_once(Segment::NxtAfter, ((15, 40, 0), (20, 0, 0)), OFF_HOURS);
const NXT_MAIN_CSAT: Session = at_once(
    Segment::NxtMain,
    ((10, 0, 30), (16, 20, 0)),
    NXT_MAIN_ORDERS,
);
const NXT_AFTER_OPEN_CSAT: Session = session(
    Segment::NxtAfterOpen,
    ((16, 30, 0), (16, 40, 0)),
    ((16, 40, 0), (16, 40, 30)),
    OrderSet::of(&[(Limit, DAY)]),
);
/// On the day of the examination the after-market starts at 16:30; how it is divided is UNCONFIRMED.
const NXT_AFTER_CSAT: Session = at_once(Segment::NxtAfter, ((16, 40, 0), (20, 0, 0)), OFF_HOURS);
/// The start of entry is UNCONFIRMED.
const NXT_CLOSE_PRICE: Session = session(
    Segment::NxtClosePrice,
    ((15, 0, 0), (16, 0, 0)),
    ((15, 30, 0), (16, 0, 0)),
    OrderSet::EMPTY,
);

/// The sessions of KRX since 2019-04-29 (start UNCONFIRMED), with the notice of KIS of 2026-09-09 for those since
/// 2026-09-14. On the day of the examination everything up to the post-hours closing price is an hour later.
pub(super) const KRX_DAYS: &[DayTable] = &[
    day(
        DayKind::Normal,
        date(2019, 4, 29),
        &[
            PRE_CLOSE,
            OPEN_AUCTION,
            CONTINUOUS_2019,
            CLOSE_AUCTION,
            POST_CLOSE,
        ],
    ),
    day(
        DayKind::Normal,
        date(2025, 3, 4),
        &[
            PRE_CLOSE,
            OPEN_AUCTION,
            CONTINUOUS,
            CLOSE_AUCTION,
            POST_CLOSE,
        ],
    ),
    day(
        DayKind::Normal,
        date(2026, 9, 14),
        &[
            OPEN_AUCTION_2026,
            PRE_CLOSE,
            CONTINUOUS,
            CLOSE_AUCTION,
            POST_CLOSE,
            AFTER_MARKET,
        ],
    ),
    day(
        DayKind::Csat,
        date(2019, 4, 29),
        &[
            PRE_CLOSE_CSAT,
            OPEN_AUCTION_CSAT,
            CONTINUOUS_CSAT_2019,
            CLOSE_AUCTION_CSAT,
            POST_CLOSE_CSAT,
        ],
    ),
    day(
        DayKind::Csat,
        date(2025, 3, 4),
        &[
            PRE_CLOSE_CSAT,
            OPEN_AUCTION_CSAT,
            CONTINUOUS_CSAT,
            CLOSE_AUCTION_CSAT,
            POST_CLOSE_CSAT,
        ],
    ),
    day(
        DayKind::Csat,
        date(2026, 9, 14),
        &[
            OPEN_AUCTION_CSAT_2026,
            PRE_CLOSE_CSAT,
            CONTINUOUS_CSAT,
            CLOSE_AUCTION_CSAT,
            POST_CLOSE_CSAT,
            AFTER_MARKET_CSAT,
        ],
    ),
    day(
        DayKind::FirstDay,
        date(2020, 1, 1),
        &[
            PRE_CLOSE,
            OPEN_AUCTION_FIRST_DAY,
            CONTINUOUS_FIRST_DAY_2020,
            CLOSE_AUCTION,
            POST_CLOSE,
        ],
    ),
    day(
        DayKind::FirstDay,
        date(2025, 3, 4),
        &[
            PRE_CLOSE,
            OPEN_AUCTION_FIRST_DAY,
            CONTINUOUS_FIRST_DAY,
            CLOSE_AUCTION,
            POST_CLOSE,
        ],
    ),
    day(
        DayKind::FirstDay,
        date(2026, 9, 14),
        &[
            PRE_CLOSE,
            OPEN_AUCTION_FIRST_DAY,
            CONTINUOUS_FIRST_DAY,
            CLOSE_AUCTION,
            POST_CLOSE,
            AFTER_MARKET,
        ],
    ),
];

/// The sessions of Nextrade since its start (Yuanta and Kiwoom guides to the ATS; notice of KIS of 2026-09-09). No
/// pre-market on the day of the examination and on the first trading day of a year; for the former no hours of the
/// closing-price market are known.
pub(super) const NXT_DAYS: &[DayTable] = &[
    day(
        DayKind::Normal,
        date(2025, 3, 4),
        &[NXT_MAIN_LAUNCH, NXT_CLOSE_PRICE, NXT_AFTER_OPEN, NXT_AFTER],
    ),
    day(
        DayKind::Normal,
        date(2025, 3, 5),
        &[
            NXT_PRE,
            NXT_MAIN,
            NXT_CLOSE_PRICE,
            NXT_AFTER_OPEN,
            NXT_AFTER,
        ],
    ),
    day(
        DayKind::Csat,
        date(2025, 3, 4),
        &[NXT_MAIN_CSAT, NXT_AFTER_OPEN_CSAT, NXT_AFTER_CSAT],
    ),
    day(
        DayKind::FirstDay,
        date(2026, 1, 1),
        &[
            NXT_MAIN_FIRST_DAY,
            NXT_CLOSE_PRICE,
            NXT_AFTER_OPEN,
            NXT_AFTER,
        ],
    ),
];
