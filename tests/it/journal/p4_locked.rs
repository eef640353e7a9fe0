//! P4: one process to a journal.

use gwanmun::domain::BrokerType;
use gwanmun::orders::journal::{Damage, Journal, JournalError, JournalOptions, journals};
use jiff::civil::date;

use super::support::{AT, intent, options, records};

#[test]
fn p4_the_second_open_is_refused_and_told_who_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let (mut journal, _) = Journal::open(&options, AT).unwrap();
    let error = Journal::open(&options, AT).err().unwrap();
    assert!(matches!(error, JournalError::Locked { .. }));
    let text = error.to_string();
    if cfg!(unix) {
        let holder = format!("kis-main.lock is held by process {}:", std::process::id());
        assert!(text.contains(&holder), "{text}");
    }
    // Another trading day is the same gateway.
    let mut tomorrow = options.clone();
    tomorrow.trading_date = date(2026, 11, 25);
    assert!(matches!(
        Journal::open(&tomorrow, AT),
        Err(JournalError::Locked { .. })
    ));
    // The one that was refused did no harm, and the lock goes with its holder.
    journal.append(AT, intent(1)).unwrap();
    drop(journal);
    let (_, recovered) = Journal::open(&options, AT).unwrap();
    assert_eq!(records(&recovered.entries)[1..], [intent(1)]);
}

#[test]
fn p4_other_gateways_have_their_own_journals() {
    let directory = tempfile::tempdir().unwrap();
    let first = options(directory.path());
    let mut second = first.clone();
    second.name = "kis-main-2".parse().unwrap();
    let (_first, _) = Journal::open(&first, AT).unwrap();
    let (_second, _) = Journal::open(&second, AT).unwrap();
    let found = journals(directory.path(), &first.name).unwrap();
    assert_eq!(found, [(first.trading_date, first.path())]);
}

#[test]
fn p4_the_lock_stays_when_the_day_turns() {
    let directory = tempfile::tempdir().unwrap();
    let today = options(directory.path());
    let (mut journal, _) = Journal::open(&today, AT).unwrap();
    journal.append(AT, intent(1)).unwrap();
    let tomorrow = date(2026, 11, 25);
    assert!(journal.roll(tomorrow, AT).unwrap().entries.is_empty());
    journal.append(AT, intent(2)).unwrap();
    assert_eq!(journal.header().trading_date, tomorrow);
    assert!(Journal::open(&today, AT).is_err());
    drop(journal);
    let dates = journals(directory.path(), &today.name).unwrap();
    assert_eq!(
        dates.iter().map(|(date, _)| *date).collect::<Vec<_>>(),
        [today.trading_date, tomorrow]
    );
    let (_, recovered) = Journal::open(&today, AT).unwrap();
    assert_eq!(records(&recovered.entries)[1..], [intent(1)]);
}

#[test]
fn p4_two_days_are_open_under_one_lock() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let (mut today, _) = Journal::open(&options, AT).unwrap();
    let (mut tomorrow, recovered) = today.of_day(date(2026, 11, 25), AT).unwrap();
    assert!(recovered.entries.is_empty());
    today.append(AT, intent(1)).unwrap();
    tomorrow.append(AT, intent(2)).unwrap();
    drop(today);
    assert!(
        Journal::open(&options, AT).is_err(),
        "the lock went with the first"
    );
    drop(tomorrow);
    let (_, recovered) = Journal::open(&options, AT).unwrap();
    assert_eq!(records(&recovered.entries)[1..], [intent(1)]);
}

#[test]
fn p4_a_file_of_another_gateway_is_not_continued() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    drop(Journal::open(&options, AT).unwrap());
    type Change = fn(&mut JournalOptions);
    let changes: [(Change, Damage); 3] = [
        (|options| options.broker = BrokerType::Mock, Damage::Broker),
        (
            |options| options.name = "other".parse().unwrap(),
            Damage::Name,
        ),
        (
            |options| options.trading_date = date(2026, 11, 25),
            Damage::TradingDate(date(2026, 11, 24)),
        ),
    ];
    for (change, damage) in changes {
        let mut other = options.clone();
        change(&mut other);
        if other.path() != options.path() {
            std::fs::copy(options.path(), other.path()).unwrap();
        }
        match Journal::open(&other, AT) {
            Err(JournalError::Foreign { damage: found, .. }) => assert_eq!(found, damage),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_empty_file_is_not_taken_for_a_new_journal() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    std::fs::write(options.path(), []).unwrap();
    assert!(matches!(
        Journal::open(&options, AT),
        Err(JournalError::Foreign {
            damage: Damage::Magic,
            ..
        })
    ));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory.path().join("journals"));
    let (_journal, _) = Journal::open(&options, AT).unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&options.directory), 0o700);
    assert_eq!(mode(&options.path()), 0o600);
    assert_eq!(mode(&options.directory.join("kis-main.lock")), 0o600);
    // Nothing unfinished stays behind.
    assert_eq!(std::fs::read_dir(&options.directory).unwrap().count(), 2);
}
