//! The issuer is asked about a token (RFC 7662).

use auth_core::{ClientAuth, Error, Provider, Result, TokenEndpoint};
use auth_verify::TokenLookup;

use super::issuer::{audience, of_issuer};
use super::known::Asked;
use super::role_claims;
use crate::args::TokenKind;
use crate::context::Context;
use crate::profile;
use crate::secret::SecretSource;

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

pub(super) fn lookup(context: &Context, asked: &Asked) -> Result<TokenLookup> {
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
    Ok(role_claims(args).fold(lookup, TokenLookup::with_roles_from))
}
