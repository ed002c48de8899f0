//! Tables as text.

use std::fmt;

/// Between two columns.
const GAP: &str = "  ";

/// A table: its head, and rows of as many cells or lines that go across.
#[derive(Clone, Debug, Default)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
enum Row {
    Across(String),
    Cells(Vec<String>),
}

impl Table {
    /// A table with a head and no rows. The first column begins at the left, the others end at the right.
    pub fn new<'a>(head: impl IntoIterator<Item = &'a str>) -> Self {
        Self { head: head.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// A line across all columns.
    pub fn across(&mut self, text: impl Into<String>) {
        self.rows.push(Row::Across(text.into()));
    }

    /// A row of as many cells as the head has.
    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.head.len(), "a cell for each column");
        self.rows.push(Row::Cells(cells));
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| match row {
            Row::Cells(cells) => Some(cells[column].chars().count()),
            Row::Across(_) => None,
        });
        cells.chain([self.head[column].chars().count()]).max().unwrap_or_default()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.head.len()).map(|column| self.width(column)).collect();
        let line = |cells: &[String]| {
            let mut text = String::new();
            for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                text.push_str(&match column {
                    0 => format!("{cell:<width$}"),
                    _ => format!("{GAP}{cell:>width$}"),
                });
            }
            text.trim_end().to_owned()
        };
        writeln!(f, "{}", line(&self.head))?;
        for row in &self.rows {
            match row {
                Row::Across(text) => writeln!(f, "{text}")?,
                Row::Cells(cells) => writeln!(f, "{}", line(cells))?,
            }
        }
        Ok(())
    }
}

/// A number with so many digits after the point, and thousands set apart.
pub fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    match rest {
        Some(rest) => format!("{out}.{rest}"),
        None => out,
    }
}

/// The middle one of some values.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        count if count % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must() {
        let mut table = Table::new(["what", "a", "ratio"]);
        table.across("flood: one talks");
        table.row(vec!["  µs".to_owned(), number(1234.5, 1), number(0.5, 2)]);
        assert_eq!(table.to_string(), "what        a  ratio\nflood: one talks\n  µs  1,234.5   0.50\n");
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        let written = [(0.0, 0), (999.4, 0), (1000.0, 0), (-1234567.0, 1), (0.0864, 3)];
        let written = written.map(|(value, digits)| number(value, digits));
        assert_eq!(written, ["0", "999", "1,000", "-1,234,567.0", "0.086"]);
    }

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(
            (median(&[]), median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0])),
            (None, Some(2.0), Some(2.5))
        );
    }
}
