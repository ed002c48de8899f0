//! One server, one reader, no trouble.

use crate::testing::Keys;
use crate::{
    Adoption, CounterId, CounterKind, CounterRow, Kind, Liveness, Now, Published, Reader, Record, Writer,
};

const COUNTERS: &[CounterRow] = &[
    CounterRow { name: "connections", kind: CounterKind::Counter, unit: "connections", help: "All so far." },
    CounterRow { name: "users", kind: CounterKind::Gauge, unit: "people", help: "Now." },
    CounterRow { name: "turn", kind: CounterKind::Histogram, unit: "us", help: "Length of a turn." },
];
const ROOM_COUNTERS: &[CounterRow] =
    &[CounterRow { name: "joins", kind: CounterKind::Counter, unit: "people", help: "All so far." }];

const NOW: Now = Now { boot_us: 50_000_000, wall_ms: 1_700_000_000_000 };

#[test]
fn what_is_reported_is_read() {
    let keys = Keys::new();
    let (mut writer, adoption) = Writer::open(keys.settings(), COUNTERS, ROOM_COUNTERS, NOW).unwrap();
    assert!(matches!(adoption, Adoption::Created), "{adoption:?}");
    let mut reader = Reader::open(keys.segment, None).unwrap();
    assert_eq!(reader.snapshot().unwrap().rooms, []);

    let stage = writer.stage();
    stage.add(CounterId(0), 3);
    stage.set(CounterId(1), 2);
    stage.observe(CounterId(2), 5);
    let lobby = stage.room("#lobby", NOW).unwrap();
    stage.members(lobby, 2, [("alice", "@"), ("bob", "")]);
    stage.topic(lobby, "Welcome");
    stage.flags(lobby, 6);
    stage.room_add(lobby, CounterId(0), 2);
    stage.append(
        lobby,
        &Record {
            sequence: 1,
            wall_ms: NOW.wall_ms,
            kind: Kind::MESSAGE,
            id: "m1",
            from: "alice",
            text: "hello",
        },
    );
    stage.spoke(lobby, "alice", 5, NOW);
    assert_eq!(writer.publish(NOW), Published::Done);
    assert_eq!(writer.publish(NOW), Published::Early);

    let snapshot = reader.snapshot().unwrap();
    assert_eq!(snapshot, reader.snapshot_guarded(std::time::Duration::ZERO).unwrap());
    assert_eq!(
        (snapshot.number("connections"), snapshot.number("users"), snapshot.number("turn")),
        (3, 2, 1)
    );
    let room = snapshot.room("#lobby").unwrap();
    assert_eq!((room.topic.as_str(), room.flags, room.open), ("Welcome", 6, true));
    assert_eq!((room.number("members"), room.number("joins"), room.number("messages")), (2, 2, 1));
    assert_eq!(room.members[0].name, "alice");
    assert_eq!(room.minutes.last(), Some(&1));
    assert_eq!(room.talkers[0].name, "alice");
    let history = reader.history("#lobby").unwrap();
    assert_eq!(history.records[0].text, "hello");
    assert_eq!(reader.liveness(NOW), Liveness::Live);
    writer.stop(NOW);
    assert_eq!(reader.liveness(NOW), Liveness::Stopped);
}
