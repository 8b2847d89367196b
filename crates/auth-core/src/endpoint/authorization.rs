//! [`AuthorizationRequest`]: one login at the login page, from its address to the tokens.

mod expected;

use std::fmt;

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use secrecy::SecretString;
use url::Url;

use self::expected::Expected;
use super::{Form, TokenEndpoint};
use crate::error::{Error, Result};
use crate::io::shown;
use crate::person::page;
use crate::random;
use crate::session::{Held, TokenSet};

/// One login at a server's login page (RFC 6749 §4.1): the address that a browser is sent to, what may be
/// taken for its answer, and the tokens for the code.
///
/// It serves whoever gets the person, or a program in the person's place, past the login page;
/// [`AuthorizationCode`](crate::AuthorizationCode) does so with the browser of this machine. Each has a state, a PKCE
/// verifier (S256, RFC 7636) and, where `openid` is asked for, a nonce of its own, and is good for one login.
///
/// ```no_run
/// # use auth_core::endpoint::{AuthorizationRequest, TokenEndpoint};
/// # use auth_core::session::{Held, TokenSet};
/// # async fn example(endpoint: &TokenEndpoint, held: &Held) -> auth_core::Result<Option<TokenSet>> {
/// let scopes = ["openid".to_owned()];
/// let request = AuthorizationRequest::new(endpoint, held, "https://app.example/", &scopes, &[]).await?;
/// // … the person logs in at `request.url()`, and is sent back to an address:
/// # let address = request.url().clone();
/// if !request.ends_at(&address) {
///     return Ok(None);
/// }
/// let Some(code) = request.answer(address.query().unwrap_or_default().as_bytes()) else {
///     return Ok(None);
/// };
/// request.redeem(held, code?).await.map(Some)
/// # }
/// ```
pub struct AuthorizationRequest {
    endpoint: TokenEndpoint,
    url: Url,
    redirect_uri: String,
    verifier: SecretString,
    nonce: Option<String>,
    scopes: Option<Vec<String>>,
    expected: Expected,
}

impl AuthorizationRequest {
    /// A login at the login page of `endpoint`'s server, which ends at `redirect_uri`. `parameters` are added to the
    /// address: `prompt`, `login_hint`, `response_mode`, a vendor's own. What the API asked for (`held`'s challenge,
    /// RFC 9470 §4) goes before a parameter of the same name. Asks for the server's metadata where they are not known.
    ///
    /// The client's secret or key is revealed here, so that one that can't be had shows before a person is asked.
    ///
    /// # Errors
    /// `Config` for a parameter that the login sets itself, a redirect URI that is none, a server without a login page
    /// or without S256; those of [`TokenEndpoint::revealed`]; as [`TokenEndpoint::request`] for discovery.
    pub async fn new(
        endpoint: &TokenEndpoint,
        held: &Held,
        redirect_uri: &str,
        scopes: &[String],
        parameters: &[(String, String)],
    ) -> Result<Self> {
        ensure_free(parameters)?;
        let endpoint = endpoint.revealed(held).await?;
        let place = endpoint.login_page().await?;
        let (state, verifier) = (random::text()?, random::text()?);
        let nonce = match scopes.iter().any(|scope| scope == "openid") {
            true => Some(random::text()?),
            false => None,
        };
        let bad = |_| Error::config("the redirect URI is no URL");
        let client = BasicClient::new(ClientId::new(endpoint.client_id().to_owned()))
            .set_auth_uri(AuthUrl::from_url(place.url.clone()))
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).map_err(bad)?);
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.clone()))
            .add_scopes(scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        if let Some(nonce) = &nonce {
            request = request.add_extra_param("nonce", nonce);
        }
        for (name, value) in held.login_parameters(parameters, endpoint.claims(held)) {
            request = request.add_extra_param(name, value);
        }
        let (address, _) = request.url();
        Ok(Self {
            url: page(address.as_str(), &place.url)?,
            redirect_uri: redirect_uri.to_owned(),
            verifier: verifier.into(),
            nonce,
            scopes: None,
            expected: Expected {
                state: state.into(),
                issuer: endpoint.issuer(),
                names_issuer: place.names_issuer,
            },
            endpoint,
        })
    }

    /// Names these scopes again where the code is redeemed, for servers that want to know then which API the token is for.
    /// RFC 6749 §4.1.3 has none there.
    #[must_use]
    pub fn with_scopes_at_redemption(self, scopes: &[String]) -> Self {
        let scopes = Some(scopes.to_vec());
        Self { scopes, ..self }
    }

    /// The address of the login page, with all that this login asks for.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether `url` is where this login ends: the redirect URI, whatever its query and fragment say.
    pub fn ends_at(&self, url: &Url) -> bool {
        let bare = |mut url: Url| {
            url.set_query(None);
            url.set_fragment(None);
            url
        };
        Url::parse(&self.redirect_uri).is_ok_and(|ours| bare(ours) == bare(url.clone()))
    }

    /// Looks at form-encoded parameters, a query or a posted form, and finds the code. `None`: without this login's
    /// `state`, or with a parameter twice, they are nobody's answer, also if they say that something failed.
    ///
    /// The code is good for one [`redeem`](Self::redeem). An error is the login's end: what the server said
    /// (RFC 6749 §4.1.2.1), or `Protocol` where another server answered (RFC 9207).
    pub fn answer(&self, parameters: &[u8]) -> Option<Result<SecretString>> {
        self.expected.judge(parameters)
    }

    /// Looks at an address that a person pasted, or at its query alone.
    pub(crate) fn pasted(&self, text: &SecretString) -> Option<Result<SecretString>> {
        self.expected.judge_pasted(text)
    }

    /// Trades the code for tokens (RFC 6749 §4.1.3), and checks the ID token where one was asked for (OpenID Connect
    /// Core §3.1.3.7, but for its signature). One request, which is not repeated once it may have arrived.
    ///
    /// # Errors
    /// As [`TokenEndpoint::request`]; `Protocol` where the ID token is missing or is not of this login.
    pub async fn redeem(self, held: &Held, code: SecretString) -> Result<TokenSet> {
        let form = Form::new("authorization_code")
            .with_secret("code", code)
            .with("redirect_uri", self.redirect_uri)
            .with_secret("code_verifier", self.verifier)
            .once();
        let form = match &self.scopes {
            Some(scopes) => form.with_scopes(scopes),
            None => form,
        };
        let set = self.endpoint.request(held, form).await?;
        if self.nonce.is_some() && set.id().is_none() {
            return Err(Error::protocol(
                "the server does not say who logged in: there is no ID token",
            )
            .with_advice("check that the client may ask for the scope openid"));
        }
        self.endpoint.identified(set, self.nonce.as_deref())
    }
}

/// Without the state and the nonce in the address: whoever reads them could end the login with another account.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("place", &shown(&self.url))
            .field("redirect_uri", &self.redirect_uri)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// A server may take the first or the last of two parameters of one name, or refuse both.
fn ensure_free(parameters: &[(String, String)]) -> Result<()> {
    match parameters
        .iter()
        .find(|(name, _)| OURS.contains(&&**name))
    {
        None => Ok(()),
        Some((name, _)) => Err(Error::config(format!(
            "the parameter {name} is set by the login itself"
        ))
        .with_advice("leave it out of the parameters; scopes and the redirect URI have settings of their own")),
    }
}

/// The parameters that each login sets itself.
const OURS: [&str; 8] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];
