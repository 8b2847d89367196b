//! [`Service`]: what a login for one of the platform's services is made of.

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{Error, Result};
use url::Url;

/// One of the platform's services: the client that people log in with for its sake, and what its API
/// wants. Data; the eight published ones are [`preset::Published`](crate::preset::Published).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    name: String,
    client_id: String,
    redirect_uri: Url,
    scopes: Vec<String>,
    exchange: Option<Exchange>,
}

impl Service {
    /// A service whose login asks for `openid` alone. `redirect_uri` is the one that the client is
    /// registered with; it is never contacted.
    ///
    /// # Errors
    /// `Config` if it is no absolute URL with a host, has a fragment, or is one that a code must not be sent to.
    pub fn new(
        name: impl Into<String>,
        client_id: impl Into<String>,
        redirect_uri: &str,
    ) -> Result<Self> {
        let redirect_uri = secure(redirect_uri, "redirect URI")?;
        // RFC 6749 §3.1.2.
        if redirect_uri.fragment().is_some() {
            return Err(Error::config(format!(
                "the redirect URI {} has a fragment, which none may have",
                Untrusted::new(redirect_uri.as_str())
            ))
            .with_advice("leave # and what follows away"));
        }
        Ok(Self {
            name: name.into(),
            client_id: client_id.into(),
            redirect_uri,
            scopes: vec!["openid".to_owned()],
            exchange: None,
        })
    }

    /// Asks for these scopes instead of `openid` alone.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self { scopes, ..self }
    }

    /// Trades the platform's token for one of another realm, which the API asks for.
    #[must_use]
    pub fn with_exchange(self, exchange: Exchange) -> Self {
        let exchange = Some(exchange);
        Self { exchange, ..self }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public client of the login.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where the login ends.
    pub fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// What the login asks for.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether the login ends with an offline token, which works without the person.
    pub fn is_offline(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "offline_access")
    }

    /// What follows the login, if anything.
    pub fn exchange(&self) -> Option<&Exchange> {
        self.exchange.as_ref()
    }

    /// The host for which programs look into a netrc file: without a port, which they never compare.
    pub fn host(&self) -> &str {
        self.redirect_uri.host_str().unwrap_or_default()
    }
}

/// A token exchange (RFC 8693) at another realm, which knows the platform as an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    token_url: Url,
    client_id: String,
    audience: String,
    subject_issuer: String,
    issuer: Option<String>,
}

impl Exchange {
    /// An exchange by the public client `client_id` at `token_url`, which knows the platform under the
    /// alias `subject_issuer`.
    ///
    /// # Errors
    /// `Config` if `token_url` is no https URL (plain http is for loopback).
    pub fn new(
        token_url: &str,
        client_id: impl Into<String>,
        audience: impl Into<String>,
        subject_issuer: impl Into<String>,
    ) -> Result<Self> {
        let token_url = secure(token_url, "token URL of the exchange")?;
        let issuer = token_url.as_str().strip_suffix(TOKEN_PATH);
        Ok(Self {
            issuer: issuer.map(str::to_owned),
            client_id: client_id.into(),
            audience: audience.into(),
            subject_issuer: subject_issuer.into(),
            token_url,
        })
    }

    /// Expects this issuer in the exchanged tokens. Without it, what the token URL says.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        let issuer = Some(issuer.into());
        Self { issuer, ..self }
    }

    /// Where the exchange happens.
    pub fn token_url(&self) -> &Url {
        &self.token_url
    }

    /// The client that asks for it.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client whose API the token is for.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The alias under which that realm knows the platform.
    pub fn subject_issuer(&self) -> &str {
        &self.subject_issuer
    }

    /// Who issues the exchanged tokens; `None` if it was not said and the token URL is not shaped like
    /// Keycloak's.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

fn secure(text: &str, what: &str) -> Result<Url> {
    let bad = |why: &str| {
        Error::config(format!("the {what} {} {why}", Untrusted::new(text)))
            .with_advice("give an https URL, or one on loopback")
    };
    let url = Url::parse(text).map_err(|_| bad("is no URL"))?;
    if !may_carry_secrets(&url) {
        return Err(bad("is not https"));
    }
    Ok(url)
}

/// What Keycloak puts after a realm's issuer.
const TOKEN_PATH: &str = "/protocol/openid-connect/token";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_of_an_exchange_follows_from_its_token_url_or_is_said() {
        let at = |url: &str| Exchange::new(url, "c", "a", "i").unwrap();
        let usual = at("https://h.example/sso/realms/r/protocol/openid-connect/token");
        assert_eq!(usual.issuer(), Some("https://h.example/sso/realms/r"));
        let other = at("https://h.example/token");
        assert_eq!(other.issuer(), None);
        let said = other.with_issuer("https://h.example");
        assert_eq!(said.issuer(), Some("https://h.example"));
    }

    #[test]
    fn a_code_or_token_goes_nowhere_without_encryption() {
        let error = Service::new("s", "c", "http://s.example/").unwrap_err();
        insta::assert_snapshot!(error, @"the redirect URI http://s.example/ is not https; give an https URL, or one on loopback");
        let error = Exchange::new("h.example/token", "c", "a", "i").unwrap_err();
        insta::assert_snapshot!(error, @"the token URL of the exchange h.example/token is no URL; give an https URL, or one on loopback");
        assert!(Service::new("s", "c", "http://localhost:5000").is_ok());
        let error = Service::new("s", "c", "https://s.example/#x").unwrap_err();
        insta::assert_snapshot!(error, @"the redirect URI https://s.example/#x has a fragment, which none may have; leave # and what follows away");
    }

    #[test]
    fn a_netrc_file_knows_a_service_by_its_host_without_the_port() {
        let service = Service::new("s", "c", "https://S.example:8443/x").unwrap();
        assert_eq!(service.host(), "s.example");
    }
}
