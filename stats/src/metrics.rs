//! A sample as metrics for Prometheus: OpenMetrics text, or the format before that.
//!
//! A server that does not live has no values: only that it is down, and for how long. Otherwise every picture that is
//! made of them would go on as if nothing had happened.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};

use segment::{About, Counter, CounterKind, Value};

use crate::args::Format;
use crate::sample::{Sample, State};
use crate::text::is_harmful;

/// What all names begin with.
const PREFIX: &str = "parlor_";
/// Counters of commands are one metric with a label.
const COMMAND: &str = "command.";

/// The type that an HTTP answer has.
pub(crate) fn content_type(format: Format) -> &'static str {
    match format {
        Format::Openmetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        Format::Text => "text/plain; version=0.0.4; charset=utf-8",
    }
}

/// All metrics of a sample. Without one there is only one: nothing is up.
pub(crate) fn metrics(sample: Option<&Sample>, format: Format) -> String {
    let mut page = Page { text: String::new(), names: BTreeSet::new(), format };
    let up = sample.is_some_and(|sample| sample.state.is_live());
    page.gauge("up", "Whether a server lives and its segment can be read.", &[], up.into());
    if let Some(sample) = sample {
        about_the_server(sample, &mut page);
        if up {
            values(sample, &mut page);
        }
    }
    if format == Format::Openmetrics {
        page.text.push_str("# EOF\n");
    }
    page.text
}

fn about_the_server(sample: &Sample, page: &mut Page) {
    let server = &sample.server;
    let words = [State::Live.word(), "stale", "dead", "stopped", "retired"];
    let current = if sample.state.is_live() { State::Live.word() } else { sample.state.word() };
    let states: Vec<_> =
        words.into_iter().map(|word| (vec![("state", word)], f64::from(word == current))).collect();
    page.gauges("state", "How the server is: 1 at one of the states.", &states);
    let (pid, key) = (server.pid.to_string(), server.key.to_string());
    let layout = format!("{}.{}", server.layout.0, server.layout.1);
    let labels = [("pid", pid.as_str()), ("key", &key), ("layout", &layout)];
    page.gauge("server", "The process that serves, and its segment.", &labels, 1.0);
    page.gauge("epoch", "Incarnations of servers on this segment.", &[], server.epoch as f64);
    page.gauge(
        "start_time_seconds",
        "When this one began, since 1970.",
        &[],
        server.started_ms as f64 / 1000.0,
    );
    let silent = server.silent.as_secs_f64();
    page.gauge("heartbeat_age_seconds", "Since the server last showed that it lives.", &[], silent);
}

fn values(sample: &Sample, page: &mut Page) {
    let (commands, others): (Vec<&Counter>, Vec<&Counter>) =
        sample.snapshot.counters.iter().partition(|counter| counter.name().starts_with(COMMAND));
    for counter in others {
        let family = Family::of(&counter.about, "");
        page.family(&family, &[(Vec::new(), counter)]);
    }
    if let Some(first) = commands.first() {
        let help = "Times that a command was used.".to_owned();
        let about = About { name: "commands".to_owned(), help, ..About::clone(&first.about) };
        let mut samples = Vec::new();
        for counter in commands.iter().copied() {
            samples.push((vec![("command", counter.name()[COMMAND.len()..].to_owned())], counter));
        }
        page.family(&Family::of(&about, ""), &samples);
    }
    for about in &sample.room_fields {
        let open = sample.snapshot.rooms.iter().filter(|room| room.open);
        let found =
            open.filter_map(|room| Some((vec![("room", room.name.clone())], room.counter(&about.name)?)));
        let samples: Vec<_> = found.collect();
        if !samples.is_empty() {
            page.family(&Family::of(about, "room_"), &samples);
        }
    }
}

/// A metric: its name without what its kind appends, and how many digits of its values stand behind the point.
struct Family {
    name: String,
    help: String,
    kind: CounterKind,
    digits: usize,
}

impl Family {
    fn of(about: &About, prefix: &str) -> Family {
        let digits = match about.unit.as_str() {
            "ns" => 9,
            "us" => 6,
            "ms" | "1/1000 s" | "B/1000 s" => 3,
            _ => 0,
        };
        let name = family_name(&about.name, &about.unit, prefix);
        let help = about.help.replace("per 1000 seconds", "per second");
        Family { name, help, kind: about.kind, digits }
    }

    /// Exactly, as a decimal.
    fn value(&self, number: u64) -> String {
        let digits = self.digits;
        let padded = format!("{number:0>width$}", width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        }
    }
}

/// The name of a metric. Prometheus wants seconds and bytes, and wants them in the name.
pub(crate) fn family_name(name: &str, unit: &str, prefix: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let named: String = name.chars().map(letter).collect();
    let named = named.trim_end_matches("_total").trim_end_matches("_ms");
    let suffix = match unit {
        "ns" | "us" | "ms" => "_seconds",
        "bytes" if !named.contains("bytes") => "_bytes",
        _ => "",
    };
    format!("{PREFIX}{prefix}{named}{suffix}")
}

/// Labels, and the value that has them.
type Labelled<'a, T> = (Vec<(&'a str, String)>, T);

struct Page {
    text: String,
    /// Names that are taken: none may be there twice.
    names: BTreeSet<String>,
    format: Format,
}

impl Page {
    fn gauge(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.gauges(name, help, &[(labels.to_vec(), value)]);
    }

    fn gauges(&mut self, name: &str, help: &str, samples: &[(Vec<(&str, &str)>, f64)]) {
        let name = format!("{PREFIX}{name}");
        self.head(&name, "gauge", help);
        for (labels, value) in samples {
            self.sample(&name, labels.iter().copied(), value);
        }
    }

    fn family(&mut self, family: &Family, samples: &[Labelled<'_, &Counter>]) {
        match family.kind {
            CounterKind::Gauge => self.numbers(&family.name, "gauge", "", family, samples),
            CounterKind::Counter => self.numbers(&family.name, "counter", "_total", family, samples),
            CounterKind::Histogram => {
                if self.head(&family.name, "histogram", &family.help) {
                    samples.iter().for_each(|(_, counter)| self.histogram(family, counter));
                }
            }
        }
    }

    fn numbers(
        &mut self,
        name: &str,
        kind: &str,
        suffix: &str,
        family: &Family,
        samples: &[Labelled<'_, &Counter>],
    ) {
        let sampled = format!("{name}{suffix}");
        // The older format knows a counter by the name of its samples.
        let declared = if self.format == Format::Text { &sampled } else { name };
        if self.head(declared, kind, &family.help) {
            for (labels, counter) in samples {
                let labels = labels.iter().map(|(name, value)| (*name, value.as_str()));
                self.sample(&sampled, labels, family.value(counter.number()));
            }
        }
    }

    fn histogram(&mut self, family: &Family, counter: &Counter) {
        let Value::Histogram(histogram) = &counter.value else { return };
        let mut below = 0_u64;
        for (index, count) in histogram.buckets.iter().enumerate() {
            below = below.saturating_add(*count);
            let bound =
                histogram.bound(index).map_or("+Inf".to_owned(), |bound| decimal(family.value(bound)));
            self.sample(&format!("{}_bucket", family.name), [("le", bound.as_str())].into_iter(), below);
        }
        self.sample(&format!("{}_sum", family.name), std::iter::empty(), family.value(histogram.sum));
        self.sample(&format!("{}_count", family.name), std::iter::empty(), below);
    }

    /// Begins a metric, unless another one has its name.
    fn head(&mut self, name: &str, kind: &str, help: &str) -> bool {
        if !self.names.insert(name.to_owned()) {
            return false;
        }
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {}\n# TYPE {name} {kind}", escaped(help));
        true
    }

    fn sample<'a>(
        &mut self,
        name: &str,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
        value: impl Display,
    ) {
        let labels: Vec<String> =
            labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        // As above.
        let _ = writeln!(self.text, "{name}{labels} {value}");
    }
}

/// A bound is written like no integer.
fn decimal(text: String) -> String {
    if text.contains('.') { text } else { text + ".0" }
}

/// A text that ends neither its quotes nor its line. What a terminal would obey is spelled out, so that two names that
/// differ stay two.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            harmful if is_harmful(harmful) => {
                // As above.
                let _ = write!(escaped, "\\\\u{{{:x}}}", u32::from(harmful));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
