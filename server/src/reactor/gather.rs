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
//! **Invariant:** the lists of all open pieces are disjoint, so that the order in which pieces are closed does not
//! matter, and everybody hears everything in the order in which it was said.

use std::mem;
use std::sync::Arc;

use engine::{ConnId, Line};

use super::queue::Chunk;
use super::slot_of;

/// Bytes for many after which pieces are closed, so that their memory stays bounded.
const OPEN_BYTES_MAX: usize = 256 * 1024;
/// Bytes for single receivers after which pieces are closed. More, because they lie in memory anyway.
const NOTED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Pieces open at once: the variants of capabilities in a busy channel, or some busy channels.
const OPEN_MAX: usize = 64;

/// The piece of which a connection is a receiver, if the epoch is the current one.
#[derive(Clone, Copy, Debug, Default)]
struct Claim {
    epoch: u32,
    piece: u16,
    /// Whether the piece has a note about it.
    noted: bool,
}

#[derive(Debug)]
struct Piece {
    to: Arc<[ConnId]>,
    /// The only line, as long as there is only one, so that it need not be copied.
    first: Option<Line>,
    bytes: Vec<u8>,
    notes: Vec<Note>,
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
    pieces: Vec<Piece>,
    /// Used buffers, for the next pieces.
    spare: Vec<Vec<u8>>,
    claims: Vec<Claim>,
    epoch: u32,
    bytes: usize,
    noted_bytes: usize,
}

impl Gather {
    /// A line for all in a list but one.
    pub fn fan(
        &mut self,
        to: &Arc<[ConnId]>,
        except: Option<ConnId>,
        line: &Line,
        queue: &mut impl FnMut(ConnId, Chunk),
    ) {
        let index = match self.pieces.iter().position(|piece| Arc::ptr_eq(&piece.to, to)) {
            Some(index) => index,
            None => self.open(to, queue),
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
    pub fn send(&mut self, conn: ConnId, line: Line, queue: &mut impl FnMut(ConnId, Chunk)) {
        let Some(index) = self.claim(conn) else { return queue(conn, Chunk::alone(line)) };
        let at = self.pieces[index].len();
        self.noted_bytes += line.bytes().len();
        self.note(index, Note { conn, at, what: Otherwise::Also(line) });
        if self.noted_bytes > NOTED_BYTES_MAX {
            self.close(queue);
        }
    }

    /// Puts everything into the queues.
    pub fn close(&mut self, queue: &mut impl FnMut(ConnId, Chunk)) {
        for mut piece in mem::take(&mut self.pieces) {
            let shared = match piece.first.take() {
                Some(line) if piece.notes.is_empty() => {
                    piece.to.iter().for_each(|conn| queue(*conn, Chunk::line(line.clone())));
                    continue;
                }
                Some(line) => line.bytes().into(),
                None => Arc::from(piece.bytes.as_slice()),
            };
            // Stable, so that the notes about each stay in their order.
            piece.notes.sort_by_key(|note| note.conn);
            for conn in piece.to.iter() {
                if self.claims[slot_of(*conn)].noted {
                    otherwise(&shared, &piece.notes, *conn, queue);
                } else {
                    queue(*conn, Chunk::lines(&shared, 0..shared.len()));
                }
            }
            piece.bytes.clear();
            self.spare.push(piece.bytes);
        }
        self.spare.truncate(OPEN_MAX);
        self.bytes = 0;
        self.noted_bytes = 0;
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            // After four thousand million rounds an old claim could look like a new one.
            self.claims.fill(Claim::default());
            self.epoch = 1;
        }
    }

    /// Begins a piece, or lets one go on that has nobody else. If somebody in the list waits for another one, that one
    /// comes first.
    fn open(&mut self, to: &Arc<[ConnId]>, queue: &mut impl FnMut(ConnId, Chunk)) -> usize {
        let waiting = to.iter().filter(|conn| self.claim(**conn).is_some()).count();
        if waiting > 0 {
            if let Some(index) = self.extend(to, waiting) {
                return index;
            }
            self.close(queue);
        } else if self.pieces.len() == OPEN_MAX || self.epoch == 0 {
            self.close(queue);
        }
        let index = self.pieces.len();
        to.iter().for_each(|conn| self.put_claim(*conn, index));
        let bytes = self.spare.pop().unwrap_or_default();
        self.pieces.push(Piece { to: Arc::clone(to), first: None, bytes, notes: Vec::new() });
        index
    }

    /// Lets a piece go on with a longer list, if it has everybody of the shorter one, and the new ones wait for nothing.
    fn extend(&mut self, to: &Arc<[ConnId]>, waiting: usize) -> Option<usize> {
        let index = to.iter().find_map(|conn| self.claim(*conn))?;
        let inside = to.iter().filter(|conn| self.claim(**conn) == Some(index)).count();
        if inside != waiting || inside != self.pieces[index].to.len() {
            return None;
        }
        let skipped = self.pieces[index].len();
        for conn in to.iter().filter(|conn| self.claim(**conn).is_none()).copied().collect::<Vec<_>>() {
            self.put_claim(conn, index);
            self.note(index, Note { conn, at: 0, what: Otherwise::Skip(skipped) });
        }
        self.pieces[index].to = Arc::clone(to);
        Some(index)
    }

    fn put_claim(&mut self, conn: ConnId, index: usize) {
        let slot = slot_of(conn);
        if self.claims.len() <= slot {
            self.claims.resize(slot + 1, Claim::default());
        }
        self.claims[slot] = Claim { epoch: self.epoch, piece: index as u16, noted: false };
    }

    fn note(&mut self, index: usize, note: Note) {
        self.claims[slot_of(note.conn)].noted = true;
        self.pieces[index].notes.push(note);
    }

    /// The open piece that a connection will receive.
    fn claim(&self, conn: ConnId) -> Option<usize> {
        let claim = self.claims.get(slot_of(conn))?;
        let open = claim.epoch == self.epoch && !self.pieces.is_empty();
        open.then_some(claim.piece.into())
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The connections that take part, with other serials than 0 so that slots and ids differ.
    fn conn(slot: u64) -> ConnId {
        ConnId(7 << super::super::SLOT_BITS | slot)
    }

    /// Lists that overlap in every way.
    fn lists() -> Vec<Arc<[ConnId]>> {
        [
            &[0, 1, 2, 3][..],
            &[4, 5],
            &[2, 3, 4],
            &[5],
            &[0, 1, 2, 3],
            &[0, 1, 2, 3, 6],
            &[3, 2, 1, 0, 5, 6, 4],
            &[6],
        ]
        .map(|slots| slots.iter().map(|slot| conn(*slot)).collect())
        .to_vec()
    }

    #[derive(Clone, Debug)]
    enum Step {
        Fan { list: usize, except: Option<u64> },
        Send { to: u64 },
        Close,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0..8_usize, prop::option::of(0..7_u64)).prop_map(|(list, except)| Step::Fan { list, except }),
            3 => (0..7_u64).prop_map(|to| Step::Send { to }),
            1 => Just(Step::Close),
        ]
    }

    proptest! {
        #[test]
        fn everybody_hears_what_is_for_him_in_order(steps in prop::collection::vec(step(), 0..60)) {
            let lists = lists();
            let mut gather = Gather::default();
            let mut expected: BTreeMap<ConnId, Vec<u8>> = BTreeMap::new();
            let mut heard: BTreeMap<ConnId, Vec<u8>> = BTreeMap::new();
            let mut queue = |conn: ConnId, chunk: Chunk| heard.entry(conn).or_default().extend(chunk.bytes());
            for (number, step) in steps.iter().enumerate() {
                let line = Line::new(&format!("{number}\r\n"));
                match step {
                    Step::Fan { list, except } => {
                        let except = except.map(conn);
                        gather.fan(&lists[*list], except, &line, &mut queue);
                        for conn in lists[*list].iter().filter(|conn| Some(**conn) != except) {
                            expected.entry(*conn).or_default().extend(line.bytes());
                        }
                    }
                    Step::Send { to } => {
                        gather.send(conn(*to), line.clone(), &mut queue);
                        expected.entry(conn(*to)).or_default().extend(line.bytes());
                    }
                    Step::Close => gather.close(&mut queue),
                }
            }
            gather.close(&mut queue);
            prop_assert_eq!(heard, expected);
        }
    }

    #[test]
    fn a_flood_is_one_entry_per_receiver() {
        let lists = lists();
        let mut gather = Gather::default();
        let mut entries = Vec::new();
        let mut queue = |conn: ConnId, chunk: Chunk| entries.push((conn, chunk.bytes().len()));
        let line = Line::new("PRIVMSG #den :hello\r\n");
        for _ in 0..100 {
            gather.fan(&lists[0], Some(conn(3)), &line, &mut queue);
            gather.fan(&lists[1], None, &line, &mut queue);
            gather.send(conn(3), Line::new("PONG\r\n"), &mut queue);
        }
        gather.close(&mut queue);
        let of = |slot| entries.iter().filter(|(to, _)| *to == conn(slot)).collect::<Vec<_>>();
        for slot in [0, 1, 2, 4, 5] {
            assert_eq!(of(slot), [&(conn(slot), 100 * line.bytes().len())]);
        }
        assert_eq!(of(3).len(), 100, "only his own answers");
    }

    #[test]
    fn a_storm_of_joins_is_one_entry_per_receiver() {
        let mut gather = Gather::default();
        let mut entries = 0;
        let mut bytes = 0;
        let mut queue = |_, chunk: Chunk| {
            entries += 1;
            bytes += chunk.bytes().len();
        };
        let line = Line::new("JOIN\r\n");
        for count in 1..=1000 {
            let list: Arc<[ConnId]> = (0..count).map(conn).collect();
            gather.fan(&list, None, &line, &mut queue);
        }
        gather.close(&mut queue);
        assert_eq!((entries, bytes), (1000, 6 * 1000 * 1001 / 2));
    }

    #[test]
    fn memory_is_bounded_however_much_is_said() {
        let lists = lists();
        let mut gather = Gather::default();
        let line = Line::new(&format!("{}\r\n", "x".repeat(500)));
        let mut longest = 0;
        let mut queue = |_, chunk: Chunk| longest = longest.max(chunk.bytes().len());
        for _ in 0..10_000 {
            gather.fan(&lists[0], None, &line, &mut queue);
        }
        assert!(longest > 0 && longest <= OPEN_BYTES_MAX + 502, "{longest} bytes");
    }
}
