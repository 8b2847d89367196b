//! [`Entra`]: what is registered at Entra, and becomes an [`Issuer`].

use auth_core::error::Untrusted;
use auth_core::{Error, Io, Result};
use url::Url;

use super::{Habit, Identifier, Issuer, Policy, shown};
use crate::Keys;
use crate::audience::Audience;
use crate::entra::{Cloud, EntraIssuers, NOBODYS, Place, TENANT, Tenants, guid};

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
    uris: Vec<String>,
    is_bare: bool,
    keys: Option<Keys>,
    has_own_keys: bool,
    takes_roleless: bool,
    application_role: Option<String>,
    is_strict: bool,
}

impl Entra {
    /// The application with this client ID. Its tokens name the ID, or `api://` and the ID.
    pub fn new(tenants: Tenants, client_id: impl Into<String>) -> Self {
        Self::at(Place::Cloud(Cloud::Global), tenants, client_id.into())
    }

    /// The application with this client ID in the directory that issues tokens under this name: of any
    /// cloud (`https://login.microsoftonline.com/<tenant>/v2.0`, `https://sts.windows.net/<tenant>/`), of External ID
    /// (`https://<name>.ciamlogin.com/<tenant>/v2.0`) or of Azure AD B2C (`https://<name>.b2clogin.com/<tenant>/v2.0/`,
    /// with [`with_user_flow`](Self::with_user_flow), or `https://<name>.b2clogin.com/tfp/<tenant>/<flow>/v2.0/`). Where
    /// `{tenantid}` stands in the place of the tenant, every tenant is let in, as by [`Tenants::any`].
    ///
    /// # Errors
    /// `Config` if it is none of them.
    pub fn of_issuer(issuer: &str, client_id: impl Into<String>) -> Result<Self> {
        let one = issuer.replace(TENANT, NOBODYS);
        let Some((place, tenant)) = Place::of_issuer(&one) else {
            let shown = shown(issuer);
            return Err(
                Error::config(format!("the issuer {shown} is none of Entra ID's")).with_advice(
                    "give it as its tokens spell it, with the tenant's GUID in lower case",
                ),
            );
        };
        let tenants = match one == issuer {
            true => Tenants::one(&tenant)?,
            false => Tenants::any(),
        };
        Ok(Self::at(place, tenants, client_id.into()))
    }

    fn at(place: Place, tenants: Tenants, client_id: String) -> Self {
        Self {
            issuers: EntraIssuers {
                place,
                tenants,
                version: None,
            },
            client_id,
            uris: Vec::new(),
            is_bare: false,
            keys: None,
            has_own_keys: false,
            takes_roleless: false,
            application_role: None,
            is_strict: false,
        }
    }

    /// In another cloud than the global one, with the issuers and the keys of that.
    #[must_use]
    pub fn with_cloud(mut self, cloud: Cloud) -> Self {
        self.issuers.place = Place::Cloud(cloud);
        self
    }

    /// The user flow (or custom policy) of Azure AD B2C that people log in with. Its keys sign, and a token must name it.
    ///
    /// # Errors
    /// `Config` if the directory is none of B2C's: elsewhere it means nothing.
    pub fn with_user_flow(mut self, name: &str) -> Result<Self> {
        match &mut self.issuers.place {
            Place::B2c { flow, .. } => *flow = Some(name.to_ascii_lowercase()),
            _ => {
                return Err(
                    Error::config("a user flow is named for a directory that has none")
                        .with_advice("user flows are those of Azure AD B2C (`….b2clogin.com`)"),
                );
            }
        }
        Ok(self)
    }

    /// Another application ID URI that its tokens may name in `aud`, besides the client ID and `api://` before it.
    #[must_use]
    pub fn with_app_id_uri(mut self, uri: impl Into<String>) -> Self {
        self.uris.push(uri.into());
        self
    }

    /// Takes the client ID alone as audience, and not `api://` and the ID.
    #[must_use]
    pub fn with_bare_client_id(self) -> Self {
        Self {
            is_bare: true,
            ..self
        }
    }

    /// Takes tokens of the format 2.0 alone, for an API whose registration asks for them.
    #[must_use]
    pub fn with_v2_tokens_only(mut self) -> Self {
        self.issuers.version = Some("2.0");
        self
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

    /// Refuses every token whose roles can't be read, not only where a rule asks for one.
    pub(crate) fn with_readable_roles(self) -> Self {
        Self {
            is_strict: true,
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
    /// `Config` if a directory of B2C has no user flow.
    pub fn keys_url(&self) -> Result<Url> {
        let tenant = self.issuers.tenants.single().unwrap_or("common");
        let address = self.issuers.place.keys_url(tenant).ok_or_else(|| {
            Error::config("the keys of Azure AD B2C are those of a user flow, and none is named")
                .with_advice("name it: `Entra::with_user_flow`")
        })?;
        let mut url = Url::parse(&address)
            .map_err(|_| Error::config(format!("{} is no URL", Untrusted::new(&address))))?;
        if self.has_own_keys {
            url.query_pairs_mut().append_pair("appid", &self.client_id);
        }
        Ok(url)
    }

    /// The issuer of its tokens. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the client ID is no GUID, or if the application's own keys are asked for and others are given.
    pub fn issuer(self, io: Io) -> Result<Issuer> {
        if guid(&self.client_id).is_none() {
            return Err(Error::config("the client ID is no GUID")
                .with_advice("copy the application (client) ID of the registration"));
        }
        let keys = match &self.keys {
            Some(_) if self.has_own_keys => {
                return Err(
                    Error::config("`with_own_keys` and `with_keys` exclude each other")
                        .with_advice("leave out one of them: the keys come from one place"),
                );
            }
            Some(keys) => keys.clone(),
            None => Keys::at(self.keys_url()?, io)?,
        };
        let identifier = Identifier::Entra(self.issuers.clone());
        let mut policy = Policy::new(Habit::Entra(self.issuers));
        policy.needs_role = !self.takes_roleless;
        policy.application_role = self.application_role;
        policy.needs_readable_roles = self.is_strict;
        let mut audience = Audience::from(&*self.client_id);
        if !self.is_bare {
            audience = audience.or(format!("api://{}", self.client_id));
        }
        let audience = self.uris.into_iter().fold(audience, Audience::or);
        Issuer::with_parts(identifier, audience, keys, policy)
    }
}
