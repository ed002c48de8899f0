//! What drawing and hearing cost, with 100,000 lines kept: `cargo bench -p parlor`. Nothing here passes or fails.

use std::hint::black_box;
use std::time::{Duration, Instant};

use parlor::trial::Trial;

const LINES: u32 = 100_000;
const FRAMES: u32 = 500;
/// Lines heard between two frames when 5,000 come in a second and sixty frames are drawn.
const LINES_PER_FRAME: u32 = 84;

fn main() {
    let mut client = Trial::new(120, 36);
    client.connected();
    client.hears(":srv 001 me :Welcome");
    client.hears(":me!me@home JOIN #den");
    client.hears(":srv 353 me = #den :@alice bob me");
    let before = resident_kib();
    let hearing = timed(|| (0..LINES).for_each(|number| client.hears(&line(number))));
    println!("hearing {LINES} lines: {:.2} µs each", micros(hearing) / f64::from(LINES));
    println!("memory for them: {:.1} MiB", (resident_kib() - before) / 1024.0);
    report("a frame at the end", &frames(&mut client, |_, _| {}));
    report(
        "a frame and the lines heard before it",
        &frames(&mut client, |client, frame| {
            (0..LINES_PER_FRAME).for_each(|number| client.hears(&line(frame * LINES_PER_FRAME + number)));
        }),
    );
    report("a frame of a view that moves up", &frames(&mut client, |client, _| client.wheel(-3)));
    let size = |frame| if frame % 2 == 0 { 100 } else { 121 };
    report("a frame of another width", &frames(&mut client, |client, frame| client.resizes(size(frame), 36)));
    client.resizes(120, 36);
    // Alt+Home.
    client.wheel(-100_000);
    report("a frame far up", &frames(&mut client, |_, _| {}));
}

fn line(number: u32) -> String {
    let who = number % 50;
    format!(
        ":guest{who}!g@h PRIVMSG #den :line {number} of a talk that is about as long as what people write"
    )
}

/// Draws frames, something being done before each.
fn frames(client: &mut Trial, mut before: impl FnMut(&mut Trial, u32)) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..FRAMES)
        .map(|frame| {
            timed(|| {
                before(client, frame);
                client.draws();
                black_box(client.cells().next());
            })
        })
        .collect();
    times.sort();
    times
}

fn report(what: &str, sorted: &[Duration]) {
    let at = |share: usize| micros(sorted[sorted.len() * share / 100]) / 1000.0;
    println!("{what}: {:.3} ms in the middle, {:.3} ms for 99 of 100", at(50), at(99));
}

fn timed(act: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    act();
    begun.elapsed()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000_000.0
}

/// The memory of this process, nothing where the system does not tell.
fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let row = status.lines().find_map(|row| row.strip_prefix("VmRSS:"));
    row.and_then(|row| row.trim().split(' ').next()?.parse().ok()).unwrap_or_default()
}
