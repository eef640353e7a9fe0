//! The master files, as KIS hands them out without a login: every issue with the base price of the day.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::reference::standard_code;
use super::settings::Issue;
use super::text;
use super::world::World;
use crate::domain::{InstrumentKind, Market};
use crate::emulator::http::Answer;
use crate::wire::kis::masters::{MasterField, MasterFile};

impl World {
    /// The file of a path, if there is one. Nothing is listed on KONEX.
    pub(super) fn master_file(&self, path: &str) -> Option<Answer> {
        let (file, market) = match path {
            path if path == MasterFile::Kospi.path() => (MasterFile::Kospi, Market::Kospi),
            path if path == MasterFile::Kosdaq.path() => (MasterFile::Kosdaq, Market::Kosdaq),
            _ => return None,
        };
        let issues = self.settings.market.issues.iter();
        let lines = issues
            .filter(|issue| issue.market == market)
            .flat_map(|issue| self.master_row(file, issue));
        let lines: Vec<u8> = lines.collect();
        let name = path.rsplit('/').next().unwrap_or_default();
        // Written to memory, which does not fail.
        let body = packed(name.trim_end_matches(".zip"), &lines).unwrap_or_default();
        Some(Answer {
            status: 200,
            headers: vec![("Content-Type", "application/zip".to_owned())],
            body,
        })
    }

    fn master_row(&self, file: MasterFile, issue: &Issue) -> Vec<u8> {
        let quote = self.floor.exchange().quote(issue.symbol);
        let base = text::won(quote.map_or(issue.base, |quote| quote.base));
        let code = match issue.kind {
            InstrumentKind::Etn => format!("Q{}", issue.symbol),
            InstrumentKind::Stock
            | InstrumentKind::Etf
            | InstrumentKind::Elw
            | InstrumentKind::Right => issue.symbol.to_string(),
        };
        let group = match issue.kind {
            InstrumentKind::Etf => "EF",
            InstrumentKind::Etn => "EN",
            InstrumentKind::Elw => "EW",
            InstrumentKind::Right => "SR",
            InstrumentKind::Stock => "ST",
        };
        let lot = match issue.kind {
            InstrumentKind::Elw => "00010",
            InstrumentKind::Stock
            | InstrumentKind::Etf
            | InstrumentKind::Etn
            | InstrumentKind::Right => "00001",
        };
        let mut line = file.record(
            &issue.name,
            &[
                (MasterField::ShortCode, &code),
                (MasterField::StandardCode, &standard_code(issue.symbol)),
                (MasterField::SecurityGroup, group),
                (MasterField::ReferencePrice, &format!("{base:0>9}")),
                (MasterField::Lot, lot),
                (MasterField::Halted, "N"),
                (MasterField::Liquidation, "N"),
                (MasterField::Administrative, "N"),
                (MasterField::Warning, "00"),
            ],
        );
        line.push(b'\n');
        line
    }
}

fn packed(name: &str, bytes: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default())?;
    zip.write_all(bytes)?;
    Ok(zip.finish()?.into_inner())
}
