//! [`Entra`]: what is registered at Entra, and becomes an [`Issuer`].

use auth_core::{Io, Result};
use url::Url;

use super::cloud::Cloud;
use super::issuers::EntraIssuers;
use super::tenants::{Tenants, guid};
use crate::audience::Audience;
use crate::issuer::{Habit, Identifier, Policy};
use crate::{Issuer, Keys};

/// An API that is registered at Entra ID, and the tenants whose tokens it takes.
///
/// The two formats of tokens have two issuers (`sts.windows.net/…/` and `login.microsoftonline.com/…/v2.0`)
/// and share keys; which one comes is a setting of the registration, so both are taken. In each the
/// version, the issuer, the tenant and the owner of the key must agree.
///
/// An access token must have a role or a scope: any application of a tenant can get one without
/// either. See [`with_roleless_tokens`](Self::with_roleless_tokens).
///
/// ```
/// # use auth_core::Io;
/// # use auth_verify::{Entra, Tenants};
/// # fn main() -> auth_core::Result<()> {
/// let tenant = Tenants::one("a1b2c3d4-0000-4000-8000-123456789abc")?;
/// let issuer = Entra::new(tenant, "00001111-aaaa-2222-bbbb-3333cccc4444").issuer(Io::new())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Entra {
    issuers: EntraIssuers,
    client_id: String,
    audience: Audience,
    keys: Option<Keys>,
    has_own_keys: bool,
    takes_roleless: bool,
    application_role: Option<String>,
}

impl Entra {
    /// The application with this client ID. Its tokens name the ID, or `api://` and the ID.
    pub fn new(tenants: Tenants, client_id: impl Into<String>) -> Self {
        let client_id = client_id.into();
        let uri = format!("api://{client_id}");
        Self {
            issuers: EntraIssuers {
                cloud: Cloud::Global,
                tenants,
            },
            audience: Audience::from(&*client_id).or(uri),
            client_id,
            keys: None,
            has_own_keys: false,
            takes_roleless: false,
            application_role: None,
        }
    }

    /// In another cloud than the global one.
    #[must_use]
    pub fn with_cloud(mut self, cloud: Cloud) -> Self {
        self.issuers.cloud = cloud;
        self
    }

    /// Another application ID URI that its tokens may name.
    #[must_use]
    pub fn with_app_id_uri(self, uri: impl Into<String>) -> Self {
        Self {
            audience: self.audience.or(uri),
            ..self
        }
    }

    /// Takes the client ID alone as audience.
    #[must_use]
    pub fn with_bare_client_id(self) -> Self {
        Self {
            audience: Audience::from(&*self.client_id),
            ..self
        }
    }

    /// The application maps claims, so its tokens are signed with keys of its own.
    #[must_use]
    pub fn with_own_keys(self) -> Self {
        Self {
            has_own_keys: true,
            ..self
        }
    }

    /// Also takes access tokens without any role or scope. Every application of the tenant can get one.
    #[must_use]
    pub fn with_roleless_tokens(self) -> Self {
        Self {
            takes_roleless: true,
            ..self
        }
    }

    /// Gives a role of this name to every application whose token says that it asks for itself
    /// (`idtyp`, an optional claim that the API's registration must ask for).
    #[must_use]
    pub fn with_application_role(self, role: impl Into<String>) -> Self {
        Self {
            application_role: Some(role.into()),
            ..self
        }
    }

    /// Keys from somewhere else than Entra's own address.
    #[must_use]
    pub fn with_keys(self, keys: Keys) -> Self {
        Self {
            keys: Some(keys),
            ..self
        }
    }

    /// The address of the keys: the tenant's own, or for several tenants that of all organizations.
    ///
    /// # Errors
    /// `Config` if the client ID can't stand in a URL.
    pub fn keys_url(&self) -> Result<Url> {
        let tenant = self.issuers.tenants.single().unwrap_or("common");
        let login = self.issuers.cloud.login();
        let mut url = Url::parse(&format!("{login}/{tenant}/discovery/v2.0/keys"))
            .map_err(|_| auth_core::Error::config("the tenant can't stand in a URL"))?;
        if self.has_own_keys {
            url.query_pairs_mut().append_pair("appid", &self.client_id);
        }
        Ok(url)
    }

    /// The issuer of its tokens. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the client ID is no GUID.
    pub fn issuer(self, io: Io) -> Result<Issuer> {
        if guid(&self.client_id).is_none() {
            return Err(auth_core::Error::config("the client ID is no GUID")
                .with_advice("copy the application (client) ID of the registration"));
        }
        let keys = match &self.keys {
            Some(keys) => keys.clone(),
            None => Keys::at(self.keys_url()?, io)?,
        };
        let identifier = Identifier::Entra(self.issuers.clone());
        let mut policy = Policy::new(Habit::Entra(self.issuers));
        policy.needs_role = !self.takes_roleless;
        policy.application_role = self.application_role;
        Issuer::with_parts(identifier, self.audience, keys, policy)
    }
}
