//! The commands: one file each, or per inseparable pair. A file has the rows of its commands, what they decide, and
//! what then happens. Adding a command is its file and one line here.

use std::sync::Arc;

use wire::{Reply, Timestamp};

use crate::context::Cx;
use crate::desk::Desk;
use crate::event::{Event, Past};
use crate::outgoing::{Audience, Told};
use crate::privileges::Privilege;
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};
use wire::ChannelName;

/// When a command may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Always.
    Any,
    /// Only to register.
    Before,
    /// Only by those who have registered.
    After,
    /// Only by operators with a privilege.
    With(Privilege),
}

/// The row of a command.
#[derive(Debug)]
pub(crate) struct Command {
    /// Its name, in capitals.
    pub verb: &'static str,
    /// When it may be used.
    pub when: When,
    /// How many parameters it needs at least; with fewer it is answered with 461.
    pub min: usize,
    /// Its parameters, as people are shown them.
    pub syntax: &'static str,
    /// What it does, in a sentence or two.
    pub help: &'static str,
    /// Decides.
    pub run: Run,
}

/// Reads the world and puts replies and events into the turn; a mistake of the person is the error.
type Run = fn(&mut Cx<'_>, &[&str]) -> Result<(), Reply>;

/// How an event changes the world, and what is heard of it.
pub(crate) trait Happening {
    /// Judges whether the event still fits, and if so lets it change the world.
    fn apply(&self, at: Timestamp, world: &mut World, settings: &Settings) -> Result<Heard, Stale>;

    /// The lines that are heard of it, by others and by the one who caused it.
    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>);

    /// What the one who caused it is answered besides, once it has happened.
    fn answer(&self, _cx: &mut Cx<'_>) {}

    /// Those who are told, each in his own way, with [`Happening::tell_each`].
    fn listeners(&self, _heard: &Heard, _world: &World) -> Vec<UserId> {
        Vec::new()
    }

    /// Somebody whose watchers are told like them.
    fn watched(&self) -> Option<UserId> {
        None
    }

    /// What one of them is told.
    fn tell_each(&self, _cx: &mut Cx<'_>) {}

    /// What is kept of it in the histories of the channels in which it was seen, or of the two whom it concerns.
    fn past(&self, _cause: &Cause<'_>, _heard: &Heard) -> Option<Past> {
        None
    }

    /// Who is gone by it, and why.
    fn departed(&self) -> Option<(UserId, &str)> {
        None
    }
}

/// What lines are made of when something has happened.
#[derive(Debug)]
pub(crate) struct Cause<'a> {
    pub event: &'a Event,
    pub world: &'a World,
    /// Where lines can be written.
    pub desk: &'a Desk,
    /// The server's name.
    pub server: &'a str,
}

/// What `apply` found out for those who are told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// The channels in which it was seen or which it changed.
    pub channels: Vec<ChannelName>,
    /// The users who hear of it, if they are not just those in the channels.
    pub users: Vec<UserId>,
    /// Whether it is told to all who are in any of the channels, whoever they are.
    pub everywhere: bool,
    /// How the one who caused it was called before: `nick!user@host`.
    pub source: Arc<str>,
    /// The modes that were changed: sign, letter and parameter.
    pub modes: Vec<(char, char, Option<String>)>,
}

impl Heard {
    /// Those who hear of what somebody does who is in channels.
    fn audience(&self) -> Audience {
        match self.everywhere {
            true => Audience::Channels(self.channels.clone()),
            false => Audience::Users(self.users.clone()),
        }
    }
}

macro_rules! commands {
    ($($module:ident: $($event:ident)*;)*) => {
        $(mod $module;)*

        /// The rows of all commands, file by file.
        static FILES: &[&[Command]] = &[$($module::COMMANDS),*];

        /// What can happen.
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "each variant is its event, which has its own comment")]
        pub enum What {
            $($($event($module::$event),)*)*
        }

        $($(
            pub use $module::$event;

            impl From<$module::$event> for What {
                fn from(event: $module::$event) -> Self {
                    Self::$event(event)
                }
            }
        )*)*

        impl What {
            /// The behaviour of what happens.
            pub(crate) fn happening(&self) -> &dyn Happening {
                match self {
                    $($(Self::$event(event) => event,)*)*
                }
            }
        }
    };
}

commands! {
    admin: ;
    away: Away;
    ban: BanLift BanSet Expulsion;
    batch: ;
    cap: ;
    chathistory: ;
    chghost: HostChange;
    die: ;
    error: ;
    force: ;
    help: ;
    info: ;
    invite: Invitation;
    ison: ;
    isupport: ;
    join: Join;
    kick: Kick;
    kill: Kill;
    knock: Knock;
    links: ;
    list: ;
    lusers: ;
    markread: ReadMark;
    message: Message;
    mode: ChannelModeChange UserModeChange;
    metadata: MetadataChange;
    monitor: ;
    motd: ;
    names: ;
    nick: Rename;
    obsolete: ;
    oper: Promotion;
    part: Part;
    pass: ;
    ping: ;
    quit: Quit;
    redact: Redaction;
    rehash: ;
    rename: ChannelRename;
    route: ;
    search: ;
    setname: RealnameChange;
    stats: ;
    time: ;
    topic: TopicChange;
    trace: ;
    user: Enter;
    userhost: ;
    version: ;
    wallops: Globops Wallops;
    who: ;
    whois: ;
    whowas: ;
}

pub(crate) use ban::turn_away;
pub(crate) use batch::value as multiline_value;
pub(crate) use batch::{Sending, absorb, give_up};
pub(crate) use cap::VERSION_WITH_NOTIFY;
use join::named as named_channel;
pub(crate) use list::SELECTIONS;
pub(crate) use message::Speech;
pub use message::Target;
pub(crate) use metadata::value as metadata_value;
pub(crate) use oper::{become_operator, oper_failed};
pub use redact::Whereabouts;
pub(crate) use user::complete;

/// The commands by verb.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<&'static Command>,
    /// Their verbs, each as one number.
    keys: Vec<u128>,
    /// The place of each verb, where its number leads to or as soon behind that as there was room.
    found: [u8; 256],
}

/// No place.
const NOWHERE: u8 = u8::MAX;

/// Bytes of the longest verb. A longer word is none.
const VERB_BYTES_MAX: usize = 16;

/// The bits that are the same in both cases of a letter, and that no other character has in common with one.
const LETTER_BITS: u8 = 0xDF;

/// A verb in any case as a number; no other word has the same.
fn key(verb: &str) -> Option<u128> {
    // Not by way of memory: to read it whole the processor would wait until all of its bytes are written.
    let append = |key, byte| key << 8 | u128::from(byte & LETTER_BITS);
    (verb.len() <= VERB_BYTES_MAX).then(|| verb.bytes().fold(0, append))
}

/// Where the number of a verb leads to.
fn lead(key: u128) -> u8 {
    let mixed = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 56) as u8
}

impl Table {
    /// All commands.
    pub fn new() -> Self {
        let mut rows: Vec<&Command> = FILES.iter().flat_map(|file| file.iter()).collect();
        rows.sort_by_key(|row| row.verb);
        let keys: Vec<u128> =
            rows.iter().map(|row| key(row.verb).expect("a test reads every verb")).collect();
        let mut found = [NOWHERE; 256];
        for (place, key) in (0..NOWHERE).zip(&keys) {
            let mut at = lead(*key);
            while found[usize::from(at)] != NOWHERE {
                at = at.wrapping_add(1);
            }
            found[usize::from(at)] = place;
        }
        Self { rows, keys, found }
    }

    /// The place of a verb in any case among all, in their order.
    pub fn place(&self, verb: &str) -> Option<usize> {
        let key = key(verb)?;
        let mut at = lead(key);
        loop {
            let place = usize::from(self.found[usize::from(at)]);
            if *self.keys.get(place)? == key {
                // A NUL before a word would not be seen, and cannot stand in a line.
                return (self.rows[place].verb.len() == verb.len()).then_some(place);
            }
            at = at.wrapping_add(1);
        }
    }

    /// The row at a place.
    pub fn row(&self, place: usize) -> &'static Command {
        self.rows[place]
    }
}

/// How often each command was used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// By the places of the verbs, as far as any was used.
    counts: Vec<u64>,
}

impl Uses {
    /// A command was used.
    pub(crate) fn add(&mut self, place: usize) {
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
    }

    /// The counts of those that were used, by their places in [`verbs`].
    pub fn iter(&self) -> impl Iterator<Item = (usize, u64)> {
        self.counts.iter().copied().enumerate().filter(|(_, count)| *count > 0)
    }
}

/// Every row, in the order of the verbs.
pub(crate) fn rows() -> Vec<&'static Command> {
    Table::new().rows
}

/// The verbs of all commands, in order.
pub fn verbs() -> Vec<&'static str> {
    rows().into_iter().map(|row| row.verb).collect()
}

/// The verb that a person may have meant, to be shown behind "Unknown command".
pub(crate) fn nearest(verb: &str) -> Option<&'static str> {
    nearest_of(&verb.to_ascii_uppercase(), FILES.iter().flat_map(|file| file.iter()).map(|row| row.verb))
}

/// The one of some words that was probably meant by another one.
pub(super) fn nearest_of(word: &str, words: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    // What is so much longer is never near, and a line that is one long word costs nothing.
    let similar = words.filter(|other| other.len().abs_diff(word.len()) <= 3);
    let near = similar.map(|other| (strsim::osa_distance(word, other), other));
    let (distance, nearest) = near.min()?;
    (distance <= 1 || distance * 3 <= nearest.len()).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_one_row_with_a_help_text() {
        let rows = rows();
        for pair in rows.windows(2) {
            assert!(pair[0].verb < pair[1].verb, "{} stands twice", pair[1].verb);
        }
        for row in rows {
            assert!(row.help.ends_with('.'), "{} has no help", row.verb);
            let table = Table::new();
            let place = table.place(&row.verb.to_lowercase()).expect("it has a place");
            assert_eq!(table.row(place).verb, row.verb);
            assert!(
                row.verb.bytes().all(|letter| letter.is_ascii_uppercase()),
                "{} has only letters",
                row.verb
            );
            let others = ["X", " ", "\0", "\u{80}"].map(|end| format!("{}{end}", row.verb));
            assert!(others.iter().all(|other| table.place(other).is_none()), "{others:?}");
        }
        assert!(["", "é", "1", "@", "[", "PRIVMS"].iter().all(|verb| Table::new().place(verb).is_none()));
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_verb_that_was_meant() {
        #[rustfmt::skip]
        let table = [
            ("jion",    Some("JOIN")),
            ("PRIVMGS", Some("PRIVMSG")),
            ("tpoic",   Some("TOPIC")),
            ("nik",     Some("NICK")),
            ("xyzzy",   None),
            ("HELLOWORLDHOWAREYOU", None),
        ];
        for (written, meant) in table {
            assert_eq!(nearest(written), meant, "{written}");
        }
    }
}
