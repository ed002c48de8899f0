//! The table of all keys: a row each, with what may be in it and what it does.

/// A key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its section and name, with a dot between.
    pub path: &'static str,
    /// What may be in it.
    pub kind: Kind,
    /// What it does, and what happens at a limit.
    pub help: &'static str,
}

/// What may be in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text that may be absent; an example of one.
    Maybe(&'static str),
    /// A list of texts.
    Texts,
    /// True or false.
    Switch,
    /// A number within both bounds.
    Number(u64, u64),
    /// Permissions, written in octal.
    Mode,
    /// The key of a System V object, written in hexadecimal.
    Hex,
}

impl Kind {
    /// The least and the greatest number that may be in it.
    pub fn bounds(self) -> Option<(u64, u64)> {
        match self {
            Kind::Number(least, greatest) => Some((least, greatest)),
            Kind::Mode => Some((0, 0o777)),
            Kind::Hex => Some((1, u32::MAX as u64)),
            Kind::Text | Kind::Maybe(_) | Kind::Texts | Kind::Switch => None,
        }
    }
}

const fn row(path: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { path, kind, help }
}

/// The sections in the order in which they are shown, and what each is about.
pub(super) const SECTIONS: &[(&str, &str)] = &[
    ("server", "Who the server is."),
    ("listen", "Where it listens. Changes take effect at a reload; nobody is dropped."),
    ("admin", "Whom to turn to: the answer to ADMIN. Empty lines are left out."),
    ("connections", "How much of the machine connections may have."),
    ("limits", "What people may do and have."),
    ("channels", "How channels are when they come into being."),
    ("history", "What is remembered of what was said."),
    (
        "segment",
        "The System V segment in which other processes see the rooms. Changes take effect at the next start.",
    ),
    ("log", "What is told about the running, on the standard error."),
    ("operators", "Who may become an operator with OPER: a `[[operators]]` table each."),
];

use Kind::{Hex, Maybe, Mode, Number, Switch, Text, Texts};

/// The largest number that makes sense for a span of milliseconds: a year.
const YEAR_MS: u64 = 366 * 86_400_000;
const MEBIBYTE: u64 = 1024 * 1024;

/// All keys.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    row("server.name",           Text,                           "The server's name, in front of all that it says. Has a dot and no space."),
    row("server.network",        Text,                           "The network's name, as clients show it. No space."),
    row("server.icon",           Maybe("https://example.org/icon.svg"), "The address of a square picture of the network, for clients to show (draft/ICON). `{size}` in it stands for the pixels wanted."),
    row("server.client_tags_denied", Maybe("*,-typing"), "Client-only tags that are not passed on (CLIENTTAGDENY): names without `+`, commas between; `*` for all, then `-name` for those that are."),
    row("server.description",    Text,                           "What WHOIS and LINKS say of the server."),
    row("server.motd",           Text,                           "The message of the day. Empty for none."),
    row("server.motd_file",      Maybe("/etc/parlor/motd"),      "A file with the message of the day; it wins over `motd`, and is read again at a reload."),
    row("server.bans_file",      Maybe("/var/lib/parlor/bans"),  "A file in which the bans of the server (KLINE and its like) are kept, so that they hold again after a restart. Without it they do not."),
    row("server.password_hash",  Maybe("$argon2id$v=19$…"),      "The hash of a password that everybody has to know (PASS), as `parlord --hash-password` prints it."),

    row("listen.tcp",            Texts,                          "Addresses with ports. Port 0 takes any free one. A missing IPv6 is forgiven only in the default."),
    row("listen.unix",           Maybe("/run/parlor/irc.sock"),  "The path of a Unix socket. Who comes through it is trusted."),
    row("listen.unix_mode",      Mode,                           "The permissions of the Unix socket: who may write to it may connect."),
    row("listen.backlog",        Number(1, 65_535),              "Connections that may wait to be accepted; the kernel may lower it (`net.core.somaxconn`)."),

    row("admin.location",        Text,                           "Where the server is."),
    row("admin.organisation",    Text,                           "Whose it is."),
    row("admin.email",           Text,                           "How to reach them."),

    row("connections.max",              Number(1, 1 << 24),           "Connections at once. One more is told so and closed. The open files the system allows may be fewer."),
    row("connections.per_address_max",  Number(0, 1 << 24),           "Connections at once from one address (IPv6: from one /64). One more is told so and closed. 0 for no limit."),
    row("connections.trusted",          Texts,                        "Networks to which neither `per_address_max` nor flood control applies."),
    row("connections.lines_per_second", Number(0, 1_000_000),         "Lines a second that a connection may send for long; faster ones wait. 0 for no flood control."),
    row("connections.lines_burst",      Number(1, 1_000_000),         "Lines that a connection may send at once after it was silent."),
    row("connections.recvq_bytes_max",  Number(9216, 64 * MEBIBYTE),  "Bytes that may wait for flood control. Above it the connection is closed: \"Excess Flood\"."),
    row("connections.sendq_bytes_max",  Number(16_384, 1 << 32),      "Bytes that may wait to be sent. Above it the connection is closed: \"SendQ exceeded\"."),
    row("connections.turn_bytes_max",   Number(512, 16 * MEBIBYTE),   "Bytes read from one connection before the others have their turn."),
    row("connections.turn_lines_max",   Number(1, 1_000_000),         "Lines taken from one connection before the others have their turn."),
    row("connections.gather_bytes_max", Number(512, 64 * MEBIBYTE),   "Bytes read from all connections before what they caused is sent."),
    row("connections.linger_ms_max",    Number(0, 600_000),           "Milliseconds that a closing connection has to take its last lines. Then it is cut."),

    row("limits.nick_bytes_max",           Number(1, 64),             "Bytes of a nick (NICKLEN). Longer ones are refused."),
    row("limits.user_bytes_max",           Number(1, 32),             "Bytes of a user name (USERLEN). Longer ones are cut."),
    row("limits.realname_bytes_max",       Number(1, 390),            "Bytes of a real name (NAMELEN). Longer ones are cut."),
    row("limits.channel_bytes_max",        Number(2, 128),            "Bytes of a channel's name (CHANNELLEN). Longer ones are refused."),
    row("limits.topic_bytes_max",          Number(1, 390),            "Bytes of a topic (TOPICLEN). Longer ones are cut."),
    row("limits.away_bytes_max",           Number(1, 390),            "Bytes of an away message (AWAYLEN). Longer ones are cut."),
    row("limits.kick_bytes_max",           Number(1, 390),            "Bytes of the reason of a KICK (KICKLEN). Longer ones are cut."),
    row("limits.quit_bytes_max",           Number(1, 390),            "Bytes of the reason of a QUIT (QUITLEN). Longer ones are cut."),
    row("limits.key_bytes_max",            Number(1, 128),            "Bytes of a channel key (KEYLEN). Longer ones are refused."),
    row("limits.channels_per_user_max",    Number(1, 10_000),         "Channels in which one user can be (CHANLIMIT). Further ones are refused."),
    row("limits.masks_per_list_max",       Number(1, 10_000),         "Masks in each list of a channel (MAXLIST). Further ones are refused."),
    row("limits.targets_max",              Number(1, 100),            "Targets of one message, query or KICK (TARGMAX). Further ones are refused."),
    row("limits.modes_max",                Number(1, 100),            "Mode changes with a parameter in one MODE (MODES). Further ones are passed over."),
    row("limits.invitations_per_user_max", Number(1, 10_000),         "Invitations that one user can hold. The oldest goes for a new one."),
    row("limits.knock_per_user_ms",        Number(0, YEAR_MS),        "Milliseconds between two KNOCKs of one user, wherever he knocks. Further ones are refused."),
    row("limits.knock_per_channel_ms",     Number(0, YEAR_MS),        "Milliseconds between two KNOCKs on one channel, whoever knocks. Further ones are refused."),
    row("limits.monitored_max",            Number(1, 10_000),         "Nicks that one client can watch (MONITOR). Further ones are refused."),
    row("limits.server_bans_max",          Number(0, 1_000_000),      "Bans of the server (KLINE and its like), of all kinds together. Further ones are refused."),
    row("limits.metadata_keys_max",        Number(1, 1000),           "Keys of metadata that one user or channel can have (`max-keys`). Further ones are refused."),
    row("limits.metadata_value_bytes_max", Number(1, 256),            "Bytes of a value of metadata (`max-value-bytes`). Longer ones are refused."),
    row("limits.metadata_subs_max",        Number(1, 1000),           "Keys of metadata to which one client can subscribe (`max-subs`). Further ones are refused."),
    row("limits.read_marks_max",           Number(0, 100_000),        "Read markers of one user (MARKREAD). Of more the earliest goes."),
    row("limits.metadata_sync_max",        Number(0, 1_000_000),      "Values of metadata that a client is told unasked when it enters a channel or subscribes. If there are more, it has to ask."),
    row("limits.whowas_max",               Number(0, 1_000_000),      "Users who left, remembered for WHOWAS. The oldest goes for a new one."),
    row("limits.part_bytes_max",           Number(1, 8192),           "Bytes of a long answer (LIST, WHO, NAMES, WHOWAS, lists of masks) told at once. The rest follows as the client reads."),
    row("limits.chathistory_max",          Number(1, 10_000),         "Messages in one answer to CHATHISTORY (CHATHISTORY). A larger number asked for is taken as this one."),
    row("limits.search_bytes_max",         Number(1, 16_777_216),     "Bytes of text that are looked at for one SEARCH, over all places. Of more the newest is, or what is after the time that was asked for."),
    row("limits.failed_opers_max",         Number(1, 1_000_000),      "OPER with a wrong name, password or host on one connection. With the last one it is closed."),
    row("limits.multiline_bytes_max",      Number(512, 65_536),       "Bytes of a message of several lines (multiline, max-bytes). A longer one is refused."),
    row("limits.multiline_lines_max",      Number(2, 1000),           "Lines of a message of several lines (multiline, max-lines). One with more is refused."),
    row("limits.batch_ms_max",             Number(1000, YEAR_MS),     "Milliseconds that a client's batch may stay open. Then it is given up."),
    row("limits.ping_after_ms",            Number(1000, YEAR_MS),     "Milliseconds without a line after which a client is asked with a PING."),
    row("limits.ping_timeout_ms",          Number(1000, YEAR_MS),     "Milliseconds after that PING without a line after which the client is gone."),
    row("limits.registration_ms_max",      Number(1000, YEAR_MS),     "Milliseconds that registration may take. Then the connection is closed."),

    row("channels.creator_rank", Text,                           "What those who open a channel become there: `op`, `admin` (operators cannot put them out) or `founder` (may do everything)."),

    row("history.lines_max",     Number(0, 1_000_000),           "Messages kept per channel; the oldest goes for a new one. 0 keeps none."),
    row("history.channels_max",  Number(0, 1_000_000),           "Channels whose history is kept after the last member left; the one silent longest goes first."),
    row("history.on_join",       Number(0, 1000),                "Messages shown to those who enter. 0 shows none."),
    row("history.events_max",          Number(0, 1_000_000),     "Events other than messages kept per channel, and reactions and the like per two who talk to each other. 0 keeps none."),
    row("history.direct_lines_max",    Number(0, 1_000_000),     "Messages kept per two who talk to each other, while one of them is here. 0 keeps none."),
    row("history.direct_pairs_max",    Number(0, 100_000),       "Conversations kept per user; the one silent longest goes for a new one. 0 keeps none."),
    row("history.redact_ms_max",       Number(0, YEAR_MS),       "Milliseconds for which people may take back what they said (REDACT). 0: they may not."),
    row("history.redact_by_operators", Switch,                   "Whether a channel's operators may take back what others said there."),

    row("segment.enabled",        Switch,                        "Whether the rooms are published at all."),
    row("segment.segment_key",    Hex,                           "The key under which readers find the segment. Several servers on a machine need different ones."),
    row("segment.semaphore_key",  Hex,                           "The key under which readers find the semaphores that guard it."),
    row("segment.segment_mode",   Mode,                          "Who may read the segment: it holds what people said."),
    row("segment.semaphore_mode", Mode,                          "Who may take the guard for one consistent view."),
    row("segment.group",          Maybe("parlor-readers"),       "The group of the readers, by name or number. Without it, the server's own."),
    row("segment.rooms",          Number(1, 4096),               "Rooms there is place for. What is past them is not published, and counted."),
    row("segment.ring_bytes",     Number(4096, 64 * MEBIBYTE),   "Bytes of history of each room, a multiple of 8. The oldest message goes for a new one."),
    row("segment.members",        Number(0, 65_536),             "Members listed per room. More are only counted."),
    row("segment.remove_at_stop", Switch,                        "Whether a clean stop removes the segment; otherwise the next start finds the history in it."),

    row("log.format",  Text,                                     "`human` or `json`."),
    row("log.filter",  Text,                                     "What is told: `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,parlord::reactor=debug`."),

    row("operators.name",          Text,                         "The name given to OPER."),
    row("operators.password_hash", Text,                         "The hash of the password, as `parlord --hash-password` prints it."),
    row("operators.host_mask",     Text,                         "The hosts from which the operator may come, with `*` and `?`."),
    row("operators.privileges",    Texts,                        "What the operator may do: names of the table below. Whoever is an operator when it changes keeps what he has until his next OPER."),
];
