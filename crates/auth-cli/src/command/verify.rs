//! `auth verify`: one token, checked as a service would check it.

use auth_core::clock::{Clock, SystemClock};
use auth_core::{Error, Result};
use auth_verify::{Audience, Bearer, Issuer, Keycloak, Keys, Rejection, Rule, Verified, Verifier};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use crate::args::{TokenKind, VerifyArgs};
use crate::context::Context;
use crate::exit::Failure;
use crate::output::{self, message, time};

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Verdict {
    accepted: bool,
    rejection: Option<&'static str>,
    reason: Option<String>,
    roles: Vec<String>,
    claims: Option<Map<String, Value>>,
}

pub(super) async fn run(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let verifier = Verifier::new(issuer(context, args)?);
    let rule = match &args.role[..] {
        [] => Rule::authenticated(),
        roles => Rule::any_role(roles.iter().cloned())?,
    };
    let token = context.token_from(&args.token).await?;
    let checked = match verifier.verify(Bearer::new(token.expose_secret())).await {
        Ok(caller) => rule.check(&caller).map(|()| caller),
        Err(rejection) => Err(rejection),
    };
    match checked {
        Ok(caller) if args.json => output::print_json(&accepted(&caller)?),
        Ok(caller) => show(&caller),
        Err(rejection) => {
            if args.json {
                output::print_json(&refused(&rejection))?;
            }
            Err(failure(&rejection).into())
        }
    }
}

fn issuer(context: &Context, args: &VerifyArgs) -> Result<Issuer> {
    let io = context.plain_io();
    let keys = match args.jwks.as_deref() {
        None => None,
        Some(place) if place.contains("://") => {
            let url = Url::parse(place).map_err(|_| Error::config("--jwks is no URL"))?;
            Some(Keys::at(url, io.clone())?)
        }
        Some(path) => Some(Keys::file(path)),
    };
    let [first, others @ ..] = &args.audience[..] else {
        return Err(Error::config("no --audience is given"));
    };
    let audience = others
        .iter()
        .fold(Audience::from(first.as_str()), Audience::or);
    let discovered = || Ok::<_, Error>(Keys::discovered(provider(args, &io)?));
    let issuer = match args.kind {
        TokenKind::Openid => Issuer::new(&args.issuer, audience, keys.map_or_else(discovered, Ok)?),
        TokenKind::Rfc9068 => {
            Issuer::rfc9068(&args.issuer, audience, keys.map_or_else(discovered, Ok)?)
        }
        TokenKind::IdToken => {
            Issuer::id_tokens(&args.issuer, first, keys.map_or_else(discovered, Ok)?)
        }
        TokenKind::Keycloak => {
            let realm = Keycloak::new(&args.issuer, audience);
            let realm = match keys {
                Some(keys) => realm.with_keys(keys),
                None => realm,
            };
            realm.issuer(io.clone())
        }
    }?;
    match &args.algorithm[..] {
        [] => Ok(issuer),
        algorithms => issuer.with_algorithms(algorithms.iter().copied()),
    }
}

fn provider(args: &VerifyArgs, io: &auth_core::Io) -> Result<auth_core::Provider> {
    auth_core::Provider::new(&args.issuer, io.clone())
}

/// For people: who it is and what they may do.
fn show(caller: &Verified) -> Result<(), Failure> {
    let now = SystemClock::new().now().wall;
    let mut lines = vec![("issuer", caller.issuer().into_owned())];
    let subject = caller
        .subject()
        .map(|subject| ("subject", subject.into_owned()));
    lines.extend(subject);
    lines.extend(
        caller
            .display_name()
            .map(|name| ("name", name.into_owned())),
    );
    lines.extend(
        caller
            .client()
            .map(|client| ("client", client.into_owned())),
    );
    let roles = caller.roles();
    let roles: Vec<&str> = roles.iter().collect();
    if !roles.is_empty() {
        lines.push(("roles", roles.join(", ")));
    }
    let scopes = caller.scopes();
    if !scopes.is_empty() {
        lines.push(("scope", scopes.join(" ")));
    }
    let left = caller.expires_at().duration_since(now).unwrap_or_default();
    lines.push(("expires", format!("in {}", time::span(left))));
    message::note("the token is accepted");
    let text: String = lines
        .iter()
        .map(|(label, text)| format!("{label:<8}  {}\n", auth_core::error::Untrusted::new(text)))
        .collect();
    output::print(text.as_bytes())
}

fn accepted(caller: &Verified) -> Result<Verdict> {
    Ok(Verdict {
        accepted: true,
        rejection: None,
        reason: None,
        roles: caller.roles().iter().map(str::to_owned).collect(),
        claims: Some(caller.claims()?),
    })
}

fn refused(rejection: &Rejection) -> Verdict {
    Verdict {
        accepted: false,
        rejection: Some(rejection.kind().name()),
        reason: Some(rejection.to_string()),
        roles: Vec::new(),
        claims: None,
    }
}

fn failure(rejection: &Rejection) -> Error {
    let kind = rejection.kind();
    if rejection.is_transient() {
        return Error::unavailable(format!("nobody can tell yet: {rejection}"));
    }
    Error::refused(format!("the token is refused ({kind}): {rejection}"))
}
