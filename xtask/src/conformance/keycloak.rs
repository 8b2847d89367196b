//! Keycloak itself: the flows of `auth-keycloak` against the server that its users have.
//!
//! The first run fetches the distribution, builds it, imports our realms and keeps the result; later
//! runs copy that and are ready in seconds. Everything lies in the user's cache folder.

mod distribution;
mod realms;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

pub(super) use self::server::Server;
use super::loopback::{emptied, written};
use super::{Counterpart, rust};
use crate::step::Outcome;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "keycloak",
    does: "Keycloak 26.7.4 (needs Java 17, mvn and openssl)",
    run,
};

/// Makes sure that there is one, or that it can be fetched and built.
pub(super) fn ensure_it_can_be_had() -> Result<(), String> {
    distribution::require_tools()?;
    distribution::built(&home()?).map(drop)
}

/// A server with our realms on `port`, as nobody has used it yet.
pub(super) fn at(port: u16) -> Result<Server, String> {
    let (home, place) = fresh()?;
    Server::start_at(&home, &place, port, &[])
}

/// Our folder, and the server in it, not started.
fn fresh() -> Result<(PathBuf, PathBuf), String> {
    let home = home()?;
    distribution::require_tools()?;
    let place = distribution::built(&home)?;
    Snapshot::taken(&home, &place)?.restore(&place)?;
    Ok((home, place))
}

fn home() -> Result<PathBuf, String> {
    Ok(super::cache()?.join("keycloak"))
}

fn run() -> Outcome {
    rust::ensure_there_are([RUNNING, RESTARTED])?;
    let program = rust::program()?;
    let (home, place) = fresh()?;
    let server = Server::start(&home, &place, &[])?;
    let mut surroundings = surroundings(&server)?;
    surroundings.push(program);
    rust::tests(RUNNING, &surroundings).run()?;
    let port = server.port();
    server.stop()?;
    let server = Server::start_at(&home, &place, port, &[])?;
    rust::tests(RESTARTED, &surroundings).run()?;
    server.stop()?;
    Ok(format!("passed; the server's log is in {}", home.display()))
}

/// The rounds of tests, and between them the server is restarted.
const RUNNING: &str = "keycloak::real::running";
const RESTARTED: &str = "keycloak::real::restarted";

/// What the tests are told; among it a folder that outlives the server, empty.
pub(super) fn surroundings(server: &Server) -> Result<Vec<(&'static str, String)>, String> {
    let home = home()?;
    let state = home.join("state");
    emptied(&state)?;
    let identity = server.identity();
    Ok(vec![
        ("AUTH_KEYCLOAK_URL", server.url()),
        ("AUTH_KEYCLOAK_CA", shown(server.authority())),
        ("AUTH_KEYCLOAK_ADMIN", shown(&server::password_file(&home))),
        ("AUTH_KEYCLOAK_STATE", shown(&state)),
        ("AUTH_TLS_CERTIFICATE", shown(&identity.certificate)),
        ("AUTH_TLS_KEY", shown(&identity.key)),
    ])
}

/// The database with our realms in it, as it was when nobody had used it yet.
struct Snapshot(PathBuf);

impl Snapshot {
    /// The snapshot; made now if there is none, or if our realms have changed since.
    fn taken(home: &Path, place: &Path) -> Result<Self, String> {
        let snapshot = Self(home.join("snapshot"));
        let realms = realms::ours()?;
        if realms.iter().all(|realm| snapshot.holds(realm)) {
            return Ok(snapshot);
        }
        emptied(&place.join("data/h2"))?;
        let import = place.join("data/import");
        emptied(&import)?;
        for realm in &realms {
            written(&import.join(realm.file()), &realm.text)?;
        }
        server::new_password(home)?;
        Server::start(home, place, &["--import-realm"])?.stop()?;
        emptied(&snapshot.0)?;
        copied(&place.join("data/h2"), &snapshot.0.join("h2"))?;
        copied(&import, &snapshot.0.join("realms"))?;
        Ok(snapshot)
    }

    fn holds(&self, realm: &realms::Realm) -> bool {
        let kept = fs::read_to_string(self.0.join("realms").join(realm.file()));
        kept.is_ok_and(|kept| kept == realm.text)
    }

    fn restore(&self, place: &Path) -> Result<(), String> {
        let database = place.join("data/h2");
        emptied(&database)?;
        copied(&self.0.join("h2"), &database)
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Copies the files of one folder into another.
fn copied(from: &Path, to: &Path) -> Result<(), String> {
    let copy = || {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        Ok::<(), std::io::Error>(())
    };
    copy().map_err(|error| format!("{} can't be copied: {error}", from.display()))
}
