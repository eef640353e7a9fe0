//! Reads the source tree and checks what no linter knows: who imports whom, what stands nowhere, how long files are.

mod lexer;
mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use lexer::tokens;
use paths::{Layer, Roots, references};

/// Who may import whom, besides itself. `x` stands for the same broker on both sides; a layer that is not here may not
/// exist.
const IMPORTS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("error", &["domain"]),
    ("clock", &["domain"]),
    ("config", &["domain", "error"]),
    // The trait hands out the limiter's reading.
    ("contract", &["domain", "error", "config", "limiter"]),
    // Vendor strings and numbers only.
    ("wire/x", &[]),
    ("wire", &[]),
    ("limiter", &["domain", "error", "config"]),
    // Time and I/O arrive as arguments.
    ("orders", &["domain", "error", "limiter", "config"]),
    ("transport", &["limiter", "clock", "error", "config"]),
    // Time arrives as an argument.
    ("sim", &["domain", "error"]),
    ("broker/x", BROKER),
    // The simulated exchange in place of wire and transport.
    (
        "broker/mock",
        &[
            "sim", "orders", "limiter", "contract", "config", "clock", "error", "domain",
        ],
    ),
    // What all brokers of the folder share.
    ("broker", BROKER),
    // The limiter, because dispatch repeats the contract's signatures.
    (
        "gateway",
        &["broker", "contract", "config", "limiter", "error", "domain"],
    ),
    // The limiter, because the registry shows its reading.
    (
        "registry",
        &[
            "gateway", "contract", "config", "limiter", "clock", "error", "domain",
        ],
    ),
    ("emulator/x", EMULATOR),
    // What all emulators share.
    ("emulator", EMULATOR),
    ("rpc", &["contract", "domain", "error", "config"]),
    (
        "bridge",
        &[
            "rpc", "contract", "limiter", "orders", "domain", "error", "config",
        ],
    ),
    // The program sees the public API only, which it names `gwanmun`.
    ("cli", &[]),
    ("main", &["cli"]),
];

const BROKER: &[&str] = &[
    "wire/x",
    "transport",
    "orders",
    "limiter",
    "contract",
    "config",
    "clock",
    "error",
    "domain",
    "rpc",
];

const EMULATOR: &[&str] = &["wire/x", "sim", "domain", "error", "clock"];

/// Words that stand nowhere in `src`, and why.
const BANNED: &[(&str, &str)] = &[
    ("dyn", "dispatch is static"),
    ("async_trait", "it boxes every call"),
    ("BoxFuture", "it boxes every call"),
    ("todo", "what is not there is not promised"),
    ("unimplemented", "what is not there is not promised"),
];

/// Exceptions from [`BANNED`]: file, word, reason.
const ALLOWED: &[(&str, &str, &str)] = &[];

/// Words that money and prices never meet.
const FLOATS: &[&str] = &["f32", "f64"];

/// The longest file, in lines above its unit tests, that still has one subject. Sibling tests and generated code may be
/// longer.
const LINES_MAX: usize = 600;

#[test]
fn layers_import_only_what_is_below_them() {
    let roots = Roots::of(&read("src/lib.rs"));
    let found = sources().flat_map(|(path, source)| import_mistakes(&path, &source, &roots));
    assert_none(found);
}

#[test]
fn banned_words_stand_nowhere() {
    let mut used = vec![false; ALLOWED.len()];
    let found = sources()
        .flat_map(|(path, source)| banned_words(&path, &source, ALLOWED, &mut used))
        .collect::<Vec<_>>();
    assert_none(found);
    for ((path, word, _), used) in ALLOWED.iter().zip(used) {
        assert!(
            used,
            "`{word}` does not stand in {path}: the exception is not needed"
        );
    }
}

#[test]
fn no_float_comes_near_a_value_of_the_domain() {
    let domain = sources().filter(|(path, _)| path.starts_with("src/domain/"));
    assert_none(domain.flat_map(|(path, source)| floats(&path, &source)));
}

#[test]
fn files_have_one_subject() {
    assert_none(sources().filter_map(|(path, source)| too_long(&path, &source)));
}

#[test]
fn names_say_what_things_are() {
    assert_none(sources().flat_map(|(path, source)| vague_names(&path, &source)));
}

#[test]
fn every_dependency_has_its_reason() {
    assert_none(unexplained_dependencies(&read("Cargo.toml")));
}

#[test]
fn no_file_speaks_of_one_machine() {
    let texts = ["src", "tests", "benches", "examples", ".ci"]
        .into_iter()
        .flat_map(files)
        .chain(
            [
                "Cargo.toml",
                "README.md",
                "CHANGELOG.md",
                "CONTRIBUTING.md",
                "deny.toml",
            ]
            .map(PathBuf::from),
        )
        .filter(|path| path != Path::new("tests/it/tidy.rs") && root().join(path).is_file());
    assert_none(texts.flat_map(|path| {
        // A recording may hold bytes of any kind.
        let text = String::from_utf8_lossy(&fs::read(root().join(&path)).expect("a readable file"))
            .into_owned();
        machine_paths(&path.to_string_lossy(), &text)
    }));
}

fn import_mistakes(path: &str, source: &str, roots: &Roots) -> Vec<String> {
    let Some(from) = Layer::of_file(path) else {
        return Vec::new();
    };
    let Some(allowed) = allowed_imports(&from) else {
        return vec![format!(
            "{path}: `{from}` is not in the table of who may import whom"
        )];
    };
    references(path, source, roots)
        .into_iter()
        .filter(|(_, to)| !is_allowed(&from, to, allowed))
        .map(|(line, to)| format!("{path}:{line}: `{from}` may not import `{to}`"))
        .collect()
}

/// The exact row, or the one for any broker.
fn allowed_imports(from: &Layer) -> Option<&'static [&'static str]> {
    let exact = from.to_string();
    let any = from.broker.is_some().then(|| format!("{}/x", from.name));
    let row = |wanted: &str| {
        IMPORTS
            .iter()
            .find(|(layer, _)| *layer == wanted)
            .map(|(_, allowed)| *allowed)
    };
    row(&exact).or_else(|| row(&any?))
}

fn is_allowed(from: &Layer, to: &Layer, allowed: &[&str]) -> bool {
    let inside = from.name == to.name
        && (from.broker == to.broker || from.broker.is_none() || to.broker.is_none());
    inside
        || allowed.iter().any(|allowed| match allowed.split_once('/') {
            Some((name, _)) => {
                to.name == name && (from.broker.is_none() || from.broker == to.broker)
            }
            None => to.name == *allowed,
        })
}

fn banned_words(
    path: &str,
    source: &str,
    exceptions: &[(&str, &str, &str)],
    used: &mut [bool],
) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens(source) {
        let Some((word, reason)) = BANNED.iter().find(|(word, _)| *word == token.text) else {
            continue;
        };
        let exception = exceptions
            .iter()
            .position(|(file, allowed, _)| *file == path && allowed == word);
        match exception {
            Some(at) => used[at] = true,
            None => found.push(format!("{path}:{}: `{word}`: {reason}", token.line)),
        }
    }
    found
}

fn floats(path: &str, source: &str) -> Vec<String> {
    tokens(source)
        .iter()
        .filter(|token| FLOATS.iter().any(|float| token.text.ends_with(float)))
        .map(|token| format!("{path}:{}: `{}`: money is exact", token.line, token.text))
        .collect()
}

fn too_long(path: &str, source: &str) -> Option<String> {
    let exempt = path.ends_with("/tests.rs") || path.contains("/generated/");
    let lines = source
        .lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .count();
    (!exempt && lines > LINES_MAX).then(|| format!("{path}: {lines} lines, at most {LINES_MAX}"))
}

/// Functions called `get_…` (`get_mut` is the usual twin of `get`), and types whose last word could end any name.
fn vague_names(path: &str, source: &str) -> Vec<String> {
    const EMPTY_ENDINGS: &[&str] = &["Manager", "Helper", "Util", "Utils", "Data"];
    let tokens = tokens(source);
    tokens
        .windows(2)
        .filter(|pair| match pair[0].text {
            "fn" => pair[1].text.starts_with("get_") && pair[1].text != "get_mut",
            "struct" | "enum" | "trait" | "type" => EMPTY_ENDINGS
                .iter()
                .any(|ending| pair[1].text.ends_with(ending)),
            _ => false,
        })
        .map(|pair| format!("{path}:{}: `{}` says nothing", pair[1].line, pair[1].text))
        .collect()
}

/// Dependencies without a comment in the line above.
fn unexplained_dependencies(manifest: &str) -> Vec<String> {
    let mut in_dependencies = false;
    let mut above = "";
    let mut found = Vec::new();
    for (line, text) in manifest.lines().map(str::trim).enumerate() {
        if text.starts_with('[') {
            in_dependencies = text.trim_end_matches(']').ends_with("dependencies");
        } else if in_dependencies
            && text.contains('=')
            && !text.starts_with('#')
            && !above.starts_with('#')
        {
            found.push(format!("Cargo.toml:{}: no reason above `{text}`", line + 1));
        }
        above = text;
    }
    found
}

/// Absolute paths that exist on the machine of whoever wrote them.
fn machine_paths(path: &str, text: &str) -> Vec<String> {
    const FOLDERS: &[&str] = &["/home/", "/root/", "/Users/", "C:\\Users"];
    text.lines()
        .enumerate()
        .filter(|(_, line)| FOLDERS.iter().any(|folder| line.contains(folder)))
        .map(|(at, line)| format!("{path}:{}: {}", at + 1, line.trim()))
        .collect()
}

fn assert_none(found: impl IntoIterator<Item = String>) {
    let found = found.into_iter().collect::<Vec<_>>();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file of `src`, with its text.
fn sources() -> impl Iterator<Item = (String, String)> {
    let rust = files("src")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let path = path.to_string_lossy().replace('\\', "/");
            let source = read(&path);
            (path, source)
        })
        .collect::<Vec<_>>();
    assert!(rust.len() > 10, "the source tree was not found");
    rust.into_iter()
}

/// Every file below a folder of the repository; none where it does not exist.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(root().join(&folder)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.expect("a readable folder");
            let path = folder.join(entry.file_name());
            match entry.file_type().expect("a file type").is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    files
}

/// The checks on small texts: each of them can fail.
mod checks {
    use super::*;

    const LIB: &str = "mod error; pub use error::{Error, Result}; pub use domain::*;";

    fn imports(path: &str, source: &str) -> Vec<String> {
        import_mistakes(path, source, &Roots::of(LIB))
    }

    #[test]
    fn imports_go_one_way() {
        for (path, source) in [
            (
                "src/domain/order/kind.rs",
                "use crate::domain::Side; use super::id;",
            ),
            (
                "src/domain/text.rs",
                "macro_rules! m { () => { $crate::domain::X } }",
            ),
            (
                "src/config/mod.rs",
                "use crate::{domain::Side, error::{A, B}}; fn f() -> crate::Result<()> {}",
            ),
            (
                "src/limiter/mod.rs",
                "use crate::error::Error; /* use crate::sim; */ // crate::sim\n",
            ),
            (
                "src/broker/kis/mod.rs",
                "use crate::wire::kis::X; use crate::rpc::client; use super::shared;",
            ),
            ("src/broker/mock/mod.rs", "use crate::sim::Exchange;"),
            (
                "src/broker/mod.rs",
                "pub use crate::broker::kis::Kis; mod kis;",
            ),
            ("src/gateway.rs", "use crate::broker::kis::Kis;"),
            (
                "src/emulator/kis/rest.rs",
                "use crate::wire::kis::X; use crate::sim;",
            ),
            (
                "src/sim/book.rs",
                "mod tests { use super::*; use super::super::naive; }",
            ),
            ("src/lib.rs", "pub use crate::broker::kis;"),
            (
                "src/main.rs",
                "use gwanmun::Gateway; mod cli; use crate::cli::run;",
            ),
            ("src/sim/naive.rs", "const A: &str = \"crate::broker\";"),
            (
                "src/domain/a.rs",
                "pub(crate) fn f() {} pub(in crate::domain) fn g() {} crate::symbol!();",
            ),
        ] {
            assert_eq!(
                imports(path, source),
                Vec::<String>::new(),
                "{path}: {source}"
            );
        }
    }

    #[test]
    fn imports_the_other_way_are_found() {
        for (path, source, to) in [
            ("src/domain/price.rs", "use crate::error::Error;", "error"),
            (
                "src/domain/price.rs",
                "fn f() -> crate::Result<()> {}",
                "error",
            ),
            ("src/domain/price.rs", "use super::super::config;", "config"),
            (
                "src/domain/order/kind.rs",
                "use super::super::super::sim::book;",
                "sim",
            ),
            (
                "src/domain/price.rs",
                "mod tests { use super::super::super::clock; }",
                "clock",
            ),
            (
                "src/sim/book.rs",
                "use crate::{domain::X, clock::now};",
                "clock",
            ),
            (
                "src/sim/book.rs",
                "use crate::{\n domain::{X, Y},\n broker::{mock},\n};",
                "broker/mock",
            ),
            (
                "src/config/mod.rs",
                "fn f() { crate::clock::now() }",
                "clock",
            ),
            ("src/wire/kis/mod.rs", "use crate::domain::Price;", "domain"),
            (
                "src/wire/kis/mod.rs",
                "use crate::wire::kiwoom::X;",
                "wire/kiwoom",
            ),
            (
                "src/broker/kis/mod.rs",
                "use crate::wire::kiwoom::X;",
                "wire/kiwoom",
            ),
            (
                "src/broker/kis/mod.rs",
                "use crate::broker::kiwoom::X;",
                "broker/kiwoom",
            ),
            (
                "src/broker/kis/mod.rs",
                "use super::kiwoom::X;",
                "broker/kiwoom",
            ),
            ("src/broker/kis/mod.rs", "use crate::sim::X;", "sim"),
            (
                "src/broker/mock/mod.rs",
                "use crate::transport::http;",
                "transport",
            ),
            ("src/emulator/kis/mod.rs", "use crate::orders::X;", "orders"),
            ("src/error.rs", "use crate::config::X;", "config"),
            ("src/registry.rs", "use crate::broker::Mock;", "broker"),
            ("src/main.rs", "use crate::domain;", "domain"),
            ("src/limiter/mod.rs", "use crate::sim::X;", "sim"),
            ("src/wire/kis/rest.rs", "use crate::Side;", "domain"),
            ("src/limiter/mod.rs", "use crate::orders::X;", "orders"),
        ] {
            let found = imports(path, source);
            assert_eq!(found.len(), 1, "{path}: {source}: {found:?}");
            assert!(
                found[0].ends_with(&format!("may not import `{to}`")),
                "{found:?}"
            );
        }
        let unknown = imports("src/helpers.rs", "");
        assert!(unknown[0].contains("is not in the table"), "{unknown:?}");
    }

    #[test]
    fn banned_words_are_found_in_code_only() {
        let found = |source| banned_words("src/a.rs", source, &[], &mut []).len();
        assert_eq!(found("fn f(a: &dyn Debug) { todo!() }"), 2);
        assert_eq!(found("// dyn\nlet dynamic = \"dyn\";"), 0);

        let mut used = [false; 2];
        let exceptions = [("src/a.rs", "dyn", ""), ("src/b.rs", "dyn", "")];
        let found = banned_words("src/a.rs", "dyn BoxFuture", &exceptions, &mut used);
        assert_eq!((found.len(), used), (1, [true, false]));
    }

    #[test]
    fn floats_are_found_as_types_and_as_literals() {
        let source = "fn f(a: f64) -> f32 { 1.0f64 } // f64\nlet half_f = 1;";
        assert_eq!(floats("src/domain/a.rs", source).len(), 3);
    }

    #[test]
    fn long_files_are_found_unless_they_are_tests() {
        let long = "\n".repeat(LINES_MAX + 1);
        assert!(too_long("src/a.rs", &long).is_some());
        assert!(too_long("src/a.rs", &long[1..]).is_none());
        assert!(too_long("src/a/tests.rs", &long).is_none());
        assert!(too_long("src/a.rs", &format!("#[cfg(test)]\n{long}")).is_none());
    }

    #[test]
    fn vague_names_are_found() {
        let source = "fn get_price() {} struct OrderManager; enum Side {} fn getter() {} fn get_mut() {} struct Database;";
        assert_eq!(vague_names("src/a.rs", source).len(), 2);
    }

    #[test]
    fn dependencies_without_a_reason_are_found() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\n# Why.\na = \"1\"\nb = \"1\"\n\n\
                        [target.'cfg(windows)'.dev-dependencies]\nc = \"1\"\n[features]\nd = []\n";
        let found = unexplained_dependencies(manifest);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("Cargo.toml:6:") && found[1].starts_with("Cargo.toml:9:"));
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let text = "see https://example.org/homes/ and\n/home/me/x\n";
        assert_eq!(
            machine_paths("README.md", text),
            ["README.md:2: /home/me/x"]
        );
    }
}
