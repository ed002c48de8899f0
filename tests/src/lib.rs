//! The tests of all of Parlor together.
//!
//! **Invariant:** nothing here sleeps or waits for a time to pass. Time is an input; silence is proved with a PING.

pub mod carrier;
pub mod counted;
pub mod coverage;
pub mod differences;
pub mod fuzzing;
pub mod guest;
pub mod house;
pub mod random;
pub mod reference;
pub mod runner;
pub mod running;
pub mod screen;
pub mod script;
pub mod setup;
pub mod simulation;
pub mod surroundings;
