//! A server, from opening to its end: in the program, or on a thread of a test.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use engine::{Engine, Input};
use mio::{Poll, Waker};

use crate::bans_file;
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::publisher::Publisher;
use crate::reactor::{Address, After, Listener, Order, Parts, Reactor, Reread, Unavailable};
use crate::signals::Signals;

/// Why a server could not start.
#[derive(Debug)]
pub enum StartError {
    /// An address cannot be listened on.
    Unavailable(Unavailable),
    /// The segment cannot be opened.
    Segment {
        /// Under which key.
        key: segment::Key,
        /// Whose process this is.
        uid: u32,
        /// Why.
        error: segment::OpenError,
    },
    /// The system refused something else.
    System(&'static str, io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(unavailable) => unavailable.fmt(f),
            Self::Segment { key, uid, error } => write!(
                f,
                "cannot publish in the segment {key} as uid {uid}: {error} (set segment.segment_key and \
                 segment.semaphore_key to keys of its own, or publish nothing with --no-segment)"
            ),
            Self::System(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A server that has everything it needs, and does not turn yet.
pub struct Prepared {
    reactor: Reactor,
    waker: Arc<Waker>,
    orders: Sender<Order>,
}

impl Prepared {
    /// Opens all that can fail: the sockets, what the loop waits with, then the segment.
    pub fn open(config: Config, reread: Reread, signals: Option<Signals>) -> Result<Self, StartError> {
        let listeners = Listener::open_new(&config.listen, &[]).map_err(StartError::Unavailable)?;
        let clock = Clock::start();
        let now = clock.now();
        let motd = config
            .motd_lines()
            .map_err(|error| StartError::System("the message of the day cannot be read", error))?;
        let settings = config.engine_settings(motd, now.engine.wall);
        let mut engine = Engine::new(settings, now.engine, clock::seed());
        restore_bans(&config, &mut engine, now)?;
        let system = |error| StartError::System("the loop cannot be made", error);
        let poll = Poll::new().map_err(system)?;
        let waker = Arc::new(Waker::new(poll.registry(), crate::reactor::WAKER).map_err(system)?);
        let (sender, orders) = mpsc::channel();
        let publisher = open_publisher(&config, &mut engine, now)?;
        let parts = Parts {
            config,
            reread,
            listeners,
            engine,
            clock,
            publisher,
            signals,
            poll,
            waker: Arc::clone(&waker),
            orders,
            sender: sender.clone(),
        };
        let reactor = Reactor::new(parts).map_err(system)?;
        Ok(Self { reactor, waker, orders: sender })
    }

    /// Where it listens.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.reactor.addresses()
    }

    /// Serves until it is told to stop. Says what is to be done then.
    pub fn run(self) -> io::Result<After> {
        self.reactor.run()
    }

    /// Shuts down without having turned.
    pub fn shut_down(self) {
        self.reactor.shut_down();
    }
}

fn restore_bans(config: &Config, engine: &mut Engine, now: clock::Moment) -> Result<(), StartError> {
    let Some(path) = &config.server.bans_file else { return Ok(()) };
    let bans = bans_file::read(path)
        .map_err(|what| StartError::System("the bans cannot be read", io::Error::other(what)))?;
    // What comes of it is in the file already, and nobody is here who could hear of it.
    engine.handle(now.engine, Input::RestoreBans { bans }, &mut Vec::new());
    Ok(())
}

fn open_publisher(
    config: &Config,
    engine: &mut Engine,
    now: clock::Moment,
) -> Result<Option<Publisher>, StartError> {
    if !config.segment.enabled {
        return Ok(None);
    }
    let (publisher, restored) =
        Publisher::open(&config.segment, now.segment).map_err(|error| StartError::Segment {
            key: segment::Key(config.segment.segment_key.cast_signed()),
            uid: nix::unistd::getuid().as_raw(),
            error,
        })?;
    let mut effects = Vec::new();
    for (channel, pasts) in restored {
        engine.handle(now.engine, Input::Restore { channel, pasts }, &mut effects);
    }
    assert!(effects.is_empty(), "nobody is connected who could hear of what was restored");
    Ok(Some(publisher))
}

/// A server on a thread of this process. It is stopped when this is dropped.
pub struct Server {
    addresses: Vec<Address>,
    orders: Sender<Order>,
    waker: Arc<Waker>,
    /// The configuration in force, and those to be read one after the other.
    next: Arc<Mutex<VecDeque<Config>>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Server {
    /// Starts a server. It listens when this returns. The configuration is taken as it is; one that was not made by
    /// [`Config::parse`] or [`Config::load`] has not been checked.
    pub fn start(config: Config) -> Result<Self, StartError> {
        let next = Arc::new(Mutex::new(VecDeque::from([config.clone()])));
        let source = Arc::clone(&next);
        let reread: Reread = Box::new(move || {
            let mut next = source.lock().expect("no holder panics");
            if next.len() > 1 {
                next.pop_front();
            }
            Ok(next.front().expect("the last one stays").clone())
        });
        let prepared = Prepared::open(config, reread, None)?;
        let addresses = prepared.addresses().cloned().collect();
        let (orders, waker) = (prepared.orders.clone(), Arc::clone(&prepared.waker));
        let thread = thread::Builder::new()
            .name("parlord".to_owned())
            // A thread cannot be started anew as a program can: whoever has it starts another server.
            .spawn(move || prepared.run().map(drop))
            .map_err(|error| StartError::System("no thread for the loop", error))?;
        Ok(Self { addresses, orders, waker, next, thread: Some(thread) })
    }

    /// The first TCP address on which it listens.
    ///
    /// # Panics
    /// If it listens on none.
    pub fn address(&self) -> SocketAddr {
        let tcp = self.addresses.iter().find_map(|address| match address {
            Address::Tcp(address) => Some(*address),
            Address::Unix(_) => None,
        });
        tcp.expect("the configuration has a TCP address")
    }

    /// The Unix socket on which it listens.
    pub fn unix(&self) -> Option<&Path> {
        self.addresses.iter().find_map(|address| match address {
            Address::Unix(path) => Some(path.as_path()),
            Address::Tcp(_) => None,
        })
    }

    /// All addresses on which it listened at first.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Lets it read another configuration, as SIGHUP does.
    pub fn reload(&self, config: Config) {
        self.prepare(config);
        self.order(Order::Reload);
    }

    /// Has another configuration ready for when an operator wants it read again.
    pub fn prepare(&self, config: Config) {
        self.next.lock().expect("no holder panics").push_back(config);
    }

    /// Says farewell to everybody and ends. It has ended when this returns.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        self.order(Order::Stop);
        match self.thread.take() {
            Some(thread) => thread.join().expect("the loop does not panic"),
            None => Ok(()),
        }
    }

    fn order(&self, order: Order) {
        // Both fail only when the loop has ended, and then there is nobody to order anything.
        let _ = self.orders.send(order);
        let _ = self.waker.wake();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() && !thread::panicking() {
            // What went wrong in it is for those who call `stop`.
            let _ = self.end();
        } else if self.thread.is_some() {
            self.order(Order::Stop);
            // A test is failing already; a second panic would hide why.
            let _ = self.thread.take().map(JoinHandle::join);
        }
    }
}
