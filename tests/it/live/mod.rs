//! A dealer over a scripted wire, under paused time.

mod chaos;
mod days;
mod news;
mod process;
mod sending;
mod support;
