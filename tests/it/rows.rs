//! The table of faults, `docs/faults.md`: no row is missing, and each is answered by a test that exists or owned by a
//! part that is named.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Sections of the table and how many rows each has.
const SECTIONS: &[(char, u32)] = &[
    ('S', 27),
    ('L', 10),
    ('N', 20),
    ('B', 9),
    ('P', 8),
    ('X', 7),
];

/// Parts that a row may be owned by.
const OWNERS: &[&str] = &["KIS", "KIWOOM", "CREON bridge", "transport", "config"];

/// A line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    id: &'a str,
    fault: &'a str,
    promise: &'a str,
    tests: Vec<&'a str>,
    owners: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// The row of a line; `None` for a line that is no row.
    fn of(line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line
            .strip_prefix('|')?
            .strip_suffix('|')?
            .split('|')
            .map(str::trim)
            .collect();
        let &[id, fault, promise, tests, owners] = cells.as_slice() else {
            return None;
        };
        is_id(id).then(|| Self {
            id,
            fault,
            promise,
            tests: words(tests),
            owners: words(owners),
        })
    }

    /// What is wrong with it.
    fn mistakes(&self, tests: &BTreeSet<String>) -> Vec<String> {
        let id = self.id;
        let mut found = Vec::new();
        if self.fault.is_empty() || self.promise.is_empty() {
            found.push(format!("{id} does not say what goes wrong and what holds"));
        }
        if self.tests.is_empty() && self.owners.is_empty() {
            found.push(format!("{id} has neither a test nor an owner"));
        }
        for &test in &self.tests {
            match test
                .strip_prefix('`')
                .and_then(|test| test.strip_suffix('`'))
            {
                Some(name) if tests.contains(name) => {}
                Some(name) => {
                    found.push(format!("{id} names the test {name}, which does not exist"))
                }
                None => found.push(format!("{id} names a test without quotes: {test}")),
            }
        }
        for owner in self.owners.iter().filter(|owner| !OWNERS.contains(owner)) {
            found.push(format!("{id} is owned by {owner}, which is no part"));
        }
        found
    }
}

fn is_id(cell: &str) -> bool {
    let mut chars = cell.chars();
    chars.next().is_some_and(|first| first.is_ascii_uppercase())
        && !chars.as_str().is_empty()
        && chars.all(|rest| rest.is_ascii_digit())
}

fn words(cell: &str) -> Vec<&str> {
    cell.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect()
}

/// What is wrong with a table, given the names of all tests.
fn mistakes(table: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let rows: Vec<Row<'_>> = table.lines().filter_map(Row::of).collect();
    let ids: Vec<&str> = rows.iter().map(|row| row.id).collect();
    let wanted: Vec<String> = SECTIONS
        .iter()
        .flat_map(|&(section, last)| (1..=last).map(move |number| format!("{section}{number}")))
        .collect();
    let mut found = Vec::new();
    for id in &wanted {
        match ids.iter().filter(|there| *there == id).count() {
            0 => found.push(format!("{id} is missing")),
            1 => {}
            _ => found.push(format!("{id} stands there more than once")),
        }
    }
    for id in ids {
        if !wanted.iter().any(|wanted| wanted == id) {
            found.push(format!("{id} is no row of ours"));
        }
    }
    found.extend(rows.iter().flat_map(|row| row.mistakes(tests)));
    found
}

/// Names of the functions under a `#[test]` or a `#[tokio::test]` that are not ignored.
fn names_of_tests(source: &str) -> Vec<String> {
    let mut is_test = false;
    let mut names = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            is_test = false;
        }
        let function = line.strip_prefix("async ").unwrap_or(line);
        if let Some(function) = function.strip_prefix("fn ") {
            let end = function
                .find(|char: char| !char.is_ascii_alphanumeric() && char != '_')
                .unwrap_or(function.len());
            if is_test {
                names.push(function[..end].to_owned());
            }
            is_test = false;
        }
    }
    names
}

fn all_tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![root.join("src"), root.join("tests")];
    let mut names = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(names_of_tests(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    names
}

#[test]
fn every_row_is_answered_or_owned() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let found = mistakes(&fs::read_to_string(path).unwrap(), &all_tests());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_table_with_mistakes_is_noticed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let table = fs::read_to_string(path).unwrap();
    let tests = all_tests();
    let without = |row: &str| {
        let kept: Vec<&str> = table
            .lines()
            .filter(|line| !line.starts_with(&format!("| {row} |")))
            .collect();
        kept.join("\n")
    };
    assert_eq!(mistakes(&without("N7"), &tests), ["N7 is missing"]);
    for (line, mistake) in [
        ("| N7 | a | b | | |", "N7 has neither a test nor an owner"),
        (
            "| N7 | a | b | `n7_nothing` | KIS |",
            "N7 names the test n7_nothing, which does not exist",
        ),
        (
            "| N7 | a | b | n7 | |",
            "N7 names a test without quotes: n7",
        ),
        (
            "| N7 | a | b | | somebody |",
            "N7 is owned by somebody, which is no part",
        ),
        (
            "| N7 | a | | | KIS |",
            "N7 does not say what goes wrong and what holds",
        ),
        ("| N7 | a | b | KIS |", "N7 is missing"),
        (
            "| N7 | a | b | | KIS |\n| N21 | a | b | | KIS |",
            "N21 is no row of ours",
        ),
        (
            "| N7 | a | b | | KIS |\n| N7 | a | b | | KIS |",
            "N7 stands there more than once",
        ),
    ] {
        let table = format!("{}\n{line}\n", without("N7"));
        assert_eq!(mistakes(&table, &tests), [mistake], "{line}");
    }
}

#[test]
fn only_functions_that_run_as_tests_count() {
    let source = "#[test]\nfn a() {}\nfn b() {}\n    #[tokio::test(start_paused = true)]\n    async fn c() {}\n\
                  #[test]\n#[ignore]\nfn d(x: u8) {}\n// fn e() {}\n";
    assert_eq!(names_of_tests(source), ["a", "c"]);
}
