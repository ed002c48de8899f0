//! The IRC line protocol as values.
