//! The table of slash commands: name, aliases, usage, help. Completion and `/help` are made from it.

mod client;
mod marks;
mod networks;
mod reading;
mod rooms;
mod settings;
mod talk;
#[cfg(test)]
mod tests;

use crate::model::Model;

/// What a command needs to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// A connection on which the server has welcomed us.
    Server,
}

/// One row of the table.
pub(crate) struct Command {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub usage: &'static str,
    pub help: &'static str,
    pub needs: Needs,
    pub run: fn(&mut Model, &str) -> Result<(), String>,
}

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    usage: &'static str,
    help: &'static str,
    needs: Needs,
    run: fn(&mut Model, &str) -> Result<(), String>,
) -> Command {
    Command { name, aliases, usage, help, needs, run }
}

use Needs::{Nothing, Server};

/// Every command, by the alphabet.
#[rustfmt::skip]
pub(crate) const TABLE: &[Command] = &[
    row("away",       &[],               "[reason]",            "say that you are away",               Server,  talk::away),
    row("back",       &[],               "",                    "say that you are back",               Server,  talk::back),
    row("ban",        &[],               "[#room] [mask]",      "ban a mask; without one, list the bans", Server, rooms::ban),
    row("buffer",     &["b"],            "number or name",      "show a buffer",                       Nothing, client::buffer),
    row("clear",      &[],               "",                    "forget the lines of this buffer",     Nothing, client::clear),
    row("close",      &["wc"],           "[reason]",            "close this buffer, leaving its room", Nothing, rooms::close),
    row("connect",    &["server"],       "[network | host[:port]]", "connect to a network, anew if it is connected", Nothing, networks::connect),
    row("deop",       &[],               "[#room] nick …",      "take the operator's rank",            Server,  rooms::deop),
    row("devoice",    &[],               "[#room] nick …",      "take the voice",                      Server,  rooms::devoice),
    row("disconnect", &[],               "[network] [reason]",  "leave a network and stay away",       Nothing, networks::disconnect),
    row("find",       &[],               "[in:#room|*] [from:nick] text", "let the server look for words", Server, reading::find),
    row("help",       &["h"],            "[command]",           "explain the commands",                Nothing, client::help),
    row("ignore",     &[],               "[mask]",              "hide somebody's words; without a mask, list", Nothing, client::ignore),
    row("invite",     &[],               "nick [#room]",        "invite somebody to a room",           Server,  rooms::invite),
    row("join",       &["j"],            "#room [key]",         "enter a room",                        Nothing, rooms::join),
    row("kick",       &["k"],            "[#room] nick [reason]", "show somebody the door",            Server,  rooms::kick),
    row("lastlog",    &["grep"],         "text",                "show the lines here that contain a text", Nothing, client::lastlog),
    row("list",       &[],               "[pattern]",           "list the rooms of the server",        Server,  rooms::list),
    row("me",         &[],               "text",                "say what you do",                     Nothing, talk::me),
    row("mentions",   &[],               "",                    "show the lines everywhere in which you are named", Nothing, reading::mentions),
    row("mode",       &[],               "[target] [changes]",  "show or change modes",                Server,  rooms::mode),
    row("msg",        &["m"],            "target text",         "say something to somebody",           Nothing, talk::msg),
    row("mute",       &[],               "",                    "tell of nothing in this buffer, or do again", Nothing, marks::mute),
    row("names",      &[],               "[#room]",             "list who is in a room",               Server,  rooms::names),
    row("networks",   &[],               "",                    "list the networks",                   Nothing, networks::networks),
    row("nick",       &["n"],            "nick",                "take another nick",                   Nothing, talk::nick),
    row("notice",     &[],               "target text",         "send a notice",                       Server,  talk::notice),
    row("notify",     &[],               "[nick]",              "tell when somebody comes and goes, or no more", Nothing, marks::notify),
    row("op",         &[],               "[#room] nick …",      "make somebody an operator",           Server,  rooms::op),
    row("part",       &["leave"],        "[#room] [reason]",    "leave a room; the buffer stays",      Nothing, rooms::part),
    row("query",      &["q"],            "nick [text]",         "open a talk with somebody",           Nothing, talk::query),
    row("quit",       &["bye", "exit"],  "[reason]",            "leave all networks and end the client", Nothing, networks::quit),
    row("quote",      &["raw"],          "line",                "send a line as it is",                Nothing, talk::quote),
    row("react",      &[],               "mark [nick or words]", "put a mark to a message, or take it away again", Server, marks::react),
    row("reconnect",  &[],               "[network]",           "connect anew, now",                   Nothing, networks::reconnect),
    row("redact",     &[],               "[nick or words] [-- reason]", "take a message back", Server, marks::redact),
    row("reload",     &[],               "",                    "read the configuration again",        Nothing, settings::reload),
    row("reply",      &["re"],           "[nick:] text",        "answer the latest message, or somebody's", Nothing, marks::reply),
    row("save",       &[],               "[network …]",         "write changed settings, and networks, into the file", Nothing, settings::save),
    row("search",     &[],               "[text]",              "look for a line here, as Ctrl+S does", Nothing, reading::search),
    row("set",        &[],               "[setting] [value]",   "show or change settings",             Nothing, settings::set),
    row("stats",      &[],               "[letter]",            "ask how the server is",               Server,  marks::stats),
    row("topic",      &["t"],            "[#room] [text]",      "show or set the topic",               Server,  rooms::topic),
    row("trust",      &[],               "[network]",           "take the certificate that was refused, and connect", Nothing, networks::trust),
    row("unban",      &[],               "[#room] mask",        "lift a ban",                          Server,  rooms::unban),
    row("unignore",   &[],               "mask",                "show somebody's words again",         Nothing, client::unignore),
    row("voice",      &["v"],            "[#room] nick …",      "give somebody a voice",               Server,  rooms::voice),
    row("who",        &[],               "[mask]",              "list users",                          Server,  talk::who),
    row("whois",      &["w", "wi"],      "[nick]",              "ask who somebody is",                 Server,  talk::whois),
    row("whowas",     &[],               "nick",                "ask who somebody was",                Server,  talk::whowas),
];

/// The command that a name means: itself, an alias, or the only one that begins so.
///
/// # Errors
/// What to tell the person.
pub(crate) fn find(name: &str) -> Result<&'static Command, String> {
    let name = name.to_lowercase();
    let exact = TABLE.iter().find(|row| row.name == name || row.aliases.contains(&name.as_str()));
    if let Some(row) = exact {
        return Ok(row);
    }
    if name.is_empty() {
        return Err("A command needs a name; /help lists them. Nothing was sent.".to_owned());
    }
    let beginning: Vec<_> = TABLE.iter().filter(|row| row.name.starts_with(&name)).collect();
    match beginning[..] {
        [only] => Ok(only),
        [] => {
            let likeness = |row: &&Command| strsim::jaro_winkler(&name, row.name);
            let nearest =
                TABLE.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).map_or("help", |r| r.name);
            Err(format!("There is no command /{name}; did you mean /{nearest}? Nothing was sent."))
        }
        _ => {
            let names: Vec<String> = beginning.iter().map(|row| format!("/{}", row.name)).collect();
            Err(format!("/{name} could be {}. Nothing was sent.", names.join(", ")))
        }
    }
}

/// Runs what was typed behind the slash.
pub(crate) fn run(model: &mut Model, typed: &str) {
    let (name, args) = typed.split_once(' ').unwrap_or((typed, ""));
    let done = find(name).and_then(|command| {
        if command.needs == Needs::Server && !model.online() {
            return Err(format!("/{} needs a connection; nothing was sent.", command.name));
        }
        (command.run)(model, args.trim())
    });
    if let Err(why) = done {
        model.tell(crate::buffer::Tone::Error, &why);
    }
}

/// How a command is used, as an error.
fn usage(name: &str) -> String {
    let usage = TABLE.iter().find(|row| row.name == name).map_or("", |row| row.usage);
    format!("Usage: /{name} {usage}")
}

/// The first word and the rest.
fn first_word(args: &str) -> (&str, &str) {
    let (word, rest) = args.split_once(' ').unwrap_or((args, ""));
    (word, rest.trim_start())
}
