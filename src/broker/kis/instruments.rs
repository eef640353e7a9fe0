//! The issues of a day, from KIS's master files.

use std::num::NonZeroU32;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use tokio::time::Instant;

use super::convert::number::{date as read_date, qty_or_none, some_price};
use super::login::chain;
use crate::broker::live::{Issue, Issues};
use crate::domain::{
    BrokerType, Instrument, InstrumentKind, Market, PriceLimit, Qty, Symbol, ValueError,
};
use crate::error::{Error, Result};
use crate::transport::{Connect, Exchange, Lines, Request};
use crate::wire::kis::codes::SecurityGroup;
use crate::wire::kis::masters::{MasterField, MasterFile, MasterRow, unzip};

/// The largest unpacked file. The KOSPI file has about 1 MB.
const UNPACKED_MAX: usize = 64 * 1024 * 1024;

/// The issues of a day.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    /// The day whose base prices these are.
    pub(super) date: Date,
    /// For those who ask, by symbol.
    pub(super) instruments: Vec<Instrument>,
    /// For the gate.
    pub(super) issues: Issues,
    /// The letters in front of codes of seven characters.
    letters: FxHashMap<Symbol, u8>,
}

impl Listing {
    /// The code that KIS knows an issue by: an ETN has a Q in front, some ELW a J.
    pub(super) fn code_of(&self, symbol: Symbol) -> Code {
        Code::of(symbol, self.letters.get(&symbol).copied())
    }
}

/// An issue's code as requests carry it, inline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code {
    text: [u8; Symbol::LEN + 1],
    from: usize,
}

impl Code {
    /// With a letter in front, or without.
    pub(super) fn of(symbol: Symbol, letter: Option<u8>) -> Self {
        let mut text = [letter.unwrap_or(b' '); Symbol::LEN + 1];
        text[1..].copy_from_slice(symbol.as_bytes());
        Self {
            text,
            from: usize::from(letter.is_none()),
        }
    }

    /// The text.
    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.text[self.from..]).unwrap_or_default()
    }
}

/// Reads the files of all markets.
///
/// # Errors
/// When a file does not come, or is not one. The file of KONEX may be missing: few trade there, and an emulator has none.
pub(super) async fn download<C: Connect>(
    lines: &Lines<C>,
    folder: &str,
    date: Date,
    deadline: Instant,
) -> Result<Listing> {
    let mut issues = Vec::new();
    let mut letters = FxHashMap::default();
    for file in MasterFile::ALL {
        let packed = match fetch(lines, folder, file, deadline).await {
            Ok(packed) => packed,
            Err(error) if file == MasterFile::Konex => {
                tracing::info!(%error, "no issues of KONEX");
                continue;
            }
            Err(error) => return Err(error),
        };
        read_file(file, &packed, date, &mut issues, &mut letters)?;
    }
    if issues.is_empty() {
        return Err(Error::answer(
            "master files",
            "no issue",
            "the issues of the markets",
        ));
    }
    let mut instruments: Vec<_> = issues
        .iter()
        .map(|issue| issue.instrument.clone())
        .collect();
    instruments.sort_by_key(Instrument::symbol);
    instruments.dedup_by_key(|instrument| instrument.symbol());
    Ok(Listing {
        date,
        instruments,
        issues: Issues::new(date, issues)?,
        letters,
    })
}

async fn fetch<C: Connect>(
    lines: &Lines<C>,
    folder: &str,
    file: MasterFile,
    deadline: Instant,
) -> Result<Bytes> {
    const OPERATION: &str = "instruments";
    let path = format!("{folder}{}", file.path());
    let request = Request {
        method: Method::GET,
        path_and_query: PathAndQuery::try_from(path)
            .map_err(|_| Error::invalid("masters_url", "another text", "a URL"))?,
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    match lines.exchange(request, deadline).await {
        Exchange::Answered(reply) if reply.status == 200 => Ok(reply.body),
        Exchange::Answered(reply) => Err(Error::connection(
            BrokerType::Kis,
            OPERATION,
            format_args!("HTTP status {} for {}", reply.status, file.path()),
        )),
        Exchange::NotSent(reason) => Err(Error::connection(
            BrokerType::Kis,
            OPERATION,
            chain(&reason),
        )),
        Exchange::Unknown(cut) => Err(Error::connection(BrokerType::Kis, OPERATION, chain(&cut))),
    }
}

fn read_file(
    file: MasterFile,
    packed: &[u8],
    date: Date,
    issues: &mut Vec<Issue>,
    letters: &mut FxHashMap<Symbol, u8>,
) -> Result<()> {
    let bytes = unzip(packed, UNPACKED_MAX)
        .map_err(|error| Error::answer("master file", error, "a zip with one file"))?;
    let mut lost = 0_usize;
    for row in file.rows(&bytes) {
        let read = row.map_err(|error| error.to_string()).and_then(|row| {
            let issue = issue(&row, date).map_err(|error| error.to_string())?;
            Ok(issue.map(|issue| (issue, letter_of(&row))))
        });
        match read {
            Ok(Some((issue, letter))) => {
                if let Some(letter) = letter {
                    letters.insert(issue.instrument.symbol(), letter);
                }
                issues.push(issue);
            }
            Ok(None) => {}
            Err(error) => {
                lost += 1;
                tracing::debug!(%error, "an issue of the master file is left out");
            }
        }
    }
    if lost > 0 {
        tracing::warn!(
            lost,
            file = file.path(),
            "issues of the master file are left out"
        );
    }
    Ok(())
}

/// The letter in front of a code of seven characters.
fn letter_of(row: &MasterRow<'_>) -> Option<u8> {
    let code = row.short_code().as_bytes();
    code.first()
        .copied()
        .filter(|_| code.len() == Symbol::LEN + 1)
}

/// One issue; `None` for what is no issue of the market that we know: funds with codes of nine characters.
fn issue(row: &MasterRow<'_>, date: Date) -> std::result::Result<Option<Issue>, ValueError> {
    let text = |field| row.text(field).unwrap_or_default();
    let Ok(symbol) = row.short_code().parse::<Symbol>() else {
        return Ok(None);
    };
    let Some(kind) = kind_of(text(MasterField::SecurityGroup)) else {
        return Ok(None);
    };
    let market = match row.file() {
        MasterFile::Kospi => Market::Kospi,
        MasterFile::Kosdaq => Market::Kosdaq,
        MasterFile::Konex => Market::Konex,
    };
    let name = row.korean_name();
    let Some(base) = some_price("reference price", text(MasterField::ReferencePrice))? else {
        // Nothing can be ordered without one.
        return Ok(None);
    };
    let mut instrument = Instrument::new(symbol, &name, market, kind)?;
    let lot = qty_or_none("lot", text(MasterField::Lot))?;
    if let Some(lot) = u32::try_from(lot.get()).ok().and_then(NonZeroU32::new) {
        instrument = instrument.with_lot(lot);
    }
    // Told in thousands, so a small issue may be told as none.
    let thousands = qty_or_none("listed shares", text(MasterField::ListedShares))?;
    if let Some(shares) = thousands
        .get()
        .checked_mul(1_000)
        .filter(|&shares| shares > 0)
    {
        instrument = instrument.with_listed_shares(Qty::new(shares))?;
    }
    if let Some(multiple) = leverage_of(kind, &name) {
        instrument = instrument.with_leverage(multiple)?;
    }
    if row.flag(MasterField::Liquidation) == Some(true) {
        instrument = instrument.with_price_limit(PriceLimit::Unlimited)?;
    } else if is_first_day(text(MasterField::ListingDate), date)
        && kind == InstrumentKind::Stock
        && market != Market::Konex
    {
        instrument = instrument.with_price_limit(PriceLimit::FirstDay)?;
    }
    // 02 warning, 03 risk.
    let alerted = matches!(text(MasterField::Warning), "02" | "03");
    // Which issues Nextrade trades is not in these files. Where it may, the broker decides.
    let may_be_nxt = kind == InstrumentKind::Stock && market != Market::Konex;
    let instrument = instrument.with_alert(alerted).with_nxt_listed(may_be_nxt)?;
    Ok(Some(Issue {
        band: instrument.price_band(base, date)?,
        instrument,
        base,
    }))
}

fn is_first_day(listed: &str, date: Date) -> bool {
    read_date("listing date", listed).is_ok_and(|listed| listed == date)
}

/// 증권그룹구분코드 (security group): funds trade as stocks do.
fn kind_of(code: &str) -> Option<InstrumentKind> {
    Some(match SecurityGroup::from_code(code)? {
        SecurityGroup::Stock
        | SecurityGroup::MutualFund
        | SecurityGroup::Reit
        | SecurityGroup::ShipFund
        | SecurityGroup::InfrastructureFund
        | SecurityGroup::DepositaryReceipt
        | SecurityGroup::Beneficiary
        | SecurityGroup::ForeignStock => InstrumentKind::Stock,
        SecurityGroup::Etf | SecurityGroup::ForeignEtf => InstrumentKind::Etf,
        SecurityGroup::Etn => InstrumentKind::Etn,
        SecurityGroup::Elw => InstrumentKind::Elw,
        SecurityGroup::Warrant | SecurityGroup::SubscriptionRight => InstrumentKind::Right,
    })
}

/// The multiple of an ETF or ETN by its name, since the files have no field for it: 레버리지 (leverage) and 2X are twice,
/// 인버스 (inverse) is the other way. UNCONFIRMED as a rule; it widens the daily limits of such issues.
fn leverage_of(kind: InstrumentKind, name: &str) -> Option<i8> {
    if !matches!(kind, InstrumentKind::Etf | InstrumentKind::Etn) {
        return None;
    }
    let is_double = name.contains("레버리지") || name.contains("2X");
    let is_inverse = name.contains("인버스");
    Some(match (is_double, is_inverse) {
        (true, true) => -2,
        (true, false) => 2,
        (false, true) => -1,
        (false, false) => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    const DAY: Date = day(2026, 5, 4);

    #[test]
    fn codes_carry_their_letter_where_they_have_one() {
        let symbol = crate::symbol!("500001");
        assert_eq!(Code::of(symbol, Some(b'Q')).as_str(), "Q500001");
        assert_eq!(Code::of(symbol, None).as_str(), "500001");
    }

    #[test]
    fn leverage_is_read_off_the_name_of_funds_alone() {
        for (kind, name, expected) in [
            (InstrumentKind::Etf, "KODEX 레버리지", Some(2)),
            (InstrumentKind::Etf, "KODEX 200선물인버스2X", Some(-2)),
            (InstrumentKind::Etf, "KODEX 인버스", Some(-1)),
            (InstrumentKind::Etf, "KODEX 200", Some(1)),
            (InstrumentKind::Stock, "레버리지", None),
        ] {
            assert_eq!(leverage_of(kind, name), expected, "{name}");
        }
    }

    #[test]
    fn the_vendors_rows_are_issues_with_their_prices() {
        let rows: [(MasterFile, &[u8]); 2] = [
            (
                MasterFile::Kospi,
                include_bytes!("../../../tests/fixtures/kis/masters/kospi_two_rows.mst"),
            ),
            (
                MasterFile::Kosdaq,
                include_bytes!("../../../tests/fixtures/kis/masters/kosdaq_two_rows.mst"),
            ),
        ];
        for (file, bytes) in rows {
            let mut count = 0;
            for row in file.rows(bytes) {
                let issue = issue(&row.unwrap(), DAY).unwrap().unwrap();
                assert!(issue.band.is_some(), "{}", issue.instrument.symbol());
                assert_eq!(issue.instrument.kind(), InstrumentKind::Stock);
                assert!(issue.instrument.is_nxt_listed());
                count += 1;
            }
            assert_eq!(count, 2, "{file:?}");
        }
    }
}
