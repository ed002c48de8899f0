//! `parlor`: a terminal client for IRC.
//!
//! ```text
//!   keys ──► table ──► update(&mut Model, Event) ──► Wishes ──► net, terminal
//!   socket ──► Framer ──► Session ──► happenings ──┘  └──► view(&Model, &mut Frame)
//! ```
//!
//! **Invariant:** `session`, `update` and `view` are pure: they have no clock, no socket and no terminal.

pub mod session;
mod text;
