//! How frames are shared out among records, and what of the examples is not ours.

use gwanmun::wire::kis::realtime::{
    Feed, FieldFault, Frame, FrameError, Message, Records, Splitter, TradeField,
};

use super::{Example, frame, frame_of, with_records};

#[test]
fn every_example_is_read_or_of_another_product() {
    let mut read = 0;
    for (name, example) in Example::all() {
        for text in example.frames() {
            let message = Message::parse(text.as_bytes());
            if name.starts_with("HDFS") || (name.starts_with("H0GS") && !text.starts_with('{')) {
                let head = Frame::parse(text.as_bytes());
                assert_eq!(head, Err(FrameError::UnknownFeed), "{name}");
                continue;
            }
            match message.unwrap_or_else(|error| panic!("{name}: {error}")) {
                Message::Frame(frame) if frame.is_encrypted() => {}
                Message::Frame(frame) => {
                    let mut splitter = Splitter::new();
                    splitter
                        .split(&frame)
                        .unwrap_or_else(|error| panic!("{name}: {error}"));
                }
                Message::Control(_) => {}
            }
            read += 1;
        }
    }
    assert!(read > 20);
}

/// One splitter for all frames, as a reader has it: nothing of the frame before is left in the next.
#[test]
fn a_splitter_forgets_the_frame_before() {
    let mut splitter = Splitter::new();
    let examples = Example::all()
        .map(|(_, example)| example)
        .collect::<Vec<_>>();
    let texts = examples
        .iter()
        .flat_map(Example::frames)
        .collect::<Vec<_>>();
    for text in texts.iter().chain(texts.iter().rev()) {
        let Ok(frame) = Frame::parse(text.as_bytes()) else {
            continue;
        };
        let Ok(records) = splitter.split(&frame) else {
            continue;
        };
        let values = frame
            .payload()
            .split(|byte| *byte == b'^')
            .collect::<Vec<_>>();
        let Records::Trades(table) = records else {
            continue;
        };
        let found = table
            .records()
            .flat_map(|record| (0..record.width()).map(move |at| record.raw_at(at).unwrap()));
        assert_eq!(found.collect::<Vec<_>>(), values);
    }
}

#[test]
fn values_that_do_not_divide_are_no_records() {
    let mut splitter = Splitter::new();
    for (records, values) in [(2, 93), (3, 137), (3, 139), (2, 91)] {
        let text = frame_of("H0STCNT0", records, &vec!["1"; values]);
        assert_eq!(
            splitter.split(&frame(&text)).unwrap_err(),
            FrameError::Uneven {
                feed: Feed::TradeKrx,
                values: u32::try_from(values).unwrap(),
                records: u16::try_from(records).unwrap(),
            }
        );
    }
}

#[test]
fn a_record_is_neither_too_narrow_nor_two_records() {
    let mut splitter = Splitter::new();
    let mut split = |records, values: usize| {
        let text = frame_of("H0STCNT0", records, &vec!["1"; values]);
        splitter.split(&frame(&text)).map(|_| ())
    };
    let narrow = |width| FrameError::TooNarrow {
        feed: Feed::TradeKrx,
        width,
    };
    assert_eq!(split(1, 1), Err(narrow(1)));
    assert_eq!(split(1, 45), Err(narrow(45)));
    assert_eq!(split(1, 46), Ok(()));
    assert_eq!(split(1, 91), Ok(()));
    // A count of one over two records would lose the second.
    assert_eq!(split(1, 92), Err(FrameError::TooWide(Feed::TradeKrx)));
    assert_eq!(split(3, 3 * 91), Ok(()));
    assert_eq!(split(3, 3 * 92), Err(FrameError::TooWide(Feed::TradeKrx)));
    assert_eq!(split(999, 999 * 47), Ok(()));
}

#[test]
fn an_error_names_the_field_and_not_the_value() {
    let example = Example::read("H0STCNT0_single");
    let text = example.frames()[0].replacen("1996000", "1,996,000", 1);
    with_records(&text, |records| {
        let Records::Trades(table) = records else {
            panic!("{records:?}");
        };
        let trade = table.records().next().unwrap();
        let error = trade.price().unwrap_err();
        assert_eq!(error.fault, FieldFault::NotANumber);
        assert_eq!(error.to_string(), "H0STCNT0 STCK_PRPR: not a number");
        assert_eq!(trade.bid(), Ok(1_996_000), "the others are untouched");
    });
}

#[test]
fn keys_are_strict() {
    for (symbol, fault) in [
        ("", FieldFault::Empty),
        ("  ", FieldFault::Empty),
        ("삼성전자", FieldFault::NotAscii),
        ("00 660", FieldFault::NotAscii),
        ("0000000000000000000", FieldFault::TooLong),
    ] {
        let text = Example::read("H0STCNT0_single").frames()[0].replacen("000660", symbol, 1);
        with_records(&text, |records| {
            let Records::Trades(table) = records else {
                panic!("{records:?}");
            };
            let error = table.records().next().unwrap().symbol().unwrap_err();
            assert_eq!((error.field, error.fault), ("MKSC_SHRN_ISCD", fault));
        });
    }
}

#[test]
fn times_are_strict() {
    for time in [
        "", "9", "24:00", "240000", "106000", "100060", "1039255", "-10000",
    ] {
        let text = Example::read("H0STCNT0_single").frames()[0].replacen("103925", time, 1);
        with_records(&text, |records| {
            let Records::Trades(table) = records else {
                panic!("{records:?}");
            };
            let record = table.records().next().unwrap();
            let error = record.time(TradeField::STCK_CNTG_HOUR).unwrap_err();
            assert_eq!(error.fault, FieldFault::NotATime, "{time}");
        });
    }
}
