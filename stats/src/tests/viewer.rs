//! Somebody in front of the screen: presses keys, lets time pass, and sees rows of text.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::screen::{Event, Look, Model, Wish, update, view};
use crate::{Copied, Source};

/// What the segment measures of itself depends on the machine.
fn level(counter: &mut segment::Counter) {
    match &mut counter.value {
        segment::Value::Histogram(histogram) if counter.about.name.starts_with("segment.") => {
            *histogram = segment::Histogram { buckets: vec![0; 64], ..segment::Histogram::default() };
        }
        segment::Value::Number(words) if counter.about.name == "segment.words" => *words = 0,
        segment::Value::Histogram(_) | segment::Value::Number(_) => {}
    }
}

/// Somebody in front of the screen of a scene's server.
pub(crate) struct Viewer {
    pub model: Model,
    source: Source,
}

impl Viewer {
    /// Sits down and has a first look.
    pub fn new(scene: &Scene) -> Viewer {
        let model = Model::new(segment::Key::SEGMENT, Vec::new(), Duration::from_secs(1));
        let mut viewer = Viewer { model, source: scene.source() };
        viewer.look(scene);
        viewer
    }

    /// A look at the segment. What differs from run to run is made the same.
    pub fn look(&mut self, scene: &Scene) {
        let mut sample = self.source.read(scene.now);
        if let Ok(sample) = &mut sample {
            sample.server.pid = 4711;
            sample.snapshot.counters.iter_mut().for_each(level);
            sample.copied = Copied::Guarded(Duration::from_micros(38));
        }
        update(&mut self.model, Event::Looked(Box::new(Look { now: scene.now, sample })));
        self.listen();
    }

    fn listen(&mut self) {
        let Some((room, cursor)) = self.model.watched() else { return };
        let heard = self.source.history(room, cursor);
        update(&mut self.model, Event::Heard(heard));
    }

    /// Presses the keys one after the other, and looks where the program would.
    pub fn press(&mut self, keys: &[KeyCode]) {
        for key in keys {
            let event = Event::Key(KeyEvent::new(*key, KeyModifiers::NONE));
            if update(&mut self.model, event) == Some(Wish::Listen) {
                self.listen();
            }
        }
    }

    /// Types a text, letter by letter.
    pub fn type_text(&mut self, text: &str) {
        text.chars().for_each(|letter| self.press(&[KeyCode::Char(letter)]));
    }

    /// Presses a key, and says what is wished for.
    pub fn wish(&mut self, key: KeyCode) -> Option<Wish> {
        update(&mut self.model, Event::Key(KeyEvent::new(key, KeyModifiers::NONE)))
    }

    /// What the screen shows, without the blanks at the ends of lines.
    pub fn sees(&mut self, columns: u16, rows: u16) -> Vec<String> {
        update(&mut self.model, Event::Size(columns, rows));
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("it is memory");
        terminal.draw(|frame| view(&self.model, frame)).expect("it is memory");
        let buffer = terminal.backend().buffer();
        let row = |y| (0..columns).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..rows).map(row).collect()
    }

    /// Asserts that the screen shows the picture of this name. With `BLESS=1` in the environment it is written.
    pub fn assert_picture(&mut self, columns: u16, rows: u16, name: &str) {
        let seen = self.sees(columns, rows).join("\n") + "\n";
        let path = format!("{}/src/tests/pictures/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &seen).expect("the picture can be written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(seen == expected, "{name} is not what the screen shows:\n{seen}");
    }

    /// Asserts that the text is somewhere on a usual screen.
    pub fn assert_reads(&mut self, text: &str) {
        let seen = self.sees(120, 36);
        assert!(seen.iter().any(|row| row.contains(text)), "no {text:?} in\n{}", seen.join("\n"));
    }
}
