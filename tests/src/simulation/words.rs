//! What people do things with: nicks, channels, masks, modes and nonsense.

use wire::capability;

use super::memory::Known;
use crate::random::Random;

/// What somebody has before his eyes when he thinks of something to do.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    /// Chance.
    pub random: &'a mut Random,
    /// The channels he is in.
    pub channels: Vec<String>,
    /// The nicks of those who are in them.
    pub nicks: Vec<String>,
    /// What happened there, or between him and another.
    pub known: Vec<Known>,
}

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

/// One nick, mostly of somebody near.
pub(super) fn nick(scene: &mut Scene<'_>) -> String {
    if !scene.nicks.is_empty() && scene.random.percent(60) {
        return scene.random.pick(&scene.nicks).clone();
    }
    any_nick(scene.random)
}

/// One nick of all, sometimes one that nobody has or can have.
pub(super) fn any_nick(random: &mut Random) -> String {
    match random.below(20) {
        0 => "nobody".to_owned(),
        1 => "1bad".to_owned(),
        2 => format!("x{}", random.below(100)),
        _ => (*random.pick(NICKS)).to_owned(),
    }
}

/// One channel, mostly one's own, sometimes one that cannot be.
pub(super) fn channel(scene: &mut Scene<'_>) -> String {
    if !scene.channels.is_empty() && scene.random.percent(60) {
        return scene.random.pick(&scene.channels).clone();
    }
    let random = &mut *scene.random;
    match random.below(20) {
        0 => "#".to_owned(),
        1 => "den".to_owned(),
        2 => format!("#{}", "long".repeat(random.below(20))),
        _ => (*random.pick(CHANNELS)).to_owned(),
    }
}

/// A comma list of up to four.
pub(super) fn list(scene: &mut Scene<'_>, mut one: impl FnMut(&mut Scene<'_>) -> String) -> String {
    let count = if scene.random.percent(70) { 1 } else { 1 + scene.random.below(4) };
    (0..count).map(|_| one(scene)).collect::<Vec<_>>().join(",")
}

/// Somebody or something a message can be for.
pub(super) fn target(scene: &mut Scene<'_>) -> String {
    match scene.random.below(10) {
        0..4 => channel(scene),
        4..6 => format!("{}{}", scene.random.pick(&["@", "%", "+", "&", "~"]), channel(scene)),
        _ => nick(scene),
    }
}

/// A mask of users.
pub(super) fn mask(scene: &mut Scene<'_>) -> String {
    match scene.random.below(12) {
        6 => "*!*@10.0.0.0/8".to_owned(),
        7 => format!("~{}:{}", scene.random.pick(&["m", "j", "n"]), nick(scene)),
        8 => format!("~{}c:{}", scene.random.pick(&["", "!"]), channel(scene)),
        9 => {
            (*scene.random.pick(&["~m:~r:*any*", "~!r:nobody", "~n:~!z", "~z", "~x:y", "~m:~m:x"])).to_owned()
        }
        10 => format!("~m:~c:{}{}", scene.random.pick(&["@", "+", "~&"]), channel(scene)),
        0 => "*!*@*".to_owned(),
        1 => format!("{}!*@*", nick(scene)),
        2 => format!("*!*@host{}", scene.random.below(3)),
        3 => format!("*!u{}@*", scene.random.below(12)),
        4 => "~?[".to_owned(),
        _ => nick(scene),
    }
}

/// A text, sometimes long, empty or odd.
pub(super) fn text(scene: &mut Scene<'_>) -> String {
    let random = &mut *scene.random;
    match random.below(12) {
        0 => String::new(),
        1 => "long ".repeat(1 + random.below(90)),
        2 => "ž☃".repeat(1 + random.below(80)),
        3 => ":) : x".to_owned(),
        4 => "\u{1}ACTION waves\u{1}".to_owned(),
        5 => "\u{1}VERSION\u{1}".to_owned(),
        6 => "\u{3}4red \u{2}bold".to_owned(),
        _ => format!("words {}", random.below(1000)),
    }
}

/// Where history can be asked for.
pub(super) fn place(scene: &mut Scene<'_>) -> String {
    if scene.random.percent(60) { channel(scene) } else { nick(scene) }
}

/// Where something happened, and its id: mostly something of late.
pub(super) fn known(scene: &mut Scene<'_>) -> (String, String) {
    let some = scene.known.len();
    if some == 0 {
        return ("#den".to_owned(), "nothing".to_owned());
    }
    let back = if scene.random.percent(80) { some.min(12) } else { some };
    let known = &scene.known[some - 1 - scene.random.below(back)];
    (known.target.clone(), known.id.clone())
}

/// A key of metadata, sometimes one that cannot be.
pub(super) fn metadata_key(scene: &mut Scene<'_>) -> String {
    (*scene.random.pick(&["color", "url", "avatar", "im.xmpp", "a/b", "$url", "Color"])).to_owned()
}

/// A point in history.
pub(super) fn point(scene: &mut Scene<'_>) -> String {
    match scene.random.below(16) {
        8.. => format!("msgid={}", known(scene).1),
        0 => "msgid=nothing".to_owned(),
        1 => "timestamp=yesterday".to_owned(),
        2 => "*".to_owned(),
        3 => "timestamp=1970-01-01T00:00:00.000Z".to_owned(),
        _ => format!("timestamp=2026-11-22T12:{:02}:00.000Z", scene.random.below(60)),
    }
}

/// The changes of a MODE of a channel: mostly well-formed.
pub(super) fn channel_modes(scene: &mut Scene<'_>) -> String {
    let (mut letters, mut parameters) = (String::new(), String::new());
    for _ in 0..1 + scene.random.below(5) {
        let sign: &&str = scene.random.pick(&["+", "-", "+", ""]);
        letters.push_str(sign);
        let letter = *scene.random.pick(&[
            'o', 'o', 'h', 'v', 'v', 'q', 'a', 'b', 'e', 'I', 'u', 'u', 'K', 'N', 'Q', 'T', 'U', 'V', 'c',
            'W', 'f', 'f', 'j', 'k', 'l', 'i', 'm', 'n', 's', 'p', 't', 'C', 'z',
        ]);
        letters.push(letter);
        let parameter = match letter {
            'q' | 'a' | 'o' | 'h' | 'v' => nick(scene),
            'b' | 'e' | 'I' => mask(scene),
            'k' => {
                (*scene.random.pick(&["key", "other", "x", "bad,key", "muchtoolongforakeyreally"])).to_owned()
            }
            'W' => (*scene.random.pick(&["1", "2", "0", "long"])).to_owned(),
            'f' => channel(scene),
            'j' => (*scene.random.pick(&["1:5", "2:30", "3:1", "x:1", "0:0"])).to_owned(),
            'l' => (*scene.random.pick(&["1", "2", "3", "10", "0", "-1", "many", "4294967296"])).to_owned(),
            _ => continue,
        };
        if scene.random.percent(90) {
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
