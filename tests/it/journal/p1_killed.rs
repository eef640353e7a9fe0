//! P1: kill -9 at any point. A child process appends and says what was appended; it is killed, and what it said must
//! be there.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use gwanmun::orders::journal::{Entry, Journal, JournalRecord};

use super::support::{AT, options, record};

const DIRECTORY: &str = "GWANMUN_TEST_JOURNAL_DIRECTORY";
const TEST: &str = "journal::p1_killed::p1_what_was_appended_survives_kill_9";
const ROUNDS: usize = 12;

#[test]
fn p1_what_was_appended_survives_kill_9() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        append_until_killed(Path::new(&directory));
    }
    let directory = tempfile::tempdir().unwrap();
    let mut known = Vec::new();
    for round in 0..ROUNDS {
        // A different number of records each time, none in the first round.
        let said = said_by_a_child_killed_after(directory.path(), round * 37);
        let (journal, recovered) = Journal::open(&options(directory.path()), AT).unwrap();
        drop(journal);
        assert!(
            said < recovered.entries.len() as u64 + 1,
            "record {said} was appended, and only {} are there",
            recovered.entries.len()
        );
        assert!(
            recovered.entries.starts_with(&known),
            "round {round} lost records"
        );
        assert!(recovered.entries.iter().all(is_as_written));
        known = recovered.entries;
    }
    assert!(known.len() > ROUNDS);
}

fn is_as_written(entry: &Entry) -> bool {
    matches!(entry.record, JournalRecord::Opened { .. }) || entry.record == record(entry.seq)
}

/// The child's part. It ends only by being killed.
fn append_until_killed(directory: &Path) -> ! {
    let (mut journal, _) = Journal::open(&options(directory), AT).unwrap();
    let mut out = std::io::stdout();
    loop {
        let seq = journal.append(AT, record(journal.next_seq())).unwrap();
        out.write_all(format!("appended {seq}\n").as_bytes())
            .unwrap();
        out.flush().unwrap();
    }
}

/// The last sequence number that the child said, 0 if none.
fn said_by_a_child_killed_after(directory: &Path, count: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([TEST, "--exact", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .filter_map(|line| {
            line.strip_prefix("appended ")
                .and_then(|seq| seq.parse().ok())
        });
    let mut said = lines.by_ref().take(count).last().unwrap_or(0);
    child.kill().unwrap();
    // What it said before it died counts too.
    said = lines.last().unwrap_or(said);
    child.wait().unwrap();
    said
}
