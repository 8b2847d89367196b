//! A session's files while its lock is held.

#![expect(
    clippy::disallowed_types,
    reason = "store/ owns what survives a call, and the calls that block"
)]

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretSlice};

use super::names::{LAST, Names, SPARE};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::store::directory::{Directory, LONGEST};
use crate::store::envelope::{Envelope, Found};
use crate::store::lock_file::LockFile;
use crate::store::{Attempt, Generation, LockGuard, SessionKey, StoreLock};

/// The least that is reserved for an entry before anything is spent.
const RESERVE: usize = 16 << 10;

/// A session's lock, held until this is dropped.
pub(super) struct Locked {
    pub(super) directory: Directory,
    names: Names,
    lock: LockFile,
    /// The room that is reserved for the next entry; taken by the save.
    spare: Mutex<Option<File>>,
    /// Whether its holder has removed the entry.
    is_removed: AtomicBool,
}

#[derive(Debug)]
pub(super) struct Guard(pub(super) Arc<Locked>);

impl LockGuard for Guard {
    fn announce(&self, asking_until: Option<SystemTime>) -> BoxFuture<'_, ()> {
        let locked = self.0.clone();
        Box::pin(async move {
            let work = move || locked.announce(asking_until);
            let _ = tokio::task::spawn_blocking(work).await;
        })
    }

    fn leave<'a>(&'a self, word: Option<&'a str>) -> BoxFuture<'a, ()> {
        let (locked, word) = (self.0.clone(), word.map(str::to_owned));
        Box::pin(async move {
            let work = move || locked.lock.leave(word.as_deref());
            let _ = tokio::task::spawn_blocking(work).await;
        })
    }

    fn left(&self) -> Option<&str> {
        self.0.lock.left()
    }
}

impl fmt::Debug for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locked")
            .field("entry", &self.names.entry(0))
            .finish_non_exhaustive()
    }
}

pub(super) fn lock(path: &Path, session: SessionKey) -> Result<Attempt> {
    let (directory, names) = (Directory::make(path)?, Names::of(&session));
    attempt(directory, names, session.clone(), |directory, names| {
        let newest = names.newest(directory)?;
        if let Some(newest) = &newest {
            match Envelope::read(&newest.bytes)? {
                Found::Entry(envelope) if *envelope.session() == session => {}
                Found::Older => directory.name_older(&newest.name),
                _ => directory.move_aside(&newest.name)?,
            }
        }
        names.settle(directory, newest.as_ref());
        let size = newest.map_or(0, |newest| newest.bytes.expose_secret().len());
        let room = RESERVE.max(size * 2).min(LONGEST);
        directory.reserve(&names.spare, room).map(Some)
    })
}

/// Tries to take the lock, and to get ready what its holder needs.
pub(super) fn attempt(
    directory: Directory,
    names: Names,
    session: SessionKey,
    ready: impl FnOnce(&Directory, &Names) -> Result<Option<File>>,
) -> Result<Attempt> {
    let Some(lock) = directory.lock(&names.lock)? else {
        return Ok(Attempt::Busy {
            asking_until: directory.noted(&names.asking).and_then(|note| time(&note)),
        });
    };
    let locked = Locked::new(directory, names, lock, ready)?;
    Ok(Attempt::Locked(StoreLock::new(
        session,
        Guard(Arc::new(locked)),
    )))
}

/// The entry of `session`: one of another session under its name is damage, and one of an older format is none.
pub(super) fn read(
    directory: &Directory,
    names: &Names,
    session: &SessionKey,
) -> Result<Option<Envelope>> {
    Ok(found(directory, names, session)?.map(|(_, envelope)| envelope))
}

/// The same, with the place of its file.
fn found(
    directory: &Directory,
    names: &Names,
    session: &SessionKey,
) -> Result<Option<(u8, Envelope)>> {
    let Some(newest) = names.newest(directory)? else {
        return Ok(None);
    };
    match Envelope::read(&newest.bytes)? {
        Found::Entry(envelope) if envelope.session() == session => {
            Ok(Some((newest.place, envelope)))
        }
        Found::Older => {
            directory.name_older(&newest.name);
            Ok(None)
        }
        Found::Entry(_) | Found::Damage => Ok(None),
    }
}

/// What a note says of the time until which a person is asked.
fn time(note: &str) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(note.trim().parse().ok()?))
}

impl Locked {
    fn new(
        directory: Directory,
        names: Names,
        lock: LockFile,
        ready: impl FnOnce(&Directory, &Names) -> Result<Option<File>>,
    ) -> Result<Self> {
        let names = match lock.is_exclusive() {
            true => names,
            false => names.with_own_spare()?,
        };
        let locked = Self {
            directory,
            names,
            lock,
            spare: Mutex::new(None),
            is_removed: AtomicBool::new(false),
        };
        // A holder that was killed asks nobody.
        locked.announce(None);
        let spare = ready(&locked.directory, &locked.names)?;
        *locked.spare() = spare;
        Ok(locked)
    }

    pub(super) fn save(
        &self,
        session: SessionKey,
        after: Option<Generation>,
        bytes: SecretSlice<u8>,
    ) -> Result<Generation> {
        self.ensure_held()?;
        let found = found(&self.directory, &self.names, &session)?;
        let (place, old) = match found {
            Some((place, old)) => (place, Some(old)),
            None => (0, None),
        };
        if old.as_ref().map(Envelope::generation) != after {
            return Err(Error::store(
                "the entry was changed or removed in the meantime",
            ));
        }
        let envelope = Envelope::new(session, bytes, old.as_ref())?;
        let text = envelope.write()?;
        if text.expose_secret().len() > LONGEST {
            return Err(Error::store("the login is too long to be kept")
                .with_advice("ask the server for smaller tokens, or keep them in memory only"));
        }
        let spare = match self.take_spare() {
            Some(spare) => spare,
            None => self
                .directory
                .reserve(&self.names.spare, text.expose_secret().len())?,
        };
        let entry = self.names.entry(place);
        if !self
            .directory
            .replace(spare, &self.names.spare, &entry, &text)?
        {
            // Where nobody has it open, and whoever looks finds it first.
            let next = self.names.entry(LAST.min(place + 1));
            tracing::debug!(entry, next, "another program keeps this entry open");
            self.directory.write(&next, &text)?;
        }
        Ok(envelope.generation())
    }

    /// Says until when a person is asked, or that nobody is.
    fn announce(&self, asking_until: Option<SystemTime>) {
        let since =
            asking_until.and_then(|until| until.duration_since(SystemTime::UNIX_EPOCH).ok());
        let note = since.map(|since| since.as_secs().to_string());
        self.directory.note(&self.names.asking, note.as_deref());
    }

    pub(super) fn remove(&self) -> Result<()> {
        self.ensure_held()?;
        // The first counts last.
        for entry in self.names.entries() {
            self.directory.remove(&entry)?;
            self.directory.remove_aside(&entry)?;
        }
        drop(self.take_spare());
        self.directory.remove_all(self.names.stem(), SPARE)?;
        self.lock.leave(None);
        self.is_removed.store(true, Ordering::Release);
        Ok(())
    }

    fn spare(&self) -> MutexGuard<'_, Option<File>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_spare(&self) -> Option<File> {
        self.spare().take()
    }

    /// Whoever deletes a lock file takes the lock away from its holder.
    fn ensure_held(&self) -> Result<()> {
        if self
            .directory
            .is_current(self.lock.file(), &self.names.lock)
        {
            return Ok(());
        }
        Err(Error::store(
            "the lock file was deleted while the lock was held",
        ))
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        drop(self.take_spare());
        // Where there is no entry, nothing stays that would be of use for the next, but a word.
        let is_kept = self.names.entries().any(|entry| self.directory.has(&entry));
        self.announce(None);
        if !is_kept || !self.lock.is_exclusive() {
            let _ = self.directory.remove(&self.names.spare);
        }
        // Another holder could not save without the lock's file.
        let is_alone = self.lock.is_exclusive() || self.is_removed.load(Ordering::Acquire);
        if !is_kept && is_alone && !self.lock.has_word() {
            self.directory
                .remove_lock(self.lock.file(), &self.names.lock);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared_file::held;

    fn session() -> SessionKey {
        SessionKey::new("https://issuer", "client", "default")
    }

    /// One of several holders, as a file system without locks lets them in.
    fn holder(path: &Path) -> Locked {
        let (directory, names) = (Directory::make(path).unwrap(), Names::of(&session()));
        drop(directory.lock(&names.lock).unwrap());
        let lock = path.join(&names.lock);
        let lock = File::options().read(true).write(true).open(lock).unwrap();
        let ready = |directory: &Directory, names: &Names| {
            directory.reserve(&names.spare, RESERVE).map(Some)
        };
        Locked::new(directory, names, LockFile::of(lock, false), ready).unwrap()
    }

    fn bytes(text: &str) -> SecretSlice<u8> {
        text.as_bytes().to_vec().into()
    }

    fn entry(locked: &Locked) -> String {
        let envelope = read(&locked.directory, &locked.names, &session());
        let entry = envelope.unwrap().expect("an entry that is whole");
        let bytes = entry.into_entry().bytes;
        String::from_utf8(bytes.expose_secret().to_vec()).unwrap()
    }

    /// What lies there, but for the lock files that stay where none is told from its successor.
    fn left(path: &Path) -> Vec<String> {
        let names = Directory::open(path).unwrap().unwrap().names().unwrap();
        let stays = |name: &String| !cfg!(unix) && name.ends_with(".lock");
        names.into_iter().filter(|name| !stays(name)).collect()
    }

    #[test]
    fn where_there_are_no_locks_nobody_writes_into_the_entry_of_another() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tokens");
        let (one, two) = (holder(&path), holder(&path));
        let generation = one.save(session(), None, bytes("one")).unwrap();
        // What the other has reserved is not the entry, also where it has looked at the entry before.
        let spare = two.take_spare().unwrap();
        if cfg!(unix) {
            // Elsewhere no file is told from another one of its name.
            assert!(!two.directory.is_current(&spare, &two.names.entry(0)));
        }
        let text = Envelope::new(session(), bytes("two"), None).unwrap();
        let text = text.write().unwrap();
        let (from, to) = (&two.names.spare, &two.names.entry(0));
        two.directory.replace(spare, from, to, &text).unwrap();
        assert_eq!(entry(&one), "two");
        // And who comes too late is told.
        let late = one.save(session(), Some(generation), bytes("three"));
        assert!(late.unwrap_err().message().contains("changed"));
        assert_eq!(entry(&one), "two");
        drop((one, two));
        let left = left(&path);
        assert!(!left.iter().any(|name| name.ends_with(SPARE)), "{left:?}");
    }

    #[test]
    fn where_there_are_no_locks_who_gets_no_login_takes_nobody_elses_lock_away() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tokens");
        let (one, two) = (holder(&path), holder(&path));
        drop(two);
        one.save(session(), None, bytes("one")).unwrap();
        assert_eq!(entry(&one), "one");
    }

    #[test]
    fn the_spare_files_of_holders_that_were_killed_go_with_the_login() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tokens");
        let killed = holder(&path);
        drop(killed.take_spare());
        std::mem::forget(killed);
        let one = holder(&path);
        one.save(session(), None, bytes("one")).unwrap();
        one.remove().unwrap();
        drop(one);
        assert_eq!(left(&path), [""; 0]);
    }

    fn locked(path: &Path) -> Arc<Locked> {
        let Attempt::Locked(lock) = lock(path, session()).unwrap() else {
            panic!("nobody else has it");
        };
        lock.guard::<Guard>().unwrap().0.clone()
    }

    /// Takes the lock, and saves in the place of what is there.
    fn save(path: &Path, text: &str) -> Result<Generation> {
        let locked = locked(path);
        let there = read(&locked.directory, &locked.names, &session()).unwrap();
        let there = there.as_ref().map(Envelope::generation);
        locked.save(session(), there, bytes(text))
    }

    #[test]
    fn an_entry_that_another_program_keeps_open_is_replaced_beside_it_until_it_lets_go() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tokens");
        let names = Names::of(&session());
        let file = |place| path.join(names.entry(place));
        save(&path, "one").unwrap();
        // For a moment, as a virus scanner does.
        held::hold(&file(0), 300);
        save(&path, "two").unwrap();
        assert!(!file(1).exists());
        // For good; and then whatever is new, as well.
        held::hold(&file(0), u32::MAX);
        for (place, text) in [(1, "three"), (2, "four"), (3, "five"), (4, "six")] {
            save(&path, text).unwrap();
            assert_eq!(entry(&locked(&path)), text);
            held::hold(&file(place), u32::MAX);
        }
        // More programs than places: what can be written at all is not lost.
        save(&path, "seven").unwrap();
        assert_eq!(entry(&locked(&path)), "seven");
        (0..=LAST).for_each(|place| held::release(&file(place)));
        assert_eq!(entry(&locked(&path)), "seven");
        assert!(
            (1..=LAST).all(|place| !file(place).exists()),
            "it is back in its place"
        );
        locked(&path).remove().unwrap();
        assert_eq!(left(&path), [""; 0]);
    }

    #[test]
    fn a_login_that_another_program_keeps_open_is_still_there_where_it_can_not_be_removed() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tokens");
        let names = Names::of(&session());
        let file = |place| path.join(names.entry(place));
        save(&path, "one").unwrap();
        held::hold(&file(0), u32::MAX);
        save(&path, "two").unwrap();
        let error = locked(&path).remove().unwrap_err();
        assert!(
            error.message().contains("another program keeps open"),
            "{error}"
        );
        assert_eq!(entry(&locked(&path)), "two");
        held::release(&file(0));
        locked(&path).remove().unwrap();
        assert_eq!(left(&path), [""; 0]);
    }

    #[test]
    fn a_part_of_an_entry_beside_the_one_that_is_open_counts_for_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tokens");
        let names = Names::of(&session());
        save(&path, "one").unwrap();
        let whole = std::fs::read(path.join(names.entry(0))).unwrap();
        let next = path.join(names.entry(1));
        for end in [0, 1, whole.len() / 2, whole.len() - 1] {
            locked(&path).directory.reserve(&names.entry(1), 0).unwrap();
            std::fs::write(&next, &whole[..end]).unwrap();
            let locked = locked(&path);
            assert_eq!(entry(&locked), "one", "{end}");
            assert!(!next.exists());
        }
    }

    #[test]
    fn what_a_removal_left_that_was_cut_off_never_counts_again() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tokens");
        let names = Names::of(&session());
        let file = |place| path.join(names.entry(place));
        save(&path, "old").unwrap();
        let old = locked(&path)
            .directory
            .read(&names.entry(0))
            .unwrap()
            .unwrap();
        locked(&path).remove().unwrap();
        locked(&path)
            .directory
            .write(&names.entry(2), &old)
            .unwrap();
        save(&path, "new").unwrap();
        assert!(!file(2).exists());
        held::hold(&file(0), u32::MAX);
        save(&path, "newer").unwrap();
        assert_eq!(entry(&locked(&path)), "newer");
    }
}
