//! A token of one profile, traded for one of another client or for another API (RFC 8693).

use std::sync::Arc;

use auth_core::{Error, Grant, Io, Refreshing, Result, TokenExchange, TokenSource};

use crate::config::Profile;
use crate::profile::{assertion, client, neither};
use crate::secret::Secrets;

/// The keys of the tokens that may be given instead of a profile.
pub(super) const GIVEN: [&str; 2] = [SUBJECT.token, ACTOR.token];

/// How the keys of a profile name one of those whose tokens are traded.
pub(crate) struct Party {
    /// Another profile.
    pub(crate) profile: &'static str,
    /// Where a token is.
    pub(crate) token: &'static str,
    /// What that is.
    token_type: &'static str,
}

/// Whom the new token is about.
pub(crate) const SUBJECT: Party = Party {
    profile: "subject",
    token: "subject-token",
    token_type: "subject-token-type",
};

/// Who acts for them.
pub(crate) const ACTOR: Party = Party {
    profile: "actor",
    token: "actor-token",
    token_type: "actor-token-type",
};

/// Tokens that the profile names by their place.
///
/// # Errors
/// `Config` if it names none.
pub(crate) fn given(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    party: &Party,
) -> Result<Arc<dyn TokenSource>> {
    if profile.settings.get(party.token).is_none() {
        return Err(neither(profile, party.profile, party.token));
    }
    let source = assertion::source_of_tokens(profile, io, secrets, party.token)?;
    Ok(Arc::new(source))
}

/// The grant that trades the tokens of `subject`, for whom `actor` may act.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn grant(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    subject: Arc<dyn TokenSource>,
    actor: Option<Arc<dyn TokenSource>>,
) -> Result<Box<dyn Grant>> {
    let settings = &profile.settings;
    let endpoint = client::endpoint(profile, io, secrets)?;
    let exchange = match (subject.session(), settings.text(SUBJECT.profile)) {
        // A chain does not know before it is asked whose token it has.
        (None, Some(name)) => TokenExchange::labelled(endpoint.clone(), subject, name),
        _ => TokenExchange::new(endpoint.clone(), subject)?,
    };
    let exchange = exchange
        .with_subject_type(type_of(profile, SUBJECT.token_type)?.unwrap_or_else(access_token))
        .with_scopes(settings.list("scope"));
    let exchange = match actor {
        Some(actor) => {
            let of_type = type_of(profile, ACTOR.token_type)?.unwrap_or_else(access_token);
            exchange.with_actor(actor, of_type)?
        }
        None => exchange,
    };
    let wanted = type_of(profile, "requested-token-type")?;
    let wanted = wanted
        .as_deref()
        .map(|wanted| ("requested_token_type", wanted));
    let said = settings.each(&["audience", "resource"]);
    let exchange = wanted
        .into_iter()
        .chain(said)
        .fold(exchange, |exchange, (name, value)| {
            exchange.with_parameter(name, value)
        });
    // What the new tokens are for is asked of each of them (RFC 8707 §2.2).
    let refreshing = client::with_each(endpoint, settings, &["resource"]);
    Ok(Box::new(Refreshing::new(refreshing, exchange)))
}

/// The error where the grant of such a profile is wanted without the profiles that it names.
pub(super) fn has_no_grant(profile: &Profile) -> Error {
    Error::config(format!(
        "profile `{}` trades the tokens of another one",
        profile.name
    ))
    .with_advice("ask for its token: `auth token` does")
}

/// The type that the key `name` says, as RFC 8693 §3 spells it.
fn type_of(profile: &Profile, name: &'static str) -> Result<Option<String>> {
    let Some(said) = profile.settings.text(name) else {
        return Ok(None);
    };
    let word = said.replace('-', "_");
    match () {
        () if TYPES.contains(&&*word) => Ok(Some(format!("{PREFIX}{word}"))),
        () if said.contains(':') => Ok(Some(said.to_owned())),
        () => {
            let origin = profile.settings.origin(name);
            let what = format!("{origin}: `{name}` is no type of a token");
            let all = TYPES.join(", ");
            Err(Error::config(what).with_advice(format!("write one of {all}, or a whole URI")))
        }
    }
}

fn access_token() -> String {
    format!("{PREFIX}access_token")
}

const PREFIX: &str = "urn:ietf:params:oauth:token-type:";
const TYPES: [&str; 6] = [
    "access_token",
    "refresh_token",
    "id_token",
    "jwt",
    "saml1",
    "saml2",
];
