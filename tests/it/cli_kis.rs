//! The program against `gwanmun emulate kis`: every command, as people run it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// An emulator in a process of its own, ended with this value.
struct Emulator {
    child: Child,
    facts: Value,
}

impl Emulator {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gwanmun"))
            .args(["emulate", "kis", "--port", "0", "--json"])
            .env_remove("GWANMUN_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut said = serde_json::Deserializer::from_reader(stdout).into_iter();
        let facts = said.next().unwrap().unwrap();
        Self { child, facts }
    }

    /// A configuration of its customer, in a file that only its owner may read.
    fn configure(&self, folder: &Path) {
        let text = |field: &str| self.facts[field].as_str().unwrap().to_owned();
        let config = format!(
            "broker_type = \"KIS\"\nhts_id = \"{}\"\ndata_dir = \"state\"\n[[accounts]]\naccount_id = \"{}\"\n\
             account_type = \"REAL\"\n[credentials]\napp_key = \"{}\"\napp_secret = \"{}\"\n[endpoints]\n\
             rest_url = \"{}\"\nws_url = \"{}\"\n",
            text("hts_id"),
            text("account"),
            text("app_key"),
            text("app_secret"),
            text("rest"),
            text("websocket"),
        );
        let file = folder.join("gwanmun.toml");
        fs::write(&file, config).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;

            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command; its exit code, what it answered, and everything it printed.
fn run(folder: &Path, arguments: &str) -> (Option<i32>, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(arguments.split_whitespace())
        .arg("--json")
        .current_dir(folder)
        .env("GWANMUN_LOG", "trace")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, log) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    let answer = serde_json::from_str(&out).unwrap_or(Value::Null);
    (output.status.code(), answer, out + &log)
}

#[test]
fn x1_every_command_works_on_kis_and_none_tells_a_secret() {
    let emulator = Emulator::start();
    let folder = TempDir::new().unwrap();
    emulator.configure(folder.path());
    let mut printed = String::new();
    let mut said = |arguments: &str| {
        let (code, answer, all) = run(folder.path(), arguments);
        assert_eq!(code, Some(0), "{arguments}: {all}");
        printed.push_str(&all);
        answer
    };
    let steps = said("doctor");
    let verdicts: Vec<_> = steps
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["verdict"])
        .collect();
    assert!(
        verdicts
            .iter()
            .all(|verdict| **verdict == "good" || **verdict == "note"),
        "{steps}"
    );
    assert_eq!(said("quote 005930")["symbol"], "005930");
    assert!(said("book 005930")["asks"][0]["price"].is_string());
    assert!(said("balance")["deposit"].is_string());
    assert_eq!(said("positions"), Value::Array(Vec::new()));
    assert!(
        said("candles 005930 --timeframe 1d")
            .as_array()
            .is_some_and(|rows| !rows.is_empty())
    );
    let bought = said("buy 005930 1 --price 60000 --yes");
    assert!(bought.to_string().contains("ACCEPTED"), "{bought}");
    let open = said("orders");
    let number = open[0]["order_no"].as_str().unwrap().to_owned();
    said(&format!("cancel {number} --yes"));
    assert_eq!(said("orders"), Value::Array(Vec::new()));

    // What went over the wire, and whose it is, stands in no output, at the most talkative level.
    let secret = |field: &str| emulator.facts[field].as_str().unwrap().to_owned();
    for hidden in [
        secret("app_key"),
        secret("app_secret"),
        "Bearer ".to_owned(),
    ] {
        assert!(!printed.contains(&hidden), "{hidden} was printed");
    }
    let digits = secret("account").replace('-', "");
    for log in printed.lines().filter(|line| line.contains("gwanmun")) {
        assert!(
            !log.contains(&digits) && !log.contains(&digits[..8]),
            "{log}"
        );
    }
}

#[test]
fn a_doctor_without_a_server_says_what_to_do() {
    let emulator = Emulator::start();
    let folder = TempDir::new().unwrap();
    emulator.configure(folder.path());
    drop(emulator);
    let (code, steps, all) = run(folder.path(), "doctor");
    assert_eq!(code, Some(1), "{all}");
    let bad = steps
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["verdict"] == "bad")
        .unwrap();
    assert!(bad["remedy"].is_string(), "{bad}");
}
