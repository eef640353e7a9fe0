//! Every record reads back as itself, and what reads is written in no other way.

use proptest::prelude::*;

use super::super::layout::{RECORD_LEN, verify};
use super::super::record::{Action, EndStatus, NotSentCause, UnknownCause};
use super::*;
use crate::domain::{AccountId, RefusalReason, Side, TimeInForce, TradingState, Venue};

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn order() -> impl Strategy<Value = ClientOrderId> {
    any::<u64>().prop_map(ClientOrderId::new)
}

fn command() -> impl Strategy<Value = CommandId> {
    (order(), any::<u32>()).prop_map(|(order, child)| CommandId { order, child })
}

fn order_no() -> impl Strategy<Value = OrderNo> {
    any::<std::num::NonZeroU64>().prop_filter_map("not zero", |number| OrderNo::new(number.get()))
}

fn qty() -> impl Strategy<Value = Qty> {
    any::<u64>().prop_map(Qty::new)
}

fn price() -> impl Strategy<Value = Price> {
    (1..=i64::MAX).prop_filter_map("positive", Price::from_units)
}

fn at() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_nanos)
}

fn account() -> impl Strategy<Value = AccountMark> {
    (any::<u16>(), "[0-9A-Za-z-]{1,15}")
        .prop_map(|(index, text)| AccountMark::new(index, &text.parse::<AccountId>().unwrap()))
}

fn text() -> impl Strategy<Value = JournalText> {
    "\\PC{0,40}|[0-9-]{0,80}|[가-힣 ]{0,40}".prop_map(|text| JournalText::new(&text))
}

fn code() -> impl Strategy<Value = BrokerCode> {
    "[!-~]{0,15}".prop_map(|text| BrokerCode::new(&text))
}

fn kind() -> impl Strategy<Value = OrderKind> {
    prop_oneof![
        price().prop_map(|price| OrderKind::Limit { price }),
        price().prop_map(|price| OrderKind::ConditionalLimit { price }),
        (price(), price()).prop_map(|(stop, price)| OrderKind::StopLimit { stop, price }),
        one_of(&[
            OrderKind::Market,
            OrderKind::BestLimit,
            OrderKind::TopPriority,
            OrderKind::MidPrice,
            OrderKind::PreClose,
            OrderKind::PostClose,
        ]),
    ]
}

fn intent() -> impl Strategy<Value = OrderIntent> {
    let issue = ("[0-9A-Z]{6}", one_of(Venue::ALL), one_of(Side::ALL));
    let rest = (
        qty(),
        kind(),
        one_of(TimeInForce::ALL),
        any::<u64>(),
        any::<u32>(),
    );
    (order(), account(), issue, rest).prop_map(
        |(id, account, (symbol, venue, side), (qty, kind, time_in_force, fingerprint, ticket))| {
            OrderIntent {
                id,
                account,
                symbol: symbol.parse().unwrap(),
                venue,
                side,
                qty,
                kind,
                time_in_force,
                fingerprint,
                ticket,
            }
        },
    )
}

fn child_intents() -> impl Strategy<Value = JournalRecord> {
    let part = proptest::option::of(qty());
    (
        (command(), account(), order_no(), part),
        (kind(), order(), any::<u64>(), any::<bool>()),
    )
        .prop_map(
            |(
                (command, account, original_no, qty),
                (kind, part_id, fingerprint, is_modification),
            )| {
                if is_modification {
                    JournalRecord::ModifyIntent(ModifyIntent {
                        command,
                        account,
                        original_no,
                        qty,
                        kind,
                        part_id,
                        fingerprint,
                    })
                } else {
                    JournalRecord::CancelIntent(CancelIntent {
                        command,
                        account,
                        original_no,
                        qty,
                        fingerprint,
                    })
                }
            },
        )
}

fn outcome() -> impl Strategy<Value = JournalRecord> {
    prop_oneof![
        (command(), one_of(NotSentCause::ALL))
            .prop_map(|(command, cause)| JournalRecord::NotSent { command, cause }),
        (command(), one_of(Action::ALL), any::<u32>()).prop_map(|(command, action, attempt)| {
            JournalRecord::Sent {
                command,
                action,
                attempt,
            }
        }),
        (command(), order_no(), at(), any::<bool>()).prop_map(
            |(command, order_no, taken_at, inferred)| JournalRecord::Acked {
                command,
                order_no,
                taken_at,
                inferred,
            }
        ),
        (command(), one_of(RefusalReason::ALL), code(), text()).prop_map(
            |(command, reason, code, message)| JournalRecord::Refused {
                command,
                reason,
                code,
                message,
            }
        ),
        (command(), one_of(UnknownCause::ALL), code()).prop_map(|(command, cause, code)| {
            JournalRecord::Unknown {
                command,
                cause,
                code,
            }
        }),
        (command(), any::<u32>(), any::<u64>()).prop_map(|(command, reads, waited_ms)| {
            JournalRecord::Absent {
                command,
                reads,
                waited_ms,
            }
        }),
        (command(), any::<u32>()).prop_map(|(command, total)| JournalRecord::Unresolved {
            command,
            candidates: Candidates::counted(total),
        }),
        (command(), proptest::collection::vec(order_no(), 0..12)).prop_map(|(command, numbers)| {
            JournalRecord::Unresolved {
                command,
                candidates: Candidates::new(numbers),
            }
        }),
    ]
}

fn report() -> impl Strategy<Value = JournalRecord> {
    prop_oneof![
        any::<u32>().prop_map(|dropped_records| JournalRecord::Opened { dropped_records }),
        (order_no(), qty(), any::<i64>(), any::<bool>()).prop_map(
            |(order_no, qty, units, inferred)| {
                JournalRecord::FillTotal {
                    order_no,
                    qty,
                    value: Money::from_units(units),
                    inferred,
                }
            }
        ),
        (order_no(), qty())
            .prop_map(|(order_no, qty)| JournalRecord::CancelTotal { order_no, qty }),
        (order_no(), one_of(EndStatus::ALL))
            .prop_map(|(order_no, status)| JournalRecord::Ended { order_no, status }),
        order_no().prop_map(|order_no| JournalRecord::Closed { order_no }),
        (one_of(TradingState::ALL), text())
            .prop_map(|(state, reason)| JournalRecord::TradingState { state, reason }),
        (text(), any::<u64>()).prop_map(|(name, value)| JournalRecord::Counter { name, value }),
        text().prop_map(|text| JournalRecord::Note { text }),
    ]
}

fn strangers() -> impl Strategy<Value = JournalRecord> {
    let part_id = proptest::option::of(order());
    prop_oneof![
        (
            order_no(),
            proptest::option::of(order_no()),
            one_of(Action::ALL),
            intent()
        )
            .prop_map(|(order_no, original_no, action, order)| {
                JournalRecord::External {
                    order_no,
                    original_no,
                    action,
                    order,
                }
            }),
        (order_no(), order_no(), one_of(Action::ALL)).prop_map(
            |(order_no, original_no, action)| JournalRecord::Seen {
                order_no,
                original_no,
                action,
            }
        ),
        (order_no(), order_no(), qty(), kind(), part_id).prop_map(
            |(order_no, original_no, qty, kind, part_id)| JournalRecord::Modified {
                order_no,
                original_no,
                qty,
                kind,
                part_id,
            }
        ),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    let record = prop_oneof![
        intent().prop_map(JournalRecord::Intent),
        child_intents(),
        outcome(),
        report(),
        strangers(),
    ];
    (any::<u64>(), at(), record).prop_map(|(seq, at, record)| Entry { seq, at, record })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_record_reads_back_as_itself(entry in entry(), seed: u32) {
        let slot = encode(&entry, seed);
        prop_assert!(verify(&slot, seed).is_some());
        prop_assert_eq!(decode(&slot), Ok(entry));
    }

    // One byte of a record changes under a right checksum, as a defect of a program would do it: either the decoder
    // names the field, or the result is another valid record with exactly these bytes.
    #[test]
    fn what_reads_is_written_in_no_other_way(
        entry in entry(), at in 0..RECORD_LEN - 4, byte: u8, seed: u32,
    ) {
        let mut slot = encode(&entry, seed);
        slot[at] = byte;
        seal(&mut slot, seed);
        if let Ok(read) = decode(&slot) {
            prop_assert_eq!(encode(&read, seed), slot);
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(kind in 0_u8..24, bytes: [[u8; 32]; 4]) {
        let mut slot = EMPTY;
        for (to, from) in slot.iter_mut().zip(bytes.as_flattened()) {
            *to = *from;
        }
        slot[16] = kind;
        seal(&mut slot, 0);
        if let Ok(read) = decode(&slot) {
            prop_assert_eq!(encode(&read, 0), slot);
        }
    }
}

/// The format is a contract with files that exist: a change of it needs a new version.
#[test]
fn the_bytes_of_an_intent_are_pinned() {
    let request = crate::domain::OrderRequest::limit_buy(
        "12345678-01".parse().unwrap(),
        crate::symbol!("005930"),
        Qty::new(10),
        Price::from_won(71_000).unwrap(),
    )
    .with_id(ClientOrderId::new(7));
    let entry = Entry {
        seq: 3,
        at: Timestamp::from_nanos(1),
        record: JournalRecord::Intent(OrderIntent::new(
            &request,
            AccountMark::new(1, &request.account),
            0xABCD,
        )),
    };
    let mut expected = [0_u8; RECORD_LEN];
    expected[0] = 3;
    expected[8] = 1;
    expected[16] = 2;
    expected[17] = 7;
    expected[25] = 1;
    expected[27..29].copy_from_slice(b"01");
    expected[29..35].copy_from_slice(b"005930");
    expected[35..38].copy_from_slice(&[1, 1, 1]);
    expected[38] = 1;
    expected[39..47].copy_from_slice(&710_000_000_u64.to_le_bytes());
    expected[55] = 10;
    expected[63..65].copy_from_slice(&[0xCD, 0xAB]);
    let slot = encode(&entry, 0);
    assert_eq!(slot[..124], expected[..124]);
    // CRC-32C by its published check value, so that it is that polynomial and no other.
    assert_eq!(crc32c::crc32c(b"123456789"), 0xE306_9283);
    assert_eq!(slot[124..], crc32c::crc32c(&expected[..124]).to_le_bytes());
}
