//! The fast book's check of itself.

use super::*;

impl LadderBook {
    pub(super) fn validate_all(&self) {
        let mut resting = 0;
        for side in [Side::Buy, Side::Sell] {
            resting += self.validate_side(side);
        }
        assert_eq!(resting, self.len, "orders in levels, and counted");
        let mut free = 0;
        let mut at = self.free;
        while at != NIL {
            let slot = &self.slots[at as usize];
            assert_eq!(slot.qty, 0, "slot {at}: free, with shares");
            assert!(slot.generation != u32::MAX, "slot {at}: worn out, yet free");
            free += 1;
            assert!(free <= self.slots.len(), "the free list is a ring");
            at = slot.next;
        }
        let worn_out = |slot: &&Slot| slot.generation == u32::MAX;
        let worn_out = self.slots.iter().filter(worn_out).count();
        let accounted = resting + free + worn_out;
        assert_eq!(
            accounted,
            self.slots.len(),
            "slots resting, free or worn out"
        );
    }

    /// Checks one side and returns how many orders it has.
    fn validate_side(&self, side: Side) -> usize {
        let half = self.half(side);
        let mut resting = 0;
        let mut market = 0;
        half.occupied.validate();
        assert_eq!(half.best, half.first_from(0), "{side}: the best rank");
        for (rank, level) in (0_u32..).zip(&half.levels) {
            assert_eq!(
                half.occupied.contains(rank),
                level.head != NIL,
                "{side} rank {rank}: bitmap and level"
            );
            let mut shares = 0;
            let mut prev = NIL;
            let mut at = level.head;
            while at != NIL {
                let order = &self.slots[at as usize];
                assert!(order.qty != 0, "{side} rank {rank}: an order of no shares");
                let is_market = order.place.is_market();
                assert_eq!(order.place, Place::new(side, rank, is_market), "slot {at}");
                assert!(
                    rank == 0 || !is_market,
                    "slot {at}: a market order off the limit"
                );
                assert!(
                    prev == NIL || order.prev == prev,
                    "slot {at}: the link back"
                );
                shares += order.qty;
                market += if is_market { order.qty } else { 0 };
                resting += 1;
                assert!(resting <= self.slots.len(), "{side} rank {rank}: a ring");
                prev = at;
                at = if at == level.tail { NIL } else { order.next };
            }
            assert_eq!(shares, level.shares, "{side} rank {rank}: shares");
        }
        assert_eq!(market, half.market, "{side}: shares of market orders");
        resting
    }
}
