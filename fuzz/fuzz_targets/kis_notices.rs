//! Any bytes as the text of an execution notice, and as one that is still encrypted: an error or a notice, and never a panic. What
//! is read as a whole is written and read again as the same.
#![no_main]

use gwanmun::wire::kis::realtime::{
    Feed, Frame, Layout, Notice, NoticeKey, NoticeNews, Records, Splitter, encode,
};
use libfuzzer_sys::fuzz_target;

fn key() -> NoticeKey {
    NoticeKey::new("abcdefghijklmnopqrstuvwxyzabcdef", "0123456789abcdef").expect("a key")
}

/// The frame of `head` with `payload` behind.
fn framed(head: &str, payload: &[u8]) -> Vec<u8> {
    [head.as_bytes(), payload].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let (mut buffer, mut splitter) = (Vec::new(), Splitter::new());
    let raw = framed("1|H0STCNI0|001|", bytes);
    let frame = Frame::parse(&raw).expect("a right head");
    if let Ok(open) = key().open(&frame, &mut buffer) {
        let _ = splitter.split(&open);
    }
    let mut sealed = framed("1|H0STCNI0|001|", b"");
    key().seal(bytes, &mut sealed);
    let frame = Frame::parse(&sealed).expect("a right head");
    let open = key()
        .open(&frame, &mut buffer)
        .expect("what was sealed opens");
    assert_eq!(open.payload(), bytes);
    let Ok(Records::Notices(table)) = splitter.split(&open) else {
        return;
    };
    for record in table.records() {
        let _ = record.tail();
        let news = record.news();
        let Ok(notice) = Notice::read(&record) else {
            continue;
        };
        check_again(&notice, news.expect("its values were read"));
    }
});

/// Written in the widest layout, the notice says the same again.
fn check_again(notice: &Notice<'_>, news: NoticeNews) {
    let mut text = framed("0|H0STCNI0|001|", b"");
    encode::notice_text(Feed::Notice, Layout::Current, notice, &mut text);
    let frame = Frame::parse(&text).expect("a right head");
    let mut splitter = Splitter::new();
    let Ok(Records::Notices(table)) = splitter.split(&frame) else {
        panic!("a notice of the widest layout");
    };
    let record = table.records().next().expect("one record");
    assert_eq!(record.news(), Ok(news));
    assert_eq!(record.order_no(), Ok(notice.order_no));
    assert_eq!(record.original_no(), Ok(notice.original_no));
    assert_eq!(record.symbol(), Ok(notice.symbol));
    assert_eq!(record.account(), Ok(notice.account));
}
