//! METADATA: what people tell of themselves and of their channels, as keys and values (IRCv3 metadata).
//!
//! Two versions of the draft are spoken. They differ in how changes are told, with METADATA in `draft/metadata-2` and with
//! the numerics 761 and 766 in `draft/metadata-3`, and in how a value that cannot be is refused.

mod change;
mod subscriptions;
mod sync;

use wire::capability;
use wire::{Reply, numeric};

use super::{Cause, Command, Happening, Heard, When};
use crate::context::Cx;
use crate::modes::Rank;
use crate::outgoing::in_batch;
use crate::settings::Settings;
use crate::turn::Item;
use crate::world::{Channel, Metadata, User};

pub use change::MetadataChange;
pub(super) use sync::{own, present_to_others, present_user, show_channel, show_users};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    Command { verb: "METADATA", when: When::Any, min: 2, syntax: "<target> GET <key>… | <target> LIST | <target> SET <key> [:<value>] | <target> CLEAR | * SUB <key>… | * UNSUB <key>… | * SUBS | <target> SYNC", help: "Tells and changes what is known of users and channels besides, and chooses which changes one is told. The target * is oneself.", run: metadata },
];

/// Bytes of a key. Longer ones are none.
const KEY_BYTES_MAX: usize = 48;

/// Why something cannot be: the code of the standard reply, what it is about, and words.
struct Failure(&'static str, Vec<String>, &'static str);

/// Whose metadata is meant.
#[derive(Clone, Copy)]
enum Subject<'a> {
    /// One's own, before one has registered.
    Greeting,
    User(&'a User),
    Channel(&'a Channel),
}

/// WHOIS: "… a subset of that metadata MAY be sent with RPL_WHOISKEYVALUE numerics."; here it is all of it.
pub(super) fn tell_in_whois(cx: &mut Cx<'_>, user: &User) {
    if understands(cx) {
        for (key, value) in user.metadata.iter() {
            cx.answer(&numeric::RPL_WHOISKEYVALUE, &[user.nick.as_str(), key, "*", value]);
        }
    }
}

/// What the capability is shown to be worth.
pub(crate) fn value(settings: &Settings) -> String {
    let limits = &settings.limits;
    let (subs, keys) = (limits.metadata_subs_max, limits.metadata_keys_max);
    let bytes = limits.metadata_value_bytes_max;
    format!("before-connect,max-subs={subs},max-keys={keys},max-value-bytes={bytes}")
}

fn metadata(cx: &mut Cx<'_>, params: &[&str]) -> Result<(), Reply> {
    if cx.session.user().is_none() && !understands(cx) {
        return Err(numeric::ERR_NOTREGISTERED.with(&[]));
    }
    let subcommand = params[1].to_ascii_uppercase();
    let needs_key = matches!(subcommand.as_str(), "GET" | "SET" | "SUB" | "UNSUB");
    if needs_key && params.len() < 3 {
        return Err(numeric::ERR_NEEDMOREPARAMS.with(&["METADATA"]));
    }
    let (target, keys) = (params[0], &params[2..]);
    let outcome = match subcommand.as_str() {
        "GET" => get(cx, target, keys),
        "LIST" => list(cx, target),
        "SET" => set(cx, target, keys[0], keys.get(1).copied()),
        "CLEAR" => clear(cx, target),
        "SUB" => subscriptions::subscribe(cx, target, keys),
        "UNSUB" => subscriptions::unsubscribe(cx, target, keys),
        "SUBS" => subscriptions::list(cx, target),
        "SYNC" => readable(cx, target).map(|subject| sync::sync(cx, subject)),
        _ => Err(Failure("SUBCOMMAND_INVALID", vec![params[1].to_owned()], "Invalid subcommand")),
    };
    if let Err(failure) = outcome {
        fail(cx, &failure);
    }
    Ok(())
}

/// Whether a client understands one of the two drafts.
fn understands(cx: &Cx<'_>) -> bool {
    let capabilities = cx.session.capabilities;
    capabilities.has(&capability::METADATA_2) || capabilities.has(&capability::METADATA_3)
}

fn get(cx: &mut Cx<'_>, target: &str, keys: &[&str]) -> Result<(), Failure> {
    let subject = readable(cx, target)?;
    let (shown, known) = (shown(subject), known(cx, subject));
    batch(cx, &["metadata", &shown], |cx| {
        for key in keys {
            match known.get(key) {
                Some(value) => cx.answer(&numeric::RPL_KEYVALUE, &[&shown, key, "*", value]),
                None if is_key(key) => cx.answer(&numeric::RPL_KEYNOTSET, &[&shown, key]),
                None => fail(cx, &no_key(key)),
            }
        }
    });
    Ok(())
}

fn list(cx: &mut Cx<'_>, target: &str) -> Result<(), Failure> {
    let subject = readable(cx, target)?;
    let (shown, known) = (shown(subject), known(cx, subject));
    batch(cx, &["metadata", &shown], |cx| {
        for (key, value) in known.iter() {
            cx.answer(&numeric::RPL_KEYVALUE, &[&shown, key, "*", value]);
        }
    });
    Ok(())
}

fn set(cx: &mut Cx<'_>, target: &str, key: &str, value: Option<&str>) -> Result<(), Failure> {
    let subject = named(cx, target)?;
    if !is_key(key) {
        return Err(no_key(key));
    }
    let (shown, known) = (shown(subject), known(cx, subject));
    changeable(cx, subject, key)?;
    let limits = &cx.settings.limits;
    match value {
        None if known.get(key).is_none() => {
            return Err(Failure("KEY_NOT_SET", vec![shown, key.to_owned()], "The key is not set"));
        }
        Some(value) if value.len() > limits.metadata_value_bytes_max => return Err(bad_value(cx, key)),
        Some(_) if !known.has_room_for(key, limits.metadata_keys_max) => {
            return Err(Failure("LIMIT_REACHED", vec![shown], "Metadata limit reached"));
        }
        None | Some(_) => {}
    }
    match value {
        Some(value) => cx.answer(&numeric::RPL_KEYVALUE, &[&shown, key, "*", value]),
        None => cx.answer(&numeric::RPL_KEYNOTSET, &[&shown, key]),
    }
    change(cx, subject, vec![(key.to_owned(), value.map(str::to_owned))]);
    Ok(())
}

fn clear(cx: &mut Cx<'_>, target: &str) -> Result<(), Failure> {
    let subject = named(cx, target)?;
    changeable(cx, subject, "*")?;
    let (shown, known) = (shown(subject), known(cx, subject));
    batch(cx, &["metadata", &shown], |cx| {
        for (key, _) in known.iter() {
            cx.answer(&numeric::RPL_KEYNOTSET, &[&shown, key]);
        }
    });
    change(cx, subject, known.iter().map(|(key, _)| (key.to_owned(), None)).collect());
    Ok(())
}

/// Lets keys have other values. Who has not registered takes them along when he does.
fn change(cx: &mut Cx<'_>, subject: Subject<'_>, changes: Vec<(String, Option<String>)>) {
    let keys_max = cx.settings.limits.metadata_keys_max;
    let target = match subject {
        Subject::User(user) => change::Target::User(user.id),
        Subject::Channel(channel) => change::Target::Channel(channel.name.clone()),
        Subject::Greeting => {
            let greeting = cx.session.greeting().expect("only who is greeting is one without a user");
            for (key, value) in changes {
                greeting.metadata.put(&key, value.as_deref(), keys_max);
            }
            return;
        }
    };
    cx.happen(MetadataChange { by: cx.user().id, target, changes });
}

/// Whom or what a target names. "Clients that have not completed connection registration MUST use * to target
/// themselves".
fn named<'a>(cx: &Cx<'a>, target: &str) -> Result<Subject<'a>, Failure> {
    let own = target == "*";
    let found = match cx.session.user() {
        None => own.then_some(Subject::Greeting),
        Some(_) if own => Some(Subject::User(cx.user())),
        Some(_) if wire::is_channel_like(target) => {
            let channel = cx.world.channel(target).filter(|channel| cx.sees_channel(channel));
            channel.map(Subject::Channel)
        }
        Some(_) => cx.world.user_named(target).map(Subject::User),
    };
    found.ok_or_else(|| Failure("INVALID_TARGET", vec![target.to_owned()], "Invalid target"))
}

/// Whom or what a target names, if the one who asks may read it: a channel only from inside, unless anybody could come
/// in.
fn readable<'a>(cx: &Cx<'a>, target: &str) -> Result<Subject<'a>, Failure> {
    let subject = named(cx, target)?;
    match subject {
        Subject::Channel(channel) if !channel.is_public() && !channel.has(cx.user().id) => {
            let about = vec![channel.name.to_string(), "*".to_owned()];
            Err(Failure("KEY_NO_PERMISSION", about, "You are not in that channel"))
        }
        subject => Ok(subject),
    }
}

/// Everybody may change what is told of himself, and a channel's operators what is told of it.
fn changeable(cx: &Cx<'_>, subject: Subject<'_>, key: &str) -> Result<(), Failure> {
    let may = match subject {
        Subject::Greeting => true,
        Subject::User(user) => user.id == cx.user().id,
        Subject::Channel(channel) => channel.reaches(cx.user().id, Rank::Op),
    };
    let about = || vec![shown(subject), key.to_owned()];
    may.then_some(()).ok_or_else(|| Failure("KEY_NO_PERMISSION", about(), "You do not have permission to set that"))
}

/// How a subject is called in answers.
fn shown(subject: Subject<'_>) -> String {
    match subject {
        Subject::Greeting => "*".to_owned(),
        Subject::User(user) => user.nick.to_string(),
        Subject::Channel(channel) => channel.name.to_string(),
    }
}

fn known(cx: &mut Cx<'_>, subject: Subject<'_>) -> Metadata {
    match subject {
        Subject::Greeting => cx.session.greeting().map(|greeting| greeting.metadata.clone()).unwrap_or_default(),
        Subject::User(user) => user.metadata.clone(),
        Subject::Channel(channel) => channel.metadata.clone(),
    }
}

/// "Key names are restricted to the ranges a-z, 0-9, and _./-. The empty string is an invalid value."
fn is_key(key: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'/' | b'-');
    (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(fits)
}

fn no_key(key: &str) -> Failure {
    Failure("KEY_INVALID", vec![key.to_owned()], "Invalid key")
}

fn bad_value(cx: &Cx<'_>, key: &str) -> Failure {
    let words = "The value is too long or not UTF-8";
    if cx.session.capabilities.has(&capability::METADATA_3) {
        return Failure("INVALID_VALUE", vec![key.to_owned()], words);
    }
    Failure("VALUE_INVALID", Vec::new(), words)
}

fn fail(cx: &mut Cx<'_>, Failure(code, about, words): &Failure) {
    let about: Vec<&str> = ["METADATA", code].into_iter().chain(about.iter().map(String::as_str)).collect();
    cx.say("FAIL", &about, words);
}

/// What `tell` says stands in a batch, if the client understands batches.
fn batch(cx: &mut Cx<'_>, kind: &[&str], tell: impl FnOnce(&mut Cx<'_>)) {
    let from = cx.turn.mark();
    tell(cx);
    if !cx.session.capabilities.has(&capability::BATCH) {
        return;
    }
    let said = cx.turn.take_said(from, cx.now.wall);
    let lines = in_batch(&cx.settings.server_name, cx.now.wall, "metadata", kind, said);
    cx.turn.items.extend(lines.into_iter().map(Item::Say));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_the_rules() {
        let long = "k".repeat(KEY_BYTES_MAX);
        let table = [
            ("url", true),
            ("im.xmpp", true),
            ("vendor.example/a-b_c9", true),
            (long.as_str(), true),
            (&format!("{long}k"), false),
            ("", false),
            ("Url", false),
            ("a b", false),
            ("$url$", false),
            ("a:b", false),
            ("é", false),
        ];
        for (key, expected) in table {
            assert_eq!(is_key(key), expected, "{key}");
        }
    }
}
