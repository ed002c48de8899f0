//! `parlor`: a terminal client for IRC.
//!
//! ```text
//!   keys ──► table ──► update(&mut Model, Event) ──► Wishes ──► net, terminal
//!   socket ──► Framer ──► Session ──► happenings ──┘  └──► view(&Model, &mut Frame)
//! ```
//!
//! **Invariant:** `session`, `update` and `view` are pure: they have no clock, no socket and no terminal.

pub mod session;
#[doc(hidden)]
pub mod trial;

mod address;
mod app;
mod asking;
mod bindings;
mod buffer;
mod cli;
mod colour;
mod commands;
mod complete;
mod config;
mod cuts;
mod event;
mod files;
mod form;
mod format;
mod help;
mod input;
mod keys;
mod layout;
mod model;
mod net;
mod network;
mod notify;
mod opening;
mod prompt;
mod reference;
mod rows;
mod say;
mod secret;
mod store;
mod terminal;
#[cfg(test)]
mod testing;
mod text;
mod trust;
mod typed;
mod typing;
mod update;
mod view;
mod zone;

pub use cli::main_with;
pub use reference::reference;
