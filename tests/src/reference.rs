//! The reference of what the server speaks, `docs/irc.md`, made of the tables in the code and of what a server says of
//! itself: nothing in it is written by hand but the sentences between the tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use engine::{ChannelFlag, MaskList, Rank, UserFlag};
use wire::{Isupport, Message, capability, numeric};

use crate::carrier::{Carrier, Direct, Heard};
use crate::setup;

const HEAD: &str = "# What Parlor speaks

The tables below are made of those in the code, and a test compares them; after a change of the code,
`REWRITE=1 cargo test -p parlor-tests --test tidy` writes this file anew.

The rules are those of [Modern IRC](https://modern.ircdocs.horse/) and [IRCv3](https://ircv3.net/irc/); RFC 1459 and
RFC 2812 stand behind them. What the server does, line by line, is in the [chat scripts](../tests/scripts), which are
run as tests.

";

/// The whole document.
///
/// # Panics
/// If a server does not explain itself.
pub fn irc() -> String {
    let mut server = Asked::new();
    let mut text = HEAD.to_owned();
    commands(&mut server, &mut text);
    table(
        &mut text,
        "Capabilities",
        "Asked for with `CAP REQ`.",
        ["capability", "what a client gets by it"],
        capability::ALL.iter().map(|row| [code(row.name), row.help.to_owned()]),
    );
    modes(&mut text);
    tokens(&server, &mut text);
    table(
        &mut text,
        "Numerics",
        "Each is `:server <number> <nick>` and what stands here.",
        ["number", "name", "form"],
        numeric::ALL.iter().map(|row| [row.code.to_owned(), code(row.name), code(row.form)]),
    );
    text.truncate(text.trim_end().len() + 1);
    text
}

fn commands(server: &mut Asked, text: &mut String) {
    let listed = server.ask("HELP");
    let verbs: Vec<String> =
        listed.iter().filter(|line| line.verb == "705").flat_map(|line| words(&line.text)).collect();
    assert!(verbs.len() > 20, "HELP lists the commands: {verbs:?}");
    let rows = verbs.iter().map(|verb| {
        let told = server.ask(&format!("HELP {verb}"));
        let line = |code: &str| {
            let line = told.iter().find(|line| line.verb == code);
            line.unwrap_or_else(|| panic!("HELP {verb} explains it: {told:?}")).text.clone()
        };
        [code(line("704").trim()), line("705")]
    });
    let rows: Vec<[String; 2]> = rows.collect();
    let about = "The same is told by `HELP`. What stands in `[ ]` can be left out.";
    table(text, "Commands", about, ["command", "what it does"], rows);
}

fn modes(text: &mut String) {
    let head = ["mode", "what it does"];
    let ranks = Rank::ALL.iter().map(|(rank, letter, prefix)| {
        let what = format!("{rank:?}: shown as `{prefix}`; takes a nick");
        [code(&letter.to_string()), what]
    });
    table(text, "Ranks of members", "A member can have several.", head, ranks);
    let flags =
        ChannelFlag::ALL.iter().map(|(_, letter, help)| [code(&letter.to_string()), (*help).to_owned()]);
    let lists = MaskList::ALL.iter().map(|(list, letter)| {
        let what = match list {
            MaskList::Ban => "Those covered by a mask can neither join nor, without a rank, speak",
            MaskList::Exception => "Those covered by a mask are not concerned by bans",
            MaskList::InviteException => "Those covered by a mask can join without an invitation",
        };
        [code(&letter.to_string()), what.to_owned()]
    });
    let with_parameter = [
        [code("k"), "Only those who know the key can join".to_owned()],
        [code("l"), "No more members than this number".to_owned()],
    ];
    let about = "New channels have `+nt`. A list's letter without a mask shows the list.";
    table(text, "Modes of channels", about, head, flags.chain(lists).chain(with_parameter));
    let users = UserFlag::ALL.iter().map(|(_, letter, help)| [code(&letter.to_string()), (*help).to_owned()]);
    table(text, "Modes of users", "Everybody can change his own.", head, users);
}

fn tokens(server: &Asked, text: &mut String) {
    let pairs = server.tokens.iter().map(|token| match token.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (token.as_str(), String::new()),
    });
    let rows: BTreeMap<&str, String> = pairs.collect();
    let rows = rows.into_iter().map(|(name, value)| {
        let value = if value.is_empty() { String::new() } else { code(&value) };
        [code(name), value]
    });
    let about = "What a server with the default configuration announces in 005.";
    table(text, "Announcements", about, ["token", "value"], rows);
}

fn table<const COLUMNS: usize>(
    text: &mut String,
    title: &str,
    about: &str,
    head: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "## {title}\n\n{about}\n");
    let _ = writeln!(text, "| {} |\n|{}", head.join(" | "), "---|".repeat(COLUMNS));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
    text.push('\n');
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
