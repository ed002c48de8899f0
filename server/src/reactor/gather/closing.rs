//! Puts what was gathered into the queues of its receivers.

use engine::ConnId;

use super::{Claim, Gather, NOTED_BYTES_MAX, Note, OPEN_BYTES_MAX, OPEN_MAX, Otherwise, Piece};
use crate::reactor::lane::Lane;
use crate::reactor::queue::Chunk;

/// Receivers into whose queues a piece is put before it is asked whether there is time for more: a few microseconds.
const RECEIVERS_PER_LOOK: usize = 8;

/// How far a piece has been put into the queues.
#[derive(Debug)]
pub(super) struct Closing {
    shared: Chunk,
    /// So many of the receivers have it, and then of those who have left.
    done: usize,
}

impl Gather {
    /// Puts everything into the queues.
    pub(super) fn close(&mut self, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        self.close_those(|_| true, queue);
    }

    /// Puts what is of a lane into the queues, some receivers at a time, until it is over. Says whether all is in them.
    pub fn close_some(
        &mut self,
        lane: Lane,
        is_over: impl Fn() -> bool,
        queue: &mut impl FnMut(Lane, ConnId, Chunk),
    ) -> bool {
        for index in 0..OPEN_MAX {
            while self.pieces.get(index).is_some_and(|piece| piece.lane == lane) {
                self.close_part(index, RECEIVERS_PER_LOOK, queue);
                if is_over() {
                    return !self.is_open_in(lane);
                }
            }
        }
        true
    }

    /// Whether it is time for [`Gather::close_some`]: there is enough, or it has begun.
    pub fn is_due(&self) -> bool {
        self.bytes > OPEN_BYTES_MAX
            || self.noted_bytes > NOTED_BYTES_MAX
            || self.pieces.iter().any(|(_, piece)| piece.closing.is_some())
    }

    /// Whether anything of a lane is not in the queues.
    pub fn is_open_in(&self, lane: Lane) -> bool {
        self.pieces.iter().any(|(_, piece)| piece.lane == lane)
    }

    /// Puts everything of a lane into the queues.
    pub fn close_lane(&mut self, lane: Lane, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        self.close_those(|piece| piece.lane == lane, queue);
    }

    fn close_those(&mut self, which: impl Fn(&Piece) -> bool, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        for index in 0..OPEN_MAX {
            if !self.is_open() {
                break;
            }
            if self.pieces.get(index).is_some_and(&which) {
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

    pub(super) fn close_one(&mut self, index: usize, queue: &mut impl FnMut(Lane, ConnId, Chunk)) {
        self.close_part(index, usize::MAX, queue);
    }

    /// Puts a piece into the queues of so many more of its receivers.
    pub(super) fn close_part(
        &mut self,
        index: usize,
        receivers: usize,
        queue: &mut impl FnMut(Lane, ConnId, Chunk),
    ) {
        if self.pieces[index].closing.is_none() {
            self.begin_closing(index);
        }
        let piece = &mut self.pieces[index];
        let Closing { shared, mut done } = piece.closing.take().expect("it has begun");
        let begin = done;
        while let Some(conn) = piece.receiver(done).filter(|_| done - begin < receivers) {
            otherwise(&shared, &piece.notes, conn, &mut |conn, chunk| queue(piece.lane, conn, chunk));
            done += 1;
        }
        if piece.receiver(done).is_some() {
            // What comes from now on for those who have it need not wait. One of them may be gone, and another one in his slot.
            for conn in (begin..done).filter_map(|index| piece.receiver(index)) {
                let claim = self.claims.get_mut(conn.slot()).filter(|claim| claim.number == piece.number);
                claim.into_iter().for_each(|claim| *claim = Claim::default());
            }
            piece.closing = Some(Closing { shared, done });
            return;
        }
        self.pieces.remove(index);
        if !self.is_open() {
            // The places of those that were open together are not looked through for the next one.
            self.pieces.clear();
        }
    }

    /// Nothing more is added to a piece.
    fn begin_closing(&mut self, index: usize) {
        let piece = &mut self.pieces[index];
        self.bytes -= piece.len();
        self.noted_bytes -= piece.noted_bytes;
        for (conn, at) in &piece.left {
            let what = Otherwise::Skip(piece.len() - at);
            piece.notes.push(Note { conn: *conn, at: *at, what });
        }
        // Stable, so that the notes about each stay in their order.
        piece.notes.sort_by_key(|note| note.conn);
        let shared = match piece.first.take() {
            Some(line) => Chunk::line(line),
            None => Chunk::lines(piece.bytes.as_slice().into()),
        };
        piece.closing = Some(Closing { shared, done: 0 });
        if self.spare.len() < OPEN_MAX {
            piece.bytes.clear();
            self.spare.push(std::mem::take(&mut piece.bytes));
        }
    }
}

impl Piece {
    /// The receivers, and then those who have left.
    fn receiver(&self, index: usize) -> Option<ConnId> {
        let left = || self.left.get(index - self.to.len()).map(|(conn, _)| *conn);
        self.to.get(index).copied().or_else(left)
    }
}

/// Queues what one receiver hears of a piece, with its notes.
fn otherwise(shared: &Chunk, notes: &[Note], conn: ConnId, queue: &mut impl FnMut(ConnId, Chunk)) {
    let from = notes.partition_point(|note| note.conn < conn);
    let mut heard = 0;
    for note in notes[from..].iter().take_while(|note| note.conn == conn) {
        if heard < note.at {
            queue(conn, shared.part(heard..note.at));
        }
        heard = note.at;
        match &note.what {
            Otherwise::Skip(bytes) => heard += bytes,
            Otherwise::Also(lines) => queue(conn, lines.clone()),
        }
    }
    if heard < shared.len() {
        queue(conn, shared.part(heard..shared.len()));
    }
}
