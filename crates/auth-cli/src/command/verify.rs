//! `auth verify`: one token, checked as a service would check it.

mod comparison;
mod keys;
mod known;
mod verdict;

use auth_core::clock::{Clock, SystemClock};
use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{ClientAuth, Error, ErrorKind, Provider, Result, TokenEndpoint};
use auth_verify::{
    Audience, Bearer, Entra, Issuer, Keycloak, Keys, Rejection, RejectionKind, RoleClaim, Rule,
    TokenChecks, TokenLookup, Unverified, Verified, Verifier,
};
use secrecy::ExposeSecret;
use url::Url;

use self::keys::{ensure_usual, given, read_as_asked};
use self::known::Asked;
use self::verdict::Verdict;
use super::inspect::token_in;
use crate::args::{TokenKind, VerifyArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message, time};
use crate::profile;
use crate::secret::SecretSource;

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
    let places = args.roles_from.iter().map(|place| role_claim(place));
    let issuer = places.fold(issuer, Issuer::with_roles_from);
    let issuer = match &args.algorithm[..] {
        [] => issuer,
        algorithms => issuer.with_algorithms(algorithms.iter().copied())?,
    };
    Ok(Verifier::new(issuer).into())
}

/// Who asks the issuer about a token: the client that the arguments name, or the profile's.
fn endpoint(context: &Context, asked: &Asked) -> Result<TokenEndpoint> {
    let args = &asked.args;
    let (id, file) = match (&args.client_id, &args.client_secret_file, &asked.profile) {
        (Some(id), Some(file), _) => (id, file),
        (None, None, Some(profile)) => {
            return profile::endpoint(profile, &asked.io, &context.secrets);
        }
        _ => {
            return Err(Error::config(
                "--introspect needs --client-id and --client-secret-file, or a --profile of the client",
            ));
        }
    };
    let provider = Provider::new(args.issuer(), asked.io.clone()).map_err(of_issuer)?;
    let secret = context.secrets.secret(
        "the client's secret".to_owned(),
        &SecretSource::File(file.clone()),
    );
    Ok(TokenEndpoint::discovered(
        provider,
        ClientAuth::basic(id, secret),
    ))
}

fn lookup(context: &Context, asked: &Asked) -> Result<TokenLookup> {
    let args = &asked.args;
    let endpoint = endpoint(context, asked)?;
    let lookup = TokenLookup::new(endpoint, audience(args)?)?.with_issuer(args.issuer());
    let lookup = match args.kind() {
        TokenKind::Openid => lookup,
        TokenKind::Keycloak => lookup.with_keycloak_roles(),
        TokenKind::Rfc9068 | TokenKind::Entra | TokenKind::IdToken => {
            return Err(
                Error::config("--introspect is for the kinds openid and keycloak").with_advice(
                    "leave --introspect out: such tokens are checked by their signature",
                ),
            );
        }
    };
    let lookup = match args.client_for_audience {
        true => lookup.with_client_for_audience(),
        false => lookup,
    };
    let places = args.roles_from.iter().map(|place| role_claim(place));
    Ok(places.fold(lookup, TokenLookup::with_roles_from))
}

async fn issuer(asked: &Asked) -> Result<Issuer> {
    let (args, io) = (&asked.args, asked.io.clone());
    let keys = given(&io, args).await?;
    let discovered = || {
        let provider = Provider::new(args.issuer(), io.clone()).map_err(of_issuer)?;
        let keys = Keys::discovered(provider.with_place("--issuer"));
        let mut hosts = args.keys_host.iter();
        let keys = hosts.try_fold(keys, Keys::with_host)?;
        read_as_asked(keys, args)
    };
    if args.user_flow.is_some() && args.kind() != TokenKind::Entra {
        return Err(Error::config("--user-flow is for --kind entra"));
    }
    let or_discovered = |keys: Option<Keys>| keys.map_or_else(discovered, Ok);
    let issuer = match args.kind() {
        TokenKind::Openid if is_name(args.issuer()) => match keys {
            Some(keys) => Issuer::named(args.issuer(), audience(args)?, keys),
            None if Url::parse(args.issuer()).is_ok() => Err(Error::config(
                "the issuer is not https, so its keys can't be fetched from there",
            )
            .with_advice("give them with --jwks, if its tokens spell it so")),
            // Says what is wrong with it.
            None => Issuer::new(args.issuer(), audience(args)?, or_discovered(None)?),
        },
        TokenKind::Openid => Issuer::new(args.issuer(), audience(args)?, or_discovered(keys)?),
        TokenKind::Rfc9068 => Issuer::rfc9068(args.issuer(), audience(args)?, or_discovered(keys)?),
        TokenKind::IdToken => match &args.audience[..] {
            [client] => Issuer::id_tokens(args.issuer(), client, or_discovered(keys)?),
            _ => {
                return Err(Error::config(
                    "an ID token is for one client, and there are several --audience",
                )
                .with_advice("give the client's id alone"));
            }
        },
        TokenKind::Keycloak => {
            ensure_usual(args, keys.as_ref())?;
            let realm = Keycloak::new(args.issuer(), audience(args)?);
            let realm = match keys {
                Some(keys) => realm.with_keys(keys),
                None => realm,
            };
            realm.issuer(io)
        }
        TokenKind::Entra => {
            ensure_usual(args, keys.as_ref())?;
            audience(args)?;
            let [client, uris @ ..] = &args.audience[..] else {
                return Err(Error::config("no --audience is given"));
            };
            let client = client.strip_prefix("api://").unwrap_or(client);
            let entra = Entra::of_issuer(args.issuer(), client).map_err(of_issuer)?;
            let entra = uris.iter().fold(entra, Entra::with_app_id_uri);
            let entra = match &args.user_flow {
                Some(flow) => entra.with_user_flow(flow)?,
                None => entra,
            };
            let entra = match keys {
                Some(keys) => entra.with_keys(keys),
                None => entra,
            };
            entra.issuer(io)
        }
    };
    issuer.map_err(of_issuer)
}

/// Whether an issuer is no address that anything could be fetched from: no URL, or one of plain http.
fn is_name(issuer: &str) -> bool {
    Url::parse(issuer).map_or(true, |url| {
        url.scheme() == "http" && !may_carry_secrets(&url)
    })
}

/// What is wrong with the issuer is wrong with its option.
fn of_issuer(error: Error) -> Error {
    error.context("--issuer")
}

fn audience(args: &VerifyArgs) -> Result<Audience> {
    let [first, others @ ..] = &args.audience[..] else {
        return Err(Error::config("no --audience is given"));
    };
    if args.audience.iter().any(String::is_empty) {
        return Err(Error::config("--audience is empty")
            .with_advice("give the name under which the issuer knows this service"));
    }
    let others = others.iter();
    Ok(others.fold(Audience::from(first.as_str()), Audience::or))
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
