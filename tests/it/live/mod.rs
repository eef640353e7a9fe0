//! A dealer over a scripted wire, under paused time.

mod days;
mod news;
mod process;
mod sending;
mod support;
