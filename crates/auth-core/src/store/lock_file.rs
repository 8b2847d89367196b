//! [`LockFile`]: a session's lock, and a word of its holder for the next one.

use std::fs::File;
use std::io::{Read, Result, Seek, Write};

/// A locked file, with a word for whoever locks it next. Only its holder may look into it: on some systems nobody else
/// can. Nobody is worse off without the word, so writing it is best effort, and nothing is synced.
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
        Self {
            file,
            is_exclusive,
            left,
        }
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

    /// Notes a word for whoever locks it next, or takes it back.
    pub(super) fn leave(&self, word: Option<&str>) {
        let _ = match word {
            Some(word) => self.write(word),
            None if self.has_word() => self.file.set_len(0),
            None => Ok(()),
        };
    }

    /// Whether a word waits in it.
    pub(super) fn has_word(&self) -> bool {
        self.file.metadata().is_ok_and(|data| data.len() > 0)
    }

    fn write(&self, word: &str) -> Result<()> {
        let mut file = &self.file;
        if self.has_word() {
            file.set_len(0)?;
        }
        file.rewind()?;
        file.write_all(word.as_bytes())
    }
}

fn word(file: &mut File) -> Result<Option<String>> {
    let mut text = String::new();
    file.rewind()?;
    file.take(LONGEST).read_to_string(&mut text)?;
    // An older version writes blanks before it.
    let word = text.trim();
    Ok((!word.is_empty()).then(|| word.to_owned()))
}

/// No word is longer.
const LONGEST: u64 = 256;
