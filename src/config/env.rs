//! Secrets from the environment.

use std::ffi::OsString;

use zeroize::Zeroizing;

use super::problems::Problems;
use super::secret::Secret;

/// What the names of our variables begin with.
pub(super) const PREFIX: &str = "GWANMUN_";

/// The variables that may hold a gateway's secret, the one with its own name first.
///
/// [`PREFIX`] + the gateway's name or its broker + `_APP_KEY` or `_APP_SECRET`, in upper case, hyphens as underscores.
pub(super) fn variables(name: &str, broker: &str, suffix: &str) -> [String; 2] {
    [name, broker].map(|middle| {
        let middle = middle.to_ascii_uppercase().replace('-', "_");
        format!("{PREFIX}{middle}_{suffix}")
    })
}

/// The secret of the first variable that is set; a text that cannot be one is a problem.
pub(super) fn secret(
    env: &impl Fn(&str) -> Option<OsString>,
    variables: &[String],
    problems: &mut Problems,
) -> Option<Secret> {
    let (variable, text) = variables
        .iter()
        .find_map(|variable| Some((variable, env(variable)?)))?;
    match text.into_string() {
        Ok(text) => Secret::new(text)
            .map_err(|error| problems.add(variable.as_str(), error.found, error.expected))
            .ok(),
        Err(text) => {
            drop(Zeroizing::new(text.into_encoded_bytes()));
            problems.add(
                variable.as_str(),
                "bytes that are not text",
                "visible ASCII characters",
            );
            None
        }
    }
}
