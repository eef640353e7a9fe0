//! Which part of the crate a piece of code refers to.

use std::collections::BTreeMap;
use std::fmt;

use super::lexer::{Token, tokens};

/// A part of the crate that has a row in the table of imports: a file or folder of `src`, and in folders with a folder
/// for each broker also the broker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) broker: Option<String>,
}

const PER_BROKER: &[&str] = &["wire", "broker", "emulator"];
const BROKERS: &[&str] = &["kis", "kiwoom", "creon", "mock"];

impl Layer {
    /// The layer of a file; `None` for `lib.rs`, which ties them all.
    pub(super) fn of_file(path: &str) -> Option<Self> {
        let module = module_of(path);
        (!module.is_empty()).then(|| Self::of_path(&module))
    }

    fn of_path(path: &[String]) -> Self {
        let name = path.first().cloned().unwrap_or_default();
        let broker = path
            .get(1)
            .filter(|part| PER_BROKER.contains(&&*name) && BROKERS.contains(&part.as_str()))
            .cloned();
        Self { name, broker }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.broker
            .as_ref()
            .map_or(Ok(()), |broker| write!(f, "/{broker}"))
    }
}

/// What `crate::Name` means: the names that `lib.rs` takes from the layers.
#[derive(Debug, Default)]
pub(super) struct Roots {
    names: BTreeMap<String, String>,
    glob: Option<String>,
}

impl Roots {
    /// Reads the `pub use layer::…` of `lib.rs`.
    pub(super) fn of(lib: &str) -> Self {
        let tokens = tokens(lib);
        let mut roots = Self::default();
        // The macro that builds symbols at compile time is exported at the root by nature.
        roots.names.insert("symbol".to_owned(), "domain".to_owned());
        for at in 0..tokens.len() {
            if tokens[at].text != "use" {
                continue;
            }
            for path in tree(&tokens, at + 1).0 {
                match (path.as_slice(), path.last().map(String::as_str)) {
                    ([layer, ..], Some("*")) => roots.glob = Some(layer.clone()),
                    ([layer, .., name], _) => {
                        roots.names.insert(name.clone(), layer.clone());
                    }
                    _ => {}
                }
            }
        }
        roots
    }

    /// The path with a re-exported name replaced by the layer it comes from.
    fn resolve(&self, path: Vec<String>) -> Vec<String> {
        let Some(first) = path.first() else {
            return path;
        };
        let is_type = first.starts_with(char::is_uppercase);
        match self.names.get(first) {
            Some(layer) => vec![layer.clone()],
            None if is_type => self.glob.clone().into_iter().collect(),
            None => path,
        }
    }
}

/// Every layer that a file names, through `crate` or `super`, and where.
pub(super) fn references(path: &str, source: &str, roots: &Roots) -> Vec<(usize, Layer)> {
    let tokens = tokens(source);
    let file = module_of(path);
    // The inline modules around the current token, each with the depth of braces that it was opened at.
    let mut modules: Vec<(String, usize)> = Vec::new();
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => {
                depth += 1;
                if let [.., keyword, name] = &tokens[..at]
                    && keyword.text == "mod"
                {
                    modules.push((name.text.to_owned(), depth));
                }
            }
            "}" => {
                modules.retain(|(_, opened)| *opened < depth);
                depth = depth.saturating_sub(1);
            }
            "crate" | "super" if starts_path(&tokens, at) => {
                let here = file.iter().chain(modules.iter().map(|(name, _)| name));
                let here = here.cloned().collect::<Vec<_>>();
                for path in tree(&tokens, at).0 {
                    let target = roots.resolve(absolute(&here, &path));
                    if !target.is_empty() {
                        found.push((token.line, Layer::of_path(&target)));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a path of several parts starts here, rather than goes on or stands in `pub(crate)`.
fn starts_path(tokens: &[Token<'_>], at: usize) -> bool {
    let is = |at: Option<usize>, text: &str| {
        at.and_then(|at| tokens.get(at))
            .is_some_and(|token| token.text == text)
    };
    is(Some(at + 1), "::") && !is(at.checked_sub(1), "::")
}

/// The paths of a use tree, and where it ends.
fn tree(tokens: &[Token<'_>], mut at: usize) -> (Vec<Vec<String>>, usize) {
    let mut path = Vec::new();
    while let Some(token) = tokens.get(at) {
        match token.text {
            "{" => {
                let mut paths = Vec::new();
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    let (branches, end) = tree(tokens, at);
                    paths.extend(branches.into_iter().map(|branch| {
                        let mut whole = path.clone();
                        whole.extend(branch);
                        whole
                    }));
                    // A comma, or anything that is not part of a path and must not stop the walk.
                    at = end.max(at + 1);
                    if tokens.get(end).is_some_and(|token| token.text == "}") {
                        at = end;
                    }
                }
                return (paths, at + 1);
            }
            "::" => {}
            text => path.push(text.to_owned()),
        }
        let goes_on = tokens.get(at + 1).is_some_and(|next| next.text == "::");
        let ends = token.text != "::" && !goes_on;
        at += 1;
        if ends {
            break;
        }
    }
    // `a as b` is the path `a`.
    if tokens.get(at).is_some_and(|token| token.text == "as") {
        at += 2;
    }
    (vec![path], at)
}

/// A path from the root of the crate: `super` and `crate` followed.
fn absolute(here: &[String], path: &[String]) -> Vec<String> {
    let mut whole = here.to_vec();
    for part in path {
        match part.as_str() {
            "crate" => whole.clear(),
            "super" => {
                whole.pop();
            }
            "self" => {}
            name => whole.push(name.to_owned()),
        }
    }
    whole
}

/// `src/domain/order/kind.rs` is the module `domain::order::kind`.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let mut parts = inside
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let last = parts.last().map(String::as_str);
    if last == Some("mod") || parts == ["lib"] {
        parts.pop();
    }
    parts
}
