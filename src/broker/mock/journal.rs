//! Where the desks of MOCK write down what they do.

use crate::error::Result;
use crate::orders::desk::{Journal, Record};

/// The records of one desk: kept where a process may be killed, to begin again from them.
#[derive(Debug, Default)]
pub(super) struct Log {
    records: Option<Vec<Record>>,
}

impl Log {
    /// One that keeps its records.
    pub(super) const fn kept() -> Self {
        Self {
            records: Some(Vec::new()),
        }
    }

    /// A copy of the records: what a process finds that begins again.
    pub(super) fn records(&self) -> Vec<Record> {
        self.records.clone().unwrap_or_default()
    }
}

impl Journal for Log {
    fn append(&mut self, record: &Record) -> Result<()> {
        if let Some(records) = &mut self.records {
            records.push(*record);
        }
        Ok(())
    }
}
