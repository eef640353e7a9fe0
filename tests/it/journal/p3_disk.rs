//! P3: the disk is full or fails. New orders stop, cancels go on, and what failed is not tried again.

use gwanmun::Error;
use gwanmun::orders::journal::{
    AppendError, AppendFailure, Durability, Health, Journal, JournalError, RECORD_LEN, Step,
    Verdict,
};

use super::support::{AT, MemoryFile, SMALL, cancel, intent, record, records};

fn failed_at(error: &AppendError) -> Option<Step> {
    match &error.cause {
        AppendFailure::Failed { step, .. } => Some(*step),
        AppendFailure::Full { .. } | AppendFailure::Poisoned => None,
    }
}

#[test]
fn p3_a_start_without_room_is_refused() {
    let file = MemoryFile::default();
    file.faults(|faults| faults.disk = Some(4 * RECORD_LEN));
    let error = file.create(Durability::ProcessCrash).err().unwrap();
    assert!(matches!(error, JournalError::Io { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "reserving room in /nowhere/kis-main-2026-11-24.journal failed"
    );
}

#[test]
fn p3_room_grows_in_steps_and_can_be_had_ahead() {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::ProcessCrash).unwrap();
    let size = file.bytes().len();
    assert_eq!(size, (1 + SMALL.start as usize) * RECORD_LEN);
    let mut appended = 0;
    while !journal.wants_room() {
        journal.append(AT, intent(1)).unwrap();
        appended += 1;
    }
    // Of the 8 of the start, which takes one itself: what is kept for outcomes, and half a step to come back in.
    assert_eq!(appended, SMALL.start - 1 - SMALL.outcomes - SMALL.step / 2);
    assert_eq!(file.bytes().len(), size, "the start's room does until then");
    journal.reserve().unwrap();
    assert_eq!(file.bytes().len(), size + SMALL.step as usize * RECORD_LEN);
    assert!(!journal.wants_room());
    // Without it, `append` makes room itself.
    for id in 0..100 {
        journal.append(AT, intent(id)).unwrap();
    }
    assert_eq!(journal.health(), Health::Sound);
}

#[test]
fn p3_disk_full_refuses_new_orders_and_keeps_room_for_cancels() {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::ProcessCrash).unwrap();
    let size = file.bytes().len();
    file.faults(|faults| faults.disk = Some(size));
    let refused = loop {
        if let Err(error) = journal.append(AT, intent(5)) {
            break error;
        }
    };
    assert_eq!(refused.verdict, Verdict::DoNotSend);
    assert!(matches!(refused.cause, AppendFailure::Full { .. }));
    assert_eq!(journal.health(), Health::Full);
    // No attempt to write room at each refused order.
    let calls = file.calls();
    assert!(journal.append(AT, intent(6)).is_err());
    assert_eq!(file.calls(), calls);
    // What is kept for outcomes and cancels is theirs.
    for _ in 0..SMALL.outcomes {
        journal.append(AT, cancel(5)).unwrap();
    }
    let error = journal.append(AT, cancel(5)).unwrap_err();
    assert_eq!(error.verdict, Verdict::GoOn);
    assert!(journal.reserve().is_err());
    // The file is sound all along, and a disk that has room again heals it.
    file.faults(|faults| faults.disk = None);
    assert!(
        journal.append(AT, intent(7)).is_err(),
        "only `reserve` tries again"
    );
    while journal.wants_room() {
        journal.reserve().unwrap();
    }
    journal.append(AT, intent(8)).unwrap();
    let (_, recovered) = file.recover().unwrap();
    assert_eq!(
        records(&recovered.entries)[recovered.entries.len() - 2..],
        [cancel(5), intent(8)]
    );
}

#[test]
fn p3_a_restart_on_a_full_disk_can_still_cancel() {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::ProcessCrash).unwrap();
    journal.append(AT, intent(1)).unwrap();
    let size = file.bytes().len();
    file.faults(|faults| faults.disk = Some(size));
    let (mut journal, recovered) = file.recover().unwrap();
    assert_eq!(records(&recovered.entries)[1..], [intent(1)]);
    assert_eq!(journal.health(), Health::Full);
    assert!(journal.append(AT, intent(2)).is_err());
    journal.append(AT, cancel(1)).unwrap();
}

#[test]
fn p3_a_failed_write_poisons_and_is_not_repeated() {
    for written in 0..RECORD_LEN {
        let file = MemoryFile::default();
        let mut journal = file.create(Durability::ProcessCrash).unwrap();
        journal.append(AT, intent(1)).unwrap();
        file.faults(|faults| faults.fail_write_after = Some(written));
        let error = journal.append(AT, intent(2)).unwrap_err();
        assert_eq!(error.verdict, Verdict::DoNotSend);
        assert_eq!(failed_at(&error), Some(Step::Write));
        assert_eq!(journal.health(), Health::Poisoned);
        // The disk is well again, but nobody knows what it holds.
        file.faults(|faults| faults.fail_write_after = None);
        let (bytes, calls) = (file.bytes(), file.calls());
        for (record, verdict) in [(intent(3), Verdict::DoNotSend), (cancel(1), Verdict::GoOn)] {
            let error = journal.append(AT, record).unwrap_err();
            assert!(matches!(error.cause, AppendFailure::Poisoned));
            assert_eq!(error.verdict, verdict);
        }
        assert!(journal.reserve().is_err() && journal.flush().is_err());
        assert_eq!((file.bytes(), file.calls()), (bytes, calls));
        // The next start reads what is whole.
        let (_, recovered) = file.recover().unwrap();
        assert_eq!(records(&recovered.entries)[1..], [intent(1)]);
        assert_eq!(recovered.torn.is_some(), written > 0);
    }
}

#[test]
fn p3_a_failed_flush_poisons_though_the_next_would_succeed() {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::PowerLoss).unwrap();
    file.faults(|faults| faults.fail_flush = true);
    let error = journal.append(AT, intent(1)).unwrap_err();
    assert_eq!(failed_at(&error), Some(Step::Flush));
    let calls = file.calls();
    assert!(matches!(
        journal.append(AT, intent(2)).unwrap_err().cause,
        AppendFailure::Poisoned
    ));
    assert_eq!(file.calls(), calls);
}

#[test]
fn p3_a_failed_flush_from_another_thread_poisons() {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::ProcessCrash).unwrap();
    let flusher = journal.flusher().unwrap();
    flusher.flush().unwrap();
    file.faults(|faults| faults.fail_flush = true);
    let failed = std::thread::spawn(move || flusher.flush().is_err() && flusher.flush().is_err());
    assert!(failed.join().unwrap());
    assert_eq!(journal.health(), Health::Poisoned);
    assert!(journal.append(AT, intent(1)).is_err());
}

#[test]
fn p3_power_loss_flushes_before_append_returns() {
    for (durability, flushes) in [(Durability::ProcessCrash, 0), (Durability::PowerLoss, 1)] {
        let file = MemoryFile::default();
        let mut journal = file.create(durability).unwrap();
        let (writes, flushed) = file.calls();
        journal.append(AT, intent(1)).unwrap();
        assert_eq!(file.calls(), (writes + 1, flushed + flushes));
    }
}

#[test]
fn p3_short_reads_and_writes_and_signals_go_unnoticed() {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::ProcessCrash).unwrap();
    file.faults(|faults| (faults.short, faults.interrupts) = (Some(7), 5));
    for n in 0..40 {
        journal.append(AT, record(n)).unwrap();
    }
    file.faults(|faults| faults.interrupts = 5);
    let (_, recovered) = file.recover().unwrap();
    let expected = (0..40).map(record).collect::<Vec<_>>();
    assert_eq!(records(&recovered.entries)[1..], expected);
    journal.reserve().unwrap();
    // A storm of signals ends in an error, not in a loop.
    file.faults(|faults| faults.interrupts = u32::MAX);
    assert_eq!(
        failed_at(&journal.append(AT, intent(1)).unwrap_err()),
        Some(Step::Write)
    );
    assert!(file.recover().is_err());
}

#[test]
fn p3_a_directory_that_cannot_be_made_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let error = Journal::open(&super::support::options(&file), AT)
        .err()
        .unwrap();
    assert!(matches!(error, JournalError::Io { .. }), "{error}");
}

#[test]
fn errors_of_the_gateway_say_that_nothing_was_sent() {
    let file = MemoryFile::default();
    let mut journal = file.create(Durability::ProcessCrash).unwrap();
    file.faults(|faults| faults.fail_write_after = Some(0));
    let error = Error::from(journal.append(AT, intent(1)).unwrap_err());
    assert_eq!(
        error.to_string(),
        "writing the order journal failed: nothing was sent, new orders are refused"
    );
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "the cable is out");
}
