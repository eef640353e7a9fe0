//! The accounts that a gateway trades for.

use crate::domain::{AccountId, AccountType};

/// One account at the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountConfig {
    /// The account number, as the broker writes it. Unique among the accounts of a gateway.
    pub account_id: AccountId,
    /// What people call it: 1 to 64 characters. Default: the account number with all but its last two characters
    /// hidden.
    pub account_name: Box<str>,
    /// Real money or paper trading.
    pub account_type: AccountType,
}

impl AccountConfig {
    /// An account with the default name.
    pub fn new(account_id: AccountId, account_type: AccountType) -> Self {
        Self {
            account_id,
            account_name: account_id.to_string().into(),
            account_type,
        }
    }

    /// The same account under another name.
    #[must_use]
    pub fn named(self, account_name: impl Into<Box<str>>) -> Self {
        Self {
            account_name: account_name.into(),
            ..self
        }
    }
}
