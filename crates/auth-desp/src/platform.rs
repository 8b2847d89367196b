//! [`Platform`]: one realm of the platform's identity server.

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::provider::Metadata;
use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, Error, Io, Provider, Result, TokenEndpoint,
};
use url::Url;

/// One realm of the platform's identity server: a place that tokens come from. Cheap to clone; making one
/// does no I/O.
///
/// The endpoints follow from the realm's address, so no request is spent on finding them.
#[derive(Clone, Debug)]
pub struct Platform {
    issuer: Url,
    provider: Provider,
}

impl Platform {
    /// The realm `realm` of the identity server at `iam_url`, such as `https://auth.destine.eu`. Slashes
    /// at the end of the address say nothing.
    ///
    /// # Errors
    /// `Config` if the address is no https URL (plain http is for loopback), has more in it than host,
    /// port and path, or names a realm already, and if `realm` is no name of one.
    pub fn new(iam_url: &str, realm: &str, io: Io) -> Result<Self> {
        let mut issuer = parsed(iam_url)?;
        if realm.is_empty() || realm.contains(['/', '?', '#']) || [".", ".."].contains(&realm) {
            return Err(
                Error::config(format!("{} is no name of a realm", Untrusted::new(realm)))
                    .with_advice("give the name that follows /realms/ in the platform's URLs"),
            );
        }
        let base = issuer.path().trim_end_matches('/').to_owned();
        if format!("{base}/").contains("/realms/") {
            return Err(Error::config(format!(
                "the IAM's URL {} has a realm in it",
                Untrusted::new(iam_url)
            ))
            .with_advice("leave /realms/ and what follows away"));
        }
        issuer.set_path(&base);
        let issuer = below(&issuer, &["realms", realm]);
        let provider = Provider::known(metadata(&issuer), io)?;
        Ok(Self { issuer, provider })
    }

    /// The issuer of the realm's tokens.
    pub fn issuer(&self) -> &str {
        self.provider.issuer()
    }

    /// The realm as an OpenID Provider.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The token endpoint, as `client` uses it.
    pub fn endpoint(&self, client: ClientAuth) -> TokenEndpoint {
        TokenEndpoint::discovered(self.provider.clone(), client)
    }

    /// A program's own tokens, through the service account of `client`: what the Data Lake
    /// ([`preset::data_lake`](crate::preset::data_lake)) recommends for jobs.
    pub fn service_account(&self, client: ClientAuth) -> CachedSource {
        let grant = self.service_account_grant(client);
        CachedSource::new(grant, self.provider.io().clone())
    }

    /// The grant of [`service_account`](Self::service_account).
    pub fn service_account_grant(&self, client: ClientAuth) -> ClientCredentials {
        ClientCredentials::new(self.endpoint(client)).with_scopes(["openid"])
    }

    /// Where a person accepts terms, changes a password and sees devices and sessions: what a message
    /// sends people to who must do something themselves.
    pub fn account_console(&self) -> Url {
        below(&self.issuer, &["account", ""])
    }

    /// Whether a page at `url` is the realm's own.
    pub(crate) fn is_page(&self, url: &Url) -> bool {
        let home = below(&self.issuer, &[""]);
        url.origin() == home.origin() && url.path().starts_with(home.path())
    }

    /// Below this address lies every form of a login; nothing typed by a person goes elsewhere.
    pub fn login_actions(&self) -> Url {
        below(&self.issuer, &["login-actions", ""])
    }
}

/// Where Keycloak has its endpoints, in every version since there are realms.
fn metadata(issuer: &Url) -> Metadata {
    let at = |place: &[&str]| {
        let protocol = below(issuer, &["protocol", "openid-connect"]);
        below(&protocol, place)
    };
    let mut metadata = Metadata::new(issuer.as_str(), at(&["token"]));
    metadata.authorization_endpoint = Some(at(&["auth"]));
    metadata.revocation_endpoint = Some(at(&["revoke"]));
    metadata.introspection_endpoint = Some(at(&["token", "introspect"]));
    metadata.userinfo_endpoint = Some(at(&["userinfo"]));
    metadata.end_session_endpoint = Some(at(&["logout"]));
    metadata.jwks_uri = Some(at(&["certs"]));
    metadata
}

fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

fn parsed(text: &str) -> Result<Url> {
    let bad = |why: &str| {
        Error::config(format!("the IAM's URL {why}"))
            .with_advice("give the https URL of the identity server, as https://auth.destine.eu")
    };
    let url = Url::parse(text.trim()).map_err(|_| bad("is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("has a user or password in it"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("has a query or fragment in it"));
    }
    if !may_carry_secrets(&url) {
        return Err(bad("is not https"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(url: &str) -> Result<Platform> {
        Platform::new(url, "desp", Io::new())
    }

    #[test]
    fn slashes_at_the_end_of_the_iams_url_are_not_doubled() {
        for url in [
            "https://a.example",
            "https://a.example/",
            "https://a.example//",
        ] {
            let platform = platform(url).unwrap();
            assert_eq!(platform.issuer(), "https://a.example/realms/desp", "{url}");
            assert_eq!(
                platform.account_console().as_str(),
                "https://a.example/realms/desp/account/"
            );
            assert_eq!(
                platform.login_actions().as_str(),
                "https://a.example/realms/desp/login-actions/"
            );
        }
        let older = platform("http://127.0.0.1:8180/auth/").unwrap();
        assert_eq!(older.issuer(), "http://127.0.0.1:8180/auth/realms/desp");
    }

    #[test]
    fn what_is_no_iam_is_refused_with_one_line_that_repeats_no_password() {
        let cases = [
            ("auth.destine.eu", "is no URL"),
            ("http://auth.destine.eu", "is not https"),
            ("https://ada:pw@auth.destine.eu", "has a user or password"),
            ("https://auth.destine.eu/?a=b", "has a query"),
            ("https://auth.destine.eu/realms/desp", "has a realm in it"),
            ("https://auth.destine.eu/realms/", "has a realm in it"),
            ("data:text/html,x", "is not https"),
        ];
        for (url, why) in cases {
            let error = platform(url).unwrap_err().to_string();
            assert!(error.contains(why), "{url}: {error}");
            assert!(!error.contains("pw") && !error.contains('\n'), "{error}");
        }
        for realm in ["", ".", "..", "a/b", "a?b"] {
            let error = Platform::new("https://a.example", realm, Io::new()).unwrap_err();
            assert!(error.to_string().contains("is no name of a realm"));
        }
    }
}
