//! Sections of a configuration that many tests begin with; a line that one of them needs besides goes below it.

/// A program that gets tokens for itself. Where its secret is from is not said: see [`lab`].
pub(crate) const LAB: &str = r#"
    [profile.lab]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "robot"
    "#;

/// The same, with its secret from there.
pub(crate) fn lab(secret: &str) -> String {
    format!("{LAB}client-secret = {secret}\n")
}

/// A secret that is asked for at the terminal.
pub(crate) const ASKED: &str = r#"{ prompt = "Secret of the robot" }"#;

/// A job that lives on a refresh token of Ada's.
pub(crate) const ADA: &str = r#"
    [profile.ada]
    kind = "refresh"
    issuer = "ISSUER"
    client-id = "desktop"
    refresh-token = { file = "ada.token" }
    "#;

/// Somebody who logs in with a code or in a browser.
pub(crate) const PERSON: &str = r#"
    [profile.person]
    kind = "oidc"
    issuer = "ISSUER"
    client-id = "desktop"
    client-auth = "none"
    scope = "openid read"
    "#;

/// A service account of Disruptive Technologies, whose key is in the variables.
pub(crate) const DISRUPTIVE: &str = r#"
    [profile.disruptive]
    token-url = "URL/oauth2/token"
    api = "URL/v2"
    "#;
