//! The shared segment: a server publishes what happens in its rooms, and other processes read it at any time.
//!
//! One [`Writer`] (the server) and any number of [`Reader`]s, in any language: see `docs/segment.md` for the
//! layout and the protocol. The server's own memory is the truth; the segment is a publication of it, read back only
//! when a new server adopts it. So nobody who may write the segment can corrupt the chat, and no reader, be it
//! stopped, killed or hostile, makes the server wait for longer than fractions of a millisecond.
//!
//! ```
//! use segment::{CounterId, CounterKind, CounterRow, Now, Reader, Writer};
//!
//! const COUNTERS: &[CounterRow] =
//!     &[CounterRow { name: "users", kind: CounterKind::Gauge, unit: "people", help: "People connected now." }];
//! # let keys = segment::testing::Keys::new();
//! # let settings = keys.settings();
//! # let key = keys.segment;
//! let (mut writer, _) = Writer::open(settings, COUNTERS, &[], Now::read())?;
//! let lobby = writer.stage().room("#lobby", Now::read()).expect("there is a slot");
//! writer.stage().members(lobby, 1, [("alice", "@")]);
//! writer.stage().set(CounterId(0), 1);
//! writer.publish(Now::read());
//!
//! // In another process:
//! let snapshot = Reader::open(key, None)?.snapshot()?;
//! assert_eq!(snapshot.number("users"), 1);
//! assert_eq!(snapshot.rooms[0].members[0].name, "alice");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate knows nothing of IRC. It reads no clock to decide anything: [`Now`] is passed in. `Instant`s only
//! measure lengths, and the deadlines of readers.

mod adopt;
mod builtin;
mod care;
mod directory;
mod error;
#[cfg(test)]
mod failpoint;
mod geometry;
mod guard;
mod history;
mod image;
mod layout;
mod liveness;
mod look;
mod map;
mod object;
mod publish;
mod reader;
mod record;
mod ring;
mod settings;
mod snapshot;
mod stage;
mod sys;
mod tally;
#[doc(hidden)]
pub mod testing;
#[cfg(test)]
mod tests;
mod text;
mod writer;

pub use adopt::{Adoption, RestoredRoom};
pub use builtin::{ROOM_ROWS, SERVER_ROWS};
pub use care::{CareError, Force, Found, list, remove, reset_guard};
pub use directory::{About, Collected, Counter, CounterId, CounterKind, CounterRow, Histogram, Value};
pub use error::{OpenError, ReadError};
pub use history::{Cursor, History};
pub use layout::{
    Field, HISTOGRAM_BUCKETS, MINUTES, PERSON_BYTES, PREFIX_BYTES, ROOM_NAME_BYTES, SLOW_MAX, TALKERS_MAX,
    TOPIC_BYTES, VERSION_MAJOR, VERSION_MINOR, tables,
};
pub use liveness::{Liveness, STALE_AFTER};
pub use publish::Published;
pub use reader::Reader;
pub use record::{Entry, Kind, Record};
pub use settings::{Key, Now, Settings};
pub use snapshot::{Cut, Member, Room, Slow, Snapshot};
pub use stage::{RoomId, Stage};
pub use tally::{RATE_WINDOWS_S, Rates, Talker, Tally};
pub use writer::{Statistics, Writer};
