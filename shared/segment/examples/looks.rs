//! Looks into a server's segment again and again, and checks each look: what the rooms have counted, together, must be what the
//! server has counted. That holds as long as nobody writes to people, or in rooms that are not shown.
//!
//! `looks KEY guarded|free PER_SECOND SECONDS`: 0 a second is as often as it can.

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use segment::{ReadError, Reader, Snapshot};

/// How far looks may be behind their times and still be made up for.
const LATE_MAX: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [key, way, per_second, seconds] = words.as_slice() else {
        return Err("looks KEY guarded|free PER_SECOND SECONDS".into());
    };
    let mut reader = Reader::open(key.parse()?, None)?;
    let guarded = way == "guarded";
    let per_second: u32 = per_second.parse()?;
    let begin = Instant::now();
    let end = begin + Duration::from_secs(seconds.parse()?);
    let (mut looks, mut torn, mut failed, mut rooms) = (0_u32, 0, 0, 0);
    let (mut looking, mut longest) = (Duration::ZERO, Duration::ZERO);
    let mut due = begin;
    while Instant::now() < end {
        if per_second > 0 {
            sleep(due.saturating_duration_since(Instant::now()));
            // Who was stopped, or is far too slow, does not make up for it.
            due = (due + Duration::from_secs(1) / per_second).max(Instant::now() - LATE_MAX);
        }
        let before = Instant::now();
        let look = look(&mut reader, guarded);
        let length = before.elapsed();
        looking += length;
        longest = longest.max(length);
        looks += 1;
        match look {
            Ok(snapshot) => {
                let said: u64 = snapshot.rooms.iter().map(|room| room.number("messages")).sum();
                torn += u32::from(said != snapshot.number("messages"));
                rooms = snapshot.rooms.len();
            }
            Err(_) => failed += 1,
        }
    }
    let mean = looking / looks.max(1);
    let line = format!(
        "{key} {way}: {looks} looks at {rooms} rooms, {torn} torn, {failed} failed, mean {mean:.1?}, longest {longest:.1?}\n"
    );
    std::io::stdout().write_all(line.as_bytes())?;
    Ok(())
}

fn look(reader: &mut Reader, guarded: bool) -> Result<&Snapshot, ReadError> {
    if guarded { reader.look_guarded(Duration::from_millis(100)) } else { reader.look() }
}
