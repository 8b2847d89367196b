//! [`Repository`]: whose tokens it takes, and what it answers to others.

use auth_core::error::Untrusted;
use auth_core::{Error, Io, Result};
use http::StatusCode;
use serde_json::Value;
use url::Url;

use super::super::Refusal;
use super::settings::{Environment, Provider, REALM, TENANT};
use crate::bearer::Bearer;
use crate::entra::Tenants;
use crate::issuer::Entra;
use crate::keys::Keys;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::unverified::Unverified;
use crate::verified::Verified;
use crate::verifier::Verifier;
use crate::{Issuer, Keycloak};

/// A repository's API, as Entra ID, a realm of Keycloak or both know it.
#[derive(Clone, Debug)]
pub struct Repository {
    azure: Option<Azure>,
    pub(super) keycloak: Option<Realm>,
}

#[derive(Clone, Debug)]
struct Azure {
    tenant: String,
    application: String,
    keys: Option<Keys>,
}

#[derive(Clone, Debug)]
pub(super) struct Realm {
    issuer: String,
    client: String,
    /// The realm inside the cluster.
    pub(super) inside: Option<Url>,
    keys: Option<Keys>,
}

impl Repository {
    /// One of the published environments.
    ///
    /// # Errors
    /// Never for these.
    pub fn of(environment: Environment, provider: Provider) -> Result<Self> {
        let azure = Self::azure(TENANT, environment.application());
        let keycloak = Self::keycloak(REALM, environment.client());
        Ok(match provider {
            Provider::Azure => azure,
            Provider::Keycloak => keycloak,
            Provider::Both => azure.and(keycloak),
        })
    }

    /// An application of a tenant of Entra ID.
    pub fn azure(tenant: impl Into<String>, application: impl Into<String>) -> Self {
        let azure = Azure {
            tenant: tenant.into(),
            application: application.into(),
            keys: None,
        };
        Self {
            azure: Some(azure),
            keycloak: None,
        }
    }

    /// A client of a realm, whose public URL is `issuer`.
    pub fn keycloak(issuer: impl Into<String>, client: impl Into<String>) -> Self {
        let keycloak = Realm {
            issuer: issuer.into(),
            client: client.into(),
            inside: None,
            keys: None,
        };
        Self {
            azure: None,
            keycloak: Some(keycloak),
        }
    }

    /// Takes the tokens that `other` takes, too, where this one has none of the kind.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            azure: self.azure.or(other.azure),
            keycloak: self.keycloak.or(other.keycloak),
        }
    }

    /// Keys of Entra ID from somewhere else than its own address.
    #[must_use]
    pub fn with_azure_keys(mut self, keys: Keys) -> Self {
        self.azure
            .iter_mut()
            .for_each(|azure| azure.keys = Some(keys.clone()));
        self
    }

    /// Keys of the realm from somewhere else than its own address.
    #[must_use]
    pub fn with_keycloak_keys(mut self, keys: Keys) -> Self {
        self.keycloak
            .iter_mut()
            .for_each(|realm| realm.keys = Some(keys.clone()));
        self
    }

    /// Checks tokens the way the repository does. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the tenant or the application is no GUID, or the realm no https URL.
    pub fn verifier(&self, io: Io) -> Result<Verifier> {
        let azure = self
            .azure
            .as_ref()
            .map(|azure| azure.issuer(io.clone()))
            .transpose()?;
        let realm = self
            .keycloak
            .as_ref()
            .map(|realm| realm.issuer(io))
            .transpose()?;
        match (azure, realm) {
            (Some(azure), Some(realm)) => Verifier::new(azure).or(realm),
            (Some(one), None) | (None, Some(one)) => Ok(Verifier::new(one)),
            (None, None) => Err(Error::config("the repository takes nobody's tokens")),
        }
    }

    /// Whether a caller has a [`permission`](super::permission). A token of Entra ID with scopes is a person's, and its
    /// roles are not looked at.
    ///
    /// # Errors
    /// 403, with what is missing.
    pub fn check(&self, caller: &Verified, permission: &str) -> std::result::Result<(), Refusal> {
        let rejection = Rejection::new(Kind::RoleMissing).with_missing(vec![permission.to_owned()]);
        let refused = |detail| {
            let rejection = caller.refused(rejection);
            Err(Refusal::of(&rejection, detail))
        };
        if let Some(realm) = self
            .keycloak
            .as_ref()
            .filter(|realm| caller.issuer() == realm.issuer)
        {
            let role = format!("client:{}:{permission}", realm.client);
            return match caller.roles().has(&role) {
                true => Ok(()),
                false => refused("The token does not contain the required role.".to_owned()),
            };
        }
        if caller.view().says("scp") {
            let scope = format!("{permission}.all");
            return match caller.has_scope(&scope) {
                true => Ok(()),
                false => refused(format!(
                    "IDW10203: The scope permissions (scp) claim does not contain the required scope {scope}"
                )),
            };
        }
        match caller.roles().has(permission) {
            true => Ok(()),
            false => refused(format!(
                "IDW10203: The role permissions (roles) claim does not contain the required role {permission}"
            )),
        }
    }

    /// What the repository answers to a request that a verifier of it does not let in. With the token, its words can name
    /// the audience and the issuer that were found in it, as its server does.
    pub fn refusal(&self, rejection: &Rejection, token: Option<Bearer<'_>>) -> Refusal {
        let refusal = |detail: &str| Refusal::of(rejection, detail);
        match rejection.kind() {
            Kind::NoCredentials => return refusal("Authorization HTTPBearer header missing."),
            Kind::KeysUnavailable | Kind::Misconfigured | Kind::Unchecked => {
                return refusal("Unable to fetch signing keys from identity provider.");
            }
            Kind::MalformedRequest => {
                return refusal(UNREADABLE).with_status(StatusCode::UNAUTHORIZED);
            }
            Kind::Expired => return refusal("Token is expired."),
            _ => {}
        }
        match (&self.azure, &self.keycloak, rejection.issuer()) {
            (Some(_), Some(_), None) => refusal(match rejection.kind() {
                Kind::UnknownIssuer => "Token issuer is not recognized.",
                Kind::BadClaim => "Token does not contain an issuer claim.",
                _ => UNREADABLE,
            }),
            (Some(azure), None, _) | (Some(azure), Some(_), Some(0)) => {
                azure.refusal(rejection, token)
            }
            (_, Some(_), _) => refusal(match rejection.kind() {
                Kind::WrongAudience => "Invalid token claims: invalid_claim: Invalid claim: 'aud'",
                Kind::UnknownIssuer => "Invalid token claims: invalid_claim: Invalid claim: 'iss'",
                Kind::NotYetValid => "Invalid token claims: invalid_claim: Invalid claim: 'iat'",
                _ => UNREADABLE,
            }),
            (None, None, _) => refusal(UNREADABLE),
        }
    }
}

impl Azure {
    fn issuer(&self, io: Io) -> Result<Issuer> {
        let entra = Entra::new(Tenants::one(&self.tenant)?, &self.application);
        let entra = entra.with_bare_client_id().with_v2_tokens_only();
        match &self.keys {
            Some(keys) => entra.with_keys(keys.clone()).issuer(io),
            None => entra.issuer(io),
        }
    }

    fn refusal(&self, rejection: &Rejection, token: Option<Bearer<'_>>) -> Refusal {
        let refusal = |detail: &str| Refusal::of(rejection, detail);
        match rejection.kind() {
            Kind::UnknownKey => refusal("Unable to find appropriate key."),
            Kind::RoleMissing => {
                refusal("IDW10201: Neither scope or roles claim was found in the bearer token.")
            }
            Kind::WrongAudience
            | Kind::UnknownIssuer
            | Kind::WrongTenant
            | Kind::NotYetValid
            | Kind::BadClaim => {
                let seen = token.and_then(|token| Unverified::peek(token.text()).ok());
                let claim = |name: &str| {
                    seen.as_ref().map_or_else(String::new, |seen| {
                        format!(", got={}", shown(&seen.claims()[name]))
                    })
                };
                refusal(&format!(
                    "Incorrect claims. Expected aud={}{}. Expected iss=https://login.microsoftonline.com/{}/v2.0{}",
                    self.application,
                    claim("aud"),
                    self.tenant,
                    claim("iss"),
                ))
            }
            _ => refusal(UNREADABLE),
        }
    }
}

impl Realm {
    fn issuer(&self, io: Io) -> Result<Issuer> {
        let realm = Keycloak::new(&self.issuer, self.client.as_str());
        match (&self.keys, &self.inside) {
            (Some(keys), _) => realm.with_keys(keys.clone()).issuer(io),
            (None, Some(inside)) => realm.with_keys_at(inside.clone()).issuer(io),
            (None, None) => realm.issuer(io),
        }
    }
}

/// A claim as Python writes it, made harmless: nobody has checked it.
fn shown(claim: &Value) -> String {
    let text = match claim {
        Value::Null => "None".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let all = all.iter().map(|one| match one {
                Value::String(text) => format!("'{text}'"),
                other => other.to_string(),
            });
            format!("[{}]", all.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    };
    Untrusted::new(&text).with_limit(200).to_string()
}

const UNREADABLE: &str = "Unable to parse authentication token.";
