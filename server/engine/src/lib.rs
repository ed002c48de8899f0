//! The chat engine.
