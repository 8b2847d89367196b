//! The arguments of `auth verify` and `auth inspect`.

use std::path::PathBuf;

use auth_verify::Algorithm;
use clap::{Args, ValueEnum, ValueHint};

pub(super) const VERIFY_EXAMPLES: &str = "\
The token is read from stdin or from a file; it is never an argument, where other users could see it.
Exit 0 means that it was accepted, 3 that it was refused, 5 that the keys could not be had.

Examples:
  auth token lab | auth verify --issuer https://login.example.org --audience api://lab
  auth verify --issuer https://sso.example.org/realms/lab --audience lab --kind keycloak token.txt
  auth verify --issuer https://login.example.org --audience api://lab --jwks keys.json --role reader -";

pub(super) const INSPECT_EXAMPLES: &str = "\
Nothing is checked: anybody can write such a token. `auth verify` checks one.

Examples:
  auth token lab | auth inspect
  auth inspect token.txt | jq .claims.aud";

/// `auth verify`.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Who must have issued it, spelled as its `iss`
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: String,

    /// For whom it must be; given more than once, one of them. With `--kind id-token` the client
    #[arg(long, value_name = "AUDIENCE", required = true)]
    pub(crate) audience: Vec<String>,

    /// Take the keys from here, instead of from where the issuer's metadata say
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) jwks: Option<String>,

    /// Allow this signature algorithm and no other; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) algorithm: Vec<Algorithm>,

    /// Also demand this role; given more than once, one of them
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Vec<String>,

    /// What it must be
    #[arg(long, value_enum, default_value_t = TokenKind::Openid)]
    pub(crate) kind: TokenKind,

    /// Write JSON: the claims of an accepted token, or the kind of the rejection
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) token: TokenFile,
}

/// `auth inspect`.
#[derive(Args, Debug)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) token: TokenFile,
}

/// Where a token is read from.
#[derive(Args, Debug)]
pub(crate) struct TokenFile {
    /// The file with the token; `-` or nothing is stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}

/// What a token must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenKind {
    /// An access token of an OpenID Provider
    Openid,
    /// An access token as RFC 9068 demands it
    Rfc9068,
    /// An access token of a Keycloak realm, whose roles are called `realm:x` and `client:y:x`
    Keycloak,
    /// An ID token
    IdToken,
}
