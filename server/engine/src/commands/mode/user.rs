//! MODE of a user.

use wire::{Encoder, Reply, Timestamp, numeric};

use super::{Cause, Happening, Heard};
use crate::context::Cx;
use crate::modes::{NoticeKind, NoticeKinds, UserFlag, UserFlags};
use crate::outgoing::{Audience, Outgoing, Told};
use crate::settings::Settings;
use crate::world::{Stale, UserId, World};

/// Somebody changed what is switched on for himself.
#[derive(Clone, Debug)]
pub struct UserModeChange {
    /// Who.
    pub user: UserId,
    /// What is switched on.
    pub on: Vec<UserFlag>,
    /// What is switched off.
    pub off: Vec<UserFlag>,
    /// Which server notices are heard from now on, if others than before.
    pub notices: Option<NoticeKinds>,
}

pub(super) fn mode(cx: &mut Cx<'_>, nick: &str, params: &[&str]) -> Result<(), Reply> {
    let target = cx.user_named(nick)?;
    let user = cx.user();
    if target.id != user.id {
        return Err(numeric::ERR_USERSDONTMATCH.with(&[]));
    }
    let Some(letters) = params.first() else {
        cx.answer(&numeric::RPL_UMODEIS, &[&format!("+{}", user.flags)]);
        return Ok(());
    };
    let (mut on, mut off, mut adding, mut unknown) = (Vec::new(), Vec::new(), true, false);
    let (mut notices, mut parameters) = (None, params[1..].iter());
    for letter in letters.chars() {
        match (letter, UserFlag::of_letter(letter)) {
            ('+', _) => adding = true,
            ('-', _) => adding = false,
            // "If a user attempts to make themselves an operator using the "+o" or "+O" flag, the attempt SHOULD be
            // ignored" (RFC 2812, section 3.1.5).
            ('o' | 'O', _) if adding => {}
            (_, Some(UserFlag::Notices)) if !adding => notices = Some(NoticeKinds::NONE),
            (_, Some(UserFlag::Notices)) if !cx.is_operator() => cx.answer(&numeric::ERR_NOPRIVILEGES, &[]),
            (_, Some(UserFlag::Notices)) => notices = Some(kinds(parameters.next().copied(), user.notices())),
            (_, Some(flag)) => {
                on.retain(|other| *other != flag);
                off.retain(|other| *other != flag);
                if adding { on.push(flag) } else { off.push(flag) }
            }
            (_, None) => unknown = true,
        }
    }
    if !on.is_empty() || !off.is_empty() || notices.is_some() {
        cx.happen(UserModeChange { user: user.id, on, off, notices });
    }
    // "the server MUST apply the modes that are implemented, and then send the ERR_UMODEUNKNOWNFLAG"
    if unknown {
        cx.answer(&numeric::ERR_UMODEUNKNOWNFLAG, &[]);
    }
    Ok(())
}

/// The kinds of notices that letters name: all without any, those of before and others or fewer with a sign.
fn kinds(letters: Option<&str>, before: NoticeKinds) -> NoticeKinds {
    let Some(letters) = letters.filter(|letters| *letters != "*") else { return NoticeKinds::all() };
    let (mut kinds, mut adding) = (NoticeKinds::NONE, true);
    if letters.starts_with(['+', '-']) {
        kinds = before;
    }
    for letter in letters.chars() {
        match (letter, NoticeKind::of_letter(letter)) {
            ('+', _) => adding = true,
            ('-', _) => adding = false,
            (_, Some(kind)) => kinds.put(kind, adding),
            // A letter that other servers know is no mistake.
            (_, None) => {}
        }
    }
    kinds
}

impl Happening for UserModeChange {
    fn apply(&self, _at: Timestamp, world: &mut World, _settings: &Settings) -> Result<Heard, Stale> {
        let before = world.user(self.user).ok_or(Stale)?.flags;
        let mut modes = Vec::new();
        for (flags, on, sign) in [(&self.on, true, '+'), (&self.off, false, '-')] {
            for flag in flags {
                if world.flag(self.user, *flag, on).is_ok() {
                    modes.push((sign, flag.letter(), None));
                }
            }
        }
        let listens = self.notices.is_some_and(|kinds| world.listen(self.user, kinds).is_ok());
        // Who is no operator any more hears no notices either.
        let has = |flags: UserFlags| flags.has(UserFlag::Notices);
        match (has(before), has(world.user(self.user).ok_or(Stale)?.flags)) {
            (false, true) => modes.push(('+', UserFlag::Notices.letter(), None)),
            (true, false) => modes.push(('-', UserFlag::Notices.letter(), None)),
            _ => {}
        }
        if modes.is_empty() && !listens {
            return Err(Stale);
        }
        Ok(Heard { users: vec![self.user], modes, ..Heard::default() })
    }

    fn tell(&self, cause: &Cause<'_>, heard: &Heard, told: &mut Vec<Told>) {
        if heard.modes.is_empty() {
            return;
        }
        let nick = &cause.world.user(self.user).expect("who changed modes is here").nick;
        let mut letters = String::new();
        let mut last = None;
        for (sign, letter, _) in &heard.modes {
            if last.replace(*sign) != Some(*sign) {
                letters.push(*sign);
            }
            letters.push(*letter);
        }
        let line = Encoder::new().source(nick.as_str()).verb("MODE").param(nick.as_str()).param(&letters);
        let line = Outgoing::new(cause.event.at, line).id(&cause.event.id);
        told.push(Told::new(Audience::Users(heard.users.clone()), line));
    }
    fn answer(&self, cx: &mut Cx<'_>) {
        if self.notices.is_some_and(|kinds| kinds != NoticeKinds::NONE) {
            cx.answer(&numeric::RPL_SNOMASK, &[&format!("+{}", cx.user().notices())]);
        }
    }
}
