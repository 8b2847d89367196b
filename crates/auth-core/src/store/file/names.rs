//! [`Names`]: what the files of a session are called, and which of them is its entry.

use secrecy::SecretSlice;

use crate::error::{Error, Result};
use crate::store::SessionKey;
use crate::store::directory::Directory;
use crate::store::envelope::{Envelope, Found};

/// The names of a session's files.
pub(super) struct Names {
    stem: String,
    pub(super) lock: String,
    pub(super) asking: String,
    pub(super) spare: String,
}

impl Names {
    pub(super) fn of(session: &SessionKey) -> Self {
        Self::of_stem(session.digest())
    }

    pub(super) fn of_stem(stem: String) -> Self {
        Self {
            lock: format!("{stem}.lock"),
            asking: format!("{stem}.asking"),
            spare: format!("{stem}{SPARE}"),
            stem,
        }
    }

    /// The same with a spare file that nobody else has: where there are no locks somebody else may be writing into the
    /// usual one, or it may be the entry by now.
    pub(super) fn with_own_spare(self) -> Result<Self> {
        let mut random = [0; 8];
        aws_lc_rs::rand::fill(&mut random)
            .map_err(|_| Error::store("the system gives no random numbers"))?;
        let random = u64::from_le_bytes(random);
        let spare = format!("{}.{random:016x}{SPARE}", self.stem);
        Ok(Self { spare, ..self })
    }

    /// What all of them begin with.
    pub(super) fn stem(&self) -> &str {
        &self.stem
    }

    /// The name of an entry: the usual one, or one that it has because another program kept those before it open.
    pub(super) fn entry(&self, place: u8) -> String {
        match place {
            0 => format!("{}{ENTRY}", self.stem),
            place => format!("{}.{place}{ENTRY}", self.stem),
        }
    }

    /// All names that an entry can have.
    pub(super) fn entries(&self) -> impl Iterator<Item = String> {
        (0..=LAST).map(|place| self.entry(place))
    }

    /// Finds the entry, whatever it holds. Needs no lock: one that takes another place is in both, or in the lower one.
    pub(super) fn newest(&self, directory: &Directory) -> Result<Option<Newest>> {
        // Where the first place beside the usual one is free, so are the others.
        let first = self.at(directory, 1)?;
        if first.is_some() {
            for place in (2..=LAST).rev() {
                if let Some(newest) = self.at(directory, place)?.filter(Newest::is_whole) {
                    return Ok(Some(newest));
                }
            }
        }
        match first.filter(Newest::is_whole) {
            None => self.at(directory, 0),
            whole => Ok(whole),
        }
    }

    fn at(&self, directory: &Directory, place: u8) -> Result<Option<Newest>> {
        let name = self.entry(place);
        let bytes = directory.read(&name)?;
        Ok(bytes.map(|bytes| Newest { place, name, bytes }))
    }

    /// Brings the entry back to its usual place, if nobody is in the way now. Only under the lock.
    pub(super) fn settle(&self, directory: &Directory, newest: Option<&Newest>) {
        let place = newest.map_or(0, |newest| newest.place);
        // From the top: while one of them is there, those below it count for nothing.
        for other in (1..=LAST).rev().filter(|other| *other != place) {
            let name = self.entry(other);
            // The first goes last of all, and is replaced by the entry if that lies above.
            let is_kept = other == 1 && place > 1;
            if !is_kept && directory.has(&name) && directory.remove_now(&name).is_err() {
                return;
            }
        }
        let way: &[u8] = match place {
            0 => &[],
            1 => &[1, 0],
            place => &[place, 1, 0],
        };
        for step in way.windows(2) {
            if let &[from, to] = step
                && directory
                    .rename(&self.entry(from), &self.entry(to))
                    .is_err()
            {
                return;
            }
        }
    }
}

/// The file that counts as the entry of a session.
pub(super) struct Newest {
    pub(super) place: u8,
    pub(super) name: String,
    pub(super) bytes: SecretSlice<u8>,
}

impl Newest {
    /// Beside its usual place an entry is written where it lies, so perhaps not to its end.
    fn is_whole(&self) -> bool {
        !matches!(Envelope::read(&self.bytes), Ok(Found::Damage))
    }
}

/// How the names of entries end.
pub(super) const ENTRY: &str = ".json";

/// How the names of spare files end.
pub(super) const SPARE: &str = ".spare";

/// The last place that an entry can have.
pub(super) const LAST: u8 = 4;
