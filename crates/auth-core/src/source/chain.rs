//! [`Chain`]: the first of several sources that has anything.

use std::fmt;
use std::sync::OnceLock;

use crate::error::{Challenge, Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::session::Need;
use crate::source::TokenSource;
use crate::token::AccessToken;

/// Sources that are asked in order until one has a token. The next one is asked only after
/// [`Absent`](ErrorKind::Absent): nothing is configured there. Every other error ends the search, because
/// somebody wanted that source, and going on would hide what is wrong with it.
///
/// The first that answers is remembered and from then on the only one: whose tokens a program has does not change
/// under its feet. Caches nothing itself; its sources do. It has no [session](TokenSource::session), because nobody knows
/// beforehand whose it would be. Safe for concurrent use.
///
/// ```
/// # use auth_core::{Chain, Error, Result, StaticSource, TokenSource};
/// # fn job(nothing: Result<StaticSource>, login: Result<StaticSource>) {
/// let chain = Chain::new().with("environment", nothing).with("login", login);
/// # }
/// ```
#[derive(Default)]
pub struct Chain {
    links: Vec<Link>,
    answered: OnceLock<usize>,
}

struct Link {
    name: String,
    source: Result<Box<dyn TokenSource>>,
}

impl Chain {
    /// A chain of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks `source` after those before it. What could not be made has its place too: the error says why, and its
    /// kind whether the search goes on.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<String>,
        source: Result<impl TokenSource + 'static>,
    ) -> Self {
        let name = name.into();
        let source = source.map(|source| Box::new(source) as Box<dyn TokenSource>);
        self.links.push(Link { name, source });
        self
    }

    /// Its sources in order, by name; an error is what stands in a source's place.
    pub fn sources(&self) -> impl Iterator<Item = (&str, Result<&dyn TokenSource, &Error>)> {
        let links = self.links.iter();
        links.map(|link| (&*link.name, link.source.as_ref().map(|source| &**source)))
    }

    /// The name of the source that answered, if one has.
    pub fn answered(&self) -> Option<&str> {
        self.answered.get().map(|&index| &*self.links[index].name)
    }

    fn source(&self) -> Option<&dyn TokenSource> {
        let link = &self.links[*self.answered.get()?];
        link.source.as_deref().ok()
    }

    async fn search(&self, need: Need) -> Result<AccessToken> {
        let mut tried = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            let outcome = match &link.source {
                Ok(source) => source.get(need).await,
                Err(error) => Err(error.clone()),
            };
            match outcome {
                // Another caller may have been sooner, at another source.
                Ok(token) if *self.answered.get_or_init(|| index) == index => return Ok(token),
                Ok(_) => return self.get(need).await,
                Err(error) if error.kind() == ErrorKind::Absent => {
                    tracing::debug!(source = link.name, %error, "the chain goes on");
                    tried.push((link.name.clone(), error));
                }
                Err(error) => return Err(error.context(&link.name).with_tried(tried)),
            }
        }
        let error = match tried.len() {
            1 => Error::absent("the one source that was tried has no token here"),
            count => Error::absent(format!("none of {count} sources has a token here")),
        };
        Err(error.with_advice("set one of them up").with_tried(tried))
    }
}

impl TokenSource for Chain {
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        Box::pin(async move {
            match (self.source(), self.answered()) {
                (Some(source), Some(name)) => {
                    let outcome = source.get(need).await;
                    outcome.map_err(|error| error.context(name))
                }
                _ => self.search(need).await,
            }
        })
    }

    fn at_hand(&self) -> Option<AccessToken> {
        self.source()?.at_hand()
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            for (_, source) in self.sources() {
                if let Ok(source) = source {
                    source.settled().await;
                }
            }
        })
    }

    /// The name of the source that answered, and whose login it has.
    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async {
            let (source, name) = (self.source()?, self.answered()?);
            let origin = match source.origin().await {
                Some(origin) => origin,
                None => source.session()?.to_string(),
            };
            Some(format!("{name}: {origin}"))
        })
    }

    /// Each source knows its own tokens.
    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
        for (_, source) in self.sources() {
            if let Ok(source) = source {
                source.discard(refused, challenge);
            }
        }
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Chain");
        shown.field("answered", &self.answered());
        for (name, source) in self.sources() {
            shown.field(name, &source);
        }
        shown.finish()
    }
}
