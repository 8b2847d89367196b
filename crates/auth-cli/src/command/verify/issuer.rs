//! Whose tokens are taken, as the options say it.

use auth_core::http::may_carry_secrets;
use auth_core::{Error, Provider, Result};
use auth_verify::{Audience, Entra, Issuer, Keycloak, Keys};
use url::Url;

use super::keys::{ensure_usual, given, read_as_asked};
use super::known::Asked;
use crate::args::{TokenKind, VerifyArgs};

/// The issuer whose tokens are checked by their signature.
///
/// # Errors
/// `Config` where the options do not go together.
pub(super) async fn issuer(asked: &Asked) -> Result<Issuer> {
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
            None => Err(Provider::new(args.issuer(), io)
                .err()
                .unwrap_or_else(|| Error::config("nothing can be fetched from the issuer"))
                .with_advice("give it as its tokens spell it; if they spell it so, give its keys with --jwks")),
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
            return entra
                .issuer(io)
                .map_err(|error| error.context("--kind entra"));
        }
    };
    issuer.map_err(of_issuer)
}

/// Whether an issuer is no address that anything could be fetched from: no URL, or one that is not https.
fn is_name(issuer: &str) -> bool {
    Url::parse(issuer).map_or(true, |url| !may_carry_secrets(&url))
}

/// What is wrong with the issuer is wrong with its option.
pub(super) fn of_issuer(error: Error) -> Error {
    error.context("--issuer")
}

pub(super) fn audience(args: &VerifyArgs) -> Result<Audience> {
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
