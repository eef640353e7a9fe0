//! A store of records under stable keys that does not allocate once it has grown.

use std::ops::{Index, IndexMut};

/// Records under keys. A key is reused after `remove`, the last freed first.
#[derive(Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Slab<T> {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            slots: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn insert(&mut self, value: T) -> usize {
        if let Some(key) = self.free.pop() {
            self.slots[key] = Some(value);
            return key;
        }
        self.slots.push(Some(value));
        self.slots.len() - 1
    }

    pub(super) fn remove(&mut self, key: usize) -> Option<T> {
        let value = self.slots.get_mut(key)?.take();
        if value.is_some() {
            self.free.push(key);
        }
        value
    }

    /// Removes a record where it stands, without reading it.
    pub(super) fn clear(&mut self, key: usize) {
        if let Some(slot) = self.slots.get_mut(key)
            && slot.is_some()
        {
            *slot = None;
            self.free.push(key);
        }
    }

    /// The records in the order of their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(key, slot)| slot.as_ref().map(|value| (key, value)))
    }
}

impl<T> Index<usize> for Slab<T> {
    type Output = T;

    fn index(&self, key: usize) -> &T {
        // Keys never come from outside, and whoever removes a record removes every key of it.
        self.slots[key].as_ref().expect("a live key")
    }
}

impl<T> IndexMut<usize> for Slab<T> {
    fn index_mut(&mut self, key: usize) -> &mut T {
        // As above.
        self.slots[key].as_mut().expect("a live key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_and_are_reused() {
        let mut slab = Slab::with_capacity(2);
        let (a, b) = (slab.insert('a'), slab.insert('b'));
        assert_eq!((slab.remove(a), slab.remove(a)), (Some('a'), None));
        let c = slab.insert('c');
        assert_eq!((c, slab[b], slab.len()), (a, 'b', 2));
        slab[b] = 'd';
        assert!(slab.iter().map(|(_, &value)| value).eq(['c', 'd']));
    }
}
