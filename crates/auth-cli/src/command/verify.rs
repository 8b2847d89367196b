//! `auth verify`: one token, checked as a service would check it.

mod keys;

use auth_core::clock::{Clock, SystemClock};
use auth_core::error::Untrusted;
use auth_core::{ClientAuth, Error, ErrorKind, Provider, Result, TokenEndpoint};
use auth_verify::{
    Audience, Bearer, Entra, Issuer, Keycloak, Keys, Rejection, RejectionKind, RoleClaim, Rule,
    TokenChecks, TokenLookup, Verified, Verifier,
};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use self::keys::{ensure_usual, given, read_as_asked};
use crate::args::{TokenKind, VerifyArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message, time};
use crate::secret::SecretSource;

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
    let checks = checks(context, args).await?;
    let rule = match &args.role[..] {
        [] => Rule::authenticated(),
        roles => Rule::any_role(roles.iter().cloned())?,
    };
    let rule = match &args.scope[..] {
        [] => rule,
        scopes => rule.and(Rule::any_scope(scopes.iter().cloned())?),
    };
    let checked = match context.unjudged_token(&args.token).await? {
        Ok(token) => checks.verify(Bearer::new(token.expose_secret())).await,
        Err(kind) => Err(kind.into()),
    };
    let checked = checked.and_then(|caller| rule.check(&caller).map(|()| caller));
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

async fn checks(context: &Context, args: &VerifyArgs) -> Result<TokenChecks> {
    if args.introspect {
        return lookup(context, args).map(TokenChecks::from);
    }
    let issuer = issuer(context, args).await?;
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

fn lookup(context: &Context, args: &VerifyArgs) -> Result<TokenLookup> {
    let (Some(id), Some(file)) = (&args.client_id, &args.client_secret_file) else {
        return Err(Error::config(
            "--introspect needs --client-id and --client-secret-file",
        ));
    };
    let provider = Provider::new(&args.issuer, context.plain_io())?;
    let secret = context.secrets.secret(
        "the client's secret".to_owned(),
        &SecretSource::File(file.clone()),
    );
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::basic(id, secret));
    let lookup = TokenLookup::new(endpoint, audience(args)?)?.with_issuer(&args.issuer);
    let lookup = match args.kind {
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
    let places = args.roles_from.iter().map(|place| role_claim(place));
    Ok(places.fold(lookup, TokenLookup::with_roles_from))
}

async fn issuer(context: &Context, args: &VerifyArgs) -> Result<Issuer> {
    let (io, keys) = (context.plain_io(), given(context, args).await?);
    let discovered = || {
        let keys = Keys::discovered(Provider::new(&args.issuer, io.clone())?);
        let mut hosts = args.keys_host.iter();
        let keys = hosts.try_fold(keys, Keys::with_host)?;
        read_as_asked(keys, args)
    };
    if args.user_flow.is_some() && args.kind != TokenKind::Entra {
        return Err(Error::config("--user-flow is for --kind entra"));
    }
    let or_discovered = |keys: Option<Keys>| keys.map_or_else(discovered, Ok);
    match args.kind {
        TokenKind::Openid if Url::parse(&args.issuer).is_err() => match keys {
            Some(keys) => Issuer::named(&args.issuer, audience(args)?, keys),
            // Says what is wrong with it.
            None => Issuer::new(&args.issuer, audience(args)?, or_discovered(None)?),
        },
        TokenKind::Openid => Issuer::new(&args.issuer, audience(args)?, or_discovered(keys)?),
        TokenKind::Rfc9068 => Issuer::rfc9068(&args.issuer, audience(args)?, or_discovered(keys)?),
        TokenKind::IdToken => match &args.audience[..] {
            [client] => Issuer::id_tokens(&args.issuer, client, or_discovered(keys)?),
            _ => Err(Error::config(
                "an ID token is for one client, and there are several --audience",
            )
            .with_advice("give the client's id alone")),
        },
        TokenKind::Keycloak => {
            ensure_usual(args, keys.as_ref())?;
            let realm = Keycloak::new(&args.issuer, audience(args)?);
            let realm = match keys {
                Some(keys) => realm.with_keys(keys),
                None => realm,
            };
            realm.issuer(io)
        }
        TokenKind::Entra => {
            ensure_usual(args, keys.as_ref())?;
            let [client, uris @ ..] = &args.audience[..] else {
                return Err(Error::config("no --audience is given"));
            };
            let client = client.strip_prefix("api://").unwrap_or(client);
            let entra = Entra::of_issuer(&args.issuer, client)?;
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
    }
}

fn audience(args: &VerifyArgs) -> Result<Audience> {
    let [first, others @ ..] = &args.audience[..] else {
        return Err(Error::config("no --audience is given"));
    };
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
    let cause = rejection.cause().map(Error::kind);
    match (kind, cause) {
        (RejectionKind::KeysUnavailable, Some(ErrorKind::Protocol)) => {
            Error::protocol(format!("nobody can tell: {rejection}"))
        }
        (RejectionKind::KeysUnavailable, _) => {
            Error::unavailable(format!("nobody can tell yet: {rejection}"))
        }
        (RejectionKind::Misconfigured, _) => Error::config(format!("nobody can tell: {rejection}")),
        _ => Error::refused(format!("the token is refused ({kind}): {rejection}")),
    }
}
