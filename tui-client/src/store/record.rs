//! One record of a log: a line of text with its check, so that a torn or damaged one is told from a good one.
//!
//! ```text
//!   1f2e3d4c  1795349340123  Mm  alice  msgid  answered  text
//!   check     when           what and flags, separated by tabs
//! ```

use wire::Timestamp;

use crate::buffer::{Line, More, Seen, State, Tone};

/// What a record says.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    /// A line.
    Line(Line),
    /// A part of a run of comings and goings.
    Crowd(Timestamp, String),
    /// The line with an id was taken back; what stands there instead.
    Redacted(String, String),
    /// Somebody has put a mark to the line with an id, or taken it away.
    Marked { id: String, nick: String, mark: String, added: bool },
}

const TONES: &[(char, Tone)] =
    &[('M', Tone::Message), ('A', Tone::Action), ('N', Tone::Notice), ('E', Tone::Event)];
const STATES: &[(char, State)] = &[('l', State::Lost), ('f', State::Refused), ('t', State::Redacted)];

impl Record {
    /// The record as a line of a file; nothing for what is not kept.
    pub fn written(&self) -> Option<String> {
        let (at, flags, fields) = match self {
            Self::Line(line) => {
                let mut flags = String::from(TONES.iter().find(|(_, tone)| *tone == line.tone)?.0);
                flags.extend(STATES.iter().find(|(_, state)| *state == line.state).map(|(letter, _)| letter));
                flags.extend(line.mention.then_some('m').into_iter().chain(line.own.then_some('o')));
                flags.extend((line.seen == Seen::Hidden).then_some('h'));
                let answers = line.more.as_ref().map_or("", |more| &*more.answers);
                (line.at, flags, [&*line.nick, &*line.id, answers, &*line.text])
            }
            Self::Crowd(at, change) => (*at, "C".to_owned(), ["", "", "", change]),
            Self::Redacted(id, text) => (Timestamp(0), "R".to_owned(), ["", id, "", text]),
            Self::Marked { id, nick, mark, added } => {
                (Timestamp(0), if *added { "+" } else { "-" }.to_owned(), [nick, id, "", mark])
            }
        };
        let fields = fields.map(|field| field.replace(['\t', '\n', '\r'], " "));
        let rest = format!("{}\t{flags}\t{}", at.0, fields.join("\t"));
        Some(format!("{:08x}\t{rest}\n", check(&rest)))
    }

    /// Reads a line of a file, without its end; nothing if it is damaged.
    pub fn read(text: &str) -> Option<Self> {
        let (sum, rest) = text.split_once('\t')?;
        if u32::from_str_radix(sum, 16).ok()? != check(rest) {
            return None;
        }
        let mut fields = rest.splitn(6, '\t');
        let at = Timestamp(fields.next()?.parse().ok()?);
        let flags = fields.next()?;
        let (nick, id, answers, text) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        Some(match flags.chars().next()? {
            'C' => Self::Crowd(at, text.to_owned()),
            'R' => Self::Redacted(id.to_owned(), text.to_owned()),
            sign @ ('+' | '-') => Self::Marked {
                id: id.to_owned(),
                nick: nick.to_owned(),
                mark: text.to_owned(),
                added: sign == '+',
            },
            letter => {
                let tone = TONES.iter().find(|(known, _)| *known == letter)?.1;
                let state = STATES.iter().find(|(known, _)| flags.contains(*known));
                let answers = (!answers.is_empty()).then(|| {
                    Box::new(More { answers: crate::text::clean(answers).into(), marks: Vec::new() })
                });
                Self::Line(Line {
                    id: id.into(),
                    state: state.map_or(State::Plain, |(_, state)| *state),
                    mention: flags.contains('m'),
                    own: flags.contains('o'),
                    seen: if flags.contains('h') { Seen::Hidden } else { Seen::Always },
                    more: answers,
                    ..Line::new(at, tone, nick, text)
                })
            }
        })
    }
}

/// FNV-1a in 32 bits: finds what a crash or a bad disk does, not what somebody does on purpose.
pub(super) fn check(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
