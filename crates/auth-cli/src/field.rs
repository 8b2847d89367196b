//! [`FIELDS`]: every key that a profile may have, once, as data.

mod kind;

pub(crate) use kind::Kind;

/// One key of a profile.
#[derive(Debug)]
pub(crate) struct Field {
    /// As the file spells it.
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    kinds: &'static [Kind],
}

/// What a key's value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    /// A list of texts, or one text with blanks in it.
    List,
    /// One text, or a list of several, each as it is.
    Texts,
    /// An absolute URL.
    Url,
    /// A file; a relative path starts at the configuration file's directory.
    Path,
    /// Where a secret is, never the secret.
    Secret,
    /// Yes or no.
    Switch,
    /// A length of time.
    Duration,
    /// One of these.
    Choice(&'static [&'static str]),
}

impl Field {
    /// The field of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// Whether a profile of this kind may have it.
    pub(crate) fn fits(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether a profile of this kind may have several texts of it, if it may have it.
    pub(crate) fn fits_several(&self, kind: Kind) -> bool {
        self.shape != Shape::Texts || SEVERAL.contains(&kind) || !self.fits(kind)
    }

    /// The name's part of an environment variable.
    pub(crate) fn variable(&self) -> String {
        self.name.to_ascii_uppercase().replace('-', "_")
    }
}

const ALL: &[Kind] = Kind::ALL;
/// Those that send it, or sign it. A realm gives audiences by its scopes and mappers.
const NAMED: &[Kind] = &[
    Kind::JwtBearer,
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Oidc,
    Kind::Desp,
    Kind::TokenExchange,
];
/// Those that send it (RFC 8707), or ask Entra ID for it.
const RESOURCES: &[Kind] = &[
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Oidc,
    Kind::Entra,
    Kind::ManagedIdentity,
    Kind::Chain,
    Kind::TokenExchange,
];
/// Those that ask for one token for several (RFC 8693 §2.1, RFC 8707 §2). An assertion is for one server, Entra ID gives
/// tokens for one API, and Destination Earth's exchange is for one client.
const SEVERAL: &[Kind] = &[
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Oidc,
    Kind::TokenExchange,
];
/// Those whose client proves itself, or may.
const PROVEN: &[Kind] = &[
    Kind::JwtBearer,
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Keycloak,
    Kind::Oidc,
    Kind::TokenExchange,
];
/// Those that may have a secret of the client; one of Destination Earth then is a service account.
const WITH_SECRET: &[Kind] = &[
    Kind::JwtBearer,
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Keycloak,
    Kind::Oidc,
    Kind::Desp,
    Kind::Entra,
    Kind::TokenExchange,
];
const URLS: &[Kind] = &[
    Kind::JwtBearer,
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::TokenExchange,
];
/// Those whose issuer leads to the token endpoint.
const ISSUERS: &[Kind] = &[
    Kind::JwtBearer,
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Keycloak,
    Kind::Oidc,
    Kind::Entra,
    Kind::TokenExchange,
];
const AUDIENCES: &[Kind] = &[
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Keycloak,
    Kind::Oidc,
    Kind::Desp,
    Kind::Entra,
    Kind::TokenExchange,
];
const PEOPLE: &[Kind] = &[
    Kind::Keycloak,
    Kind::Oidc,
    Kind::Desp,
    Kind::Entra,
    Kind::Chain,
];
const BROWSERS: &[Kind] = &[Kind::Keycloak, Kind::Oidc];
const KEYCLOAK: &[Kind] = &[Kind::Keycloak];
const OIDC: &[Kind] = &[Kind::Oidc];
/// Those whose person logs in at a page, in one way or the other.
const PAGES: &[Kind] = &[Kind::Keycloak, Kind::Oidc, Kind::Entra, Kind::Chain];
const DESP: &[Kind] = &[Kind::Desp];
const USERS: &[Kind] = &[Kind::Desp, Kind::Entra, Kind::Chain];
const CHECKED: &[Kind] = &[Kind::Desp, Kind::Entra, Kind::Chain];
const SERVICE_ACCOUNTS: &[Kind] = &[Kind::JwtBearer];
const EXCHANGES: &[Kind] = &[Kind::TokenExchange];
/// Those whose token is about somebody whom the profile names.
const SUBJECTS: &[Kind] = &[Kind::JwtBearer, Kind::TokenExchange];
/// Those whose client may prove itself by what another issuer says of it.
const FEDERATED: &[Kind] = &[
    Kind::JwtBearer,
    Kind::ClientCredentials,
    Kind::Refresh,
    Kind::Keycloak,
    Kind::Oidc,
    Kind::Entra,
    Kind::TokenExchange,
];
const GIVEN: &[Kind] = &[Kind::Refresh, Kind::Keycloak];
/// Those whose login may come with an ID token.
const IDENTIFIED: &[Kind] = &[Kind::Refresh, Kind::Keycloak, Kind::Oidc, Kind::Entra];
const ENTRA: &[Kind] = &[Kind::Entra];
const TENANTS: &[Kind] = &[Kind::Entra, Kind::Chain];
/// Those whose ID tokens are checked by the issuer's keys alone.
const ID_TOKENS: &[Kind] = &[Kind::Refresh, Kind::Keycloak, Kind::Oidc];
const MACHINES: &[Kind] = &[Kind::ManagedIdentity, Kind::Chain];

const fn field(name: &'static str, shape: Shape, kinds: &'static [Kind]) -> Field {
    Field { name, shape, kinds }
}

/// Every key of a profile, in the order in which the README explains them.
pub(crate) const FIELDS: &[Field] = &[
    field("kind", Shape::Choice(Kind::NAMES), ALL),
    field("preset", Shape::Text, ALL),
    field("token-url", Shape::Url, URLS),
    field("issuer", Shape::Text, ISSUERS),
    field("client-id", Shape::Text, ALL),
    field("client-auth", Shape::Choice(CLIENT_AUTH), PROVEN),
    field("client-secret", Shape::Secret, WITH_SECRET),
    field("tenant", Shape::Text, TENANTS),
    field("authority", Shape::Text, TENANTS),
    field("certificate", Shape::Secret, ENTRA),
    field("certificate-password", Shape::Secret, ENTRA),
    field("certificate-chain", Shape::Switch, ENTRA),
    field("client-assertion", Shape::Secret, FEDERATED),
    field("object-id", Shape::Text, MACHINES),
    field("resource-id", Shape::Text, MACHINES),
    field("scope", Shape::List, ALL),
    field("resource", Shape::Texts, RESOURCES),
    field("audience", Shape::Texts, NAMED),
    field("email", Shape::Text, SERVICE_ACCOUNTS),
    field("subject", Shape::Text, SUBJECTS),
    field("assertion", Shape::Secret, SERVICE_ACCOUNTS),
    field("subject-token", Shape::Secret, EXCHANGES),
    field("subject-token-type", Shape::Text, EXCHANGES),
    field("actor", Shape::Text, EXCHANGES),
    field("actor-token", Shape::Secret, EXCHANGES),
    field("actor-token-type", Shape::Text, EXCHANGES),
    field("requested-token-type", Shape::Text, EXCHANGES),
    field("key", Shape::Secret, PROVEN),
    field("key-id", Shape::Text, PROVEN),
    field("algorithm", Shape::Choice(ALGORITHMS), PROVEN),
    field(
        "assertion-audience",
        Shape::Choice(ASSERTION_AUDIENCES),
        PROVEN,
    ),
    field("refresh-token", Shape::Secret, GIVEN),
    field("redirect-uri", Shape::Text, PEOPLE),
    field("response-mode", Shape::Choice(RESPONSE_MODES), BROWSERS),
    field("login", Shape::Choice(LOGINS), PAGES),
    field("login-hint", Shape::Text, PAGES),
    field("domain-hint", Shape::Text, TENANTS),
    field("kc-idp-hint", Shape::Text, KEYCLOAK),
    field("prompt", Shape::Choice(PROMPTS), PAGES),
    field("access-type", Shape::Choice(ACCESS_TYPES), OIDC),
    field("logout-redirect-uri", Shape::Text, BROWSERS),
    field("token", Shape::Choice(TOKENS), IDENTIFIED),
    field("continuous-access-evaluation", Shape::Switch, ENTRA),
    field("verify-audience", Shape::Text, AUDIENCES),
    field("id-token-algorithms", Shape::List, ID_TOKENS),
    field("iam-url", Shape::Url, DESP),
    field("iam-realm", Shape::Text, DESP),
    field("exchange-url", Shape::Url, DESP),
    field("exchange-client-id", Shape::Text, DESP),
    field("exchange-issuer", Shape::Text, DESP),
    field("subject-issuer", Shape::Text, DESP),
    field("user", Shape::Text, USERS),
    field("password", Shape::Secret, DESP),
    field("otp", Shape::Secret, DESP),
    field("totp", Shape::Secret, DESP),
    field("device", Shape::Text, DESP),
    field("sso", Shape::Switch, DESP),
    field("verify", Shape::Switch, CHECKED),
    field("account", Shape::Text, ALL),
    field("api", Shape::Url, ALL),
    field("hosts", Shape::List, ALL),
    field("basic-user", Shape::Text, ALL),
    field("header", Shape::Text, ALL),
    field("scheme", Shape::Text, ALL),
    field("timeout", Shape::Duration, ALL),
    field("ca-file", Shape::Path, ALL),
];

/// How a client proves who it is.
pub(crate) const CLIENT_AUTH: &[&str] = &[
    "basic",
    "body",
    "none",
    "client-secret-jwt",
    "private-key-jwt",
];

/// For whom the assertion of a client is: where it is sent, or the issuer (draft-ietf-oauth-rfc7523bis).
pub(crate) const ASSERTION_AUDIENCES: &[&str] = &["token-url", "issuer"];

/// What an assertion may be signed with.
pub(crate) const ALGORITHMS: &[&str] = &[
    "HS256", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "EdDSA",
];

/// How a login in the browser comes back: in the address, or posted (OAuth 2.0 Form Post Response Mode).
pub(crate) const RESPONSE_MODES: &[&str] = &["query", "form_post"];

/// In which ways a person can log in with a client.
pub(crate) const LOGINS: &[&str] = &["browser", "device-code"];

/// Whether Google gives a refresh token.
pub(crate) const ACCESS_TYPES: &[&str] = &["online", "offline"];

/// The keys whose values are parameters of a login, and what those are called.
pub(crate) const LOGIN_PARAMETERS: &[(&str, &str)] = &[
    ("audience", "audience"),
    ("resource", "resource"),
    ("login-hint", "login_hint"),
    ("domain-hint", "domain_hint"),
    ("kc-idp-hint", "kc_idp_hint"),
    ("prompt", "prompt"),
    ("access-type", "access_type"),
];

/// What a login page asks in any case. Nobody is asked by a page that asks nothing, so `none` is not one of them.
pub(crate) const PROMPTS: &[&str] = &["login", "select_account", "consent"];

/// Which token of a login is handed out.
pub(crate) const TOKENS: &[&str] = &["access", "id"];
