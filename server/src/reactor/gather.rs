//! Puts together what many hear.
//!
//! Lines that follow each other to the same list of receivers become one piece of shared bytes, and one entry in the
//! queue of each receiver, however many lines they are. What single receivers hear otherwise (the sender does not
//! hear himself, but perhaps an answer) is noted with the place at which it differs.
//!
//! ```text
//!   piece    line 1 | line 2 | line 3 | line 4
//!   notes    bob: skip line 2, then "PONG" after it; carol: skip line 3
//!   queues   alice: 1..4        bob: 1, PONG, 3..4        carol: 1..2, 4
//! ```
//!
//! When people pour into a channel, each of them makes a new list. If it has everybody of an open piece, the piece goes on
//! with it, and whoever is new in it skips what was said before.
//!
//! Each piece is of one lane. What is prompt is closed as soon as it was said, and leaves open what is not, unless they
//! have somebody in common.
//!
//! **Invariant:** the lists of all open pieces are disjoint, so that the order in which pieces are closed does not
//! matter, and everybody hears everything in the order in which it was said.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::{ConnId, Line};
use slab::Slab;

use super::lane::Lane;
use super::queue::Chunk;
use super::slot_of;

/// Bytes for many after which pieces are closed, so that their memory stays bounded.
const OPEN_BYTES_MAX: usize = 256 * 1024;
/// Bytes for single receivers after which pieces are closed. More, because they lie in memory anyway.
const NOTED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Pieces open at once: the variants of capabilities in a busy channel, or some busy channels.
const OPEN_MAX: usize = 64;

/// The piece of which a connection is a receiver, if the one in that place still has this number.
#[derive(Clone, Copy, Debug, Default)]
struct Claim {
    number: u32,
    piece: u16,
    /// Whether the piece has a note about it.
    noted: bool,
}

#[derive(Debug)]
struct Piece {
    lane: Lane,
    /// No two pieces have the same. Never 0.
    number: u32,
    to: Arc<[ConnId]>,
    /// The only line, as long as there is only one, so that it need not be copied.
    first: Option<Line>,
    bytes: Vec<u8>,
    notes: Vec<Note>,
    noted_bytes: usize,
}

/// What one receiver hears otherwise.
#[derive(Debug)]
struct Note {
    conn: ConnId,
    at: usize,
    what: Otherwise,
}

#[derive(Debug)]
enum Otherwise {
    /// So many bytes are not for him.
    Skip(usize),
    /// This is for him alone.
    Also(Line),
}

/// What is said but not yet in the queues.
#[derive(Debug, Default)]
pub struct Gather {
    pieces: Slab<Piece>,
    /// Used buffers, for the next pieces.
    spare: Vec<Vec<u8>>,
    claims: Vec<Claim>,
    /// The number of the last piece.
    number: u32,
    bytes: usize,
    noted_bytes: usize,
}

impl Gather {
    /// A line for all in a list but one.
    pub fn fan(
        &mut self,
        lane: Lane,
        to: &Arc<[ConnId]>,
        except: Option<ConnId>,
        line: &Line,
        queue: &mut impl FnMut(Lane, ConnId, Chunk),
    ) {
        let goes_on = |piece: &Piece| piece.lane == lane && Arc::ptr_eq(&piece.to, to);
        let index = match self.pieces.iter().find(|(_, piece)| goes_on(piece)) {
            Some((index, _)) => index,
            None => self.open(lane, to, queue),
        };
        let piece = &mut self.pieces[index];
        let at = piece.len();
        piece.add(line);
        self.bytes += line.bytes().len();
        if let Some(conn) = except.filter(|conn| self.claim(*conn) == Some(index)) {
            self.note(index, Note { conn, at, what: Otherwise::Skip(line.bytes().len()) });
        }
        if self.bytes > OPEN_BYTES_MAX {
            self.close(queue);
        }
    }

    /// A line for one.
    pub fn send(
        &mut self,
        lane: Lane,
        conn: ConnId,
        line: Line,
        queue: &mut impl FnMut(Lane, ConnId, Chunk),
    ) {
        match self.claim(conn) {
            Some(index) if self.pieces[index].lane == lane => {
                let at = self.pieces[index].len();
                self.pieces[index].noted_bytes += line.bytes().len();
                self.noted_bytes += line.bytes().len();
                self.note(index, Note { conn, at, what: Otherwise::Also(line) });
                if self.noted_bytes > NOTED_BYTES_MAX {
                    self.close(queue);
                }
            }
            claim => {
                claim.into_iter().for_each(|index| self.close_one(index, queue));
                queue(lane, conn, Chunk::alone(line));
            }
        }
    }

    /// Puts everything into the queues.
    pub fn close(&mut self, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        for index in 0..OPEN_MAX {
            if self.pieces.contains(index) {
                self.close_one(index, queue);
            }
        }
    }

    /// Puts everything of a lane into the queues.
    pub fn close_lane(&mut self, lane: Lane, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        for index in 0..OPEN_MAX {
            if self.pieces.get(index).is_some_and(|piece| piece.lane == lane) {
                self.close_one(index, queue);
            }
        }
    }

    /// Puts what one is to hear into his queue, and what others hear with him into theirs.
    pub fn close_for(&mut self, conn: ConnId, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        if let Some(index) = self.claim(conn) {
            self.close_one(index, queue);
        }
    }

    /// Forgets a connection that is gone, before another one has its slot.
    pub fn forget(&mut self, conn: ConnId) {
        if let Some(claim) = self.claims.get_mut(slot_of(conn)) {
            *claim = Claim::default();
        }
    }

    /// Whether anything is not in the queues.
    pub fn is_open(&self) -> bool {
        !self.pieces.is_empty()
    }

    fn close_one(&mut self, index: usize, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        let mut piece = self.pieces.remove(index);
        self.bytes -= piece.len();
        self.noted_bytes -= piece.noted_bytes;
        let shared = match piece.first.take() {
            Some(line) if piece.notes.is_empty() => {
                return piece.to.iter().for_each(|conn| queue(piece.lane, *conn, Chunk::line(line.clone())));
            }
            Some(line) => line.bytes().into(),
            None => Arc::from(piece.bytes.as_slice()),
        };
        // Stable, so that the notes about each stay in their order.
        piece.notes.sort_by_key(|note| note.conn);
        for conn in piece.to.iter() {
            let claim = self.claims[slot_of(*conn)];
            if claim.noted && claim.number == piece.number {
                otherwise(&shared, &piece.notes, *conn, &mut |conn, chunk| queue(piece.lane, conn, chunk));
            } else {
                queue(piece.lane, *conn, Chunk::lines(&shared, 0..shared.len()));
            }
        }
        if self.spare.len() < OPEN_MAX {
            piece.bytes.clear();
            self.spare.push(piece.bytes);
        }
    }

    /// Begins a piece, or lets one go on that has nobody else. If somebody in the list waits for another one, that one
    /// comes first.
    fn open(&mut self, lane: Lane, to: &Arc<[ConnId]>, queue: &mut impl FnMut(Lane, ConnId, Chunk)) -> usize {
        let waiting = to.iter().filter(|conn| self.claim(**conn).is_some()).count();
        if waiting > 0 {
            if let Some(index) = self.extend(lane, to, waiting) {
                return index;
            }
            to.iter().for_each(|conn| self.close_for(*conn, queue));
        }
        if self.pieces.len() == OPEN_MAX {
            self.close(queue);
        }
        if self.number == u32::MAX {
            // After four thousand million pieces an old claim could look like a new one.
            self.close(queue);
            self.claims.fill(Claim::default());
            self.number = 0;
        }
        self.number += 1;
        let number = self.number;
        let bytes = self.spare.pop().unwrap_or_default();
        let index = self.pieces.insert(Piece {
            lane,
            number,
            to: Arc::clone(to),
            first: None,
            bytes,
            notes: Vec::new(),
            noted_bytes: 0,
        });
        to.iter().for_each(|conn| self.put_claim(*conn, number, index));
        index
    }

    /// Lets a piece go on with a longer list, if it has everybody of the shorter one, and the new ones wait for nothing.
    fn extend(&mut self, lane: Lane, to: &Arc<[ConnId]>, waiting: usize) -> Option<usize> {
        let index = to.iter().find_map(|conn| self.claim(*conn))?;
        let inside = to.iter().filter(|conn| self.claim(**conn) == Some(index)).count();
        let piece = &self.pieces[index];
        if piece.lane != lane || inside != waiting || inside != piece.to.len() {
            return None;
        }
        let (skipped, number) = (piece.len(), piece.number);
        for conn in to.iter().filter(|conn| self.claim(**conn).is_none()).copied().collect::<Vec<_>>() {
            self.put_claim(conn, number, index);
            self.note(index, Note { conn, at: 0, what: Otherwise::Skip(skipped) });
        }
        self.pieces[index].to = Arc::clone(to);
        Some(index)
    }

    fn put_claim(&mut self, conn: ConnId, number: u32, index: usize) {
        let slot = slot_of(conn);
        if self.claims.len() <= slot {
            self.claims.resize(slot + 1, Claim::default());
        }
        self.claims[slot] = Claim { number, piece: index as u16, noted: false };
    }

    fn note(&mut self, index: usize, note: Note) {
        self.claims[slot_of(note.conn)].noted = true;
        self.pieces[index].notes.push(note);
    }

    /// The open piece that a connection will receive.
    fn claim(&self, conn: ConnId) -> Option<usize> {
        let claim = self.claims.get(slot_of(conn))?;
        let index = claim.piece.into();
        self.pieces.get(index).is_some_and(|piece| piece.number == claim.number).then_some(index)
    }
}

impl Piece {
    fn len(&self) -> usize {
        self.first.as_ref().map_or(self.bytes.len(), |line| line.bytes().len())
    }

    fn add(&mut self, line: &Line) {
        if let Some(first) = self.first.take() {
            self.bytes.extend_from_slice(first.bytes());
        } else if self.bytes.is_empty() {
            self.first = Some(line.clone());
            return;
        }
        self.bytes.extend_from_slice(line.bytes());
    }
}

/// Queues what one receiver hears of a piece, with its notes.
fn otherwise(shared: &Arc<[u8]>, notes: &[Note], conn: ConnId, queue: &mut impl FnMut(ConnId, Chunk)) {
    let from = notes.partition_point(|note| note.conn < conn);
    let to = notes.partition_point(|note| note.conn <= conn);
    let mut heard = 0;
    for note in &notes[from..to] {
        if heard < note.at {
            queue(conn, Chunk::lines(shared, heard..note.at));
        }
        heard = note.at;
        match &note.what {
            Otherwise::Skip(bytes) => heard += bytes,
            Otherwise::Also(line) => queue(conn, Chunk::alone(line.clone())),
        }
    }
    if heard < shared.len() {
        queue(conn, Chunk::lines(shared, heard..shared.len()));
    }
}
