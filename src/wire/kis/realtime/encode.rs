//! Frames out: what an emulator sends.

use super::cipher::NoticeKey;
use super::codes::Code;
use super::feed::{Feed, Layout};
use super::record::TimeOfDay;
use super::split::SEPARATOR;
use super::{Book, Notice, Status, Trade};

/// A record as values, which it writes in the order of its feed.
trait Values {
    /// Writes exactly `width` values.
    fn write(&self, feed: Feed, width: usize, to: &mut Writer<'_>);
}

/// Appends a frame of trades to `out`: at most 999 of them.
pub fn trades(feed: Feed, layout: Layout, trades: &[Trade<'_>], out: &mut Vec<u8>) {
    frame(feed, layout, trades, out);
}

/// Appends a frame of order books to `out`. KIS sends one a frame.
pub fn books(feed: Feed, layout: Layout, books: &[Book<'_>], out: &mut Vec<u8>) {
    frame(feed, layout, books, out);
}

/// Appends a frame of states to `out`.
pub fn statuses(feed: Feed, layout: Layout, statuses: &[Status<'_>], out: &mut Vec<u8>) {
    frame(feed, layout, statuses, out);
}

/// Appends a frame of one notice, encrypted, to `out`.
pub fn notice(feed: Feed, layout: Layout, notice: &Notice<'_>, key: &NoticeKey, out: &mut Vec<u8>) {
    let mut plain = Vec::with_capacity(256);
    notice_text(feed, layout, notice, &mut plain);
    head(true, feed, 1, out);
    key.seal(&plain, out);
}

/// Appends the values of a notice to `out`, neither encrypted nor with a head: what the encryption is over.
pub fn notice_text(feed: Feed, layout: Layout, notice: &Notice<'_>, out: &mut Vec<u8>) {
    let mut writer = Writer::new(out);
    notice.write(feed, feed.width(layout), &mut writer);
}

fn frame<V: Values>(feed: Feed, layout: Layout, records: &[V], out: &mut Vec<u8>) {
    head(false, feed, records.len(), out);
    let width = feed.width(layout);
    let mut writer = Writer::new(out);
    for record in records {
        record.write(feed, width, &mut writer);
    }
}

fn head(encrypted: bool, feed: Feed, records: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(if encrypted { b"1|" } else { b"0|" });
    out.extend_from_slice(feed.tr_id().as_bytes());
    out.push(b'|');
    padded(out, records as u64, 3);
    out.push(b'|');
}

/// Writes values, with separators between them.
#[derive(Debug)]
pub(super) struct Writer<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> Writer<'o> {
    fn new(out: &'o mut Vec<u8>) -> Self {
        Self { out, first: true }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(SEPARATOR);
        }
    }

    /// An empty value.
    pub(super) fn nothing(&mut self) {
        self.separate();
    }

    /// Text. A separator in it becomes a blank: it would make one value more.
    pub(super) fn text(&mut self, text: &str) {
        self.separate();
        let clean = |byte| match byte {
            SEPARATOR => b' ',
            byte => byte,
        };
        self.out.extend(text.bytes().map(clean));
    }

    pub(super) fn code(&mut self, code: Code) {
        self.text(code.as_str());
    }

    pub(super) fn unsigned(&mut self, number: u64) {
        self.padded(number, 1);
    }

    /// A number of at least `digits` digits, zeros in front.
    pub(super) fn padded(&mut self, number: u64, digits: usize) {
        self.separate();
        padded(self.out, number, digits);
    }

    pub(super) fn signed(&mut self, number: i64) {
        self.separate();
        self.minus(number);
        padded(self.out, number.unsigned_abs(), 1);
    }

    /// Two decimals, from hundredths.
    pub(super) fn hundredths(&mut self, number: i64) {
        self.separate();
        self.minus(number);
        let magnitude = number.unsigned_abs();
        padded(self.out, magnitude / 100, 1);
        self.out.push(b'.');
        padded(self.out, magnitude % 100, 2);
    }

    pub(super) fn time(&mut self, time: TimeOfDay) {
        self.padded(time.hhmmss().into(), 6);
    }

    pub(super) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.nothing(),
        }
    }

    fn minus(&mut self, number: i64) {
        if number < 0 {
            self.out.push(b'-');
        }
    }
}

fn padded(out: &mut Vec<u8>, number: u64, digits: usize) {
    const DIGITS_MAX: usize = 20;
    let mut text = [b'0'; DIGITS_MAX];
    let mut rest = number;
    let mut from = DIGITS_MAX;
    for place in text.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        // The remainder of a division by 10 is one digit.
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
        from -= 1;
    }
    let from = from.min(DIGITS_MAX - digits.min(DIGITS_MAX));
    out.extend_from_slice(&text[from..]);
}

impl Values for Trade<'_> {
    fn write(&self, _: Feed, width: usize, to: &mut Writer<'_>) {
        self.write_to(width, to);
    }
}

impl Values for Book<'_> {
    fn write(&self, feed: Feed, width: usize, to: &mut Writer<'_>) {
        self.write_to(feed, width, to);
    }
}

impl Values for Status<'_> {
    fn write(&self, _: Feed, width: usize, to: &mut Writer<'_>) {
        self.write_to(width, to);
    }
}

impl Values for Notice<'_> {
    fn write(&self, feed: Feed, width: usize, to: &mut Writer<'_>) {
        self.write_to(feed, width, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_kis_writes_them() {
        let mut out = Vec::new();
        let mut to = Writer::new(&mut out);
        to.unsigned(0);
        to.unsigned(4_895_129_339_500);
        to.padded(15_470, 9);
        to.padded(u64::MAX, 1);
        to.signed(-184_000);
        to.signed(i64::MIN);
        to.hundredths(-844);
        to.hundredths(5);
        to.nothing();
        to.text("a^b");
        to.time(TimeOfDay::from_hhmmss(90_027).expect("a time"));
        assert_eq!(
            String::from_utf8(out).expect("text"),
            "0^4895129339500^000015470^18446744073709551615^-184000^-9223372036854775808^-8.44^0.05^^a b^090027"
        );
    }
}
