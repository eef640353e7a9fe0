//! Client order ids to slots, without allocation and without pauses.
//!
//! An open-addressed table with linear probing. Ids that follow each other, as a counter gives them, lie near each
//! other, so that a stream of new orders walks through memory instead of jumping; every other cell between them stays
//! free, so that they form no long runs, which a search would have to walk to their end. Removal closes the gap at once:
//! no traces stay behind that would have to be swept out later.

use crate::domain::ClientOrderId;

/// No id: the gateway's "choose one" never reaches the table.
const EMPTY: u64 = 0;

/// At most a quarter full, by what [`IdMap::new`] is told.
#[derive(Debug)]
pub(super) struct IdMap {
    ids: Box<[u64]>,
    slots: Box<[u32]>,
    mask: usize,
    len: usize,
}

impl IdMap {
    /// Room for `most` ids.
    pub(super) fn new(most: usize) -> Self {
        let cells = (4 * most).next_power_of_two().max(4);
        Self {
            ids: vec![EMPTY; cells].into_boxed_slice(),
            slots: vec![0; cells].into_boxed_slice(),
            mask: cells - 1,
            len: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn clear(&mut self) {
        self.ids.fill(EMPTY);
        self.len = 0;
    }

    /// Where an id belongs. The upper parts are folded in, for ids that only differ there; the lowest one keeps
    /// neighbours together, a cell apart.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the mask drops the upper bits anyway"
    )]
    const fn home(&self, id: u64) -> usize {
        let folded = (id ^ (id >> 16) ^ (id >> 32) ^ (id >> 48)) as usize;
        (folded << 1) & self.mask
    }

    /// The cell of an id, or the free one where it would go.
    fn cell(&self, id: u64) -> usize {
        let mut at = self.home(id);
        // There is always a free cell to stop at, because the table is never full.
        while self.ids[at] != id && self.ids[at] != EMPTY {
            at = (at + 1) & self.mask;
        }
        at
    }

    pub(super) fn get(&self, id: ClientOrderId) -> Option<u32> {
        if id.is_auto() {
            return None;
        }
        let at = self.cell(id.get());
        (self.ids[at] != EMPTY).then_some(self.slots[at])
    }

    /// Adds an id that is not there.
    pub(super) fn insert(&mut self, id: ClientOrderId, slot: u32) {
        debug_assert!(!id.is_auto() && self.get(id).is_none(), "id {id} is taken");
        debug_assert!(self.len < self.mask, "the table is full");
        let at = self.cell(id.get());
        (self.ids[at], self.slots[at]) = (id.get(), slot);
        self.len += 1;
    }

    pub(super) fn remove(&mut self, id: ClientOrderId) {
        let mut gap = self.cell(id.get());
        if id.is_auto() || self.ids[gap] == EMPTY {
            return;
        }
        self.len -= 1;
        let mut at = gap;
        loop {
            at = (at + 1) & self.mask;
            let next = self.ids[at];
            if next == EMPTY {
                break;
            }
            // It may move into the gap if it does not get in front of its home by that.
            let from_home = at.wrapping_sub(self.home(next)) & self.mask;
            let from_gap = at.wrapping_sub(gap) & self.mask;
            if from_home >= from_gap {
                (self.ids[gap], self.slots[gap]) = (next, self.slots[at]);
                gap = at;
            }
        }
        self.ids[gap] = EMPTY;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use proptest::prelude::*;

    /// Ids that are likely to meet: small ones, ones that differ in upper parts only, and any.
    fn ids() -> impl Strategy<Value = u64> {
        let far = (0..64_u64, prop::sample::select(vec![0, 16, 32, 48]));
        prop_oneof![
            1..20_u64,
            far.prop_map(|(id, shift)| (id << shift).max(1)),
            1..=u64::MAX,
        ]
    }

    proptest! {
        /// As a `HashMap`, through any order of insertions and removals.
        #[test]
        fn a_map_is_a_map(steps in prop::collection::vec((any::<bool>(), ids()), 0..400)) {
            const MOST: usize = 16;
            let mut map = IdMap::new(MOST);
            let mut model = HashMap::new();
            for (step, (insert, id)) in (0_u32..).zip(steps) {
                let key = ClientOrderId::new(id);
                if insert && model.len() < MOST && !model.contains_key(&id) {
                    map.insert(key, step);
                    model.insert(id, step);
                } else {
                    map.remove(key);
                    model.remove(&id);
                }
                prop_assert_eq!(map.get(key), model.get(&id).copied());
                prop_assert_eq!(map.len(), model.len());
                for (&id, &slot) in &model {
                    prop_assert_eq!(map.get(ClientOrderId::new(id)), Some(slot));
                }
            }
        }
    }

    /// A window that moves along a counter, which is what a day of orders looks like.
    #[test]
    fn ids_of_a_counter_never_touch() {
        const MOST: usize = 1_000;
        let mut map = IdMap::new(MOST);
        let most = MOST as u64;
        for id in 1..200_000 {
            map.insert(ClientOrderId::new(id), 0);
            let at = map.cell(id);
            assert_eq!(at, map.home(id), "id {id} was pushed away");
            assert_eq!(
                map.ids[(at + 1) & map.mask],
                EMPTY,
                "id {id} has a neighbour"
            );
            if id >= most {
                map.remove(ClientOrderId::new(id + 1 - most));
            }
        }
    }

    #[test]
    fn no_id_is_never_there() {
        let mut map = IdMap::new(0);
        assert_eq!(map.get(ClientOrderId::AUTO), None);
        map.remove(ClientOrderId::AUTO);
        map.remove(ClientOrderId::new(1));
        assert_eq!(map.len(), 0);
    }
}
