//! The arguments of `auth verify` and `auth inspect`.

use std::fmt;
use std::path::PathBuf;

use auth_verify::Algorithm;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum, ValueHint};

pub(super) const VERIFY_EXAMPLES: &str = "\
The token is read from stdin or from a file; it is never an argument, where other users could see it. \
Exit 0 means that it was accepted, 3 that it was refused, whatever it is; 5 that the issuer could \
not be asked now, 1 or 2 that it can't be asked in this way.

Examples:
  auth token lab | auth verify --profile lab
  auth token lab | auth verify \\
    --issuer https://login.example.org --audience api://lab
  auth verify --kind keycloak --audience lab \\
    --issuer https://sso.example.org/realms/lab token.txt
  auth verify --kind entra --audience <client id> \\
    --issuer https://sts.windows.net/<tenant>/ -
  auth verify --issuer https://login.example.org \\
    --audience api://lab --jwks keys.json --role reader -
  auth verify --issuer https://login.example.org \\
    --audience lab --introspect --client-id lab \\
    --client-secret-file lab.secret -";

pub(super) const INSPECT_EXAMPLES: &str = "\
Nothing is checked: anybody can write such a token. `auth verify` checks one.

Examples:
  auth token lab | auth inspect
  auth inspect token.txt | jq .claims.aud";

/// `auth verify`.
#[derive(Args, Clone, Debug)]
pub(crate) struct VerifyArgs {
    /// Take issuer, audience, kind and who asks from this profile, as far as they are not given
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,

    /// Who must have issued it, spelled as its `iss`
    #[arg(long, value_name = "URL", required_unless_present = "profile")]
    pub(crate) issuer: Option<String>,

    /// For whom it must be; given more than once, one of them. With `--kind id-token` the client, with `--kind entra` the
    /// client ID, and then other names
    #[arg(long, value_name = "AUDIENCE", required_unless_present = "profile")]
    pub(crate) audience: Vec<String>,

    /// Take the keys from here, instead of from where the issuer's metadata say
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) jwks: Option<String>,

    /// Also take the keys from this host, where the issuer's metadata name it
    #[arg(long, value_name = "HOST", conflicts_with = "jwks")]
    pub(crate) keys_host: Vec<String>,

    /// Take keys whose ids do not say which: tokens without a `kid` where several fit, keys without one
    #[arg(long)]
    pub(crate) loose_key_ids: bool,

    /// What an RSA key that names no algorithm is for, instead of RS256
    #[arg(long, value_name = "NAME")]
    pub(crate) rsa_algorithm: Option<Algorithm>,

    /// Also take keys that are published as a certificate alone (`x5c`)
    #[arg(long)]
    pub(crate) keys_in_certificates: bool,

    /// The issuer's access tokens look like ID tokens (Dex, authentik): a nonce or a hash tells nothing
    #[arg(long, conflicts_with = "access_claim")]
    pub(crate) lookalikes: bool,

    /// Only access tokens of the issuer have this claim (authentik's `uid`)
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) access_claim: Option<String>,

    /// Take roles from this claim; `/a/b` is the member `b` of the claim `a` (RFC 6901)
    #[arg(long, value_name = "CLAIM", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) roles_from: Vec<String>,

    /// That claim may be an object whose members are called after the roles (Zitadel)
    #[arg(long, requires = "roles_from")]
    pub(crate) roles_by_key: bool,

    /// Where it has no `aud`, the client that it was issued to must be one of --audience (Amazon Cognito, GitLab)
    #[arg(long)]
    pub(crate) client_for_audience: bool,

    /// The user flow of Azure AD B2C
    #[arg(long, value_name = "NAME")]
    pub(crate) user_flow: Option<String>,

    /// Ask the issuer (RFC 7662), as a service does about opaque tokens
    #[arg(
        long,
        conflicts_with_all = ["jwks", "keys_host", "loose_key_ids", "lookalikes", "access_claim", "keys_in_certificates", "rsa_algorithm", "algorithm", "user_flow"]
    )]
    pub(crate) introspect: bool,

    /// Who asks
    #[arg(long, value_name = "ID", requires = "introspect")]
    pub(crate) client_id: Option<String>,

    /// The file with its secret
    #[arg(long, value_name = "FILE", requires = "introspect", value_hint = ValueHint::FilePath)]
    pub(crate) client_secret_file: Option<PathBuf>,

    /// Allow this signature algorithm and no other; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) algorithm: Vec<Algorithm>,

    /// Also demand this role; given more than once, one of them
    #[arg(long, value_name = "ROLE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) role: Vec<String>,

    /// Also demand this scope; given more than once, one of them
    #[arg(long, value_name = "SCOPE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) scope: Vec<String>,

    /// What it must be [default: openid]
    #[arg(long, value_enum)]
    pub(crate) kind: Option<TokenKind>,

    /// Write JSON: the claims of an accepted token, or the kind of the rejection
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) token: TokenFile,
}

impl VerifyArgs {
    /// Who must have issued it; empty where nobody says so.
    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or_default()
    }

    /// What it must be.
    pub(crate) fn kind(&self) -> TokenKind {
        self.kind.unwrap_or(TokenKind::Openid)
    }
}

/// `auth inspect`.
#[derive(Args, Debug)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) token: TokenFile,
}

/// Where a token is read from.
#[derive(Args, Clone, Debug)]
pub(crate) struct TokenFile {
    /// The file with the token; `-` or nothing is stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}

impl TokenKind {
    /// The types that the header of such a token may name.
    pub(crate) fn types(self) -> &'static str {
        match self {
            Self::Rfc9068 => "at+jwt",
            Self::Openid | Self::Keycloak => "at+jwt, JWT or none",
            Self::Entra | Self::IdToken => "JWT or none",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
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
    /// An access token of Microsoft Entra ID, External ID or Azure AD B2C
    Entra,
    /// An ID token
    IdToken,
}
