//! The master files of what is listed here, as the download server hands them out: without a login, zipped.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::reference::standard_code;
use super::settings::Issue;
use super::world::World;
use crate::domain::{InstrumentKind, Market};
use crate::wire::kis::masters::{MasterField as Field, MasterFile};

impl World {
    /// The file of that path, zipped; `None` for other paths, and of a market that lists nothing here: KIS has no empty
    /// file.
    pub(super) fn master(&self, path: &str) -> Option<Vec<u8>> {
        let file = MasterFile::ALL
            .into_iter()
            .find(|file| file.path() == path)?;
        let market = match file {
            MasterFile::Kospi => Market::Kospi,
            MasterFile::Kosdaq => Market::Kosdaq,
            MasterFile::Konex => Market::Konex,
        };
        let listed = self.settings.market.issues.iter();
        let records: Vec<u8> = listed
            .filter(|issue| issue.market == market)
            .flat_map(|issue| self.record(file, issue))
            .collect();
        if records.is_empty() {
            return None;
        }
        let name = path.rsplit('/').next()?.strip_suffix(".zip")?;
        zipped(name, &records)
    }

    fn record(&self, file: MasterFile, issue: &Issue) -> Vec<u8> {
        let quote = self.floor.exchange().quote(issue.symbol);
        let base = quote.map_or(issue.base, |quote| quote.base);
        let volume = self.floor.place(issue.symbol);
        let volume = volume.map_or(0, |place| self.floor.tape(place).volume_before());
        let code = match issue.kind == InstrumentKind::Etn {
            true => format!("Q{}", issue.symbol),
            false => issue.symbol.to_string(),
        };
        let lot = match issue.kind == InstrumentKind::Elw {
            true => "00010",
            false => "00001",
        };
        let standard = standard_code(issue.symbol);
        let (price, volume) = (format!("{:09}", base.won()), format!("{volume:012}"));
        let (group, etp) = match issue.kind {
            InstrumentKind::Etf => ("EF", "2"),
            InstrumentKind::Etn => ("EN", "3"),
            InstrumentKind::Elw => ("EW", "0"),
            InstrumentKind::Right => ("SR", "0"),
            InstrumentKind::Stock => ("ST", "0"),
        };
        file.record(&[
            (Field::ShortCode, &code),
            (Field::StandardCode, &standard),
            (Field::KoreanName, &issue.name),
            (Field::SecurityGroup, group),
            (Field::EtpClass, etp),
            (Field::ReferencePrice, &price),
            (Field::Lot, lot),
            (Field::AfterHoursLot, lot),
            (Field::Halted, "N"),
            (Field::Liquidation, "N"),
            (Field::Administrative, "N"),
            (Field::Warning, "00"),
            (Field::WarningNotice, "N"),
            (Field::UnfaithfulDisclosure, "N"),
            (Field::BackDoorListing, "N"),
            (Field::ExRights, "00"),
            (Field::ParChange, "00"),
            (Field::CapitalIncrease, "00"),
            (Field::MarginRate, "100"),
            (Field::CreditAllowed, "N"),
            (Field::CreditDays, "000"),
            (Field::PreviousVolume, &volume),
            (Field::ParValue, "000000000100"),
            (Field::ListingDate, "20000104"),
            (Field::FiscalMonth, "12"),
            (Field::PreferredClass, "0"),
            (Field::ShortSaleOverheated, "N"),
            (Field::AbnormalSurge, "N"),
        ])
    }
}

/// A zip of one file. Into memory nothing goes wrong; were it to, there would be no file.
fn zipped(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).ok()?;
    zip.write_all(bytes).ok()?;
    Some(zip.finish().ok()?.into_inner())
}
