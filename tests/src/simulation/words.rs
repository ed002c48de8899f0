//! What people do things with: nicks, channels, masks, modes and nonsense.

use wire::capability;

use crate::random::Random;

/// Nicks that people want; few, so that they collide.
pub(super) const NICKS: &[&str] =
    &["alice", "bob", "carol", "dora", "Alice", "BOB", "e[v]e", "fay", "gus", "h-1"];

/// Channels; some are the same.
pub(super) const CHANNELS: &[&str] =
    &["#den", "#den", "#Den", "#attic", "&cellar", "#ünter", "#a", "#b", "#c"];

/// Capabilities that can be asked for.
pub(super) fn capabilities(random: &mut Random) -> String {
    let mut names = String::new();
    for row in capability::ALL {
        if random.percent(50) {
            continue;
        }
        if !names.is_empty() {
            names.push(' ');
        }
        if random.percent(15) {
            names.push('-');
        }
        names.push_str(row.name);
    }
    if random.percent(5) {
        names.push_str(" draft/unheard-of");
    }
    names
}

/// One nick, sometimes one that nobody has or can have.
pub(super) fn nick(random: &mut Random) -> String {
    match random.below(20) {
        0 => "nobody".to_owned(),
        1 => "1bad".to_owned(),
        2 => format!("x{}", random.below(100)),
        _ => (*random.pick(NICKS)).to_owned(),
    }
}

/// One channel, sometimes one that cannot be.
pub(super) fn channel(random: &mut Random) -> String {
    match random.below(20) {
        0 => "#".to_owned(),
        1 => "den".to_owned(),
        2 => format!("#{}", "long".repeat(random.below(20))),
        _ => (*random.pick(CHANNELS)).to_owned(),
    }
}

/// A comma list of up to four.
pub(super) fn list(random: &mut Random, mut one: impl FnMut(&mut Random) -> String) -> String {
    let count = if random.percent(70) { 1 } else { 1 + random.below(4) };
    (0..count).map(|_| one(random)).collect::<Vec<_>>().join(",")
}

/// Somebody or something a message can be for.
pub(super) fn target(random: &mut Random) -> String {
    match random.below(10) {
        0..5 => channel(random),
        5 => format!("{}{}", random.pick(&["@", "%", "+"]), channel(random)),
        _ => nick(random),
    }
}

/// A mask of users.
pub(super) fn mask(random: &mut Random) -> String {
    match random.below(6) {
        0 => "*!*@*".to_owned(),
        1 => format!("{}!*@*", nick(random)),
        2 => format!("*!*@host{}", random.below(3)),
        3 => format!("*!u{}@*", random.below(12)),
        4 => "~?[".to_owned(),
        _ => nick(random),
    }
}

/// A text, sometimes long, empty or odd.
pub(super) fn text(random: &mut Random) -> String {
    match random.below(12) {
        0 => String::new(),
        1 => "long ".repeat(1 + random.below(90)),
        2 => "ž☃".repeat(1 + random.below(80)),
        3 => ":) : x".to_owned(),
        4 => "\u{1}ACTION waves\u{1}".to_owned(),
        5 => "\u{1}VERSION\u{1}".to_owned(),
        _ => format!("words {}", random.below(1000)),
    }
}

/// The changes of a MODE of a channel: mostly well-formed.
pub(super) fn channel_modes(random: &mut Random) -> String {
    let (mut letters, mut parameters) = (String::new(), String::new());
    for _ in 0..1 + random.below(5) {
        let sign: &&str = random.pick(&["+", "-", "+", ""]);
        letters.push_str(sign);
        let letter = *random.pick(&[
            'o', 'o', 'h', 'v', 'v', 'b', 'e', 'I', 'k', 'l', 'i', 'm', 'n', 's', 'p', 't', 'C', 'z',
        ]);
        letters.push(letter);
        let parameter = match letter {
            'o' | 'h' | 'v' => nick(random),
            'b' | 'e' | 'I' => mask(random),
            'k' => (*random.pick(&["key", "other", "x", "bad,key", "muchtoolongforakeyreally"])).to_owned(),
            'l' => (*random.pick(&["1", "2", "3", "10", "0", "-1", "many", "4294967296"])).to_owned(),
            _ => continue,
        };
        if random.percent(90) {
            parameters.push(' ');
            parameters.push_str(&parameter);
        }
    }
    letters + &parameters
}

/// Tags that a client may put before a line.
pub(super) fn tags(random: &mut Random) -> String {
    let label = match random.below(10) {
        0 => "l".repeat(64 + random.below(2)),
        1 => String::new(),
        _ => format!("l{}", random.below(1000)),
    };
    match random.below(5) {
        0 => String::new(),
        1 => "@+typing=active ".to_owned(),
        2 => format!("@+a=b\\s;label={label};time=never;batch=none;msgid=mine "),
        _ => format!("@label={label} "),
    }
}

/// Anything at all.
pub(super) fn nonsense(random: &mut Random) -> Vec<u8> {
    const PIECES: &[&str] = &[
        "@",
        ":",
        " ",
        ",",
        "#",
        "PRIVMSG",
        "JOIN",
        "CAP",
        "REQ",
        "MODE",
        "001",
        "é",
        "\u{1}",
        "*",
        "!",
        "+o",
        "-",
        "0",
        "label=x",
        ";",
        "%",
        "MONITOR",
        "BATCH",
        "AUTHENTICATE",
        "SERVER",
        "\\",
    ];
    let mut line = Vec::new();
    for _ in 0..1 + random.below(12) {
        match random.below(8) {
            0 => line.push(u8::try_from(1 + random.below(255)).expect("it is below a byte")),
            1 => line.extend(b" "),
            _ => line.extend(random.pick(PIECES).bytes()),
        }
    }
    line.retain(|byte| *byte != b'\n');
    line.truncate(510);
    if line.is_empty() { b"X".to_vec() } else { line }
}
