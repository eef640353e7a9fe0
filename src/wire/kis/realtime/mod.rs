//! What flows over the WebSocket: control messages in JSON and frames of values, both ways.
//!
//! A message is read in steps, and each step costs only what it finds out: [`Message::parse`] tells control messages from
//! frames and reads a frame's head; [`NoticeKey::open`] decrypts; a [`Splitter`] finds the values and shares them out among
//! records; a [`Record`] reads the values that are asked for. Nothing in this is believed before it is checked, and nothing
//! allocates once the buffers have grown.
//!
//! [`encode`] is the other direction, for an emulator.

mod book;
mod book_field;
mod cipher;
mod codes;
mod control;
mod digits;
pub mod encode;
mod feed;
mod field;
mod frame;
mod notice;
mod notice_field;
mod record;
mod split;
mod status;
mod status_field;
mod trade;
mod trade_field;

pub use book::{Book, BookTail, ExpectedMatch, LEVELS, Level, Midpoint};
pub use book_field::BookField;
pub use cipher::{KeyError, NoticeKey, OpenError};
pub use codes::{
    Code, CommandCode, ConditionCode, ExchangeCode, HourClass, MarketClass, NoticeKind,
    RefusedCode, SideCode, SignCode, StageCode, TakerCode, YesNo,
};
pub use control::{
    Answer, Control, ControlError, CustomerCode, OpspCode, RegisterCode, Registration, SessionKey,
    heartbeat,
};
pub use feed::{Feed, FeedKind, Layout};
pub use field::Field;
pub use frame::{FRAME_LEN_MAX, Frame, FrameError, Message, MessageError};
pub use notice::{Notice, NoticeNews, NoticeTail};
pub use notice_field::NoticeField;
pub use record::{
    BookRecord, FieldError, FieldFault, IndexRecord, NoticeRecord, Record, Records, Splitter,
    StatusRecord, Table, TimeOfDay, TradeRecord,
};
pub use status::Status;
pub use status_field::{IndexField, StatusField};
pub use trade::{Against, Trade};
pub use trade_field::TradeField;
