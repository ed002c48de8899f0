//! What servers and readers see of each other.

mod basics;
