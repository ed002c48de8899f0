//! The reference of what the server speaks, `docs/irc.md`, made of the tables in the code and of what a server says of
//! itself: nothing in it is written by hand but the sentences between the tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use engine::{ChannelFlag, MaskList, PARAMETER_MODES, Rank, UserFlag};
use parlord::Config;
use wire::{Isupport, Message, capability, numeric};

use crate::carrier::{Carrier, Direct, Heard};
use crate::coverage::Coverage;
use crate::differences::{DIFFERENCES, SHOWN_BY_TESTS, SPECIFICATIONS};
use crate::setup;

const HEAD: &str = "# What Parlor speaks

The tables below are made of those in the code, and a test compares them; after a change of the code,
`REWRITE=1 cargo test -p parlor-tests --test tidy` writes this file anew.

The rules are those of [Modern IRC](https://modern.ircdocs.horse/) and [IRCv3](https://ircv3.net/irc/); RFC 1459 and
RFC 2812 stand behind them. What the server does, line by line, is in the [chat scripts](../tests/scripts), which are
run as tests. Every row names some that show it, and where Parlor does something else than a specification says, why.

";

/// Tests that are named in a row; a reader needs no more to find his way.
const TESTS_SHOWN_MAX: usize = 3;

/// The tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Commands, by verb.
    Command,
    /// Capabilities, by name.
    Capability,
    /// Ranks of members, by letter.
    Rank,
    /// Modes of channels, by letter.
    ChannelMode,
    /// Modes of users, by letter.
    UserMode,
    /// Tokens of 005, by name.
    Token,
    /// Numerics, by their digits.
    Numeric,
    /// Limits, by their keys in the configuration.
    Limit,
    /// Specifications, by name.
    Specification,
}

/// One table of the document.
#[derive(Debug)]
pub struct Table {
    kind: Kind,
    title: &'static str,
    about: &'static str,
    head: &'static [&'static str],
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug)]
pub struct Row {
    /// Of which table.
    pub kind: Kind,
    /// What it is about; differences and tests name it so.
    pub name: String,
    cells: Vec<String>,
}

impl Row {
    fn new<const CELLS: usize>(kind: Kind, name: &str, cells: [String; CELLS]) -> Self {
        Self { kind, name: name.to_owned(), cells: cells.into() }
    }

    /// The tests that show it, as links.
    pub fn tests(&self, coverage: &Coverage) -> Vec<String> {
        let scripts = coverage.scripts(self.kind, &self.name).into_iter();
        let scripts = scripts.map(|script| format!("[{script}](../tests/scripts/{script}.chat)"));
        let others = SHOWN_BY_TESTS.iter().filter(|row| (row.0, row.1) == (self.kind, &*self.name));
        scripts.chain(others.map(|row| format!("[{}](../{})", row.3, row.2))).collect()
    }

    fn differences(&self) -> Vec<&'static str> {
        DIFFERENCES.iter().filter(|row| (row.0, row.1) == (self.kind, &*self.name)).map(|row| row.2).collect()
    }
}

/// The whole document.
///
/// # Panics
/// If a server does not explain itself.
pub fn irc() -> String {
    let coverage = Coverage::of_all_scripts();
    let mut text = HEAD.to_owned();
    for table in tables() {
        let tested = table.kind != Kind::Specification;
        let mut head = table.head.to_vec();
        head.extend(tested.then_some("tests"));
        head.push("differs from the specification, because");
        // Writing to a text cannot fail.
        let _ = writeln!(text, "## {}\n\n{}\n", table.title, table.about);
        let _ = writeln!(text, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
        for row in table.rows {
            let tests = row.tests(&coverage).into_iter().take(TESTS_SHOWN_MAX).collect::<Vec<_>>().join(", ");
            let differences = row.differences().join(" ");
            let mut cells = row.cells;
            cells.extend(tested.then_some(tests));
            cells.push(differences);
            let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len() + 1);
    text
}

/// All tables.
///
/// # Panics
/// If a server does not explain itself.
pub fn tables() -> Vec<Table> {
    let mut server = Asked::new();
    let mut tables = vec![commands(&mut server), capabilities()];
    tables.extend(modes());
    tables.extend([tokens(&server), limits(&server), numerics(), specifications()]);
    tables
}

fn commands(server: &mut Asked) -> Table {
    let listed = server.ask("HELP");
    let verbs = |line: &&Told| line.verb == "705" && !line.text.starts_with("Topics:");
    let listed = listed.iter().filter(verbs).flat_map(|line| words(&line.text));
    // Those of operators are marked.
    let verbs: Vec<String> = listed.map(|verb| verb.trim_end_matches('*').to_owned()).collect();
    assert!(verbs.len() > 20, "HELP lists the commands: {verbs:?}");
    let rows = verbs.iter().map(|verb| {
        let told = server.ask(&format!("HELP {verb}"));
        let line = |code: &str| {
            let line = told.iter().find(|line| line.verb == code && !line.text.is_empty());
            line.unwrap_or_else(|| panic!("HELP {verb} explains it: {told:?}")).text.clone()
        };
        let lines: Vec<&str> =
            told.iter().filter(|line| line.verb == "705").map(|line| &*line.text).collect();
        Row::new(Kind::Command, verb, [code(line("704").trim()), lines.join(" ").trim().to_owned()])
    });
    Table {
        kind: Kind::Command,
        title: "Commands",
        about: "The same is told by `HELP`. What stands in `[ ]` can be left out.",
        head: &["command", "what it does"],
        rows: rows.collect(),
    }
}

fn capabilities() -> Table {
    let row = |row: &capability::Capability| {
        Row::new(Kind::Capability, row.name, [code(row.name), row.help.to_owned()])
    };
    Table {
        kind: Kind::Capability,
        title: "Capabilities",
        about: "Asked for with `CAP REQ`.",
        head: &["capability", "what a client gets by it"],
        rows: capability::ALL.iter().map(|found| row(found)).collect(),
    }
}

fn modes() -> [Table; 3] {
    let head = &["mode", "what it does"];
    let row = |kind: Kind, letter: char, what: &str| {
        Row::new(kind, &letter.to_string(), [code(&letter.to_string()), what.to_owned()])
    };
    let ranks = Rank::ALL.iter().map(|(rank, letter, prefix)| {
        row(Kind::Rank, *letter, &format!("{rank:?}: shown as `{prefix}`; takes a nick"))
    });
    let flags = ChannelFlag::ALL.iter().map(|(_, letter, help)| row(Kind::ChannelMode, *letter, help));
    let lists = MaskList::ALL.iter().map(|(_, letter, help)| row(Kind::ChannelMode, *letter, help));
    let with_parameter = PARAMETER_MODES.iter().map(|mode| row(Kind::ChannelMode, mode.letter, mode.help));
    let users = UserFlag::ALL.iter().map(|(_, letter, help)| row(Kind::UserMode, *letter, help));
    [
        Table {
            kind: Kind::Rank,
            title: "Ranks of members",
            about: "A member can have several.",
            head,
            rows: ranks.collect(),
        },
        Table {
            kind: Kind::ChannelMode,
            title: "Modes of channels",
            about: "New channels have `+nt`. A list's letter without a mask shows the list.",
            head,
            rows: flags.chain(lists).chain(with_parameter).collect(),
        },
        Table {
            kind: Kind::UserMode,
            title: "Modes of users",
            about: "Everybody can change his own.",
            head,
            rows: users.collect(),
        },
    ]
}

fn tokens(server: &Asked) -> Table {
    let pairs = server.tokens.iter().map(|token| token.split_once('=').unwrap_or((token, "")));
    let rows: BTreeMap<&str, &str> = pairs.collect();
    let rows = rows.into_iter().map(|(name, value)| {
        let value = if value.is_empty() { String::new() } else { code(value) };
        Row::new(Kind::Token, name, [code(name), value])
    });
    Table {
        kind: Kind::Token,
        title: "Announcements",
        about: "What a server with the default configuration announces in 005.",
        head: &["token", "value"],
        rows: rows.collect(),
    }
}

fn limits(server: &Asked) -> Table {
    let shown = parlord::effective(&Config::default());
    let of_people =
        |path: &str| ["connections.", "limits.", "history."].iter().any(|section| path.starts_with(section));
    let numbers = parlord::KEYS.iter().filter(|key| matches!(key.kind, parlord::Kind::Number(..)));
    let rows = numbers.filter(|key| of_people(key.path)).map(|key| {
        let (section, name) = key.path.split_once('.').expect("a key stands in a section");
        let behind = shown.split_once(&format!("[{section}]\n")).expect("every section is shown").1;
        let value = behind.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        let value = value.unwrap_or_else(|| panic!("{} has a default", key.path));
        let words = key.help.split(['(', ')', ',', ' ']);
        let tokens: Vec<_> = words.filter(|word| server.has(word)).map(code).collect();
        let cells = [code(key.path), value.to_owned(), key.help.to_owned(), tokens.join(", ")];
        Row::new(Kind::Limit, key.path, cells)
    });
    Table {
        kind: Kind::Limit,
        title: "Limits",
        about: "All are keys of the [configuration](configuration.md).",
        head: &["limit", "default", "what is limited, and what happens at the limit", "token"],
        rows: rows.collect(),
    }
}

fn numerics() -> Table {
    let rows = numeric::ALL.iter();
    Table {
        kind: Kind::Numeric,
        title: "Numerics",
        about: "Each is `:server <number> <nick>` and what stands here.",
        head: &["number", "name", "form"],
        rows: rows
            .map(|row| {
                Row::new(Kind::Numeric, row.code, [row.code.to_owned(), code(row.name), code(row.form)])
            })
            .collect(),
    }
}

fn specifications() -> Table {
    let rows = SPECIFICATIONS.iter();
    Table {
        kind: Kind::Specification,
        title: "Specifications",
        about: "Those that are followed, and differences that belong to no row above.",
        head: &["specification"],
        rows: rows
            .map(|(name, link)| Row::new(Kind::Specification, name, [format!("[{name}]({link})")]))
            .collect(),
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn words(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// A server, and somebody who asks it.
struct Asked {
    server: Direct,
    tokens: Vec<String>,
}

#[derive(Debug)]
struct Told {
    verb: String,
    text: String,
}

impl Asked {
    fn new() -> Self {
        let config = setup::config([]).expect("the default configuration is one");
        let mut asked = Self { server: Direct::start(&config), tokens: Vec::new() };
        let lines = ["NICK reader", "USER reader 0 * :Reader"];
        asked.server.open("reader").expect("the engine takes everybody");
        let lines: Vec<String> = lines.iter().flat_map(|line| asked.lines(line)).collect();
        let mut isupport = Isupport::default();
        for line in &lines {
            let message = Message::parse(line).expect("the server says messages");
            if let ("005", [_, tokens @ .., _]) = (message.verb, message.params.all()) {
                isupport.learn(tokens.iter().copied());
                asked.tokens.extend(tokens.iter().map(|token| (*token).to_owned()));
            }
        }
        assert!(isupport.get("CHANTYPES").is_some(), "the welcome has the tokens");
        asked
    }

    /// Whether it announces a token.
    fn has(&self, name: &str) -> bool {
        self.tokens.iter().any(|token| token.split('=').next() == Some(name))
    }

    fn ask(&mut self, line: &str) -> Vec<Told> {
        let lines = self.lines(line);
        let told = lines.iter().map(|line| {
            let message = Message::parse(line).expect("the server says messages");
            let text = message.params.all().last().map_or(String::new(), |text| (*text).to_owned());
            Told { verb: message.verb.to_owned(), text }
        });
        told.collect()
    }

    fn lines(&mut self, line: &str) -> Vec<String> {
        self.server.send("reader", line.as_bytes()).expect("the engine takes every line");
        let heard = self.server.hear("reader").expect("the engine answers at once");
        let lines = heard.into_iter().map(|heard| match heard {
            Heard::Line(line) => String::from_utf8(line).expect("every line is UTF-8"),
            Heard::End => panic!("{line} ends the connection"),
        });
        lines.collect()
    }
}
