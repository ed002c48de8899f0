//! The promise of a server to be reached by TLS (IRCv3 sts).

/// The words of the capability that concern a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sts {
    /// Where TLS is spoken.
    pub port: Option<u16>,
    /// For how long it will be, in seconds.
    pub duration: Option<u64>,
}

impl Sts {
    /// What a list of capabilities says of it, if anything.
    pub(crate) fn among(names: &str) -> Option<Self> {
        names.split_ascii_whitespace().find_map(|word| word.strip_prefix("sts=")).map(Self::parse)
    }

    /// Reads `port=6697,duration=2592000`; what is not understood is ignored.
    fn parse(value: &str) -> Self {
        let field = |name: &str| {
            let mut fields = value.split(',').filter_map(|field| field.split_once('='));
            fields.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let port = field("port").and_then(|port| port.parse().ok()).filter(|port| *port != 0);
        Self { port, duration: field("duration").and_then(|seconds| seconds.parse().ok()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Sts;

    #[test]
    fn the_words_of_the_capability_are_read() {
        #[rustfmt::skip]
        let table = [
            ("a sts=port=6697 b",           Some(6697), None),
            ("sts=duration=2592000",        None,       Some(2_592_000)),
            ("sts=port=1,x,duration=0,y=z", Some(1),    Some(0)),
            ("sts=port=0,duration=-1",      None,       None),
            ("sts=port=99999,duration",     None,       None),
        ];
        for (names, port, duration) in table {
            assert_eq!(Sts::among(names), Some(Sts { port, duration }), "{names}");
        }
        assert_eq!(Sts::among("sts stsx=port=1"), None);
    }
}
