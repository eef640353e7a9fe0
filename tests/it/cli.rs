//! The `gwanmun` program, run as people run it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program in an empty folder, so that no configuration is found that was not written here.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
    command
        .current_dir(folder)
        .env_remove("GWANMUN_LOG")
        .stdin(Stdio::null());
    command
}

fn run_in(folder: &Path, arguments: &str) -> Output {
    program(folder)
        .args(arguments.split_whitespace())
        .output()
        .unwrap()
}

fn run(arguments: &str) -> Output {
    run_in(TempDir::new().unwrap().path(), arguments)
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// The answer of a command that must succeed.
fn json(arguments: &str) -> Value {
    let output = run(&format!("{arguments} --json"));
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments}: {stderr}");
    assert_eq!(stderr, "", "{arguments}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The demo's report without its timing, as bytes.
fn demo(arguments: &str) -> (Value, String) {
    let mut report = json(&format!("demo {arguments}"));
    let timing = report.as_object_mut().unwrap().remove("timing");
    assert!(timing.is_some_and(|timing| timing["orders_per_second"].is_u64()));
    let bytes = serde_json::to_string(&report).unwrap();
    (report, bytes)
}

fn number(report: &Value, section: &str, field: &str) -> u64 {
    report[section][field].as_u64().unwrap()
}

/// What every run must satisfy, whatever it traded.
fn assert_reconciled(report: &Value, orders: u64) {
    assert_eq!(report["cash"]["difference"], "0");
    assert_eq!(
        report["cash"]["by_executions"],
        report["cash"]["by_gateway"]
    );
    assert_eq!(report["shares"]["difference"], 0);
    let sent = number(report, "commands", "submitted") + number(report, "commands", "placed");
    assert_eq!(sent, orders);
    let told = number(report, "executions", "accepted")
        + number(report, "executions", "refused")
        + number(report, "commands", "not_sent");
    assert_eq!(told, orders, "every order is told of once");
    assert!(number(report, "executions", "fills") > 0, "nothing traded");
}

#[test]
fn a_demo_repeats_to_the_byte_and_reconciles_to_the_won() {
    let (report, bytes) = demo("--orders 2000 --seed 7");
    assert_reconciled(&report, 2_000);
    assert!(number(&report, "executions", "modified") > 0);
    assert!(number(&report, "executions", "cancelled") > 0);
    assert!(
        number(&report, "executions", "expired") > 0,
        "twelve days end"
    );
    for charged in ["fees", "taxes"] {
        assert_ne!(report["money"][charged], "0", "{charged}");
    }
    assert_eq!(demo("--orders 2000 --seed 7").1, bytes);
    assert_ne!(demo("--orders 2000 --seed 8").1, bytes);
}

#[test]
fn every_market_and_strategy_reconciles() {
    for arguments in [
        "--orders 1",
        "--orders 300 --strategy momentum",
        "--orders 300 --market gbm",
        "--orders 300 --market gbm --strategy momentum --seed 9223372036854775807",
    ] {
        let (report, _) = demo(arguments);
        let orders = if arguments == "--orders 1" { 1 } else { 300 };
        if orders > 1 {
            assert_reconciled(&report, orders);
        }
        assert_eq!(report["cash"]["difference"], "0", "{arguments}");
    }
}

#[test]
fn a_limited_demo_shows_the_use_of_the_limiter_and_reconciles() {
    let report = json("demo --orders 100 --rate-limit 1000");
    assert_reconciled(&report, 100);
    let limiter = &report["timing"]["limiter"];
    assert_eq!(limiter["limit"], 1_000);
    assert!(limiter["used"].as_u64().unwrap() > 0);
}

#[test]
fn a_demo_replays_candles_from_a_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("mine.csv");
    let header = "time,open,high,low,close,volume";
    let row = |minute: usize| {
        let (open, close) = (50_000 + minute * 100, 50_100 + minute * 100);
        format!("2026-03-03T09:{minute:02}:00+09:00,{open},{close},{open},{close},1000")
    };
    let rows: Vec<String> = (0..30).map(row).collect();
    std::fs::write(&file, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    let output = run_in(folder.path(), "demo --orders 200 --candles mine.csv --json");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_reconciled(&report, 200);
    assert_eq!(report["run"]["from"], "2026-03-03T09:00:00+09:00");
    assert_eq!(report["run"]["last_price"], "53000");

    std::fs::write(&file, format!("{header}\n{}\nnonsense\n", rows[0])).unwrap();
    let output = run_in(folder.path(), "demo --candles mine.csv");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("mine.csv:3: row: found 1 fields"),
        "{stderr}"
    );

    let sunday = "2026-11-22T09:00:00+09:00,100,100,100,100,5";
    std::fs::write(&file, format!("{header}\n{sunday}\n")).unwrap();
    let output = run_in(folder.path(), "demo --candles mine.csv");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("mine.csv: trading day: found 2026-11-22"),
        "{stderr}"
    );
}

#[test]
fn people_get_tables() {
    let output = run("demo --orders 100");
    let stdout = text(&output.stdout);
    for words in ["reconciliation", "latency (ns)", "p99.9", "limiter", "net"] {
        assert!(stdout.contains(words), "{words}: {stdout}");
    }
}

/// Each mistake has its exit code, and one line that names it and what to do.
#[test]
fn mistakes_have_exit_codes_and_remedies() {
    for (arguments, code, words) in [
        (
            "buy 005930 10 --price 70950",
            2,
            "tick: found \"70950\", expected 70900 or 71000",
        ),
        (
            "buy 005930 1 --price 92400",
            2,
            "expected a price from 49700 to 92300",
        ),
        ("buy 005930 0 --price 71000", 2, "at least 1 share"),
        (
            "buy 005930 -1 --price 71000",
            2,
            "quantity: found \"-1\", expected",
        ),
        ("buy 005930 1 --price -71000", 2, "price: found \"-71000\""),
        ("cancel -5", 2, "order number: found \"-5\""),
        ("buy 005930 10", 2, "add --price"),
        ("buy 005930 10 --price 1e5", 2, "price: found \"1e5\""),
        (
            "buy 005930 10 --type MARKET --price 71000",
            2,
            "leave --price out",
        ),
        (
            "buy 000660 1 --price 71000",
            1,
            "not found: symbol: found \"000660\"",
        ),
        ("buy 005930 100000 --type MARKET", 4, "cash does not cover"),
        ("sell 005930 1 --type MARKET", 4, "exceeds the sellable"),
        ("buy 5930 1 --price 71000", 2, "such as 005930"),
        ("quote 000660", 1, "000660"),
        ("book 005930 --venue NXT", 1, "KRX"),
        ("watch 000660", 1, "000660"),
        (
            "cancel 0000012345",
            1,
            "not found: order: found \"order number 0000012345\"",
        ),
        ("cancel 0", 2, "order number"),
        ("candles 005930 --timeframe 7h", 2, "timeframe"),
        (
            "candles 005930 --from 2026-11-25 --to 2026-11-24",
            2,
            "earlier date first",
        ),
        ("candles 005930 --from yesterday", 2, "a date such as"),
        (
            "quote 005930 --account nobody",
            2,
            "no account of that number or name",
        ),
        ("quote 005930 --config absent.toml", 3, "absent.toml"),
        ("quote 005930 --log ===", 2, "--log"),
        ("demo --orders 0", 2, "--orders"),
        ("demo --seed -1", 2, "--seed <SEED>"),
        ("demo --account main", 2, "leave --account out"),
        ("demo --config mine.toml", 2, "leave --config out"),
        ("watch 005930 --count 0", 2, "0 is not in 1.."),
        ("demo --candles absent.csv", 1, "absent.csv"),
        (
            "demo --candles x.csv --market gbm",
            2,
            "cannot be used with",
        ),
        ("nonsense", 2, "nonsense"),
        ("", 2, "Usage"),
    ] {
        let output = run(arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments}: {stderr}");
        assert!(stderr.contains(words), "{arguments}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments}: {stderr}");
    }
}

/// No text in any place of an order makes the program panic.
#[test]
fn strange_arguments_are_mistakes() {
    let folder = TempDir::new().unwrap();
    for strange in [
        "",
        " ",
        "\n",
        "-",
        "--",
        "NaN",
        "1e999",
        "٣",
        "99999999999999999999",
        "-0",
        "💴",
        "0x10",
    ] {
        for arguments in [
            ["buy", strange, "1", "--price=71000"],
            ["buy", "005930", strange, "--price=71000"],
            ["buy", "005930", "1", &format!("--price={strange}")],
            ["buy", "005930", "1", &format!("--type={strange}")],
            ["candles", "005930", "--timeframe", strange],
            ["watch", "005930", "--count", strange],
        ] {
            let output = program(folder.path()).args(arguments).output().unwrap();
            let stderr = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
            assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
        }
    }
}

#[test]
fn every_mistake_of_a_configuration_is_told_with_its_line() {
    let folder = TempDir::new().unwrap();
    let config = "broker_type = \"MOCK\"\nrate_limit = 0\naccount = 1\n[mock]\ncash = \"much\"\n";
    std::fs::write(folder.path().join("gwanmun.toml"), config).unwrap();
    let output = run_in(folder.path(), "quote 005930");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    for line in [
        "gwanmun.toml:2: rate_limit",
        "gwanmun.toml:3: account",
        "gwanmun.toml:5: mock.cash",
    ] {
        assert!(stderr.contains(line), "{line}: {stderr}");
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_that_leads_nowhere_is_no_reason_to_trade_on_mock() {
    let folder = TempDir::new().unwrap();
    let link = folder.path().join("gwanmun.toml");
    std::os::unix::fs::symlink("nowhere.toml", link).unwrap();
    let output = run_in(folder.path(), "buy 005930 1 --type MARKET");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_day_without_trading_is_a_mistake_of_the_configuration() {
    let folder = TempDir::new().unwrap();
    let config = "broker_type = \"MOCK\"\n[mock]\ntrading_date = 2026-11-28\n";
    std::fs::write(folder.path().join("saturday.toml"), config).unwrap();
    let output = run_in(
        folder.path(),
        "buy 005930 1 --type MARKET --config saturday.toml",
    );
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("trading_date") && stderr.contains("2026-11-30"),
        "{stderr}"
    );
}

#[test]
fn a_real_account_asks_first() {
    let folder = TempDir::new().unwrap();
    let config = "broker_type = \"MOCK\"\n[[accounts]]\naccount_id = \"12345678-01\"\naccount_name = \"main\"\n\
                  account_type = \"REAL\"\n";
    std::fs::write(folder.path().join("gwanmun.toml"), config).unwrap();
    for arguments in ["buy 005930 1 --type MARKET", "cancel 0000000001"] {
        let output = run_in(folder.path(), arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains("add --yes") && stderr.contains("main"),
            "{stderr}"
        );
        assert!(
            !stderr.contains("12345678"),
            "an account number is private: {stderr}"
        );
    }
    let output = run_in(folder.path(), "buy 005930 1 --type MARKET --yes");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn orders_are_answered_with_their_fills() {
    let bought = json("buy 005930 10 --type MARKET");
    assert_eq!(bought["result"], "ACCEPTED");
    assert_eq!(bought["order"]["status"], "FILLED");
    assert_eq!(bought["order"]["filled"], 10);
    let events = bought["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["event"] == "FILLED"));
    let refused = run("buy 005930 100000 --type MARKET --json");
    let answer: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(
        (&answer["result"], &answer["reason"]),
        (&"REFUSED".into(), &"INSUFFICIENT_CASH".into())
    );
}

#[cfg(unix)]
#[test]
fn a_refusal_that_nobody_reads_is_a_refusal_all_the_same() {
    let folder = TempDir::new().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = program(folder.path())
        .args(["buy", "005930", "100000", "--type", "MARKET"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
}

/// A MOCK whose simulated day runs so fast that nobody waits.
fn fast(folder: &Path) {
    let config = "broker_type = \"MOCK\"\n[mock]\npace = 5000\n";
    std::fs::write(folder.join("gwanmun.toml"), config).unwrap();
}

#[test]
fn an_order_is_watched_until_it_has_ended() {
    let folder = TempDir::new().unwrap();
    fast(folder.path());
    let arguments = "buy 005930 10 --price 70800 --watch-for 600 --json";
    let output = run_in(folder.path(), arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let watched: Value = serde_json::from_slice(&output.stdout).unwrap();
    let events = watched["events"].as_array().unwrap();
    let last = events.last().unwrap();
    assert_eq!(last["remaining"], 0, "{last}");
    assert!(["FILLED", "EXPIRED"].contains(&watched["order"]["status"].as_str().unwrap()));
}

#[test]
fn queries_have_a_form_for_programs() {
    assert_eq!(json("quote 005930")["base"], "71000");
    assert_eq!(json("book 005930")["bids"].as_array().unwrap().len(), 10);
    assert_eq!(json("balance")["deposit"], "100000000");
    assert_eq!(json("orders"), Value::Array(Vec::new()));
    assert_eq!(json("positions"), Value::Array(Vec::new()));
    let candles = json("candles 005930 --timeframe 1m");
    assert_eq!(candles[0]["start"], "2026-11-24T09:00:00+09:00");
}

#[test]
fn watch_ends_after_its_count() {
    let folder = TempDir::new().unwrap();
    fast(folder.path());
    let output = run_in(folder.path(), "watch 005930 --trades --count 3 --json");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line["event"] == "TRADE"));
}

/// A watch that is being read, after its first line.
#[cfg(unix)]
fn watching(folder: &Path) -> (std::process::Child, BufReader<std::process::ChildStdout>) {
    fast(folder);
    let (child, reader, line) = started(folder, "watch 005930");
    assert!(line.contains("005930"), "{line}");
    (child, reader)
}

/// A program that has printed its first line.
#[cfg(unix)]
fn started(
    folder: &Path,
    arguments: &str,
) -> (
    std::process::Child,
    BufReader<std::process::ChildStdout>,
    String,
) {
    let mut child = program(folder)
        .args(arguments.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    (child, reader, line)
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = TempDir::new().unwrap();
    let (child, reader) = watching(folder.path());
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_watch_cleanly() {
    let folder = TempDir::new().unwrap();
    let (child, reader) = watching(folder.path());
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    drop(reader);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

/// The number is what a person needs most when the watching ends early.
#[cfg(unix)]
#[test]
fn the_number_of_a_watched_order_is_told_at_once() {
    let folder = TempDir::new().unwrap();
    // Far below the market, so that nothing but the signal ends the watching.
    let arguments = "buy 005930 10 --price 50000 --watch-for 3600";
    let (child, mut reader, line) = started(folder.path(), arguments);
    assert_eq!(line, "accepted by MOCK: order number 0000000001\n");
    interrupt(&child);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("NEW"), "how it stands: {rest}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn help_teaches() {
    let output = run("--help");
    assert_eq!(output.status.code(), Some(0));
    let help = text(&output.stdout);
    for words in [
        "Examples:",
        "Exit codes:",
        "gwanmun demo",
        "fresh exchange",
        "--json",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
    for command in [
        "demo",
        "quote",
        "book",
        "buy",
        "sell",
        "cancel",
        "orders",
        "positions",
        "balance",
        "watch",
        "candles",
    ] {
        assert!(
            help.contains(&format!("\n  {command}")),
            "{command}: {help}"
        );
        assert_eq!(run(&format!("{command} --help")).status.code(), Some(0));
    }
    let demo = run("demo --help");
    assert!(text(&demo.stdout).contains("added up from the executions"));
}

#[test]
fn logs_go_to_stderr() {
    let folder = TempDir::new().unwrap();
    let output = program(folder.path())
        .args(["demo", "--orders", "10", "--json"])
        .env("GWANMUN_LOG", "trace")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap();
}

#[test]
fn a_no_at_the_question_sends_nothing() {
    // Without a terminal there is no question, so an answer on stdin does not count as one.
    let folder = TempDir::new().unwrap();
    let config = "broker_type = \"MOCK\"\n[[accounts]]\naccount_id = \"12345678-01\"\naccount_type = \"REAL\"\n";
    std::fs::write(folder.path().join("gwanmun.toml"), config).unwrap();
    let mut child = program(folder.path())
        .args(["buy", "005930", "1", "--type", "MARKET"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The program may be gone before it reads.
    let _ = stdin.write_all(b"yes\n");
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
}

/// On a bad line the books of desk and exchange agree all the same, and one seed is one run.
#[test]
fn a_demo_with_faults_reconciles_desk_and_exchange() {
    let arguments = "demo --faults 7 --orders 300";
    let report = json(arguments);
    assert_eq!(report["agrees"], true, "{report}");
    let (told, books) = (&report["told"], &report["books"]);
    assert!(told["unknown"].as_u64().unwrap() > 0, "{report}");
    assert!(told["inferred_fills"].as_u64().unwrap() > 0, "{report}");
    assert!(books["orders"].as_u64().unwrap() > 100, "{report}");
    assert_eq!(books["shares"], books["shares_told"], "{report}");
    assert_eq!(books["cash"], books["spent_by_desks"], "{report}");
    assert!(
        books["fills_told"].as_u64() <= books["fills"].as_u64(),
        "{report}"
    );
    assert_eq!(json(arguments), report);
    let people = run("demo --faults 8 --orders 100");
    assert_eq!(people.status.code(), Some(0), "{}", text(&people.stderr));
    assert!(text(&people.stdout).contains("desk and exchange agree"));
}

/// A journal of a buy that was accepted and filled, and the path of its file.
fn journal_in(folder: &Path) -> std::path::PathBuf {
    use gwanmun::orders::journal::{
        AccountMark, CommandId, Journal, JournalOptions, JournalRecord, OrderIntent,
    };
    use gwanmun::{BrokerType, ClientOrderId, Money, OrderNo, OrderRequest, Price, Qty, Timestamp};

    let options = JournalOptions::new(
        folder,
        "main".parse().unwrap(),
        BrokerType::Mock,
        jiff::civil::date(2026, 11, 24),
    );
    let at = Timestamp::from_nanos(1_795_480_000_000_000_000);
    let (mut journal, _) = Journal::open(&options, at).unwrap();
    let account = "12345678-01".parse().unwrap();
    let (qty, price) = (Qty::new(10), Price::from_won(71_000).unwrap());
    let id = ClientOrderId::new(7);
    let request = OrderRequest::limit_buy(account, gwanmun::symbol!("005930"), qty, price);
    let intent = OrderIntent::new(&request.with_id(id), AccountMark::new(0, &account), 1);
    for record in [
        JournalRecord::Intent(intent),
        JournalRecord::Acked {
            command: CommandId::of_order(id),
            order_no: OrderNo::new(12_345).unwrap(),
            taken_at: at,
            inferred: false,
        },
        JournalRecord::FillTotal {
            order_no: OrderNo::new(12_345).unwrap(),
            qty,
            value: Money::from_won(710_000).unwrap(),
            inferred: true,
        },
    ] {
        journal.append(at, record).unwrap();
    }
    journal.path().to_owned()
}

fn run_journal(folder: &Path, file: &Path, more: &[&str]) -> Output {
    let mut command = program(folder);
    command.arg("journal").arg(file).args(more);
    command.output().unwrap()
}

#[test]
fn a_journal_is_shown_to_people_and_to_programs() {
    let folder = TempDir::new().unwrap();
    let file = journal_in(folder.path());
    let output = run_journal(folder.path(), &file, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines[0].starts_with("journal of MOCK, trading date 2026-11-24"));
    assert!(lines[1].contains("OPENED"));
    assert!(lines[2].contains("INTENT 7") && lines[2].contains("BUY 005930"));
    assert!(lines[3].contains("ACKED 7 number 0000012345"));
    assert!(lines[4].contains("FILL_TOTAL number 0000012345 10 shares for 710000 won (inferred)"));
    assert!(
        !text(&output.stdout).contains("12345678"),
        "an account number"
    );

    let output = run_journal(folder.path(), &file, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let contents: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(contents["header"]["broker"], "MOCK");
    assert_eq!(contents["ending"]["ending"], "CLEAN");
    assert_eq!(contents["entries"].as_array().unwrap().len(), 4);
    assert_eq!(contents["entries"][1]["record"], "INTENT");
    assert_eq!(contents["entries"][3]["qty"], 10);
}

#[test]
fn a_torn_end_is_shown_and_no_failure() {
    let folder = TempDir::new().unwrap();
    let file = journal_in(folder.path());
    let mut bytes = std::fs::read(&file).unwrap();
    // The last record's checksum was not written.
    bytes[128 * 5 - 4..128 * 5].fill(0);
    std::fs::write(&file, &bytes).unwrap();
    let output = run_journal(folder.path(), &file, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines[4].starts_with("torn at byte 512"), "{}", lines[4]);
    let output = run_journal(folder.path(), &file, &["--json"]);
    let contents: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(contents["ending"]["ending"], "TORN");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "the file was changed");
}

#[test]
fn a_damaged_journal_is_shown_up_to_the_damage_and_is_a_failure() {
    let folder = TempDir::new().unwrap();
    let file = journal_in(folder.path());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[128 * 2 + 40] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    for (arguments, shown) in [(&[][..], "OPENED"), (&["--json"], "\"DAMAGED\"")] {
        let output = run_journal(folder.path(), &file, arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stdout).contains(shown));
        assert!(!text(&output.stdout).contains("ACKED"));
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("is damaged at byte 256: the checksum is wrong"),
            "{stderr}"
        );
        assert!(stderr.contains("look at the broker's own list"), "{stderr}");
    }
}

#[test]
fn what_is_no_journal_is_one_clear_line() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "these are notes, ".repeat(40)).unwrap();
    for (path, says) in [
        (file.as_path(), "it does not begin as a journal does"),
        (
            Path::new("missing.journal"),
            "opening missing.journal failed: ",
        ),
        (folder.path(), "failed: "),
    ] {
        let output = run_journal(folder.path(), path, &[]);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert_eq!(text(&output.stdout), "");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
    }
    let output = run_in(folder.path(), "journal");
    assert_eq!(output.status.code(), Some(2));
}
