//! A TOML document as sections of typed fields, where every mistake is kept with its line and reading goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::ConfigProblem;

use super::bounds::{self, Bounds};
use super::problems::Problems;
use super::setting::{Mistake, Setting, describe, integer};

/// What was found in one document besides its values: the mistakes, and the line of every field. Without `Debug`, since
/// the text may hold secrets.
pub(super) struct Document<'t> {
    file: &'t str,
    text: &'t str,
    line_starts: Vec<usize>,
    field_lines: BTreeMap<String, usize>,
    /// Lines with a mistake of syntax, which is then their only mistake.
    broken_lines: BTreeSet<usize>,
    pub(super) problems: Problems,
}

impl<'t> Document<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        let starts = text
            .bytes()
            .enumerate()
            .filter(|&(_, byte)| byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            file,
            text,
            line_starts: std::iter::once(0).chain(starts).collect(),
            field_lines: BTreeMap::new(),
            broken_lines: BTreeSet::new(),
            problems: Problems::default(),
        }
    }

    /// Reads the document's tables; mistakes of syntax are kept. `None` when so much is broken that what the rest
    /// means is a guess.
    pub(super) fn parse(&mut self) -> Option<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        let mut structure_known = true;
        let mut errors = errors
            .iter()
            .map(|error| {
                let end = self.text.trim_end().len();
                let offset = error.span().map_or(0, |span| span.start).min(end);
                (self.line_at(offset), error)
            })
            .collect::<Vec<_>>();
        errors.sort_by_key(|(line, _)| *line);
        for (line, error) in errors {
            let message = error.message();
            let source = self.line(line);
            let header = source.trim_start().starts_with('[');
            let local = message == "duplicate key"
                || !STRUCTURAL_MISTAKES
                    .iter()
                    .any(|part| message.contains(part));
            structure_known &= local && !header;
            // A broken line often breaks several rules at once; the first says enough.
            if self.broken_lines.contains(&line) {
                continue;
            }
            if self.broken_lines.len() == SYNTAX_MISTAKES_MAX {
                break;
            }
            let (found, expected) = match message.split_once(", expected ") {
                _ if message == "duplicate key" => (
                    "a second one".to_owned(),
                    "each key and section once".to_owned(),
                ),
                _ if message.starts_with("string values must be quoted") => (
                    "text without quotation marks".to_owned(),
                    "a number, or text in quotation marks".to_owned(),
                ),
                None | Some((_, "nothing")) => {
                    let found = message.trim_end_matches(", expected nothing");
                    (format!("no TOML ({found})"), "TOML".to_owned())
                }
                Some((found, expected)) => (format!("no TOML ({found})"), expected.to_owned()),
            };
            let field = self.field_around(line);
            self.add_at(line, field, found, expected);
            self.broken_lines.insert(line);
        }
        structure_known.then(|| table.into_inner())
    }

    /// The line, from 1, of a byte of the text.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    fn line(&self, line: usize) -> &'t str {
        let start = self.line_starts.get(line.wrapping_sub(1)).copied();
        let rest = start
            .and_then(|start| self.text.get(start..))
            .unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }

    /// The field that a line belongs to, as far as its text and the section header above it tell.
    fn field_around(&self, line: usize) -> String {
        let bare = |text: &str| {
            let text = text.trim();
            let plain =
                |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.');
            (!text.is_empty() && text.len() <= 64 && text.chars().all(plain))
                .then(|| text.to_owned())
        };
        let header = |text: &str| {
            let inside = text.trim_start().strip_prefix('[')?;
            bare(
                inside
                    .trim_start_matches('[')
                    .split(']')
                    .next()
                    .unwrap_or_default(),
            )
        };
        let above = (1..=line)
            .rev()
            .find_map(|line| header(self.line(line)))
            .unwrap_or_default();
        let key = self
            .line(line)
            .split_once('=')
            .and_then(|(key, _)| bare(key));
        match (above.is_empty(), key) {
            (true, Some(key)) => key,
            (false, Some(key)) => format!("{above}.{key}"),
            (false, None) => above,
            (true, None) => "syntax".to_owned(),
        }
    }

    /// A mistake at a line, unless the line is broken anyway.
    pub(super) fn add_at(
        &mut self,
        line: usize,
        field: impl Into<Box<str>>,
        found: impl Into<Box<str>>,
        expected: impl Into<Box<str>>,
    ) {
        if self.broken_lines.contains(&line) {
            return;
        }
        self.problems.push(ConfigProblem {
            place: Some((self.file.into(), line)),
            field: field.into(),
            found: found.into(),
            expected: expected.into(),
        });
    }

    /// The line of a field, or of what would hold it.
    pub(super) fn line_of(&self, field: &str) -> usize {
        let mut whole = field;
        loop {
            if let Some(line) = self.field_lines.get(whole) {
                return *line;
            }
            match whole.rfind(['.', '[']) {
                Some(end) => whole = &whole[..end],
                None => return 1,
            }
        }
    }

    /// Takes over mistakes that were found in the values of the section at `path`, with their lines; those that follow
    /// from a known one are left out.
    pub(super) fn add_problems_of(&mut self, path: &str, problems: Problems) {
        for problem in problems.into_sorted() {
            if problem.field.starts_with(super::env::PREFIX) {
                self.problems.push(problem);
                continue;
            }
            let field = join(path, &problem.field);
            // With an unreadable grpc_host it is open whether credentials are needed.
            let open = problem.field.starts_with("credentials")
                && self.problems.concern(&join(path, "grpc_host"));
            if !open && !self.problems.concern(&field) {
                let line = self.line_of(&field);
                self.add_at(line, field, problem.found, problem.expected);
            }
        }
    }
}

/// How many mistakes of syntax are shown. A text with more is no configuration.
const SYNTAX_MISTAKES_MAX: usize = 100;

/// Words in the parser's messages about mistakes after which keys may be lost or stand in the wrong section. After the
/// others, those of one scalar, it reads on as it should.
const STRUCTURAL_MISTAKES: &[&str] = &["unclosed", "array", "table", "multi-line", "recurs", "key"];

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// One table of the document while it is read. Asking for a key makes it a known one; what is left at
/// [`Section::finish`] is a mistake.
pub(super) struct Section<'r, 't> {
    pub(super) document: &'r mut Document<'t>,
    table: &'r DeTable<'t>,
    path: String,
    line: usize,
    asked: Vec<&'static str>,
    missing: Vec<(&'static str, String)>,
    reported: bool,
}

impl<'r, 't> Section<'r, 't> {
    /// The whole document.
    pub(super) fn root(document: &'r mut Document<'t>, table: &'r DeTable<'t>) -> Self {
        Self {
            document,
            table,
            path: String::new(),
            line: 1,
            asked: Vec::new(),
            missing: Vec::new(),
            reported: false,
        }
    }

    /// The dotted name of this section; empty at the top.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value of a key that may be left out.
    pub(super) fn read<T: Setting>(&mut self, key: &'static str) -> Option<T> {
        let value = self.ask(key)?;
        T::read(value.get_ref())
            .map_err(|mistake| self.add(key, mistake))
            .ok()
    }

    /// The value of a key that must be there.
    pub(super) fn required<T: Setting>(
        &mut self,
        key: &'static str,
        expected: impl Into<String>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing.push((key, expected.into()));
        }
        self.read(key)
    }

    /// A whole number inside of the bounds.
    pub(super) fn number<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        bounds: Bounds,
    ) -> Option<T> {
        let value = self.ask(key)?.get_ref();
        let number = integer(value)
            .filter(|&number| bounds.contains(number))
            .and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            let mistake = Mistake {
                found: describe(value),
                expected: bounds.expected().into(),
            };
            self.add(key, mistake);
        }
        number
    }

    /// A whole number of milliseconds inside of the bounds.
    pub(super) fn millis(&mut self, key: &'static str, bounds: Bounds) -> Option<Duration> {
        self.number(key, bounds).map(Duration::from_millis)
    }

    /// Reads a section below this one, if it is there.
    pub(super) fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'_, 't>) -> T,
    ) -> Option<T> {
        let value = self.ask(key)?;
        let path = join(&self.path, key);
        let DeValue::Table(table) = value.get_ref() else {
            let mistake = Mistake {
                found: describe(value.get_ref()),
                expected: format!("a section [{path}]").into(),
            };
            self.add(key, mistake);
            return None;
        };
        let line = self.line_of_key(key, &value.span());
        Some(self.enter(table, path, line, read))
    }

    /// Reads each section of an array of sections; `None` when there is no such key, or it is something else.
    pub(super) fn sections<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'_, 't>) -> T,
    ) -> Option<Vec<T>> {
        let value = self.ask(key)?;
        let path = join(&self.path, key);
        let expected = format!("sections, each headed [[{}]]", plain_path(&path));
        let DeValue::Array(items) = value.get_ref() else {
            let found = describe(value.get_ref());
            self.add(
                key,
                Mistake {
                    found,
                    expected: expected.into(),
                },
            );
            return None;
        };
        if !(1..=bounds::ENTRIES_MAX).contains(&items.len()) {
            let found = format!("{} of them", items.len()).into();
            let expected = format!("1 to {} {expected}", bounds::ENTRIES_MAX).into();
            self.add(key, Mistake { found, expected });
            return None;
        }
        let mut values = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}[{at}]");
            let line = self.document.line_at(item.span().start);
            self.document.field_lines.insert(path.clone(), line);
            if let DeValue::Table(table) = item.get_ref() {
                values.push(self.enter(table, path, line, &mut read));
            } else {
                let found = describe(item.get_ref());
                self.document.add_at(line, path, found, expected.as_str());
            }
        }
        Some(values)
    }

    /// Ends the section; see [`Section::report`].
    pub(super) fn finish(mut self) {
        self.report();
    }

    /// Reports, once, the keys that nobody asked for and the required ones that are not there. Everything is asked for
    /// by now.
    pub(super) fn report(&mut self) {
        if std::mem::replace(&mut self.reported, true) {
            return;
        }
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let line = self.document.line_at(key.span().start);
            let shown = super::checks::shown(name);
            let field = join(&self.path, shown.trim_matches('"'));
            let expected = match nearest(name, &self.asked) {
                Some(known) => {
                    self.document.problems.suspect(join(&self.path, known));
                    format!("a known key; the nearest is `{known}`")
                }
                None => format!("a known key: {}", self.asked.join(", ")),
            };
            self.document
                .add_at(line, field, format!("the unknown key {shown}"), expected);
        }
        for (key, expected) in std::mem::take(&mut self.missing) {
            let field = join(&self.path, key);
            if !self.document.problems.concern(&field) {
                self.document.add_at(self.line, field, "nothing", expected);
            }
        }
    }

    fn enter<T>(
        &mut self,
        table: &DeTable<'t>,
        path: String,
        line: usize,
        read: impl FnOnce(&mut Section<'_, 't>) -> T,
    ) -> T {
        let mut section = Section {
            document: self.document,
            table,
            path,
            line,
            asked: Vec::new(),
            missing: Vec::new(),
            reported: false,
        };
        let value = read(&mut section);
        section.finish();
        value
    }

    fn ask(&mut self, key: &'static str) -> Option<&'r Spanned<DeValue<'t>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let value = self.table.get(key)?;
        let line = self.line_of_key(key, &value.span());
        self.document
            .field_lines
            .insert(join(&self.path, key), line);
        Some(value)
    }

    /// The line of the key; of a value only when it is a scalar, since that of a table is where the table begins.
    fn line_of_key(&self, key: &str, value: &Range<usize>) -> usize {
        let offset = self
            .table
            .get_key_value(key)
            .map_or(value.start, |(key, _)| key.span().start);
        self.document.line_at(offset)
    }

    /// A mistake in the value of a key.
    pub(super) fn add(&mut self, key: &str, mistake: Mistake) {
        let field = join(&self.path, key);
        let line = self.document.line_of(&field);
        self.document
            .add_at(line, field, mistake.found, mistake.expected);
    }
}

/// `gateway[1].accounts` as its header is written: `gateway.accounts`.
fn plain_path(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|&char| {
            inside |= char == '[';
            let keep = !inside;
            inside &= char != ']';
            keep
        })
        .collect()
}

/// The known key that a misspelt one was most probably meant for, if any comes near.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    const NEAR: f64 = 0.6;
    const LEN_MAX: usize = 64;
    if name.len() > LEN_MAX {
        return None;
    }
    let name = name.to_ascii_lowercase().replace('-', "_");
    let score = |known: &str| {
        let whole_word = name.len() > 2 && (known.contains(&*name) || name.contains(known));
        let similar = strsim::normalized_damerau_levenshtein(&name, known);
        if whole_word {
            similar.max(NEAR)
        } else {
            similar
        }
    };
    known
        .iter()
        .map(|known| (score(known), *known))
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}
