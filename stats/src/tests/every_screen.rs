//! What holds for every page, at every size, with and without colours.

use crossterm::event::KeyCode;

use super::screens::evening;
use super::viewer::Viewer;
use super::*;

#[test]
fn every_page_has_a_picture_at_every_size() {
    let (_scene, mut viewer) = evening();
    let small = (1..=24_u16).flat_map(|columns| (1..=9_u16).map(move |rows| (columns, rows)));
    let large = (25..=140_u16)
        .step_by(13)
        .flat_map(|columns| (1..=40_u16).step_by(5).map(move |rows| (columns, rows)));
    let sizes: Vec<_> = small.chain(large).collect();
    for keys in [
        &[][..],
        &[KeyCode::Char('?')],
        &[KeyCode::Char('?'), KeyCode::Char('c')],
        &[KeyCode::Char('2')],
        &[KeyCode::Char('3')],
        &[KeyCode::Char('4'), KeyCode::Char('/'), KeyCode::Char('t')],
        &[KeyCode::Esc, KeyCode::Char('1'), KeyCode::Char('j'), KeyCode::Enter],
    ] {
        viewer.press(keys);
        for &(columns, rows) in &sizes {
            let seen = viewer.sees(columns, rows);
            assert!(
                seen[0].starts_with(" parlorstat"[..usize::from(columns).min(11)].trim_end()),
                "{columns}×{rows}: {seen:?}"
            );
            // Also where one has scrolled to on another size.
            viewer.press(&[KeyCode::PageUp, KeyCode::Char('j')]);
        }
    }
}

#[test]
fn nothing_that_people_wrote_moves_the_cursor() {
    let mut scene = Scene::new();
    let evil = "\x1b]0;x\x07\x1b[2J\u{9b}31m\u{202e}\r\nx\u{7f}\x03日本";
    let room = format!("#{evil}");
    scene.join(&room, &[(evil, evil)]);
    let id = scene.room(&room);
    scene.stage().topic(id, evil);
    scene.say(&room, evil, evil);
    scene.pass(1);
    let mut viewer = Viewer::new(&scene);
    for key in [KeyCode::Enter, KeyCode::Esc, KeyCode::Char('c')] {
        for (columns, rows) in [(120, 36), (80, 24), (30, 12)] {
            for row in viewer.sees(columns, rows) {
                let harmful = row.chars().find(|&letter| crate::text::is_harmful(letter));
                assert_eq!(harmful, None, "{row:?}");
            }
        }
        viewer.press(&[key]);
    }
}

#[test]
fn without_colours_nothing_is_coloured() {
    use ratatui::style::Color;
    let (_scene, mut viewer) = evening();
    for colour in [true, false] {
        viewer.model.colour = colour;
        let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| crate::screen::view(&viewer.model, frame)).unwrap();
        let cells = &terminal.backend().buffer().content;
        let coloured = cells.iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(coloured, colour);
    }
}

#[test]
fn only_the_rooms_that_are_wanted_are_shown() {
    let (mut scene, mut viewer) = evening();
    viewer.model.patterns = vec!["#NOI*".to_owned(), "#r?st".to_owned()];
    scene.pass(1000);
    viewer.look(&scene);
    let rooms: Vec<_> = viewer.model.rooms().iter().map(|room| room.name.clone()).collect();
    assert_eq!(rooms, ["#noisy", "#rust"]);
}

#[test]
fn the_bar_stays_on_the_screen_when_there_are_many_rooms() {
    let mut scene = Scene::new();
    for number in 1..=8 {
        scene.join(&format!("#room{number}"), &[]);
    }
    scene.pass(10);
    let mut viewer = Viewer::new(&scene);
    for number in 1..=8 {
        let seen = viewer.sees(40, 9);
        assert!(seen.iter().any(|row| row.starts_with(&format!("│#room{number} "))), "{}", seen.join("\n"));
        viewer.press(&[KeyCode::Char('j')]);
    }
}
