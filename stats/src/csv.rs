//! Values separated by commas (RFC 4180): a row for each look at the server, or for each room.

use std::io::{self, Write};

use segment::{Counter, Value};

use crate::sample::Sample;
use crate::text::is_harmful;

/// What is known of a histogram besides its counters.
const SHARES: [(&str, f64); 3] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)];

/// Whose values the rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// One of the server.
    Server,
    /// One for each room.
    Rooms,
}

/// Writes rows below one line of titles.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Rows,
    titles: Option<Vec<String>>,
}

impl Table {
    /// Nothing is written yet.
    pub fn new(rows: Rows) -> Table {
        Table { rows, titles: None }
    }

    /// Writes what a sample has. A server that counts something else than the one before gets a new line of titles.
    pub fn write(&mut self, sample: &Sample, out: &mut dyn Write) -> io::Result<()> {
        let first = [sample.taken.wall_ms.to_string(), sample.state.word().to_owned()];
        match self.rows {
            Rows::Server => {
                self.head(&["taken_ms", "state"], &sample.snapshot.counters, out)?;
                row(first.into_iter().chain(cells(&sample.snapshot.counters)), out)
            }
            Rows::Rooms => {
                for room in &sample.snapshot.rooms {
                    self.head(&["taken_ms", "state", "room", "open"], &room.counters, out)?;
                    let named = first.clone().into_iter().chain([text(&room.name), room.open.to_string()]);
                    row(named.chain(cells(&room.counters)), out)?;
                }
                Ok(())
            }
        }
    }

    fn head(&mut self, first: &[&str], counters: &[Counter], out: &mut dyn Write) -> io::Result<()> {
        let mut titles: Vec<String> = first.iter().map(|title| (*title).to_owned()).collect();
        for counter in counters {
            let name = counter.name();
            match &counter.value {
                Value::Number(_) => titles.push(text(name)),
                Value::Histogram(_) => {
                    let parts = ["count", "sum"].into_iter().chain(SHARES.map(|(title, _)| title));
                    titles.extend(parts.map(|part| text(&format!("{name}.{part}"))));
                }
            }
        }
        if self.titles.as_ref() == Some(&titles) {
            return Ok(());
        }
        row(titles.iter().cloned(), out)?;
        self.titles = Some(titles);
        Ok(())
    }
}

fn cells(counters: &[Counter]) -> impl Iterator<Item = String> {
    counters.iter().flat_map(|counter| match &counter.value {
        Value::Number(number) => vec![number.to_string()],
        Value::Histogram(histogram) => {
            let mut cells = vec![histogram.count.to_string(), histogram.sum.to_string()];
            let bound = |share| histogram.quantile(share).filter(|bound| *bound < u64::MAX);
            // Nothing stands where nothing is known.
            cells.extend(
                SHARES.map(|(_, share)| bound(share).map_or(String::new(), |bound| bound.to_string())),
            );
            cells
        }
    })
}

fn row(cells: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", cells.collect::<Vec<_>>().join(","))
}

/// A text as a cell. Nothing in it commands a terminal, or a table program: those take it for a formula if it begins
/// like one.
fn text(text: &str) -> String {
    let mut cell: String =
        text.chars().map(|letter| if is_harmful(letter) { '\u{fffd}' } else { letter }).collect();
    if cell.starts_with(['=', '+', '-', '@']) {
        cell.insert(0, '\'');
    }
    if cell.contains([',', '"', ' ']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn texts_are_cells() {
        for (said, cell) in [
            ("#lobby", "#lobby"),
            ("#a,b", "\"#a,b\""),
            ("#say\"hi\"", "\"#say\"\"hi\"\"\""),
            ("+local", "'+local"),
            ("#\u{1b}[2J\n", "#\u{fffd}[2J\u{fffd}"),
        ] {
            assert_eq!(text(said), cell);
        }
    }
}
