//! [`ProfileSecret`]: a secret of a profile, which is fetched when it is needed.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use auth_core::session::{Held, Secret};
use auth_core::{BoxFuture, Result};
use secrecy::SecretString;
use tokio::sync::OnceCell;

use super::file::PrivateFile;
use super::{SecretSource, Secrets};

/// A secret of a profile. It is fetched once, when it is first needed, and remembered until the server
/// refuses it, unless it is one that [changes](Self::fetched_anew).
pub(crate) struct ProfileSecret {
    subject: String,
    source: SecretSource,
    secrets: Secrets,
    known: ArcSwap<OnceCell<SecretString>>,
    changes: bool,
    takes_bytes: bool,
}

impl Secrets {
    /// The secret in `source`, which messages call `subject`. Fetches nothing yet.
    pub(crate) fn secret(&self, subject: String, source: &SecretSource) -> ProfileSecret {
        ProfileSecret::new(subject, source.clone(), self.clone())
    }
}

impl ProfileSecret {
    pub(super) fn new(subject: String, source: SecretSource, secrets: Secrets) -> Self {
        Self {
            subject,
            source,
            secrets,
            known: ArcSwap::default(),
            changes: false,
            takes_bytes: false,
        }
    }

    /// The same, fetched for each request: its file or program has another one every hour. What somebody typed or piped
    /// in is remembered all the same.
    pub(crate) fn fetched_anew(self) -> Self {
        let changes = !matches!(self.source, SecretSource::Prompt(_) | SecretSource::Stdin);
        Self { changes, ..self }
    }

    /// The same, in base64 where its file is no text.
    pub(crate) fn with_bytes_in_base64(self) -> Self {
        Self {
            takes_bytes: true,
            ..self
        }
    }

    async fn fetched(&self, held: &Held) -> Result<SecretString> {
        let fetched = match &self.source {
            SecretSource::File(path) if self.takes_bytes => {
                PrivateFile::with_bytes_in_base64(path).reveal(held).await
            }
            source => self.secrets.fetch(source, held).await,
        };
        fetched.map_err(|error| error.context(&self.subject))
    }
}

impl Secret for ProfileSecret {
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            if self.changes {
                return self.fetched(held).await;
            }
            let known = self.known.load_full();
            known.get_or_try_init(|| self.fetched(held)).await.cloned()
        })
    }

    /// What is remembered is had from nobody.
    fn asks(&self) -> bool {
        self.source.may_ask() && !self.known.load().initialized()
    }

    fn refused(&self) {
        self.known.store(Arc::default());
    }
}

impl fmt::Debug for ProfileSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileSecret")
            .field("subject", &self.subject)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use auth_core::Prompt;
    use auth_core::clock::SystemClock;
    use auth_core::prompt::Echo;
    use auth_core::session::Need;
    use secrecy::ExposeSecret;

    use super::*;

    /// Somebody who answers with how often they were asked.
    #[derive(Debug, Default)]
    struct Person(AtomicUsize);

    impl Prompt for Person {
        fn ask<'a>(&'a self, _: &'a str, echo: Echo) -> BoxFuture<'a, Result<SecretString>> {
            assert_eq!(echo, Echo::Hidden);
            Box::pin(async {
                tokio::task::yield_now().await;
                let count = self.0.fetch_add(1, Ordering::Relaxed);
                Ok(format!("answer {count}").into())
            })
        }
    }

    fn asked() -> ProfileSecret {
        let secrets = Secrets::new(Arc::new(Person::default()), Vec::new());
        secrets.secret("it".to_owned(), &SecretSource::Prompt("What".to_owned()))
    }

    async fn reveal(secret: &ProfileSecret, need: Need) -> Result<String> {
        let clock = SystemClock::new();
        let held = Held::new().with_need(need, std::time::SystemTime::UNIX_EPOCH);
        let revealed = held.reveal(secret, &clock).await?;
        Ok(revealed.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn a_person_is_asked_once_until_the_server_refuses_the_answer() {
        let secret = asked();
        let (nobody, anybody) = (Need::new().with_nobody_asked(), Need::new());
        reveal(&secret, nobody).await.unwrap_err();
        for _ in 0..3 {
            assert_eq!(reveal(&secret, anybody).await.unwrap(), "answer 0");
            // It is known, so nobody is asked.
            assert_eq!(reveal(&secret, nobody).await.unwrap(), "answer 0");
        }
        secret.refused();
        reveal(&secret, nobody).await.unwrap_err();
        assert_eq!(reveal(&secret, anybody).await.unwrap(), "answer 1");
    }

    #[test]
    fn those_who_ask_at_once_share_the_answer_on_both_runtimes() {
        let runtimes = [
            tokio::runtime::Builder::new_multi_thread(),
            tokio::runtime::Builder::new_current_thread(),
        ];
        for mut runtime in runtimes {
            let runtime = runtime.enable_all().build().unwrap();
            let secret = Arc::new(asked());
            runtime.block_on(async {
                let mut calls = tokio::task::JoinSet::new();
                for _ in 0..100 {
                    let secret = secret.clone();
                    calls.spawn(async move { reveal(&secret, Need::new()).await.unwrap() });
                }
                for answer in calls.join_all().await {
                    assert_eq!(answer, "answer 0");
                }
            });
        }
    }

    #[test]
    fn a_secret_never_prints_itself() {
        let given = SecretSource::Given("canary".into());
        let secrets = Secrets::new(Arc::new(Person::default()), Vec::new());
        let secret = secrets.secret("it".to_owned(), &given);
        assert!(!format!("{secret:?} {secret:#?}").contains("canary"));
    }
}
