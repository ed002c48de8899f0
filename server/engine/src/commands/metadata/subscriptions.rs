//! Which keys a client is told of: METADATA SUB, UNSUB and SUBS.

use super::{Failure, Subject, batch, fail, is_key, named, no_key, sync};
use crate::context::Cx;

/// Keys in one numeric. A message has at most fifteen parameters, of which the nick is one.
const KEYS_PER_LINE: usize = 6;

/// "The server MUST process each key in order, as the client uses this order to determine which keys they were and were
/// not able to subscribe to."
pub(super) fn subscribe(cx: &mut Cx<'_>, target: &str, keys: &[&str]) -> Result<(), Failure> {
    oneself(cx, target)?;
    let subscribed_max = cx.settings.limits.metadata_subs_max;
    let (mut accepted, mut new, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        if !is_key(key) {
            failures.push(no_key(key));
            continue;
        }
        if cx.session.subscriptions.get().map_or(0, |keys| keys.len()) >= subscribed_max {
            failures.push(Failure("TOO_MANY_SUBS", vec![(*key).to_owned()], "Too many subscriptions"));
            break;
        }
        accepted.push(*key);
        if cx.session.subscriptions.change(|keys| keys.insert((*key).to_owned())) {
            new.push(*key);
        }
    }
    in_lines(cx, "770", &accepted);
    failures.iter().for_each(|failure| fail(cx, failure));
    if cx.session.user().is_some() {
        sync::show_all(cx, &new);
    }
    Ok(())
}

pub(super) fn unsubscribe(cx: &mut Cx<'_>, target: &str, keys: &[&str]) -> Result<(), Failure> {
    oneself(cx, target)?;
    let (valid, invalid): (Vec<&str>, Vec<&str>) = keys.iter().partition(|key| is_key(key));
    for key in &valid {
        cx.session.subscriptions.change(|keys| keys.remove(*key));
    }
    in_lines(cx, "771", &valid);
    invalid.into_iter().for_each(|key| fail(cx, &no_key(key)));
    Ok(())
}

pub(super) fn list(cx: &mut Cx<'_>, target: &str) -> Result<(), Failure> {
    oneself(cx, target)?;
    let keys: Vec<String> = cx.session.subscriptions.get().into_iter().flatten().cloned().collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    batch(cx, &["metadata-subs"], |cx| in_lines(cx, "772", &keys));
    Ok(())
}

/// Subscriptions are one's own only.
fn oneself(cx: &Cx<'_>, target: &str) -> Result<(), Failure> {
    match named(cx, target)? {
        Subject::Greeting => Ok(()),
        Subject::User(user) if user.id == cx.user().id => Ok(()),
        Subject::User(_) | Subject::Channel(_) => {
            Err(Failure("INVALID_TARGET", vec![target.to_owned()], "Subscriptions are one's own: use *"))
        }
    }
}

fn in_lines(cx: &mut Cx<'_>, code: &str, keys: &[&str]) {
    for keys in keys.chunks(KEYS_PER_LINE) {
        let (last, others) = keys.split_last().expect("a chunk is not empty");
        cx.say_numeric(code, others, last);
    }
}
