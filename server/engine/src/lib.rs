//! The chat engine: a pure machine from (input, time) to effects.
//!
//! **Contract.** One [`Engine::handle`] per input; all its effects are in the vector when it returns; the same inputs
//! at the same times give the same effects. The engine never reads a clock, waits, or does input and output. Time that
//! passes without input is told with [`Input::Tick`] at [`Engine::next_deadline`].

mod audiences;
mod bans;
pub mod commands;
mod context;
mod deliver;
mod desk;
mod engine;
mod event;
mod gate;
mod history;
mod ids;
mod interface;
mod isupport;
mod limits;
mod listeners;
mod listing;
mod modes;
mod multiline;
mod mute;
mod named;
mod notices;
mod offers;
mod outgoing;
mod parameters;
mod playback;
mod privileges;
mod rare;
mod rules;
mod session;
mod settings;
mod settle;
mod slots;
mod topics;
mod turn;
mod watches;
mod welcome;
mod world;

pub use bans::{BanMask, Deed, EXTENDED};
pub use commands::{Uses, verbs};
pub use engine::{Counts, Engine};
pub use event::{Event, Further, Past, Receiver, Said, SaidKind, Thing, What};
pub use history::{History, Log, Page, Part, Point};
pub use ids::EventId;
pub use interface::{ConnId, Effect, HOST_BYTES_MAX, Input, Line, Lines, Now, Peer, Secret};
pub use limits::Limits;
pub use modes::{
    ChannelFlag, ChannelFlags, MaskList, NoticeKind, NoticeKinds, Prefixes, Rank, Ranks, UserFlag, UserFlags,
};
pub use outgoing::user_of;
pub use parameters::{PARAMETER_MODES, Pace, ParameterMode, Setting};
pub use privileges::{Privilege, Privileges};
pub use settings::{Admin, Operator, Settings};
pub use world::{
    Ban, BanKind, Bans, Bygone, Channel, Listed, MaskLists, Member, Metadata, ReadMarks, Stale, Topic, User,
    UserId, Visitor, World,
};
