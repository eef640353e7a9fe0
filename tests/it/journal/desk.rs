//! The desk's records in the file: what is read back is what was written.

use std::cell::Cell;

use gwanmun::domain::{
    AccountId, BrokerCode, ClientOrderId, Money, OrderCommand, OrderKind, OrderRequest,
    OrderStatus, Price, Qty, RefusalReason, Side, Timestamp, Venue,
};
use gwanmun::orders::DeskJournal;
use gwanmun::orders::desk::{Journal as _, Record, Ticket};
use gwanmun::orders::journal::{Durability, JournalRecord};
use gwanmun::{Error, symbol};

use super::support::{AT, MemoryFile, order_no, records};

fn account() -> AccountId {
    "12345678-01".parse().unwrap()
}

fn request(id: u64) -> OrderRequest {
    let price = Price::from_won(71_000).unwrap();
    OrderRequest::limit_buy(account(), symbol!("005930"), Qty::new(10), price)
        .with_id(ClientOrderId::new(id))
        .with_venue(Venue::Sor)
}

/// One of each kind, and of each form of a kind.
fn all() -> Vec<Record> {
    let at = AT.saturating_add_nanos(5);
    let (ticket, id, stop) = (Ticket(3), ClientOrderId::new(7), Price::from_won(70_000));
    let kind = OrderKind::StopLimit {
        stop: stop.unwrap(),
        price: Price::from_won(70_100).unwrap(),
    };
    let mut sale = request(0);
    (sale.side, sale.kind) = (Side::Sell, OrderKind::Market);
    let mut all = vec![
        Record::Place {
            ticket: Ticket(u64::from(u32::MAX)),
            request: request(7),
            at,
        },
        Record::NotSent { ticket },
        Record::Unknown { ticket },
        Record::Refused {
            ticket,
            reason: RefusalReason::InsufficientCash,
            code: BrokerCode::new("APBK0952"),
        },
        Record::Absent { ticket },
        Record::Unresolved {
            ticket,
            candidates: 0,
        },
        Record::Unresolved {
            ticket,
            candidates: 12,
        },
        Record::Filled {
            order_no: order_no(5),
            filled: Qty::new(3),
            value: Money::from_won(213_000).unwrap(),
            inferred: false,
        },
        Record::Filled {
            order_no: order_no(5),
            filled: Qty::new(4),
            value: Money::from_won(284_000).unwrap(),
            inferred: true,
        },
        Record::Cancelled {
            order_no: order_no(5),
            cancelled: Qty::new(7),
        },
        Record::Closed {
            order_no: order_no(6),
        },
    ];
    for (part, part_id) in [
        (None, None),
        (Some(Qty::new(2)), Some(ClientOrderId::new(8))),
    ] {
        all.push(Record::Modify {
            ticket,
            id,
            target: order_no(5),
            qty: part,
            kind,
            part_id,
            at,
        });
        all.push(Record::Cancel {
            ticket,
            id,
            target: order_no(5),
            qty: part,
            at,
        });
    }
    for part_id in [None, Some(ClientOrderId::AUTO), Some(ClientOrderId::new(8))] {
        all.push(Record::Modified {
            original_no: order_no(5),
            order_no: order_no(6),
            qty: Qty::new(2),
            kind,
            part_id,
        });
    }
    for inferred in [false, true] {
        all.push(Record::Accepted {
            ticket,
            order_no: order_no(5),
            inferred,
            at,
        });
    }
    for &command in OrderCommand::ALL {
        for original_no in [None, Some(order_no(5))] {
            all.push(Record::External {
                order_no: order_no(9),
                original_no,
                command,
                request: sale,
            });
        }
        all.push(Record::Seen {
            order_no: order_no(9),
            original_no: order_no(5),
            command,
        });
    }
    for status in [
        OrderStatus::Filled,
        OrderStatus::Cancelled,
        OrderStatus::Expired,
        OrderStatus::Refused,
    ] {
        all.push(Record::Ended {
            order_no: order_no(5),
            status,
        });
    }
    all
}

#[test]
fn p1_the_desks_records_come_back_as_they_were() {
    let file = MemoryFile::default();
    let journal = file.create(Durability::ProcessCrash).unwrap();
    let now = Cell::new(AT);
    let (mut journal, found) = DeskJournal::new(journal, &[], account(), 0, || now.get()).unwrap();
    assert_eq!(found, []);
    for record in all() {
        now.set(now.get().saturating_add_nanos(1_000));
        journal.append(&record).unwrap();
    }
    drop(journal);
    let (journal, recovered) = file.recover().unwrap();
    let (_, found) = DeskJournal::new(journal, &recovered.entries, account(), 0, || AT).unwrap();
    assert_eq!(found, all());
    let last = recovered.entries.last().unwrap();
    assert_eq!(last.at, now.get(), "the time is the clock's");
}

#[test]
fn a_record_names_its_order_for_people() {
    let file = MemoryFile::default();
    let journal = file.create(Durability::ProcessCrash).unwrap();
    let (mut journal, _) = DeskJournal::new(journal, &[], account(), 0, || AT).unwrap();
    let (ticket, request) = (Ticket(1), request(7));
    let place = Record::Place {
        ticket,
        request,
        at: AT,
    };
    journal.append(&place).unwrap();
    drop(journal);
    // Also after a restart, and no longer once too many others came after it.
    let (journal, recovered) = file.recover().unwrap();
    let (mut journal, _) =
        DeskJournal::new(journal, &recovered.entries, account(), 0, || AT).unwrap();
    journal.append(&Record::Unknown { ticket }).unwrap();
    let place = Record::Place {
        ticket: Ticket(1_025),
        request,
        at: AT,
    };
    journal.append(&place).unwrap();
    journal.append(&Record::NotSent { ticket }).unwrap();
    drop(journal);
    let (_, recovered) = file.recover().unwrap();
    let orders: Vec<(u64, u32)> = records(&recovered.entries)
        .iter()
        .filter_map(JournalRecord::command)
        .map(|command| (command.order.get(), command.child))
        .collect();
    assert_eq!(orders, [(7, 1), (7, 1), (7, 1_025), (0, 1)]);
}

#[test]
fn another_accounts_journal_makes_no_desk() {
    let file = MemoryFile::default();
    let journal = file.create(Durability::ProcessCrash).unwrap();
    let (mut journal, _) = DeskJournal::new(journal, &[], account(), 0, || AT).unwrap();
    let place = Record::Place {
        ticket: Ticket(1),
        request: request(1),
        at: Timestamp::from_nanos(1),
    };
    journal.append(&place).unwrap();
    drop(journal);
    for (account, index) in [("12345678-02", 0), ("12345678-01", 1)] {
        let (journal, recovered) = file.recover().unwrap();
        let account = account.parse().unwrap();
        let error =
            DeskJournal::new(journal, &recovered.entries, account, index, || AT).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)));
        assert!(!error.to_string().contains("12345678"), "{error}");
    }
}

#[test]
fn p3_a_record_that_is_not_kept_is_an_error() {
    let file = MemoryFile::default();
    let journal = file.create(Durability::ProcessCrash).unwrap();
    let (mut journal, _) = DeskJournal::new(journal, &[], account(), 0, || AT).unwrap();
    file.faults(|faults| faults.fail_write_after = Some(40));
    let place = Record::Place {
        ticket: Ticket(1),
        request: request(1),
        at: AT,
    };
    assert!(matches!(journal.append(&place), Err(Error::Io(_))));
    let too_far = Record::NotSent {
        ticket: Ticket(u64::from(u32::MAX) + 1),
    };
    assert!(matches!(journal.append(&too_far), Err(Error::Invalid(_))));
}
