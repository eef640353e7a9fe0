//! Any bytes as an order journal: an error or its records, and never a panic.
#![no_main]

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;

use gwanmun::domain::{BrokerType, Timestamp};
use gwanmun::orders::journal::{
    Entry, Journal, JournalFile, JournalOptions, JournalRecord, RECORD_LEN, Recovered, Reserve,
};
use libfuzzer_sys::fuzz_target;

const AT: Timestamp = Timestamp::from_nanos(1_795_480_000_000_000_000);
/// Where a record's checksum begins.
const CHECKED: usize = RECORD_LEN - 4;
/// Bytes that are left to the fuzzer: all but the sequence number and the checksum.
const FREE: usize = CHECKED - 8;

/// A file in memory; clones are the same file.
#[derive(Clone, Debug, Default)]
struct Memory(Rc<RefCell<Vec<u8>>>);

impl JournalFile for Memory {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.borrow().len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let file = self.0.borrow();
        let from = usize::try_from(offset).map_or(file.len(), |from| from.min(file.len()));
        let len = bytes.len().min(file.len() - from);
        bytes[..len].copy_from_slice(&file[from..from + len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut file = self.0.borrow_mut();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let end = from + bytes.len();
        if file.len() < end {
            file.resize(end, 0);
        }
        file[from..end].copy_from_slice(bytes);
        Ok(bytes.len())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(self.clone())
    }
}

fn options() -> JournalOptions {
    let name = "fuzz".parse().expect("a valid name");
    let day = jiff::civil::date(2026, 11, 24);
    let mut options = JournalOptions::new("/nowhere", name, BrokerType::Mock, day);
    options.reserve = Reserve {
        start: 4,
        step: 2,
        outcomes: 1,
    };
    options
}

fn recover(file: &Memory) -> Option<Recovered> {
    Journal::recover(file.clone(), Path::new("fuzz"), &options(), AT)
        .ok()
        .map(|(_, recovered)| recovered)
}

/// A journal without records: its header.
fn header() -> Vec<u8> {
    let file = Memory::default();
    Journal::create(file.clone(), Path::new("fuzz"), &options(), AT).expect("memory has room");
    let header = file.0.borrow()[..RECORD_LEN].to_vec();
    header
}

/// The header, then `bytes` as records whose place and checksum are right, and the rest as it is.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut file = header();
    let mut seed = [0; 4];
    seed.copy_from_slice(&file[CHECKED..]);
    let seed = u32::from_le_bytes(seed);
    let mut chunks = bytes.chunks_exact(FREE);
    for (place, free) in (1_u64..).zip(&mut chunks) {
        let begin = file.len();
        file.extend(place.to_le_bytes());
        file.extend(free);
        let checksum = crc32c::crc32c_append(seed, &file[begin..]);
        file.extend(checksum.to_le_bytes());
    }
    file.extend(chunks.remainder());
    file
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&how, bytes)) = bytes.split_first() else {
        return;
    };
    let written = match how % 3 {
        0 => bytes.to_vec(),
        1 => [header(), bytes.to_vec()].concat(),
        _ => sealed(bytes),
    };
    let file = Memory(Rc::new(RefCell::new(written.clone())));
    let Some(recovered) = recover(&file) else {
        return;
    };
    check_form(&written, &recovered.entries);
    let again = recover(&file).expect("what was accepted once is accepted again");
    assert_eq!(again.torn, None);
    assert!(again.entries.starts_with(&recovered.entries));
    let added = &again.entries[recovered.entries.len()..];
    assert!(matches!(
        added,
        [Entry {
            record: JournalRecord::Opened { .. },
            ..
        }]
    ));
});

/// Every entry prints, and is written again as the bytes that it was read from.
fn check_form(written: &[u8], entries: &[Entry]) {
    let file = Memory::default();
    let mut journal =
        Journal::create(file.clone(), Path::new("fuzz"), &options(), AT).expect("memory has room");
    for (place, entry) in (1..).zip(entries) {
        assert_eq!(entry.seq, place);
        assert!(!entry.to_string().is_empty());
        let at = usize::try_from(journal.next_seq()).expect("few records") * RECORD_LEN;
        journal
            .append(entry.at, entry.record)
            .expect("memory has room");
        let read = usize::try_from(place).expect("few records") * RECORD_LEN;
        let free = 8..CHECKED;
        assert_eq!(
            file.0.borrow()[at..at + RECORD_LEN][free.clone()],
            written[read..read + RECORD_LEN][free],
            "{entry}"
        );
    }
}
