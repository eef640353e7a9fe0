//! Bytes that nobody should send: an error or values, and never a panic.

use gwanmun::wire::kis::realtime::{
    Book, Feed, Frame, Layout, Message, Notice, NoticeKey, Records, Registration, Splitter, Status,
    Trade, encode,
};
use proptest::prelude::*;

use super::Example;

/// Asks for everything that there is.
fn read_all(message: &[u8]) {
    // What comes of it does not matter here.
    let _ = Registration::parse(message);
    let Ok(Message::Frame(frame)) = Message::parse(message) else {
        return;
    };
    read_frame(&frame);
    let key = NoticeKey::new("abcdefghijklmnopqrstuvwxyzabcdef", "0123456789abcdef").unwrap();
    let mut buffer = Vec::new();
    if let Ok(frame) = key.open(&frame, &mut buffer) {
        read_frame(&frame);
    }
}

fn read_frame(frame: &Frame<'_>) {
    let mut splitter = Splitter::new();
    let Ok(records) = splitter.split(frame) else {
        return;
    };
    match records {
        Records::Trades(table) | Records::Expected(table) | Records::OvertimeTrades(table) => {
            for trade in table.records() {
                let _ = Trade::read(&trade);
            }
        }
        Records::Books(table) | Records::OvertimeBooks(table) => {
            for book in table.records() {
                let _ = (Book::read(&book), book.tail(), book.krx_midpoint());
            }
        }
        Records::Notices(table) => {
            for notice in table.records() {
                let _ = (Notice::read(&notice), notice.tail(), notice.news());
            }
        }
        Records::Statuses(table) => {
            for status in table.records() {
                let _ = Status::read(&status);
            }
        }
        Records::Indices(table) => {
            for index in table.records() {
                let _ = index.raw_at(29);
            }
        }
    }
}

/// A message of an example, and a place in it.
fn example_and_place() -> impl Strategy<Value = (Vec<u8>, usize)> {
    let texts = Example::all()
        .flat_map(|(_, example)| {
            let texts = example
                .frames()
                .into_iter()
                .chain(example.texts("client_sends"));
            texts
                .map(|text| text.as_bytes().to_vec())
                .collect::<Vec<_>>()
        })
        .collect::<Vec<_>>();
    prop::sample::select(texts).prop_flat_map(|text| {
        let places = 0..text.len();
        (Just(text), places)
    })
}

/// Bytes of which a good part are those that mean something.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "[0-9^|.+-]{0,60}".prop_map(String::into_bytes),
        "[{}\":,a-zA-Z_\\\\]{0,30}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_trouble(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes);
    }

    #[test]
    fn arbitrary_values_behind_a_right_head_are_no_trouble(
        feed in prop::sample::select(Feed::ALL),
        sealed in any::<bool>(),
        count in "[0-9]{0,5}",
        pieces in proptest::collection::vec(piece(), 0..80),
    ) {
        let mut text = format!("{}|{feed}|{count}|", u8::from(sealed)).into_bytes();
        text.extend(pieces.join(&b'^'));
        read_all(&text);
    }

    #[test]
    fn a_damaged_example_is_no_trouble(
        (text, at) in example_and_place(),
        instead in piece(),
        cut in 0_usize..30,
    ) {
        let mut damaged = text[..at].to_vec();
        damaged.extend(instead);
        damaged.extend(&text[(at + cut).min(text.len())..]);
        read_all(&damaged);
        read_all(&text[..at]);
    }

    /// What a wrong key happens to open has to be no trouble either.
    #[test]
    fn whatever_a_notice_opens_to_is_no_trouble(
        pieces in proptest::collection::vec(piece(), 0..40),
        paper in any::<bool>(),
    ) {
        let key = NoticeKey::new("abcdefghijklmnopqrstuvwxyzabcdef", "0123456789abcdef").unwrap();
        let feed = if paper { Feed::NoticePaper } else { Feed::Notice };
        let mut text = format!("1|{feed}|001|").into_bytes();
        key.seal(&pieces.join(&b'^'), &mut text);
        read_all(&text);
    }

    /// Text of any kind in a record makes neither a value nor a record more.
    #[test]
    fn text_cannot_break_out_of_its_value(symbol in "\\PC{0,20}", date in "[\\PC^|]{0,12}") {
        let trade = Trade { symbol: &symbol, date: &date, ..Trade::default() };
        let mut text = Vec::new();
        encode::trades(Feed::TradeKrx, Layout::Current, &[trade, trade], &mut text);
        let frame = Frame::parse(&text).unwrap();
        let mut splitter = Splitter::new();
        let Records::Trades(table) = splitter.split(&frame).unwrap() else {
            panic!("trades");
        };
        prop_assert_eq!((table.width(), table.records().len()), (47, 2));
    }
}
