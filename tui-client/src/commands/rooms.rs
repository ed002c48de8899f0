//! Commands about rooms.

use wire::{Encoder, Mask, sendable_text};

use super::{first_word, usage};
use crate::buffer::{Kind, Tone};
use crate::model::Model;

/// Rank changes that fit into one line on every server (RFC 1459, section 4.2.3.1).
const CHANGES_PER_LINE: usize = 3;
/// Modes of a person that he cannot give himself: away, operators, and a registered nick.
const GIVEN_MODES: &[char] = &['a', 'o', 'O', 'r'];

pub(super) fn join(model: &mut Model, args: &str) -> Result<(), String> {
    let (names, key) = first_word(args);
    let names = match (names, model.buffer().kind) {
        ("", Kind::Room) => model.buffer().name.clone(),
        ("", _) => return Err(usage("join")),
        (names, _) => names.to_owned(),
    };
    for name in names.split(',').filter(|name| !name.is_empty()) {
        // A room's sign is often forgotten, and a name without one is never a room.
        let name =
            if model.session.isupport().is_channel(name) { name.to_owned() } else { format!("#{name}") };
        let index = model.open(&name);
        model.show(index);
        if model.session.room(&name).is_some() {
            continue;
        }
        let mut line = Encoder::new().verb("JOIN").param(&name);
        let wanted = if key.is_empty() { name.clone() } else { format!("{name} {key}") };
        if !key.is_empty() {
            line = line.param(key);
        }
        model.want_room(&wanted);
        if model.online() {
            model.send(line.end());
        } else {
            model.tell(Tone::Info, &format!("{name} is entered when the connection stands."));
        }
    }
    Ok(())
}

pub(super) fn part(model: &mut Model, args: &str) -> Result<(), String> {
    let (room, reason) = room_and_rest(model, args, "part")?;
    leave(model, &room, reason);
    Ok(())
}

pub(super) fn close(model: &mut Model, reason: &str) -> Result<(), String> {
    let index = model.current;
    match model.buffer().kind {
        Kind::Server => return Err("The server's buffer stays; /quit ends the client.".to_owned()),
        Kind::Room => {
            let name = model.buffer().name.clone();
            leave(model, &name, reason);
        }
        Kind::Query | Kind::List => {}
    }
    let previous = model.previous;
    let id = model.buffers.remove(index).id;
    model.kept.retain(|kept| kept.buffer != id);
    model.pending.retain(|pending| pending.buffer != id);
    model.current = model.position(previous).unwrap_or(index.saturating_sub(1));
    model.seen();
    Ok(())
}

fn leave(model: &mut Model, room: &str, reason: &str) {
    model.leave_room(room);
    if model.online() && model.session.room(room).is_some() {
        let line = Encoder::new().verb("PART").param(room);
        model.ask(match reason {
            "" => line.end(),
            reason => line.trailing(sendable_text(reason)).end(),
        });
    }
}

pub(super) fn topic(model: &mut Model, args: &str) -> Result<(), String> {
    let (room, text) = room_and_rest(model, args, "topic")?;
    let line = Encoder::new().verb("TOPIC").param(&room);
    model.ask(match text {
        "" => line.end(),
        // There is no other way to say "none" than an empty text, which cannot be typed.
        "-" => line.trailing("").end(),
        text => line.trailing(sendable_text(text)).end(),
    });
    Ok(())
}

pub(super) fn names(model: &mut Model, args: &str) -> Result<(), String> {
    let (room, _) = room_and_rest(model, args, "names")?;
    model.ask(Encoder::new().verb("NAMES").param(&room).end());
    Ok(())
}

pub(super) fn list(model: &mut Model, pattern: &str) -> Result<(), String> {
    let name = format!("rooms of {}", model.buffers[model.server()].name);
    let index = model.open_list(&name);
    model.show(index);
    let line = Encoder::new().verb("LIST");
    model.ask(if pattern.is_empty() { line.end() } else { line.param(pattern).end() });
    Ok(())
}

pub(super) fn invite(model: &mut Model, args: &str) -> Result<(), String> {
    let (nick, room) = first_word(args);
    if nick.is_empty() {
        return Err(usage("invite"));
    }
    let (room, _) = room_and_rest(model, room, "invite")?;
    model.ask(Encoder::new().verb("INVITE").param(nick).param(&room).end());
    Ok(())
}

pub(super) fn kick(model: &mut Model, args: &str) -> Result<(), String> {
    let (room, rest) = room_and_rest(model, args, "kick")?;
    let (nick, reason) = first_word(rest);
    if nick.is_empty() {
        return Err(usage("kick"));
    }
    let line = Encoder::new().verb("KICK").param(&room).param(nick);
    model.ask(if reason.is_empty() { line.end() } else { line.trailing(sendable_text(reason)).end() });
    Ok(())
}

pub(super) fn mode(model: &mut Model, args: &str) -> Result<(), String> {
    let (first, _) = first_word(args);
    let changes_here = first.starts_with(['+', '-']) && model.buffer().kind == Kind::Room;
    let (target, changes) = match first {
        "" if model.buffer().kind == Kind::Room => (model.buffer().name.clone(), ""),
        "" => (model.session.nick().to_owned(), ""),
        _ if changes_here => (model.buffer().name.clone(), args),
        _ if first.starts_with(['+', '-']) => (model.session.nick().to_owned(), args),
        _ => (first.to_owned(), first_word(args).1),
    };
    if model.session.is_me(&target) {
        note_own_modes(model, changes);
    }
    let mut line = Encoder::new().verb("MODE").param(&target);
    for word in changes.split_ascii_whitespace() {
        line = line.param(word);
    }
    model.ask(line.end());
    Ok(())
}

/// Notes which modes the person wants to have, or not to have, so that they are set again after a reconnect. Those that
/// a server gives itself are none of them.
fn note_own_modes(model: &mut Model, changes: &str) {
    let mut set = true;
    for letter in changes.split(' ').next().unwrap_or_default().chars() {
        match letter {
            '+' => set = true,
            '-' => set = false,
            letter if GIVEN_MODES.contains(&letter) || !letter.is_ascii_alphabetic() => {}
            letter => drop(model.own.modes.insert(letter, set)),
        }
    }
}

pub(super) fn op(model: &mut Model, args: &str) -> Result<(), String> {
    rank(model, args, "op", "+", 'o')
}

pub(super) fn deop(model: &mut Model, args: &str) -> Result<(), String> {
    rank(model, args, "deop", "-", 'o')
}

pub(super) fn voice(model: &mut Model, args: &str) -> Result<(), String> {
    rank(model, args, "voice", "+", 'v')
}

pub(super) fn devoice(model: &mut Model, args: &str) -> Result<(), String> {
    rank(model, args, "devoice", "-", 'v')
}

fn rank(model: &mut Model, args: &str, name: &str, sign: &str, letter: char) -> Result<(), String> {
    let (room, nicks) = room_and_rest(model, args, name)?;
    let nicks: Vec<&str> = nicks.split_ascii_whitespace().collect();
    if nicks.is_empty() {
        return Err(usage(name));
    }
    for some in nicks.chunks(CHANGES_PER_LINE) {
        let letters = letter.to_string().repeat(some.len());
        let line = Encoder::new().verb("MODE").param(&room).param(&format!("{sign}{letters}"));
        let line = some.iter().fold(line, |line, nick| line.param(nick));
        model.ask(line.end());
    }
    Ok(())
}

pub(super) fn ban(model: &mut Model, args: &str) -> Result<(), String> {
    let (room, mask) = room_and_rest(model, args, "ban")?;
    let line = Encoder::new().verb("MODE").param(&room);
    model.ask(match mask {
        "" => line.param("b").end(),
        mask => line.param("+b").param(Mask::complete(first_word(mask).0).as_str()).end(),
    });
    Ok(())
}

pub(super) fn unban(model: &mut Model, args: &str) -> Result<(), String> {
    let (room, mask) = room_and_rest(model, args, "unban")?;
    if mask.is_empty() {
        return Err(usage("unban"));
    }
    let mask = Mask::complete(first_word(mask).0);
    model.ask(Encoder::new().verb("MODE").param(&room).param("-b").param(mask.as_str()).end());
    Ok(())
}

/// The room that is meant: the one that is named, else the one that is shown; and the other words.
fn room_and_rest<'a>(model: &Model, args: &'a str, command: &str) -> Result<(String, &'a str), String> {
    let (first, rest) = first_word(args);
    if model.session.isupport().is_channel(first) {
        return Ok((first.to_owned(), rest));
    }
    match model.buffer().kind {
        Kind::Room => Ok((model.buffer().name.clone(), args)),
        Kind::Server | Kind::Query | Kind::List => {
            Err(format!("This is no room; name one. {}", usage(command)))
        }
    }
}
