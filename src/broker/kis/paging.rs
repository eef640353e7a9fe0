//! Lists in pages: whole, or an error. Never the first page alone.

use std::collections::BTreeSet;

use super::client::{Ask, Client, Page, operation};
use crate::domain::ValueError;
use crate::error::{Error, Result};
use crate::transport::Connect;
use crate::wire::kis::tr::Tr;

/// The most pages of a list. 100 rows a page (real) and 15 (paper) make more orders than a day has for a person; what is
/// longer is taken for a loop.
const PAGES_MAX: usize = 400;

/// The key of the next page: 연속조회검색조건 and 연속조회키.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) fk: String,
    pub(super) nk: String,
}

impl Key {
    /// The key that an answer carries.
    pub(super) fn of(context: Option<(&str, &str)>) -> Self {
        let (fk, nk) = context.unwrap_or_default();
        Self {
            fk: fk.to_owned(),
            nk: nk.to_owned(),
        }
    }
}

/// Walks the pages of one list.
#[derive(Debug)]
pub(super) struct Pages {
    tr: Tr,
    key: Key,
    seen: BTreeSet<Key>,
}

impl Pages {
    pub(super) const fn new(tr: Tr) -> Self {
        Self {
            tr,
            key: Key {
                fk: String::new(),
                nk: String::new(),
            },
            seen: BTreeSet::new(),
        }
    }

    /// The key to ask for the next page with; empty for the first.
    pub(super) const fn key(&self) -> &Key {
        &self.key
    }

    /// Asks for the next page.
    pub(super) async fn ask<C: Connect>(&self, client: &Client<C>, ask: Ask) -> Result<Page> {
        client.ask(&ask.next(!self.seen.is_empty())).await
    }

    /// Notes a page that was read; whether there is another.
    ///
    /// # Errors
    /// When the next page's key is none, or one that was used: the list would have no end.
    pub(super) fn turn(&mut self, page: &Page, next: Key) -> Result<bool> {
        if !page.is_continued {
            return Ok(false);
        }
        let is_new = !next.nk.trim().is_empty() && self.seen.insert(next.clone());
        if !is_new || self.seen.len() >= PAGES_MAX {
            return Err(Error::Answer(Box::new(ValueError::new(
                operation(self.tr),
                format_args!("page {} without a new key", self.seen.len() + 1),
                "a list that ends",
            ))));
        }
        self.key = next;
        Ok(true)
    }
}
