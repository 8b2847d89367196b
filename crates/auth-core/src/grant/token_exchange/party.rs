//! Whose token is traded, and [`Actor`]: who acts for them.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::io::clock::Clock;
use crate::session::{Held, Need};
use crate::source::TokenSource;
use crate::store::SessionKey;
use crate::token::AccessToken;

/// Who acts for the subject.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) source: Arc<dyn TokenSource>,
    pub(super) session: SessionKey,
    pub(super) token_type: String,
}

impl Actor {
    pub(super) fn new(source: Arc<dyn TokenSource>, token_type: String) -> Result<Self> {
        Ok(Self {
            session: session(&*source, "actor")?,
            source,
            token_type,
        })
    }
}

/// The session that `source`, which is called `name` here, hands out the tokens of.
pub(super) fn session(source: &dyn TokenSource, name: &str) -> Result<SessionKey> {
    source.session().cloned().ok_or_else(|| {
        Error::config(format!(
            "the {name} of the exchange does not say whose tokens it hands out"
        ))
        .with_advice(format!(
            "name the session, with another label for each {name}"
        ))
    })
}

/// What is traded, and where it is from.
pub(super) struct Tokens {
    pub(super) subject: AccessToken,
    pub(super) actor: Option<AccessToken>,
    pub(super) origin: Option<String>,
    pub(super) is_asked_for: bool,
}

impl Tokens {
    pub(super) fn are_same(&self, others: &Self) -> bool {
        let actors = self.actor.as_ref().zip(others.actor.as_ref());
        self.subject.is_same(&others.subject)
            && actors.is_none_or(|(one, other)| one.is_same(other))
    }
}

/// A token, and whether a person was asked for it.
pub(super) struct Got {
    pub(super) token: AccessToken,
    pub(super) is_asked_for: bool,
}

/// The token of `source`. A person is asked for it only where there is no other way and no exchanged token works. What the
/// exchanged token is needed for is no need of the source's.
pub(super) async fn token(source: &dyn TokenSource, held: &Held, clock: &dyn Clock) -> Result<Got> {
    match source.get(Need::new().with_nobody_asked()).await {
        Err(error) if error.kind() == ErrorKind::Interaction && held.may_ask() => {
            let asked = source.get(Need::new());
            Ok(Got {
                token: held.asking(clock, PATIENCE, asked).await?,
                is_asked_for: true,
            })
        }
        outcome => Ok(Got {
            token: outcome?,
            is_asked_for: false,
        }),
    }
}

/// A login has a limit of its own, and this is no shorter than any.
const PATIENCE: Duration = Duration::from_secs(3600);
