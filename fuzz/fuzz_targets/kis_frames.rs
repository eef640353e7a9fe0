//! Any bytes as a message of the WebSocket of KIS: an error, or records of which every value is asked for, and never a panic. Two
//! readings of one message are the same.
#![no_main]

use gwanmun::wire::kis::realtime::{
    Book, Control, Message, Records, Registration, Splitter, Status, Trade,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(asked) = Registration::parse(bytes) {
        let json = asked.to_json();
        assert_eq!(Registration::parse(json.as_bytes()), Ok(asked));
    }
    match Message::parse(bytes) {
        Ok(Message::Frame(frame)) => {
            let mut splitter = Splitter::new();
            if let Ok(records) = splitter.split(&frame) {
                read(records, frame.payload());
            }
        }
        Ok(Message::Control(Control::Answer(answer))) => {
            let json = answer.to_json();
            let again = Message::parse(json.as_bytes()).expect("what was written is read");
            assert_eq!(again, Message::Control(Control::Answer(answer)));
        }
        Ok(Message::Control(Control::Heartbeat(text))) => assert_eq!(text, bytes),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

/// The values are those between the separators, and whole records are read or refused.
fn read(records: Records<'_>, payload: &[u8]) {
    let values = payload.split(|byte| *byte == b'^');
    macro_rules! each {
        ($table:expr, $read:expr) => {{
            let records = $table.records();
            let found = records.flat_map(|record| {
                (0..record.width()).map(move |at| record.raw_at(at).expect("inside the record"))
            });
            assert!(found.eq(values));
            for record in $table.records() {
                let _ = $read(&record);
            }
        }};
    }
    match records {
        Records::Trades(table) | Records::Expected(table) | Records::OvertimeTrades(table) => {
            each!(table, Trade::read)
        }
        Records::Books(table) | Records::OvertimeBooks(table) => each!(table, Book::read),
        Records::Statuses(table) => each!(table, Status::read),
        Records::Notices(table) => each!(table, |_: &_| ()),
        Records::Indices(table) => each!(table, |_: &_| ()),
    }
}
