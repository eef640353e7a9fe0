//! Hashing of numbers that follow each other, as counters give them.
//!
//! A hash that scatters makes every order touch other, cold memory: with 100,000 orders in the tables that is most of
//! what an order costs. Here numbers that follow each other lie near each other, so that a day's orders walk through the
//! tables. Every other place between them stays free: a table that is full in a row keeps a mark for each removed key,
//! and would have to be swept now and then.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are one number.
pub(super) type Neighbours = BuildHasherDefault<NeighbourHasher>;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NeighbourHasher(u64);

/// 2^64 divided by the golden ratio: spreads what the table compares before the keys themselves.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for NeighbourHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(5) ^ number;
    }

    /// The lower bits choose the place, the upper seven tell keys of near places apart.
    #[inline]
    fn finish(&self) -> u64 {
        const UPPER: u64 = 0x7f << 57;
        let number = self.0;
        // The upper parts are folded in, for numbers that differ only there.
        let folded = number ^ (number >> 16) ^ (number >> 32) ^ (number >> 48);
        (folded << 1 & !UPPER) | (number.wrapping_mul(SPREAD) & UPPER)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn numbers_in_a_row_lie_two_places_apart() {
        let place = |number: u64| Neighbours::default().hash_one(number) & 0xffff_ffff;
        for number in [1, 7, 4_000, 60_000] {
            assert!(place(number).abs_diff(place(number ^ 1)) == 2, "{number}");
        }
        let places: HashSet<u64> = (0..60_000).map(place).collect();
        assert_eq!(places.len(), 60_000);
        assert!(places.iter().all(|place| place % 2 == 0));
    }

    #[test]
    fn numbers_that_differ_only_above_do_not_meet() {
        for shift in [16, 20, 32, 40, 48] {
            let numbers = (0..1_000_u64).map(|number| number << shift);
            let hashes: HashSet<u64> = numbers
                .map(|it| Neighbours::default().hash_one(it))
                .collect();
            assert!(hashes.len() >= 999, "{shift}: {}", hashes.len());
        }
    }

    /// A counter that runs for long: as many in as out, and the table never grows.
    #[test]
    fn a_table_of_a_running_counter_does_not_grow() {
        let mut table: HashMap<u64, u64, Neighbours> =
            HashMap::with_capacity_and_hasher(4 * 1_000, Neighbours::default());
        let capacity = table.capacity();
        for number in 0..200_000 {
            table.insert(number, number);
            if number >= 1_000 {
                assert_eq!(table.remove(&(number - 1_000)), Some(number - 1_000));
            }
        }
        assert_eq!((table.len(), table.capacity()), (1_000, capacity));
    }
}
