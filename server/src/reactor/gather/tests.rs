use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The connections that take part, with other serials than 0 so that slots and ids differ.
fn conn(slot: usize) -> ConnId {
    ConnId::new(7, slot)
}

/// Lists that overlap in every way.
fn lists(serials: &[u64; 7]) -> Vec<Arc<[ConnId]>> {
    [
        &[0, 1, 2, 3][..],
        &[4, 5],
        &[2, 3, 4],
        &[5],
        &[0, 1, 2, 3],
        &[0, 1, 2, 3, 6],
        &[3, 2, 1, 0, 5, 6, 4],
        &[6],
        &[0, 1, 3],
        &[1, 3],
        &[1, 3, 6],
        &[0, 1, 2],
    ]
    .map(|slots| slots.iter().map(|slot| ConnId::new(serials[*slot], *slot)).collect())
    .to_vec()
}

#[derive(Clone, Debug)]
enum Step {
    Fan {
        lane: Lane,
        list: usize,
        except: Option<usize>,
    },
    Send {
        lane: Lane,
        to: usize,
    },
    Answer {
        lane: Lane,
        to: usize,
    },
    CloseLane(Lane),
    /// Some receivers of what is of a lane.
    CloseSome(Lane, usize),
    CloseFor(usize),
    /// Somebody is gone, and another one has his slot.
    Forget(usize),
    Close,
}

fn lane() -> impl Strategy<Value = Lane> {
    prop_oneof![Just(Lane::Prompt), Just(Lane::Bulk)]
}

fn step() -> impl Strategy<Value = Step> {
    let except = prop::option::of(0..7_usize);
    prop_oneof![
        8 => (lane(), 0..12_usize, except).prop_map(|(lane, list, except)| Step::Fan { lane, list, except }),
        4 => (lane(), 0..7_usize).prop_map(|(lane, to)| Step::Send { lane, to }),
        4 => (lane(), 0..7_usize).prop_map(|(lane, to)| Step::Answer { lane, to }),
        1 => lane().prop_map(Step::CloseLane),
        4 => (lane(), 1..4_usize).prop_map(|(lane, receivers)| Step::CloseSome(lane, receivers)),
        1 => (0..7_usize).prop_map(Step::CloseFor),
        1 => (0..7_usize).prop_map(Step::Forget),
        1 => Just(Step::Close),
    ]
}

proptest! {
    #[test]
    fn everybody_hears_what_is_for_him_in_order(steps in prop::collection::vec(step(), 0..60)) {
        let mut serials = [7; 7];
        let mut lists = lists(&serials);
        let mut gather = Gather::default();
        let mut expected: BTreeMap<ConnId, Vec<u8>> = BTreeMap::new();
        let mut heard: BTreeMap<ConnId, Vec<u8>> = BTreeMap::new();
        let mut queue = |_, conn: ConnId, chunk: Chunk| heard.entry(conn).or_default().extend(chunk.bytes());
        for (number, step) in steps.iter().enumerate() {
            let conn = |slot: usize| ConnId::new(serials[slot], slot);
            let line = Line::new(&format!("{number}\r\n"));
            match step {
                Step::Fan { lane, list, except } => {
                    let except = except.map(conn);
                    gather.fan(*lane, &lists[*list], except, &line, &mut queue);
                    for conn in lists[*list].iter().filter(|conn| Some(**conn) != except) {
                        expected.entry(*conn).or_default().extend(line.bytes());
                    }
                }
                Step::Send { lane, to } => {
                    gather.send(*lane, conn(*to), Chunk::alone(line.clone()), &mut queue);
                    expected.entry(conn(*to)).or_default().extend(line.bytes());
                }
                Step::Answer { lane, to } => {
                    let lines = Chunk::answer(&[line.bytes(), line.bytes()].concat());
                    match gather.make_way(*lane, conn(*to), &mut queue) {
                        true => queue(*lane, conn(*to), lines.clone()),
                        false => gather.send(*lane, conn(*to), lines.clone(), &mut queue),
                    }
                    expected.entry(conn(*to)).or_default().extend(lines.bytes());
                }
                Step::CloseLane(lane) => gather.close_lane(*lane, &mut queue),
                Step::CloseSome(lane, receivers) => {
                    let open = gather.pieces.iter().find(|(_, piece)| piece.lane == *lane);
                    if let Some(index) = open.map(|(index, _)| index) {
                        gather.close_part(index, *receivers, &mut queue);
                    }
                }
                Step::Forget(slot) => {
                    gather.forget(conn(*slot));
                    expected.remove(&conn(*slot));
                    serials[*slot] += 1;
                    lists = self::lists(&serials);
                }
                Step::CloseFor(to) => gather.close_for(conn(*to), &mut queue),
                Step::Close => gather.close(&mut queue),
            }
        }
        gather.close(&mut queue);
        heard.retain(|conn, _| *conn == ConnId::new(serials[conn.slot()], conn.slot()));
        prop_assert_eq!(heard, expected);
        prop_assert_eq!((gather.bytes, gather.noted_bytes), (0, 0));
    }
}

#[test]
fn a_flood_is_one_entry_per_receiver() {
    let lists = lists(&[7; 7]);
    let mut gather = Gather::default();
    let mut entries = Vec::new();
    let mut queue = |_, conn: ConnId, chunk: Chunk| entries.push((conn, chunk.bytes().len()));
    let line = Line::new("PRIVMSG #den :hello\r\n");
    for _ in 0..100 {
        gather.fan(Lane::Bulk, &lists[0], Some(conn(3)), &line, &mut queue);
        gather.fan(Lane::Bulk, &lists[1], None, &line, &mut queue);
        gather.send(Lane::Bulk, conn(3), Chunk::alone(Line::new("PONG\r\n")), &mut queue);
    }
    gather.close(&mut queue);
    let of = |slot| entries.iter().filter(|(to, _)| *to == conn(slot)).collect::<Vec<_>>();
    for slot in [0, 1, 2, 4, 5] {
        assert_eq!(of(slot), [&(conn(slot), 100 * line.bytes().len())]);
    }
    assert_eq!(of(3).len(), 100, "only his own answers");
}

#[test]
fn a_storm_of_joins_is_one_entry_per_receiver() {
    let mut gather = Gather::default();
    let mut entries = 0;
    let mut bytes = 0;
    let mut queue = |_, _, chunk: Chunk| {
        entries += 1;
        bytes += chunk.bytes().len();
    };
    let line = Line::new("JOIN\r\n");
    for count in 1..=1000 {
        let list: Arc<[ConnId]> = (0..count).map(conn).collect();
        gather.fan(Lane::Bulk, &list, None, &line, &mut queue);
    }
    gather.close(&mut queue);
    assert_eq!((entries, bytes), (1000, 6 * 1000 * 1001 / 2));
}

#[test]
fn a_storm_of_parts_and_joins_is_one_entry_per_receiver() {
    let mut gather = Gather::default();
    let mut heard: BTreeMap<ConnId, Vec<Vec<u8>>> = BTreeMap::new();
    let mut queue = |_, conn, chunk: Chunk| heard.entry(conn).or_default().push(chunk.bytes().to_vec());
    let all: Vec<ConnId> = (0..100).map(conn).collect();
    for leaver in 0..100 {
        let everybody: Arc<[ConnId]> = all.as_slice().into();
        let rest: Arc<[ConnId]> = all.iter().copied().filter(|other| *other != all[leaver]).collect();
        gather.fan(Lane::Bulk, &everybody, None, &Line::new(&format!("PART {leaver}\r\n")), &mut queue);
        gather.fan(Lane::Bulk, &rest, None, &Line::new(&format!("QUIT {leaver}\r\n")), &mut queue);
    }
    gather.close(&mut queue);
    for (place, conn) in all.iter().enumerate() {
        let entries = &heard[conn];
        assert!(entries.len() <= 2, "{} entries", entries.len());
        let text = String::from_utf8(entries.concat()).unwrap();
        assert_eq!(text.matches("PART").count(), 100);
        assert!(text.matches("QUIT").count() == 99 && !text.contains(&format!("QUIT {place}\r\n")));
    }
}

#[test]
fn memory_is_bounded_however_much_is_said() {
    let lists = lists(&[7; 7]);
    let mut gather = Gather::default();
    let line = Line::new(&format!("{}\r\n", "x".repeat(500)));
    let mut longest = 0;
    let mut queue = |_, _, chunk: Chunk| longest = longest.max(chunk.bytes().len());
    for _ in 0..10_000 {
        gather.fan(Lane::Bulk, &lists[0], None, &line, &mut queue);
    }
    assert!(longest > 0 && longest <= 2 * OPEN_BYTES_MAX + 502, "{longest} bytes");
}

#[test]
fn what_is_prompt_does_not_wait_and_leaves_the_flood_together() {
    let lists = lists(&[7; 7]);
    let mut gather = Gather::default();
    let mut entries = Vec::new();
    let mut queue = |lane, conn: ConnId, chunk: Chunk| entries.push((lane, conn, chunk.bytes().to_vec()));
    for _ in 0..3 {
        gather.fan(Lane::Bulk, &lists[0], None, &Line::new("flood\r\n"), &mut queue);
        gather.fan(Lane::Prompt, &lists[1], Some(conn(4)), &Line::new("talk\r\n"), &mut queue);
        gather.close_lane(Lane::Prompt, &mut queue);
    }
    gather.send(Lane::Prompt, conn(2), Chunk::alone(Line::new("PONG\r\n")), &mut queue);
    let talk = (Lane::Prompt, conn(5), b"talk\r\n".to_vec());
    let flood = |slot| (Lane::Bulk, conn(slot), b"flood\r\n".repeat(3));
    let pong = (Lane::Prompt, conn(2), b"PONG\r\n".to_vec());
    let expected = [vec![talk; 3], (0..4).map(flood).collect(), vec![pong]].concat();
    assert_eq!(entries, expected, "who is in both hears the flood before his answer");
    assert!(!gather.is_open());
}

#[test]
fn who_gets_the_slot_of_one_who_is_gone_hears_nothing_of_his() {
    let lists = lists(&[7; 7]);
    let mut gather = Gather::default();
    let mut entries = Vec::new();
    let mut queue = |_, conn: ConnId, chunk: Chunk| entries.push((conn, chunk.bytes().to_vec()));
    gather.fan(Lane::Bulk, &lists[1], Some(conn(4)), &Line::new("flood\r\n"), &mut queue);
    gather.forget(conn(4));
    let next = ConnId::new(8, 4);
    gather.send(Lane::Bulk, next, Chunk::alone(Line::new("001\r\n")), &mut queue);
    gather.close(&mut queue);
    let of_next: Vec<_> = entries.iter().filter(|(to, _)| *to == next).collect();
    assert_eq!(of_next, [&(next, b"001\r\n".to_vec())]);
}

/// A list that lacks just him who has got his part already goes on with nothing.
#[test]
fn what_is_being_closed_takes_nothing_more() {
    let lists = lists(&[7; 7]);
    let mut gather = Gather::default();
    let mut heard: BTreeMap<ConnId, Vec<u8>> = BTreeMap::new();
    let mut queue = |_, conn: ConnId, chunk: Chunk| heard.entry(conn).or_default().extend(chunk.bytes());
    let [first, second] = ["first\r\n", "second\r\n"].map(Line::new);
    gather.fan(Lane::Bulk, &lists[8], None, &first, &mut queue);
    gather.close_part(0, 1, &mut queue);
    assert!(gather.is_due() && gather.is_open_in(Lane::Bulk));
    assert!(gather.make_way(Lane::Bulk, conn(0), &mut queue), "he has it");
    gather.fan(Lane::Bulk, &lists[9], None, &second, &mut queue);
    assert!(gather.close_some(Lane::Bulk, || false, &mut queue) && !gather.is_open());
    let both: &[u8] = b"first\r\nsecond\r\n";
    assert_eq!([0, 1, 3].map(|slot| &*heard[&conn(slot)]), [b"first\r\n", both, both]);
}

/// One who has left is gone, another one has his slot, comes in, and leaves too.
#[test]
fn the_next_one_in_a_slot_hears_his_own_in_order() {
    let mut serials = [7; 7];
    let mut gather = Gather::default();
    let mut heard: BTreeMap<ConnId, Vec<u8>> = BTreeMap::new();
    let mut queue = |_, conn: ConnId, chunk: Chunk| heard.entry(conn).or_default().extend(chunk.bytes());
    let mut say = |gather: &mut Gather, serials: [u64; 7], list: usize, text| {
        gather.fan(Lane::Bulk, &lists(&serials)[list], None, &Line::new(text), &mut queue);
    };
    say(&mut gather, serials, 0, "all of four\r\n");
    say(&mut gather, serials, 8, "without 2\r\n");
    gather.forget(conn(2));
    serials[2] += 1;
    say(&mut gather, serials, 0, "with the next one\r\n");
    say(&mut gather, serials, 8, "without him\r\n");
    let next = ConnId::new(8, 2);
    gather.close_part(0, 4, &mut queue);
    gather.send(Lane::Prompt, next, Chunk::alone(Line::new("for him\r\n")), &mut queue);
    gather.close(&mut queue);
    assert_eq!(heard[&next], b"with the next one\r\nfor him\r\n");
}
