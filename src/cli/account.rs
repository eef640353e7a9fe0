//! `positions`, `balance`.

use gwanmun::{Balance, BrokerGateway, Money, Position};

use super::connect::Session;
use super::exit::Failure;
use super::format;
use super::output::Output;

pub(crate) async fn positions(session: &Session, output: &mut Output) -> Result<(), Failure> {
    let positions = session.gateway.positions(session.account_id()).await?;
    output.answer(&positions, |positions| positions_table(positions))
}

pub(crate) async fn balance(session: &Session, output: &mut Output) -> Result<(), Failure> {
    let balance = session.gateway.balance(session.account_id()).await?;
    output.answer(&balance, balance_facts)
}

pub(crate) fn positions_table(positions: &[Position]) -> String {
    if positions.is_empty() {
        return "no positions".to_owned();
    }
    format::table(
        &[
            "symbol",
            "shares",
            "sellable",
            "average",
            "last",
            "value",
            "P&L",
            "%",
            "realized today",
        ],
        &[1, 2, 3, 4, 5, 6, 7, 8],
        positions.iter().map(|position| {
            let percent = position.unrealized_pnl_percent();
            vec![
                position.symbol.to_string(),
                format::shares(position.qty),
                format::shares(position.sellable),
                format::price(position.average_price()),
                format::price(Some(position.last_price)),
                amount(position.market_value()),
                amount(position.unrealized_pnl()),
                percent.map_or_else(|| "-".to_owned(), |percent| percent.to_string()),
                format::won(position.realized_pnl),
            ]
        }),
    )
}

fn balance_facts(balance: &Balance) -> String {
    format::facts(&[
        ("deposit", format::won(balance.deposit)),
        ("deposit D+1", format::won(balance.deposit_d1)),
        ("deposit D+2", format::won(balance.deposit_d2)),
        ("held by open buy orders", format::won(balance.held)),
        ("orderable", format::won(balance.orderable)),
        ("securities", format::won(balance.securities_value)),
        ("purchase amount", format::won(balance.purchase_amount)),
        ("unrealized P&L", amount(balance.unrealized_pnl())),
        ("total value", amount(balance.total_value())),
        ("bought today", format::won(balance.bought_today)),
        ("sold today", format::won(balance.sold_today)),
        ("fees today", format::won(balance.fees_today)),
        ("taxes today", format::won(balance.taxes_today)),
    ])
}

/// An amount, or a dash where it is beyond what money counts.
fn amount(money: Option<Money>) -> String {
    money.map_or_else(|| "-".to_owned(), format::won)
}
