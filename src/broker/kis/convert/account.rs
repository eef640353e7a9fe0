//! Balance, positions and what can be ordered.

use super::number::{Field, money, money_or_none, price, qty, qty_or_none, symbol};
use crate::domain::{AccountId, Balance, Money, Orderable, Position, Qty, ValueError};
use crate::wire::kis::rest::account::InquirePsblOrder;
use crate::wire::kis::rest::balance::{InquireBalanceRow, InquireBalanceTotals};

/// The cash of an account. KIS tells fees and taxes of the day as one sum, which stands as fees; what open orders hold is
/// what lies between the cash of D+2 and what can be ordered.
pub(in crate::broker::kis) fn balance(
    account: AccountId,
    totals: &InquireBalanceTotals<'_>,
    orderable: Money,
) -> Field<Balance> {
    let mut balance = Balance::of_cash(account, money("dnca_tot_amt", &totals.dnca_tot_amt)?);
    balance.deposit_d1 = money("nxdy_excc_amt", &totals.nxdy_excc_amt)?;
    balance.deposit_d2 = money("prvs_rcdl_excc_amt", &totals.prvs_rcdl_excc_amt)?;
    balance.orderable = orderable;
    let held = balance.deposit_d2.checked_sub(orderable);
    balance.held = held.map_or(Money::ZERO, |held| held.max(Money::ZERO));
    balance.securities_value = money_or_none("scts_evlu_amt", &totals.scts_evlu_amt)?;
    balance.purchase_amount = money_or_none("pchs_amt_smtl_amt", &totals.pchs_amt_smtl_amt)?;
    balance.bought_today = money_or_none("thdt_buy_amt", &totals.thdt_buy_amt)?;
    balance.sold_today = money_or_none("thdt_sll_amt", &totals.thdt_sll_amt)?;
    balance.fees_today = money_or_none("thdt_tlex_amt", &totals.thdt_tlex_amt)?;
    Ok(balance)
}

/// One holding; `None` for a row without shares, which stays until its sale settles. Profit of sales is not in this list.
pub(in crate::broker::kis) fn position(
    account: AccountId,
    row: &InquireBalanceRow<'_>,
) -> Field<Option<Position>> {
    let held = qty("hldg_qty", &row.hldg_qty)?;
    if held.is_zero() {
        return Ok(None);
    }
    let symbol = symbol("pdno", &row.pdno)?;
    let cost = money("pchs_amt", &row.pchs_amt)?;
    let last_price = price("prpr", &row.prpr)?;
    let mut position = Position::new(account, symbol, held, cost, last_price);
    position.sellable = qty_or_none("ord_psbl_qty", &row.ord_psbl_qty)?.min(held);
    Ok(Some(position))
}

/// Holdings of one issue that KIS lists in several rows, as it does with shares bought on loan, are one position.
pub(in crate::broker::kis) fn add(positions: &mut Vec<Position>, other: Position) -> Field<()> {
    let Some(position) = positions
        .iter_mut()
        .find(|position| position.symbol == other.symbol)
    else {
        positions.push(other);
        return Ok(());
    };
    let sums = position
        .qty
        .checked_add(other.qty)
        .zip(position.sellable.checked_add(other.sellable))
        .zip(position.cost.checked_add(other.cost));
    let ((qty, sellable), cost) =
        sums.ok_or_else(|| ValueError::new("hldg_qty", other.qty, "a sum that can be counted"))?;
    (position.qty, position.sellable, position.cost) = (qty, sellable, cost);
    Ok(())
}

/// What can be bought without owing the broker anything (미수없는매수): the amount, and the shares.
pub(in crate::broker::kis) fn buyable(output: &InquirePsblOrder<'_>) -> Field<Orderable> {
    let shares: Qty = qty_or_none("nrcvb_buy_qty", &output.nrcvb_buy_qty)?;
    let cash = money("nrcvb_buy_amt", &output.nrcvb_buy_amt)?;
    Ok(Orderable::new(shares, cash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        "50123456-01".parse().unwrap()
    }

    #[test]
    fn a_balance_has_the_cash_of_three_days() {
        let totals = InquireBalanceTotals {
            dnca_tot_amt: "1000000".into(),
            nxdy_excc_amt: "900000".into(),
            prvs_rcdl_excc_amt: "800000".into(),
            scts_evlu_amt: "350000".into(),
            thdt_tlex_amt: "120".into(),
            ..Default::default()
        };
        let won = |won| Money::from_won(won).unwrap();
        let balance = balance(account(), &totals, won(700_000)).unwrap();
        assert_eq!(balance.deposit, won(1_000_000));
        assert_eq!(
            (balance.deposit_d1, balance.deposit_d2),
            (won(900_000), won(800_000))
        );
        assert_eq!(
            (balance.orderable, balance.held),
            (won(700_000), won(100_000))
        );
        assert_eq!(balance.total_value(), Some(won(1_150_000)));
        let empty = InquireBalanceTotals::default();
        assert!(super::balance(account(), &empty, Money::ZERO).is_err());
    }

    #[test]
    fn rows_of_one_issue_are_one_position() {
        let row = |qty: &'static str, cost: &'static str| InquireBalanceRow {
            pdno: "005930".into(),
            hldg_qty: qty.into(),
            ord_psbl_qty: "1".into(),
            pchs_amt: cost.into(),
            prpr: "71000".into(),
            ..Default::default()
        };
        let mut positions = Vec::new();
        for row in [row("3", "210000"), row("2", "150000"), row("0", "0")] {
            if let Some(position) = position(account(), &row).unwrap() {
                add(&mut positions, position).unwrap();
            }
        }
        assert_eq!(positions.len(), 1);
        assert_eq!(positions[0].qty, Qty::new(5));
        assert_eq!(positions[0].cost.won(), 360_000);
        assert_eq!(positions[0].sellable, Qty::new(2));
    }
}
