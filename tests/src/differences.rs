//! What the tables of `docs/irc.md` say besides what is derived: where Parlor differs from a specification, and which
//! test in Rust covers what a chat script cannot show. A test fails if a row names something that does not exist.

use crate::reference::Kind;

/// Where we differ: the table and the row in `docs/irc.md`, and why, in a sentence.
#[rustfmt::skip]
pub const DIFFERENCES: &[(Kind, &str, &str)] = &[
    (Kind::Capability, "account-notify",       "It can be asked for, and nothing is heard by it: nobody is logged in before there are accounts."),
    (Kind::Capability, "account-tag",          "It can be asked for, and no message has the tag: nobody is logged in before there are accounts."),
    (Kind::Capability, "draft/read-marker", "Who is logged in to no account is known by his connection: the marks are kept as long as it lasts."),
    (Kind::Command,  "CAP", "LS without a version is one line, since old clients take the first for all: drafts that do not fit are left out, and can be asked for."),
    (Kind::Command,  "KLINE", "Masks that would cover nearly everybody are refused with 415, and operators who are here are never put out."),
    (Kind::Command,  "LINKS", "Modern IRC has `*` where all servers have the name of the server, and before it that by which it is reached; clients show both."),
    (Kind::Command,  "NAMES", "A list of channels is answered with one 366 that has the list as it was given, as RFC 2812 has it; of one channel that is what Modern IRC says."),
    (Kind::Command,  "OPER", "Privileges are looked at before the number of parameters: 481 and 723 come before 461. Failed attempts are counted, with 491 among them."),
    (Kind::Command,  "RESV", "No specification has it: a reserved nick is answered with 432 and a reserved channel with 479, and who has the name already keeps it."),
    (Kind::Command,  "SHUN", "No specification has it: the muted may ask and leave, and what they say is answered with 404, or with nothing if it is a NOTICE."),
    (Kind::Numeric,  "525", "Modern IRC recommends 696 for a bad key and allows this one, which clients know."),
    (Kind::Numeric,  "437", "It is the answer to whom +j keeps out: 480, which others use, says that one cannot knock."),
    (Kind::Specification, "multiline", "A message of one line is delivered as a plain message; PING, PONG and QUIT do not break an open batch."),
    (Kind::Specification, "client-batch", "INVALID_REFTAG and UNKNOWN_TYPE are answered where the text has no code."),
    (Kind::Token,    "QUITLEN",                "No specification has it; the limit is announced like that of KICK."),
    (Kind::Specification, "channel-rename", "Who joins the old name opens a new channel: renames are not kept track of, as the specification leaves to the server."),
    (Kind::Specification, "setname", "Nobody is refused with CANNOT_CHANGE_REALNAME: there is no other reason than that the name cannot be."),
    (Kind::Capability, "draft/metadata-3", "This version of the draft is not published; what clients and servers that speak it agree on is built: 761 and 766 in place of METADATA, and INVALID_VALUE."),
    (Kind::Specification, "metadata", "Nobody is refused with RATE_LIMITED: flood control slows all commands alike."),
    (Kind::Specification, "metadata", "Those in a channel are told what is known of who enters it, which the specification does not demand: they would not learn it otherwise."),
    (Kind::Specification, "Modern IRC", "Names of channels have no control characters and no spaces of any kind, so that they cannot be mistaken for each other; only a space, BEL and a comma are forbidden there."),
    (Kind::Specification, "RFC 2812", "The second parameter of USER sets no modes: its meaning varies, as Modern IRC says."),
    (Kind::Specification, "RFC 2812", "NAMES without a channel tells nothing of the others, and STATS needs a query, as in Modern IRC."),
    (Kind::Specification, "RFC 2812", "PART without a reason has none, where the RFC has the nick."),
    (Kind::Specification, "RFC 2812", "PING goes to nobody else: a second parameter is passed over, as in Modern IRC."),
    (Kind::Specification, "RFC 2812", "STATS l does not exist: what connections send and take is in the statistics that `parlorstat` shows."),
    (Kind::Specification, "RFC 2812", "Messages are sent to nicks and channels, not to `user%host@server`, `nick!user@host` or all whose server or host is covered by `$mask` or `#mask`; WALLOPS and GLOBOPS speak to many."),
    (Kind::Specification, "RFC 2812", "INFO does not tell when the server was compiled."),
    (Kind::Specification, "RFC 2812", "There are no services: SERVICE is answered with 400."),
    (Kind::Specification, "chathistory", "\"Servers SHOULD use secure identification mechanisms such as account names\": without accounts it is the connection. Who reconnects is somebody else, and cannot read what was said to him before."),
];

/// What no chat script covers, and the test that does: the table and the row in `docs/irc.md`, the file and the test.
#[rustfmt::skip]
pub const SHOWN_BY_TESTS: &[(Kind, &str, &str, &str)] = &[
    (Kind::Limit,    "connections.max",              "server/tests/turns.rs", "a_full_server_says_so"),
    (Kind::Limit,    "connections.per_address_max",  "server/tests/turns.rs", "one_address_has_only_so_many_connections"),
    (Kind::Limit,    "connections.lines_per_second", "server/tests/turns.rs", "flood_control_delays_but_loses_nothing"),
    (Kind::Limit,    "connections.lines_burst",      "server/src/bucket.rs",  "a_burst_passes_and_then_one_line_per_interval"),
    (Kind::Limit,    "connections.recvq_bytes_max",  "server/tests/turns.rs", "who_sends_more_than_may_wait_is_closed"),
    (Kind::Limit,    "connections.sendq_bytes_max",  "server/tests/turns.rs", "who_never_reads_is_closed_while_the_others_go_on"),
    (Kind::Limit,    "connections.turn_bytes_max",   "server/tests/turns.rs", "many_lines_at_once_are_answered_in_order"),
    (Kind::Limit,    "connections.turn_lines_max",   "server/tests/turns.rs", "many_lines_at_once_are_answered_in_order"),
    (Kind::Limit,    "connections.gather_bytes_max", "server/tests/turns.rs", "many_lines_at_once_are_answered_in_order"),
    (Kind::Limit,    "connections.linger_ms_max",    "server/tests/turns.rs", "who_quits_but_does_not_close_is_cut"),
];

/// The specifications that are followed, and where they can be read. A difference that belongs to no row of another
/// table names one of these.
#[rustfmt::skip]
pub const SPECIFICATIONS: &[(&str, &str)] = &[
    ("Modern IRC",             "https://modern.ircdocs.horse/"),
    ("RFC 1459",               "https://www.rfc-editor.org/rfc/rfc1459"),
    ("RFC 2811",               "https://www.rfc-editor.org/rfc/rfc2811"),
    ("RFC 2812",               "https://www.rfc-editor.org/rfc/rfc2812"),
    ("account-notify",         "https://ircv3.net/specs/extensions/account-notify"),
    ("account-tag",            "https://ircv3.net/specs/extensions/account-tag"),
    ("away-notify",            "https://ircv3.net/specs/extensions/away-notify"),
    ("batch",                  "https://ircv3.net/specs/extensions/batch"),
    ("bot-mode",               "https://ircv3.net/specs/extensions/bot-mode"),
    ("capability negotiation", "https://ircv3.net/specs/extensions/capability-negotiation"),
    ("channel-rename",         "https://ircv3.net/specs/extensions/channel-rename"),
    ("chathistory",            "https://ircv3.net/specs/extensions/chathistory"),
    ("chghost",                "https://ircv3.net/specs/extensions/chghost"),
    ("client-batch",           "https://ircv3.net/specs/extensions/client-batch"),
    ("echo-message",           "https://ircv3.net/specs/extensions/echo-message"),
    ("extended-isupport",      "https://ircv3.net/specs/extensions/extended-isupport"),
    ("extended-join",          "https://ircv3.net/specs/extensions/extended-join"),
    ("extended-monitor",       "https://ircv3.net/specs/extensions/extended-monitor"),
    ("invite-notify",          "https://ircv3.net/specs/extensions/invite-notify"),
    ("labeled-response",       "https://ircv3.net/specs/extensions/labeled-response"),
    ("message-ids",            "https://ircv3.net/specs/extensions/message-ids"),
    ("message-redaction",      "https://ircv3.net/specs/extensions/message-redaction"),
    ("message-tags",           "https://ircv3.net/specs/extensions/message-tags"),
    ("metadata",               "https://ircv3.net/specs/extensions/metadata"),
    ("monitor",                "https://ircv3.net/specs/extensions/monitor"),
    ("multi-prefix",           "https://ircv3.net/specs/extensions/multi-prefix"),
    ("multiline",              "https://ircv3.net/specs/extensions/multiline"),
    ("network-icon",           "https://ircv3.net/specs/extensions/network-icon"),
    ("no-implicit-names",      "https://ircv3.net/specs/extensions/no-implicit-names"),
    ("pre-away",               "https://ircv3.net/specs/extensions/pre-away"),
    ("read-marker",            "https://ircv3.net/specs/extensions/read-marker"),
    ("search",                 "https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md"),
    ("server-time",            "https://ircv3.net/specs/extensions/server-time"),
    ("setname",                "https://ircv3.net/specs/extensions/setname"),
    ("standard replies",       "https://ircv3.net/specs/extensions/standard-replies"),
    ("userhost-in-names",      "https://ircv3.net/specs/extensions/userhost-in-names"),
    ("utf8-only",              "https://ircv3.net/specs/extensions/utf8-only"),
    ("whox",                   "https://ircv3.net/specs/extensions/whox"),
];
