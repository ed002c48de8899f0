//! Messages of several lines.

use super::{hear, in_den};
use crate::session::{Happening, Heard, What};

#[test]
fn a_message_of_several_lines_is_told_when_it_is_complete() {
    let mut session = in_den();
    let before = hear(
        &mut session,
        "@label=7;time=2026-11-22T12:09:00.000Z;msgid=x1 :me!me@home BATCH +b draft/multiline #den
         @batch=b :me!me@home PRIVMSG #den :one
         @batch=b :me!me@home PRIVMSG #den :two,
         @batch=b;draft/multiline-concat :me!me@home PRIVMSG #den :three",
    );
    assert_eq!(before, []);
    let heard = hear(&mut session, ":bob!b@h PRIVMSG #den :besides\n:me!me@home BATCH -b");
    let told: Vec<(String, Option<&str>, bool, Option<&str>)> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Happened(Happening { time, id, label, what: What::Message { text, .. }, .. }) => {
                Some((text.clone(), id.as_deref(), time.is_some(), label.as_deref()))
            }
            _ => None,
        })
        .collect();
    let line = |text: &str, id, timed, label| (text.to_owned(), id, timed, label);
    assert_eq!(
        told,
        [
            line("besides", None, false, None),
            line("one", Some("x1"), true, Some("7")),
            line("two,three", None, true, Some("7")),
        ]
    );
}

#[test]
fn a_message_of_endless_lines_is_bounded() {
    let mut session = in_den();
    hear(&mut session, ":bob!b@h BATCH +b draft/multiline #den");
    let told: usize =
        (0..2500).map(|_| hear(&mut session, "@batch=b :bob!b@h PRIVMSG #den :line").len()).sum();
    assert_eq!(told, 2000);
}
