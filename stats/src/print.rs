//! The modes that print samples: one, or one after the other.

use std::io::{self, Write};

use segment::About;

use crate::args::{Arguments, Format};
use crate::csv::{Rows, Table};
use crate::exit::{Exit, Failure};
use crate::feed::{Feed, Seen};
use crate::json::{self, Detail, document};
use crate::metrics::metrics;
use crate::once::{self, Cell, render, table};
use crate::rates::Rates;
use crate::sample::Sample;
use crate::text::clean;
use crate::{Ended, Stage};

/// How samples are printed.
enum Form {
    Text,
    Check,
    Json(Detail),
    Lines,
    Csv(Table),
    Metrics(Format),
    Fields,
}

impl Form {
    fn of(arguments: &Arguments) -> Form {
        match arguments {
            _ if arguments.check => Form::Check,
            _ if arguments.json && arguments.compact => Form::Json(Detail::Compact),
            _ if arguments.json => Form::Json(Detail::Full),
            _ if arguments.jsonl => Form::Lines,
            _ if arguments.csv && arguments.room.is_empty() => Form::Csv(Table::new(Rows::Server)),
            _ if arguments.csv => Form::Csv(Table::new(Rows::Rooms)),
            _ if arguments.list_fields => Form::Fields,
            _ => arguments.prom.map_or(Form::Text, Form::Metrics),
        }
    }

    fn print(&mut self, sample: &Sample, before: Option<&Sample>, out: &mut dyn Write) -> io::Result<()> {
        let described = |detail| {
            let mut document = document(sample, detail);
            if let Some(rates) = before.and_then(|before| Rates::between(before, sample)) {
                document["per_second"] = json::per_second(sample, &rates);
            }
            document
        };
        match self {
            Form::Text if before.is_some() => write!(out, "\n{}", render(sample)),
            Form::Text => write!(out, "{}", render(sample)),
            Form::Check => writeln!(out, "{}", once::headline(sample)),
            Form::Json(detail) => writeln!(out, "{}", json::pretty(&described(*detail))),
            Form::Lines => writeln!(out, "{}", json::line(&described(Detail::Compact))),
            Form::Csv(table) => table.write(sample, out),
            Form::Metrics(format) => write!(out, "{}", metrics(Some(sample), *format)),
            Form::Fields => write!(out, "{}", fields(sample)),
        }
    }
}

/// Looks and prints, as often as is wanted. The first look has to succeed; afterwards the server may come and go.
pub(crate) fn print(arguments: &Arguments, stage: &mut Stage<'_>) -> Result<Exit, Ended> {
    let (every, mut left) = arguments.looks();
    let mut form = Form::of(arguments);
    let selection = arguments.selection();
    let mut feed = Feed::open(arguments)?;
    let mut exit = Exit::Live;
    let mut before: Option<Sample> = None;
    let mut trouble = None;
    while left != Some(0) {
        match feed.look(stage.clock.now())? {
            Seen::End => break,
            Seen::Sample(mut sample) => {
                if before.is_none() {
                    selection.check(&sample)?;
                }
                selection.apply(&mut sample);
                form.print(&sample, before.as_ref(), stage.out)?;
                exit = sample.state.into();
                before = Some(*sample);
                trouble = None;
            }
            Seen::Trouble(error) if before.is_none() => return Err(Failure::from(error).into()),
            Seen::Trouble(error) => {
                let failure = Failure::from(error);
                if trouble.as_ref() != Some(&failure.text) {
                    writeln!(stage.err, "parlorstat: {}", clean(&failure.text))?;
                }
                exit = failure.exit;
                trouble = Some(failure.text);
            }
        }
        stage.out.flush()?;
        left = left.map(|left| left - 1);
        if left != Some(0) {
            stage.clock.pause(feed.pause(every));
        }
    }
    Ok(exit)
}

/// What is counted, as a table.
fn fields(sample: &Sample) -> String {
    let titles = ["field", "of", "kind", "unit"].map(|title| Cell::Left(title.to_owned()));
    let mut rows = vec![titles.into_iter().chain([Cell::Last("meaning".to_owned())]).collect::<Vec<_>>()];
    let mut add = |of: &str, about: &About| {
        let cells =
            [clean(&about.name), of.to_owned(), json::kind(about.kind).to_owned(), clean(&about.unit)];
        rows.push(cells.map(Cell::Left).into_iter().chain([Cell::Last(clean(&about.help))]).collect());
    };
    sample.snapshot.counters.iter().for_each(|counter| add("server", &counter.about));
    sample.room_fields.iter().for_each(|about| add("room", about));
    let mut page = String::new();
    table(&mut page, &rows);
    page
}
