//! Rows of the real master files.

use gwanmun::wire::kis::codes::SecurityGroup;
use gwanmun::wire::kis::masters::{MasterField, MasterFile};
use gwanmun::wire::kis::number;

fn bytes(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kis/masters");
    std::fs::read(format!("{folder}/{name}.mst")).unwrap()
}

#[test]
fn rows_of_kospi_say_what_a_trader_needs() {
    let bytes = bytes("kospi_two_rows");
    let rows = MasterFile::Kospi
        .rows(&bytes)
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    assert_eq!(rows.len(), 2);
    let row = rows[0];
    assert_eq!(row.short_code(), "000020");
    assert_eq!(row.standard_code(), "KR7000020008");
    assert_eq!(row.korean_name(), "동화약품");
    let group = row.text(MasterField::SecurityGroup).unwrap();
    assert_eq!(SecurityGroup::from_code(group), Some(SecurityGroup::Stock));
    let number = |field| number::integer(row.text(field).unwrap()).unwrap();
    assert_eq!(number(MasterField::ReferencePrice), Some(6_060));
    assert_eq!(number(MasterField::Lot), Some(1));
    assert_eq!(number(MasterField::MarginRate), Some(100));
    assert_eq!(number(MasterField::PreviousVolume), Some(50_336));
    assert_eq!(number(MasterField::ParValue), Some(1_000));
    assert_eq!(number(MasterField::ListedShares), Some(27_931));
    assert_eq!(number(MasterField::Capital), Some(27_931_470_000));
    assert_eq!(number(MasterField::MarketCap), Some(1_692));
    assert_eq!(
        number::date(row.text(MasterField::ListingDate).unwrap()),
        Ok(Some(jiff::civil::date(1976, 3, 24)))
    );
    for flag in [
        MasterField::Halted,
        MasterField::Liquidation,
        MasterField::Administrative,
    ] {
        assert_eq!(row.flag(flag), Some(false), "{flag:?}");
    }
    assert_eq!(row.text(MasterField::Warning), Some("00"));
    assert_eq!(row.text(MasterField::Venture), None);
}

#[test]
fn negative_numbers_keep_their_sign_inside_the_padding() {
    let bytes = bytes("kospi_two_rows");
    let row = MasterFile::Kospi.rows(&bytes).nth(1).unwrap().unwrap();
    assert_eq!(row.korean_name(), "KR모터스");
    assert_eq!(row.text(MasterField::OperatingProfit), Some("-00000029"));
    assert_eq!(
        number::integer(row.text(MasterField::OperatingProfit).unwrap()),
        Ok(Some(-29))
    );
    assert_eq!(
        number::scaled(row.text(MasterField::Roe).unwrap(), 2),
        Ok(Some(-497))
    );
}

#[test]
fn rows_of_kosdaq_have_fields_of_their_own() {
    let bytes = bytes("kosdaq_two_rows");
    let rows = MasterFile::Kosdaq
        .rows(&bytes)
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    let codes = rows.iter().map(|row| row.short_code()).collect::<Vec<_>>();
    assert_eq!(codes, ["000250", "000440"]);
    let row = rows[0];
    assert_eq!(row.korean_name(), "삼천당제약");
    assert_eq!(row.standard_code(), "KR7000250001");
    assert_eq!(row.flag(MasterField::Kosdaq150), Some(true));
    assert_eq!(
        number::integer(row.text(MasterField::ReferencePrice).unwrap()),
        Ok(Some(415_500))
    );
    assert_eq!(row.flag(MasterField::UnfaithfulDisclosure), Some(true));
    assert_eq!(
        number::date(row.text(MasterField::ListingDate).unwrap()),
        Ok(Some(jiff::civil::date(2000, 10, 4)))
    );
}

#[test]
fn a_file_of_another_market_is_refused() {
    let bytes = bytes("kosdaq_two_rows");
    assert!(MasterFile::Kospi.rows(&bytes).all(|row| row.is_err()));
}
