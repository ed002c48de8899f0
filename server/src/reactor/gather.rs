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
//! When people pour into a channel or out of it, each of them makes a new list. If it has everybody of an open piece, or all
//! but one, the piece goes on with it; whoever is new in it skips what was said before, and who has left what is said until
//! he comes back.
//!
//! Each piece is of one lane. What is prompt is closed as soon as it was said, and leaves open what is not, unless they
//! have somebody in common. What is not prompt is closed for some receivers at a time; if one of the others is told something else
//! meanwhile, the rest of it comes first.
//!
//! **Invariant:** nobody waits for his part of more than one piece, so that the order in which pieces are closed does not
//! matter, and everybody hears everything in the order in which it was said.

mod closing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::{ConnId, Line};
use slab::Slab;

use super::lane::Lane;
use super::queue::Chunk;
use closing::Closing;

/// Bytes for many after which pieces are to be closed, so that their memory and the time it takes to close them stay bounded. At
/// twice as much they are, at once.
const OPEN_BYTES_MAX: usize = 256 * 1024;
/// Bytes for single receivers after which they are, likewise. More, because they lie in memory anyway.
const NOTED_BYTES_MAX: usize = 512 * 1024;
/// Pieces open at once: the variants of capabilities in a busy channel, or some busy channels.
const OPEN_MAX: usize = 64;

/// The piece of which a connection is a receiver, if the one in that place still has this number.
#[derive(Clone, Copy, Debug, Default)]
struct Claim {
    number: u32,
    piece: u16,
    /// Whether it is not among the receivers any more.
    left: bool,
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
    /// Those who have left, and the place from which on it is not for them.
    left: Vec<(ConnId, usize)>,
    /// Set when nothing more is added, and it is put into the queues.
    closing: Option<Closing>,
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
    Also(Chunk),
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
        let goes_on = |piece: &Piece| piece.takes(lane) && Arc::ptr_eq(&piece.to, to);
        let index = match self.pieces.iter().find(|(_, piece)| goes_on(piece)) {
            Some((index, _)) => index,
            None => self.open(lane, to, queue),
        };
        let piece = &mut self.pieces[index];
        let at = piece.len();
        piece.add(line);
        self.bytes += line.bytes().len();
        if let Some(conn) = except.filter(|conn| self.claim(*conn) == Some(index) && !self.has_left(*conn)) {
            self.note(index, Note { conn, at, what: Otherwise::Skip(line.bytes().len()) });
        }
        if self.bytes > 2 * OPEN_BYTES_MAX {
            self.close(queue);
        }
    }

    /// Lets what is for one alone go straight into his queue, if nothing of its lane is gathered for him: what is of the other
    /// one comes first. Says whether it may; otherwise it has to be noted with [`Gather::send`].
    pub fn make_way(
        &mut self,
        lane: Lane,
        conn: ConnId,
        queue: &mut impl FnMut(Lane, ConnId, Chunk),
    ) -> bool {
        match self.claim(conn) {
            Some(index) if self.pieces[index].takes(lane) => return false,
            Some(index) => self.close_one(index, queue),
            None => {}
        }
        true
    }

    /// Lines for one.
    pub fn send(
        &mut self,
        lane: Lane,
        conn: ConnId,
        lines: Chunk,
        queue: &mut impl FnMut(Lane, ConnId, Chunk),
    ) {
        if self.make_way(lane, conn, queue) {
            return queue(lane, conn, lines);
        }
        let index = self.claim(conn).expect("a piece of the lane is in the way");
        let at = self.pieces[index].len();
        if self.has_left(conn) {
            self.come_back(conn, index);
            self.leave(conn, index);
        }
        self.pieces[index].noted_bytes += lines.len();
        self.noted_bytes += lines.len();
        self.note(index, Note { conn, at, what: Otherwise::Also(lines) });
        if self.noted_bytes > 2 * NOTED_BYTES_MAX {
            self.close(queue);
        }
    }

    /// Whether one is to hear something that is not in his queue.
    pub fn waits_for(&self, conn: ConnId) -> bool {
        self.claim(conn).is_some()
    }

    /// Forgets a connection that is gone, before another one has its slot.
    pub fn forget(&mut self, conn: ConnId) {
        // The other one may come into the same piece, and leave it.
        if let Some(index) = self.claim(conn)
            && let piece = &mut self.pieces[index]
            && piece.closing.is_none()
        {
            piece.left.retain(|(other, _)| *other != conn);
        }
        if let Some(claim) = self.claims.get_mut(conn.slot()) {
            *claim = Claim::default();
        }
    }

    /// Whether anything is not in the queues.
    pub fn is_open(&self) -> bool {
        !self.pieces.is_empty()
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
            left: Vec::new(),
            closing: None,
        });
        to.iter().for_each(|conn| self.put_claim(*conn, number, index));
        index
    }

    /// Lets a piece go on with a longer list, if it has everybody of the shorter one and the new ones wait for nothing else, or
    /// with one that has everybody but one.
    fn extend(&mut self, lane: Lane, to: &Arc<[ConnId]>, waiting: usize) -> Option<usize> {
        let index = to.iter().find_map(|conn| self.claim(*conn))?;
        let mut inside = 0;
        let mut back = Vec::new();
        for conn in to.iter().filter(|conn| self.claim(**conn) == Some(index)) {
            inside += 1;
            if self.has_left(*conn) {
                back.push(*conn);
            }
        }
        let piece = &self.pieces[index];
        let stay = inside - back.len();
        if !piece.takes(lane) || inside != waiting {
            return None;
        }
        if stay == to.len() && stay + 1 == piece.to.len() {
            let leaver = without_one(&piece.to, to)?;
            self.leave(leaver, index);
        } else if stay != piece.to.len() {
            return None;
        }
        let (skipped, number) = (self.pieces[index].len(), self.pieces[index].number);
        back.into_iter().for_each(|conn| self.come_back(conn, index));
        for conn in to.iter().filter(|conn| self.claim(**conn).is_none()).copied().collect::<Vec<_>>() {
            self.put_claim(conn, number, index);
            self.note(index, Note { conn, at: 0, what: Otherwise::Skip(skipped) });
        }
        self.pieces[index].to = Arc::clone(to);
        Some(index)
    }

    /// From here on a piece is not for one of its receivers.
    fn leave(&mut self, conn: ConnId, index: usize) {
        // Who is gone altogether hears nothing anyway.
        if self.claim(conn) == Some(index) {
            self.claims[conn.slot()].left = true;
            // The note is made when it is known for how long.
            let at = self.pieces[index].len();
            self.pieces[index].left.push((conn, at));
        }
    }

    /// What was said since one has left is not for him, but what comes now is.
    fn come_back(&mut self, conn: ConnId, index: usize) {
        let piece = &mut self.pieces[index];
        let place = piece.left.iter().position(|(other, _)| *other == conn).expect("he has left");
        let (_, at) = piece.left.swap_remove(place);
        let what = Otherwise::Skip(piece.len() - at);
        self.claims[conn.slot()].left = false;
        self.note(index, Note { conn, at, what });
    }

    fn has_left(&self, conn: ConnId) -> bool {
        self.claims.get(conn.slot()).is_some_and(|claim| claim.left)
    }

    fn put_claim(&mut self, conn: ConnId, number: u32, index: usize) {
        let slot = conn.slot();
        if self.claims.len() <= slot {
            self.claims.resize(slot + 1, Claim::default());
        }
        self.claims[slot] = Claim { number, piece: index as u16, left: false };
    }

    fn note(&mut self, index: usize, note: Note) {
        self.pieces[index].notes.push(note);
    }

    /// The open piece that a connection will receive.
    fn claim(&self, conn: ConnId) -> Option<usize> {
        let claim = self.claims.get(conn.slot())?;
        let index = claim.piece.into();
        self.pieces.get(index).is_some_and(|piece| piece.number == claim.number).then_some(index)
    }
}

impl Piece {
    /// Whether something of a lane can be added.
    fn takes(&self, lane: Lane) -> bool {
        self.lane == lane && self.closing.is_none()
    }

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

/// The one who is missing in a shorter list that is the same otherwise.
fn without_one(longer: &[ConnId], shorter: &[ConnId]) -> Option<ConnId> {
    let place = longer.iter().zip(shorter).take_while(|(one, other)| one == other).count();
    (longer.get(place + 1..)? == shorter.get(place..)?).then_some(longer[place])
}
