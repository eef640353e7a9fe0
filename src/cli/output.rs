//! The one place that writes to stdout. A reader that goes away ends the program quietly.

use std::io::{self, StdoutLock, Write};

use serde::Serialize;

use super::exit::Failure;

/// Stdout, as tables for people or JSON for programs.
#[derive(Debug)]
pub(crate) struct Output {
    out: io::BufWriter<StdoutLock<'static>>,
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            out: io::BufWriter::new(io::stdout().lock()),
            json,
        }
    }

    /// One answer: the JSON of `value`, or what `people` makes of it.
    pub(crate) fn answer<T: Serialize>(
        &mut self,
        value: &T,
        people: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            serde_json::to_writer_pretty(&mut self.out, value)?;
            writeln!(self.out)?;
        } else {
            writeln!(self.out, "{}", people(value))?;
        }
        self.out.flush()?;
        Ok(())
    }

    /// A line of an answer that is still under way, for people; programs get the answer whole.
    pub(crate) fn progress(&mut self, people: impl FnOnce() -> String) -> Result<(), Failure> {
        if !self.json {
            writeln!(self.out, "{}", people())?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// The whole of an answer whose lines people have seen already.
    pub(crate) fn whole<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        if self.json {
            self.answer(value, |_| String::new())?;
        }
        Ok(())
    }

    /// One of many answers, each on its line.
    pub(crate) fn line<T: Serialize>(
        &mut self,
        value: &T,
        people: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            serde_json::to_writer(&mut self.out, value)?;
            writeln!(self.out)?;
        } else {
            writeln!(self.out, "{}", people(value))?;
        }
        // Whoever reads a stream wants each line when it happens.
        self.out.flush()?;
        Ok(())
    }
}
