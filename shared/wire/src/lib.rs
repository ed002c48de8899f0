//! The IRC line protocol as values: bytes become lines, lines become messages, and back.
//!
//! This crate knows how a line looks, what a name may be and what a numeric says (RFC 1459, RFC 2812,
//! modern.ircdocs.horse, IRCv3). It never knows what a command means, and it has no input or output of its own.

mod casemapping;
mod decimal;
mod encode;
mod form;
mod framer;
mod isupport;
mod mask;
mod message;
mod names;
mod network;
mod reply;
mod tags;
mod time;

pub mod capability;
pub mod numeric;

pub use casemapping::{Casemapping, Folded};
pub use decimal::Decimal;
pub use encode::{Encoder, sendable_text, write_line};
pub use framer::{Frame, Framer, LINE_BYTES_MAX, TAGS_BYTES_MAX};
pub use isupport::{ChannelModeKinds, Isupport, ModeKind};
pub use mask::{Mask, glob};
pub use message::{Malformed, Message, PARAMS_MAX, Source};
pub use names::{BadName, ChannelName, Nick, is_channel_like};
pub use network::{Network, NoNetwork};
pub use reply::{Numeric, Reply, Standing};
pub use tags::{CLIENT_TAGS_BYTES_MAX, Tags, escape_tag_value};
pub use time::Timestamp;
