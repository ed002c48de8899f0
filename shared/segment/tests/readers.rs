//! The readers in other languages, run for real against a segment that a server writes.
//!
//! They need `cc`, `apt-get install php-cli` (with shmop and sysvsem, which Debian's php-common brings) and
//! `python3 -m pip install sysv_ipc`. A reader that is missing is skipped with a word on stderr; with `CI` in the
//! environment it fails.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use segment::testing::Keys;
use segment::{Kind, Now, Published, Reader, Record, Writer};

/// 2023-11-14 22:13:20 UTC.
const NOW: Now = Now { boot_us: 50_000_000, wall_ms: 1_700_000_000_000 };

fn later(millis: u64) -> Now {
    NOW.after(Duration::from_millis(millis))
}

/// A server with a room whose ring has been lapped, and the lines that a reader must print of it.
fn serve(keys: &Keys) -> (Writer, String) {
    let (mut writer, _) = Writer::open(keys.settings(), &[], &[], NOW).unwrap();
    let stage = writer.stage();
    stage.room("#other", NOW).unwrap();
    let room = stage.room("#lobby", NOW).unwrap();
    stage.members(room, 3, [("alice", "@"), ("bob", ""), ("zoë", "+")]);
    for sequence in 1..=150 {
        let text = format!("message {sequence}, wíth as mány bytes as it needs to wrap");
        let wall_ms = NOW.wall_ms + sequence * 1000;
        let record =
            Record { sequence, wall_ms, kind: Kind::MESSAGE, id: "an-id", from: "zoë", text: &text };
        stage.append(room, &record);
    }
    assert_eq!(writer.publish(NOW), Published::Done);
    let records = Reader::open(keys.segment, None).unwrap().history("#lobby").unwrap().records;
    assert!(records.len() > 20 && records.len() < 150, "lapped: {}", records.len());
    let mut expected = String::new();
    for way in ["guarded", "guard-free"] {
        expected += &format!("{way}: #lobby, members: @alice bob +zoë\n");
        for record in &records {
            let second = (record.wall_ms - NOW.wall_ms) / 1000 + 20;
            let (minute, second) = (13 + second / 60, second % 60);
            expected += &format!("{} 22:{minute:02}:{second:02} <zoë> {}\n", record.sequence, record.text);
        }
    }
    (writer, expected)
}

fn readers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/readers")
}

/// Whether `command` works here; says loudly if not.
fn present(what: &str, command: &mut Command) -> bool {
    let works =
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !works {
        assert!(std::env::var_os("CI").is_none(), "{what} is missing, which CI must have");
        // Not with a macro: what those print is shown of tests that fail only.
        let line = format!("SKIPPED: {what} is missing; see the head of {}\n", file!());
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    works
}

fn php() -> bool {
    let probe = "exit(function_exists('shmop_open') && function_exists('sem_get') ? 0 : 1);";
    present("php with shmop and sysvsem", Command::new("php").args(["-r", probe]))
}

fn assert_shows(output: &Output, expected: &str) {
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out == expected, "{out}\n{errors}\ninstead of\n{expected}");
}

#[test]
fn php_shows_the_room() {
    if !php() {
        return;
    }
    let keys = Keys::new();
    let (_writer, expected) = serve(&keys);
    let script = readers().join("read.php");
    let output =
        Command::new("php").arg(script).args(["#lobby", &keys.segment.to_string()]).output().unwrap();
    assert_shows(&output, &expected);
}

#[test]
fn python_shows_the_room() {
    if !present("python3 with sysv_ipc", Command::new("python3").args(["-c", "import sysv_ipc"])) {
        return;
    }
    let keys = Keys::new();
    let (_writer, expected) = serve(&keys);
    let script = readers().join("read.py");
    let mut command = Command::new("python3");
    let output = command
        .arg(script)
        .args(["#lobby", &keys.segment.to_string()])
        .env("PYTHONUTF8", "1")
        .output()
        .unwrap();
    assert_shows(&output, &expected);
}

#[test]
fn c_shows_the_room() {
    if !present("cc", Command::new("cc").arg("--version")) {
        return;
    }
    let keys = Keys::new();
    let (_writer, expected) = serve(&keys);
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("read");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o"]);
    let compiled = compiler.arg(&program).arg(readers().join("read.c")).output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let output = Command::new(program).args(["#lobby", &keys.segment.to_string()]).output().unwrap();
    assert_shows(&output, &expected);
}

/// PHP's `sem_get` initialises a set it believes to be new: to 1, under whoever holds it. The baseline of USAGE
/// prevents that, so that a PHP process excludes and is excluded.
#[test]
fn phps_semaphores_are_the_same_mutex() {
    if !php() {
        return;
    }
    let keys = Keys::new();
    let (mut writer, _) = serve(&keys);
    let mut php = Command::new("php");
    let script = "$s = sem_get((int) $argv[1], 1, 0660);
        while (($word = trim(fgets(STDIN))) !== 'end') {
            echo $word, ' ', var_export($word === 'try' ? sem_acquire($s, true) : sem_release($s), true), \"\\n\";
        }";
    php.args(["-r", script, &keys.semaphores.0.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = php.spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut output = BufReader::new(output);
    let mut php = |word: &str| {
        writeln!(input, "{word}").unwrap();
        let mut line = String::new();
        if word != "end" {
            output.read_line(&mut line).unwrap();
        }
        line.trim_end().to_owned()
    };

    // PHP holds it: the server defers, and publishes afterwards.
    assert_eq!(php("try"), "try true");
    let room = writer.stage().room("#php", NOW).unwrap();
    assert_eq!(writer.publish(later(1)), Published::Deferred);
    // A second PHP that comes and goes meanwhile resets nothing.
    let visit = "exit(sem_acquire(sem_get((int) $argv[1], 1, 0660), true) ? 1 : 0);";
    let visitor =
        || Command::new("php").args(["-r", visit, &keys.semaphores.0.to_string()]).status().unwrap();
    assert!(visitor().success(), "the guard was given to two");
    assert_eq!(writer.publish(later(2)), Published::Deferred);
    assert_eq!(php("release"), "release true");
    assert_eq!(writer.publish(later(3)), Published::Done);

    // Somebody else holds it: PHP is refused.
    let reader = Reader::open(keys.segment, None).unwrap();
    segment::testing::hold_guard(keys.segment, || {
        assert_eq!(php("try"), "try false");
        assert!(visitor().success(), "the guard was given to two");
    });

    // PHP dies with it: the kernel gives it back.
    assert_eq!(php("try"), "try true");
    writer.stage().topic(room, "anything");
    assert_eq!(writer.publish(later(4)), Published::Deferred);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(writer.publish(later(5)), Published::Done);
    assert!(reader.snapshot_guarded(Duration::ZERO).is_ok());

    // Without a server and any PHP, the visitor is the only user it knows of.
    drop(writer);
    segment::testing::hold_guard(keys.segment, || assert!(visitor().success(), "the guard was given to two"));
}
