//! [`LockFile`]: a session's lock, and what its holder writes down for others.

use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::time::{Duration, SystemTime};

/// A locked file. Its head says until when the holder asks a person; then stands a word for whoever locks it next.
/// Nobody is worse off without either, so all writing is best effort, and nothing is synced.
pub(super) struct LockFile {
    file: File,
    /// Whether nobody else has it: a file system without locks promises nothing.
    is_exclusive: bool,
    /// What the holder before left.
    left: Option<String>,
}

impl LockFile {
    /// Takes over `file`, which is locked, or can't be.
    pub(super) fn of(mut file: File, is_exclusive: bool) -> Self {
        let left = word(&mut file).ok().flatten();
        let lock = Self {
            file,
            is_exclusive,
            left,
        };
        // A holder that was killed asks nobody.
        if lock.length().is_ok_and(|length| length > 0) {
            lock.announce(None);
        }
        lock
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn is_exclusive(&self) -> bool {
        self.is_exclusive
    }

    pub(super) fn left(&self) -> Option<&str> {
        self.left.as_deref()
    }

    /// Notes until when the holder asks a person.
    pub(super) fn announce(&self, until: Option<SystemTime>) {
        let until = until
            .and_then(|until| until.duration_since(SystemTime::UNIX_EPOCH).ok())
            .map(|since| since.as_secs().to_string())
            .unwrap_or_default();
        let _ = self.write(0, &format!("{until:<HEAD$}"));
    }

    /// Notes a word for whoever locks it next, or takes it back.
    pub(super) fn leave(&self, word: Option<&str>) {
        let head = HEAD as u64;
        let _ = match (word, self.length().unwrap_or_default()) {
            (Some(word), length) if length < head => self.write(0, &format!("{:HEAD$}{word}", "")),
            (Some(word), _) => self
                .file
                .set_len(head)
                .and_then(|()| self.write(head, word)),
            (None, length) if length > head => self.file.set_len(head),
            (None, _) => Ok(()),
        };
    }

    /// Whether a word waits in it.
    pub(super) fn has_word(&self) -> bool {
        self.length().is_ok_and(|length| length > HEAD as u64)
    }

    fn length(&self) -> Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn write(&self, at: u64, text: &str) -> Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(text.as_bytes())
    }
}

/// Until when the holder of a lock asks a person, as its file says.
pub(super) fn asking_until(file: File) -> Option<SystemTime> {
    let mut text = String::new();
    file.take(HEAD as u64).read_to_string(&mut text).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(text.trim().parse().ok()?))
}

fn word(file: &mut File) -> Result<Option<String>> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(HEAD as u64))?;
    file.take(LONGEST).read_to_string(&mut text)?;
    Ok((!text.is_empty()).then_some(text))
}

/// How long the head is.
const HEAD: usize = 32;

/// No word is longer.
const LONGEST: u64 = 256;
