//! The live screen: a model, what changes it, and what it looks like. All three are pure and are told the time;
//! only `terminal` touches the terminal, the clock and the segment.

mod filter;
mod gathered;
mod keys;
mod model;
mod people;
mod sieve;
pub(crate) mod terminal;
mod update;
mod view;

pub use crate::rates::{Rates, RoomRates};
pub use gathered::{Gathered, Talk};
pub use keys::{Action, BINDINGS, Binding};
pub use model::{Figures, Look, Model, Page, SORTS, Sort, VIEWS, View};
pub use sieve::Sieve;
pub use update::{Event, Wish, update};
pub use view::view;
