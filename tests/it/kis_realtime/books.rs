//! Order books, states and indices.

use gwanmun::wire::kis::realtime::{
    Book, BookRecord, BookTail, Code, Feed, HourClass, IndexField, LEVELS, Layout, Level,
    MarketClass, Records, Status, YesNo, encode,
};

use super::{Example, with_records};

fn book_of<'f>(records: Records<'f>) -> BookRecord<'f> {
    let (Records::Books(table) | Records::OvertimeBooks(table)) = records else {
        panic!("{records:?}");
    };
    table.records().next().unwrap()
}

fn written(feed: Feed, layout: Layout, book: &BookRecord<'_>) -> String {
    let mut out = Vec::new();
    let book = Book::read(book).unwrap_or_else(|error| panic!("{error}"));
    encode::books(feed, layout, &[book], &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_recorded_book_has_its_values() {
    let example = Example::read("H0STASP0_62_fields");
    with_records(example.frames()[0], |records| {
        let book = book_of(records);
        assert_eq!(book.feed(), Feed::BookKrx);
        assert_eq!(book.symbol(), Ok("000660"));
        assert_eq!(book.book_time().map(|time| time.hhmmss()), Ok(103_925));
        assert_eq!(book.hour_class(), Ok(HourClass::Session));
        let (asks, bids) = (book.asks().unwrap(), book.bids().unwrap());
        let ask_qtys = [49, 576, 1_520, 739, 398, 372, 347, 343, 130, 279];
        let bid_qtys = [30, 104, 69, 188, 138, 122, 503, 973, 599, 1_527];
        for level in 0..LEVELS {
            let away = 1_000 * i64::try_from(level).unwrap();
            let ask = Level {
                price: 1_996_000 + away,
                qty: ask_qtys[level],
            };
            let bid = Level {
                price: 1_995_000 - away,
                qty: bid_qtys[level],
            };
            assert_eq!((asks[level], bids[level]), (ask, bid), "level {level}");
        }
        assert_eq!(book.ask_total(), Ok(4_753));
        assert_eq!(book.bid_total(), Ok(4_253));
        assert_eq!(
            book.krx_midpoint().unwrap().map(|middle| middle.price),
            Some(1_995_500)
        );
        assert_eq!(book.tail(), Ok(BookTail::None));
        let whole = Book::read(&book).unwrap();
        assert_eq!(whole.expected.price, 0);
        assert_eq!(whole.expected.change_rate, -10_000);
        assert_eq!(whole.volume, 2_388_421);
        assert_eq!(
            (whole.ask_total_change, whole.bid_total_change),
            (-275, 1_483)
        );
    });
}

#[test]
fn every_example_is_written_as_it_was_read() {
    for (name, feed, layout) in [
        (
            "H0STASP0_59_fields_documented",
            Feed::BookKrx,
            Layout::Y2023,
        ),
        ("H0STASP0_62_fields", Feed::BookKrx, Layout::Mid2026),
        ("H0NXASP0", Feed::BookNxt, Layout::Mid2026),
        ("H0UNASP0", Feed::BookUnified, Layout::Mid2026),
        ("H0STOAA0", Feed::OvertimeBook, Layout::Mid2026),
    ] {
        for text in Example::read(name).frames() {
            with_records(text, |records| {
                assert_eq!(written(feed, layout, &book_of(records)), text, "{name}");
            });
        }
    }
}

#[test]
fn a_book_of_2023_has_no_midpoint() {
    let example = Example::read("H0STASP0_59_fields_documented");
    with_records(example.frames()[0], |records| {
        let book = book_of(records);
        assert_eq!(book.krx_midpoint(), Ok(None));
        assert_eq!(book.tail(), Ok(BookTail::None));
        assert_eq!(book.asks().map(|asks| asks[0].price), Ok(244_500));
    });
}

#[test]
fn the_same_place_means_another_thing_on_another_venue() {
    let krx = format!("{}^2", Example::read("H0STASP0_62_fields").frames()[0]);
    with_records(&krx, |records| {
        let book = book_of(records);
        assert_eq!(book.tail(), Ok(BookTail::Krx(MarketClass::Regular)));
        assert_eq!(written(Feed::BookKrx, Layout::Current, &book), krx);
    });
    let unified = format!("{}^1", Example::read("H0UNASP0").frames()[0]);
    with_records(&unified, |records| {
        let book = book_of(records);
        let Ok(BookTail::Nxt(middle, expected)) = book.tail() else {
            panic!("{:?}", book.tail());
        };
        assert_eq!((middle.price, middle.qty), (1_995_400, 210));
        assert_eq!(middle.class.as_str(), "2");
        assert_eq!(expected, Code::new("1"));
        assert_eq!(written(Feed::BookUnified, Layout::Current, &book), unified);
    });
}

#[test]
fn the_book_after_hours_has_the_levels_of_the_day() {
    let example = Example::read("H0STOAA0");
    with_records(example.frames()[0], |records| {
        assert!(matches!(records, Records::OvertimeBooks(_)));
        let book = book_of(records);
        assert_eq!(
            book.asks().map(|asks| asks[2]),
            Ok(Level {
                price: 78_000,
                qty: 9_284
            })
        );
        assert_eq!(
            book.bids().map(|bids| bids[2]),
            Ok(Level {
                price: 77_500,
                qty: 14_297
            })
        );
    });
}

#[test]
fn a_state_is_read_and_written() {
    for (name, feed) in [
        ("H0STMKO0", Feed::StatusKrx),
        ("H0UNMKO0_vi_on", Feed::StatusUnified),
    ] {
        for text in Example::read(name).frames() {
            with_records(text, |records| {
                let Records::Statuses(table) = records else {
                    panic!("{records:?}");
                };
                let status = Status::read(&table.records().next().unwrap()).unwrap();
                let mut out = Vec::new();
                encode::statuses(
                    feed,
                    Layout::Current,
                    std::slice::from_ref(&status),
                    &mut out,
                );
                assert_eq!(String::from_utf8(out).unwrap(), text);
            });
        }
    }
    let example = Example::read("H0UNMKO0_vi_on");
    let interrupted = example.frames().into_iter().map(|text| {
        with_records(text, |records| {
            let Records::Statuses(table) = records else {
                panic!("{records:?}");
            };
            let record = table.records().next().unwrap();
            let status = Status::read(&record).unwrap();
            assert_eq!(status.reason, None);
            assert_eq!(status.operation.as_str(), "AB1");
            (status.symbol.to_owned(), status.interrupted)
        })
    });
    assert_eq!(
        interrupted.collect::<Vec<_>>(),
        [
            ("003160".to_owned(), YesNo::Yes),
            ("100840".to_owned(), YesNo::No)
        ]
    );
}

#[test]
fn an_index_is_read_by_name() {
    let example = Example::read("H0UPCNT0_index");
    with_records(example.frames()[0], |records| {
        let Records::Indices(table) = records else {
            panic!("{records:?}");
        };
        let index = table.records().next().unwrap();
        assert_eq!(index.key(IndexField::BSTP_CLS_CODE), Ok("0001"));
        assert_eq!(index.hundredths(IndexField::PRPR_NMIX), Ok(262_454));
        assert_eq!(index.hundredths(IndexField::BSTP_NMIX_PRDY_VRSS), Ok(3_268));
        assert_eq!(index.unsigned(IndexField::DOWN_ISSU_CNT), Ok(177));
    });
}
