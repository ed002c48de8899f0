//! The program `parlorstat`.

fn main() {}
