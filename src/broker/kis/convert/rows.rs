//! Rows of the day's order list (주식일별주문체결조회) to the desk's rows.

use jiff::civil::Date;

use super::division;
use super::number::{
    Field, date, money_or_none, order_no, qty, qty_or_none, some_order_no, some_price, symbol,
    time_on,
};
use crate::domain::{OrderCommand, OrderNo, Qty, Side, ValueError, Venue};
use crate::orders::desk::Row;
use crate::wire::kis::rest::lists::InquireDailyCcldRow;

/// One row, of a list that was asked for `day`.
pub(in crate::broker::kis) fn row(raw: &InquireDailyCcldRow<'_>, day: Date) -> Field<Row> {
    let ordered = date("ord_dt", &raw.ord_dt)?;
    if ordered != day {
        return Err(ValueError::new("ord_dt", ordered, day.to_string()));
    }
    let original_no = some_order_no("orgn_odno", &raw.orgn_odno)?;
    let command = command_of(raw, original_no)?;
    let asked = qty("ord_qty", &raw.ord_qty)?;
    let turned_away = qty_or_none("rjct_qty", &raw.rjct_qty)?;
    let filled = qty_or_none("tot_ccld_qty", &raw.tot_ccld_qty)?;
    let division = division::of_code(&raw.ord_dvsn_cd);
    Ok(Row {
        order_no: order_no("odno", &raw.odno)?,
        original_no,
        command,
        symbol: symbol("pdno", &raw.pdno)?,
        venue: venue_of(raw),
        side: side("sll_buy_dvsn_cd", &raw.sll_buy_dvsn_cd)?,
        order_type: division.map(|(order_type, _)| order_type),
        time_in_force: division.map(|(_, time_in_force)| time_in_force),
        price: some_price("ord_unpr", &raw.ord_unpr)?,
        qty: asked,
        confirmed: confirmed(raw, command, asked, turned_away)?,
        filled,
        filled_value: money_or_none("tot_ccld_amt", &raw.tot_ccld_amt)?,
        remaining: match command {
            OrderCommand::Place | OrderCommand::Modify => qty_or_none("rmn_qty", &raw.rmn_qty)?,
            // What a cancel has not reached is left of its target, and told in the target's row.
            OrderCommand::Cancel => Qty::ZERO,
        },
        refused: !turned_away.is_zero() && turned_away == asked && filled.is_zero(),
        at: time_on(ordered, "ord_tmd", &raw.ord_tmd)?,
    })
}

/// 매도매수구분 (side code): 01 sell, 02 buy.
pub(in crate::broker::kis) fn side(what: &'static str, code: &str) -> Field<Side> {
    match code.trim() {
        "01" => Ok(Side::Sell),
        "02" => Ok(Side::Buy),
        other => Err(ValueError::new(what, other, "01 (sell) or 02 (buy)")),
    }
}

/// What a row does. UNCONFIRMED: the manual names no field for it. A row without an original number is a new order. For
/// the others the name of the side tells, as it does in the list of changeable orders, where 매수정정 (buy, modified) and
/// 매도취소 (sell, cancelled) were observed; then the flag 취소여부 (cancelled).
fn command_of(raw: &InquireDailyCcldRow<'_>, original_no: Option<OrderNo>) -> Field<OrderCommand> {
    if original_no.is_none() {
        return Ok(OrderCommand::Place);
    }
    let named =
        |word: &str| raw.sll_buy_dvsn_cd_name.contains(word) || raw.ord_dvsn_name.contains(word);
    // 정정 (modification), 취소 (cancel). A modification that was cancelled itself may carry the flag, too.
    if named("정정") {
        Ok(OrderCommand::Modify)
    } else if named("취소") || raw.cncl_yn.trim() == "Y" {
        Ok(OrderCommand::Cancel)
    } else {
        Err(ValueError::new(
            "sll_buy_dvsn_cd_name",
            &raw.sll_buy_dvsn_cd_name,
            "a modification or a cancel, as the row has an original number",
        ))
    }
}

/// Shares that a modification or cancel has moved or ended. UNCONFIRMED: KIS gives a modification its number when it takes
/// effect, so it counts whole unless it was turned away; a cancel counts what its own row confirms.
fn confirmed(
    raw: &InquireDailyCcldRow<'_>,
    command: OrderCommand,
    asked: Qty,
    turned_away: Qty,
) -> Field<Qty> {
    match command {
        OrderCommand::Place => Ok(Qty::ZERO),
        OrderCommand::Modify => Ok(asked.saturating_sub(turned_away)),
        OrderCommand::Cancel => qty_or_none("cncl_cfrm_qty", &raw.cncl_cfrm_qty),
    }
}

/// 거래소ID구분코드 (exchange id) or, where a list leaves it out, the number 12 that orders through routing carry there.
fn venue_of(raw: &InquireDailyCcldRow<'_>) -> Option<Venue> {
    match raw.excg_id_dvsn_cd.trim() {
        "KRX" => Some(Venue::Krx),
        "NXT" => Some(Venue::Nxt),
        "SOR" => Some(Venue::Sor),
        _ if raw.excg_dvsn_cd.trim() == "12" => Some(Venue::Sor),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OrderType, TimeInForce};
    use jiff::civil::date as day;

    fn raw() -> InquireDailyCcldRow<'static> {
        InquireDailyCcldRow {
            ord_dt: "20251217".into(),
            odno: "0000085100".into(),
            sll_buy_dvsn_cd: "02".into(),
            sll_buy_dvsn_cd_name: "현금매수".into(),
            pdno: "088350".into(),
            ord_qty: "3".into(),
            ord_unpr: "3150".into(),
            ord_tmd: "094414".into(),
            tot_ccld_qty: "1".into(),
            tot_ccld_amt: "3145".into(),
            ord_dvsn_cd: "11".into(),
            cncl_cfrm_qty: "0".into(),
            rmn_qty: "2".into(),
            rjct_qty: "0".into(),
            excg_dvsn_cd: "12".into(),
            ..Default::default()
        }
    }

    const DAY: Date = day(2025, 12, 17);

    #[test]
    fn a_new_order_comes_with_its_totals() {
        let row = row(&raw(), DAY).unwrap();
        assert_eq!(row.command, OrderCommand::Place);
        assert_eq!(
            (row.qty, row.filled, row.remaining),
            (Qty::new(3), Qty::new(1), Qty::new(2))
        );
        assert_eq!(row.filled_value.won(), 3_145);
        assert_eq!(
            row.order_type.zip(row.time_in_force),
            Some((OrderType::Limit, TimeInForce::Ioc))
        );
        assert_eq!((row.venue, row.side), (Some(Venue::Sor), Side::Buy));
        assert_eq!(row.at.to_string(), "2025-12-17T09:44:14+09:00");
        assert!(!row.refused);
    }

    #[test]
    fn l5_modifications_and_cancels_name_what_they_change() {
        let mut raw = raw();
        raw.orgn_odno = "0000085000".into();
        raw.sll_buy_dvsn_cd_name = "매수정정*".into();
        let modified = row(&raw, DAY).unwrap();
        assert_eq!(
            (modified.command, modified.confirmed),
            (OrderCommand::Modify, Qty::new(3))
        );
        raw.sll_buy_dvsn_cd_name = "매수취소*".into();
        raw.cncl_cfrm_qty = "2".into();
        let cancelled = row(&raw, DAY).unwrap();
        assert_eq!(
            (cancelled.command, cancelled.confirmed),
            (OrderCommand::Cancel, Qty::new(2))
        );
        assert_eq!(cancelled.remaining, Qty::ZERO);
        assert_eq!(cancelled.original_no, OrderNo::new(85_000));
    }

    #[test]
    fn l8_a_change_that_nobody_names_is_no_row() {
        let mut raw = raw();
        raw.orgn_odno = "0000085000".into();
        assert!(row(&raw, DAY).is_err());
        raw.cncl_yn = "Y".into();
        assert_eq!(row(&raw, DAY).unwrap().command, OrderCommand::Cancel);
    }

    #[test]
    fn an_order_that_was_turned_away_whole_is_refused() {
        let mut raw = raw();
        raw.tot_ccld_qty = "0".into();
        raw.tot_ccld_amt = "0".into();
        raw.rmn_qty = "0".into();
        raw.rjct_qty = "3".into();
        assert!(row(&raw, DAY).unwrap().refused);
    }

    #[test]
    fn l6_a_row_with_a_mistaken_field_is_an_error_that_names_it() {
        type Break = fn(&mut InquireDailyCcldRow<'static>);
        let breaks: [(Break, &str); 7] = [
            (|raw| raw.odno = "".into(), "odno"),
            (|raw| raw.ord_qty = "".into(), "ord_qty"),
            (|raw| raw.ord_qty = "1e5".into(), "ord_qty"),
            (|raw| raw.pdno = "한글".into(), "pdno"),
            (|raw| raw.sll_buy_dvsn_cd = "03".into(), "sll_buy_dvsn_cd"),
            (|raw| raw.ord_dt = "20251216".into(), "ord_dt"),
            (|raw| raw.ord_tmd = "99".into(), "ord_tmd"),
        ];
        for (broken, field) in breaks {
            let mut raw = raw();
            broken(&mut raw);
            assert_eq!(row(&raw, DAY).unwrap_err().what, field);
        }
    }

    #[test]
    fn l8_an_unknown_order_division_is_left_open() {
        let mut raw = raw();
        raw.ord_dvsn_cd = "77".into();
        let row = row(&raw, DAY).unwrap();
        assert_eq!((row.order_type, row.time_in_force), (None, None));
    }
}
