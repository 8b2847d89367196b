//! One fetch of a key set, within bounds and a deadline.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use auth_core::http::{ANSWER_LIMIT, Body, retry_after};
use auth_core::{Error, Io, Result};
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, Request, StatusCode};
use tokio::io::AsyncReadExt as _;
use url::Url;

use super::jwk::Reading;
use super::place::{self, Place};
use super::set::KeySet;
use crate::Algorithm;

/// What was fetched, and for how long it is good.
pub(super) struct Document {
    pub(super) text: Vec<u8>,
    pub(super) life: Duration,
    /// What an RSA key is for that names no algorithm.
    pub(super) rsa: Vec<Algorithm>,
    /// When the file was written, if it is one.
    pub(super) written: Option<SystemTime>,
}

impl Document {
    /// The keys in it, where those of RSA that name no algorithm are for what `reading` says, or if that says nothing, for
    /// what the issuer says.
    pub(super) fn read(&mut self, reading: &Reading) -> Result<KeySet> {
        let mut reading = reading.clone();
        if reading.rsa.is_empty() {
            reading.rsa = std::mem::take(&mut self.rsa);
        }
        KeySet::read(std::mem::take(&mut self.text), &reading)
    }
}

/// Fetches from `place`, within `left`. `None`: it is a file that was written at `known`, so nothing changed.
pub(super) async fn fetch(
    place: &Place,
    io: &Io,
    known: Option<SystemTime>,
    left: Duration,
) -> Result<Option<Document>> {
    let work = async {
        match place {
            Place::File(path) => read(path, known).await,
            Place::Source(source) => Ok(Some(Document {
                text: source.jwks().await?,
                life: USUAL_LIFE,
                rsa: Vec::new(),
                written: None,
            })),
            Place::Url(url) => get(url, io, left).await.map(Some),
            Place::Discovered { provider, hosts } => {
                let (url, rsa) = place::discover(provider, hosts).await?;
                let document = get(&url, io, left).await?;
                Ok(Some(Document { rsa, ..document }))
            }
        }
    };
    tokio::select! {
        biased;
        outcome = work => outcome,
        () = io.clock().sleep(left) => Err(Error::unavailable(format!(
            "the keys at {place:?} took longer than {} s", DEADLINE.as_secs()
        )).with_advice("check the network between here and the issuer")),
    }
}

async fn get(url: &Url, io: &Io, left: Duration) -> Result<Document> {
    let shown = Place::Url(url.clone());
    let request = Request::get(url.as_str())
        .header(ACCEPT, "application/jwk-set+json, application/json")
        .body(Body::empty())
        .map_err(|_| Error::config(format!("{shown:?} is no usable URL")))?;
    let (head, body) = io.fetch(request, left).await?.into_parts();
    if !head.status.is_success() {
        let said = format!("{shown:?} answered {} instead of keys", head.status);
        let error = match head.status.is_server_error() || BUSY.contains(&head.status) {
            true => Error::unavailable(said).with_advice("try again later"),
            // Nobody has keys there.
            false => Error::config(said)
                .with_advice("check the URL of the keys; redirects are not followed"),
        };
        let error = error.with_status(head.status.as_u16());
        return Err(match retry_after(&head.headers, io.clock().now().wall) {
            Some(pause) => error.with_retry_after(pause.min(LONGEST_PAUSE)),
            None => error,
        });
    }
    let life = max_age(&head.headers);
    Ok(Document {
        text: body.into(),
        life: life.map_or(USUAL_LIFE, |life| life.clamp(SHORTEST_LIFE, LONGEST_LIFE)),
        rsa: Vec::new(),
        written: None,
    })
}

async fn read(path: &Path, known: Option<SystemTime>) -> Result<Option<Document>> {
    let failed = |error: std::io::Error| {
        let said = format!("the key file {} can't be read: {error}", path.display());
        // A file that is not there yet may come.
        let error = match error.kind() {
            ErrorKind::IsADirectory | ErrorKind::PermissionDenied => Error::config(said),
            _ => Error::unavailable(said),
        };
        error.with_advice("check the path and who may read it")
    };
    let about = tokio::fs::metadata(path).await.map_err(failed)?;
    let written = about.modified().ok();
    if written.is_some() && written == known {
        return Ok(None);
    }
    // Its length is known when it was read: a pipe does not tell before.
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let (mut text, most) = (Vec::new(), ANSWER_LIMIT as u64);
    let mut start = file.take(most + 1);
    start.read_to_end(&mut text).await.map_err(failed)?;
    if text.len() as u64 > most {
        return Err(Error::config(format!(
            "the key file is longer than {ANSWER_LIMIT} bytes"
        )));
    }
    Ok(Some(Document {
        text,
        life: FILE_LIFE,
        rsa: Vec::new(),
        written,
    }))
}

/// How long the server says that the answer is good.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut parts = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    parts.find_map(|part| {
        let part = part.trim().to_ascii_lowercase();
        let seconds = part.strip_prefix("max-age=")?;
        let seconds = seconds.trim_matches('"').parse().ok()?;
        Some(Duration::from_secs(seconds))
    })
}

/// All of one fetch, discovery and the last byte included.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// Not now.
const BUSY: [StatusCode; 2] = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];

const USUAL_LIFE: Duration = Duration::from_secs(3_600);
const SHORTEST_LIFE: Duration = Duration::from_secs(300);
const LONGEST_LIFE: Duration = Duration::from_secs(86_400);
const FILE_LIFE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
