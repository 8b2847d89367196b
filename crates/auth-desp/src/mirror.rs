//! [`FileMirror`]: a file in which another program looks for a refresh token.

use std::path::Path;
use std::sync::Arc;

use auth_core::clock::Clock;
use auth_core::session::Mirror;
use auth_core::token::Fingerprint;
use auth_core::{BoxFuture, Io, RefreshToken, Result};

use crate::netrc::NetrcFile;
use crate::polytope::PolytopeFile;
use crate::service::Service;

/// Keeps the refresh token of a login where another program looks for it.
#[derive(Debug)]
pub struct FileMirror {
    seat: Seat,
    clock: Arc<dyn Clock>,
}

/// Where in a file the token stands.
#[derive(Debug)]
enum Seat {
    /// As the password for a host in a netrc file.
    Netrc { host: String },
    /// As the key in a file of Polytope's client.
    Polytope,
}

impl FileMirror {
    /// As the password for the host of `service` in netrc files.
    pub fn netrc(service: &Service, io: &Io) -> Self {
        let host = service.host().to_owned();
        Self::new(Seat::Netrc { host }, io)
    }

    /// As the key in files of Polytope's client.
    pub fn polytope(io: &Io) -> Self {
        Self::new(Seat::Polytope, io)
    }

    fn new(seat: Seat, io: &Io) -> Self {
        let clock = io.clock().clone();
        Self { seat, clock }
    }
}

impl Mirror for FileMirror {
    fn kind(&self) -> &'static str {
        match self.seat {
            Seat::Netrc { .. } => "netrc",
            Seat::Polytope => "polytope",
        }
    }

    fn write<'a>(
        &'a self,
        path: &'a Path,
        refresh: &'a RefreshToken,
        over: Option<&'a [Fingerprint]>,
    ) -> BoxFuture<'a, Result<bool>> {
        let clock = &*self.clock;
        let ours = over.map(|over| among(over, Some(refresh)));
        Box::pin(async move {
            match (&self.seat, ours) {
                (Seat::Netrc { host }, None) => {
                    let file = NetrcFile::new(path);
                    file.set(host, LOGIN, refresh, clock).await.map(|()| true)
                }
                (Seat::Netrc { host }, Some(ours)) => {
                    let file = NetrcFile::new(path);
                    file.replace(host, ours, refresh, clock).await
                }
                (Seat::Polytope, None) => {
                    let file = PolytopeFile::new(path);
                    file.set(refresh, clock).await.map(|()| true)
                }
                (Seat::Polytope, Some(ours)) => {
                    let file = PolytopeFile::new(path);
                    file.replace(ours, refresh, clock).await
                }
            }
        })
    }

    fn take_out<'a>(
        &'a self,
        path: &'a Path,
        ours: &'a [Fingerprint],
    ) -> BoxFuture<'a, Result<bool>> {
        let (ours, clock) = (among(ours, None), &*self.clock);
        Box::pin(async move {
            match &self.seat {
                Seat::Netrc { host } => NetrcFile::new(path).remove(host, ours, clock).await,
                Seat::Polytope => PolytopeFile::new(path).remove(ours, clock).await,
            }
        })
    }
}

/// Whether a token that is found is one of these.
fn among(
    ours: &[Fingerprint],
    new: Option<&RefreshToken>,
) -> impl Fn(&RefreshToken) -> bool + Send + Sync + 'static + use<> {
    let new = new.map(RefreshToken::fingerprint);
    let ours: Vec<Fingerprint> = ours.iter().copied().chain(new).collect();
    move |found| ours.contains(&found.fingerprint())
}

/// The user name beside it, which the services do not look at.
const LOGIN: &str = "anonymous";
