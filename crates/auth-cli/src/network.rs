//! The program's ways out to the network.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use auth_core::Io;
use auth_core::http::DefaultHttpClient;

/// The way to servers, which trusts the certificates in `ca_file` too.
pub(crate) fn io(ca_file: Option<&Path>) -> Io {
    static HTTP: LazyLock<DefaultHttpClient> =
        LazyLock::new(|| DefaultHttpClient::new().with_user_agent(USER_AGENT));
    #[cfg(test)]
    if let Some(io) = given::now() {
        return io;
    }
    let http = HTTP.clone();
    Io::new().with_http(Arc::new(match ca_file {
        Some(path) => http.with_ca_file(path),
        None => http,
    }))
}

/// The way to what Azure has for the programs on its machines.
pub(crate) fn link_local() -> Io {
    #[cfg(test)]
    if let Some(io) = given::now() {
        return io;
    }
    Io::link_local()
}

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
