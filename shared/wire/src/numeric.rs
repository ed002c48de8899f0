//! The table of numerics: what the server's three-digit answers are called and what they say.
//!
//! Sources: RFC 1459 section 6, RFC 2812 section 5, modern.ircdocs.horse "Numerics". A numeric is added with one row.

use crate::reply::Numeric;

macro_rules! numerics {
    ($($name:ident $code:literal $form:literal)*) => {
        $(
            #[doc = concat!("`", $code, " ", $form, "`")]
            pub static $name: Numeric = Numeric::new(
                stringify!($name),
                $code,
                $form,
                [concat!(" ", $code, " "), concat!(" ", $form, "\r\n")],
            );
        )*
        /// Every row, in the order of the digits.
        pub static ALL: &[&Numeric] = &[$(&$name),*];
    };
}

#[rustfmt::skip]
numerics! {
    RPL_WELCOME           "001" ":Welcome to the <network> Network, <nick>!<user>@<host>"
    RPL_YOURHOST          "002" ":Your host is <server>, running version <version>"
    RPL_CREATED           "003" ":This server was created <time>"
    RPL_MYINFO            "004" "<server> <version> <usermodes> <channelmodes> <modeswithparameter>"
    RPL_ISUPPORT          "005" ":<tokens>"
    RPL_SNOMASK           "008" "<mask> :Server notice mask"
    RPL_MAP               "015" ":<server> [<users> users]"
    RPL_MAPEND            "017" ":End of /MAP"
    RPL_TRACEOPERATOR     "204" "Oper opers <nick>"
    RPL_TRACEUSER         "205" "User users <nick>"
    RPL_STATSCOMMANDS     "212" "<command> <count>"
    RPL_STATSKLINE        "216" "<letter> <host> * <user> :<reason>"
    RPL_STATSQLINE        "217" "<letter> 0 <mask> :<reason>"
    RPL_ENDOFSTATS        "219" "<letter> :End of /STATS report"
    RPL_UMODEIS           "221" "<modes>"
    RPL_STATSDLINE        "225" "<letter> <mask> :<reason>"
    RPL_SERVLISTEND       "235" "<mask> <type> :End of service listing"
    RPL_STATSUPTIME       "242" ":Server Up <days> days <clock>"
    RPL_STATSOLINE        "243" "O <mask> * <name>"
    RPL_STATSXLINE        "247" "<letter> 0 <mask> :<reason>"
    RPL_STATSDEBUG        "249" "<letter> :<text>"
    RPL_LUSERCLIENT       "251" ":There are <users> users and <invisible> invisible on 1 servers"
    RPL_LUSEROP           "252" "<count> :operator(s) online"
    RPL_LUSERUNKNOWN      "253" "<count> :unknown connection(s)"
    RPL_LUSERCHANNELS     "254" "<count> :channels formed"
    RPL_LUSERME           "255" ":I have <clients> clients and 0 servers"
    RPL_ADMINME           "256" "<server> :Administrative info"
    RPL_ADMINLOC1         "257" ":<text>"
    RPL_ADMINLOC2         "258" ":<text>"
    RPL_ADMINEMAIL        "259" ":<text>"
    RPL_TRACEEND          "262" "<server> <version> :End of TRACE"
    RPL_LOCALUSERS        "265" "<users> <most> :Current local users <users>, max <most>"
    RPL_GLOBALUSERS       "266" "<users> <most> :Current global users <users>, max <most>"
    RPL_AWAY              "301" "<nick> :<message>"
    RPL_USERHOST          "302" ":<replies>"
    RPL_ISON              "303" ":<nicks>"
    RPL_UNAWAY            "305" ":You are no longer marked as being away"
    RPL_NOWAWAY           "306" ":You have been marked as being away"
    RPL_WHOISUSER         "311" "<nick> <user> <host> * :<realname>"
    RPL_WHOISSERVER       "312" "<nick> <server> :<info>"
    RPL_WHOISOPERATOR     "313" "<nick> :is an IRC operator"
    RPL_WHOWASUSER        "314" "<nick> <user> <host> * :<realname>"
    RPL_ENDOFWHO          "315" "<mask> :End of WHO list"
    RPL_WHOISIDLE         "317" "<nick> <idle> <signon> :seconds idle, signon time"
    RPL_ENDOFWHOIS        "318" "<nick> :End of /WHOIS list"
    RPL_WHOISCHANNELS     "319" "<nick> :<channels>"
    RPL_LISTSTART         "321" "Channel :Users  Name"
    RPL_LIST              "322" "<channel> <visible> :<topic>"
    RPL_LISTEND           "323" ":End of /LIST"
    RPL_CHANNELMODEIS     "324" "<channel> <modes…>"
    RPL_CREATIONTIME      "329" "<channel> <time>"
    RPL_NOTOPIC           "331" "<channel> :No topic is set"
    RPL_TOPIC             "332" "<channel> :<topic>"
    RPL_TOPICWHOTIME      "333" "<channel> <who> <time>"
    RPL_WHOISBOT          "335" "<nick> :is a bot"
    RPL_INVITELIST        "336" "<channel>"
    RPL_ENDOFINVITELIST   "337" ":End of /INVITE list"
    RPL_INVITING          "341" "<nick> <channel>"
    RPL_INVEXLIST         "346" "<channel> <mask> <who> <time>"
    RPL_ENDOFINVEXLIST    "347" "<channel> :End of channel invite exception list"
    RPL_EXCEPTLIST        "348" "<channel> <mask> <who> <time>"
    RPL_ENDOFEXCEPTLIST   "349" "<channel> :End of channel exception list"
    RPL_VERSION           "351" "<version> <server> :<comments>"
    RPL_WHOREPLY          "352" "<channel> <user> <host> <server> <nick> <flags> :<hops> <realname>"
    RPL_NAMREPLY          "353" "<symbol> <channel> :<names>"
    RPL_WHOSPCRPL         "354" ""
    RPL_LINKS             "364" "<server> <uplink> :0 <info>"
    RPL_ENDOFLINKS        "365" "<mask> :End of /LINKS list"
    RPL_ENDOFNAMES        "366" "<channel> :End of /NAMES list"
    RPL_BANLIST           "367" "<channel> <mask> <who> <time>"
    RPL_ENDOFBANLIST      "368" "<channel> :End of channel ban list"
    RPL_ENDOFWHOWAS       "369" "<nick> :End of WHOWAS"
    RPL_INFO              "371" ":<text>"
    RPL_MOTD              "372" ":- <text>"
    RPL_ENDOFINFO         "374" ":End of INFO list"
    RPL_MOTDSTART         "375" ":- <server> Message of the day - "
    RPL_ENDOFMOTD         "376" ":End of /MOTD command"
    RPL_WHOISHOST         "378" "<nick> :is connecting from <user>@<host> <address>"
    RPL_WHOISMODES        "379" "<nick> :is using modes <modes>"
    RPL_YOUREOPER         "381" ":You are now an IRC operator"
    RPL_REHASHING         "382" "<file> :Rehashing"
    RPL_TIME              "391" "<server> :<time>"
    RPL_VISIBLEHOST       "396" "<host> :is now your visible host"
    ERR_UNKNOWNERROR      "400" "<command> :<what>"
    ERR_NOSUCHNICK        "401" "<nick> :No such nick/channel"
    ERR_NOSUCHSERVER      "402" "<server> :No such server"
    ERR_NOSUCHCHANNEL     "403" "<channel> :No such channel"
    ERR_CANNOTSENDTOCHAN  "404" "<channel> :Cannot send to channel (<why>)"
    ERR_TOOMANYCHANNELS   "405" "<channel> :You have joined too many channels"
    ERR_WASNOSUCHNICK     "406" "<nick> :There was no such nickname"
    ERR_TOOMANYTARGETS    "407" "<target> :Too many targets; at most <limit> are taken"
    ERR_NOSUCHSERVICE     "408" "<service> :No such service"
    ERR_NOORIGIN          "409" ":No origin specified"
    ERR_INVALIDCAPCMD     "410" "<subcommand> :Invalid CAP command"
    ERR_NORECIPIENT       "411" ":No recipient given (<command>)"
    ERR_NOTEXTTOSEND      "412" ":No text to send"
    ERR_BADMASK           "415" "<mask> :Bad mask: it is none of this kind, or covers too much"
    ERR_INPUTTOOLONG      "417" ":Input line was too long"
    ERR_UNKNOWNCOMMAND    "421" "<command> :Unknown command<hint>"
    ERR_NOMOTD            "422" ":There is no message of the day"
    ERR_NOADMININFO       "423" "<server> :No administrative info available"
    ERR_NONICKNAMEGIVEN   "431" ":No nickname given"
    ERR_ERRONEUSNICKNAME  "432" "<nick> :Erroneous nickname (<why>)"
    ERR_NICKNAMEINUSE     "433" "<nick> :Nickname is already in use"
    ERR_UNAVAILRESOURCE   "437" "<target> :<why>"
    ERR_USERNOTINCHANNEL  "441" "<nick> <channel> :They aren't on that channel"
    ERR_NOTONCHANNEL      "442" "<channel> :You're not on that channel"
    ERR_USERONCHANNEL     "443" "<nick> <channel> :is already on channel"
    ERR_SUMMONDISABLED    "445" ":SUMMON has been disabled"
    ERR_USERSDISABLED     "446" ":USERS has been disabled"
    ERR_NONICKCHANGE      "447" ":Cannot change nickname while on <channel> (<why>)"
    ERR_NOTREGISTERED     "451" ":You have not registered; say NICK and USER first"
    ERR_NEEDMOREPARAMS    "461" "<command> :Not enough parameters"
    ERR_ALREADYREGISTERED "462" ":You may not reregister"
    ERR_PASSWDMISMATCH    "464" ":Password incorrect"
    ERR_YOUREBANNEDCREEP  "465" ":You are banned from this server (<why>)"
    ERR_INVALIDUSERNAME   "468" ":Your username is not valid (it takes letters, digits and most signs)"
    ERR_LINKCHANNEL       "470" "<from> <to> :Forwarding to another channel"
    ERR_CHANNELISFULL     "471" "<channel> :Cannot join channel (+l): it is full"
    ERR_UNKNOWNMODE       "472" "<letter> :is unknown mode char to me"
    ERR_INVITEONLYCHAN    "473" "<channel> :Cannot join channel (+i): you have to be invited"
    ERR_BANNEDFROMCHAN    "474" "<channel> :Cannot join channel (+b): you are banned"
    ERR_BADCHANNELKEY     "475" "<channel> :Cannot join channel (+k): the key is another one"
    ERR_BADCHANMASK       "476" "<channel> :Bad channel name (<why>)"
    ERR_BANLISTFULL       "478" "<channel> <letter> :Channel list is full"
    ERR_BADCHANNAME       "479" "<channel> :Illegal channel name: it is reserved"
    ERR_CANNOTKNOCK       "480" "<channel> :Cannot knock on that channel (<why>)"
    ERR_NOPRIVILEGES      "481" ":Permission Denied- You're not an IRC operator"
    ERR_CHANOPRIVSNEEDED  "482" "<channel> :You're not channel operator"
    ERR_CANTKILLSERVER    "483" ":You can't kill a server"
    ERR_NOOPERHOST        "491" ":No operator of that name may come from your host"
    ERR_UMODEUNKNOWNFLAG  "501" ":Unknown MODE flag"
    ERR_USERSDONTMATCH    "502" ":Cannot change or view the modes of other users"
    ERR_NOINVITE          "518" ":Cannot invite (+V) at channel <channel>"
    ERR_HELPNOTFOUND      "524" "<subject> :There is no help on that subject<hint>"
    ERR_INVALIDKEY        "525" "<channel> :Key is not well-formed"
    ERR_CANTSENDTOUSER    "531" "<nick> :Cannot send to user (<why>)"
    RPL_WHOISSECURE       "671" "<nick> :is using a secure connection"
    ERR_INVALIDMODEPARAM  "696" "<target> <letter> <parameter> :<why>"
    RPL_HELPSTART         "704" "<subject> :<text>"
    RPL_HELPTXT           "705" "<subject> :<text>"
    RPL_ENDOFHELP         "706" "<subject> :<text>"
    RPL_KNOCK             "710" "<channel> <source> :has asked for an invite<text>"
    RPL_KNOCKDLVR         "711" "<channel> :Your KNOCK has been delivered."
    ERR_TOOMANYKNOCK      "712" "<channel> :Too many KNOCKs (<whose>)."
    ERR_CHANOPEN          "713" "<channel> :Channel is open."
    ERR_KNOCKONCHAN       "714" "<channel> :You are already on that channel."
    ERR_NOPRIVS           "723" "<privilege> :Insufficient oper privileges."
    RPL_MONONLINE         "730" ":<targets>"
    RPL_MONOFFLINE        "731" ":<targets>"
    RPL_MONLIST           "732" ":<targets>"
    RPL_ENDOFMONLIST      "733" ":End of MONITOR list"
    ERR_MONLISTFULL       "734" "<limit> <targets> :Monitor list is full."
    RPL_WHOISKEYVALUE     "760" "<target> <key> <visibility> :<value>"
    RPL_KEYVALUE          "761" "<target> <key> <visibility> :<value>"
    RPL_KEYNOTSET         "766" "<target> <key> :key not set"
    RPL_METADATASUBOK     "770" ":<keys…>"
    RPL_METADATAUNSUBOK   "771" ":<keys…>"
    RPL_METADATASUBS      "772" ":<keys…>"
    RPL_METADATASYNCLATER "774" "<target>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_well_formed_and_the_table_is_in_order() {
        for row in ALL {
            assert_eq!(row.form.matches('<').count(), row.form.matches('>').count(), "{}", row.name);
            assert!(row.code.len() == 3 && row.code.bytes().all(|b| b.is_ascii_digit()), "{}", row.name);
            let middle = row.form.split(':').next().expect("split gives at least one part");
            assert!(middle.is_empty() || !middle.contains("> <") || !middle.contains("  "), "{}", row.name);
        }
        for pair in ALL.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} stands before {}", pair[0].name, pair[1].name);
        }
    }
}
