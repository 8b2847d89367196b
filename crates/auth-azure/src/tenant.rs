//! [`Tenant`]: one directory of Entra ID.

mod place;

#[cfg(feature = "person")]
use std::sync::Arc;

use auth_core::provider::Metadata;
use auth_core::{ClientAuth, Error, Io, Provider, Result, TokenEndpoint};
use url::Url;

use self::place::Place;
use crate::claims::CONTINUOUS_ACCESS_EVALUATION;

/// One tenant of Entra ID, or a group of them: a place that tokens come from. Cheap to clone; making one does no I/O.
///
/// The endpoints (version 2) follow from the address, so no request is spent on finding them. Logins go by the tenant
/// as it is named here: one at `organizations` and one at the tenant's own id are two.
#[derive(Clone, Debug)]
pub struct Tenant {
    provider: Provider,
    is_entra: bool,
    #[cfg(feature = "person")]
    token_issuer: Arc<str>,
}

impl Tenant {
    /// The tenant of the public cloud with this id or domain; or `common`, `organizations` or `consumers`, where the
    /// person's own tenant answers.
    ///
    /// # Errors
    /// `Config` if that is neither.
    pub fn new(id: &str, io: Io) -> Result<Self> {
        Self::in_cloud(PUBLIC_CLOUD, id, io)
    }

    /// The tenant with this id or domain in the cloud whose logins are at `host`, what `AZURE_AUTHORITY_HOST` names:
    /// [`US_GOVERNMENT_CLOUD`], [`CHINA_CLOUD`], or the address of another one.
    ///
    /// # Errors
    /// `Config` if `host` is no https address (plain http is for loopback) or `id` is neither an id nor a domain.
    pub fn in_cloud(host: &str, id: &str, io: Io) -> Result<Self> {
        let place = Place::new(host, id)?;
        let provider = Provider::known(metadata(&place), io)?;
        #[cfg(feature = "person")]
        let template: Arc<str> = place.token_issuer().into();
        Ok(Self {
            #[cfg(feature = "person")]
            token_issuer: template.clone(),
            #[cfg(feature = "person")]
            provider: provider.with_token_issuer(template),
            #[cfg(not(feature = "person"))]
            provider,
            is_entra: true,
        })
    }

    /// The tenant that a login URL names, `https://login.microsoftonline.com/<tenant>`, as documentations print it.
    ///
    /// # Errors
    /// `Config` if it is no such address.
    pub fn from_login_url(text: &str, io: Io) -> Result<Self> {
        let bad = || {
            Error::config(format!(
                "{} is no login URL of a tenant",
                place::named(text)
            ))
            .with_advice("give one like https://login.microsoftonline.com/<tenant id>")
        };
        let url = Url::parse(text).map_err(|_| bad())?;
        let named = url.path().trim_matches('/');
        let named = named.strip_suffix("/v2.0").unwrap_or(named).to_owned();
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || named.contains('/') || url.query().is_some() || url.fragment().is_some() {
            return Err(bad());
        }
        Self::in_cloud(&url.origin().ascii_serialization(), &named, io)
    }

    /// Any other OpenID Provider that behaves like a tenant, such as an external tenant with an address of its own, by its
    /// issuer as it spells it. It is asked for its endpoints at the first request.
    ///
    /// # Errors
    /// `Config` if the issuer is no https URL (plain http is for loopback).
    pub fn discovered(issuer: &str, io: Io) -> Result<Self> {
        Ok(Self {
            provider: Provider::new(issuer, io)?,
            is_entra: false,
            #[cfg(feature = "person")]
            token_issuer: issuer.into(),
        })
    }

    /// The name under which its logins are kept: its address.
    pub fn issuer(&self) -> &str {
        self.provider.issuer()
    }

    /// What tokens of people who log in here call their issuer. Where the tenant's id is known only when they have logged
    /// in, for a domain and for a group of tenants, `{tenantid}` stands in its place.
    #[cfg(feature = "person")]
    pub fn token_issuer(&self) -> &str {
        &self.token_issuer
    }

    /// The tenant as an OpenID Provider, for what needs its other endpoints.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The token endpoint, as `client` uses it, for a grant of one's own. Does no I/O.
    pub fn endpoint(&self, client: ClientAuth) -> TokenEndpoint {
        TokenEndpoint::discovered(self.provider.clone(), client).with_own_scopes()
    }

    /// The same, with the claims of continuous access evaluation where it `is_evaluated`.
    pub(crate) fn evaluated_endpoint(
        &self,
        client: ClientAuth,
        is_evaluated: bool,
    ) -> TokenEndpoint {
        let endpoint = self.endpoint(client);
        match is_evaluated {
            true => endpoint.with_claims(CONTINUOUS_ACCESS_EVALUATION),
            false => endpoint,
        }
    }

    /// The hosts of the pages where codes of this cloud are entered; none where it is not Microsoft's.
    #[cfg(feature = "person")]
    pub(crate) fn code_pages(&self) -> &'static [&'static str] {
        place::code_pages(self.issuer())
    }

    /// The network and the clock.
    pub(crate) fn io(&self) -> &Io {
        self.provider.io()
    }

    /// Whether it is known to have the habits of Entra ID.
    pub(crate) fn is_entra(&self) -> bool {
        self.is_entra
    }
}

/// Where the logins of the public cloud are.
pub const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";

/// Where the logins of the cloud for the government of the United States are.
pub const US_GOVERNMENT_CLOUD: &str = "https://login.microsoftonline.us";

/// Where the logins of the cloud in China are.
pub const CHINA_CLOUD: &str = "https://login.partner.microsoftonline.cn";

/// Where a tenant has its endpoints of version 2.
fn metadata(place: &Place) -> Metadata {
    let mut metadata = Metadata::new(place.issuer(), place.at(&["oauth2", "v2.0", "token"]));
    metadata.authorization_endpoint = Some(place.at(&["oauth2", "v2.0", "authorize"]));
    metadata.device_authorization_endpoint = Some(place.at(&["oauth2", "v2.0", "devicecode"]));
    metadata.end_session_endpoint = Some(place.at(&["oauth2", "v2.0", "logout"]));
    metadata.jwks_uri = Some(place.at(&["discovery", "v2.0", "keys"]));
    metadata
}
