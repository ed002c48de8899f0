//! The program `parlord`.

fn main() {}
