//! [`Envelope`]: an entry's bytes as a file holds them, so that damage shows.

use std::cmp::Ordering;

use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Entry, Generation, SessionKey};
use crate::error::{Error, Result};
use crate::token::sha256;

const FORMAT: &str = "auth token store";

/// The version of the format. A higher one is refused, a lower one is no entry; both are left alone.
const VERSION: u32 = 2;

/// What a file turns out to hold.
pub(super) enum Found {
    /// An entry.
    Entry(Envelope),
    /// One that an older version wrote in a format of its own.
    Older,
    /// What is damaged or not ours.
    Damage,
}

/// A line with the checksum of all that follows, which the first version did not have: what is damaged is told from
/// what is newer. A line of JSON about the entry, then its bytes.
pub(super) struct Envelope {
    header: Header,
    bytes: SecretSlice<u8>,
}

#[derive(Deserialize, Serialize)]
struct Header {
    format: String,
    version: u32,
    session: SessionKey,
    generation: u64,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Deserialize)]
struct Version {
    format: String,
    version: u32,
}

impl Envelope {
    /// `bytes` as the successor of `old`.
    pub(super) fn new(
        session: SessionKey,
        bytes: SecretSlice<u8>,
        old: Option<&Self>,
    ) -> Result<Self> {
        let mut random = [0; 8];
        aws_lc_rs::rand::fill(&mut random)
            .map_err(|_| Error::store("the system gives no random numbers"))?;
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            session,
            generation: u64::from_le_bytes(random),
            unknown: old
                .map(|old| old.header.unknown.clone())
                .unwrap_or_default(),
        };
        Ok(Self { header, bytes })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// `Store` if a newer version wrote it.
    pub(super) fn read(file: &SecretSlice<u8>) -> Result<Found> {
        let file = file.expose_secret();
        let whole = whole(file);
        let Some((line, bytes)) = whole.or_else(|| split(file)) else {
            return Ok(Found::Damage);
        };
        let version = serde_json::from_slice::<Version>(line).ok();
        let version = version.filter(|version| version.format == FORMAT);
        match version.map(|version| version.version.cmp(&VERSION)) {
            Some(Ordering::Less) => return Ok(Found::Older),
            Some(Ordering::Equal) if whole.is_some() => {}
            Some(Ordering::Greater) => {
                return Err(
                    Error::store("the token store was written by a newer version of auth")
                        .with_advice("update this program, or let it use another token store"),
                );
            }
            _ => return Ok(Found::Damage),
        }
        let header = serde_json::from_slice::<Header>(line).ok();
        Ok(header.map_or(Found::Damage, |header| {
            Found::Entry(Self {
                header,
                bytes: bytes.to_vec().into(),
            })
        }))
    }

    /// Whose entry a file is, also where another version wrote it.
    pub(super) fn owner(file: &SecretSlice<u8>) -> Option<SessionKey> {
        let file = file.expose_secret();
        let (line, _) = whole(file).or_else(|| split(file))?;
        let header: Header = serde_json::from_slice(line).ok()?;
        (header.format == FORMAT).then_some(header.session)
    }

    pub(super) fn write(&self) -> Result<SecretSlice<u8>> {
        let mut text = serde_json::to_vec(&self.header)
            .map_err(|_| Error::store("the entry can't be written down"))?;
        text.push(b'\n');
        text.extend_from_slice(self.bytes.expose_secret());
        let text = SecretSlice::from(text);
        let mut file = checksum(text.expose_secret()).into_bytes();
        file.push(b'\n');
        file.extend_from_slice(text.expose_secret());
        Ok(file.into())
    }

    pub(super) fn session(&self) -> &SessionKey {
        &self.header.session
    }

    pub(super) fn generation(&self) -> Generation {
        Generation::new(self.header.generation)
    }

    pub(super) fn into_entry(self) -> Entry {
        let generation = self.generation();
        Entry::new(self.bytes, generation)
    }
}

/// The line about the entry and its bytes, if not a bit of them is another than was written.
fn whole(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sum, text) = split(file)?;
    if sum != checksum(text).as_bytes() {
        return None;
    }
    split(text)
}

/// The first line, and what follows.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&byte| byte == b'\n')?;
    Some((&text[..end], &text[end + 1..]))
}

fn checksum(text: &[u8]) -> String {
    sha256(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let session = SessionKey::new("https://issuer", "client", "default");
        let bytes = SecretSlice::from(b"entry".to_vec());
        Envelope::new(session, bytes, None)
            .unwrap()
            .write()
            .unwrap()
            .expose_secret()
            .to_vec()
    }

    fn read(bytes: &[u8]) -> Result<Option<Envelope>> {
        Envelope::read(&bytes.to_vec().into()).map(|found| match found {
            Found::Entry(envelope) => Some(envelope),
            Found::Older => panic!("this is of no older version"),
            Found::Damage => None,
        })
    }

    #[test]
    fn r13_any_prefix_and_any_flipped_bit_shows() {
        let file = file();
        assert!(read(&file).unwrap().is_some());
        for end in 0..file.len() {
            assert!(read(&file[..end]).unwrap().is_none(), "{end}");
        }
        for bit in 0..file.len() * 8 {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&damaged).unwrap().is_none(), "{bit}");
            assert!(Envelope::owner(&damaged.into()).is_none(), "{bit}");
        }
        assert!(read(&vec![0; file.len()]).unwrap().is_none());
    }

    #[test]
    fn r18_a_newer_version_is_an_error_and_unknown_fields_are_kept() {
        let text = String::from_utf8(file()).unwrap();
        let (_, text) = text.split_once('\n').unwrap();
        let summed = |text: &str| format!("{}\n{text}", checksum(text.as_bytes())).into_bytes();
        let newer = summed(&text.replace("\"version\":2", "\"version\":3"));
        assert!(read(&newer).is_err());
        assert!(Envelope::owner(&newer.into()).is_some());
        // One that writes no checksum before its line about the entry.
        assert!(read(text.replace("\"version\":2", "\"version\":3").as_bytes()).is_err());
        assert!(read(text.as_bytes()).unwrap().is_none());
        let more = text.replace("{\"format\"", "{\"colour\":\"green\",\"format\"");
        let old = read(&summed(&more)).unwrap().unwrap();
        let session = old.session().clone();
        let new = Envelope::new(session, b"next".to_vec().into(), Some(&old)).unwrap();
        let text = new.write().unwrap();
        assert!(String::from_utf8_lossy(text.expose_secret()).contains("green"));
    }

    #[test]
    fn an_older_version_is_neither_an_entry_nor_damage() {
        let session = SessionKey::new("https://issuer", "client", "default");
        let key = serde_json::to_string(&session).unwrap();
        let older = format!(
            "{{\"format\":\"{FORMAT}\",\"version\":1,\"session\":{key},\"generation\":7,\"sha256\":\"00\"}}\nentry"
        );
        let older = SecretSlice::from(older.into_bytes());
        assert!(matches!(Envelope::read(&older), Ok(Found::Older)));
        assert_eq!(Envelope::owner(&older), Some(session));
    }
}
