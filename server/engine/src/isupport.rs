//! RPL_ISUPPORT (005): what the server says of itself. Each token is true: it is made of the tables and limits that are
//! in force (modern.ircdocs.horse, "Feature Advertisement").

use wire::capability::{self, Set};
use wire::{ChannelName, Encoder, LINE_BYTES_MAX, ModeKind, Standing, Timestamp, numeric};

use crate::bans::{self, EXTENDED};
use crate::commands::SELECTIONS;
use crate::context::Cx;
use crate::interface::HOST_BYTES_MAX;
use crate::modes::{ChannelFlag, MaskList, Rank, UserFlag};
use crate::outgoing::{Outgoing, in_batch};
use crate::parameters::PARAMETER_MODES;
use crate::settings::Settings;
use crate::turn::Item;

/// A token: its name, and its value under some settings; empty for one that has none.
pub(crate) struct Token(pub &'static str, fn(&Settings) -> String);

/// Commands with lists of targets (TARGMAX), and whether they are counted: in the others the limit is another one, of
/// channels or of watched nicks, or there is none.
const TARGETED: &[(&str, bool)] = &[
    ("JOIN", false),
    ("KICK", true),
    ("LIST", true),
    ("MONITOR", false),
    ("NAMES", true),
    ("NOTICE", true),
    ("PART", false),
    ("PRIVMSG", true),
    ("TAGMSG", true),
    ("WHOIS", true),
    ("WHOWAS", true),
];

/// Every token, in the order in which they are told.
#[rustfmt::skip]
pub(crate) static TOKENS: &[Token] = &[
    Token("AWAYLEN",     |s| s.limits.away_bytes_max.to_string()),
    Token("BOT",         |_| UserFlag::Bot.letter().to_string()),
    Token("CASEMAPPING", |_| "ascii".to_owned()),
    Token("CHANLIMIT",   |s| format!("{}:{}", ChannelName::TYPES, s.limits.channels_per_user_max)),
    Token("CHANMODES",   |_| [lists(), parameters(ModeKind::Always), parameters(ModeKind::WhenSet), flags()].join(",")),
    Token("CHANNELLEN",  |s| s.limits.channel_bytes_max.to_string()),
    Token("CHANTYPES",   |_| ChannelName::TYPES.to_owned()),
    Token("CHATHISTORY", |s| s.limits.chathistory_max.to_string()),
    Token("ELIST",       |_| SELECTIONS.to_owned()),
    Token("EXCEPTS",     |_| MaskList::Exception.letter().to_string()),
    Token("EXTBAN",      |_| format!("{EXTENDED},{}", bans::letters())),
    Token("HOSTLEN",     |_| HOST_BYTES_MAX.to_string()),
    Token("INVEX",       |_| MaskList::InviteException.letter().to_string()),
    Token("KEYLEN",      |s| s.limits.key_bytes_max.to_string()),
    Token("KICKLEN",     |s| s.limits.kick_bytes_max.to_string()),
    Token("KNOCK",       |_| String::new()),
    // Letters of one item would share its limit.
    Token("MAXLIST",     |s| each(lists().chars(), s.limits.masks_per_list_max)),
    Token("MAXTARGETS",  |s| s.limits.targets_max.to_string()),
    Token("MODES",       |s| s.limits.modes_max.to_string()),
    Token("MONITOR",     |s| s.limits.monitored_max.to_string()),
    Token("MSGREFTYPES", |_| "msgid,timestamp".to_owned()),
    Token("NAMELEN",     |s| s.limits.realname_bytes_max.to_string()),
    Token("NETWORK",     |s| s.network_name.clone()),
    Token("NICKLEN",     |s| s.limits.nick_bytes_max.to_string()),
    Token("PREFIX",      |_| format!("({}){}", ranks(), prefixes())),
    Token("QUITLEN",     |s| s.limits.quit_bytes_max.to_string()),
    Token("SAFELIST",    |_| String::new()),
    Token("STATUSMSG",   |_| prefixes()),
    Token("TARGMAX",     |s| targets(s.limits.targets_max)),
    Token("TOPICLEN",    |s| s.limits.topic_bytes_max.to_string()),
    Token("USERLEN",     |s| s.limits.user_bytes_max.to_string()),
    Token("UTF8ONLY",    |_| String::new()),
    Token("WHOX",        |_| String::new()),
];

/// A token that is there only if the administrator decided on a value.
struct Chosen(&'static str, fn(&Settings) -> Option<&str>);

/// All of them; they stand behind the others.
#[rustfmt::skip]
static CHOSEN: &[Chosen] = &[
    Chosen("CLIENTTAGDENY", |s| s.client_tags_denied.as_deref()),
    // It becomes `ICON` when the specification leaves its draft.
    Chosen("draft/ICON", |s| s.icon.as_deref()),
];

/// Parameters of a 005 that can be tokens: the first is the nick, the last one the text.
const TOKENS_PER_LINE: usize = 13;

/// Bytes of the tokens of one line. Leaves room for the head and the text.
const TOKENS_BYTES_MAX: usize = LINE_BYTES_MAX - 160;

/// Tells the tokens.
pub(crate) fn tell(cx: &mut Cx<'_>) {
    let tokens = &cx.welcome.isupport;
    if !are_batched(cx.session.capabilities) {
        return cx.answer_alike(tokens);
    }
    let to = (cx.nick(), cx.session.capabilities);
    let lines = lines(tokens, cx.settings, cx.now.wall, to);
    cx.turn.items.extend(lines.into_iter().map(Item::Say));
}

/// All tokens, in as many lines as they need.
pub(crate) fn all(settings: &Settings) -> Vec<Standing> {
    standing(settings, &tokens(settings))
}

/// What is different under other settings, for a client that knows how it was before; nothing if nothing is.
pub(crate) fn changes(before: &Settings, settings: &Settings) -> Vec<Standing> {
    let (old, new) = (tokens(before), tokens(settings));
    let name = |token: &String| token.split('=').next().unwrap_or_default().to_owned();
    let names: Vec<String> = new.iter().map(name).collect();
    // A token that is there no more is told with a dash before its name.
    let gone = old.iter().map(name).filter(|name| !names.contains(name)).map(|name| format!("-{name}"));
    let other = new.iter().filter(|token| !old.contains(token)).cloned();
    standing(settings, &other.chain(gone).collect::<Vec<_>>())
}

/// "The server MUST NOT send any unbatched RPL_ISUPPORT message while both of these capabilities are enabled."
fn are_batched(capabilities: Set) -> bool {
    capabilities.has(&capability::BATCH) && capabilities.has(&capability::EXTENDED_ISUPPORT)
}

/// Lines as a client gets them.
pub(crate) fn lines(
    lines: &[Standing],
    settings: &Settings,
    at: Timestamp,
    (nick, capabilities): (&str, Set),
) -> Vec<Outgoing> {
    let lines: Vec<Outgoing> =
        lines.iter().map(|line| Outgoing::complete(at, line.line(Encoder::new(), nick))).collect();
    match are_batched(capabilities) && !lines.is_empty() {
        true => in_batch(&settings.server_name, at, "isupport", &["draft/isupport"], lines),
        false => lines,
    }
}

fn standing(settings: &Settings, tokens: &[String]) -> Vec<Standing> {
    let line = |tokens: &[String]| {
        let tail = tokens.iter().fold(Encoder::new(), |line, token| line.param(token));
        let tail = tail.trailing("are supported by this server").end();
        Standing::new(numeric::RPL_ISUPPORT.code, &settings.server_name, &tail)
    };
    in_lines(tokens).into_iter().map(line).collect()
}

/// The letters of RPL_MYINFO: user modes, channel modes, and those channel modes that take a parameter.
pub(crate) fn mode_letters() -> [String; 3] {
    let sorted = |letters: &mut dyn Iterator<Item = char>| {
        let mut letters: Vec<char> = letters.collect();
        letters.sort_unstable();
        letters.into_iter().collect::<String>()
    };
    let with_parameter: String =
        lists() + &parameters(ModeKind::Always) + &parameters(ModeKind::WhenSet) + &ranks();
    [
        UserFlag::ALL.iter().map(|row| row.1).collect(),
        sorted(&mut with_parameter.chars().chain(flags().chars())),
        with_parameter,
    ]
}

fn tokens(settings: &Settings) -> Vec<String> {
    let shown = |Token(name, value): &Token| match value(settings) {
        value if value.is_empty() => (*name).to_owned(),
        value => format!("{name}={value}"),
    };
    let chosen = CHOSEN.iter().filter_map(|Chosen(name, value)| Some(format!("{name}={}", value(settings)?)));
    TOKENS.iter().map(shown).chain(chosen).collect()
}

/// Tokens in as many lines as they need.
fn in_lines(tokens: &[String]) -> Vec<&[String]> {
    let (mut lines, mut rest) = (Vec::new(), tokens);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |token: &&String| {
            bytes += 1 + token.len();
            bytes <= TOKENS_BYTES_MAX
        };
        let count = rest.iter().take(TOKENS_PER_LINE).take_while(fits).count().max(1);
        let (line, more) = rest.split_at(count);
        lines.push(line);
        rest = more;
    }
    lines
}

fn lists() -> String {
    MaskList::ALL.iter().map(|row| row.1).collect()
}

fn flags() -> String {
    ChannelFlag::ALL.iter().map(|row| row.1).collect()
}

fn parameters(kind: ModeKind) -> String {
    PARAMETER_MODES.iter().filter(|row| row.kind == kind).map(|row| row.letter).collect()
}

fn ranks() -> String {
    Rank::ALL.iter().map(|row| row.1).collect()
}

fn prefixes() -> String {
    Rank::ALL.iter().map(|row| row.2).collect()
}

fn targets(limit: usize) -> String {
    let item = |(command, counted): &(&str, bool)| match counted {
        true => format!("{command}:{limit}"),
        false => format!("{command}:"),
    };
    TARGETED.iter().map(item).collect::<Vec<_>>().join(",")
}

fn each(items: impl Iterator<Item = impl std::fmt::Display>, limit: usize) -> String {
    items.map(|item| format!("{item}:{limit}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_stands_once_and_in_order() {
        for pair in TOKENS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} stands before {}", pair[0].0, pair[1].0);
        }
    }

    #[test]
    fn a_line_holds_as_many_tokens_as_the_protocol_allows() {
        let tokens = |count: usize, bytes: usize| vec!["x".repeat(bytes); count];
        let lines = |tokens: &[String]| in_lines(tokens).iter().map(|line| line.len()).collect::<Vec<_>>();
        assert_eq!(lines(&tokens(0, 1)), [0; 0]);
        assert_eq!(lines(&tokens(13, 1)), [13]);
        assert_eq!(lines(&tokens(14, 1)), [13, 1]);
        assert_eq!(lines(&tokens(3, TOKENS_BYTES_MAX / 2 - 1)), [2, 1]);
        assert_eq!(lines(&tokens(2, 600)), [1, 1]);
    }
}
