//! A journal as people and programs read it.

use gwanmun::domain::{AccountId, ClientOrderId};
use gwanmun::orders::journal::{Ending, Journal, JournalRecord, inspect};

use super::support::{AT, intent, options, record};

#[test]
fn every_record_is_a_line_and_a_json_object() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let (mut journal, _) = Journal::open(&options, AT).unwrap();
    for n in 0..15 {
        journal.append(AT, record(n)).unwrap();
    }
    // Without the lock, while it is open.
    let contents = inspect(journal.path()).unwrap();
    assert_eq!(contents.ending, Ending::Clean);
    let lines = contents.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), 1 + 1 + 15);
    for (line, expected) in lines.iter().zip([
        "journal of KIS, trading date 2026-11-24, made 2026-11-24T09:26:40+09:00",
        "       1 2026-11-24T09:26:40+09:00 OPENED dropped 0",
        "       2 2026-11-24T09:26:40+09:00 INTENT 0 account #0(..01) BUY 005930 KRX 0 LIMIT 71000 DAY fingerprint \
         0000000000000000",
        "       3 2026-11-24T09:26:40+09:00 SENT 1 NEW attempt 1",
        "       4 2026-11-24T09:26:40+09:00 ACKED 2 number 0000000003 taken 2026-11-24T09:26:40+09:00 (inferred)",
        "       5 2026-11-24T09:26:40+09:00 REFUSED 3 INSUFFICIENT_CASH code APBK0952: 주문가능금액 부족 3",
    ]) {
        assert_eq!(line, expected);
    }
    let json = serde_json::to_value(&contents).unwrap();
    let entry = &json["entries"][4];
    assert_eq!(entry["seq"], 5);
    assert_eq!(entry["record"], "REFUSED");
    assert_eq!(entry["code"], "APBK0952");
    assert_eq!(json["header"]["broker"], "KIS");
    assert_eq!(json["ending"]["ending"], "CLEAN");
    for part in [lines.join("\n"), json.to_string()] {
        assert!(!part.contains("12345678"), "x1: an account number is shown");
    }
}

#[test]
fn x1_no_account_number_reaches_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(directory.path());
    let (mut journal, _) = Journal::open(&options, AT).unwrap();
    for n in 0..60 {
        journal.append(AT, record(n)).unwrap();
    }
    let bytes = std::fs::read(options.path()).unwrap();
    let account = b"12345678";
    assert!(!bytes.windows(4).any(|window| account.starts_with(window)));
}

#[test]
fn a_request_comes_back_for_the_same_account_only() {
    let account: AccountId = "12345678-01".parse().unwrap();
    let other: AccountId = "12345678-02".parse().unwrap();
    let JournalRecord::Intent(intent) = intent(7) else {
        panic!("an intent")
    };
    let found = intent.account.resolve(&[account]).unwrap();
    let request = intent.request(found);
    assert_eq!(
        (request.account, request.id),
        (account, ClientOrderId::new(7))
    );
    assert_eq!(intent.account.resolve(&[other]), None);
}
