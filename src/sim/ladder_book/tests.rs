use super::*;

const LEVELS: u32 = 100;

fn bid(book: &mut LadderBook, tick: Tick, qty: u64, key: u32) -> Handle {
    book.rest(Side::Buy, tick, false, Qty::new(qty), key)
}

#[test]
fn records_are_small_and_aligned() {
    assert_eq!((size_of::<Slot>(), align_of::<Slot>()), (32, 32));
    assert_eq!((size_of::<Level>(), align_of::<Level>()), (16, 16));
}

#[test]
fn places_hold_the_highest_rank() {
    for side in [Side::Buy, Side::Sell] {
        for market in [false, true] {
            let place = Place::new(side, LEVELS_MAX - 1, market);
            assert_eq!(place.rank(), LEVELS_MAX - 1);
            assert_eq!(place.is_market(), market);
            assert_eq!(place.side_index(), index(side));
        }
    }
}

#[test]
fn a_freed_slot_is_used_again_and_the_old_handle_stays_stale() {
    let mut book = LadderBook::with_capacity(LEVELS, 1);
    let old = bid(&mut book, 50, 5, 1);
    assert_eq!(book.reduce(old, Qty::new(9)), Some(Qty::ZERO));
    let new = bid(&mut book, 60, 7, 2);
    assert_eq!(new.slot, old.slot);
    assert_eq!(book.reduce(old, Qty::new(1)), None);
    assert_eq!(book.reduce(new, Qty::ZERO), Some(Qty::new(7)));
    book.validate();
}

#[test]
fn a_made_up_handle_of_a_free_slot_finds_nothing() {
    let mut book = LadderBook::new(LEVELS);
    let handle = bid(&mut book, 50, 5, 1);
    book.reduce(handle, Qty::new(5));
    for generation in [0, 1, 2, u32::MAX] {
        let made_up = Handle {
            slot: handle.slot,
            generation,
        };
        assert_eq!(book.reduce(made_up, Qty::new(1)), None);
    }
    let beyond = Handle {
        slot: 1,
        generation: 0,
    };
    assert_eq!(book.reduce(beyond, Qty::new(1)), None);
    book.validate();
}

#[test]
fn a_slot_that_ran_out_of_generations_is_retired() {
    let mut book = LadderBook::new(LEVELS);
    let first = bid(&mut book, 50, 5, 1);
    book.slots[0].generation = u32::MAX - 1;
    let last = Handle {
        generation: u32::MAX - 1,
        ..first
    };
    assert_eq!(book.reduce(last, Qty::new(5)), Some(Qty::ZERO));
    book.validate();
    let next = bid(&mut book, 50, 5, 2);
    assert_eq!(
        next,
        Handle {
            slot: 1,
            generation: 0
        }
    );
    assert_eq!(book.reduce(last, Qty::new(5)), None);
    assert_eq!(book.reduce(first, Qty::new(5)), None);
    book.validate();
}

#[test]
fn steady_state_uses_the_capacity_it_has() {
    let mut book = LadderBook::with_capacity(LEVELS, 10);
    let room = book.slots.capacity();
    for round in 0..1_000_u32 {
        for key in 0..10 {
            bid(&mut book, (round + key) % LEVELS, 10, key);
        }
        let left = book.take(Side::Sell, 0, Qty::new(100), |_| {});
        assert_eq!((left, book.len()), (Qty::ZERO, 0));
    }
    assert_eq!(book.slots.capacity(), room);
    book.validate();
}

#[test]
#[should_panic(expected = "the best rank")]
fn validate_sees_a_wrong_best() {
    let mut book = LadderBook::new(LEVELS);
    bid(&mut book, 50, 5, 1);
    book.sides[0].best = 0;
    book.validate();
}

#[test]
#[should_panic(expected = "the link back")]
fn validate_sees_a_broken_link() {
    let mut book = LadderBook::new(LEVELS);
    for key in 0..3 {
        bid(&mut book, 50, 5, key);
    }
    book.slots[2].prev = 0;
    book.validate();
}

#[test]
#[should_panic(expected = "slots resting, free or worn out")]
fn validate_sees_a_lost_slot() {
    let mut book = LadderBook::new(LEVELS);
    let handle = bid(&mut book, 50, 5, 1);
    book.reduce(handle, Qty::new(5));
    book.free = NIL;
    book.validate();
}

#[test]
#[should_panic(expected = "rank 49: shares")]
fn validate_sees_a_wrong_total() {
    let mut book = LadderBook::new(LEVELS);
    bid(&mut book, 50, 5, 1);
    book.sides[0].levels[49].shares = 6;
    book.validate();
}
