//! Execution notices to the desk's.

use crate::domain::{
    CancelReason, OrderCommand, OrderNo, Price, Qty, RefusalReason, Side, Timestamp, ValueError,
};
use crate::orders::desk::{News, Notice};
use crate::wire::kis::realtime::{
    CommandCode, ConditionCode, FieldError, NoticeField, NoticeNews, NoticeRecord, SideCode,
    StageCode,
};

use super::feed::time_of;
use super::number::{Field, symbol};

/// What a notice is to the desk; an error is one that cannot be understood, and may have been a fill.
pub(in crate::broker::kis) fn notice(record: &NoticeRecord<'_>, now: Timestamp) -> Field<Notice> {
    let told = record.news().map_err(unreadable)?;
    let order_no = number("ODER_NO", record.order_no().map_err(unreadable)?)?;
    let original_no = record.original_no().map_err(unreadable)?;
    Ok(Notice {
        order_no,
        original_no: original_no.and_then(OrderNo::new),
        symbol: symbol("STCK_SHRN_ISCD", record.symbol().map_err(unreadable)?)?,
        side: side(record.side().map_err(unreadable)?)?,
        order_qty: record
            .order_qty()
            .map_err(unreadable)?
            .map(Qty::new)
            .filter(|qty| !qty.is_zero()),
        news: news(record, told)?,
        at: time_of(record.notice_time().map_err(unreadable)?, now)?,
    })
}

fn news(record: &NoticeRecord<'_>, told: NoticeNews) -> Field<News> {
    Ok(match told {
        // Of this execution alone: KIS sends neither a number of it nor the sum so far.
        NoticeNews::Execution { qty, price } => News::Filled {
            qty: Qty::new(qty),
            price: price_of(price)
                .ok_or_else(|| ValueError::new("CNTG_UNPR", price, "a price above 0"))?,
            fill_no: None,
            cumulative: None,
        },
        NoticeNews::Receipt {
            command,
            stage,
            qty,
            price,
        } => receipt(record, command, stage, qty, price_of(price))?,
        NoticeNews::Refusal { command, .. } => News::Refused {
            command: command_of(command)?,
            reason: RefusalReason::Other,
        },
        NoticeNews::Unclear => {
            return Err(ValueError::new(
                "CNTG_YN, RFUS_YN and ACPT_YN",
                "codes that do not go together",
                "a receipt, a refusal or an execution",
            ));
        }
    })
}

/// UNCONFIRMED: only receipts and executions of new orders were ever captured. Taken here: a modification or cancel takes
/// effect with its confirmation (확인), and what is dropped of an IOC or FOK order comes under the order's own number.
fn receipt(
    record: &NoticeRecord<'_>,
    command: CommandCode,
    stage: StageCode,
    qty: u64,
    price: Option<Price>,
) -> Field<News> {
    let qty = Some(Qty::new(qty)).filter(|qty| !qty.is_zero());
    Ok(match (stage, command_of(command)?) {
        (StageCode::Cancelled, _) => News::Cancelled {
            qty,
            reason: dropped_by(record)?,
        },
        (StageCode::Confirmed, OrderCommand::Modify) => News::Modified { qty, price },
        (StageCode::Confirmed, OrderCommand::Cancel) => News::Cancelled {
            qty,
            reason: CancelReason::Requested,
        },
        (StageCode::Received | StageCode::Confirmed | StageCode::Other(_), command) => {
            News::Accepted { command, price }
        }
    })
}

/// 주문조건 (condition) of the order that lost what was not filled at once.
fn dropped_by(record: &NoticeRecord<'_>) -> Field<CancelReason> {
    let code = record.code(NoticeField::ODER_COND).map_err(unreadable)?;
    Ok(match ConditionCode::from(code) {
        ConditionCode::Fok => CancelReason::FillOrKill,
        ConditionCode::Ioc | ConditionCode::None | ConditionCode::Other(_) => {
            CancelReason::ImmediateOrCancel
        }
    })
}

fn command_of(code: CommandCode) -> Field<OrderCommand> {
    match code {
        CommandCode::New => Ok(OrderCommand::Place),
        CommandCode::Modify => Ok(OrderCommand::Modify),
        CommandCode::Cancel => Ok(OrderCommand::Cancel),
        CommandCode::Other(code) => Err(ValueError::new("RCTF_CLS", code.as_str(), "0, 1 or 2")),
    }
}

fn side(code: SideCode) -> Field<Side> {
    match code {
        SideCode::Sell => Ok(Side::Sell),
        SideCode::Buy => Ok(Side::Buy),
        SideCode::Other(code) => Err(ValueError::new("SELN_BYOV_CLS", code.as_str(), "01 or 02")),
    }
}

fn number(what: &'static str, number: u64) -> Field<OrderNo> {
    OrderNo::new(number).ok_or_else(|| ValueError::new(what, number, "an order number"))
}

fn price_of(won: i64) -> Option<Price> {
    Price::from_won(won).ok()
}

fn unreadable(error: FieldError) -> ValueError {
    ValueError::new("execution notice", error, "a value of the manual")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::kis::realtime::{Frame, Records, Splitter};

    /// A notice in the 26-value layout with the fields that decide.
    fn read(fields: &str) -> Field<Notice> {
        let text = format!("0|H0STCNI0|001|{fields}");
        let frame = Frame::parse(text.as_bytes()).unwrap();
        let mut splitter = Splitter::new();
        let Records::Notices(table) = splitter.split(&frame).unwrap() else {
            panic!("a notice");
        };
        let record = table.records().next().unwrap();
        notice(&record, "2026-02-03T09:48:02+09:00".parse().unwrap())
    }

    fn of(
        command: &str,
        qty: &str,
        price: &str,
        refused: &str,
        kind: &str,
        stage: &str,
    ) -> Field<Notice> {
        read(&format!(
            "@1234567^1234567801^0018424200^0018424100^02^{command}^01^0^004090^{qty}^{price}^094801^{refused}^{kind}^\
             {stage}^91259^000000005^x^^1^Y^^10^^x^"
        ))
    }

    #[test]
    fn n2_a_receipt_carries_the_orders_quantity_and_is_no_fill() {
        let receipt = of("0", "0000000005", "000015470", "0", "1", "1").unwrap();
        assert!(matches!(
            receipt.news,
            News::Accepted { command: OrderCommand::Place, price: Some(price) } if price.won() == 15_470
        ));
        let fill = of("0", "0000000002", "000015470", "0", "2", "2").unwrap();
        assert!(matches!(fill.news, News::Filled { qty, .. } if qty == Qty::new(2)));
        assert_eq!(fill.order_qty, Some(Qty::new(5)));
        assert_eq!(fill.at.to_string(), "2026-02-03T09:48:01+09:00");
        assert_eq!(fill.original_no, OrderNo::new(18_424_100));
    }

    #[test]
    fn changes_take_effect_with_their_confirmation() {
        let modified = of("1", "0000000005", "000015500", "0", "1", "2").unwrap();
        assert!(matches!(
            modified.news,
            News::Modified { qty: Some(qty), price: Some(_) } if qty == Qty::new(5)
        ));
        let received = of("1", "0000000005", "000015500", "0", "1", "1").unwrap();
        assert!(matches!(
            received.news,
            News::Accepted {
                command: OrderCommand::Modify,
                ..
            }
        ));
        let cancelled = of("2", "0000000003", "000000000", "0", "1", "2").unwrap();
        assert!(matches!(
            cancelled.news,
            News::Cancelled { qty: Some(qty), reason: CancelReason::Requested } if qty == Qty::new(3)
        ));
        let dropped = of("0", "0000000003", "000000000", "0", "1", "3").unwrap();
        assert!(matches!(
            dropped.news,
            News::Cancelled {
                reason: CancelReason::ImmediateOrCancel,
                ..
            }
        ));
    }

    #[test]
    fn a_refusal_says_of_what() {
        let refused = of("2", "0000000003", "000000000", "1", "1", "1").unwrap();
        assert!(matches!(
            refused.news,
            News::Refused {
                command: OrderCommand::Cancel,
                ..
            }
        ));
    }

    #[test]
    fn n12_what_contradicts_itself_is_an_error() {
        assert!(of("0", "0000000003", "000015470", "1", "2", "2").is_err());
        assert!(of("9", "0000000003", "000015470", "0", "1", "1").is_err());
        assert!(
            of("0", "0000000003", "000000000", "0", "2", "2").is_err(),
            "a fill without a price"
        );
    }
}
