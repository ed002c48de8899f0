//! What HELP explains besides commands. A subject is a row here; what it tells comes from the tables that it is about.

use wire::capability;

use crate::bans;
use crate::modes::{ChannelFlag, MaskList, NoticeKind, Rank, UserFlag};
use crate::parameters::PARAMETER_MODES;
use crate::privileges::Privilege;

/// A subject of HELP.
pub(crate) struct Topic {
    pub name: &'static str,
    pub title: &'static str,
    /// What is told, a line each.
    pub lines: fn() -> Vec<String>,
}

#[rustfmt::skip]
pub(crate) const TOPICS: &[Topic] = &[
    Topic { name: "CAPABILITIES", title: "What a client can ask for with CAP REQ:",                       lines: capabilities },
    Topic { name: "CMODES",       title: "Modes of channels, MODE <channel> <+/-letters>:",               lines: channel_modes },
    Topic { name: "EXTBANS",      title: "Masks that MODE <channel> +b takes besides nick!user@host:",    lines: extended_bans },
    Topic { name: "PRIVILEGES",   title: "What operators may do, each what the administrator lets him:",  lines: privileges },
    Topic { name: "RANKS",        title: "Ranks of members, MODE <channel> <+/-letter> <nick>:",          lines: ranks },
    Topic { name: "SNOMASKS",     title: "Server notices, for operators with MODE <own nick> +s <letters>:", lines: notices },
    Topic { name: "UMODES",       title: "Modes of users, MODE <own nick> <+/-letters>:",                 lines: user_modes },
];

fn capabilities() -> Vec<String> {
    capability::ALL.iter().map(|row| format!("{}: {}", row.name, row.help)).collect()
}

fn channel_modes() -> Vec<String> {
    let flags = ChannelFlag::ALL.iter().map(|(_, letter, help)| (*letter, *help));
    let lists = MaskList::ALL.iter().map(|(_, letter, help)| (*letter, *help));
    let with_parameter = PARAMETER_MODES.iter().map(|mode| (mode.letter, mode.help));
    sorted(flags.chain(lists).chain(with_parameter))
}

fn extended_bans() -> Vec<String> {
    bans::explanations().map(str::to_owned).collect()
}

fn privileges() -> Vec<String> {
    Privilege::ALL.iter().map(|(_, name, help)| format!("{name}: {help}")).collect()
}

fn ranks() -> Vec<String> {
    Rank::ALL.iter().map(|(rank, letter, prefix)| format!("{letter}: {rank:?}, shown as {prefix}")).collect()
}

fn notices() -> Vec<String> {
    sorted(NoticeKind::ALL.iter().map(|(_, letter, help)| (*letter, *help)))
}

fn user_modes() -> Vec<String> {
    sorted(UserFlag::ALL.iter().map(|(_, letter, help)| (*letter, *help)))
}

fn sorted(rows: impl Iterator<Item = (char, &'static str)>) -> Vec<String> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by_key(|(letter, _)| (letter.to_ascii_lowercase(), *letter));
    rows.into_iter().map(|(letter, help)| format!("{letter}: {help}")).collect()
}
