//! Execution notices: encryption, layouts, meaning.

use std::borrow::Cow;

use gwanmun::wire::kis::realtime::{
    Code, CommandCode, ConditionCode, Control, ExchangeCode, Feed, Frame, FrameError, Layout,
    Message, Notice, NoticeKey, NoticeKind, NoticeNews, NoticeRecord, OpenError, Records,
    RefusedCode, SideCode, Splitter, StageCode, YesNo, encode,
};

use super::{Example, frame};

/// The key that the first message of an example answers with.
fn key_of(example: &Example) -> NoticeKey {
    let message = Message::parse(example.frames()[0].as_bytes()).unwrap();
    let Message::Control(Control::Answer(answer)) = message else {
        panic!("{message:?}");
    };
    assert_eq!(answer.encrypt, "N", "although notices are encrypted");
    answer.key.unwrap().notice_key().unwrap()
}

fn with_notice<T>(frame: &Frame<'_>, work: impl FnOnce(&NoticeRecord<'_>) -> T) -> T {
    let mut splitter = Splitter::new();
    let Records::Notices(table) = splitter.split(frame).unwrap() else {
        panic!("{frame:?}");
    };
    work(&table.records().next().unwrap())
}

/// The texts that the note of an example tells.
fn plain_texts(example: &Example) -> Vec<&str> {
    let note = example.0["note"].as_str().unwrap();
    let texts = note.split_once(": ").unwrap().1;
    texts.split("  //  ").collect()
}

#[test]
fn notices_open_and_close_to_the_same_bytes() {
    for name in [
        "H0STCNI0_receipt_and_fill_real_layout",
        "H0STCNI9_receipt_and_fill_paper_layout",
    ] {
        let example = Example::read(name);
        let key = key_of(&example);
        let mut buffer = Vec::new();
        let frames = example.frames();
        let plain = plain_texts(&example);
        assert_eq!(frames.len() - 1, plain.len());
        for (text, plain) in frames[1..].iter().zip(plain) {
            let sealed = frame(text);
            assert_eq!(
                Splitter::new().split(&sealed).unwrap_err(),
                FrameError::Encrypted(sealed.feed())
            );
            let open = key.open(&sealed, &mut buffer).unwrap();
            assert_eq!(str::from_utf8(open.payload()), Ok(plain));
            let again = with_notice(&open, |record| {
                let notice = Notice::read(record).unwrap_or_else(|error| panic!("{error}"));
                let mut out = Vec::new();
                encode::notice(sealed.feed(), Layout::Current, &notice, &key, &mut out);
                String::from_utf8(out).unwrap()
            });
            assert_eq!(again, **text, "{name}");
        }
    }
}

#[test]
fn a_receipt_is_no_execution_although_it_has_a_quantity() {
    let example = Example::read("H0STCNI0_receipt_and_fill_real_layout");
    let key = key_of(&example);
    let mut buffer = Vec::new();
    let frames = example.frames();
    let news = frames[1..].iter().map(|text| {
        let open = key.open(&frame(text), &mut buffer).unwrap();
        with_notice(&open, |notice| {
            assert_eq!(notice.width(), 26);
            assert_eq!(notice.customer(), "@1234567");
            assert_eq!(notice.account(), Ok("1234567801"));
            assert_eq!(notice.order_no(), Ok(18_424_200));
            assert_eq!(notice.original_no(), Ok(None));
            assert_eq!(notice.side(), Ok(SideCode::Buy));
            assert_eq!(notice.symbol(), Ok("004090"));
            assert_eq!(notice.notice_time().map(|time| time.hhmmss()), Ok(94_801));
            assert_eq!(notice.order_qty(), Ok(Some(1)));
            let tail = notice.tail().unwrap();
            assert_eq!(tail.exchange, ExchangeCode::Krx);
            assert_eq!(tail.popup, YesNo::Yes);
            assert_eq!(tail.name, "한국석유");
            assert_eq!(tail.credit.as_str(), "10");
            (notice.news().unwrap(), tail.order_price)
        })
    });
    assert_eq!(
        news.collect::<Vec<_>>(),
        [
            (
                NoticeNews::Receipt {
                    command: CommandCode::New,
                    stage: StageCode::Received,
                    qty: 1,
                    price: 0
                },
                None
            ),
            (
                NoticeNews::Execution {
                    qty: 1,
                    price: 15_470
                },
                Some(0)
            ),
        ]
    );
}

#[test]
fn the_paper_server_packs_what_the_real_one_spreads() {
    let example = Example::read("H0STCNI9_receipt_and_fill_paper_layout");
    let key = key_of(&example);
    let mut buffer = Vec::new();
    let open = key.open(&frame(example.frames()[2]), &mut buffer).unwrap();
    assert_eq!(open.feed(), Feed::NoticePaper);
    with_notice(&open, |notice| {
        assert_eq!(notice.width(), 23);
        assert_eq!(notice.order_no(), Ok(5_008));
        assert_eq!(
            notice.news(),
            Ok(NoticeNews::Execution {
                qty: 1,
                price: 43_295
            })
        );
        let tail = notice.tail().unwrap();
        assert_eq!(tail.exchange, ExchangeCode::Krx);
        assert_eq!(tail.name, "KODEX200");
        assert_eq!(tail.order_price, Some(44_000));
    });
}

/// The documentation of 2023 repeats the name where paper packs the exchange.
#[test]
fn the_layout_of_2023_is_read_and_written() {
    let example = Example::read("H0STCNI0_plaintext_portal_old_layout");
    for text in example.texts("decrypted") {
        let whole = format!("0|H0STCNI0|001|{text}");
        with_notice(&frame(&whole), |record| {
            assert_eq!(record.customer(), "HTS ID");
            let notice = Notice::read(record).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(notice.symbol, "136480");
            assert_eq!(notice.tail.name, "하림");
            assert!(matches!(notice.tail.exchange, ExchangeCode::Other(code) if code.is_empty()));
            let mut out = Vec::new();
            encode::notice_text(Feed::Notice, Layout::Y2023, &notice, &mut out);
            assert_eq!(str::from_utf8(&out), Ok(text));
        });
    }
}

fn notice() -> Notice<'static> {
    let example = "0|H0STCNI0|001|@1234567^1234567801^0018424200^^02^0^00^0^004090^0000000010^000015470^094801^0^1^1^91259^000000010^홍길동^^1^Y^^10^^한국석유^";
    with_notice(&frame(example), |record| {
        let notice = Notice::read(record).unwrap();
        Notice {
            customer: Cow::Owned(notice.customer.into_owned()),
            account_name: Cow::Owned(notice.account_name.into_owned()),
            tail: gwanmun::wire::kis::realtime::NoticeTail {
                name: Cow::Owned(notice.tail.name.into_owned()),
                ..notice.tail
            },
            account: "1234567801",
            symbol: "004090",
            ..notice
        }
    })
}

/// Every combination of the three codes and its meaning: quantities count as executed in exactly one of them.
#[test]
fn the_codes_of_a_notice_have_one_meaning_each() {
    let code = |text| Code::new(text).unwrap();
    for kind in ["1", "2", "3", ""] {
        for refused in ["0", "1", "2", ""] {
            for stage in ["1", "2", "3", "4", ""] {
                let notice = Notice {
                    kind: code(kind).into(),
                    refused: code(refused).into(),
                    stage: code(stage).into(),
                    command: CommandCode::Cancel,
                    original_no: Some(7),
                    ..notice()
                };
                let mut text = b"0|H0STCNI0|001|".to_vec();
                encode::notice_text(Feed::Notice, Layout::Current, &notice, &mut text);
                let text = String::from_utf8(text).unwrap();
                let expected = match (kind, refused, stage) {
                    ("2", "0", _) => NoticeNews::Execution {
                        qty: 10,
                        price: 15_470,
                    },
                    ("1", "1", _) => NoticeNews::Refusal {
                        command: CommandCode::Cancel,
                        qty: 10,
                    },
                    ("1", "0", "1" | "2" | "3") => NoticeNews::Receipt {
                        command: CommandCode::Cancel,
                        stage: code(stage).into(),
                        qty: 10,
                        price: 15_470,
                    },
                    _ => NoticeNews::Unclear,
                };
                with_notice(&frame(&text), |record| {
                    assert_eq!(record.news(), Ok(expected), "{text}");
                    assert_eq!(record.original_no(), Ok(Some(7)));
                    assert_eq!(Notice::read(record).as_ref(), Ok(&notice));
                });
            }
        }
    }
}

#[test]
fn every_layout_keeps_what_matters() {
    let notice = Notice {
        kind: NoticeKind::Execution,
        refused: RefusedCode::No,
        stage: StageCode::Confirmed,
        condition: ConditionCode::Ioc,
        order_no: 42,
        ..notice()
    };
    for feed in [Feed::Notice, Feed::NoticePaper] {
        for layout in Layout::ALL {
            let mut text = format!("0|{feed}|001|").into_bytes();
            encode::notice_text(feed, *layout, &notice, &mut text);
            let text = String::from_utf8(text).unwrap();
            with_notice(&frame(&text), |record| {
                assert_eq!(record.width(), feed.width(*layout), "{feed} {layout}");
                assert_eq!(record.order_no(), Ok(42));
                assert_eq!(
                    record.news(),
                    Ok(NoticeNews::Execution {
                        qty: 10,
                        price: 15_470
                    })
                );
                assert_eq!(record.tail().unwrap().name, "한국석유");
            });
        }
    }
}

#[test]
fn the_key_of_another_connection_opens_nothing() {
    let real = Example::read("H0STCNI0_receipt_and_fill_real_layout");
    let other = key_of(&Example::read("H0STCNI9_receipt_and_fill_paper_layout"));
    for text in &real.frames()[1..] {
        let opened = other.open(&frame(text), &mut Vec::new()).map(|_| ());
        assert_eq!(opened, Err(OpenError::Padding));
    }
}
