//! The floor: hands lines to receivers and knows no protocol. What one wait brought goes out with one write per
//! receiver, straight from where it was read. A chat server can come near it and not below.
//!
//! A client says `R0042` to be in room 42, which is answered with `+`; `M0042…`, and the whole line goes to everybody
//! else in room 42; `P…`, which comes back.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::ops::Range;
use std::time::Duration;

use anyhow::Result;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use crate::machine;

/// Bytes read from one connection at once.
const READ_BYTES: usize = 64 * 1024;
/// Bytes that may wait where they were read before they are written in the middle of a turn.
const ARENA_BYTES: usize = 8 * 1024 * 1024;
/// Pieces handed to one write.
const PIECES_MAX: usize = 64;
/// Bytes of a line that is not complete yet. Who sends more is closed.
const LINE_BYTES_MAX: usize = 4096;
/// People for whom there is place at the start; more find it too.
const PEOPLE: usize = 16_384;
/// Rooms, as four digits name them.
const ROOMS: usize = 10_000;

const LISTENER: Token = Token(usize::MAX);

struct Floor {
    poll: Poll,
    people: Slab<Person>,
    rooms: Vec<Vec<usize>>,
    arena: Vec<u8>,
    used: usize,
    /// Those to whom something is to be written.
    dirty: Vec<usize>,
    /// Those from whom more may be read, since the last read filled all it was given.
    again: Vec<usize>,
}

struct Person {
    stream: TcpStream,
    /// The beginning of a line.
    carry: Vec<u8>,
    /// What is to be written, as places in the arena.
    pieces: Vec<Range<usize>>,
    /// What the kernel did not take, and how much of it has been written since.
    kept: Vec<u8>,
    written: usize,
}

/// Listens on a free port, tells it, and serves until it is ended.
///
/// # Errors
/// If the system does not let it.
pub fn run() -> Result<()> {
    machine::raise_open_files()?;
    // The standard library's listener lets 4,096 wait where the kernel allows it; mio's lets 1,024.
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("tcp {}", listener.local_addr()?);
    let mut floor = Floor {
        poll,
        people: Slab::with_capacity(PEOPLE),
        rooms: vec![Vec::new(); ROOMS],
        arena: vec![0; ARENA_BYTES],
        used: 0,
        dirty: Vec::new(),
        again: Vec::new(),
    };
    let mut events = Events::with_capacity(1024);
    loop {
        let wait = (!floor.again.is_empty()).then_some(Duration::ZERO);
        match floor.poll.poll(&mut events, wait) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for slot in std::mem::take(&mut floor.again) {
            floor.read(slot);
        }
        for event in &events {
            match event.token() {
                LISTENER => floor.accept(&listener)?,
                Token(slot) => {
                    if event.is_writable() {
                        floor.write_kept(slot);
                    }
                    if event.is_readable() {
                        floor.read(slot);
                    }
                }
            }
        }
        floor.flush();
        floor.used = 0;
    }
}

impl Floor {
    fn accept(&mut self, listener: &TcpListener) -> Result<()> {
        loop {
            let mut stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            stream.set_nodelay(true)?;
            let slot = self.people.vacant_key();
            let interests = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut stream, Token(slot), interests)?;
            let (carry, pieces, kept) = (Vec::new(), Vec::new(), Vec::new());
            self.people.insert(Person { stream, carry, pieces, kept, written: 0 });
        }
    }

    fn read(&mut self, slot: usize) {
        let Some(person) = self.people.get(slot) else { return };
        let carried = person.carry.len();
        if self.used + carried + READ_BYTES > ARENA_BYTES {
            self.flush();
            self.used = 0;
        }
        let Some(person) = self.people.get_mut(slot) else { return };
        let begin = self.used;
        let into = begin + carried;
        self.arena[begin..into].copy_from_slice(&person.carry);
        match person.stream.read(&mut self.arena[into..into + READ_BYTES]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => self.forget(slot),
            Ok(bytes) => {
                if bytes == READ_BYTES {
                    self.again.push(slot);
                }
                let end = into + bytes;
                let rest = self.take_lines(slot, begin, end);
                let person = &mut self.people[slot];
                person.carry.clear();
                person.carry.extend_from_slice(&self.arena[rest..end]);
                self.used = end;
                if end - rest > LINE_BYTES_MAX {
                    self.forget(slot);
                }
            }
        }
    }

    /// Does what the lines from `begin` say, and tells where the one begins that has no end yet. Lines to the same room
    /// that follow each other are one piece.
    fn take_lines(&mut self, slot: usize, mut begin: usize, end: usize) -> usize {
        let mut run: Option<(usize, usize)> = None;
        while let Some(newline) = memchr::memchr(b'\n', &self.arena[begin..end]) {
            let next = begin + newline + 1;
            let (kind, room) = (self.arena[begin], room_of(&self.arena[begin..next]));
            let talks = room.filter(|_| kind == b'M');
            if let Some((room, from)) = run
                && talks != Some(room)
            {
                self.say(slot, room, from..begin);
                run = None;
            }
            match (kind, room) {
                (b'M', Some(room)) => run = run.or(Some((room, begin))),
                (b'R', Some(room)) => {
                    self.rooms[room].push(slot);
                    self.answer(slot, b"+\n");
                }
                (b'P', _) => self.put(slot, begin..next),
                _ => {}
            }
            begin = next;
        }
        if let Some((room, from)) = run {
            self.say(slot, room, from..begin);
        }
        begin
    }

    fn say(&mut self, from: usize, room: usize, piece: Range<usize>) {
        let members = std::mem::take(&mut self.rooms[room]);
        for member in members.iter().filter(|member| **member != from) {
            self.put(*member, piece.clone());
        }
        self.rooms[room] = members;
    }

    fn put(&mut self, slot: usize, piece: Range<usize>) {
        let person = &mut self.people[slot];
        match person.pieces.last_mut() {
            Some(last) if last.end == piece.start => last.end = piece.end,
            Some(_) => person.pieces.push(piece),
            None => {
                person.pieces.push(piece);
                self.dirty.push(slot);
            }
        }
    }

    /// Answers at once, behind what the kernel has not taken yet.
    fn answer(&mut self, slot: usize, bytes: &[u8]) {
        self.people[slot].kept.extend_from_slice(bytes);
        self.write_kept(slot);
    }

    fn flush(&mut self) {
        for slot in self.dirty.drain(..) {
            if let Some(person) = self.people.get_mut(slot) {
                person.write(&self.arena);
            }
        }
    }

    fn write_kept(&mut self, slot: usize) {
        let Some(person) = self.people.get_mut(slot) else { return };
        while person.written < person.kept.len() {
            match person.stream.write(&person.kept[person.written..]) {
                Ok(bytes) => person.written += bytes,
                // Whoever is gone is found out by reading.
                Err(_) => return,
            }
        }
        person.kept.clear();
        person.written = 0;
    }

    fn forget(&mut self, slot: usize) {
        self.people.remove(slot);
        self.dirty.retain(|other| *other != slot);
        for room in &mut self.rooms {
            room.retain(|member| *member != slot);
        }
    }
}

impl Person {
    fn write(&mut self, arena: &[u8]) {
        let mut at = 0;
        while at < self.pieces.len() {
            let some = &self.pieces[at..self.pieces.len().min(at + PIECES_MAX)];
            let mut bytes = 0;
            if self.kept.is_empty() {
                let mut slices = [IoSlice::new(&[]); PIECES_MAX];
                for (slice, piece) in slices.iter_mut().zip(some) {
                    *slice = IoSlice::new(&arena[piece.clone()]);
                }
                // What was not written is kept, whatever the reason; whoever is gone is found out by reading.
                bytes = match some {
                    [only] => self.stream.write(&arena[only.clone()]),
                    _ => self.stream.write_vectored(&slices[..some.len()]),
                }
                .unwrap_or(0);
            }
            for piece in some {
                let sent = bytes.min(piece.len());
                bytes -= sent;
                self.kept.extend_from_slice(&arena[piece.start + sent..piece.end]);
            }
            at += some.len();
        }
        self.pieces.clear();
    }
}

/// The number of the room that a line names.
fn room_of(line: &[u8]) -> Option<usize> {
    let digits = line.get(1..5)?;
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + usize::from(digit - b'0')))
}
