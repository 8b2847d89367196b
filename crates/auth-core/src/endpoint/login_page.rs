//! Where a person's browser logs in (RFC 6749 §3.1), and where it logs out.

use url::Url;

use super::{Place, TokenEndpoint};
use crate::error::{Error, Result};
use crate::token::IdToken;

/// The authorization endpoint, and what its answers look like.
pub(crate) struct LoginPage {
    pub(crate) url: Url,
    /// Whether its answers name the issuer (RFC 9207).
    pub(crate) names_issuer: bool,
}

impl TokenEndpoint {
    /// The login page of a server that knows S256 (RFC 7636): one that lists other methods only is refused,
    /// one that lists none is believed to know it.
    pub(crate) async fn login_page(&self) -> Result<LoginPage> {
        let url = self.place("login page", "authorization_endpoint").await?;
        let Place::Discovered(provider) = &self.place else {
            return Ok(LoginPage {
                url,
                names_issuer: false,
            });
        };
        let metadata = provider.metadata().await?;
        let methods = metadata.code_challenge_methods_supported.as_deref();
        if methods.is_some_and(|methods| methods.iter().all(|method| method != "S256")) {
            return Err(Error::config(
                "the server does not offer PKCE with S256, without which a login in the browser is not safe",
            )
            .with_advice("ask whoever runs the server to allow S256"));
        }
        Ok(LoginPage {
            url,
            names_issuer: metadata.authorization_response_iss_parameter_supported,
        })
    }

    /// The page that ends a login in the browser (OpenID Connect RP-Initiated Logout). `id` says which
    /// login; `back` is where the browser goes afterwards, as registered at the server. The address holds
    /// the ID token: it is opened, not logged.
    ///
    /// # Errors
    /// `Config` where the server has no such page; as [`request`](Self::request) for discovery.
    pub async fn logout_page(&self, id: Option<&IdToken>, back: Option<&Url>) -> Result<Url> {
        let mut url = self.place("logout page", "end_session_endpoint").await?;
        let mut query = url.query_pairs_mut();
        if let Some(id) = id {
            query.append_pair("id_token_hint", id.expose_secret());
        }
        query.append_pair("client_id", self.client_id());
        if let Some(back) = back {
            query.append_pair("post_logout_redirect_uri", back.as_str());
        }
        drop(query);
        Ok(url)
    }
}
