//! Records out: what an emulator sends.

use encoding_rs::EUC_KR;

use super::{MasterField, MasterFile};

impl MasterFile {
    /// A record with those fields and its line end; every other field is blank. Text is cut to the width of its field, and
    /// numbers are the caller's to pad.
    pub fn record(self, fields: &[(MasterField, &str)]) -> Vec<u8> {
        let mut record = Vec::with_capacity(self.record_len() + 1);
        for (field, width) in self.layout() {
            let given = fields.iter().find(|(name, _)| name == field);
            let text = given.map_or("", |(_, text)| text);
            let bytes = EUC_KR.encode(text).0;
            let end = record.len() + width;
            record.extend(bytes.iter().take(*width));
            record.resize(end, b' ');
        }
        record.push(b'\n');
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        for file in MasterFile::ALL {
            let record = file.record(&[
                (MasterField::ShortCode, "005930"),
                (MasterField::StandardCode, "KR7005930003"),
                (MasterField::KoreanName, "삼성전자"),
                (MasterField::ReferencePrice, "000071000"),
            ]);
            assert_eq!(record.len(), file.record_len() + 1);
            let row = file.rows(&record).next().expect("a row").expect("a record");
            assert_eq!(
                (row.short_code(), row.korean_name()),
                ("005930", "삼성전자".into())
            );
            assert_eq!(row.text(MasterField::ReferencePrice), Some("000071000"));
            assert_eq!(row.text(MasterField::SecurityGroup), Some(""));
        }
    }
}
