//! From the arguments to a connected gateway and the account that it trades for.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use gwanmun::{
    AccountConfig, AccountId, AccountType, BrokerConfig, BrokerGateway, BrokerType, Error, Gateway,
};

use super::args::Common;
use super::exit::Failure;

/// The configuration that is used where it exists and none was named.
const DEFAULT_FILE: &str = "gwanmun.toml";

/// A connected gateway, and the account of the command.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) gateway: Gateway,
    pub(crate) account: AccountConfig,
    /// Whether orders of a real account go without asking.
    confirmed: bool,
}

impl Session {
    /// `waits` tells whether the command waits for the market, which MOCK then lets run.
    pub(crate) async fn open(common: &Common, waits: bool) -> Result<Self, Failure> {
        let mut config = load_config(common)?;
        if waits {
            config = with_running_clock(config)?;
        }
        let gateway = open(config)?;
        let account = choose_account(gateway.accounts(), common.account.as_deref())?.clone();
        gateway.connect().await?;
        Ok(Self {
            gateway,
            account,
            confirmed: common.yes,
        })
    }

    pub(crate) fn account_id(&self) -> AccountId {
        self.account.account_id
    }

    /// Asks at the terminal before an order of a real account.
    pub(crate) fn confirm(&self, what: &str) -> Result<(), Failure> {
        if self.account.account_type != AccountType::Real || self.confirmed {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::Usage(format!(
                "{what} needs a confirmation, because the account {} is real: add --yes",
                self.account.account_name
            )));
        }
        let mut stderr = io::stderr();
        write!(
            stderr,
            "{what} with the REAL account {}? Type yes: ",
            self.account.account_name
        )?;
        stderr.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if answer.trim() == "yes" {
            Ok(())
        } else {
            Err(Failure::Other(
                "not confirmed, so nothing was sent".to_owned(),
            ))
        }
    }
}

/// The gateway of a configuration. What it finds wrong is wrong in the configuration.
pub(crate) fn open(config: BrokerConfig) -> Result<Gateway, Failure> {
    match Gateway::new(config) {
        Err(Error::Invalid(error)) => Err(Failure::Config(*error)),
        opened => Ok(opened?),
    }
}

/// A MOCK whose clock stands still runs as fast as the wall clock: waiting for it would last for ever.
fn with_running_clock(config: BrokerConfig) -> Result<BrokerConfig, Failure> {
    if config.broker_type() != BrokerType::Mock || config.mock_config().pace > 0 {
        return Ok(config);
    }
    let mut mock = config.mock_config().clone();
    mock.pace = 1;
    Ok(config.into_builder().mock(mock).build()?)
}

pub(crate) fn load_config(common: &Common) -> Result<BrokerConfig, Failure> {
    match &common.config {
        Some(path) => Ok(BrokerConfig::from_file(path)?),
        // Only where there is nothing at all: a file that cannot be reached must not turn a real account into MOCK.
        None if is_absent(Path::new(DEFAULT_FILE)) => Ok(BrokerConfig::mock()),
        None => Ok(BrokerConfig::from_file(DEFAULT_FILE)?),
    }
}

fn is_absent(path: &Path) -> bool {
    // Of a link itself, wherever it points.
    path.symlink_metadata()
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn choose_account<'a>(
    accounts: &'a [AccountConfig],
    wanted: Option<&str>,
) -> Result<&'a AccountConfig, Failure> {
    let found = match wanted {
        None => accounts.first(),
        Some(wanted) => accounts.iter().find(|account| {
            account.account_id.as_str() == wanted || &*account.account_name == wanted
        }),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = accounts
            .iter()
            .map(|account| &*account.account_name)
            .collect();
        // What was typed may be a mistyped account number, so it is not repeated.
        Failure::Usage(format!(
            "--account: no account of that number or name; the configuration has {}",
            names.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_goes_by_number_and_by_name() {
        let account = |id: &str, name: &str| {
            AccountConfig::new(id.parse().unwrap(), AccountType::Paper).named(name)
        };
        let accounts = [
            account("11111111-01", "main"),
            account("22222222-01", "second"),
        ];
        let chosen =
            |wanted| choose_account(&accounts, wanted).map(|account| &*account.account_name);
        assert!(matches!(chosen(None), Ok("main")));
        assert!(matches!(chosen(Some("22222222-01")), Ok("second")));
        assert!(matches!(chosen(Some("second")), Ok("second")));
        let error = chosen(Some("22222222-02")).unwrap_err().to_string();
        assert!(
            error.contains("main, second") && !error.contains("22222222"),
            "{error}"
        );
    }
}
