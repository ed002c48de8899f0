//! The limits of what people may do and have. Each is announced where the protocol has a token for it.

/// Limits with their defaults; all are settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a nick (NICKLEN). Longer ones are refused with 432.
    pub nick_bytes_max: usize,
    /// Bytes of a user name (USERLEN). Longer ones are cut.
    pub user_bytes_max: usize,
    /// Bytes of a real name (NAMELEN). Longer ones are cut.
    pub realname_bytes_max: usize,
    /// Bytes of a channel's name (CHANNELLEN). Longer ones are refused with 403.
    pub channel_bytes_max: usize,
    /// Bytes of a topic (TOPICLEN). Longer ones are cut.
    pub topic_bytes_max: usize,
    /// Bytes of an away message (AWAYLEN). Longer ones are cut.
    pub away_bytes_max: usize,
    /// Bytes of the reason of a KICK (KICKLEN). Longer ones are cut.
    pub kick_bytes_max: usize,
    /// Bytes of the reason of a QUIT (QUITLEN). Longer ones are cut.
    pub quit_bytes_max: usize,
    /// Bytes of a channel key (KEYLEN). Longer ones are refused with 525.
    pub key_bytes_max: usize,
    /// Channels in which one user can be (CHANLIMIT). Further ones are refused with 405.
    pub channels_per_user_max: usize,
    /// Masks in each list of a channel (MAXLIST). Further ones are refused with 478.
    pub masks_per_list_max: usize,
    /// Targets of one command that takes a list and counts it (TARGMAX, MAXTARGETS). Further ones are answered with 407.
    pub targets_max: usize,
    /// Mode changes with a parameter in one MODE (MODES). Further ones are passed over.
    pub modes_max: usize,
    /// Invitations that one user can hold; the oldest goes for a new one.
    pub invitations_per_user_max: usize,
    /// Milliseconds between two KNOCKs of one user, wherever he knocks. Further ones are answered with 712.
    pub knock_per_user_ms: u64,
    /// Milliseconds between two KNOCKs on one channel, whoever knocks. Further ones are answered with 712.
    pub knock_per_channel_ms: u64,
    /// Nicks that one client can watch (MONITOR). Further ones are answered with 734.
    pub monitored_max: usize,
    /// Bans of the server, of all kinds together. Further ones are refused.
    pub server_bans_max: usize,
    /// Keys of metadata that one user or channel can have (`max-keys`). Further ones are refused with FAIL LIMIT_REACHED.
    pub metadata_keys_max: usize,
    /// Bytes of a value of metadata (`max-value-bytes`). Longer ones are refused with FAIL.
    pub metadata_value_bytes_max: usize,
    /// Keys of metadata to which one client can subscribe (`max-subs`). Further ones are refused with FAIL TOO_MANY_SUBS.
    pub metadata_subs_max: usize,
    /// Read markers of one user (MARKREAD). Of more the earliest goes.
    pub read_marks_max: usize,
    /// Values of metadata that a client is told unasked when it enters a channel or subscribes. If there are more, it is
    /// asked to come back for them with 774.
    pub metadata_sync_max: usize,
    /// Users who left, remembered for WHOWAS; the oldest goes for a new one.
    pub whowas_max: usize,
    /// Bytes of a long answer (LIST, WHO, NAMES, WHOWAS, the lists of a channel) that are told at once; a line that was
    /// begun is told to its end. The rest follows as the client reads.
    pub part_bytes_max: usize,
    /// Messages in one answer to CHATHISTORY (CHATHISTORY). A larger number asked for is taken as this one.
    pub chathistory_max: usize,
    /// Bytes of text that are looked at for one SEARCH, over all places. Of more the newest is, or what is after the
    /// time that was asked for.
    pub search_bytes_max: usize,
    /// OPER with a wrong name, password or host on one connection. With the last one it is closed.
    pub failed_opers_max: usize,
    /// Bytes of a message of several lines (multiline, max-bytes), line feeds included. A longer one is refused.
    pub multiline_bytes_max: usize,
    /// Lines of a message of several lines (multiline, max-lines). One with more is refused.
    pub multiline_lines_max: usize,
    /// Milliseconds that a client's batch may stay open. Then it is given up.
    pub batch_ms_max: u64,
    /// Milliseconds without a line after which a client is asked with a PING.
    pub ping_after_ms: u64,
    /// Milliseconds after that PING without a line after which it is gone.
    pub ping_timeout_ms: u64,
    /// Milliseconds that registration may take.
    pub registration_ms_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nick_bytes_max: 30,
            user_bytes_max: 18,
            realname_bytes_max: 128,
            channel_bytes_max: 64,
            topic_bytes_max: 390,
            away_bytes_max: 390,
            kick_bytes_max: 390,
            quit_bytes_max: 390,
            key_bytes_max: 32,
            channels_per_user_max: 100,
            masks_per_list_max: 100,
            targets_max: 8,
            modes_max: 8,
            invitations_per_user_max: 50,
            knock_per_user_ms: 300_000,
            knock_per_channel_ms: 60_000,
            monitored_max: 100,
            server_bans_max: 5000,
            metadata_keys_max: 32,
            metadata_value_bytes_max: 256,
            metadata_subs_max: 50,
            read_marks_max: 500,
            metadata_sync_max: 500,
            whowas_max: 1000,
            part_bytes_max: 8192,
            chathistory_max: 100,
            search_bytes_max: 1024 * 1024,
            failed_opers_max: 5,
            multiline_bytes_max: 8192,
            multiline_lines_max: 100,
            batch_ms_max: 60_000,
            ping_after_ms: 120_000,
            ping_timeout_ms: 60_000,
            registration_ms_max: 30_000,
        }
    }
}
