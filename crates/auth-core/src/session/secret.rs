//! [`Secret`]: something secret that is fetched when it is needed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::Clock;
use crate::session::Held;
use crate::store::small_file;

/// A client's secret, a password, a signing key: wherever it is, it is asked for when it is needed, so
/// that a grant can be built, and knows its key, without it. Safe for concurrent use.
///
/// It is revealed once for each request, before the request's deadline starts and before a person is sent
/// to a browser. A [`SecretString`] is one that is at hand.
pub trait Secret: fmt::Debug + Send + Sync {
    /// The secret, now. `held` is what the exchange that needs it runs with. Called through
    /// [`Held::reveal`], which watches over a person who is asked. Never blocks the runtime's thread.
    ///
    /// # Errors
    /// `Config` where it is not, `Interaction` where a person would be needed and nobody may be asked.
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>>;

    /// Whether revealing it now may ask a person.
    fn asks(&self) -> bool {
        false
    }

    /// The server refused it: what was typed or fetched is forgotten, so that the next one is asked for.
    fn refused(&self) {}
}

impl Secret for SecretString {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Ok(self.clone()) })
    }
}

macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[warn(clippy::missing_trait_methods)]
        impl<S: Secret + ?Sized> Secret for $pointer<S> {
            fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
                (**self).reveal(held)
            }

            fn asks(&self) -> bool {
                (**self).asks()
            }

            fn refused(&self) {
                (**self).refused();
            }
        }
    )+};
}

forward!(Arc, Box);

impl Held {
    /// Reveals `secret`: through [`asking`](Self::asking) where it asks a person; within two minutes in any case.
    ///
    /// # Errors
    /// Those of the secret, and those of `asking`; `Unavailable` where it does not come in time.
    pub async fn reveal(&self, secret: &dyn Secret, clock: &dyn Clock) -> Result<SecretString> {
        let revealed = async { secret.reveal(self).await };
        if secret.asks() {
            return self.asking(clock, TYPING, revealed).await;
        }
        tokio::select! {
            biased;
            outcome = revealed => outcome,
            () = clock.sleep(TYPING) => Err(Error::unavailable(format!(
                "a secret did not come within {} s",
                TYPING.as_secs()
            ))
            .with_advice("see whether the place where it is answers, such as a network drive or a pipe")),
        }
    }
}

/// How long a person has to type a secret, and how long a drive or a vault may take: others wait for the
/// same login meanwhile.
pub(super) const TYPING: Duration = Duration::from_secs(120);

/// A secret alone in a file, read anew each time: up to 64 KiB of UTF-8 or UTF-16, without the white space and the
/// byte order mark around it. The file may be a pipe.
#[derive(Clone, Debug)]
pub struct FileSecret {
    path: PathBuf,
    takes_bytes: bool,
}

impl FileSecret {
    /// The secret in the file at `path`. Does no I/O.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            takes_bytes: false,
        }
    }

    /// Gives the bytes of a file that is no text, such as one of PKCS#12, in base64 instead of refusing it.
    #[must_use]
    pub fn with_bytes_in_base64(self) -> Self {
        Self {
            takes_bytes: true,
            ..self
        }
    }

    /// What is in the file now, for who needs it outside of an exchange. Never blocks the runtime's thread.
    ///
    /// # Errors
    /// `Config` where it can't be read, is empty, is too long, or is no text.
    pub async fn read(&self) -> Result<SecretString> {
        small_file::read(&self.path, self.takes_bytes).await
    }

    /// The secret that the bytes of such a file hold; `None` if they are no text.
    pub fn in_bytes(bytes: &[u8]) -> Option<SecretString> {
        small_file::alone(bytes)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Secret for FileSecret {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(self.read())
    }
}
