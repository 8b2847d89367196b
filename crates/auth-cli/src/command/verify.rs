//! `auth verify`: one token, checked as a service would check it.

mod comparison;
mod issuer;
mod keys;
mod known;
mod lookup;
mod verdict;

use auth_core::clock::{Clock, SystemClock};
use auth_core::error::Untrusted;
use auth_core::{Error, ErrorKind, Result};
use auth_verify::{
    Bearer, Issuer, Rejection, RejectionKind, RoleClaim, Rule, TokenChecks, Unverified, Verified,
    Verifier,
};
use secrecy::ExposeSecret;

use self::issuer::issuer;
use self::known::Asked;
use self::lookup::lookup;
use self::verdict::Verdict;
use super::inspect::token_in;
use crate::args::VerifyArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message, time};

pub(super) async fn run(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let asked = Asked::of(context, args)?;
    let args = &asked.args;
    let checks = checks(context, &asked).await?;
    let rule = match &args.role[..] {
        [] => Rule::authenticated(),
        roles => Rule::any_role(roles.iter().cloned())?,
    };
    let rule = match &args.scope[..] {
        [] => rule,
        scopes => {
            let any = Rule::any_scope(scopes.iter().cloned());
            rule.and(any.map_err(|error| error.context("--scope"))?)
        }
    };
    let token = context.unjudged_token(&args.token).await?;
    let checked = match &token {
        Ok(token) => checks.verify(Bearer::new(token.expose_secret())).await,
        Err(kind) => Err((*kind).into()),
    };
    let checked = checked.and_then(|caller| rule.check(&caller).map(|()| caller));
    match checked {
        Ok(caller) if args.json => output::print_json(&Verdict::accepted(&caller)?),
        Ok(caller) => show(&caller),
        Err(rejection) => {
            if args.json {
                output::print_json(&Verdict::refused(&rejection))?;
            }
            let text = token.as_ref().ok().map(ExposeSecret::expose_secret);
            Err(failure(&rejection, text, args).into())
        }
    }
}

async fn checks(context: &Context, asked: &Asked) -> Result<TokenChecks> {
    let args = &asked.args;
    if args.introspect {
        return lookup(context, asked).map(TokenChecks::from);
    }
    if args.client_id.is_some() || args.client_secret_file.is_some() {
        return Err(Error::config(
            "--client-id and --client-secret-file mean nothing without --introspect",
        ));
    }
    let issuer = issuer(asked).await?;
    let issuer = match (&args.access_claim, args.lookalikes) {
        (Some(claim), _) => issuer.with_access_claim(claim),
        (None, true) => issuer.accept_lookalikes(),
        (None, false) => issuer,
    };
    let issuer = match args.client_for_audience {
        true => issuer.with_client_for_audience(),
        false => issuer,
    };
    let issuer = role_claims(args).fold(issuer, Issuer::with_roles_from);
    let issuer = match &args.algorithm[..] {
        [] => issuer,
        algorithms => issuer.with_algorithms(algorithms.iter().copied())?,
    };
    Ok(Verifier::new(issuer).into())
}

/// Where roles are taken from.
fn role_claims(args: &VerifyArgs) -> impl Iterator<Item = RoleClaim> + '_ {
    let places = args.roles_from.iter();
    places.map(|place| match args.roles_by_key {
        true => role_claim(place).keys(),
        false => role_claim(place),
    })
}

/// The claim called `place`, or with a slash in front the member that it points at (RFC 6901).
fn role_claim(place: &str) -> RoleClaim {
    let Some(path) = place.strip_prefix('/') else {
        return RoleClaim::from(place);
    };
    let mut names = path
        .split('/')
        .map(|name| name.replace("~1", "/").replace("~0", "~"));
    let first = names.next().unwrap_or_default();
    names.fold(RoleClaim::from(&*first), RoleClaim::member)
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
        .map(|(label, text)| format!("{label:<8}  {}\n", Untrusted::new(text)))
        .collect();
    output::print(text.as_bytes())
}

fn failure(rejection: &Rejection, text: Option<&str>, args: &VerifyArgs) -> Error {
    let kind = rejection.kind();
    let cause = rejection.cause().map(Error::kind);
    match (kind, cause) {
        (RejectionKind::KeysUnavailable, Some(ErrorKind::Protocol)) => {
            Error::protocol(format!("nobody can tell: {rejection}"))
        }
        (RejectionKind::KeysUnavailable, _) => {
            Error::unavailable(format!("nobody can tell yet: {rejection}"))
        }
        (RejectionKind::Misconfigured, _) => Error::config(format!("nobody can tell: {rejection}")),
        _ => {
            let error = Error::refused(format!("the token is refused ({kind}): {rejection}"));
            if text.is_none() && kind == RejectionKind::NoCredentials {
                return error.with_advice("see whether the command before the pipe failed");
            }
            let found = text.and_then(|text| match Unverified::peek(text) {
                Ok(seen) => comparison::of(kind, &seen, args),
                Err(_) => wrapping(text).map(str::to_owned),
            });
            match found {
                Some(found) => error.with_advice(found),
                None => error,
            }
        }
    }
}

/// What to do where a token is there, and something is around it.
fn wrapping(text: &str) -> Option<&'static str> {
    Unverified::peek(&token_in(text)).is_ok().then_some(
        "there is a token in a header, in quotes, in JSON or in several lines: give the token alone, as `auth token` prints it",
    )
}
