//! What `auth token` costs while a token is kept, and what 10,000 logins in the store cost: processor time and memory of
//! the release build.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use auth_core::store::{Attempt, FileStore, TokenStore};
use secrecy::ExposeSecret;
use wait4::Wait4;

fn main() -> ExitCode {
    let auth = built();
    let home = tempfile::tempdir().unwrap();
    let _emulator = Emulator::start(&auth, home.path());
    // Where there is one, in memory: to write 10,000 logins surely takes minutes on a disk.
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { memory } else { home.path() };
    let directory = tempfile::tempdir_in(directory).unwrap();
    let store = directory.path().join("store");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&auth);
        command.args(arguments).stderr(Stdio::null());
        command.env_clear().env("HOME", home.path());
        command.env("AUTH_CONFIG", home.path().join("config.toml"));
        command.env("AUTH_STORE", &store);
        command
    };
    let token = || run(&["token", "lab"]);
    let (first, cold) = Cost::of(token());
    let (_, nothing) = Cost::typical(|| Command::new("true"));
    let (kept, cached) = Cost::typical(token);
    assert_eq!(kept, first, "it is kept");
    nothing.print("`true`, to compare with");
    cached.print("`auth token`, the token is kept");
    cold.print("`auth token`, the first one");
    fill(&FileStore::new(&store));
    let (_, crowded) = Cost::typical(token);
    let (_, status) = Cost::of(run(&["status"]));
    crowded.print("`auth token` among 10,000 logins");
    status.print("`auth status` of 10,000 logins");
    let targets = [
        (
            "a kept token: processor ≤ 5 ms and memory ≤ 8 MiB",
            cached.processor <= PROCESSOR && cached.memory <= MEMORY,
        ),
        (
            "among 10,000 logins: at most a tenth more",
            crowded.processor <= cached.processor.mul_f64(1.1),
        ),
        ("their status within 1 s", status.wall <= STATUS),
    ];
    println!();
    for (target, met) in targets {
        println!("{target}: {}", if met { "met" } else { "MISSED" });
    }
    ExitCode::from(u8::from(targets.iter().any(|(_, met)| !met)))
}

/// Puts the one login that is in the store there 10,000 times more, each under a name of its own.
#[tokio::main(flavor = "current_thread")]
async fn fill(store: &FileStore) {
    let session = store.list().await.unwrap().remove(0);
    let entry = store.load(&session).await.unwrap().unwrap();
    let text = String::from_utf8(entry.bytes.expose_secret().to_vec()).unwrap();
    for number in 0..10_000 {
        let label = format!("job-{number}");
        let named = text.replacen("\"default\"", &format!("\"{label}\""), 1);
        let session = session.clone().with_account(label);
        let Attempt::Locked(lock) = store.lock(&session).await.unwrap() else {
            panic!("somebody has the lock")
        };
        let bytes = named.into_bytes().into();
        store.save(&lock, None, &bytes).await.unwrap();
    }
}

/// The program, built as it is released.
fn built() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--release", "--package", "auth-cli"]);
    assert!(build.status().unwrap().success(), "it does not build");
    // This bench stands in `release/deps`, the program in `release`.
    let bench = std::env::current_exe().unwrap();
    bench.ancestors().nth(2).unwrap().join("auth")
}

/// `auth emulator`, which writes a configuration and runs until it is dropped.
struct Emulator(Child);

impl Emulator {
    fn start(auth: &Path, directory: &Path) -> Self {
        let mut command = Command::new(auth);
        command.args(["emulator", "--dir"]).arg(directory);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // It lets go of its stdout once it listens.
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_to_end(&mut Vec::new()).unwrap();
        Self(child)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What one run of a program costs.
struct Cost {
    processor: Duration,
    wall: Duration,
    /// Its peak, in bytes.
    memory: u64,
}

impl Cost {
    /// Runs the command, and returns what it printed too.
    fn of(mut command: Command) -> (String, Self) {
        let start = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = String::new();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_to_string(&mut printed).unwrap();
        let ended = child.wait4().unwrap();
        assert!(ended.status.success(), "it ended with {}", ended.status);
        let cost = Self {
            processor: ended.rusage.utime + ended.rusage.stime,
            wall: start.elapsed(),
            memory: ended.rusage.maxrss,
        };
        (printed, cost)
    }

    /// The median times and the largest memory of many runs, and what the last one printed.
    fn typical(command: impl Fn() -> Command) -> (String, Self) {
        let runs = (0..RUNS).map(|_| Self::of(command()));
        let (mut printed, costs): (Vec<_>, Vec<_>) = runs.unzip();
        let median = |time: fn(&Self) -> Duration| {
            let mut times: Vec<_> = costs.iter().map(time).collect();
            times.sort();
            times[times.len() / 2]
        };
        let cost = Self {
            processor: median(|cost| cost.processor),
            wall: median(|cost| cost.wall),
            memory: costs.iter().map(|cost| cost.memory).max().unwrap(),
        };
        (printed.pop().unwrap(), cost)
    }

    fn print(&self, name: &str) {
        let processor = self.processor.as_secs_f64() * 1e3;
        let wall = self.wall.as_secs_f64() * 1e3;
        let memory = self.memory as f64 / f64::from(1 << 20);
        println!("{name:<32} {processor:>6.1} ms processor {wall:>6.1} ms wall {memory:>6.1} MiB");
    }
}

const RUNS: usize = 200;
const PROCESSOR: Duration = Duration::from_millis(5);
const MEMORY: u64 = 8 << 20;
const STATUS: Duration = Duration::from_secs(1);
