//! Runs a script on a carrier, and says at which line it is not as it is written.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use crate::carrier::{Carrier, Failure, Heard, Kind};
use crate::script::{Act, Names, Pattern, Script, Step, sayable};
use crate::setup;

/// Runs a script.
///
/// # Errors
/// The line at which something else was heard than is written there, with both.
pub fn run(script: &Script, kind: &Kind) -> Result<(), String> {
    let set = script.steps.iter().filter_map(|step| match &step.act {
        Act::Set(key, value) => Some((key.as_str(), value.as_str())),
        _ => None,
    });
    let config = setup::config(set).map_err(|why| format!("{}: {why}", script.name))?;
    let carrier = (kind.start)(config).map_err(|why| format!("{} on {}: {why}", script.name, kind.name))?;
    let names = Names::on(carrier.host());
    let mut run = Run { carrier, names, inboxes: BTreeMap::new() };
    for step in &script.steps {
        run.step(step).map_err(|why| told(script, kind, step.number, &step.text, &why.0, &run.inboxes))?;
    }
    let last = script.steps.last().map_or(0, |step| step.number);
    run.leave().map_err(|why| told(script, kind, last, "(the end)", &why.0, &run.inboxes))
}

fn told(
    script: &Script,
    kind: &Kind,
    number: usize,
    text: &str,
    why: &str,
    inboxes: &BTreeMap<String, VecDeque<Heard>>,
) -> String {
    let mut told = format!("{}:{number} on {}\n    {text}\n{why}\n", script.name, kind.name);
    for (who, inbox) in inboxes.iter().filter(|(_, inbox)| !inbox.is_empty()) {
        // Writing to a text cannot fail.
        let _ = writeln!(told, "not mentioned yet of what {who} heard:");
        inbox.iter().take(LEFT_MAX).for_each(|heard| {
            let _ = writeln!(told, "    {}", shown(heard));
        });
    }
    told
}

/// Lines of each person that a failure shows.
const LEFT_MAX: usize = 12;

struct Run {
    carrier: Box<dyn Carrier>,
    names: Names,
    /// What was heard and not mentioned yet.
    inboxes: BTreeMap<String, VecDeque<Heard>>,
}

impl Run {
    fn step(&mut self, step: &Step) -> Result<(), Failure> {
        match &step.act {
            Act::Set(..) | Act::On(_) => Ok(()),
            Act::Connect(names, capabilities) => {
                names.iter().try_for_each(|who| self.connect(who, capabilities))
            }
            Act::Open(names) => names.iter().try_for_each(|who| self.open(who)),
            Act::Advance(ms) => self.carrier.advance(*ms),
            Act::HangUp(who) => {
                self.hear(who)?;
                self.nothing_left(who)?;
                self.carrier.hang_up(who)?;
                self.inboxes.remove(who);
                Ok(())
            }
            Act::Stop(reason) => self.carrier.stop(reason),
            Act::Silence => {
                for who in self.inboxes.keys().cloned().collect::<Vec<_>>() {
                    self.hear(&who)?;
                    self.nothing_left(&who)?;
                }
                Ok(())
            }
            Act::Say(who, line) => {
                let line = sayable(line, &self.names).map_err(|bad| Failure(bad.to_string()))?;
                self.carrier.send(who, &line)
            }
            Act::Hear(who, text) => self.expect(who, text),
            Act::HearNothing(who) => {
                self.hear(who)?;
                self.nothing_left(who)
            }
            Act::SkipTo(who, text) => self.skip_to(who, text),
            Act::SkipAll(who) => {
                self.hear(who)?;
                let ended = self.inbox(who).back() == Some(&Heard::End);
                self.inbox(who).clear();
                if ended {
                    return Err(Failure(format!("{who}'s connection has ended, which is never skipped")));
                }
                Ok(())
            }
            Act::Closed(who) => {
                self.hear(who)?;
                match self.inbox(who).pop_front() {
                    Some(Heard::End) => {
                        self.inboxes.remove(who);
                        Ok(())
                    }
                    Some(heard) => Err(differs("the end of the connection", Some(&heard))),
                    None => Err(differs("the end of the connection", None)),
                }
            }
        }
    }

    /// At the end everything that was heard has to have been mentioned.
    fn leave(&mut self) -> Result<(), Failure> {
        for who in self.inboxes.keys().cloned().collect::<Vec<_>>() {
            self.hear(&who)?;
            self.nothing_left(&who)?;
        }
        Ok(())
    }

    fn open(&mut self, who: &str) -> Result<(), Failure> {
        if self.inboxes.contains_key(who) {
            return Err(Failure(format!("{who} is there already")));
        }
        self.carrier.open(who)?;
        self.inboxes.insert(who.to_owned(), VecDeque::new());
        Ok(())
    }

    fn connect(&mut self, who: &str, capabilities: &[String]) -> Result<(), Failure> {
        self.open(who)?;
        let negotiates = !capabilities.is_empty();
        if negotiates {
            let capabilities = capabilities.join(" ");
            self.carrier.send(who, format!("CAP REQ :{capabilities}").as_bytes())?;
            self.expect(who, &format!(":{} CAP * ACK :{capabilities}", setup::SERVER))?;
        }
        self.carrier.send(who, format!("NICK {who}").as_bytes())?;
        self.carrier.send(who, format!("USER {who} 0 * :{who}").as_bytes())?;
        if negotiates {
            self.carrier.send(who, b"CAP END")?;
        }
        self.hear(who)?;
        let welcomed = |heard: &Heard| matches!(heard, Heard::Line(line) if is_last_of_welcome(line));
        if !self.inbox(who).back().is_some_and(welcomed) {
            return Err(Failure(format!("{who} was not welcomed")));
        }
        self.inbox(who).clear();
        Ok(())
    }

    fn hear(&mut self, who: &str) -> Result<(), Failure> {
        if self.inboxes.contains_key(who) {
            let heard = self.carrier.hear(who)?;
            self.inbox(who).extend(heard);
        }
        Ok(())
    }

    fn inbox(&mut self, who: &str) -> &mut VecDeque<Heard> {
        self.inboxes.entry(who.to_owned()).or_default()
    }

    fn expect(&mut self, who: &str, text: &str) -> Result<(), Failure> {
        let pattern = Pattern::parse(text, &self.names).map_err(|bad| Failure(bad.to_string()))?;
        self.hear(who)?;
        match self.inbox(who).pop_front() {
            Some(Heard::Line(line)) if pattern.matches(&line, &mut self.names) => Ok(()),
            heard => Err(differs(text, heard.as_ref())),
        }
    }

    fn skip_to(&mut self, who: &str, text: &str) -> Result<(), Failure> {
        let pattern = Pattern::parse(text, &self.names).map_err(|bad| Failure(bad.to_string()))?;
        self.hear(who)?;
        let fits = |heard: &Heard| matches!(heard, Heard::Line(line) if pattern.matches(line, &mut self.names.clone()));
        let inbox =
            self.inboxes.get_mut(who).ok_or_else(|| Failure(format!("{who} is not connected any more")))?;
        let Some(index) = inbox.iter().position(fits) else {
            return Err(Failure(format!("  expected somewhere: {text}")));
        };
        if let Some(Heard::Line(line)) = inbox.drain(..=index).next_back() {
            pattern.matches(&line, &mut self.names);
        }
        Ok(())
    }

    fn nothing_left(&mut self, who: &str) -> Result<(), Failure> {
        match self.inbox(who).front() {
            None => Ok(()),
            Some(heard) => {
                Err(Failure(format!("  expected: silence for {who}\n  heard:    {}", shown(heard))))
            }
        }
    }
}

fn is_last_of_welcome(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    wire::Message::parse(&line).is_ok_and(|message| matches!(message.verb, "376" | "422"))
}

fn differs(expected: &str, heard: Option<&Heard>) -> Failure {
    let heard = heard.map_or("(nothing)".to_owned(), shown);
    Failure(format!("  expected: {expected}\n  heard:    {heard}"))
}

fn shown(heard: &Heard) -> String {
    match heard {
        Heard::Line(line) => match std::str::from_utf8(line) {
            Ok(line) => line.to_owned(),
            Err(_) => format!("{line:?} (not UTF-8)"),
        },
        Heard::End => "(the end of the connection)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carrier::KINDS;

    /// What a run of a script says, on every carrier.
    fn outcomes(text: &str) -> Vec<String> {
        let script = Script::parse("a.chat", text).unwrap_or_else(|bad| panic!("{bad}"));
        KINDS.iter().map(|kind| run(&script, kind).err().unwrap_or_default()).collect()
    }

    #[test]
    fn what_is_not_as_it_is_written_is_said_with_its_line() {
        #[rustfmt::skip]
        let table = [
            ("al > PING x\nal < :srv PONG srv :y\n",             "a.chat:4 on ", "heard:    :srv PONG srv :x"),
            ("al > PONG x\nal < :srv PONG srv :x\n",             "a.chat:4 on ", "heard:    (nothing)"),
            ("al > PING x\nal hears nothing\n",                  "a.chat:4 on ", "silence for al"),
            ("al > PING x\nnobody hears anything\n",             "a.chat:4 on ", "silence for al"),
            ("bo > PRIVMSG al :hi\nbo hears nothing\n",          "(the end)",    "heard:    :bo!bo@"),
            ("bo > NICK al\nbo < :srv 433 bo al :{*}\nbo closed\n", "a.chat:5 on ", "the end of the connection"),
            ("al > QUIT\nal skips to ERROR :{*}\nbo hears nothing\n", "(the end)", "(the end of the connection)"),
            ("al > PING x\nal skips to {*} PING {*}\n",          "a.chat:4 on ", "expected somewhere"),
            ("al > QUIT\nal skips everything\nal closed\n",      "a.chat:4 on ", "is never skipped"),
            ("al > QUIT\nal < ERROR :{*}\nal closed\nal > PING x\n", "a.chat:6 on ", "not connected any more"),
            ("connect al\n",                                     "a.chat:3 on ", "al is there already"),
            ("al > PING {x}\nal hears nothing\n",                "a.chat:3 on ", "was not heard yet"),
        ];
        for (text, place, what) in table {
            let asserts = if text == "connect al\n" { "al hears nothing\n" } else { "" };
            for outcome in outcomes(&format!("# T\nconnect al bo\n{text}{asserts}")) {
                assert!(outcome.contains(place) && outcome.contains(what), "{text}{outcome}");
            }
        }
    }

    #[test]
    fn people_who_cannot_come_in_are_missed() {
        for outcome in outcomes("# T\nconnect al\nconnect AL\nal hears nothing\n") {
            assert!(outcome.contains("a.chat:3") && outcome.contains("AL was not welcomed"), "{outcome}");
        }
        for outcome in outcomes("# T\nconnect al with no-such-thing\nal hears nothing\n") {
            assert!(outcome.contains("a.chat:2") && outcome.contains("CAP * NAK"), "{outcome}");
        }
        for outcome in outcomes("# T\nset limits.nicks 3\nconnect al\nal hears nothing\n") {
            assert!(outcome.contains("limits.nicks"), "{outcome}");
        }
    }
}
