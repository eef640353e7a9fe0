//! The first record: what the file is, and of whom.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::Serialize;

use crate::domain::{BrokerType, Timestamp, ValueError};

use super::codes::DiskCode;
use super::error::Damage;
use super::layout::{EMPTY, Put, RECORD_LEN_CODE, Slot, Take, seal, verify};

const MAGIC: [u8; 8] = *b"GWANMUNJ";
const VERSION: u16 = 1;

/// The name of a gateway as part of a file name: 1 to 32 lower-case letters, digits, hyphens and underscores.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JournalName(Box<str>);

impl JournalName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// FNV-1a of 64 bits, which is the same in every build.
    fn hash(&self) -> u64 {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        self.0.bytes().fold(OFFSET, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        })
    }
}

impl FromStr for JournalName {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
        };
        if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(ValueError::new(
                "gateway name",
                text,
                "1 to 32 lower-case letters, digits, hyphens and underscores",
            ))
        }
    }
}

impl fmt::Display for JournalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What the file is, and of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The broker.
    pub broker: BrokerType,
    /// The trading date, which order numbers belong to.
    pub trading_date: Date,
    /// A hash of the gateway's name.
    pub name_hash: u64,
    /// When the file was made, by the clock of the caller.
    pub created_at: Timestamp,
}

impl Header {
    /// The header of a new file.
    pub fn new(
        broker: BrokerType,
        name: &JournalName,
        trading_date: Date,
        created_at: Timestamp,
    ) -> Self {
        Self {
            broker,
            trading_date,
            name_hash: name.hash(),
            created_at,
        }
    }

    /// The bytes, and the checksum that the records are bound to.
    pub(super) fn encode(&self) -> (Slot, u32) {
        let mut slot = EMPTY;
        let mut put = Put::new(&mut slot);
        put.bytes(MAGIC).u16(VERSION).u16(RECORD_LEN_CODE);
        put.u8(self.broker.code()).bytes([0; 3]);
        put.u32(date_code(self.trading_date))
            .u64(self.name_hash)
            .i64(self.created_at.nanos());
        let seed = seal(&mut slot, 0);
        (slot, seed)
    }

    /// The header and the checksum that the records are bound to.
    ///
    /// # Errors
    /// When the file is not a journal, of another version, or its header is damaged.
    pub(super) fn decode(slot: &Slot) -> Result<(Self, u32), Damage> {
        let mut take = Take::new(slot);
        if take.bytes()? != MAGIC {
            return Err(Damage::Magic);
        }
        let seed = verify(slot, 0).ok_or(Damage::Checksum)?;
        match take.u16()? {
            VERSION => {}
            other => return Err(Damage::Version(other)),
        }
        if take.u16()? != RECORD_LEN_CODE {
            return Err(Damage::Field("record length"));
        }
        let broker = DiskCode::from_code(take.u8()?).ok_or(Damage::Field("broker"))?;
        if take.bytes()? != [0; 3] {
            return Err(Damage::Field("unused bytes"));
        }
        let trading_date = date_of(take.u32()?).ok_or(Damage::Field("trading date"))?;
        let header = Self {
            broker,
            trading_date,
            name_hash: take.u64()?,
            created_at: Timestamp::from_nanos(take.i64()?),
        };
        take.finish()?;
        Ok((header, seed))
    }

    /// Whether this file is the one that `wanted` describes; the time of creation does not matter.
    ///
    /// # Errors
    /// Names what is different.
    pub(super) fn check(&self, wanted: &Self) -> Result<(), Damage> {
        if self.broker != wanted.broker {
            Err(Damage::Broker)
        } else if self.name_hash != wanted.name_hash {
            Err(Damage::Name)
        } else if self.trading_date != wanted.trading_date {
            Err(Damage::TradingDate(self.trading_date))
        } else {
            Ok(())
        }
    }
}

/// `yyyymmdd`; 0 for years before 1, which have no trading day.
fn date_code(date: Date) -> u32 {
    let part = |value: i16| u32::try_from(value).unwrap_or_default();
    part(date.year()) * 10_000 + part(date.month().into()) * 100 + part(date.day().into())
}

fn date_of(code: u32) -> Option<Date> {
    let year = i16::try_from(code / 10_000).ok()?;
    let month = i8::try_from(code / 100 % 100).ok()?;
    let day = i8::try_from(code % 100).ok()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::layout::RECORD_LEN;
    use super::*;

    fn header() -> Header {
        let name = "kis-main".parse().unwrap();
        Header::new(
            BrokerType::Kis,
            &name,
            date(2026, 11, 24),
            Timestamp::from_nanos(5),
        )
    }

    #[test]
    fn names_stay_inside_the_directory() {
        for text in ["", "../a", "a/b", "A", "a b", "계좌", &"a".repeat(33)] {
            assert!(
                text.parse::<JournalName>().is_err(),
                "{text:?} was taken as a name"
            );
        }
    }

    #[test]
    fn every_flipped_bit_of_a_header_is_noticed() {
        let (slot, _) = header().encode();
        assert_eq!(
            Header::decode(&slot).map(|(header, _)| header),
            Ok(header())
        );
        for bit in 0..RECORD_LEN * 8 {
            let mut flipped = slot;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Header::decode(&flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn another_version_is_named() {
        let (mut slot, _) = header().encode();
        slot[8] = 9;
        seal(&mut slot, 0);
        assert_eq!(Header::decode(&slot), Err(Damage::Version(9)));
    }

    #[test]
    fn a_file_of_another_gateway_or_day_is_told_apart() {
        let wanted = header();
        let other_name = "kis-other".parse().unwrap();
        let at = Timestamp::EPOCH;
        let day = wanted.trading_date;
        for (found, damage) in [
            (
                Header::new(BrokerType::Kis, &other_name, day, at),
                Damage::Name,
            ),
            (
                Header {
                    broker: BrokerType::Mock,
                    ..wanted
                },
                Damage::Broker,
            ),
            (
                Header {
                    trading_date: date(2026, 11, 25),
                    ..wanted
                },
                Damage::TradingDate(date(2026, 11, 25)),
            ),
        ] {
            assert_eq!(found.check(&wanted), Err(damage));
        }
    }
}
