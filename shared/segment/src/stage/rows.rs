//! The words of rows: by the index of the row, those of the server's tables first.

use std::sync::Arc;

use super::{Stage, VALUE_MAX};
use crate::builtin::{ROOM_ROWS, SERVER_ROWS};
use crate::directory::{Counter, Histogram, Value};
use crate::layout::header;
use crate::text::pack;

impl Stage {
    /// Adds to a row of the server.
    pub(crate) fn add_row(&mut self, row: usize, by: u64) {
        let at = self.server_word(row);
        self.image.set(at, self.image.word(at).saturating_add(by).min(VALUE_MAX));
    }

    /// Adds to a row of the segment's own.
    pub(crate) fn add_server_built_in(&mut self, row: usize, by: u64) {
        assert!(row < SERVER_ROWS.len(), "a row of the built-in table");
        self.add_row(self.server_rows + row, by);
    }

    pub(crate) fn observe_server_built_in(&mut self, row: usize, value: u64) {
        self.observe_row(self.server_rows + row, value);
    }

    pub(super) fn observe_row(&mut self, row: usize, value: u64) {
        let at = self.server_word(row);
        for (offset, by) in [(0, 1), (1, value), (2 + Histogram::bucket(value), 1)] {
            self.image.set(at + offset, self.image.word(at + offset).saturating_add(by).min(VALUE_MAX));
        }
    }

    /// Sets words of a row of the server, as found in an earlier segment.
    pub(crate) fn restore_row(&mut self, row: usize, words: &[u64]) {
        let at = self.server_word(row);
        for (offset, &word) in words.iter().enumerate() {
            self.image.set(at + offset, word.min(VALUE_MAX));
        }
    }

    pub(super) fn server_word(&self, row: usize) -> usize {
        self.geometry.words(header::VALUES_AT) + self.server.at(row).1
    }

    pub(super) fn room_word(&self, slot: usize, row: usize) -> usize {
        self.geometry.room(slot) + self.geometry.words(header::ROOM_VALUES_AT) + self.in_room.at(row).1
    }

    pub(crate) fn set_room_row(&mut self, slot: usize, row: usize, value: u64) {
        self.image.set(self.room_word(slot, row), value.min(VALUE_MAX));
    }

    pub(crate) fn built_in(&self, slot: usize, row: usize) -> u64 {
        assert!(row < ROOM_ROWS.len(), "a row of the built-in table");
        self.image.word(self.room_word(slot, self.room_rows + row))
    }

    pub(crate) fn set_built_in(&mut self, slot: usize, row: usize, value: u64) {
        self.set_room_row(slot, self.room_rows + row, value);
    }

    pub(crate) fn add_built_in(&mut self, slot: usize, row: usize, by: u64) {
        self.set_built_in(slot, row, self.built_in(slot, row).saturating_add(by));
    }

    /// The room's counters as they are now, with descriptions from an earlier segment.
    pub(crate) fn room_counters(&self, slot: usize, found: &[Counter]) -> Vec<Counter> {
        let current = |counter: &Counter| {
            let mut rows = self.in_room.rows();
            let row = rows.position(|(row, _)| row.name == counter.about.name)?;
            let value = Value::Number(self.image.word(self.room_word(slot, row)));
            Some(Counter { about: Arc::clone(&counter.about), value })
        };
        found.iter().filter_map(current).collect()
    }

    pub(crate) fn set_fact(&mut self, slot: usize, field: usize, value: u64) {
        self.image.set(self.geometry.room(slot) + field, value);
    }

    pub(crate) fn set_text(&mut self, slot: usize, field: usize, bytes: usize, text: &str) {
        let mut words = vec![0; bytes / 8];
        pack(text, bytes, &mut words);
        self.image.write(self.geometry.room(slot) + self.geometry.words(field), &words);
    }
}
