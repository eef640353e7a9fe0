//! 종목마스터 (master files): every listed symbol with its base price, lot and warnings.
//!
//! One file for each market, handed out as a zip without a login, and refreshed several times a trading day. A record is a
//! line of fixed width in CP949, cut in bytes: 288 for KOSPI, 282 for KOSDAQ, 245 for KONEX. Korean names are decoded with
//! replacement of what is damaged, because nothing hangs on them; every other field is ASCII or the row is refused.
//! koreainvestment/open-trading-api:stocks_info, read 2026-07.

mod encode;
mod fields;
#[cfg(feature = "kis")]
mod unzip;

use std::borrow::Cow;
use std::fmt;

use encoding_rs::EUC_KR;

pub use fields::MasterField;
use fields::{KONEX, KOSDAQ, KOSPI, Layout};
#[cfg(feature = "kis")]
pub use unzip::{UnzipError, unzip};

/// A master file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MasterFile {
    /// 유가증권시장.
    Kospi,
    /// 코스닥.
    Kosdaq,
    /// 코넥스.
    Konex,
}

impl MasterFile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kospi, Self::Kosdaq, Self::Konex];

    /// The path on [`MASTERS`](super::hosts::MASTERS).
    pub const fn path(self) -> &'static str {
        match self {
            Self::Kospi => "/common/master/kospi_code.mst.zip",
            Self::Kosdaq => "/common/master/kosdaq_code.mst.zip",
            Self::Konex => "/common/master/konex_code.mst.zip",
        }
    }

    /// The length of a record without its line end, in bytes.
    pub fn record_len(self) -> usize {
        self.layout().iter().map(|(_, width)| width).sum()
    }

    const fn layout(self) -> Layout {
        match self {
            Self::Kospi => KOSPI,
            Self::Kosdaq => KOSDAQ,
            Self::Konex => KONEX,
        }
    }

    /// The records of an unpacked file, in its order. A line that is not a record is an error of that line; the others
    /// can still be used.
    pub fn rows(self, bytes: &[u8]) -> impl Iterator<Item = Result<MasterRow<'_>, MasterError>> {
        bytes
            .split(|byte| *byte == b'\n')
            .enumerate()
            .map(|(index, line)| (index, line.strip_suffix(b"\r").unwrap_or(line)))
            .filter(|(_, line)| !line.is_empty())
            .map(move |(index, line)| {
                MasterRow::parse(self, line).map_err(|problem| MasterError {
                    line: index + 1,
                    problem,
                })
            })
    }
}

/// A record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterRow<'a> {
    file: MasterFile,
    line: &'a [u8],
}

impl<'a> MasterRow<'a> {
    /// Reads one line, without its end. Fields that KIS may append are ignored.
    fn parse(file: MasterFile, line: &'a [u8]) -> Result<Self, MasterProblem> {
        if line.len() < file.record_len() {
            return Err(MasterProblem::Short { found: line.len() });
        }
        let row = Self { file, line };
        for (field, _) in file.layout() {
            let ascii = row
                .bytes(*field)
                .is_some_and(|bytes| bytes.iter().all(|byte| (b' '..=b'~').contains(byte)));
            if !ascii && *field != MasterField::KoreanName {
                return Err(MasterProblem::NotAscii { field: *field });
            }
        }
        let code = row.short_code();
        if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(MasterProblem::Key {
                field: MasterField::ShortCode,
            });
        }
        let isin = row.standard_code();
        if isin.len() != 12 || !isin.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(MasterProblem::Key {
                field: MasterField::StandardCode,
            });
        }
        Ok(row)
    }

    /// The file it comes from.
    pub fn file(&self) -> MasterFile {
        self.file
    }

    /// 단축코드 (short code): the symbol.
    pub fn short_code(&self) -> &'a str {
        self.text(MasterField::ShortCode).unwrap_or("")
    }

    /// 표준코드 (standard code): the ISIN, twelve letters and digits.
    pub fn standard_code(&self) -> &'a str {
        self.text(MasterField::StandardCode).unwrap_or("")
    }

    /// 한글종목명 (Korean name).
    pub fn korean_name(&self) -> Cow<'a, str> {
        let bytes = self.bytes(MasterField::KoreanName).unwrap_or(&[]);
        // Of fixed width, so a name that fills it may end in half a character.
        EUC_KR.decode_without_bom_handling(bytes.trim_ascii()).0
    }

    /// A field as text, without padding. `None`: the file does not have it. Numbers are read by
    /// [`number`](super::number).
    pub fn text(&self, field: MasterField) -> Option<&'a str> {
        let bytes = self.bytes(field)?.trim_ascii();
        str::from_utf8(bytes).ok()
    }

    /// A field of Y and N. `None`: it is blank, or something else, or the file does not have it.
    pub fn flag(&self, field: MasterField) -> Option<bool> {
        match self.text(field)? {
            "Y" => Some(true),
            "N" => Some(false),
            _ => None,
        }
    }

    fn bytes(&self, field: MasterField) -> Option<&'a [u8]> {
        let mut offset = 0;
        for (other, width) in self.file.layout() {
            if *other == field {
                return self.line.get(offset..offset + width);
            }
            offset += width;
        }
        None
    }
}

impl fmt::Debug for MasterRow<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MasterRow")
            .field("file", &self.file)
            .field("short_code", &self.short_code())
            .field("korean_name", &self.korean_name())
            .finish_non_exhaustive()
    }
}

/// A line that is not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MasterError {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: MasterProblem,
}

/// What is wrong with a line of a master file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasterProblem {
    /// It is too short.
    Short {
        /// Its length in bytes.
        found: usize,
    },
    /// A field other than the name holds something else than printable ASCII.
    NotAscii {
        /// The field.
        field: MasterField,
    },
    /// A field by which symbols are known is blank or malformed.
    Key {
        /// The field.
        field: MasterField,
    },
}

impl fmt::Display for MasterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match self.problem {
            MasterProblem::Short { found } => {
                write!(
                    formatter,
                    "line {line} of the master file has only {found} bytes"
                )
            }
            MasterProblem::NotAscii { field } => {
                write!(
                    formatter,
                    "line {line} of the master file: {field:?} is not ascii"
                )
            }
            MasterProblem::Key { field } => {
                write!(
                    formatter,
                    "line {line} of the master file: {field:?} is malformed"
                )
            }
        }
    }
}

impl std::error::Error for MasterError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn records_are_as_long_as_those_of_the_real_files() {
        assert_eq!(MasterFile::ALL.map(MasterFile::record_len), [288, 282, 245]);
    }

    #[test]
    fn no_field_stands_twice_in_a_file() {
        for file in MasterFile::ALL {
            for (index, (field, _)) in file.layout().iter().enumerate() {
                assert!(
                    file.layout()[..index]
                        .iter()
                        .all(|(other, _)| other != field),
                    "{field:?} in {file:?}"
                );
            }
        }
    }

    /// A row with the three keys and blanks.
    fn row(file: MasterFile, name: &[u8]) -> Vec<u8> {
        let mut line = vec![b' '; file.record_len()];
        line[..6].copy_from_slice(b"005930");
        line[9..21].copy_from_slice(b"KR7005930003");
        line[21..21 + name.len()].copy_from_slice(name);
        line
    }

    #[test]
    fn a_damaged_name_damages_nothing_else() {
        // Half of a character at the very end of the name.
        let mut name = vec![b'A'; 39];
        name.push(0xBB);
        let line = row(MasterFile::Konex, &name);
        let parsed = MasterFile::Konex.rows(&line).next().unwrap().unwrap();
        assert_eq!(parsed.short_code(), "005930");
        assert!(parsed.korean_name().starts_with("AAA"));
    }

    #[test]
    fn lines_that_are_no_records_are_named_and_the_rest_is_read() {
        let mut file = row(MasterFile::Kosdaq, b"ONE");
        file.extend_from_slice(b"\r\nshort\n\n");
        let mut keyless = row(MasterFile::Kosdaq, b"TWO");
        keyless[..6].fill(b' ');
        file.extend_from_slice(&keyless);
        file.push(b'\n');
        let mut strange = row(MasterFile::Kosdaq, b"THREE");
        strange[100] = 0xB0;
        file.extend_from_slice(&strange);
        file.push(b'\n');
        // A field appended by the vendor.
        let mut longer = row(MasterFile::Kosdaq, b"FOUR");
        longer.extend_from_slice(b"NEW");
        file.extend_from_slice(&longer);
        let rows = MasterFile::Kosdaq.rows(&file).collect::<Vec<_>>();
        let problem = |line, problem| Err(MasterError { line, problem });
        assert_eq!(rows[0].unwrap().korean_name(), "ONE");
        assert_eq!(rows[1], problem(2, MasterProblem::Short { found: 5 }));
        assert_eq!(
            rows[2],
            problem(
                4,
                MasterProblem::Key {
                    field: MasterField::ShortCode
                }
            )
        );
        assert_eq!(
            rows[3],
            problem(
                5,
                MasterProblem::NotAscii {
                    field: MasterField::ReferencePrice
                }
            )
        );
        assert_eq!(rows[4].unwrap().korean_name(), "FOUR");
        assert_eq!(rows.len(), 5);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            for file in MasterFile::ALL {
                for row in file.rows(&bytes).flatten() {
                    let _ = row.korean_name();
                }
            }
        }
    }
}
