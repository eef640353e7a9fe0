//! Numbers and tables for people.

use comfy_table::{CellAlignment, Table, presets};
use gwanmun::{Money, Price, Qty};

/// A number with a comma at every third digit: `-1,234,567.5`.
pub(crate) fn grouped(number: impl ToString) -> String {
    let text = number.to_string();
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut shown = String::with_capacity(text.len() + whole.len() / 3 + 1);
    shown.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    if let Some(fraction) = fraction {
        shown.push('.');
        shown.push_str(fraction);
    }
    shown
}

/// A price, or a dash where there is none.
pub(crate) fn price(price: Option<Price>) -> String {
    price.map_or_else(|| "-".to_owned(), grouped)
}

/// An amount in won.
pub(crate) fn won(money: Money) -> String {
    grouped(money)
}

/// A number of shares.
pub(crate) fn shares(qty: Qty) -> String {
    grouped(qty)
}

/// A table with a header. The columns named in `numbers` (from 0) are aligned to the right.
pub(crate) fn table(
    header: &[&str],
    numbers: &[usize],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = bare_table();
    table.set_header(header.iter().copied());
    table.add_rows(rows);
    align_right(&mut table, numbers);
    table.trim_fmt()
}

/// Names and values, one a line, the values aligned to the right.
pub(crate) fn facts(rows: &[(&str, String)]) -> String {
    let mut table = bare_table();
    table.add_rows(
        rows.iter()
            .map(|(name, value)| vec![(*name).to_owned(), value.clone()]),
    );
    align_right(&mut table, &[1]);
    table.trim_fmt()
}

fn bare_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

fn align_right(table: &mut Table, columns: &[usize]) {
    for &index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (text, shown) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567", "-1,234,567"),
            ("-999", "-999"),
            ("70128.5714", "70,128.5714"),
        ] {
            assert_eq!(grouped(text), shown);
        }
    }

    #[test]
    fn tables_are_plain_and_aligned() {
        let rows = vec![
            vec!["a".to_owned(), "1,000".to_owned()],
            vec!["bcd".to_owned(), "7".to_owned()],
        ];
        assert_eq!(
            table(&["name", "qty"], &[1], rows),
            " name    qty\n a     1,000\n bcd       7"
        );
    }
}
