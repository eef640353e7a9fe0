//! Unpacks a master file.

use std::fmt;
use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Unpacks the one file of a zip, which may not be longer than `len_max` bytes.
///
/// # Errors
/// When the bytes are not a zip of exactly one file, when the file is damaged, or when it is too long.
pub fn unzip(zipped: &[u8], len_max: usize) -> Result<Vec<u8>, UnzipError> {
    let mut archive = ZipArchive::new(Cursor::new(zipped)).map_err(|_| UnzipError::NotAZip)?;
    if archive.len() != 1 {
        return Err(UnzipError::Files {
            found: archive.len(),
        });
    }
    let file = archive.by_index(0).map_err(|_| UnzipError::NotAZip)?;
    let limit = u64::try_from(len_max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    // The size that the archive names is not believed: one byte more than allowed is enough to know.
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|_| UnzipError::Damaged)?;
    if bytes.len() > len_max {
        return Err(UnzipError::TooLong { len_max });
    }
    Ok(bytes)
}

/// Why a master file could not be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnzipError {
    /// It is not a zip, or of a kind that is not supported.
    NotAZip,
    /// It does not hold exactly one file.
    Files {
        /// How many it holds.
        found: usize,
    },
    /// The file cannot be unpacked, or its checksum is wrong.
    Damaged,
    /// The file is longer than allowed.
    TooLong {
        /// What is allowed, in bytes.
        len_max: usize,
    },
}

impl fmt::Display for UnzipError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAZip => formatter.write_str("not a zip archive that can be read"),
            Self::Files { found } => write!(formatter, "a zip archive of {found} files, not one"),
            Self::Damaged => formatter.write_str("a damaged zip archive"),
            Self::TooLong { len_max } => {
                write!(
                    formatter,
                    "a zip archive that unpacks to more than {len_max} bytes"
                )
            }
        }
    }
}

impl std::error::Error for UnzipError {}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn one_file_is_unpacked_up_to_its_bound() {
        let archive = zipped(&[("kospi_code.mst", &[b'x'; 1000])]);
        assert_eq!(unzip(&archive, 1000), Ok(vec![b'x'; 1000]));
        assert_eq!(
            unzip(&archive, 999),
            Err(UnzipError::TooLong { len_max: 999 })
        );
    }

    #[test]
    fn what_is_not_one_file_is_refused() {
        assert_eq!(unzip(b"<html>", 100), Err(UnzipError::NotAZip));
        assert_eq!(unzip(b"", 100), Err(UnzipError::NotAZip));
        assert_eq!(
            unzip(&zipped(&[]), 100),
            Err(UnzipError::Files { found: 0 })
        );
        let two = zipped(&[("a", b"1"), ("b", b"2")]);
        assert_eq!(unzip(&two, 100), Err(UnzipError::Files { found: 2 }));
    }

    #[test]
    fn no_damage_goes_unnoticed_or_panics() {
        let whole = zipped(&[("a", b"0123456789012345678901234567890123456789")]);
        for at in 0..whole.len() {
            let _ = unzip(&whole[..at], 1000);
            let mut bent = whole.clone();
            bent[at] ^= 0x55;
            if let Ok(bytes) = unzip(&bent, 1000) {
                assert_eq!(bytes, b"0123456789012345678901234567890123456789");
            }
        }
    }
}
