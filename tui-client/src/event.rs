//! What happens to the client, what it wants the world to do, and what it asks the person.

use std::path::PathBuf;

use crossterm::event::KeyEvent;

use crate::address::Address;
use crate::buffer::BufferId;
use crate::config::{Config, Profile, Settings};
use crate::form::Report;
use crate::net::Way;
use crate::network::{NetworkId, Prepared};
use crate::trust::{Change, Trust};

/// What happens to the client.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The wheel was turned, up if negative.
    Wheel(isize),
    /// The mouse was pressed on a cell: column, row.
    Click(u16, u16),
    /// The terminal has another size now: columns, rows.
    Resize(u16, u16),
    /// The terminal is looked at, or not any more.
    Focus(bool),
    /// A deadline may have passed.
    Tick,
    /// Something has happened on the connection to a network.
    Net(NetworkId, News),
    /// A page of what was kept of a buffer.
    Recalled(BufferId, crate::store::Page),
    /// Something cannot be kept.
    NotKept(String),
    /// A look at a server has ended: its number, and what was found out.
    Checked(u32, Report),
    /// This is what is remembered of servers now, also by other clients of the same person.
    Trusted(Trust),
    /// The configuration was read again, or why it was not.
    Reloaded(Box<Result<Config, String>>),
    /// These settings are in this file now.
    Saved(Box<Settings>, String),
    /// Something that was wished could not be done.
    Trouble(String),
    /// The system asks us to end.
    Terminate,
}

/// What happens on a connection.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// It is about to stand, and this was fetched for it.
    Prepared(Box<Prepared>),
    /// It stands.
    Connected,
    /// It does not stand: nobody vouches for the server's certificate.
    Unknown {
        /// Of which server.
        address: Address,
        /// Of the certificate.
        fingerprint: String,
        /// What is wrong with it.
        why: String,
        /// Whether the platform vouches for it all the same: then it is only not the one that was agreed to.
        vouched: bool,
    },
    /// It broke, or could not be made.
    Lost(String),
    /// A line from the server.
    Line(String),
}

/// What the client wants the world to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Send a line.
    Send(NetworkId, String),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Draw the person's attention, with a text for terminals that show one.
    Notify { who: String, text: String },
    /// Connect on a way; an earlier attempt or connection is given up.
    Connect(NetworkId, Box<Way>),
    /// Close the connection.
    Disconnect(NetworkId),
    /// Keep a record of a buffer for the next time.
    Keep { network: String, buffer: String, record: String, plain: String },
    /// Keep the state of a network for the next time.
    Save { network: String, text: String },
    /// Write what is said into text files in a directory from now on, or into none.
    Logs(Option<PathBuf>),
    /// Take up what was kept of a network.
    TakeUp(NetworkId),
    /// Look up what was kept of a buffer before a place.
    Recall { network: String, buffer: String, to: BufferId, before: Option<u64> },
    /// Look at a server before anybody goes there, and whether a nick is free.
    Check(u32, Box<Way>, String),
    /// Read the configuration again.
    Reload,
    /// Write settings that differ from those that were read, and networks, into the configuration.
    SaveConfig { read: Box<Settings>, settings: Box<Settings>, networks: Vec<Profile> },
    /// Remember over restarts whom we trust.
    Remember(Change),
    /// Draw everything anew.
    Redraw,
    /// Go to the background as Ctrl+Z does.
    Suspend,
    /// End the program.
    Quit,
}

/// What the person is asked; keys answer it before they do anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Whether to leave.
    Quit,
    /// Whether to say so many lines.
    Many { count: usize },
    /// Whether a pasted line that looks like a command is one.
    PastedCommand,
    /// Whether what was typed without a connection shall be sent now.
    Kept { buffer: BufferId, count: usize },
    /// Whether a certificate is taken that nobody vouches for.
    Trust { network: NetworkId, host: String },
}
