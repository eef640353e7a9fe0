//! `journal`: what an order journal holds.

use std::error::Error;

use gwanmun::orders::journal::{Contents, Ending, JournalError, inspect};

use super::args::JournalArgs;
use super::exit::Failure;
use super::output::Output;

/// Prints what can be read. Damage that would stop a start is a failure even so; a torn end, which a start drops, is not.
pub(crate) fn show(args: &JournalArgs, output: &mut Output) -> Result<(), Failure> {
    let contents = inspect(&args.file).map_err(unreadable)?;
    output.answer(&contents, people)?;
    match contents.ending {
        Ending::Clean | Ending::Torn(_) => Ok(()),
        Ending::Damaged { offset, damage } => Err(unreadable(JournalError::Damaged {
            path: args.file.clone(),
            offset,
            damage,
        })),
    }
}

fn people(contents: &Contents) -> String {
    contents.lines().collect::<Vec<_>>().join("\n")
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the error ends here, and `map_err` hands it over"
)]
fn unreadable(error: JournalError) -> Failure {
    Failure::Other(match (&error, error.source()) {
        // No gateway asked for this file, so it can only be no journal at all, or one of another version.
        (JournalError::Foreign { path, damage }, _) => {
            format!(
                "{} is no journal that can be read: {damage}",
                path.display()
            )
        }
        (_, Some(cause)) => format!("{error}: {cause}"),
        (_, None) => error.to_string(),
    })
}
