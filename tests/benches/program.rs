//! What the program costs: processor time and memory of the release build, a whole process each time.

use std::cell::Cell;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use auth_core::session::{Held, TokenSet};
use auth_core::store::{FileStore, SessionKey, StoreKey};
use auth_core::{AccessToken, BoxFuture, CachedSource, Grant, Io, Result, TokenSource};
use wait4::Wait4;

/// How many logins lie in the store of a row that says so.
const LOGINS: usize = 10_000;

fn main() -> ExitCode {
    let auth = built();
    let [plain, tls] = [&[][..], &["--https"]].map(|arguments| Emulator::start(&auth, arguments));
    // A process begins with the peak of whoever starts it, so this shows whether the measure is right.
    Cost::typical(200, || Command::new("true")).print("`true`, to compare with", None);
    let printed = |store: &str| plain.token(store).output().unwrap().stdout;
    let first = printed("kept");
    assert_eq!(
        printed("crowded").len(),
        first.len(),
        "a token of the same kind"
    );
    fill(&plain.home.path().join("crowded"));
    let costs = [
        (
            "`auth --version`",
            Cost::typical(200, || plain.auth("kept", &["--version"])),
            FIVE,
        ),
        (
            "`auth token`, the token is kept",
            Cost::typical(200, || plain.token("kept")),
            FIVE,
        ),
        (
            "`auth token`, beside 10,000 logins",
            Cost::typical(200, || plain.token("crowded")),
            Target {
                processor: FIVE.processor,
                memory: None,
            },
        ),
        (
            "`auth status` of 10,000 logins",
            Cost::typical(10, || plain.auth("crowded", &["status"])),
            Target {
                processor: Duration::from_secs(1),
                memory: None,
            },
        ),
        (
            "`auth token`, the first one, over http",
            plain.first_tokens(),
            Target {
                processor: Duration::from_millis(7),
                memory: None,
            },
        ),
        (
            "`auth token`, the first one, over https",
            tls.first_tokens(),
            Target {
                processor: Duration::from_millis(12),
                memory: None,
            },
        ),
    ];
    assert_eq!(printed("kept"), first, "it is kept");
    for (name, cost, target) in &costs {
        cost.print(name, Some(target));
    }
    let met = costs.iter().all(|(_, cost, target)| target.is_met_by(cost));
    let size = std::fs::metadata(&auth).unwrap().len();
    println!(
        "{:<40} {:>6.1} MiB",
        "the program on disk",
        size as f64 / f64::from(1 << 20)
    );
    println!("\nthe targets are {}", if met { "met" } else { "MISSED" });
    ExitCode::from(u8::from(!met))
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
struct Emulator {
    auth: PathBuf,
    home: tempfile::TempDir,
    child: Child,
}

impl Emulator {
    fn start(auth: &Path, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(auth);
        command.args(["emulator", "--dir"]).arg(home.path());
        command.args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // It lets go of its stdout once it listens.
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_to_end(&mut Vec::new()).unwrap();
        Self {
            auth: auth.to_owned(),
            home,
            child,
        }
    }

    /// `auth token`, with a store of that name.
    fn token(&self, store: &str) -> Command {
        self.auth(store, &["token", "lab"])
    }

    /// The program, with a store of that name.
    fn auth(&self, store: &str, arguments: &[&str]) -> Command {
        let home = self.home.path();
        let mut command = Command::new(&self.auth);
        command.args(arguments);
        command.env_clear().env("HOME", home);
        command.env("AUTH_CONFIG", home.join("config.toml"));
        command.env("AUTH_STORE", home.join(store));
        command
    }

    /// What a token costs where none is kept, which this one is then.
    fn first_tokens(&self) -> Cost {
        let number = Cell::new(0);
        Cost::typical(50, || {
            number.set(number.get() + 1);
            self.token(&format!("store-{}", number.get()))
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Puts logins of other people into a store.
fn fill(store: &Path) {
    let store = Arc::new(FileStore::new(store));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for number in 1..LOGINS {
            let source = CachedSource::new(Login(number), Io::new()).with_store(store.clone());
            source.token().await.unwrap();
        }
    });
}

/// The login of somebody, who has a number.
#[derive(Debug)]
struct Login(usize);

impl Grant for Login {
    fn key(&self) -> StoreKey {
        let account = format!("somebody-{}", self.0);
        StoreKey::new(SessionKey::new("https://id.test", "client", account))
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async {
            let now = SystemTime::now();
            let token = AccessToken::new("x".repeat(1_000).into(), now, now + HOUR)?;
            Ok(TokenSet::new(token))
        })
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

/// What one run of a program costs.
struct Cost {
    processor: Duration,
    wall: Duration,
    /// Its peak, in bytes.
    memory: u64,
}

/// What it may cost at most.
struct Target {
    processor: Duration,
    memory: Option<u64>,
}

/// What a script may wait for without noticing.
const FIVE: Target = Target {
    processor: Duration::from_millis(5),
    memory: Some(8 << 20),
};

impl Target {
    fn is_met_by(&self, cost: &Cost) -> bool {
        let memory = self.memory.is_none_or(|most| cost.memory <= most);
        memory && cost.processor <= self.processor
    }
}

impl Cost {
    fn of(mut command: Command) -> Self {
        let start = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_to_end(&mut Vec::new()).unwrap();
        let ended = child.wait4().unwrap();
        assert!(ended.status.success(), "it ended with {}", ended.status);
        Self {
            processor: ended.rusage.utime + ended.rusage.stime,
            wall: start.elapsed(),
            memory: ended.rusage.maxrss,
        }
    }

    /// The median times and the largest memory of many runs.
    fn typical(runs: usize, command: impl Fn() -> Command) -> Self {
        let costs: Vec<_> = (0..runs).map(|_| Self::of(command())).collect();
        let median = |time: fn(&Self) -> Duration| {
            let mut times: Vec<_> = costs.iter().map(time).collect();
            times.sort();
            times[times.len() / 2]
        };
        Self {
            processor: median(|cost| cost.processor),
            wall: median(|cost| cost.wall),
            memory: costs.iter().map(|cost| cost.memory).max().unwrap(),
        }
    }

    fn print(&self, name: &str, target: Option<&Target>) {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let (processor, wall) = (milliseconds(self.processor), milliseconds(self.wall));
        let memory = mebibytes(self.memory);
        print!("{name:<40} {processor:>6.1} ms processor {wall:>6.1} ms wall {memory:>6.1} MiB");
        if let Some(target) = target {
            print!(" (target ≤ {:.0} ms", milliseconds(target.processor));
            if let Some(most) = target.memory {
                print!(", ≤ {:.0} MiB", mebibytes(most));
            }
            print!(")");
        }
        println!();
    }
}
