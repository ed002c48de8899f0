//! The engine's limits as keys of the configuration.

use serde::{Deserialize, Serialize};

/// Names the engine's limits once, for the file and for the engine.
macro_rules! limits {
    ($($name:ident: $type:ty = $help:literal,)*) => {
        /// What people may do and have.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits {
            $(#[doc = $help] pub $name: $type,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                let engine::Limits { $($name),* } = engine::Limits::default();
                Self { $($name),* }
            }
        }

        impl Limits {
            /// The same for the engine.
            pub fn for_engine(&self) -> engine::Limits {
                engine::Limits { $($name: self.$name),* }
            }
        }
    };
}

limits! {
    nick_bytes_max: usize = "Bytes of a nick.",
    user_bytes_max: usize = "Bytes of a user name.",
    realname_bytes_max: usize = "Bytes of a real name.",
    channel_bytes_max: usize = "Bytes of a channel's name.",
    topic_bytes_max: usize = "Bytes of a topic.",
    away_bytes_max: usize = "Bytes of an away message.",
    kick_bytes_max: usize = "Bytes of the reason of a KICK.",
    quit_bytes_max: usize = "Bytes of the reason of a QUIT.",
    key_bytes_max: usize = "Bytes of a channel key.",
    channels_per_user_max: usize = "Channels in which one user can be.",
    masks_per_list_max: usize = "Masks in each list of a channel.",
    targets_max: usize = "Targets of one message.",
    modes_max: usize = "Mode changes with a parameter in one MODE.",
    invitations_per_user_max: usize = "Invitations that one user can hold.",
    knock_per_user_ms: u64 = "Milliseconds between two KNOCKs of one user.",
    knock_per_channel_ms: u64 = "Milliseconds between two KNOCKs on one channel.",
    monitored_max: usize = "Nicks that one client can watch.",
    server_bans_max: usize = "Bans of the server.",
    metadata_keys_max: usize = "Keys of metadata of one user or channel.",
    metadata_value_bytes_max: usize = "Bytes of a value of metadata.",
    metadata_subs_max: usize = "Keys of metadata to which one client can subscribe.",
    read_marks_max: usize = "Read markers of one user.",
    metadata_sync_max: usize = "Values of metadata that are told unasked at once.",
    whowas_max: usize = "Users who left, remembered.",
    part_bytes_max: usize = "Bytes of a long answer told at once.",
    chathistory_max: usize = "Messages in one answer to CHATHISTORY.",
    search_bytes_max: usize = "Bytes looked at for one SEARCH.",
    failed_opers_max: usize = "Failed attempts to become an operator.",
    multiline_bytes_max: usize = "Bytes of a message of several lines.",
    multiline_lines_max: usize = "Lines of a message of several lines.",
    batch_ms_max: u64 = "Milliseconds that a client's batch may stay open.",
    ping_after_ms: u64 = "Milliseconds of silence before a PING.",
    ping_timeout_ms: u64 = "Milliseconds of silence after it.",
    registration_ms_max: u64 = "Milliseconds that registration may take.",
}
