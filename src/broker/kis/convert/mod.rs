//! Between KIS's records and the domain. Vendor words end here.

pub(super) mod account;
pub(super) mod division;
pub(super) mod feed;
pub(super) mod market;
pub(super) mod notice;
pub(super) mod number;
pub(super) mod refusals;
pub(super) mod rows;
