//! Open Pectus: an aggregator that shows process runs, and who may see them.
//!
//! Its tokens come from Entra ID in the header `X-Identity`, without a scheme. What differs from the
//! aggregator of version 0.1, on purpose:
//!
//! - a token without `exp` is refused, and so is one whose `roles` is no list of words (the aggregator
//!   takes the letters of a string for roles) or whose header marks something as critical;
//! - clocks may be a minute apart, there not at all;
//! - keys that can't be fetched are answered with 503, there with 401, and junk leads to two fetches in
//!   30 seconds, there to two for each time that a token is looked at;
//! - the tenant and the version of a token must agree with its issuer and its key;
//! - an ID token must say when it was issued, and which client it is for where it is for several;
//! - no claim may come twice, and neither tokens of another type (a logout token) nor those that are
//!   bound to a key are taken;
//! - a user name that is no text is an empty name, there a failure with 500;
//! - a header with a scheme before the token is answered with 400, there with 401;
//! - where nobody is asked for a token, `/auth/config` names no tenant and no client, there those that
//!   are set.
//!
//! Everything else is decided alike: `cargo xtask conformance openpectus` asks both.
//!
//! That ID tokens are taken for access tokens is the aggregator's way, so it is here too.

use auth_core::{Error, Io, Result};
use serde_json::{Value, json};

use crate::bearer::BearerHeader;
use crate::entra::Tenants;
use crate::issuer::Entra;
use crate::verified::Verified;
use crate::verifier::Verifier;

/// The header with the token.
pub const HEADER: &str = "X-Identity";

/// The name of a program that asks for itself, and its role.
pub const DAEMON: &str = "Daemon";

/// The name of everybody where nobody is asked for a token.
pub const ANONYMOUS: &str = "Anon";

/// Whether this is `true`, in any case, decides whether tokens are asked for.
pub const ENABLE: &str = "ENABLE_AZURE_AUTHENTICATION";

/// The directory (tenant) ID.
pub const TENANT: &str = "AZURE_DIRECTORY_TENANT_ID";

/// The application (client) ID.
pub const CLIENT: &str = "AZURE_APPLICATION_CLIENT_ID";

/// How an aggregator is set up at Entra.
#[derive(Clone, Debug)]
pub struct Settings {
    tenant: String,
    client: String,
}

impl Settings {
    /// An application of a tenant.
    pub fn new(tenant: impl Into<String>, client: impl Into<String>) -> Self {
        Self {
            tenant: tenant.into(),
            client: client.into(),
        }
    }

    /// The settings that the aggregator finds in its environment. `None`: nobody is asked for a token.
    ///
    /// # Errors
    /// `Config` if tokens are asked for and the tenant or the client is not named.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let enabled = variable(ENABLE).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if !enabled {
            return Ok(None);
        }
        let named = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| {
                    Error::config(format!("{ENABLE} is true and {name} is not set"))
                        .with_advice("copy the ID from the application's overview in Entra ID")
                })
        };
        Ok(Some(Self::new(named(TENANT)?, named(CLIENT)?)))
    }

    /// What is registered at Entra, for other keys or another cloud than the usual.
    ///
    /// # Errors
    /// `Config` if the tenant is no GUID.
    pub fn entra(&self) -> Result<Entra> {
        let entra = Entra::new(Tenants::one(&self.tenant)?, &self.client);
        Ok(entra
            .with_bare_client_id()
            .with_roleless_tokens()
            .with_application_role(DAEMON))
    }

    /// Checks tokens the way the aggregator does. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the tenant or the client is no GUID.
    pub fn verifier(&self, io: Io) -> Result<Verifier> {
        self.verifier_of(self.entra()?, io)
    }

    /// The same for a registration that was changed.
    ///
    /// # Errors
    /// As [`verifier`](Self::verifier).
    pub fn verifier_of(&self, entra: Entra, io: Io) -> Result<Verifier> {
        let entra = entra.with_readable_roles();
        let issuer = entra.issuer(io)?.accept_id_tokens(&self.client);
        let header = BearerHeader::raw(HEADER)?;
        Ok(Verifier::new(issuer).with_header(header))
    }

    /// The answer at `/auth/config`, which browsers and programs ask for before they log in.
    pub fn config(settings: Option<&Self>) -> Value {
        let authority = settings
            .map(|settings| format!("https://login.microsoftonline.com/{}/v2.0", settings.tenant));
        json!({
            "use_auth": settings.is_some(),
            "authority_url": authority,
            "client_id": settings.map(|settings| &settings.client),
            "well_known_url": authority.map(|url| format!("{url}/.well-known/openid-configuration")),
        })
    }
}

/// Who asks, in the aggregator's words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// What is before the `@` of the user name, in capitals; [`DAEMON`] or [`ANONYMOUS`].
    pub name: String,
    /// The object ID.
    pub id: Option<String>,
    /// The roles, [`DAEMON`] among them.
    pub roles: Vec<String>,
}

impl User {
    /// The user of a token.
    pub fn of(token: &Verified) -> Self {
        let name = match token.is_application() {
            Some(true) => DAEMON.to_owned(),
            _ => {
                let name = token.text("preferred_username").unwrap_or_default();
                name.split('@').next().unwrap_or_default().to_uppercase()
            }
        };
        Self {
            name,
            id: token.text("oid").map(String::from),
            roles: token.roles().iter().map(str::to_owned).collect(),
        }
    }

    /// Everybody, where nobody is asked for a token.
    pub fn anonymous() -> Self {
        Self {
            name: ANONYMOUS.to_owned(),
            id: None,
            roles: Vec::new(),
        }
    }

    /// Whether the user may see what asks for one of `required`. Nothing required: everybody may.
    pub fn may<S: AsRef<str>>(&self, required: &[S]) -> bool {
        let has = |role: &S| self.roles.iter().any(|own| own == role.as_ref());
        required.is_empty() || required.iter().any(has)
    }

    /// The body of the aggregator's 403.
    pub fn missing_roles<S: AsRef<str>>(required: &[S]) -> Value {
        let required: Vec<&str> = required.iter().map(AsRef::as_ref).collect();
        json!({ "detail": { "missing_roles": required } })
    }
}
