//! Which orders each venue takes at which time of one day, laid out for a fast look-up.

use jiff::civil::{Date, Time};

use crate::domain::{
    Instrument, InstrumentKind, OrderSet, Segment, Timestamp, Timetable, TradingCalendar,
    ValueError, Venue, accepted_orders,
};

/// The hours of one day. Laid out once a day; it answers for that day only, and for any other that nothing is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderHours {
    date: Date,
    /// By venue, in the order of the day. The first one starts at midnight.
    spans: [Box<[Span]>; 3],
}

/// From a time on, what is taken by [`Access`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: Timestamp,
    takes: [OrderSet; 3],
}

/// Which segments an issue is traded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// All.
    All,
    /// All but the KRX after-market and Nextrade. ETF, ETN and issues under an alert (notice of KIS on the session
    /// changes of 2026-09-14). Rights are taken as these. UNCONFIRMED.
    NoAfterMarket,
    /// Regular hours only: ELW (KRX ELW page, read 2026-11).
    Regular,
}

impl Access {
    const ALL: [Self; 3] = [Self::All, Self::NoAfterMarket, Self::Regular];

    fn of(instrument: &Instrument) -> Self {
        match instrument.kind() {
            InstrumentKind::Elw => Self::Regular,
            InstrumentKind::Etf | InstrumentKind::Etn | InstrumentKind::Right => {
                Self::NoAfterMarket
            }
            InstrumentKind::Stock if instrument.is_alerted() => Self::NoAfterMarket,
            InstrumentKind::Stock => Self::All,
        }
    }

    fn includes(self, segment: Segment) -> bool {
        match self {
            Self::All => true,
            Self::NoAfterMarket => segment.venue() == Venue::Krx && segment != Segment::AfterMarket,
            Self::Regular => segment.venue() == Venue::Krx && !segment.is_off_hours(),
        }
    }
}

impl OrderHours {
    /// The hours of a date by a calendar; a day without trading takes nothing.
    ///
    /// # Errors
    /// Outside the calendar and the timetables that we know.
    pub fn on(date: Date, calendar: &TradingCalendar) -> Result<Self, ValueError> {
        Self::of(date, Timetable::on(date, calendar)?)
    }

    /// The hours of a date by a timetable.
    ///
    /// # Errors
    /// Outside the years 1678 to 2262.
    pub fn of(date: Date, timetable: Timetable) -> Result<Self, ValueError> {
        let spans = |venue| spans(date, timetable, venue);
        Ok(Self {
            date,
            spans: [spans(Venue::Krx)?, spans(Venue::Nxt)?, spans(Venue::Sor)?],
        })
    }

    /// A day on which every venue takes all that it ever takes, at any time: what an emulator takes, and what a broker is
    /// left to decide.
    ///
    /// # Errors
    /// Outside the years 1678 to 2262.
    pub fn always(date: Date) -> Result<Self, ValueError> {
        let open = |venue| {
            let takes = [accepted_orders(venue); 3];
            Ok::<_, ValueError>(
                [Span {
                    from: Timestamp::from_kst(date, Time::midnight())?,
                    takes,
                }]
                .into(),
            )
        };
        Ok(Self {
            date,
            spans: [open(Venue::Krx)?, open(Venue::Nxt)?, open(Venue::Sor)?],
        })
    }

    /// The day.
    pub const fn date(&self) -> Date {
        self.date
    }

    /// What a venue takes for an issue at that time.
    #[inline]
    pub fn taken(&self, instrument: &Instrument, venue: Venue, at: Timestamp) -> OrderSet {
        // An issue that Nextrade does not trade is routed to KRX only.
        let routed = match venue {
            Venue::Krx => 0,
            Venue::Sor if !instrument.is_nxt_listed() => 0,
            Venue::Nxt if !instrument.is_nxt_listed() => return OrderSet::EMPTY,
            Venue::Nxt => 1,
            Venue::Sor => 2,
        };
        self.spans[routed]
            .iter()
            .rev()
            .find(|span| span.from <= at)
            .map_or(OrderSet::EMPTY, |span| {
                span.takes[Access::of(instrument) as usize]
            })
    }
}

fn spans(date: Date, timetable: Timetable, venue: Venue) -> Result<Box<[Span]>, ValueError> {
    let mut times: Vec<Time> = timetable
        .sessions(venue)
        .flat_map(|session| [session.entry.start, session.entry.end])
        .chain([Time::midnight()])
        .collect();
    times.sort();
    times.dedup();
    let taken = |time, access: Access| {
        timetable
            .sessions_at(venue, time)
            .filter(|session| access.includes(session.segment))
            .fold(OrderSet::EMPTY, |taken, session| {
                taken.union(session.accepts)
            })
    };
    let mut spans = Vec::with_capacity(times.len() + 1);
    for time in times {
        spans.push(Span {
            from: Timestamp::from_kst(date, time)?,
            takes: Access::ALL.map(|access| taken(time, access)),
        });
    }
    // The last session ends before midnight, and the next day is not ours.
    let tomorrow = Timestamp::from_kst(date, Time::midnight())?
        .saturating_add_nanos(24 * 60 * 60 * 1_000_000_000);
    spans.push(Span {
        from: tomorrow,
        takes: [OrderSet::EMPTY; 3],
    });
    Ok(spans.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DayKind, Market, OrderType, TimeInForce, accepted_orders};
    use crate::symbol;
    use jiff::civil::{date, time};

    const DATE: Date = date(2026, 11, 24);

    fn hours() -> OrderHours {
        OrderHours::of(DATE, Timetable::of(DATE, DayKind::Normal).unwrap()).unwrap()
    }

    fn instrument(kind: InstrumentKind) -> Instrument {
        Instrument::new(symbol!("005930"), "한 종목", Market::Kospi, kind).unwrap()
    }

    fn at(hour: i8, minute: i8) -> Timestamp {
        Timestamp::from_kst(DATE, time(hour, minute, 0, 0)).unwrap()
    }

    /// The layout says the same as the timetable, at each minute of the day and for each kind of order.
    #[test]
    fn it_answers_as_the_timetable_does() {
        let (hours, timetable) = (hours(), Timetable::of(DATE, DayKind::Normal).unwrap());
        let stock = instrument(InstrumentKind::Stock)
            .with_nxt_listed(true)
            .unwrap();
        let mut taken = 0;
        for (hour, minute) in (0..24).flat_map(|hour| (0..60).map(move |minute| (hour, minute))) {
            let now = time(hour, minute, 0, 0);
            let at = Timestamp::from_kst(DATE, now).unwrap();
            for &venue in Venue::ALL {
                let open = hours.taken(&stock, venue, at);
                for (order_type, time_in_force) in accepted_orders(venue).iter() {
                    let session = timetable.session_for(venue, now, order_type, time_in_force);
                    assert_eq!(
                        open.contains(order_type, time_in_force),
                        session.is_some(),
                        "{venue} {order_type} {time_in_force} at {now}"
                    );
                    taken += usize::from(session.is_some());
                }
            }
        }
        assert!(taken > 10_000);
    }

    #[test]
    fn other_days_take_nothing() {
        let (hours, stock) = (hours(), instrument(InstrumentKind::Stock));
        let day_ns = 24 * 60 * 60 * 1_000_000_000;
        assert!(!hours.taken(&stock, Venue::Krx, at(10, 0)).is_empty());
        for away in [-day_ns, day_ns, 7 * day_ns] {
            let other = at(10, 0).saturating_add_nanos(away);
            assert!(hours.taken(&stock, Venue::Krx, other).is_empty());
        }
        let closed = OrderHours::of(DATE, Timetable::CLOSED).unwrap();
        assert!(closed.taken(&stock, Venue::Krx, at(10, 0)).is_empty());
    }

    #[test]
    fn some_issues_stay_out_of_some_segments() {
        let hours = hours();
        let takes = |instrument: &Instrument, venue, hour| {
            hours
                .taken(instrument, venue, at(hour, 30))
                .contains(OrderType::Limit, TimeInForce::Day)
        };
        let stock = instrument(InstrumentKind::Stock);
        let listed = stock.clone().with_nxt_listed(true).unwrap();
        let alerted = listed.clone().with_alert(true);
        for (what, issue, venue, by_hour) in [
            ("stock", &stock, Venue::Krx, [true, true]),
            ("stock", &stock, Venue::Nxt, [false, false]),
            ("stock", &stock, Venue::Sor, [true, true]),
            ("on Nextrade", &listed, Venue::Nxt, [true, true]),
            ("on Nextrade", &listed, Venue::Sor, [true, true]),
            ("alerted", &alerted, Venue::Krx, [true, false]),
            ("alerted", &alerted, Venue::Nxt, [false, false]),
            (
                "ETF",
                &instrument(InstrumentKind::Etf),
                Venue::Krx,
                [true, false],
            ),
            (
                "ELW",
                &instrument(InstrumentKind::Elw),
                Venue::Krx,
                [true, false],
            ),
        ] {
            let found = [10, 16].map(|hour| takes(issue, venue, hour));
            assert_eq!(found, by_hour, "{what} on {venue}");
        }
        let takes_close = |kind| {
            hours
                .taken(&instrument(kind), Venue::Krx, at(15, 45))
                .contains_type(OrderType::PostClose)
        };
        assert!(takes_close(InstrumentKind::Etf) && !takes_close(InstrumentKind::Elw));
    }
}
