//! What several places need to know about text: where it may be cut, how wide it is, and what may reach the screen.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;
use wire::Casemapping;

/// The beginning of a text, as many whole characters as fit.
pub(crate) fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The graphemes of a text with the bytes before them and the columns that they take.
pub(crate) fn graphemes(text: &str) -> impl Iterator<Item = (usize, &str, usize)> {
    let printable = |at: usize| text.as_bytes().get(at).is_none_or(|byte| matches!(byte, b' '..=b'~'));
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        // Nearly all that is written here is ASCII, between whose characters nobody has to look anything up.
        let (grapheme, columns) = if printable(at) && printable(at + 1) {
            (&rest[..1], 1)
        } else {
            let grapheme = rest.graphemes(true).next()?;
            (grapheme, grapheme.width())
        };
        let before = at;
        at += grapheme.len();
        Some((before, grapheme, columns))
    })
}

/// The columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    graphemes(text).map(|(_, _, columns)| columns).sum()
}

/// A text cut to a number of columns, with an ellipsis if something is missing.
pub(crate) fn fitted(text: &str, columns_max: usize) -> String {
    if columns(text) <= columns_max {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for (_, grapheme, columns) in graphemes(text) {
        used += columns;
        if used + 1 > columns_max {
            break;
        }
        cut.push_str(grapheme);
    }
    if columns_max > 0 {
        cut.push('…');
    }
    cut
}

/// Text as it may be kept and shown: nothing that moves the cursor, rings, changes the terminal or turns the direction
/// of writing. The codes of IRC formatting stay; they are understood by [`crate::format`].
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter_map(shown).collect()
}

fn shown(character: char) -> Option<char> {
    match character {
        '\u{2}' | '\u{3}' | '\u{4}' | '\u{f}' | '\u{11}' | '\u{16}' | '\u{1d}' | '\u{1e}' | '\u{1f}' => {
            Some(character)
        }
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => None,
        // Not U+FFFD: some terminals draw nothing for it, and then every column behind it is wrong.
        _ if character.is_control() => Some('?'),
        _ => Some(character),
    }
}

/// Whether a text names a nick as a word of its own.
pub(crate) fn mentions(text: &str, nick: &str, casemapping: Casemapping) -> bool {
    let in_word = |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '-' | '[' | ']' | '{' | '}' | '\\' | '|' | '^' | '`')
    };
    let wanted = casemapping.fold(nick);
    let is_bare = |word: &str| casemapping.fold(word) == wanted;
    !nick.is_empty() && text.split(|c| !in_word(c)).any(is_bare)
}

/// Whether a word stands in a text with neither letter nor digit beside it. Both are lower case.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let is_border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let stands = |at: usize| {
        is_border(text[..at].chars().next_back()) && is_border(text[at + word.len()..].chars().next())
    };
    !word.is_empty() && text.match_indices(word).any(|(at, _)| stands(at))
}

/// Cuts what a person says into pieces of at most `bytes_max` bytes: at line ends always, at spaces where possible,
/// otherwise between graphemes, and only inside one that is longer than a whole piece.
pub(crate) fn pieces(text: &str, bytes_max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    for line in text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
        let mut rest = line;
        while rest.len() > bytes_max {
            let fits = head(rest, bytes_max + 1);
            let (piece, after) = match fits.rfind(' ').filter(|space| !rest[..*space].trim().is_empty()) {
                Some(space) => (&rest[..space], &rest[space + 1..]),
                None => rest.split_at(cut_between_graphemes(rest, bytes_max)),
            };
            pieces.push(piece);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(rest);
        }
    }
    pieces
}

// Never 0, so that whoever cuts gets on.
fn cut_between_graphemes(text: &str, bytes_max: usize) -> usize {
    let border =
        text.grapheme_indices(true).map(|(at, _)| at).take_while(|at| *at <= bytes_max).last().unwrap_or(0);
    if border > 0 {
        return border;
    }
    head(text, bytes_max).len().max(text.chars().next().map_or(1, char::len_utf8))
}

/// Cuts a text into rows of at most `width` columns, as ranges of bytes. Breaks at spaces, which are then not shown,
/// and inside words that are longer than a row. There is always at least one row. A grapheme that is wider than a
/// whole row gets a row of its own.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<std::ops::Range<usize>> {
    let width = width.max(1);
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    // Behind the last space of the row, and the columns up to there.
    let mut gap: Option<(usize, usize)> = None;
    for (at, grapheme, columns) in graphemes(text) {
        let end = at + grapheme.len();
        if used + columns > width && at > start {
            if grapheme == " " {
                rows.push(start..at);
                (start, used, gap) = (end, 0, None);
                continue;
            }
            match gap.take() {
                Some((behind, columns_before)) => {
                    rows.push(start..behind - 1);
                    (start, used) = (behind, used - columns_before);
                }
                None => {
                    rows.push(start..at);
                    (start, used) = (at, 0);
                }
            }
        }
        used += columns;
        if grapheme == " " && at > start {
            gap = Some((end, used));
        }
    }
    if start < text.len() || rows.is_empty() {
        rows.push(start..text.len());
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_harmless_characters_are_shown() {
        assert_eq!(clean("a\u{1b}[31mb\u{7}\u{9b}c\td\u{202e}e\u{2}f"), "a?[31mb??c de\u{2}f");
    }

    #[test]
    fn a_nick_is_mentioned_as_a_word() {
        let mentioned = |text| mentions(text, "al[x]", Casemapping::Rfc1459);
        assert!(mentioned("al[x]: hi") && mentioned("hi AL{X}") && mentioned("(al[x])"));
        assert!(!mentioned("al[x]y") && !mentioned("al") && !mentioned("xal[x]"));
        assert!(!mentions("hi", "", Casemapping::Ascii));
    }

    #[test]
    fn long_text_is_cut_at_words() {
        assert_eq!(pieces("one two three", 7), ["one two", "three"]);
        assert_eq!(pieces("one two three", 8), ["one two", "three"]);
        assert_eq!(pieces("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(pieces("a\n\n  \nb", 4), ["a", "b"]);
        assert_eq!(pieces("ééé", 3), ["é", "é", "é"]);
        assert_eq!(pieces("👨‍👩‍👧", 8), ["👨\u{200d}", "👩\u{200d}", "👧"]);
    }

    #[test]
    fn rows_break_at_spaces() {
        let rows = |text: &'static str, width| {
            wrap(text, width).into_iter().map(|row| &text[row]).collect::<Vec<_>>()
        };
        assert_eq!(rows("one two three", 7), ["one two", "three"]);
        assert_eq!(rows("one two three", 6), ["one", "two", "three"]);
        assert_eq!(rows("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(rows("日本語テキスト", 5), ["日本", "語テ", "キス", "ト"]);
        assert_eq!(rows("  indented text", 10), ["  indented", "text"]);
        assert_eq!(rows("", 5), [""]);
        assert_eq!(rows("日本", 1), ["日", "本"]);
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        assert_eq!(fitted("alexandrina", 6), "alexa…");
        assert_eq!(fitted("日本語", 4), "日…");
        assert_eq!(fitted("alice", 5), "alice");
        assert_eq!(fitted("alice", 0), "");
    }

    proptest! {
        #[test]
        fn pieces_fit_and_lose_only_blanks(text in "[ a-zé日👩]{0,300}|\\PC{0,120}", max in 4_usize..60) {
            let cut = pieces(&text, max);
            for piece in &cut {
                prop_assert!(piece.len() <= max && !piece.is_empty());
            }
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(solid(&cut.concat()), solid(&text));
        }

        #[test]
        fn graphemes_are_those_of_unicode(text in "[ a-z\r\né日👩\u{301}\u{200d}🇩🇪]{0,60}|.{0,60}") {
            let expected = text.grapheme_indices(true).map(|(at, grapheme)| (at, grapheme, grapheme.width()));
            prop_assert!(graphemes(&text).eq(expected));
        }

        #[test]
        fn rows_fit_and_lose_only_spaces(text in "[ a-zé日👩]{0,300}|\\PC{0,120}", width in 1_usize..40) {
            let rows = wrap(&text, width);
            prop_assert!(!rows.is_empty());
            let mut next = 0;
            for row in &rows {
                prop_assert!(row.start - next <= 1 && text[next..row.start].trim_matches(' ').is_empty());
                let shown = &text[row.clone()];
                prop_assert!(columns(shown) <= width || shown.graphemes(true).count() == 1);
                next = row.end;
            }
            prop_assert!(text.len() - next <= 1);
        }
    }
}
