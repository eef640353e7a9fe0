//! Any bytes as master files and as zips of them: no panic, keys in every row that is read, and no more unpacked than
//! allowed.
#![no_main]

use gwanmun::wire::kis::masters::{MasterField, MasterFile, unzip};
use gwanmun::wire::kis::number;
use libfuzzer_sys::fuzz_target;

/// More than any input is long when it is unpacked honestly.
const LEN_MAX: usize = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    rows(bytes);
    if let Ok(unpacked) = unzip(bytes, LEN_MAX) {
        assert!(unpacked.len() <= LEN_MAX);
        rows(&unpacked);
    }
});

fn rows(bytes: &[u8]) {
    for file in MasterFile::ALL {
        for row in file.rows(bytes).flatten() {
            assert!((1..=9).contains(&row.short_code().len()));
            assert_eq!(row.standard_code().len(), 12);
            let _ = row.korean_name();
            let _ = row.flag(MasterField::Halted);
            let price = row.text(MasterField::ReferencePrice).expect("ascii");
            let _ = number::unsigned(price);
        }
    }
}
