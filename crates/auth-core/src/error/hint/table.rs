//! The table: what servers say, and what to do about it.

/// `error`, what the description contains (lower case; empty: anything), and the advice.
pub(super) const TABLE: &[(&str, &str, &str)] = &[
    // Refused assertions (RFC 7523 §3.1).
    ("invalid_grant", "timing-related", CLOCK),
    (
        "invalid_grant",
        "untrusted entity",
        "check that the issuer is the service account's e-mail address (not its key id) and that the \
         audience is the URL of the token endpoint",
    ),
    (
        "invalid_grant",
        "invalid signature",
        "check that the secret belongs to this key id and has no blank, quote or line end around it",
    ),
    (
        "invalid_grant",
        "not fully set up",
        "log in again, in a browser: the server wants something of the person first, such as a new password",
    ),
    ("invalid_client", "disabled", CLIENT_OFF),
    // A login that ended (Keycloak): each text has a reason of its own.
    (
        "invalid_grant",
        "maximum allowed refresh token reuse exceeded",
        "this refresh token was used before, so the server ended the login: log in again, and let \
         every program that uses the login share one token store",
    ),
    (
        "invalid_grant",
        "doesn't have required client",
        "the login has ended for this client, mostly because an old refresh token was used again: log \
         in again, and let every program that uses the login share one token store",
    ),
    (
        "invalid_grant",
        "offline user session not found",
        "the offline token was revoked, or nobody used it for longer than the realm allows: make a \
         new one",
    ),
    (
        "invalid_grant",
        "offline session not active",
        "the offline token was revoked, or nobody used it for longer than the realm allows: make a \
         new one",
    ),
    (
        "invalid_grant",
        "session not active",
        "the login has ended, by a logout or because nobody used it: log in again",
    ),
    (
        "invalid_grant",
        "token is not active",
        "the refresh token has outlived its time: log in again, and refresh sooner or use an offline \
         token",
    ),
    (
        "invalid_grant",
        "stale token",
        "an administrator declared all older tokens void: log in again",
    ),
    (
        "invalid_grant",
        "disabled",
        "ask whoever runs the server to enable the account",
    ),
    (
        "invalid_grant",
        "token client and authorized client don't match",
        "the refresh token belongs to another client: name the client that it was issued to",
    ),
    (
        "invalid_grant",
        "invalid token issuer",
        "the refresh token was issued under another address of this server: use that one",
    ),
    (
        "invalid_grant",
        "invalid refresh token",
        "the refresh token is not whole, or of another realm or server: give it exactly as it was \
         issued, or log in again",
    ),
    (
        "invalid_grant",
        "redirect_uri",
        "spell the redirect URI as it is registered for the client at the server",
    ),
    (
        "invalid_grant",
        "pkce",
        "log in again; if it happens twice, see whether the server checks PKCE with S256 (RFC 7636)",
    ),
    (
        "invalid_grant",
        "device code not valid",
        "the code was used already or is too old: log in again",
    ),
    (
        "invalid_grant",
        "code not valid",
        "the code was used already or is too old: log in again",
    ),
    ("unauthorized_client", "client credentials", CLIENT),
    (
        "unauthorized_client",
        "error when authenticating client",
        CLIENT,
    ),
    (
        "unauthorized_client",
        "retrieve service account",
        "turn on client authentication and the service account of this client at the server",
    ),
    (
        "unauthorized_client",
        "device authorization grant",
        "turn on the device authorization grant for this client at the server, or log in with a browser",
    ),
    (
        "unauthorized_client",
        "flow is disabled",
        "turn on this flow for this client at the server",
    ),
    ("unauthorized_client", "disabled", CLIENT_OFF),
    ("invalid_client", "issued in the future", CLOCK),
    (
        "invalid_client",
        "unable to load public key",
        "register the public half of the signing key, with this key id, for the client at the server",
    ),
    (
        "invalid_client",
        "invalid signature algorithm",
        "sign with the algorithm that the server has for this client",
    ),
    (
        "invalid_client",
        "audience not found",
        "check the audience: the server knows no such client",
    ),
    ("invalid_client", "token is not active", CLOCK),
    // What Keycloak says of a realm, in place of a code.
    (
        "realm does not exist",
        "",
        "check the realm's name, which ends the issuer",
    ),
    (
        "realm not enabled",
        "",
        "ask whoever runs the server to enable the realm",
    ),
    (
        "access_denied",
        "realm not enabled",
        "ask whoever runs the server to enable the realm",
    ),
    (
        "invalid_request",
        "https required",
        "name the server by https, which is all that it answers from here",
    ),
    // Token exchange (RFC 8693).
    (
        "access_denied",
        "not allowed to exchange",
        "turn on standard token exchange for this client at the server",
    ),
    (
        "invalid_request",
        "token exchange is not enabled",
        "turn on standard token exchange for this client at the server",
    ),
    (
        "access_denied",
        "not within the token audience",
        "the traded token must be for this client: add the client to its audience at the server",
    ),
    (
        "access_denied",
        "not the holder of the token",
        "the traded token must be for this client: add the client to its audience at the server",
    ),
    (
        "invalid_request",
        "requested audience not available",
        "let this client ask for that audience at the server, by a scope or a mapper",
    ),
    (
        "not_allowed",
        "offline tokens",
        "leave `offline_access` out of the scope, or ask whoever runs the server for the role of that name",
    ),
    // What is not spoken here (RFC 9449, RFC 8705).
    ("invalid_dpop_proof", "", BEARER),
    ("use_dpop_nonce", "", BEARER),
    ("invalid_request", "dpop", BEARER),
    (
        "invalid_client",
        "client certificate",
        "let the server take a secret or a signed assertion of this client: no certificate is shown in TLS",
    ),
    // RFC 6749 §5.2 and what servers mean by it.
    ("invalid_request", "parameter: grant_type", LOST),
    ("invalid_grant", "expired", NEW_TOKEN),
    ("bad_refresh_token", "", NEW_TOKEN),
    ("expired_token", "", NEW_TOKEN),
    ("invalid_refresh_token", "", NEW_TOKEN),
    ("invalid_token", "", NEW_TOKEN),
    (
        "invalid_grant",
        "",
        "check that the account, key or login still exists and belongs to this server",
    ),
    ("invalid_client", "", CLIENT),
    (
        "invalid_request",
        "",
        "check the profile's parameters against the server's documentation",
    ),
    (
        "invalid_scope",
        "",
        "check the scope: the server does not know it, or not for this client",
    ),
    (
        "invalid_target",
        "",
        "check the audience: the server does not know it, or not for this client",
    ),
    (
        "unauthorized_client",
        "",
        "allow this grant for the client at the server",
    ),
    ("unsupported_grant_type", "", LOST),
    (
        "access_denied",
        "",
        "ask whoever runs the server for access",
    ),
    ("interaction_required", "", "log in again"),
    ("login_required", "", "log in again"),
    (
        "account_selection_required",
        "",
        "log in again and choose the account",
    ),
    ("consent_required", "", "log in again and consent"),
];

const BEARER: &str = "let the server give this client bearer tokens (RFC 6750): those that are bound to a key (DPoP) are \
                      not asked for";

const LOST: &str = "check that this is the URL of the token endpoint and that nothing between rewrites the request; \
                    the server must allow this grant";

const CLIENT_OFF: &str = "ask whoever runs the server to enable the client";

const NEW_TOKEN: &str = "log in again, or give a new refresh token";

/// All that is known of a client that a server refuses without more words.
pub(crate) const CLIENT: &str = "check the client id and its secret or key";

pub(super) const CLOCK: &str = "set this machine's clock (NTP)";
