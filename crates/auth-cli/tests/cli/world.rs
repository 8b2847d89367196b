//! [`World`]: a home directory of its own, and an identity server on loopback.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use auth_core::clock::SystemClock;
use auth_testkit::{Client, DisruptiveAccount, Listening, Server};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::section::{ADA, DISRUPTIVE, lab};
pub(crate) use crate::system::set_mode;

pub(crate) const EMAIL: &str = "robot@plant.serviceaccount.d21s.com";
pub(crate) const KEY_ID: &str = "key1";
pub(crate) const KEY: &str = "canary-key-of-the-account";
pub(crate) const SECRET: &str = "canary-secret-of-the-client";

pub(crate) struct World {
    home: TempDir,
    pub(crate) server: Server,
    pub(crate) listening: Option<Listening>,
    runtime: Runtime,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    /// A home with nothing in it.
    pub(crate) fn empty() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        #[cfg(unix)]
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};

            // Who was started by `nohup` ignores it, and so would every program that is started here; a signal that
            // was listened for once has its usual effect in them.
            drop(signal(SignalKind::hangup()).unwrap());
        });
        let server = Server::new(SystemClock::new());
        server.add_client(Client::confidential("robot", SECRET).with_scopes(["read", "write"]));
        server.add_client(Client::public("desktop"));
        let account = DisruptiveAccount::new(EMAIL).with_key(KEY_ID, KEY);
        server.add_disruptive_account(account.with_project("Cold store"));
        let listening = runtime.block_on(server.listen(0)).unwrap();
        Self {
            home: TempDir::new().unwrap(),
            server,
            listening: Some(listening),
            runtime,
        }
    }

    /// A home whose file has the profiles `lab` (client credentials), `ada` (refresh) and `disruptive`.
    pub(crate) fn new() -> Self {
        let world = Self::empty();
        let refresh = world.server.login("desktop", "ada", &["read"]);
        world.secret("lab.secret", SECRET);
        world.secret("ada.token", refresh.expose_secret());
        let lab = lab(r#"{ file = "lab.secret" }"#);
        let (scope, api) = ("scope = [\"read\", \"write\"]\n", "api = \"URL/api\"\n");
        world.config(&[&*lab, scope, api, ADA, api, DISRUPTIVE].concat());
        world
    }

    /// Writes the configuration; `ISSUER` and `URL` in it are the server's.
    pub(crate) fn config(&self, text: &str) {
        let text = text.replace("ISSUER", &self.listening().issuer());
        let url = self.listening().url("/").to_string();
        let text = text.replace("URL", url.trim_end_matches('/'));
        let lines: Vec<&str> = text.trim().lines().map(str::trim_start).collect();
        std::fs::create_dir_all(self.config_directory()).unwrap();
        std::fs::write(
            self.config_directory().join("config.toml"),
            lines.join("\n") + "\n",
        )
        .unwrap();
    }

    /// Writes a file beside the configuration, for nobody else to read.
    pub(crate) fn secret(&self, name: &str, text: &str) -> PathBuf {
        self.secret_bytes(name, text.as_bytes())
    }

    pub(crate) fn secret_bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.config_directory().join(name);
        std::fs::create_dir_all(self.config_directory()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        set_mode(&path, 0o600);
        path
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn config_directory(&self) -> PathBuf {
        self.home().join(".config").join("auth")
    }

    pub(crate) fn store(&self) -> PathBuf {
        let state = self.home().join(".local").join("state");
        state.join("auth").join("tokens")
    }

    pub(crate) fn listening(&self) -> &Listening {
        self.listening.as_ref().unwrap()
    }

    /// Serves the same server over https, and returns the listener and a file with its CA.
    pub(crate) fn listen_tls(&self) -> (Listening, PathBuf) {
        let listening = self.runtime.block_on(self.server.listen_tls(0)).unwrap();
        let path = self.secret("ca.pem", listening.ca_pem().unwrap());
        (listening, path)
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The program, with an environment that has a home and nothing else, and no stdin.
    pub(crate) fn auth(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auth"));
        command.args(arguments);
        self.surround(command)
    }

    /// The program, started by a shell that did `before` first: one that hands on every signal that it ignores.
    pub(crate) fn auth_after(&self, before: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("bash");
        command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]);
        command.arg(env!("CARGO_BIN_EXE_auth")).args(arguments);
        self.surround(command)
    }

    fn surround(&self, mut command: Command) -> Command {
        command.env_clear().env("HOME", self.home());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        #[cfg(windows)]
        command.envs(self.windows());
        command.current_dir(self.home()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What every program has on Windows, with the same places in the home directory as on Unix.
    #[cfg(windows)]
    fn windows(&self) -> [(&str, std::ffi::OsString); 5] {
        let of_system = |name| std::env::var_os(name).unwrap_or_default();
        [
            ("SystemRoot", of_system("SystemRoot")),
            ("TEMP", of_system("TEMP")),
            ("USERPROFILE", self.home().into()),
            ("APPDATA", self.home().join(".config").into()),
            (
                "LOCALAPPDATA",
                self.home().join(".local").join("state").into(),
            ),
        ]
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        finish(self.auth(arguments))
    }

    /// Runs it with the service account in the variables of Disruptive Technologies.
    pub(crate) fn run_disruptive(&self, arguments: &[&str]) -> Ended {
        let mut command = self.auth(arguments);
        command.envs([
            ("DT_SERVICE_ACCOUNT_KEY_ID", KEY_ID),
            ("DT_SERVICE_ACCOUNT_SECRET", KEY),
            ("DT_SERVICE_ACCOUNT_EMAIL", EMAIL),
        ]);
        finish(command)
    }

    /// How it ended, as a text that is the same in every run.
    pub(crate) fn shown(&self, ended: &Ended) -> String {
        let code = ended
            .code
            .map_or_else(|| "signal".into(), |code| code.to_string());
        let text = format!(
            "exit {code}\n{}{}",
            labelled("out", &ended.stdout),
            labelled("err", &ended.stderr)
        );
        self.portable(&text).replace(&self.authority(), "[SERVER]")
    }

    /// The text without the place of the home directory, and as it is on Unix: with slashes between the parts of a path in
    /// it, and in Unix' words where nothing is there.
    pub(crate) fn portable(&self, text: &str) -> String {
        let home = self.home().display().to_string();
        if !cfg!(windows) {
            return text.replace(&home, "[HOME]");
        }
        let text = text.replace(&home.replace('\\', "\\\\"), "[HOME]");
        let text = with_slashes(&text.replace(&home, "[HOME]"), "[HOME]");
        let portable = with_slashes(&text, "~\\");
        portable.split_inclusive('\n').map(in_unix_words).collect()
    }

    /// Host and port of the server.
    fn authority(&self) -> String {
        match &self.listening {
            Some(listening) => listening.url("/").authority().to_owned(),
            None => "no server".into(),
        }
    }
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command) -> Ended {
    Ended::of(command.output().unwrap())
}

/// Runs a command to its end with `text` on its stdin.
pub(crate) fn finish_with_stdin(command: Command, text: &str) -> Ended {
    finish_with_bytes(command, text.as_bytes())
}

/// The same with what may be no text.
pub(crate) fn finish_with_bytes(mut command: Command, bytes: &[u8]) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Whoever has read enough reads no more.
    let _ = stdin.write_all(bytes);
    drop(stdin);
    Ended::of(child.wait_with_output().unwrap())
}

impl Ended {
    pub(crate) fn of(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The stdout of a run that went well and had nothing to say besides, but that a given refresh
    /// token was spent.
    #[track_caller]
    pub(crate) fn quiet(self) -> String {
        let lines = self.stderr.lines();
        let rest: Vec<&str> = lines.filter(|line| !line.contains(REPLACED)).collect();
        assert_eq!((self.code, rest), (Some(0), vec![]), "{}", self.stdout);
        self.stdout
    }
}

/// What is said when a server replaces the refresh token that was given from outside.
pub(crate) const REPLACED: &str = "auth: warning: the server gave a new refresh token";

/// The text with slashes in each path that begins so.
fn with_slashes(text: &str, start: &str) -> String {
    let mut parts = text.split(start);
    let mut portable = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || "\"'`,;:".contains(c));
        let (path, rest) = part.split_at(end.unwrap_or(part.len()));
        let path = format!("{start}{path}").replace("\\\\", "/");
        portable = portable + &path.replace('\\', "/") + rest;
    }
    portable
}

/// What Windows says, in a language and in words of its own, where nothing is there, something is, it is not ours to
/// change, or nobody listens.
fn in_unix_words(line: &str) -> String {
    const NONE: &str = "No such file or directory (os error 2)";
    for (end, unix) in [
        (" (os error 2)", NONE),
        (" (os error 3)", NONE),
        (" (os error 5)", "Permission denied (os error 13)"),
        (" (os error 183)", "File exists (os error 17)"),
        (" (os error 10061)", "Connection refused (os error 111)"),
    ] {
        if let Some((before, after)) = line.split_once(end)
            && let Some((before, _)) = before.rsplit_once(": ")
        {
            return format!("{before}: {unix}{after}");
        }
    }
    line.to_owned()
}

fn labelled(label: &str, text: &str) -> String {
    text.lines()
        .map(|line| format!("{label}: {line}\n"))
        .collect()
}
