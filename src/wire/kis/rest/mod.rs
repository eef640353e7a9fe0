//! REST requests and answers, one file for each group of calls.

pub mod account;
pub mod auth;
pub mod balance;
pub mod book;
pub mod calendar;
pub mod candles;
pub mod credit;
pub mod envelope;
pub mod headers;
pub mod instrument;
pub mod lists;
pub mod margin;
pub mod multprice;
pub mod order;
pub mod order_body;
pub mod price;
pub mod profit;
pub mod reserved;
pub mod trades;
