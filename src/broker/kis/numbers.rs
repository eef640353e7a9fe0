//! Account numbers as KIS wants them: eight digits, and two of the product.

use crate::config::AccountConfig;
use crate::domain::{AccountId, ValueError};

/// 종합계좌번호 (CANO) and 계좌상품코드 (ACNT_PRDT_CD) of one account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct AccountNo {
    digits: [u8; Self::LEN],
}

impl AccountNo {
    const LEN: usize = 10;
    const CANO: usize = 8;

    /// `12345678-01` or `1234567801`.
    pub(super) fn of(account: AccountId) -> Result<Self, ValueError> {
        let text = account.as_str().as_bytes();
        let mut digits = [0; Self::LEN];
        let fits = match text {
            [cano @ .., b'-', a, b] if cano.len() == Self::CANO => {
                digits[..Self::CANO].copy_from_slice(cano);
                digits[Self::CANO..].copy_from_slice(&[*a, *b]);
                true
            }
            whole if whole.len() == Self::LEN => {
                digits.copy_from_slice(whole);
                true
            }
            _ => false,
        };
        if fits && digits.iter().all(u8::is_ascii_digit) {
            return Ok(Self { digits });
        }
        // The text may be a mistyped account number, so it is shown as accounts are.
        Err(ValueError::new(
            "account_id",
            account,
            "8 digits, a hyphen and the 2 of the product, such as 12345678-01",
        ))
    }

    /// The first eight digits.
    pub(super) fn cano(&self) -> &str {
        str::from_utf8(&self.digits[..Self::CANO]).unwrap_or_default()
    }

    /// The last two.
    pub(super) fn product(&self) -> &str {
        str::from_utf8(&self.digits[Self::CANO..]).unwrap_or_default()
    }

    /// All ten, as notices carry them.
    pub(super) fn is(&self, ten_digits: &str) -> bool {
        ten_digits.trim().as_bytes() == self.digits
    }
}

impl std::fmt::Debug for AccountNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccountNo(********{})", self.product())
    }
}

/// The accounts of a gateway, in the order of its configuration.
#[derive(Clone, Debug)]
pub(super) struct Accounts(Box<[(AccountId, AccountNo)]>);

impl Accounts {
    pub(super) fn of(accounts: &[AccountConfig]) -> Result<Self, ValueError> {
        accounts
            .iter()
            .map(|account| {
                let id = account.account_id;
                Ok((id, AccountNo::of(id)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The number of an account.
    pub(super) fn number(&self, account: AccountId) -> Result<AccountNo, ValueError> {
        self.0
            .iter()
            .find(|(id, _)| *id == account)
            .map(|&(_, number)| number)
            .ok_or_else(|| ValueError::new("account", account, "one of `accounts`"))
    }

    /// The number of the account at that place.
    pub(super) fn at(&self, index: usize) -> Option<AccountNo> {
        self.0.get(index).map(|&(_, number)| number)
    }

    /// The account with those ten digits.
    pub(super) fn find(&self, ten_digits: &str) -> Option<AccountId> {
        self.0
            .iter()
            .find(|(_, number)| number.is(ten_digits))
            .map(|&(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_number() {
        for text in ["50123456-01", "5012345601"] {
            let number = AccountNo::of(text.parse().unwrap()).unwrap();
            assert_eq!((number.cano(), number.product()), ("50123456", "01"));
            assert!(number.is("5012345601") && !number.is("5012345602"));
        }
    }

    #[test]
    fn x1_anything_else_is_an_error_that_hides_it() {
        for text in ["50123456", "50123456-1", "5012345A-01", "501234567-01"] {
            let error = AccountNo::of(text.parse().unwrap()).unwrap_err();
            assert!(!error.to_string().contains("501234"), "{error}");
        }
        let number = AccountNo::of("50123456-01".parse().unwrap()).unwrap();
        assert!(!format!("{number:?}").contains("5012"));
    }
}
