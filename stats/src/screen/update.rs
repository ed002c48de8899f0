//! What changes the model.

use std::time::Duration;

use crossterm::event::{KeyEvent, KeyModifiers};
use segment::{History, ReadError};

use super::gathered::Talk;
use super::keys::{Action, action};
use super::model::{Figures, Look, Model, Page, SORTS, VIEWS, View};
use super::sieve::{Sieve, type_key};

/// The intervals between which `+` and `-` choose, in milliseconds.
const INTERVALS_MS: [u64; 9] = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

/// Something has happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The terminal has so many columns and rows.
    Size(u16, u16),
    /// The segment was looked at.
    Looked(Box<Look>),
    /// The history of the room that is watched was read.
    Heard(Result<History, ReadError>),
    /// There is something to say.
    Noted(String),
}

/// What the model wants of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The history of the room that is watched, at once.
    Listen,
    /// What is known, in a file.
    Write,
    /// The end.
    Quit,
}

/// Lets the model know of the event.
pub fn update(model: &mut Model, event: Event) -> Option<Wish> {
    match event {
        Event::Key(key) => {
            model.notice = None;
            // While a filter is typed, letters are letters.
            let ends = key.modifiers == KeyModifiers::CONTROL && action(key) == Some(Action::Quit);
            if model.sieve.typing && !ends {
                type_key(model, key);
                return None;
            }
            action(key).and_then(|action| act(model, action))
        }
        Event::Size(columns, rows) => {
            model.size = (columns, rows);
            None
        }
        Event::Looked(mut look) => {
            if let Ok(sample) = &mut look.sample {
                sample.keep_rooms(&model.patterns);
            }
            model.gathered.take(*look);
            None
        }
        Event::Heard(heard) => {
            if let Some(talk) = &mut model.gathered.talk {
                talk.take(heard);
            }
            // A room that is entered during a pause is shown as it was then.
            if let Some(frozen) = &mut model.frozen
                && frozen.talk.is_none()
            {
                frozen.talk = model.gathered.talk.clone();
            }
            None
        }
        Event::Noted(notice) => {
            model.notice = Some(notice);
            None
        }
    }
}

fn act(model: &mut Model, action: Action) -> Option<Wish> {
    let half = usize::from(model.size.1 / 2).max(1);
    match action {
        Action::Quit => return Some(Wish::Quit),
        Action::Pause => pause(model),
        Action::Down => step(model, |at| at.saturating_add(1)),
        Action::Up => step(model, |at| at.saturating_sub(1)),
        Action::PageDown => step(model, |at| at.saturating_add(half)),
        Action::PageUp => step(model, |at| at.saturating_sub(half)),
        Action::First => step(model, |_| 0),
        Action::Last => step(model, |_| usize::MAX),
        Action::Enter => return enter(model),
        Action::Back => back(model),
        Action::Sort => {
            let at = SORTS.iter().position(|(sort, _)| *sort == model.sort).expect("the table has all");
            model.sort = SORTS[(at + 1) % SORTS.len()].0;
        }
        Action::Reverse => model.reverse = !model.reverse,
        Action::Zeros => model.hide_zeros = !model.hide_zeros,
        Action::Figures => {
            model.figures = match model.figures {
                Figures::Totals => Figures::Rates,
                Figures::Rates => Figures::Totals,
            }
        }
        Action::Turn(view) => {
            leave_room(model);
            turn(model, Page::View(view));
        }
        Action::NextView => {
            let at = VIEWS.iter().position(|view| model.page == Page::View(*view));
            leave_room(model);
            turn(model, Page::View(at.map_or(View::Rooms, |at| VIEWS[(at + 1) % VIEWS.len()])));
        }
        Action::Filter if matches!(model.page, Page::Room(_)) => {}
        Action::Filter => model.sieve.begin(),
        Action::Expand => model.expanded = !model.expanded,
        Action::Write => return Some(Wish::Write),
        Action::Slower => model.interval = slower(model.interval),
        Action::Faster => model.interval = faster(model.interval),
        Action::Help => match model.page.clone() {
            Page::Help(_) => back(model),
            page => turn(model, Page::Help(Box::new(page))),
        },
    }
    None
}

fn pause(model: &mut Model) {
    model.frozen = match model.frozen {
        Some(_) => None,
        None => Some(Box::new(model.gathered.clone())),
    };
}

/// The bar on the rooms, the lines on the other pages.
fn step(model: &mut Model, to: impl Fn(usize) -> usize) {
    if model.page == Page::View(View::Rooms) {
        let rooms = model.rooms();
        let at = to(model.selected_at(&rooms)).min(rooms.len().saturating_sub(1));
        model.selected = rooms.get(at).map(|room| room.tenure);
        return;
    }
    let lines = super::view::lines(model);
    // In a room the newest line is at the bottom, and scrolling up goes back in time.
    model.scroll = match model.page {
        Page::Room(_) => lines - to(lines - model.scroll.min(lines)).min(lines),
        Page::View(_) | Page::Help(_) => to(model.scroll.min(lines)).min(lines),
    };
}

fn enter(model: &mut Model) -> Option<Wish> {
    if model.page != Page::View(View::Rooms) {
        return None;
    }
    let rooms = model.rooms();
    let room = *rooms.get(model.selected_at(&rooms))?;
    let (name, tenure) = (room.name.clone(), room.tenure);
    // The bar stays where it was when one comes back.
    model.selected = Some(tenure);
    model.gathered.talk = Some(Talk::new(&name));
    if let Some(frozen) = &mut model.frozen {
        frozen.talk = None;
    }
    turn(model, Page::Room(name));
    Some(Wish::Listen)
}

fn back(model: &mut Model) {
    let page = match &model.page {
        // First the filter goes, then the page.
        _ if !model.sieve.text.is_empty() => return model.sieve = Sieve::default(),
        Page::Help(behind) => (**behind).clone(),
        Page::View(_) | Page::Room(_) => Page::View(View::Rooms),
    };
    if !matches!(page, Page::Room(_)) {
        leave_room(model);
    }
    turn(model, page);
}

fn leave_room(model: &mut Model) {
    model.gathered.talk = None;
}

fn turn(model: &mut Model, page: Page) {
    // A filter is about the rows of one page. In a room there are none, and one comes back from there.
    if !matches!(page, Page::Room(_)) && !matches!(model.page, Page::Room(_)) {
        model.sieve = Sieve::default();
    }
    model.page = page;
    model.scroll = 0;
}

fn slower(interval: Duration) -> Duration {
    let longer = INTERVALS_MS.into_iter().map(Duration::from_millis).find(|longer| *longer > interval);
    longer.unwrap_or(interval)
}

fn faster(interval: Duration) -> Duration {
    let shorter =
        INTERVALS_MS.into_iter().rev().map(Duration::from_millis).find(|shorter| *shorter < interval);
    shorter.unwrap_or(interval)
}
