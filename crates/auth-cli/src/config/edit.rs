//! [`Draft`]: changes to the person's own file, of which all or nothing is written.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use auth_core::clock::SystemClock;
use auth_core::shared_file::{FileLock, Replacement, patiently};
use auth_core::{Error, Result};
use toml_edit::{DocumentMut, Item, RawString, Table, TableLike, Value};

use super::document;
use super::file::{self, Place};
use crate::owner;

/// The file's text in the making. While this lives, other processes of ours wait with changes of theirs.
#[derive(Debug)]
pub(crate) struct Draft {
    place: Place,
    /// Where it really lies, wherever links lead from.
    path: PathBuf,
    document: DocumentMut,
    /// Whether its lines end as those of Windows.
    has_carriage_returns: bool,
    /// The file that is there.
    before: Option<Metadata>,
    _lock: FileLock,
}

impl Draft {
    /// Opens the file for changes, and sees to it that they can be written. Its directory is made where there is none, and
    /// locked.
    ///
    /// # Errors
    /// `Config` if it can't be read or written, if others could have written it, or if it is no TOML; `Unavailable` if
    /// another process does not let go of the directory.
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let path = real(&place.path)?;
        let directory = path.parent().unwrap_or_else(|| Path::new("."));
        let unwritable = |error: std::io::Error| unwritable(&place.path, &error);
        make(directory).map_err(unwritable)?;
        let lock = FileLock::wait(directory, &SystemClock::new()).await?;
        let (text, before) = match path.metadata() {
            Ok(metadata) => (file::read_at(&path)?, Some(metadata)),
            Err(_) => {
                owner::ensure_private_directory(directory)?;
                (String::new(), None)
            }
        };
        let document = text.replace("\r\n", "\n").parse().map_err(|_| {
            let mut problems = document::parse(&place.path, &text).problems.into_iter();
            let problem = problems.next();
            problem.unwrap_or_else(|| Error::config(format!("{} is no TOML", place.path.display())))
        })?;
        // Whether there is room for a file is known once there is one.
        Replacement::beside(&path).map_err(unwritable)?;
        Ok(Self {
            place: place.clone(),
            path,
            document,
            has_carriage_returns: text.contains("\r\n"),
            before,
            _lock: lock,
        })
    }

    /// Adds a profile of that name with these keys, at the end.
    ///
    /// # Errors
    /// `Config` if the file has one, or can't have one more.
    pub(crate) fn add(&mut self, name: &str, keys: Vec<(&str, Value)>) -> Result<()> {
        let shown = self.place.path.display();
        let profiles = self.document.entry(PROFILES).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let profiles = profiles.as_table_like_mut().ok_or_else(|| {
            Error::config(format!("{shown}: `profile` is no table of profiles"))
                .with_advice("write each profile as [profile.NAME]")
        })?;
        if profiles.contains_key(name) {
            return Err(Error::config(format!("{shown} has a profile `{name}`")).with_advice(
                format!("choose another name, change it there, or take it out: auth profiles remove {name}"),
            ));
        }
        let mut table = Table::new();
        for (key, value) in keys {
            // A line break in a value would be another one.
            self.has_carriage_returns &= !value.as_str().is_some_and(|text| text.contains('\n'));
            table.insert(key, Item::Value(value));
        }
        profiles.insert(name, Item::Table(table));
        let is_first =
            profiles.len() == 1 && self.path.metadata().map_or(0, |data| data.len()) == 0;
        // What the file ends with stays above it.
        let above = self.document.trailing().as_str().unwrap_or_default();
        let above = match above.trim_end() {
            "" if is_first => String::new(),
            "" => "\n".to_owned(),
            above => format!("{above}\n\n"),
        };
        self.document.set_trailing("");
        let added = self
            .document
            .get_mut(PROFILES)
            .and_then(Item::as_table_like_mut);
        let added = added.and_then(|profiles| profiles.get_mut(name)?.as_table_mut());
        if let Some(table) = added {
            table.decor_mut().set_prefix(above);
        }
        Ok(())
    }

    /// Takes the profile of that name out, with the comments right above it. Whether there was one.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let profiles = self.document.get_mut(PROFILES);
        let Some(profiles) = profiles.and_then(Item::as_table_like_mut) else {
            return false;
        };
        let Some(removed) = profiles.remove(name) else {
            return false;
        };
        let Item::Table(removed) = removed else {
            return true;
        };
        let above = removed.decor().prefix().and_then(RawString::as_str);
        // What a blank line keeps apart belongs to the file.
        let above = above.and_then(|text| text.rsplit_once("\n\n"));
        if let Some(above) = above.map(|(above, _)| above.trim_end().to_owned())
            && !above.is_empty()
        {
            match below(profiles, removed.position()) {
                Some(next) => {
                    let own = next.decor().prefix().and_then(RawString::as_str);
                    let own = own.unwrap_or_default().trim_start_matches('\n');
                    let both = format!("{above}\n\n{own}");
                    next.decor_mut().set_prefix(both);
                }
                None => self.document.set_trailing(format!("{above}\n")),
            }
        }
        true
    }

    /// The text as it would be written, its lines ended as they were.
    pub(crate) fn text(&self) -> String {
        let text = self.document.to_string();
        match self.has_carriage_returns {
            true => text.replace('\n', "\r\n"),
            false => text,
        }
    }

    /// Writes it: the whole text takes the place of the file, or nothing does.
    ///
    /// # Errors
    /// `Config` if it can't be written.
    pub(crate) fn write(self) -> Result<PathBuf> {
        let write = || {
            let mut next = Replacement::beside(&self.path)?;
            next.write(self.text().as_bytes())?;
            if let Some(before) = &self.before {
                next.share_like(before)?;
            }
            patiently(&self.path, || next.take_place(&self.path))
        };
        write().map_err(|error| unwritable(&self.place.path, &error))?;
        Ok(self.path)
    }
}

/// The table that stands next below that position.
fn below(profiles: &mut dyn TableLike, position: Option<isize>) -> Option<&mut Table> {
    let tables = profiles
        .iter_mut()
        .filter_map(|(_, item)| item.as_table_mut());
    tables
        .filter(|table| table.position() > position)
        .min_by_key(|table| table.position())
}

/// Where the file really lies, or would lie.
fn real(path: &Path) -> Result<PathBuf> {
    match (path.canonicalize(), path.symlink_metadata()) {
        // What it is there would begin with `\\?\`, which nobody has typed.
        (Ok(_), Ok(about)) if cfg!(windows) && !about.is_symlink() => {
            Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
        }
        (Ok(real), _) => Ok(real),
        (Err(_), Err(_)) => Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
        (Err(error), Ok(_)) => Err(Error::config(format!(
            "{} is a link that leads nowhere: {error}",
            path.display()
        ))
        .with_advice("make the file that it names, or remove the link")),
    }
}

/// Makes the directory for its owner alone, where there is none.
fn make(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::config(format!(
        "{} can't be written: {error}; nothing was changed",
        path.display()
    ))
    .with_advice("make room or give yourself the right, or name another file with --config")
}

/// The table that everything belongs to.
const PROFILES: &str = "profile";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Said, Settings};

    async fn draft(text: &str) -> (tempfile::TempDir, Draft) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let said = Said::Flag;
        let draft = Draft::open(&Place { path, said }).await.unwrap();
        (directory, draft)
    }

    fn keys() -> Vec<(&'static str, Value)> {
        vec![
            ("kind", "oidc".into()),
            ("client-id", "it's \"me\" \\ é".into()),
        ]
    }

    #[tokio::test]
    async fn however_a_file_is_written_one_more_profile_can_be_read_back() {
        for text in [
            "",
            "# a comment alone",
            "[profile.lab]\nkind = 'oidc'",
            "[profile.lab]\r\nkind = 'oidc' # crlf\r\n",
            "[profile]\n[profile.lab]\nkind = 'oidc'\n",
            "profile = { lab = { kind = 'oidc' } }\n",
            "[profile]\nlab = { kind = 'oidc' }\n",
            "[profile]\nlab.kind = 'oidc'\n",
            "[profile.lab]\nkind = 'oidc'\n[profile.lab.client-secret]\nenv = 'A'\n",
            "include = []\n[profile.lab]\nkind = 'oidc'\n\n\n# the end",
        ] {
            let (_directory, mut draft) = draft(text).await;
            draft.add("new", keys()).unwrap();
            let place = draft.place.clone();
            let config = Config::if_it_said(place, &draft.text());
            assert!(
                config.files().problems().is_empty(),
                "{text}\n{}",
                draft.text()
            );
            let profile = config.profile("new", Settings::default()).unwrap();
            assert_eq!(profile.settings.text("client-id"), Some("it's \"me\" \\ é"));
            let is_there = config.profile("lab", Settings::default()).is_ok();
            assert_eq!(is_there, text.contains("lab"), "{text}\n{}", draft.text());
            for comment in ["# a comment alone", "# crlf", "# the end"] {
                assert_eq!(draft.text().contains(comment), text.contains(comment));
            }
            assert!(draft.remove("new"));
            assert!(!draft.remove("new"));
            assert!(!draft.text().contains("new"), "{}", draft.text());
        }
    }

    #[tokio::test]
    async fn a_table_that_is_begun_by_dotted_keys_alone_is_left_alone_where_no_more_fits() {
        let (_directory, mut draft) = draft("profile.lab.kind = 'oidc'\n").await;
        draft.add("new", keys()).unwrap();
        let config = Config::if_it_said(draft.place.clone(), &draft.text());
        // Either it reads back whole, or whoever writes it is told before.
        let both = ["lab", "new"].map(|name| config.profile(name, Settings::default()).is_ok());
        assert!(both == [true, true] || !both[1], "{}", draft.text());
    }
}
