//! `emulate`: a broker's server on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use gwanmun::emulator::kis::{Emulator, Hours, Rule, Running, Settings};
use gwanmun::emulator::{Certificate, CertificateFlaw};
use gwanmun::sim::RecordedCandles;
use gwanmun::{Error, symbol};
use serde::Serialize;

use super::args::{EmulateArgs, EmulateKisArgs, EmulatedBroker, EmulatedHours};
use super::exit::Failure;
use super::output::Output;

/// What a client needs to know.
#[derive(Serialize)]
struct Facts {
    rest: String,
    websocket: String,
    environment: &'static str,
    layout: &'static str,
    app_key: String,
    app_secret: String,
    account: String,
    hts_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
    faults: Vec<String>,
}

/// Runs the server until Ctrl-C.
pub(crate) async fn run(args: &EmulateArgs, output: &mut Output) -> Result<(), Failure> {
    match &args.broker {
        EmulatedBroker::Kis(args) => kis(args, output).await,
    }
}

async fn kis(args: &EmulateKisArgs, output: &mut Output) -> Result<(), Failure> {
    let settings = settings(args)?;
    let certificate = match args.tls {
        false => None,
        true => {
            let certificate = Certificate::generate(CertificateFlaw::None)?;
            std::fs::write(&args.ca, certificate.ca_pem()).map_err(|error| {
                Failure::Other(format!("writing --ca {}: {error}", args.ca.display()))
            })?;
            Some(certificate)
        }
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let running = Emulator::start(settings, address, certificate)
        .await
        .map_err(|error| taken(error, args.port))?;
    output.answer(&facts(args, &running), people)?;
    if tokio::signal::ctrl_c().await.is_err() {
        // Where no signal can be waited for, whoever started this has to end it.
        std::future::pending::<()>().await;
    }
    running.stop().await;
    Ok(())
}

fn settings(args: &EmulateKisArgs) -> Result<Settings, Failure> {
    let mut settings = match args.paper {
        true => Settings::paper(),
        false => Settings::real(),
    };
    settings.layout = args.layout.layout();
    settings.market.hours = match args.hours {
        EmulatedHours::Always => Hours::RoundTheClock,
        EmulatedHours::Krx => Hours::Krx,
    };
    match args.market.parse() {
        Ok(seed) => settings.market.seed = seed,
        Err(_) => settings.market.recording = Some(recording(Path::new(&args.market))?),
    }
    if let Some(seed) = args.faults {
        settings.seed = seed;
        settings.faults = Rule::bad_day();
    }
    settings.faults.extend(args.fault.iter().cloned());
    Ok(settings)
}

/// The recording moves the first issue, and brings its own days.
fn recording(path: &Path) -> Result<Arc<RecordedCandles>, Failure> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Usage(format!(
            "--market {file}: neither a seed nor a file that can be read: {error}"
        ))
    })?;
    let recording = RecordedCandles::from_csv(&file, symbol!("005930"), &text)?;
    Ok(Arc::new(recording))
}

/// A port in use is the one thing that goes wrong all the time.
fn taken(error: Error, port: u16) -> Failure {
    let in_use = std::error::Error::source(&error)
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::AddrInUse);
    match in_use {
        true => Failure::Other(format!(
            "port {port} is in use: is another emulator running? Take another one with --port, or 0 for any"
        )),
        false => error.into(),
    }
}

fn facts(args: &EmulateKisArgs, running: &Running) -> Facts {
    let settings = running.emulator().settings();
    // A server without customers is not made here.
    let client = settings.clients.first();
    let text =
        |of: fn(&gwanmun::emulator::kis::Client) -> String| client.map(of).unwrap_or_default();
    Facts {
        rest: running.rest_url(),
        websocket: running.stream_url(),
        environment: if args.paper { "paper" } else { "real" },
        layout: settings.layout.as_str(),
        app_key: text(|client| client.app_key.to_string()),
        app_secret: text(|client| client.app_secret.to_string()),
        account: text(|client| format!("{}-{}", client.cano(), client.product())),
        hts_id: text(|client| client.hts_id.to_string()),
        ca_file: args.tls.then(|| args.ca.display().to_string()),
        faults: settings.faults.iter().map(ToString::to_string).collect(),
    }
}

fn people(facts: &Facts) -> String {
    let Facts {
        rest,
        websocket,
        environment,
        layout,
        app_key,
        app_secret,
        account,
        hts_id,
        ca_file,
        faults,
    } = facts;
    let trust = ca_file.as_ref().map_or_else(String::new, |file| {
        format!(
            "\ncertificate  {file}\n             export SSL_CERT_FILE={file} REQUESTS_CA_BUNDLE={file}"
        )
    });
    let wrong = match faults.is_empty() {
        true => String::new(),
        false => format!("\nfaults       {}", faults.join(", ")),
    };
    format!(
        "KIS, {environment} server, made up: no order leaves this machine. Ctrl-C stops it.

REST         {rest}
WebSocket    {websocket}/tryitout, frames as of {layout}
app key      {app_key}
app secret   {app_secret}
account      {account}
HTS id       {hts_id}{trust}{wrong}

For Python, with `pip install requests`:

import requests
URL, KEY, SECRET = \"{rest}\", \"{app_key}\", \"{app_secret}\"
token = requests.post(URL + \"/oauth2/tokenP\", json={{\"grant_type\": \"client_credentials\", \"appkey\": KEY, \
         \"appsecret\": SECRET}}).json()[\"access_token\"]
head = {{\"authorization\": \"Bearer \" + token, \"appkey\": KEY, \"appsecret\": SECRET, \"tr_id\": \"FHKST01010100\"}}
print(requests.get(URL + \"/uapi/domestic-stock/v1/quotations/inquire-price\", headers=head, \
         params={{\"FID_COND_MRKT_DIV_CODE\": \"J\", \"FID_INPUT_ISCD\": \"005930\"}}).json()[\"output\"][\"stck_prpr\"])
"
    )
}
