//! What is told about the running: on the standard error, for people or for machines, never secrets.

use std::io;
use std::sync::OnceLock;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::config::{Log, LogFormat};

/// How the filter of the process is changed.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Begins to tell. A process does so once; later calls only change the filter.
pub fn start(log: &Log) {
    if FILTER.get().is_some() {
        return refilter(&log.filter);
    }
    let (filter, handle) = reload::Layer::new(EnvFilter::new(&log.filter));
    let layer = match log.format {
        LogFormat::Human => fmt::layer().with_writer(io::stderr).with_ansi(false).with_target(false).boxed(),
        LogFormat::Json => fmt::layer().with_writer(io::stderr).json().flatten_event(true).boxed(),
    };
    // It fails if somebody else, such as a test, tells already in another way.
    if tracing_subscriber::registry().with(filter).with(layer).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
}

/// Changes what is told.
pub fn refilter(filter: &str) {
    if let Some(handle) = FILTER.get()
        && let Err(error) = handle.reload(EnvFilter::new(filter))
    {
        tracing::error!(%error, "the filter of the log cannot be changed");
    }
}
