//! Collects the mistakes of a configuration, each once.

use crate::error::ConfigProblem;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<ConfigProblem>,
    /// Fields that a misspelt key was probably meant for: they are not missing as well.
    suspects: Vec<String>,
}

impl Problems {
    /// A mistake without a place in a file.
    pub(super) fn add(
        &mut self,
        field: impl Into<Box<str>>,
        found: impl Into<Box<str>>,
        expected: impl Into<Box<str>>,
    ) {
        self.list.push(ConfigProblem {
            place: None,
            field: field.into(),
            found: found.into(),
            expected: expected.into(),
        });
    }

    pub(super) fn push(&mut self, problem: ConfigProblem) {
        self.list.push(problem);
    }

    /// A field that a reported key was probably meant for.
    pub(super) fn suspect(&mut self, field: String) {
        self.suspects.push(field);
    }

    /// How many were found.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// Whether a mistake of that field or of a part of it is known, so that a further one may be its mere consequence.
    pub(super) fn concern(&self, field: &str) -> bool {
        let reported = self.list.iter().map(|problem| &*problem.field);
        reported
            .chain(self.suspects.iter().map(String::as_str))
            .any(|known| is_same_or_inside(known, field))
    }

    /// Counts the entries of `list` (`accounts[0]`, …) as `places` says instead of one after the other: their places in
    /// a file of which some entries were not readable.
    pub(super) fn renumber(&mut self, list: &str, places: &[usize]) {
        for problem in &mut self.list {
            let entry = problem
                .field
                .strip_prefix(list)
                .and_then(|rest| rest.strip_prefix('['))
                .and_then(|rest| rest.split_once(']'));
            let Some((at, rest)) = entry else { continue };
            if let Some(place) = at.parse().ok().and_then(|at: usize| places.get(at)) {
                problem.field = format!("{list}[{place}]{rest}").into();
            }
        }
    }

    /// The mistakes in the order of the file; those without a line come last.
    pub(super) fn into_sorted(self) -> Vec<ConfigProblem> {
        let mut list = self.list;
        list.sort_by_key(|problem| problem.place.as_ref().map_or(usize::MAX, |(_, line)| *line));
        list
    }
}

fn is_same_or_inside(field: &str, whole: &str) -> bool {
    field
        .strip_prefix(whole)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_told_from_a_longer_name() {
        for (field, whole, expected) in [
            ("accounts", "accounts", true),
            ("accounts[0].account_id", "accounts", true),
            ("accounts[0].account_id", "accounts[0]", true),
            ("accounts[01]", "accounts[0]", false),
            ("grpc_port", "grpc", false),
            ("mock", "mock.cash", false),
        ] {
            assert_eq!(is_same_or_inside(field, whole), expected, "{field} {whole}");
        }
    }
}
