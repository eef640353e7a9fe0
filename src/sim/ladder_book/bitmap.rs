//! A set of small numbers that finds the next member fast.

/// Bits of a word.
const BITS: u32 = u64::BITS;

/// A set of numbers below a bound: one bit each, and above them one bit for each word that is not empty.
///
/// Up to 4,096 numbers the upper row is one word, so that the next member is at most three words away.
#[derive(Clone, Debug)]
pub(super) struct Bitmap {
    words: Box<[u64]>,
    summary: Box<[u64]>,
}

impl Bitmap {
    /// The empty set of numbers below `bound`.
    pub(super) fn new(bound: u32) -> Self {
        let words = bound.div_ceil(BITS);
        Self {
            words: vec![0; words as usize].into(),
            summary: vec![0; words.div_ceil(BITS) as usize].into(),
        }
    }

    #[inline]
    pub(super) fn set(&mut self, number: u32) {
        let (word, bit) = split(number);
        self.words[word] |= bit;
        let (word, bit) = split(number / BITS);
        self.summary[word] |= bit;
    }

    #[inline]
    pub(super) fn clear(&mut self, number: u32) {
        let (word, bit) = split(number);
        self.words[word] &= !bit;
        if self.words[word] == 0 {
            let (word, bit) = split(number / BITS);
            self.summary[word] &= !bit;
        }
    }

    /// The smallest member that is not below `from`.
    #[inline]
    pub(super) fn first_from(&self, from: u32) -> Option<u32> {
        let word = from / BITS;
        let bits = self.words.get(word as usize)? & (u64::MAX << (from % BITS));
        if bits != 0 {
            return Some(word * BITS + bits.trailing_zeros());
        }
        let word = self.first_word_from(word + 1)?;
        Some(word * BITS + self.words[word as usize].trailing_zeros())
    }

    /// The first word that is not empty and not before `from`.
    #[inline]
    fn first_word_from(&self, from: u32) -> Option<u32> {
        let mut at = from / BITS;
        let mut bits = self.summary.get(at as usize)? & (u64::MAX << (from % BITS));
        while bits == 0 {
            at += 1;
            bits = *self.summary.get(at as usize)?;
        }
        Some(at * BITS + bits.trailing_zeros())
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        let (word, bit) = split(number);
        self.words.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Checks that the upper row says what the lower one holds, and panics if not.
    pub(super) fn validate(&self) {
        for (number, word) in (0_u32..).zip(&self.words) {
            let (at, bit) = split(number);
            let noted = self.summary[at] & bit != 0;
            assert_eq!(noted, *word != 0, "word {number} of the bitmap");
        }
    }
}

/// The place of a number: word and bit.
#[inline]
const fn split(number: u32) -> (usize, u64) {
    ((number / BITS) as usize, 1 << (number % BITS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_set(
            bound in prop_oneof![1_u32..200, 4_000_u32..20_000],
            steps in prop::collection::vec((any::<bool>(), any::<u32>(), any::<u32>()), 1..200),
        ) {
            let mut bitmap = Bitmap::new(bound);
            let mut set = BTreeSet::new();
            for (add, number, from) in steps {
                let number = number % bound;
                if add {
                    bitmap.set(number);
                    set.insert(number);
                } else {
                    // Half of the removals hit a member.
                    let number = set.range(number..).next().copied().unwrap_or(number);
                    bitmap.clear(number);
                    set.remove(&number);
                }
                bitmap.validate();
                for from in [0, number, number + 1, from % bound, bound, bound + 64, u32::MAX] {
                    prop_assert_eq!(bitmap.first_from(from), set.range(from..).next().copied());
                }
                prop_assert_eq!(bitmap.contains(number), set.contains(&number));
            }
        }
    }
}
