//! Commands about people and words.

use wire::{Encoder, sendable_text};

use super::{first_word, usage};
use crate::model::Model;
use crate::say::{Long, say};
use crate::session::Said;

pub(super) fn away(model: &mut Model, reason: &str) -> Result<(), String> {
    let reason = if reason.is_empty() { "away" } else { reason };
    model.own.away = Some(reason.to_owned());
    model.ask(Encoder::new().verb("AWAY").trailing(sendable_text(reason)).end());
    Ok(())
}

pub(super) fn back(model: &mut Model, _: &str) -> Result<(), String> {
    model.own.away = None;
    model.ask(Encoder::new().verb("AWAY").end());
    Ok(())
}

pub(super) fn me(model: &mut Model, text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err(usage("me"));
    }
    say(model, model.current, Said::Action, text, Long::Refused).map_err(|refused| refused.to_string())
}

pub(super) fn msg(model: &mut Model, args: &str) -> Result<(), String> {
    let (target, text) = first_word(args);
    if text.is_empty() {
        return Err(usage("msg"));
    }
    let index = model.open(target);
    say(model, index, Said::Message, text, Long::Refused).map_err(|refused| refused.to_string())
}

pub(super) fn query(model: &mut Model, args: &str) -> Result<(), String> {
    let (nick, text) = first_word(args);
    if nick.is_empty() || model.session.isupport().is_channel(nick) {
        return Err(usage("query"));
    }
    let index = model.open(nick);
    model.show(index);
    model.talk_opened(index);
    if text.is_empty() {
        return Ok(());
    }
    say(model, index, Said::Message, text, Long::Refused).map_err(|refused| refused.to_string())
}

pub(super) fn nick(model: &mut Model, args: &str) -> Result<(), String> {
    let (nick, rest) = first_word(args);
    if nick.is_empty() || !rest.is_empty() {
        return Err(usage("nick"));
    }
    if model.online() {
        model.ask(Encoder::new().verb("NICK").param(nick).end());
    } else {
        nick.clone_into(&mut model.wanted.nick);
        model.tell(crate::buffer::Tone::Info, &format!("You will be {nick} on the next connection."));
    }
    Ok(())
}

pub(super) fn notice(model: &mut Model, args: &str) -> Result<(), String> {
    let (target, text) = first_word(args);
    if text.is_empty() {
        return Err(usage("notice"));
    }
    let index = model.open(target);
    say(model, index, Said::Notice, text, Long::Refused).map_err(|refused| refused.to_string())
}

pub(super) fn quote(model: &mut Model, line: &str) -> Result<(), String> {
    if line.is_empty() {
        return Err(usage("quote"));
    }
    if model.link != crate::model::Link::Up {
        return Err("There is no connection; nothing was sent.".to_owned());
    }
    model.send(format!("{}\r\n", sendable_text(line)));
    Ok(())
}

pub(super) fn who(model: &mut Model, mask: &str) -> Result<(), String> {
    let mask = if mask.is_empty() { model.buffer().name.clone() } else { mask.to_owned() };
    model.ask(Encoder::new().verb("WHO").param(&mask).end());
    Ok(())
}

pub(super) fn whois(model: &mut Model, nick: &str) -> Result<(), String> {
    let nick = match nick {
        "" if model.buffer().kind == crate::buffer::Kind::Query => model.buffer().name.clone(),
        "" => model.session.nick().to_owned(),
        nick => nick.to_owned(),
    };
    model.ask(Encoder::new().verb("WHOIS").param(&nick).end());
    Ok(())
}

pub(super) fn whowas(model: &mut Model, nick: &str) -> Result<(), String> {
    if nick.is_empty() {
        return Err(usage("whowas"));
    }
    model.ask(Encoder::new().verb("WHOWAS").param(nick).end());
    Ok(())
}
