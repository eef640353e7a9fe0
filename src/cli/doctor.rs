//! `doctor`: looks at everything that a connection needs, and places no order.

use gwanmun::{BrokerGateway, BrokerType};
use serde::Serialize;

use super::args::Common;
use super::connect::{load_config, open};
use super::exit::Failure;
use super::output::Output;

/// One step, for people and programs.
#[derive(Debug, Serialize)]
struct Step {
    step: String,
    verdict: &'static str,
    found: String,
    remedy: Option<String>,
}

pub(crate) async fn run(common: &Common, output: &mut Output) -> Result<(), Failure> {
    let gateway = open(load_config(common)?)?;
    let broker = gateway.broker_type();
    let steps: Vec<Step> = match broker {
        #[cfg(feature = "kis")]
        BrokerType::Kis => match gateway.as_kis() {
            Some(kis) => kis.examine().await?.iter().map(of_kis).collect(),
            None => Vec::new(),
        },
        BrokerType::Mock => vec![Step {
            step: "configuration".to_owned(),
            verdict: "good",
            found: "MOCK lives in this process and needs nothing else".to_owned(),
            remedy: None,
        }],
        _ => {
            return Err(Failure::Other(format!(
                "{broker} cannot be examined in this version"
            )));
        }
    };
    let bad = steps.iter().filter(|step| step.verdict == "bad").count();
    output.answer(&steps, |steps| table(steps))?;
    if bad > 0 {
        return Err(Failure::Other(format!(
            "{bad} of {} steps do not work: see the remedies above",
            steps.len()
        )));
    }
    Ok(())
}

fn table(steps: &[Step]) -> String {
    let width = steps.iter().map(|step| step.step.len()).max().unwrap_or(0);
    let lines = steps.iter().map(|step| {
        let remedy = step.remedy.as_ref();
        let remedy = remedy.map_or_else(String::new, |remedy| format!("\n        -> {remedy}"));
        format!(
            "{:<7} {:<width$}  {}{remedy}",
            step.verdict, step.step, step.found
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(feature = "kis")]
fn of_kis(finding: &gwanmun::broker::kis::Finding) -> Step {
    use gwanmun::broker::kis::Verdict;

    Step {
        step: finding.step.to_owned(),
        verdict: match finding.verdict {
            Verdict::Good => "good",
            Verdict::Note => "note",
            Verdict::Bad => "bad",
            Verdict::Skipped => "skipped",
        },
        found: finding.found.to_string(),
        remedy: finding.remedy.as_deref().map(str::to_owned),
    }
}
