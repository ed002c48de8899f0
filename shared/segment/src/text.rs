//! Text in words: UTF-8, padded with zeroes, the first byte lowest.

/// The longest begin of `text` that has at most `bytes_max` bytes and ends between two characters.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Fills `words` with the text, cut to fit, and zeroes. A zero byte ends the text, since it would end it for readers.
pub(crate) fn pack(text: &str, bytes_max: usize, words: &mut [u64]) {
    let text = cut(text.split('\0').next().unwrap_or(""), bytes_max.min(words.len() * 8));
    let mut chunks = text.as_bytes().chunks(8);
    for word in words {
        let mut bytes = [0; 8];
        let chunk = chunks.next().unwrap_or(&[]);
        bytes[..chunk.len()].copy_from_slice(chunk);
        *word = u64::from_le_bytes(bytes);
    }
}

/// The text in these words, whatever they hold.
pub(crate) fn unpack(words: &[u64]) -> String {
    let mut bytes = words_of(words);
    bytes.truncate(bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len()));
    String::from_utf8(bytes)
        .unwrap_or_else(|damaged| String::from_utf8_lossy(damaged.as_bytes()).into_owned())
}

/// Words as the bytes that lie in the segment.
pub(crate) fn words_of(words: &[u64]) -> Vec<u8> {
    let mut bytes = vec![0; words.len() * 8];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_and_is_cut_between_characters() {
        for (text, max, whole) in [
            ("", 16, ""),
            ("lobby", 16, "lobby"),
            ("12345678", 8, "12345678"),
            ("1234567é", 8, "1234567"),
            ("ééé", 5, "éé"),
            ("a\0b", 16, "a"),
        ] {
            let mut words = [u64::MAX; 2];
            pack(text, max, &mut words);
            assert_eq!(unpack(&words), whole, "{text:?} in {max} bytes");
        }
    }
}
