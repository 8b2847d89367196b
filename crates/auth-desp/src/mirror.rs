//! [`NetrcMirror`] and [`PolytopeMirror`]: the files in which other programs look for a refresh token.

use std::path::Path;
use std::sync::Arc;

use auth_core::clock::Clock;
use auth_core::session::Mirror;
use auth_core::token::Fingerprint;
use auth_core::{BoxFuture, Io, RefreshToken, Result};

use crate::netrc::NetrcFile;
use crate::polytope::PolytopeFile;
use crate::service::Service;

/// Keeps the refresh token of a login as the password for a service's host in netrc files.
#[derive(Debug)]
pub struct NetrcMirror {
    host: String,
    clock: Arc<dyn Clock>,
}

impl NetrcMirror {
    /// For the host of `service`.
    pub fn new(service: &Service, io: &Io) -> Self {
        Self {
            host: service.host().to_owned(),
            clock: io.clock().clone(),
        }
    }
}

impl Mirror for NetrcMirror {
    fn kind(&self) -> &'static str {
        "netrc"
    }

    fn write<'a>(
        &'a self,
        path: &'a Path,
        refresh: &'a RefreshToken,
        over: Option<&'a [Fingerprint]>,
    ) -> BoxFuture<'a, Result<bool>> {
        let file = NetrcFile::new(path);
        Box::pin(async move {
            let Some(over) = over else {
                file.set(&self.host, LOGIN, refresh, &*self.clock).await?;
                return Ok(true);
            };
            let ours = among(over, Some(refresh));
            file.replace(&self.host, ours, refresh, &*self.clock).await
        })
    }

    fn take_out<'a>(
        &'a self,
        path: &'a Path,
        ours: &'a [Fingerprint],
    ) -> BoxFuture<'a, Result<bool>> {
        let file = NetrcFile::new(path);
        Box::pin(async move {
            file.remove(&self.host, among(ours, None), &*self.clock)
                .await
        })
    }
}

/// Keeps the refresh token of a login as the key of Polytope's client.
#[derive(Debug)]
pub struct PolytopeMirror {
    clock: Arc<dyn Clock>,
}

impl PolytopeMirror {
    /// For the files of Polytope's client.
    pub fn new(io: &Io) -> Self {
        let clock = io.clock().clone();
        Self { clock }
    }
}

impl Mirror for PolytopeMirror {
    fn kind(&self) -> &'static str {
        "polytope"
    }

    fn write<'a>(
        &'a self,
        path: &'a Path,
        refresh: &'a RefreshToken,
        over: Option<&'a [Fingerprint]>,
    ) -> BoxFuture<'a, Result<bool>> {
        let file = PolytopeFile::new(path);
        Box::pin(async move {
            let Some(over) = over else {
                file.set(refresh, &*self.clock).await?;
                return Ok(true);
            };
            let ours = among(over, Some(refresh));
            file.replace(ours, refresh, &*self.clock).await
        })
    }

    fn take_out<'a>(
        &'a self,
        path: &'a Path,
        ours: &'a [Fingerprint],
    ) -> BoxFuture<'a, Result<bool>> {
        let file = PolytopeFile::new(path);
        Box::pin(async move { file.remove(among(ours, None), &*self.clock).await })
    }
}

/// Whether a token that is found is one of these.
fn among(
    ours: &[Fingerprint],
    new: Option<&RefreshToken>,
) -> impl Fn(&RefreshToken) -> bool + Send + Sync + 'static + use<> {
    let ours: Vec<Fingerprint> = ours
        .iter()
        .copied()
        .chain(new.map(RefreshToken::fingerprint))
        .collect();
    move |found| ours.contains(&found.fingerprint())
}

/// The user name beside it, which the services do not look at.
const LOGIN: &str = "anonymous";
