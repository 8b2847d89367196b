//! [`Realm`]: one realm of a Keycloak server.

use std::sync::Arc;

use auth_core::error::Untrusted;
#[cfg(feature = "file-store")]
use auth_core::grant::FileRefreshToken;
use auth_core::grant::GivenRefreshToken;
use auth_core::provider::Metadata;
#[cfg(feature = "file-store")]
use auth_core::token_file::RefreshTokenFile;
use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, Error, Io, Provider, RefreshToken, Result,
    TokenEndpoint, TokenExchange, TokenSource,
};
use url::Url;

/// One realm of a Keycloak server: a place that tokens come from. Cheap to clone; making one does no I/O.
///
/// The endpoints follow from the realm's address, so no request is spent on finding them; for a
/// server that has them elsewhere there is [`with_discovery`](Self::with_discovery).
#[derive(Clone, Debug)]
pub struct Realm {
    provider: Provider,
    scopes: Vec<String>,
}

impl Realm {
    /// The realm `name` of the server at `base`, such as `https://login.example.org`. The path of
    /// servers up to version 16, `/auth`, belongs to the base.
    ///
    /// # Errors
    /// `Config` if the base is no https URL (plain http is for loopback) or the name is empty.
    pub fn new(base: &str, name: &str, io: Io) -> Result<Self> {
        let mut issuer = parsed(base)?;
        if name.is_empty() {
            return Err(Error::config("the realm has no name")
                .with_advice("give the name that follows /realms/ in the server's URLs"));
        }
        if realm_ends_at(&issuer).is_some() {
            return Err(Error::config(format!(
                "the base {} of a Keycloak server has a realm in it",
                Untrusted::new(base)
            ))
            .with_advice("leave /realms/ and what follows away, or give the issuer alone"));
        }
        if let Ok(mut path) = issuer.path_segments_mut() {
            path.pop_if_empty().extend(["realms", name]);
        }
        Self::with_issuer(issuer, io)
    }

    /// The realm with this issuer, `…/realms/<name>`.
    ///
    /// # Errors
    /// `Config` if it is no issuer of a realm.
    pub fn from_issuer(issuer: &str, io: Io) -> Result<Self> {
        let mut url = parsed(issuer.trim_end_matches('/'))?;
        let whole = url.path().len();
        match realm_ends_at(&url) {
            Some(end) if end == whole => Self::with_issuer(url, io),
            Some(end) => {
                let path = url.path()[..end].to_owned();
                url.set_path(&path);
                url.set_query(None);
                url.set_fragment(None);
                Err(
                    Error::config("the issuer of a Keycloak realm ends with the realm's name")
                        .with_advice(format!("give {}", Untrusted::new(url.as_str()))),
                )
            }
            None => Err(
                Error::config("the issuer of a Keycloak realm has a realm in it")
                    .with_advice("give …/realms/ and the realm's name, as the server spells it"),
            ),
        }
    }

    /// Asks the server for its endpoints at the first request, and makes sure that it calls itself by
    /// this issuer.
    #[must_use]
    pub fn with_discovery(self) -> Self {
        let provider = Provider::new(self.issuer(), self.provider.io().clone());
        let provider = provider.expect("the issuer was a good one before");
        Self { provider, ..self }
    }

    /// Asks for these scopes whenever a session or a service's token begins. A session keeps its scopes
    /// for life: a refresh never sends any.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self { scopes, ..self }
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        self.provider.issuer()
    }

    /// The realm as an OpenID Provider, for what needs its other endpoints.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The token endpoint, as `client` uses it, for a grant of one's own. Does no I/O: its address is in the realm's
    /// metadata, which the first request reads.
    pub fn endpoint(&self, client: ClientAuth) -> TokenEndpoint {
        TokenEndpoint::discovered(self.provider.clone(), client)
    }

    /// A program's own tokens, through the service account of `client`.
    pub fn service(&self, client: ClientAuth) -> CachedSource {
        CachedSource::new(self.service_grant(client), self.provider.io().clone())
    }

    /// The grant of [`service`](Self::service).
    pub fn service_grant(&self, client: ClientAuth) -> ClientCredentials {
        ClientCredentials::new(self.endpoint(client)).with_scopes(&self.scopes)
    }

    /// The tokens of the session that `token` belongs to: an offline token that a person made for a
    /// job, or any refresh token of `client`. Where the realm replaces refresh tokens, the successor
    /// lies in the source's store, which must then outlive the program.
    pub fn offline(&self, client: ClientAuth, token: RefreshToken) -> CachedSource {
        let grant = self.offline_grant(client, &token);
        CachedSource::new(grant, self.provider.io().clone())
    }

    /// The grant of [`offline`](Self::offline).
    pub fn offline_grant(&self, client: ClientAuth, token: &RefreshToken) -> GivenRefreshToken {
        GivenRefreshToken::new(self.endpoint(client), token)
    }

    /// The tokens of the session whose token lies in `file`, where its successors take its place. Keep them
    /// in a store (`with_store`) that the processes share which use the file, and call
    /// [`RefreshTokenFile::sync`] first.
    #[cfg(feature = "file-store")]
    pub fn offline_file(&self, client: ClientAuth, file: RefreshTokenFile) -> CachedSource {
        let grant = self.offline_file_grant(client, file);
        CachedSource::new(grant, self.provider.io().clone())
    }

    /// The grant of [`offline_file`](Self::offline_file).
    #[cfg(feature = "file-store")]
    pub fn offline_file_grant(
        &self,
        client: ClientAuth,
        file: RefreshTokenFile,
    ) -> FileRefreshToken {
        FileRefreshToken::new(self.endpoint(client), file)
    }

    /// Tokens of `client` in the name of whom `subject` is about (RFC 8693), for the API that is the
    /// client `audience`. The session follows from that of the subject. For several APIs,
    /// [`exchange_grant`](Self::exchange_grant) takes a parameter `audience` for each.
    ///
    /// # Errors
    /// `Config` where the subject does not say whose tokens it hands out: then it is
    /// [`TokenExchange::labelled`] at this realm's [`endpoint`](Self::endpoint).
    pub fn exchange(
        &self,
        client: ClientAuth,
        subject: Arc<dyn TokenSource>,
        audience: &str,
    ) -> Result<CachedSource> {
        let grant = self.exchange_grant(client, subject)?;
        let grant = grant.with_parameter("audience", audience);
        Ok(CachedSource::new(grant, self.provider.io().clone()))
    }

    /// The grant of [`exchange`](Self::exchange), without an audience yet.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange).
    pub fn exchange_grant(
        &self,
        client: ClientAuth,
        subject: Arc<dyn TokenSource>,
    ) -> Result<TokenExchange> {
        let grant = TokenExchange::new(self.endpoint(client), subject)?;
        Ok(grant.with_scopes(&self.scopes))
    }

    #[cfg(feature = "person")]
    pub(crate) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    fn with_issuer(issuer: Url, io: Io) -> Result<Self> {
        Ok(Self {
            provider: Provider::known(metadata(&issuer), io)?,
            scopes: Vec::new(),
        })
    }
}

/// Where Keycloak has its endpoints, in every version since there are realms.
fn metadata(issuer: &Url) -> Metadata {
    let at = |place: &str| {
        let mut url = issuer.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(["protocol", "openid-connect"]);
            path.extend(place.split('/'));
        }
        url
    };
    let mut metadata = Metadata::new(issuer.as_str(), at("token"));
    metadata.authorization_endpoint = Some(at("auth"));
    metadata.device_authorization_endpoint = Some(at("auth/device"));
    metadata.revocation_endpoint = Some(at("revoke"));
    metadata.introspection_endpoint = Some(at("token/introspect"));
    metadata.userinfo_endpoint = Some(at("userinfo"));
    metadata.end_session_endpoint = Some(at("logout"));
    metadata.jwks_uri = Some(at("certs"));
    metadata
}

fn parsed(text: &str) -> Result<Url> {
    let bad = |why: &str| {
        Error::config(format!("{} {why}", Untrusted::new(text)))
            .with_advice("give the https URL of the Keycloak server")
    };
    if text.contains(char::is_whitespace) {
        return Err(bad("has a blank in it")
            .with_advice("take it out; where the realm's own name has one, write %20 for it"));
    }
    let url = Url::parse(text).map_err(|_| bad("is no URL"))?;
    if url.cannot_be_a_base() {
        return Err(bad("is no URL of a server"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            Error::config("the URL of the Keycloak server has a user or password in it")
                .with_advice("leave them away"),
        );
    }
    Ok(url)
}

/// Where in the path the name of a realm ends, if there is one.
fn realm_ends_at(url: &Url) -> Option<usize> {
    let path = url.path();
    let name = path.find("/realms/")? + "/realms/".len();
    let length = path[name..].find('/').unwrap_or(path.len() - name);
    (length > 0).then_some(name + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_realm_ends_at_the_next_slash() {
        let end = |text: &str| {
            let url = Url::parse(text).unwrap();
            realm_ends_at(&url).map(|end| url.path()[..end].to_owned())
        };
        assert_eq!(end("https://a/realms/x").as_deref(), Some("/realms/x"));
        assert_eq!(
            end("https://a/auth/realms/x/account").as_deref(),
            Some("/auth/realms/x")
        );
        assert_eq!(
            end("https://a/realms/realms").as_deref(),
            Some("/realms/realms")
        );
        assert_eq!(end("https://a/realms/"), None);
        assert_eq!(end("https://a/auth"), None);
    }
}
