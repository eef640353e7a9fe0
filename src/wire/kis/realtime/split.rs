//! Where the values of a frame begin: the one pass over every byte.
//!
//! 64 bytes become a mask of 64 bits with a bit for each separator: four comparisons of SSE2 on any x86-64, and what `wide` has
//! elsewhere. Measured, a block takes 2 ns; gathering comparisons of `u64` by multiplication takes 5 to 9 ns. [`starts_bytewise`]
//! is the obvious twin; a test holds the two equal.

use wide::u8x16;

/// Between values.
pub(super) const SEPARATOR: u8 = b'^';

/// Bytes that become one mask.
const BLOCK: usize = 64;

/// Writes where each value of `text[from..]` begins, and one place beyond the separator that would follow the last. Returns the
/// number of values, or `None` beyond `values_max`.
///
/// `starts` only grows, so that a buffer in use allocates nothing; what lies beyond the written places is left over.
/// `text` is at most 2^32 - 2 bytes long.
pub(super) fn starts(
    text: &[u8],
    from: usize,
    values_max: usize,
    starts: &mut Vec<u32>,
) -> Option<usize> {
    let mut written = 0;
    make_room(starts, 1);
    starts[0] = place(from);
    let (blocks, rest) = text.get(from..)?.as_chunks::<BLOCK>();
    let mut base = from;
    for block in blocks {
        written = note(mask(block), base, written, values_max, starts)?;
        base += BLOCK;
    }
    if !rest.is_empty() {
        let mask = match text.last_chunk::<BLOCK>() {
            // The bits before the rest belong to what is already noted, or to the head.
            Some(block) => mask(block) >> (BLOCK - rest.len()),
            None => {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                mask(&block)
            }
        };
        written = note(mask, base, written, values_max, starts)?;
    }
    make_room(starts, written + 2);
    starts[written + 1] = place(text.len() + 1);
    Some(written + 1)
}

/// Notes the separators of a block that begins at `base`.
///
/// Eight places are written at once, whether there are as many or not: the next block writes over those beyond, and a loop that
/// ends after a number of places that nobody can foretell costs more than they do.
#[inline]
fn note(
    mut mask: u64,
    base: usize,
    written: usize,
    values_max: usize,
    starts: &mut Vec<u32>,
) -> Option<usize> {
    const AT_ONCE: usize = 8;
    /// A number with it is not zero, and its lowest bit is where it was before.
    const NOT_ZERO: u64 = 1 << 63;
    let written_after = written + mask.count_ones() as usize;
    if written_after >= values_max {
        return None;
    }
    make_room(starts, written + 1 + BLOCK);
    let places = starts[written + 1..].first_chunk_mut::<BLOCK>()?;
    let base = place(base) + 1;
    let (groups, _) = places.as_chunks_mut::<AT_ONCE>();
    for group in groups {
        for place in group {
            *place = base + (mask | NOT_ZERO).trailing_zeros();
            mask &= mask.wrapping_sub(1);
        }
        if mask == 0 {
            break;
        }
    }
    Some(written_after)
}

#[inline]
fn make_room(starts: &mut Vec<u32>, len: usize) {
    if starts.len() < len {
        starts.resize(len + BLOCK, 0);
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a text is at most as long as the caller promises"
)]
fn place(at: usize) -> u32 {
    at as u32
}

/// One bit for each separator, the lowest for the first byte.
#[inline]
fn mask(block: &[u8; BLOCK]) -> u64 {
    let separator = u8x16::splat(SEPARATOR);
    let (parts, _) = block.as_chunks::<16>();
    parts.iter().rev().fold(0, |mask, part| {
        let equal = u8x16::new(*part).simd_eq(separator);
        mask << 16 | u64::from(equal.to_bitmask())
    })
}

/// As [`starts`], a byte at a time.
#[cfg(test)]
fn starts_bytewise(text: &[u8], from: usize) -> Vec<u32> {
    let after = |(at, byte): (usize, &u8)| (*byte == SEPARATOR).then(|| place(at + 1));
    let mut starts = vec![place(from)];
    starts.extend(text.iter().enumerate().skip(from).filter_map(after));
    starts.push(place(text.len() + 1));
    starts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(text: &[u8], from: usize, buffer: &mut Vec<u32>) -> Vec<u32> {
        let values = starts(text, from, usize::MAX, buffer).expect("no bound");
        buffer[..=values].to_vec()
    }

    #[test]
    fn values_may_be_empty() {
        let mut buffer = Vec::new();
        assert_eq!(places(b"", 0, &mut buffer), [0, 1]);
        assert_eq!(places(b"^", 0, &mut buffer), [0, 1, 2]);
        assert_eq!(places(b"head|a^^b^", 5, &mut buffer), [5, 7, 8, 10, 11]);
    }

    #[test]
    fn too_many_values_are_refused() {
        let text = [SEPARATOR; 200];
        let mut buffer = Vec::new();
        assert_eq!(starts(&text, 0, 201, &mut buffer), Some(201));
        assert_eq!(starts(&text, 0, 200, &mut buffer), None);
        assert_eq!(starts(&text, 0, 1, &mut buffer), None);
    }

    proptest! {
        #[test]
        fn blocks_find_what_single_bytes_find(
            text in proptest::collection::vec(prop_oneof![Just(SEPARATOR), any::<u8>()], 0..400),
            from in 0_usize..100,
            left_over in proptest::collection::vec(any::<u32>(), 0..90),
        ) {
            let from = from.min(text.len());
            let mut buffer = left_over;
            prop_assert_eq!(places(&text, from, &mut buffer), starts_bytewise(&text, from));
        }
    }
}
