//! Who is muted by a SHUN may be here, read and ask, and do nothing that others hear of except to come and go.

use wire::numeric;

use crate::commands::{Target, What};
use crate::context::Cx;
use crate::modes::UserFlag;
use crate::turn::Item;
use crate::world::{BanKind, Visitor};

/// Lets a command decide as for everybody else, and takes back what others would hear of one who is muted. It goes by
/// what would happen and not by the command: whatever only asks is allowed, whoever adds it.
pub(crate) fn without_a_voice(cx: &mut Cx<'_>, verb: &str) {
    let happens = |item: &Item| matches!(item, Item::Event(_) | Item::EventTo(..));
    if cx.world.bans().is_empty() || !cx.turn.items.iter().any(happens) || !is_muted(cx) {
        return;
    }
    let (mut refused, mut targets) = (false, Vec::new());
    cx.turn.items.retain_mut(|item| match item {
        Item::Event(What::Join(_)) => true,
        Item::Event(What::Part(part)) => {
            part.reason.clear();
            true
        }
        Item::Event(What::Quit(quit)) => {
            quit.reason = "Quit: ".to_owned();
            true
        }
        Item::Event(What::Message(message)) => {
            targets.push(message.target.clone());
            false
        }
        Item::Event(_) | Item::EventTo(..) => {
            refused = true;
            false
        }
        Item::Answer(_) | Item::Say(_) | Item::Notice(..) | Item::Effect(_) => true,
    });
    // "automatic replies MUST NEVER be sent in response to a NOTICE message."
    if verb != "NOTICE" {
        targets.iter().for_each(|target| cannot_send(cx, target));
    }
    if refused {
        // What the command has answered is about what does not happen now.
        cx.turn.items.clear();
        let nick = cx.nick().to_owned();
        cx.say("NOTICE", &[&nick], &format!("You are muted on this server and cannot use {verb} for that"));
    }
}

fn cannot_send(cx: &mut Cx<'_>, target: &Target) {
    let name = match target {
        Target::Channel(channel) | Target::Ranked(_, channel) | Target::Operators(channel) => {
            channel.as_str()
        }
        Target::User(id) => cx.world.user(*id).expect("a target was just found").nick.as_str(),
    };
    cx.answer(&numeric::ERR_CANNOTSENDTOCHAN, &[name, "you are muted on this server"]);
}

fn is_muted(cx: &Cx<'_>) -> bool {
    cx.registered().is_some_and(|user| {
        let covered = || cx.world.bans().covering(BanKind::Mute, Visitor::from(user)).is_some();
        !user.flags.has(UserFlag::Operator) && covered()
    })
}
