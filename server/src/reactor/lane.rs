//! Who is served first.
//!
//! What people say to each other is taken and sent at once. Everything else waits for its turn, in which it gets a slice of
//! time, and what it caused is sent together: whole buffers of lines, and commands of which one costs as much as many lines.
//! A connection is in one lane at a time and changes it only between lines, so that its lines keep their order.

/// How soon something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// At once.
    Prompt,
    /// When it has its turn.
    Bulk,
}

/// Lines of one connection that may wait for it to be prompt. Who sends more at once sends a flood, or a program does.
const PROMPT_LINES_MAX: usize = 2;

/// What is taken at once: what people say, and the signs of life. None of it costs more than to tell it to those who hear it.
const PROMPT_VERBS: [&str; 5] = ["NOTICE", "PING", "PONG", "PRIVMSG", "TAGMSG"];

/// How many complete lines wait, if they are prompt.
pub fn prompt_lines(waiting: &[u8]) -> Option<usize> {
    let mut rest = waiting;
    let mut count = 0;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        if count == PROMPT_LINES_MAX || !is_prompt(&rest[..end]) {
            return None;
        }
        count += 1;
        rest = &rest[end + 1..];
    }
    Some(count)
}

fn is_prompt(line: &[u8]) -> bool {
    let mut words = line.trim_ascii_end().split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let mut word = words.next();
    for mark in [b'@', b':'] {
        if word.is_some_and(|word| word[0] == mark) {
            word = words.next();
        }
    }
    word.is_some_and(|word| PROMPT_VERBS.iter().any(|verb| verb.as_bytes().eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lane_is_that_of_the_lines_that_wait() {
        #[rustfmt::skip]
        let table = [
            ("",                                                 Some(0)),
            ("PRIVMSG #den :he",                                 Some(0)),
            ("JOIN #d",                                          Some(0)),
            ("PRIVMSG #den :hello\r\n",                          Some(1)),
            ("privmsg #den :hello\n",                            Some(1)),
            ("@+typing=active;a=JOIN TAGMSG #den\r\n",           Some(1)),
            ("@a=b :alice  NOTICE bob :hello\r\nPRIVMSG #d",     Some(1)),
            ("PING\r\nPONG x\r\n",                              Some(2)),
            ("PING 1\r\nPING 2\r\nPING 3\r\n",                 None),
            ("PING 1\r\nJOIN #den\r\n",                         None),
            ("JOIN #den\r\nPRIVMSG #den :hello\r\n",            None),
            ("@a=b LIST\r\n",                                    None),
            ("PINGS\r\n",                                        None),
            ("\r\n",                                             None),
            ("@a=b\r\n",                                         None),
        ];
        for (waiting, lines) in table {
            assert_eq!(prompt_lines(waiting.as_bytes()), lines, "{waiting:?}");
        }
    }

    #[test]
    fn what_is_prompt_exists() {
        let verbs = engine::verbs();
        assert!(PROMPT_VERBS.iter().all(|verb| verbs.contains(verb)));
    }
}
