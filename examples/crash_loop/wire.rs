//! What goes through the pipes: a line each, words between blanks.
//!
//! | from the child | |
//! |---|---|
//! | `WRITE at ticket id PLACE qty price` | a new order; `id` and `ticket` are for the judge, the exchange does not look at them |
//! | `WRITE at ticket id MODIFY number price` | a new price for all that is left |
//! | `WRITE at ticket id CANCEL number` | a cancel of all that is left |
//! | `LIST at` | the order list, please |
//! | `REPORT absent unresolved-ids|known` | what the child knows: `-` or ids by commas, then `number:id:filled:left` by commas |
//!
//! | to the child | |
//! |---|---|
//! | `FILLED number qty price` | a notice; the answer to the request follows |
//! | `ACCEPTED number`, `REFUSED`, `SILENCE` | the answer, or that there will be none |
//! | `ROW number command original qty price filled left at`, …, `END` | the list |

use std::fmt::Write;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Write(Writing),
    List { at: u64 },
    Report(Report),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Writing {
    pub(crate) at: u64,
    pub(crate) ticket: u64,
    pub(crate) id: u64,
    pub(crate) what: What,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What {
    Place { qty: u64, price: i64 },
    Modify { number: u64, price: i64 },
    Cancel { number: u64 },
}

/// What a child says once it has nothing left to look for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) absent: u32,
    pub(crate) unresolved: u32,
    /// Orders whose fate it cannot decide.
    pub(crate) undecided: Vec<u64>,
    pub(crate) known: Vec<Known>,
}

/// An order of the exchange, as the child sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) number: u64,
    pub(crate) id: u64,
    pub(crate) filled: u64,
    pub(crate) left: u64,
}

impl Request {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["LIST", at] => Some(Self::List {
                at: at.parse().ok()?,
            }),
            ["WRITE", at, ticket, id, what @ ..] => Some(Self::Write(Writing {
                at: at.parse().ok()?,
                ticket: ticket.parse().ok()?,
                id: id.parse().ok()?,
                what: match what {
                    ["PLACE", qty, price] => What::Place {
                        qty: qty.parse().ok()?,
                        price: price.parse().ok()?,
                    },
                    ["MODIFY", number, price] => What::Modify {
                        number: number.parse().ok()?,
                        price: price.parse().ok()?,
                    },
                    ["CANCEL", number] => What::Cancel {
                        number: number.parse().ok()?,
                    },
                    _ => return None,
                },
            })),
            ["REPORT", absent, undecided, known] => {
                let undecided: Vec<u64> = list(undecided)
                    .map(|id| id.parse().ok())
                    .collect::<Option<_>>()?;
                Some(Self::Report(Report {
                    absent: absent.parse().ok()?,
                    unresolved: u32::try_from(undecided.len()).ok()?,
                    undecided,
                    known: list(known).map(Known::parse).collect::<Option<_>>()?,
                }))
            }
            _ => None,
        }
    }

    pub(crate) fn line(&self) -> String {
        match self {
            Self::List { at } => format!("LIST {at}\n"),
            Self::Write(Writing {
                at,
                ticket,
                id,
                what: What::Place { qty, price },
            }) => format!("WRITE {at} {ticket} {id} PLACE {qty} {price}\n"),
            Self::Write(Writing {
                at,
                ticket,
                id,
                what: What::Modify { number, price },
            }) => format!("WRITE {at} {ticket} {id} MODIFY {number} {price}\n"),
            Self::Write(Writing {
                at,
                ticket,
                id,
                what: What::Cancel { number },
            }) => format!("WRITE {at} {ticket} {id} CANCEL {number}\n"),
            Self::Report(report) => {
                let mut line = format!("REPORT {} -", report.absent);
                for id in &report.undecided {
                    write!(line, ",{id}").unwrap();
                }
                line.push_str(" -");
                for known in &report.known {
                    let Known {
                        number,
                        id,
                        filled,
                        left,
                    } = known;
                    write!(line, ",{number}:{id}:{filled}:{left}").unwrap();
                }
                line.push('\n');
                line
            }
        }
    }
}

impl Known {
    fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<u64> = text
            .split(':')
            .map(|number| number.parse().ok())
            .collect::<Option<_>>()?;
        let &[number, id, filled, left] = numbers.as_slice() else {
            return None;
        };
        Some(Self {
            number,
            id,
            filled,
            left,
        })
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').skip(1)
}
