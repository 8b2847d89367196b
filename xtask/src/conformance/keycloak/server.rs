//! A running server, which ends with the value that stands for it.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::conformance::loopback::{self, Identity};
use crate::step::Step;

/// How long a start may go on without a word in the log. It says each step, however slow the machine is; the first one, which
/// writes the whole database, is longest without one.
const PATIENCE: Duration = Duration::from_secs(300);

/// A Keycloak on loopback: https for the tests, http for the question whether it is ready.
pub(in crate::conformance) struct Server {
    process: Child,
    port: u16,
    log: PathBuf,
    identity: Identity,
}

impl Server {
    /// Starts the server at `place` on a free port and waits until it is ready.
    pub(super) fn start(home: &Path, place: &Path, more: &[&str]) -> Result<Self, String> {
        Self::start_at(home, place, loopback::free_port()?, more)
    }

    /// The same on a port that is known already.
    ///
    /// Its addresses, the issuer among them, are those under which it is asked: what stands in front of it
    /// passes `Host` on, or says `X-Forwarded-Host` and `X-Forwarded-Proto`.
    pub(super) fn start_at(
        home: &Path,
        place: &Path,
        port: u16,
        more: &[&str],
    ) -> Result<Self, String> {
        let identity = loopback::identity(home)?;
        let log = home.join("server.log");
        let plain = loopback::free_port()?;
        let mut command = Command::new(place.join("bin/kc.sh"));
        command
            .args([
                "start",
                "--optimized",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
                "--hostname-strict=false",
                "--proxy-headers=xforwarded",
            ])
            .arg(format!("--https-port={port}"))
            .arg(format!("--http-port={plain}"))
            .arg(argument("--https-certificate-file", &identity.certificate))
            .arg(argument("--https-certificate-key-file", &identity.key))
            .arg(argument("--truststore-paths", &identity.authority))
            .args(more)
            .env("KC_BOOTSTRAP_ADMIN_USERNAME", "admin")
            .env("KC_BOOTSTRAP_ADMIN_PASSWORD", password(home)?)
            .env("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m")
            .env("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1");
        eprintln!(
            "$ kc.sh start --optimized --https-port={port} {}",
            more.join(" ")
        );
        let failed = |error| format!("Keycloak did not start: {error}");
        let output = fs::File::create(&log).map_err(failed)?;
        let process = command
            .stdin(Stdio::null())
            .stderr(output.try_clone().map_err(failed)?)
            .stdout(output)
            .spawn()
            .map_err(failed)?;
        let mut server = Self {
            process,
            port,
            log,
            identity,
        };
        server.wait_until_ready(plain)?;
        Ok(server)
    }

    /// The base of its URLs.
    pub(super) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The certificate that its clients trust.
    pub(super) fn authority(&self) -> &Path {
        &self.identity.authority
    }

    /// Its own certificate and key, for what stands in front of it.
    pub(in crate::conformance) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The port of https.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Ends it and waits until its database is written.
    pub(in crate::conformance) fn stop(mut self) -> Result<(), String> {
        self.end()
    }

    fn wait_until_ready(&mut self, plain: u16) -> Result<(), String> {
        let started = Instant::now();
        let (mut length, mut heard) = (0, started);
        while heard.elapsed() < PATIENCE {
            let now = fs::metadata(&self.log).map_or(length, |log| log.len());
            if now != length {
                (length, heard) = (now, Instant::now());
            }
            if answers(plain) {
                eprintln!(
                    "Keycloak is ready after {:.1} s",
                    started.elapsed().as_secs_f32()
                );
                return Ok(());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!(
                    "Keycloak ended with {status}; see {}",
                    self.log.display()
                ));
            }
            thread::sleep(Duration::from_millis(200));
        }
        Err(format!(
            "Keycloak does not get ready, and has said nothing for {} s; see {}",
            PATIENCE.as_secs(),
            self.log.display()
        ))
    }

    /// The script passes the signal on to Java; killing it outright would leave Java behind.
    fn end(&mut self) -> Result<(), String> {
        if let Ok(Some(_)) = self.process.try_wait() {
            return Ok(());
        }
        let process = self.process.id().to_string();
        if !Step::new("kill").with([&process]).succeeds() {
            return Err(format!(
                "Keycloak can't be ended: kill process {process} yourself"
            ));
        }
        let ended = self.process.wait();
        ended
            .map(drop)
            .map_err(|error| format!("Keycloak can't be ended: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(failure) = self.end() {
            eprintln!("{failure}");
        }
    }
}

/// Where the administrator's password is; it lies in the database too.
pub(super) fn password_file(home: &Path) -> PathBuf {
    home.join("admin-password")
}

/// Makes a new password for a new database.
pub(super) fn new_password(home: &Path) -> Result<(), String> {
    let file = password_file(home);
    let text = Step::new("openssl").with(["rand", "-hex", "16"]).output()?;
    let write = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&file)?.write_all(text.trim().as_bytes())
    };
    write().map_err(|error: std::io::Error| format!("{} can't be made: {error}", file.display()))
}

fn password(home: &Path) -> Result<String, String> {
    let file = password_file(home);
    fs::read_to_string(&file).map_err(|error| format!("{} can't be read: {error}", file.display()))
}

fn argument(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

/// Whether the server's first realm answers.
fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(QUESTION)?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok::<bool, std::io::Error>(answer.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

const QUESTION: &[u8] = b"GET /realms/master/.well-known/openid-configuration HTTP/1.1\r\n\
    Host: localhost\r\nConnection: close\r\n\r\n";
