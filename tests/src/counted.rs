//! The reference of what a server counts, `docs/counters.md`, made of the tables in the code.

use std::fmt::Write;

use segment::{CounterKind, CounterRow};

const HEAD: &str = "# What Parlor counts

The tables below are made of those in the code, and a test compares them; after a change of the code,
`REWRITE=1 cargo test -p parlor-tests --test tidy` writes this file anew.

The server writes these values into its [shared segment](segment.md), and [parlorstat](parlorstat.md) shows them. A *counter*
only grows and survives a restart, a *gauge* goes up and down, and a *histogram* counts values by their magnitude.

";

/// The whole document.
pub fn counters() -> String {
    let mut text = HEAD.to_owned();
    let server = parlord::counters().iter().chain(segment::SERVER_ROWS);
    let (commands, others): (Vec<_>, Vec<_>) = server.partition(|row| row.name.starts_with("command."));
    table(&mut text, "The server", "About the server as a whole.", &others);
    let about = "One for each command, however it was answered.";
    table(&mut text, "Commands", about, &commands);
    let rooms: Vec<_> = segment::ROOM_ROWS.iter().chain(parlord::ROOM_COUNTERS).collect();
    table(&mut text, "Each room", "About each public room.", &rooms);
    text.truncate(text.trim_end().len() + 1);
    text
}

fn table(text: &mut String, title: &str, about: &str, rows: &[&CounterRow]) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "## {title}\n\n{about}\n");
    text.push_str("| name | kind | unit | meaning |\n|---|---|---|---|\n");
    for row in rows {
        let kind = match row.kind {
            CounterKind::Counter => "counter",
            CounterKind::Gauge => "gauge",
            CounterKind::Histogram => "histogram",
        };
        let _ = writeln!(text, "| `{}` | {kind} | {} | {} |", row.name, row.unit, row.help);
    }
    text.push('\n');
}
