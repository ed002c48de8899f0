//! The document says what the code does.

use crate::layout::tables;
use crate::{Kind, ROOM_ROWS, SERVER_ROWS};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/segment.md");

/// The tables as they should stand in the document, each after a line that names it.
fn expected() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, fields) in tables() {
        let mut table = "| word | words | byte | field | meaning |\n|---:|---:|---:|---|---|\n".to_owned();
        for field in fields {
            let (word, words, byte) = (field.word, field.words, field.word * 8);
            table += &format!("| {word} | {words} | {byte} | `{}` | {} |\n", field.name, field.about);
        }
        all.push((name.to_owned(), table));
    }
    for (name, rows) in [("server counters", SERVER_ROWS), ("room counters", ROOM_ROWS)] {
        let mut table = "| name | kind | unit | meaning |\n|---|---|---|---|\n".to_owned();
        for row in rows {
            let kind = format!("{:?}", row.kind).to_lowercase();
            table += &format!("| `{}` | {kind} | {} | {} |\n", row.name, row.unit, row.help);
        }
        all.push((name.to_owned(), table));
    }
    let mut table = "| kind | name | speech |\n|---:|---|---|\n".to_owned();
    for (kind, name) in Kind::NAMED {
        table += &format!("| {} | {name} | {} |\n", kind.0, if kind.is_speech() { "yes" } else { "no" });
    }
    all.push(("kinds".to_owned(), table));
    all
}

/// With `BLESS=1` in the environment the tables of the document are written instead of compared.
#[test]
fn the_documents_tables_are_the_codes() {
    let mut document = std::fs::read_to_string(DOCUMENT).unwrap();
    for (name, table) in expected() {
        let mark = format!("<!-- table: {name} -->\n\n");
        let at = document.find(&mark).unwrap_or_else(|| panic!("the document has no {mark:?}")) + mark.len();
        let end = at + document[at..].find("\n\n").map_or(document.len() - at, |end| end + 1);
        if std::env::var_os("BLESS").is_some() {
            document.replace_range(at..end, &table);
        } else {
            assert_eq!(&document[at..end], table, "{name}: run this test with BLESS=1");
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(DOCUMENT, document).unwrap();
    }
}

#[test]
fn fields_follow_each_other_without_overlap() {
    for (name, fields) in tables() {
        for pair in fields.windows(2) {
            assert!(
                pair[0].word + pair[0].words <= pair[1].word,
                "{name}: {} and {}",
                pair[0].name,
                pair[1].name
            );
        }
    }
}
