//! Pictures of the screen.

use crossterm::event::KeyCode;

use super::viewer::Viewer;
use super::*;
use crate::screen::{BINDINGS, Page, View};

/// A server with some life, watched for a few seconds.
pub(super) fn evening() -> (Scene, Viewer) {
    let mut scene = Scene::lively();
    for minute in 0..9_u64 {
        for _ in 0..minute * minute % 5 {
            scene.say("#lobby", "alice", "anybody awake?");
        }
        scene.pass(60_000);
    }
    scene.join("#noisy", &[("bot1", "+"), ("bot2", ""), ("carol", "")]);
    scene.pass(10);
    let mut viewer = Viewer::new(&scene);
    for second in 0..12_u64 {
        for message in 0..(second * 7 + 5) % 11 {
            scene.say("#noisy", ["bot1", "bot2"][(message % 2) as usize], "beep, said the machine");
        }
        if second % 4 == 0 {
            scene.say("#lobby", "bob", "is it always so loud next door?");
        }
        scene.stage().observe(TURN, 20 + second * second * 10);
        scene.stage().add(BYTES_OUT, 7000 * second);
        scene.pass(1000);
        viewer.look(&scene);
    }
    (scene, viewer)
}

#[test]
fn the_rooms_on_a_large_screen() {
    let (_scene, mut viewer) = evening();
    viewer.assert_picture(120, 36, "rooms-120x36");
}

#[test]
fn the_rooms_on_a_usual_screen() {
    let (_scene, mut viewer) = evening();
    viewer.assert_picture(80, 24, "rooms-80x24");
}

#[test]
fn the_rooms_on_a_narrow_screen() {
    let (_scene, mut viewer) = evening();
    viewer.assert_picture(60, 20, "rooms-60x20");
}

#[test]
fn figures_of_lengths_are_whole_or_left_out() {
    let (mut scene, mut viewer) = evening();
    for _ in 0..54_321 {
        scene.stage().observe(TURN, 100);
    }
    scene.pass(1000);
    viewer.look(&scene);
    viewer.press(&[KeyCode::Char('4')]);
    for (columns, titles, figures) in [
        (90, "│                        mean     p50     p90     p99       n  short … long", "54333  ≤31"),
        (62, "│                        mean     p50     p90     p99       n│", "54333│"),
        (60, "│                        mean     p50     p99       n      │", "54333      │"),
        (52, "│                         p50     p99       n      │", "54333      │"),
        (30, "│                           n│", "54333│"),
        (15, "│            n│", "turn    54333│"),
    ] {
        let seen = viewer.sees(columns, 20);
        let told = seen[4].starts_with(titles) && seen[5].contains(figures);
        assert!(told, "{columns}\n{}", seen.join("\n"));
    }
}

#[test]
fn slow_readers_are_named() {
    let (mut scene, mut viewer) = evening();
    let since_ms = scene.now.wall_ms - 11_000;
    let slow = |name: &str, queued: u64, since_ms: u64| segment::Slow {
        name: name.to_owned(),
        queued,
        limit: 96 * 1024,
        since_ms,
    };
    scene.stage().slow(&[slow("frank", 64 * 1024, since_ms), slow("", 1500, since_ms + 10_000)]);
    scene.pass(1000);
    viewer.look(&scene);
    viewer.assert_picture(120, 36, "slow-120x36");
    viewer.press(&[KeyCode::Char('3')]);
    viewer.assert_picture(80, 24, "slow-80x24");
    viewer.type_text("/counter~x");
    assert!(!viewer.sees(80, 24).concat().contains("frank"), "a filter is about the figures");
    let told = scene.run(&["--once"]);
    let rows =
        "slow       queued  limit  for\nfrank       65536  98304  12s\n(no nick)    1500  98304  2.0s\n";
    assert!(told.out.ends_with(rows), "{}", told.out);
}

#[test]
fn a_room() {
    let (_scene, mut viewer) = evening();
    viewer.press(&[KeyCode::Char('j'), KeyCode::Enter]);
    viewer.assert_picture(80, 20, "room-80x20");
}

#[test]
fn all_counters() {
    let (_scene, mut viewer) = evening();
    viewer.press(&[KeyCode::Char('c')]);
    viewer.assert_picture(90, 20, "counters-90x20");
}

#[test]
fn the_other_views() {
    let (mut scene, mut viewer) = evening();
    let mut seen = Vec::new();
    for (key, name) in [('2', "users-90x20"), ('3', "connections-90x20"), ('4', "latency-90x20")] {
        viewer.press(&[KeyCode::Char(key)]);
        viewer.assert_picture(90, 20, name);
        seen.push(viewer.model.page.clone());
    }
    // The same ones, one after the other, and all around.
    viewer.press(&[KeyCode::Char('1'), KeyCode::Tab]);
    assert_eq!(viewer.model.page, seen[0]);
    viewer.press(&[KeyCode::Tab; 4]);
    assert_eq!(viewer.model.page, Page::View(View::Rooms));
    scene.pass(1);
}

#[test]
fn a_filter_is_typed_and_taken_away() {
    let (_scene, mut viewer) = evening();
    let order =
        |viewer: &Viewer| viewer.model.rooms().iter().map(|room| room.name.clone()).collect::<Vec<_>>();
    viewer.type_text("/msgs>1 and room~lob");
    assert_eq!(order(&viewer), ["#lobby"], "while it is typed");
    viewer.assert_reads(" /msgs>1 and room~lob▏  Enter keeps it");
    viewer.press(&[KeyCode::Enter]);
    viewer.assert_reads("filter: msgs>1 and room~lob");
    // Another one is typed, which makes no sense, and is taken back.
    viewer.type_text("/ or user>2");
    viewer.assert_reads("no field user; did you mean users?");
    assert_eq!(order(&viewer), ["#lobby"]);
    viewer.press(&[KeyCode::Esc]);
    viewer.assert_reads("filter: msgs>1 and room~lob");
    viewer.press(&[KeyCode::Esc]);
    assert_eq!(order(&viewer).len(), 3);
    // Letters are letters, also those that are keys; and a filter is of one page.
    viewer.type_text("/q?2");
    assert_eq!((viewer.model.sieve.text.as_str(), order(&viewer).len()), ("q?2", 0));
    viewer.press(&[KeyCode::Backspace, KeyCode::Enter, KeyCode::Char('2')]);
    assert_eq!(viewer.model.sieve.text, "");
    viewer.type_text("/rooms>=1 and msgs<25");
    viewer.press(&[KeyCode::Enter]);
    let seen = viewer.sees(90, 20).concat();
    assert!(seen.contains("alice") && seen.contains("carol") && !seen.contains("bot1 "), "{seen}");
    viewer.press(&[KeyCode::Char('5')]);
    viewer.type_text("/counter~segment and value>0");
    viewer.press(&[KeyCode::Enter]);
    viewer.assert_reads("segment.published");
    assert!(!viewer.sees(90, 20).concat().contains("bytes.out"));
    // The help can be searched.
    viewer.press(&[KeyCode::Char('?')]);
    viewer.type_text("/interval or file");
    viewer.press(&[KeyCode::Enter]);
    viewer.assert_reads("as --json prints it");
    assert!(!viewer.sees(90, 20).concat().contains("Down."));
}

#[test]
fn a_filter_that_is_not_understood_is_never_kept() {
    let (_scene, mut viewer) = evening();
    let shown = |viewer: &Viewer| (viewer.model.sieve.typing, viewer.model.rooms().len());
    viewer.type_text("/room~lob");
    viewer.press(&[KeyCode::Enter]);
    assert_eq!(shown(&viewer), (false, 1));
    // Up to `room~lob m` it would have meant something, and would have let nothing through.
    viewer.type_text("/ mesages>1");
    viewer.press(&[KeyCode::Enter]);
    assert_eq!(shown(&viewer), (true, 0));
    viewer.assert_reads("/room~lob mesages>1▏  no field mesages; did you mean messages?");
    viewer.press(&[KeyCode::Esc]);
    viewer.assert_reads("filter: room~lob");
    assert_eq!(shown(&viewer), (false, 1));
    // It can be mended.
    viewer.type_text("/ mesages>1");
    viewer.press(&[KeyCode::Enter]);
    viewer.press(&[KeyCode::Backspace; 8]);
    viewer.type_text("essages>1");
    viewer.press(&[KeyCode::Enter]);
    viewer.assert_reads("filter: room~lob messages>1");
    assert_eq!(shown(&viewer), (false, 1));
}

#[test]
fn what_is_wrong_with_a_filter_is_said_on_narrow_screens_as_well() {
    let (_scene, mut viewer) = evening();
    viewer.type_text("/mesages>1");
    let mut foot = |columns| viewer.sees(columns, 20)[19].clone();
    assert_eq!(foot(80), " /mesages>1▏  no field mesages; did you mean messages?");
    assert_eq!(foot(60), " /mesages>1▏  no field mesages; did you mean messages?");
    assert_eq!(foot(30), " /mesages>1▏  no field mesag…");
    viewer.type_text(" or room~somewhere or room~elsewhere");
    let mut foot = |columns| viewer.sees(columns, 20)[19].clone();
    assert_eq!(foot(60), " /…omewhere or room~elsewhere▏  no field mesages; did you …");
}

#[test]
fn the_rooms_can_have_the_whole_page() {
    let (_scene, mut viewer) = evening();
    viewer.press(&[KeyCode::Char('e')]);
    let seen = viewer.sees(120, 36);
    assert!(
        seen[3].starts_with("┌ rooms 3") && seen[3].ends_with('┐') && seen[4].contains("last said"),
        "{seen:?}"
    );
    viewer.press(&[KeyCode::Char('e')]);
    viewer.assert_reads("top talkers");
}

#[test]
fn in_ascii_there_is_nothing_else() {
    let (_scene, mut viewer) = evening();
    viewer.model.ascii = true;
    viewer.assert_picture(80, 24, "ascii-80x24");
    for key in ['1', '2', '3', '4', '5', '?'] {
        viewer.press(&[KeyCode::Char(key)]);
        assert!(viewer.sees(120, 36).iter().all(|row| row.is_ascii()), "{:?}", viewer.sees(120, 36));
    }
}

#[test]
fn what_a_key_did_is_said_until_the_next_one() {
    let (_scene, mut viewer) = evening();
    assert_eq!(viewer.wish(KeyCode::Char('w')), Some(crate::screen::Wish::Write));
    crate::screen::update(&mut viewer.model, crate::screen::Event::Noted("written: x.json".to_owned()));
    viewer.assert_reads("written: x.json");
    viewer.press(&[KeyCode::Char('j')]);
    assert!(!viewer.sees(120, 36).concat().contains("written"));
}

#[test]
fn the_help_is_the_table_of_keys() {
    let (_scene, mut viewer) = evening();
    viewer.press(&[KeyCode::Char('?')]);
    viewer.assert_picture(70, 24, "help-70x24");
}

#[test]
fn keys_do_what_the_table_says() {
    let (scene, mut viewer) = evening();
    let bar = |viewer: &mut Viewer| {
        let rooms = viewer.model.rooms();
        rooms[viewer.model.selected_at(&rooms)].name.clone()
    };
    let order =
        |viewer: &Viewer| viewer.model.rooms().iter().map(|room| room.name.clone()).collect::<Vec<_>>();
    assert_eq!(order(&viewer), ["#noisy", "#lobby", "#rust"]);
    assert_eq!(bar(&mut viewer), "#noisy");
    for (key, name) in [
        (KeyCode::Char('j'), "#lobby"),
        (KeyCode::Char('G'), "#rust"),
        (KeyCode::Char('j'), "#rust"),
        (KeyCode::Char('k'), "#lobby"),
        (KeyCode::Char('g'), "#noisy"),
        (KeyCode::PageDown, "#rust"),
        (KeyCode::PageUp, "#noisy"),
        (KeyCode::Down, "#lobby"),
    ] {
        viewer.press(&[key]);
        assert_eq!(bar(&mut viewer), name, "after {key:?}");
    }
    // The bar stays on the room, wherever it goes.
    viewer.press(&[KeyCode::Char('s')]);
    viewer.assert_reads("sort: messages ▼");
    viewer.press(&[KeyCode::Char('r')]);
    viewer.assert_reads("sort: messages ▲");
    assert_eq!(
        (order(&viewer), bar(&mut viewer)),
        (["#rust", "#lobby", "#noisy"].map(str::to_owned).into(), "#lobby".into())
    );
    viewer.press(&[KeyCode::Char('d')]);
    assert_eq!(order(&viewer), ["#lobby", "#noisy"]);
    viewer.assert_reads("silent rooms hidden");
    viewer.press(&[KeyCode::Char('t')]);
    viewer.assert_reads("in 60 s");
    viewer.press(&[KeyCode::Char('+'), KeyCode::Char('+')]);
    viewer.assert_reads("every 5.0s");
    viewer.press(&[KeyCode::Char('-'); 12]);
    viewer.assert_reads("every 0.1s");
    viewer.press(&[KeyCode::Char('+'); 12]);
    viewer.assert_reads("every 1m00s");
    viewer.press(&[KeyCode::Char('g'), KeyCode::Enter]);
    assert_eq!(viewer.model.page, Page::Room("#lobby".to_owned()));
    viewer.press(&[KeyCode::Char('?')]);
    viewer.assert_reads(BINDINGS[0].help);
    viewer.press(&[KeyCode::Char('?')]);
    assert_eq!(viewer.model.page, Page::Room("#lobby".to_owned()));
    viewer.look(&scene);
    viewer.assert_reads("is it always so loud");
    viewer.press(&[KeyCode::Esc]);
    assert_eq!(
        (viewer.model.page.clone(), viewer.model.watched().is_none()),
        (Page::View(View::Rooms), true)
    );
}

#[test]
fn each_key_has_one_meaning() {
    let mut keys: Vec<_> = BINDINGS.iter().flat_map(|binding| binding.keys).collect();
    let count = keys.len();
    keys.sort_by_key(|key| format!("{key:?}"));
    keys.dedup();
    assert_eq!(keys.len(), count);
}

#[test]
fn a_pause_holds_the_picture_and_misses_nothing() {
    let (mut scene, mut viewer) = evening();
    viewer.press(&[KeyCode::Char(' ')]);
    let still = viewer.sees(80, 24);
    for _ in 0..3 {
        scene.say("#rust", "ferris", "unheard");
        scene.pass(1000);
        viewer.look(&scene);
    }
    let later = viewer.sees(80, 24);
    assert!(later[0].contains("PAUSED 3.0s"), "{}", later[0]);
    assert_eq!(still[1..], later[1..]);
    // A room that is entered meanwhile is shown as it is then, and held still as well.
    viewer.press(&[KeyCode::Char('G'), KeyCode::Enter]);
    viewer.assert_reads("<ferris> unheard");
    scene.say("#rust", "ferris", "later");
    scene.pass(1000);
    viewer.look(&scene);
    assert!(!viewer.sees(80, 24).concat().contains("later"));
    viewer.press(&[KeyCode::Char(' ')]);
    viewer.assert_reads("<ferris> later");
    viewer.press(&[KeyCode::Esc]);
    assert_eq!(viewer.model.shown().pulse.iter().rev().take(4).collect::<Vec<_>>(), [&1000; 4]);
}

#[test]
fn a_room_can_be_scrolled_back_and_says_what_was_lost() {
    let (mut scene, mut viewer) = evening();
    viewer.press(&[KeyCode::Enter]);
    for _ in 0..40 {
        for _ in 0..10 {
            scene.say("#noisy", "bot1", "a flood, of which a ring of 8 KiB can keep only the newest part");
        }
        scene.pass(2);
    }
    viewer.look(&scene);
    let newest = viewer.sees(80, 24);
    assert!(newest[20].contains("a flood"), "{newest:?}");
    viewer.press(&[KeyCode::Char('k'); 3]);
    let back = viewer.sees(80, 24);
    assert!(back[6].contains("#noisy  3 lines back"), "{}", back[6]);
    let words = |row: &str| row.chars().take(58).collect::<String>();
    assert_eq!(words(&newest[7]), words(&back[10]));
    viewer.press(&[KeyCode::Char('g')]);
    viewer.assert_reads("<bot1> beep");
    let kept =
        segment::Reader::open(scene.keys.segment, None).unwrap().history("#noisy").unwrap().records.len();
    let mut seen = 0;
    for _ in 0..40 {
        seen += usize::from(
            viewer.sees(80, 24).concat().contains(&format!("== {} records were lost", 400 - kept)),
        );
        viewer.press(&[KeyCode::PageDown]);
    }
    assert!(seen > 0);
    viewer.press(&[KeyCode::Char('G')]);
    assert_eq!(viewer.sees(80, 24), newest);
}
