//! The WebSocket formats of KIS against what the vendor sends: every example is read value by value and written again as the
//! same bytes.

mod books;
mod control;
mod frames;
mod hostile;
mod notices;
mod trades;

use std::fs;
use std::path::Path;

use gwanmun::wire::kis::realtime::{Frame, Records, Splitter};
use serde_json::Value;

/// A recorded example.
struct Example(Value);

impl Example {
    fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/kis/ws")
            .join(name)
            .with_extension("json");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(serde_json::from_str(&text).unwrap())
    }

    fn all() -> impl Iterator<Item = (String, Self)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kis/ws");
        let mut names = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect::<Vec<_>>();
        names.sort();
        assert!(names.len() > 20, "the examples were not found");
        names
            .into_iter()
            .map(|name| (name.clone(), Self::read(&name)))
    }

    /// The texts under a key; none where there is no such key.
    fn texts(&self, key: &str) -> Vec<&str> {
        let texts = self.0.get(key).and_then(Value::as_array);
        texts.map_or_else(Vec::new, |texts| {
            texts.iter().map(|text| text.as_str().unwrap()).collect()
        })
    }

    fn frames(&self) -> Vec<&str> {
        self.texts("frames")
    }
}

/// The frame of that text, which is one.
fn frame(text: &str) -> Frame<'_> {
    Frame::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What a feed sends in that form: the head, then records of the given values.
fn frame_of(tr_id: &str, records: usize, values: &[&str]) -> String {
    format!("0|{tr_id}|{records:03}|{}", values.join("^"))
}

/// Shares out a frame and hands the records on.
fn with_records<T>(text: &str, work: impl FnOnce(Records<'_>) -> T) -> T {
    let mut splitter = Splitter::new();
    let records = splitter
        .split(&frame(text))
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    work(records)
}
