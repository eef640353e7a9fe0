//! P2: a torn end is dropped and counted, damage before it stops the start, and nothing wrong is taken for a record.

use gwanmun::orders::journal::{
    Contents, Damage, Durability, Entry, JournalError, JournalRecord, RECORD_LEN, TORN_RECORDS_MAX,
    TornTail, inspect,
};
use proptest::prelude::*;

use super::support::{AT, MemoryFile, options, record, records};

/// A file of 64 records, the header and the start among them, and what it holds.
fn sixty_four() -> (Vec<u8>, Vec<Entry>) {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::ProcessCrash).unwrap();
    while journal.next_seq() < 64 {
        journal.append(AT, record(journal.next_seq())).unwrap();
    }
    let bytes = file.bytes();
    assert!(bytes.len() > 64 * RECORD_LEN, "there is unwritten room");
    let (_, recovered) = file.recover().unwrap();
    assert_eq!((recovered.entries.len(), recovered.torn), (63, None));
    (bytes, recovered.entries)
}

fn damage_of(error: &JournalError) -> (u64, Damage) {
    let JournalError::Damaged { offset, damage, .. } = error else {
        panic!("{error}")
    };
    (*offset, *damage)
}

#[test]
fn p2_a_file_cut_at_each_byte_keeps_its_whole_records() {
    let (bytes, entries) = sixty_four();
    for cut in 0..=64 * RECORD_LEN {
        let file = MemoryFile::of(bytes[..cut].to_vec());
        let Ok((mut journal, recovered)) = file.recover() else {
            assert!(cut < RECORD_LEN, "a file of {cut} bytes was refused");
            continue;
        };
        let whole = cut / RECORD_LEN - 1;
        let kept = recovered.entries.len();
        assert!(entries.starts_with(&recovered.entries), "cut at {cut}");
        match recovered.torn {
            None if cut % RECORD_LEN == 0 => assert_eq!(kept, whole),
            // A checksum that ends in zeros is whole before its last byte.
            None => assert_eq!(kept, whole + 1),
            Some(torn) => {
                let expected = TornTail {
                    offset: ((whole + 1) * RECORD_LEN) as u64,
                    records: 1,
                    unfinished: true,
                };
                assert_eq!((kept, torn), (whole, expected), "cut at {cut}");
            }
        }
        // It goes on where it was cut, and counts what it dropped.
        let seq = journal.append(AT, record(9)).unwrap();
        assert_eq!(seq, kept as u64 + 2);
        let (_, again) = file.recover().unwrap();
        assert!(again.entries.starts_with(&recovered.entries) && again.torn.is_none());
        let dropped_records = recovered.torn.map_or(0, |torn| torn.records);
        assert_eq!(
            records(&again.entries[kept..]),
            [JournalRecord::Opened { dropped_records }, record(9)]
        );
    }
}

#[test]
fn p2_a_flipped_bit_is_never_taken_for_a_record() {
    let (bytes, entries) = sixty_four();
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let (middle, end) = (first.len(), first.len() + second.len());
    // Two threads, because there are 70,000 files to read.
    std::thread::scope(|scope| {
        for range in [0..middle, middle..end] {
            let (bytes, entries) = (&bytes, &entries);
            scope.spawn(move || {
                for bit in range.start * 8..range.end * 8 {
                    check_flipped(bytes, entries, bit);
                }
            });
        }
    });
}

fn check_flipped(bytes: &[u8], entries: &[Entry], bit: usize) {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    let result = MemoryFile::of(flipped).recover();
    let (last, place) = (63, bit / 8 / RECORD_LEN);
    let offset_of = |place: usize| (place * RECORD_LEN) as u64;
    match result {
        // The last record, or the first unwritten one, which then looks like a torn one.
        Ok((_, recovered)) => {
            assert!(place == last || place == last + 1, "bit {bit} was accepted");
            assert_eq!(recovered.entries, entries[..place - 1], "bit {bit}");
            let torn = recovered.torn.unwrap();
            assert_eq!((torn.offset, torn.records), (offset_of(place), 1));
        }
        Err(JournalError::Foreign { damage, .. }) => {
            assert!(bit < 64 && damage == Damage::Magic, "bit {bit}: {damage}");
        }
        Err(error) => {
            let expected = if place < last {
                (offset_of(place), Damage::Checksum)
            } else {
                assert!(place > last + 1, "bit {bit}: {error}");
                (offset_of(last + 1), Damage::Gap)
            };
            assert_eq!(damage_of(&error), expected, "bit {bit}");
        }
    }
}

#[test]
fn p2_the_torn_end_is_at_most_a_page() {
    let (bytes, entries) = sixty_four();
    let torn = |count: usize| {
        let mut bytes = bytes.clone();
        for place in 64 - count..64 {
            bytes[place * RECORD_LEN + 20] ^= 1;
        }
        MemoryFile::of(bytes)
    };
    // One record that was whole once: what it announced may have been sent.
    let (_, recovered) = torn(1).recover().unwrap();
    assert!(!recovered.torn.unwrap().unfinished);
    let most = TORN_RECORDS_MAX as usize;
    let file = torn(most);
    let (_, recovered) = file.recover().unwrap();
    assert_eq!(recovered.entries, entries[..63 - most]);
    assert_eq!(
        recovered.torn,
        Some(TornTail {
            offset: ((64 - most) * RECORD_LEN) as u64,
            records: TORN_RECORDS_MAX,
            unfinished: false,
        })
    );
    // What was dropped is unwritten room again.
    assert!(file.recover().unwrap().1.torn.is_none());
    let error = torn(most + 1).recover().err().unwrap();
    assert_eq!(damage_of(&error).1, Damage::TornTooLong);
}

/// Clearing three torn records is cut short after 0, 1 or 2 of them; the next start goes on.
#[test]
fn p2_a_start_that_dies_while_clearing_leaves_no_gap() {
    let (bytes, entries) = sixty_four();
    for cleared in 0..3 {
        let mut bytes = bytes.clone();
        for place in 61..64 {
            bytes[place * RECORD_LEN + 20] ^= 1;
        }
        let file = MemoryFile::of(bytes);
        file.faults(|faults| faults.fail_write_after = Some(cleared * RECORD_LEN));
        assert!(file.recover().is_err());
        file.faults(|faults| faults.fail_write_after = None);
        let (_, recovered) = file.recover().unwrap();
        assert_eq!(recovered.entries, entries[..60]);
        assert_eq!(recovered.torn.unwrap().records as usize, 3 - cleared);
    }
}

#[test]
fn p2_records_that_moved_or_come_from_another_file_are_not_taken() {
    let (bytes, _) = sixty_four();
    let slot = |place: usize| place * RECORD_LEN..(place + 1) * RECORD_LEN;
    // Two records change places: each is whole, and none is where it says it is.
    let mut swapped = bytes.clone();
    swapped.copy_within(slot(11), slot(10).start);
    swapped[slot(11)].copy_from_slice(&bytes[slot(10)]);
    let error = MemoryFile::of(swapped).recover().err().unwrap();
    assert_eq!(
        damage_of(&error),
        (slot(10).start as u64, Damage::Sequence(11))
    );
    // A record of the same place of another day's file.
    let other = MemoryFile::default();
    let mut options = options(std::path::Path::new("/nowhere"));
    options.trading_date = options.trading_date.tomorrow().unwrap();
    let path = options.path();
    let mut journal =
        gwanmun::orders::journal::Journal::create(other.clone(), &path, &options, AT).unwrap();
    while journal.next_seq() < 64 {
        journal.append(AT, record(journal.next_seq())).unwrap();
    }
    let mut mixed = bytes;
    mixed[slot(10)].copy_from_slice(&other.bytes()[slot(10)]);
    let error = MemoryFile::of(mixed).recover().err().unwrap();
    assert_eq!(damage_of(&error), (slot(10).start as u64, Damage::Checksum));
}

/// A page that never reached the disk, before one that did.
#[test]
fn p2_a_lost_page_before_others_stops_the_start() {
    let (bytes, entries) = sixty_four();
    for lost in [1..2, 10..42, 62..63] {
        let mut bytes = bytes.clone();
        bytes[lost.start * RECORD_LEN..lost.end * RECORD_LEN].fill(0);
        let error = MemoryFile::of(bytes).recover().err().unwrap();
        let offset = (lost.start * RECORD_LEN) as u64;
        assert_eq!(damage_of(&error), (offset, Damage::Gap));
    }
    // Lost from the end it cannot be told from never written, which is why a power loss needs the flush.
    let mut bytes = bytes;
    bytes[62 * RECORD_LEN..].fill(0);
    let (_, recovered) = MemoryFile::of(bytes).recover().unwrap();
    assert_eq!(recovered.entries, entries[..61]);
}

#[test]
fn p2_damage_is_told_with_file_place_and_kind() {
    let (mut bytes, entries) = sixty_four();
    bytes[10 * RECORD_LEN + 30] ^= 4;
    let error = MemoryFile::of(bytes.clone()).recover().err().unwrap();
    let text = error.to_string();
    for part in ["kis-main-2026-11-24.journal", "byte 1280", "checksum"] {
        assert!(text.contains(part), "{text}");
    }
    // Reading it all the same shows what stands before the damage.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("damaged.journal");
    std::fs::write(&path, bytes).unwrap();
    let contents: Contents = inspect(&path).unwrap();
    assert_eq!(contents.entries, entries[..9]);
    assert!(contents.lines().last().unwrap().contains("byte 1280"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn p2_arbitrary_bytes_never_panic(
        keep in 0..64 * RECORD_LEN, garbage: Vec<u8>, zeros in 0_usize..300, more: Vec<u8>,
    ) {
        let (mut bytes, entries) = whole_file();
        bytes.truncate(keep);
        bytes.extend(garbage);
        bytes.extend(std::iter::repeat_n(0, zeros));
        bytes.extend(more);
        if let Ok((_, recovered)) = MemoryFile::of(bytes).recover() {
            prop_assert!(entries.starts_with(&recovered.entries));
        }
    }
}

/// Made once, because making it takes longer than a case.
fn whole_file() -> (Vec<u8>, Vec<Entry>) {
    static WHOLE: std::sync::OnceLock<(Vec<u8>, Vec<Entry>)> = std::sync::OnceLock::new();
    WHOLE.get_or_init(sixty_four).clone()
}
