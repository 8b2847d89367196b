//! A running server, which ends with the value that stands for it.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::step::Step;

/// How long a start may take: the first one writes the whole database.
const PATIENCE: Duration = Duration::from_secs(240);

/// A Keycloak on loopback: https for the tests, http for the question whether it is ready.
pub(super) struct Server {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts the server at `place` on a free port and waits until it is ready.
    pub(super) fn start(home: &Path, place: &Path, more: &[&str]) -> Result<Self, String> {
        Self::start_at(home, place, free_port()?, more)
    }

    /// The same on a port that is known already.
    pub(super) fn start_at(
        home: &Path,
        place: &Path,
        port: u16,
        more: &[&str],
    ) -> Result<Self, String> {
        certify(home)?;
        let log = home.join("server.log");
        let plain = free_port()?;
        let mut command = Command::new(place.join("bin/kc.sh"));
        command
            .args([
                "start",
                "--optimized",
                "--http-enabled=true",
                "--http-host=127.0.0.1",
            ])
            .arg(format!("--hostname=https://localhost:{port}"))
            .arg(format!("--https-port={port}"))
            .arg(format!("--http-port={plain}"))
            .arg(argument(
                "--https-certificate-file",
                &home.join("tls/server.pem"),
            ))
            .arg(argument(
                "--https-certificate-key-file",
                &home.join("tls/server.key"),
            ))
            .arg(argument("--truststore-paths", &authority(home)))
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
        let mut server = Self { process, port, log };
        server.wait_until_ready(plain)?;
        Ok(server)
    }

    /// The base of its URLs.
    pub(super) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The port of https.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Ends it and waits until its database is written.
    pub(super) fn stop(mut self) -> Result<(), String> {
        self.end()
    }

    fn wait_until_ready(&mut self, plain: u16) -> Result<(), String> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
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
            "Keycloak does not get ready; see {}",
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

/// The certificate that the tests trust.
pub(super) fn authority(home: &Path) -> PathBuf {
    home.join("tls/ca.pem")
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

/// A CA that nobody else trusts, and a certificate of it for `localhost`, both for a week.
fn certify(home: &Path) -> Result<(), String> {
    let folder = home.join("tls");
    super::emptied(&folder)?;
    super::written(&folder.join("extensions"), EXTENSIONS)?;
    for command in [
        "ecparam -name prime256v1 -genkey -noout -out ca.key",
        "req -x509 -new -key ca.key -sha256 -days 7 -subj /CN=auth-conformance -out ca.pem \
         -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign",
        "ecparam -name prime256v1 -genkey -noout -out server.key",
        "req -new -key server.key -subj /CN=localhost -out server.csr",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7 -sha256 \
         -extfile extensions -out server.pem",
    ] {
        Step::new("openssl")
            .with(command.split_whitespace())
            .within(&folder)
            .output()?;
    }
    Ok(())
}

fn argument(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("there is no free port: {error}"))
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

const EXTENSIONS: &str = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n\
    extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n";
