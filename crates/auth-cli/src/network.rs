//! The program's ways out to the network.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use auth_core::Io;
use auth_core::http::DefaultHttpClient;

use crate::waiting::Watched;

/// Where the certificates are that people here trust beside the system's own.
#[derive(Debug)]
pub(crate) struct Trust {
    ca_file: Option<PathBuf>,
    /// Where other programs find them, if nobody tells us.
    bundle: Option<PathBuf>,
}

impl Trust {
    /// What the flag says, or the environment.
    pub(crate) fn new(flag: Option<&Path>) -> Self {
        let said = |name: &&str| crate::variables::os(name).filter(|path| !path.is_empty());
        let ca_file = flag.map(Path::to_owned);
        // The system's own store is read anyway.
        let system = said(&"SSL_CERT_FILE");
        let bundle = BUNDLES.iter().find_map(said);
        let bundle = bundle.filter(|path| Some(path) != system.as_ref());
        Self {
            ca_file: ca_file.or_else(|| said(&"AUTH_CA_FILE").map(PathBuf::from)),
            bundle: bundle.map(PathBuf::from),
        }
    }

    /// The file with certificates that are trusted too, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.ca_file.as_deref().or(self.bundle.as_deref())
    }

    /// The way to the servers of a profile, which may name a file, too.
    pub(crate) fn io(&self, of_profile: Option<&Path>) -> Io {
        let own = self.ca_file.as_deref();
        io(own.or(of_profile).or(self.bundle.as_deref()))
    }
}

/// The way to servers, which trusts the certificates in `ca_file` too.
fn io(ca_file: Option<&Path>) -> Io {
    static HTTP: LazyLock<DefaultHttpClient> =
        LazyLock::new(|| DefaultHttpClient::new().with_user_agent(USER_AGENT));
    #[cfg(test)]
    if let Some(io) = given::now() {
        return io;
    }
    let http = HTTP.clone();
    Io::new().with_http(Arc::new(Watched::new(match ca_file {
        Some(path) => http.with_ca_file(path),
        None => http,
    })))
}

/// The way to what Azure has for the programs on its machines.
pub(crate) fn link_local() -> Io {
    #[cfg(test)]
    if let Some(io) = given::now() {
        return io;
    }
    let io = Io::link_local();
    let http = Watched::new(io.http().clone());
    io.with_http(Arc::new(http))
}

/// The variables of Python's requests and of curl.
const BUNDLES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// Who asks, for the logs of servers.
const USER_AGENT: &str = concat!("auth/", env!("CARGO_PKG_VERSION"));

/// Another network for a test of the whole program in its own process.
#[cfg(test)]
pub(crate) mod given {
    use std::sync::Arc;

    use arc_swap::ArcSwapOption;
    use auth_core::Io;

    static GIVEN: ArcSwapOption<Io> = ArcSwapOption::const_empty();

    pub(crate) fn give(io: Io) {
        GIVEN.store(Some(Arc::new(io)));
    }

    pub(super) fn now() -> Option<Io> {
        GIVEN.load_full().map(|io| (*io).clone())
    }
}
