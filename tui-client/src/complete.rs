//! Completion with Tab: nicks by who spoke last, commands, rooms.

use std::ops::Range;

use crate::buffer::Kind;
use crate::commands;
use crate::config::{self, Setting};
use crate::model::Model;

/// A completion that repeated Tab continues.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    candidates: Vec<String>,
    index: usize,
    range: Range<usize>,
}

/// In which direction the candidates are gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Tab.
    Forward,
    /// Shift+Tab.
    Back,
}

/// Completes the word before the cursor, or goes on to the next candidate.
pub(crate) fn complete(model: &mut Model, direction: Direction) {
    let completion = match model.completion.take() {
        Some(mut going_on) => {
            let count = going_on.candidates.len();
            going_on.index = match direction {
                Direction::Forward => (going_on.index + 1) % count,
                Direction::Back => (going_on.index + count - 1) % count,
            };
            Some(going_on)
        }
        None => begin(model, direction),
    };
    let Some(mut completion) = completion else { return };
    let text = completion.candidates[completion.index].clone();
    model.input().replace(completion.range.clone(), &text);
    completion.range.end = completion.range.start + text.len();
    model.completion = Some(completion);
}

fn begin(model: &Model, direction: Direction) -> Option<Completion> {
    let input = &model.buffer().input;
    let before = &input.text()[..input.cursor()];
    let start = before.rfind([' ', '\n']).map_or(0, |blank| blank + 1);
    let word = &before[start..];
    let command = start == 0 && word.starts_with('/') && !word.starts_with("//");
    let candidates = if let Some(words) = of_command(model, &before[..start]) {
        words.into_iter().filter(|name| name.starts_with(word)).map(|name| name + " ").collect()
    } else if command {
        let names = commands::TABLE.iter().map(|row| row.name).filter(|name| name.starts_with(&word[1..]));
        names.map(|name| format!("/{name} ")).collect()
    } else if model.session.isupport().is_channel(word) {
        rooms(model, word)
    } else {
        let end = if start == 0 { ": " } else { " " };
        nicks(model, word).into_iter().map(|nick| nick + end).collect::<Vec<_>>()
    };
    let index = match direction {
        Direction::Forward => 0,
        Direction::Back => candidates.len().checked_sub(1)?,
    };
    let range = start..input.cursor();
    (!candidates.is_empty()).then_some(Completion { candidates, index, range })
}

/// What can stand behind a command, if that is known: settings and their values, networks.
fn of_command(model: &Model, before: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = before.strip_prefix('/')?.split_whitespace().collect();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match words[..] {
        ["set"] => Some(config::TABLE.iter().map(|row| row.name.to_owned()).collect()),
        ["set", name] => Some(match Setting::find(name)?.kind {
            config::Kind::Switch => texts(&["on", "off"]),
            config::Kind::Choice(words) => texts(words),
            config::Kind::Number(..) | config::Kind::Text | config::Kind::Words => Vec::new(),
        }),
        ["connect" | "disconnect" | "reconnect" | "trust" | "save"] => {
            let known = model.networks.iter().map(|network| network.name.clone());
            let configured = model.profiles.iter().map(|profile| profile.name.clone());
            let mut names: Vec<String> = known.chain(configured).collect();
            names.dedup();
            Some(names)
        }
        _ => None,
    }
}

fn rooms(model: &Model, word: &str) -> Vec<String> {
    let prefix = model.session.fold(word);
    let here = model.buffers.iter().filter(|buffer| buffer.network == model.id);
    let names = here.filter(|buffer| buffer.kind == Kind::Room).map(|buffer| &buffer.name);
    let mut found: Vec<&String> = names.collect();
    // The room one is in comes first: it is meant most often.
    found.sort_by_key(|name| (**name != model.buffer().name, model.session.fold(name)));
    let fits = |name: &&&String| model.session.fold(name).as_str().starts_with(prefix.as_str());
    found.iter().filter(fits).map(|name| format!("{name} ")).collect()
}

/// Those who are there: whom one talks with, then who spoke last, then by alphabet.
fn nicks(model: &Model, word: &str) -> Vec<String> {
    let buffer = model.buffer();
    let prefix = model.session.fold(word);
    let room = model.session.room(&buffer.name).filter(|_| buffer.kind == Kind::Room);
    let present: Vec<&String> = match (room, buffer.kind) {
        (Some(room), _) => room.members.values().map(|member| &member.nick).collect(),
        (None, Kind::Query) => vec![&buffer.name],
        (None, _) => Vec::new(),
    };
    let recency = |names: &[String], nick: &str| {
        names.iter().rev().position(|name| model.session.same(name, nick)).unwrap_or(usize::MAX)
    };
    let mut fitting: Vec<(usize, usize, wire::Folded, &String)> = present
        .into_iter()
        .filter(|nick| !model.session.is_me(nick))
        .map(|nick| (model.session.fold(nick), nick))
        .filter(|(folded, _)| folded.as_str().starts_with(prefix.as_str()))
        .map(|(folded, nick)| (recency(&buffer.partners, nick), recency(&buffer.talkers, nick), folded, nick))
        .collect();
    fitting.sort();
    fitting.into_iter().map(|(.., nick)| nick.clone()).collect()
}
