//! The values of a record, by name: one table for each form of record.
//!
//! A table is an enum whose members stand in the order of the wire, under the vendor's own names. Sources: the field tables of
//! the KIS developer portal, as of July 2026; what frames hold beyond those tables says so.

/// A named place in a record.
pub trait Field: Copy + std::fmt::Debug + PartialEq + 'static {
    /// Every place, in the order of the wire.
    const ALL: &'static [Self];

    /// How many values stand before it.
    fn index(self) -> usize;

    /// The vendor's name.
    fn name(self) -> &'static str;
}

/// Defines a table of fields from their names.
macro_rules! fields {
    (
        $(#[$meta:meta])*
        pub enum $table:ident {
            $( $(#[$vmeta:meta])* $field:ident ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[expect(non_camel_case_types, reason = "the vendor's names, as its manual prints them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $table {
            $( $(#[$vmeta])* $field ),+
        }

        impl $crate::wire::kis::realtime::Field for $table {
            const ALL: &'static [Self] = &[$( Self::$field ),+];

            #[inline]
            fn index(self) -> usize {
                self as usize
            }

            fn name(self) -> &'static str {
                const NAMES: &[&str] = &[$( stringify!($field) ),+];
                NAMES[self as usize]
            }
        }
    };
}
pub(super) use fields;
