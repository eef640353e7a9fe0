//! Rows P1, P3 and P8: the process ends, the journal fails, the gateway stops.

use gwanmun::domain::{CancelRequest, ExecutionEvent, ModifyRequest, OrderCommand, Qty};
use gwanmun::orders::desk::{
    Config, Decision, Desk, Effect, Journal, News, NoJournal, OpenGate, Record,
};
use gwanmun::{Block, Error, Result};

use super::harness::{Bench, REFUSALS, account, buy, change, filled, no, row, won};

fn restored(records: &[Record], ms: u64) -> Bench {
    restored_with(Config::default(), records, ms)
}

fn restored_with(config: Config, records: &[Record], ms: u64) -> Bench {
    let mut bench = Bench::with(config);
    bench.ms = ms;
    let now = bench.now();
    let lines = records.to_vec();
    bench.desk = Desk::restore(
        now,
        account(),
        config,
        REFUSALS,
        lines.clone(),
        OpenGate,
        lines,
    );
    bench
}

/// A life with every kind of record, then a kill after each of them: the desk that is made again takes nothing new
/// before the list, sends nothing again, and ends with the broker's books.
#[test]
fn p1_after_a_kill_between_any_two_records_the_books_are_found_again() {
    let mut bench = Bench::new();
    let first = bench.working(buy(10, 70_000), 1);
    bench.fill(1, 3, 70_000);
    let (ticket, _) = bench
        .modify(ModifyRequest::to_price(account(), first, won(70_100)))
        .unwrap();
    bench.accept(ticket, 2);
    bench.modified(2, 1, 7, 70_100);
    bench.ms += 1_000;
    bench.fill_of(2, Some(1), 2, 70_100, None, None);
    let (ticket, _) = bench
        .cancel(CancelRequest::part(account(), first, Qty::new(4)))
        .unwrap();
    bench.accept(ticket, 3);
    bench.cancelled(3, Some(2), 4);
    let (ticket, _) = bench.place(buy(20, 70_000)).unwrap();
    bench.cut(ticket, 50);
    let (ticket, _) = bench.place(buy(30, 70_000)).unwrap();
    bench.act(|desk, now, out| desk.not_written(now, ticket, out));
    let at = bench.at();
    let rows = [
        filled(row(1, 10, 70_000, at), 3, 210_000, 0),
        filled(
            change(row(2, 7, 70_100, at), OrderCommand::Modify, 1, 7),
            2,
            140_200,
            1,
        ),
        change(row(3, 4, 70_100, at), OrderCommand::Cancel, 2, 4),
        filled(row(4, 20, 70_000, at), 20, 1_400_000, 0),
    ];
    bench.pass_with(400, &rows);
    let records = bench.desk.journal().clone();
    assert!(records.len() > 15, "{records:#?}");
    let end = bench.ms;
    for kept in 0..=records.len() {
        let mut bench = restored(&records[..kept], end);
        assert_eq!(
            bench.desk.counters().contradictions,
            0,
            "{:?}",
            records[..kept].last()
        );
        let blocked = bench.place(buy(40, 70_000));
        assert!(matches!(
            blocked,
            Err(Error::Blocked {
                by: Block::Reconciling
            })
        ));
        bench.pass_with(1_000, &rows);
        assert!(bench.writes.is_empty(), "something was sent again");
        for (number, left, filled) in [(2, 1, 5), (4, 0, 20)] {
            let order = bench.desk.order(no(number)).unwrap();
            let state = (order.remaining().get(), order.filled.get());
            assert_eq!(
                state,
                (left, filled),
                "{number} after {kept} records: {records:#?}"
            );
        }
        // What the journal knows to be told is not told again.
        let journaled: u64 = records[..kept]
            .iter()
            .filter_map(|record| match record {
                Record::Filled {
                    order_no, filled, ..
                } => Some((*order_no, filled.get())),
                _ => None,
            })
            .collect::<std::collections::BTreeMap<_, _>>()
            .values()
            .sum();
        let told: u64 = bench
            .events
            .iter()
            .filter_map(|event| match event {
                ExecutionEvent::Filled { fill, .. } => Some(fill.qty.get()),
                _ => None,
            })
            .sum();
        assert_eq!(journaled + told, 25, "after {kept} records");
        bench.place(buy(40, 70_000)).unwrap();
    }
}

#[test]
fn p1_a_command_without_an_end_is_unknown_and_holds_its_lock() {
    let mut bench = Bench::new();
    bench.place(buy(10, 70_000)).unwrap();
    let mut bench = restored(bench.desk.journal(), bench.ms);
    bench.pass_with(1_000, &[]);
    assert!(matches!(
        bench.place(buy(10, 70_000)),
        Err(Error::Busy { .. })
    ));
    let at = bench.at();
    let (_, next) = bench.place(buy(11, 70_000)).unwrap();
    assert_eq!(next.get(), 2, "an id was given twice");
    bench.pass_with(1_000, &[row(7, 10, 70_000, at)]);
    assert_eq!(bench.desk.order(no(7)).unwrap().id.get(), 1);
}

/// Which order made room for another is not in the journal. It must not be one that the journal speaks of later.
#[test]
fn p1_an_order_that_came_back_is_there_after_a_restart_with_little_room() {
    let config = Config {
        orders_max: 3,
        reconcile_first: false,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let settled = bench.working(buy(10, 70_000), 1);
    let at = bench.at();
    let rows = [filled(row(1, 10, 70_000, at), 10, 700_000, 0)];
    bench.pass_with(70_000, &rows);
    let (late, absent) = bench.place(buy(11, 70_000)).unwrap();
    bench.cut(late, 50);
    bench.act(|desk, now, out| desk.resolve(now, absent, Decision::Absent, out).unwrap());
    bench.working(buy(12, 70_000), 2);
    bench.working(buy(13, 70_000), 3);
    assert!(bench.desk.order(settled).is_none(), "nothing made room");
    bench.accept(late, 4);
    let (_, found) = bench.cancel(CancelRequest::all(account(), absent)).unwrap();
    assert_eq!(found, absent);
    let restored = restored_with(config, bench.desk.journal(), bench.ms);
    assert_eq!(restored.desk.counters().contradictions, 0);
    assert_eq!(restored.desk.order(no(4)).unwrap().id, absent);
    let undecided: Vec<_> = restored.desk.undecided().map(|(what, _)| what).collect();
    assert_eq!(undecided, [OrderCommand::Cancel]);
}

#[test]
fn p2_no_journal_whatever_it_says_stops_the_start() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    bench.fill(1, 3, 70_000);
    let (ticket, _) = bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.accept(ticket, 2);
    bench.cancelled(2, Some(1), 7);
    let records = bench.desk.journal().clone();
    // Every record left out, and every two exchanged.
    for left_out in 0..records.len() {
        let mut damaged = records.clone();
        damaged.remove(left_out);
        restored(&damaged, bench.ms).pass_with(1_000, &[]);
        for other in 0..records.len() {
            let mut damaged = records.clone();
            damaged.swap(left_out, other);
            restored(&damaged, bench.ms).pass_with(1_000, &[]);
        }
    }
}

/// Keeps so many records, then fails for good.
#[derive(Debug)]
struct Full(usize);

impl Journal for Full {
    fn append(&mut self, _record: &Record) -> Result<()> {
        if self.0 == 0 {
            return Err(Error::io(
                "append to the journal",
                std::io::Error::other("disk full"),
            ));
        }
        self.0 -= 1;
        Ok(())
    }
}

#[test]
fn p3_a_journal_that_fails_stops_new_orders_and_no_cancel() {
    let config = Config {
        reconcile_first: false,
        ..Config::default()
    };
    let mut desk = Desk::new(account(), config, REFUSALS, Full(2), OpenGate);
    let now = Bench::new().now();
    let mut out: Vec<Effect> = Vec::new();
    let (ticket, order) = desk.place(now, &buy(10, 70_000), &mut out).unwrap();
    let answer = gwanmun::orders::desk::Answer::Accepted {
        order_no: no(1),
        at: now.at,
    };
    desk.answered(now, ticket, answer, &mut out);
    assert!(matches!(
        desk.place(now, &buy(11, 70_000), &mut out),
        Err(Error::Io(_))
    ));
    let blocked = desk.place(now, &buy(12, 70_000), &mut out);
    assert!(matches!(
        blocked,
        Err(Error::Blocked { by: Block::Journal })
    ));
    desk.unblock(Block::Journal);
    assert_eq!(
        desk.blocked_by(),
        Some(Block::Journal),
        "a failed journal was taken for a good one"
    );
    desk.cancel(now, &CancelRequest::all(account(), order), &mut out)
        .unwrap();
    let writes = out
        .iter()
        .filter(|effect| matches!(effect, Effect::Write(_)))
        .count();
    assert_eq!((writes, desk.counters().unjournaled), (2, 2));
}

#[test]
fn p8_an_orderly_stop_waits_for_what_is_on_its_way_and_leaves_the_rest_in_the_journal() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    bench.place(buy(11, 70_000)).unwrap();
    bench.desk.block(Block::Stopping);
    assert!(matches!(
        bench.place(buy(12, 70_000)),
        Err(Error::Blocked {
            by: Block::Stopping
        })
    ));
    assert!(!bench.desk.can_stop());
    bench.pass(10_000);
    assert!(bench.desk.can_stop());
    assert_eq!(bench.desk.undecided().count(), 1);
    let unknown = bench
        .desk
        .journal()
        .iter()
        .any(|record| matches!(record, Record::Unknown { .. }));
    assert!(unknown && bench.desk.open_orders().any(|open| open.id == order));
}

#[test]
fn a_desk_without_a_journal_works() {
    let config = Config {
        reconcile_first: false,
        ..Config::default()
    };
    let mut desk = Desk::new(account(), config, REFUSALS, NoJournal, OpenGate);
    let mut out: Vec<Effect> = Vec::new();
    desk.place(Bench::new().now(), &buy(10, 70_000), &mut out)
        .unwrap();
    assert!(matches!(
        out[..],
        [Effect::Write(_), Effect::ReadList(_)] | [Effect::Write(_)]
    ));
}

#[test]
fn p1_what_the_list_tells_of_somebody_elses_order_is_there_after_a_restart() {
    let mut bench = Bench::new();
    let mut accepted = bench.notice(
        9,
        None,
        News::Accepted {
            command: OrderCommand::Place,
            price: Some(won(70_000)),
        },
    );
    // Less than the order has, as the list shows.
    accepted.order_qty = Some(Qty::new(5));
    bench.tell(accepted);
    let whole = row(9, 8, 70_000, bench.at());
    bench.pass_with(31_000, &[whole]);
    let restored = restored(bench.desk.journal(), bench.ms);
    assert_eq!(restored.desk.counters().contradictions, 0);
    assert_eq!(restored.desk.order(no(9)).unwrap().qty.get(), 8);
}
