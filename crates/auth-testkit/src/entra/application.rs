//! [`EntraApplication`]: a program, or an API, that a tenant knows.

use std::fmt;

use serde_json::Value;

use crate::entra::certificate::Certificate;

/// A program, or an API, that a tenant knows: how it proves who it is, and what tokens for it look like.
///
/// One registration can be both, as in Entra ID. Without a secret, a certificate or a federated credential it is
/// a public client.
#[derive(Clone)]
pub struct EntraApplication {
    pub(crate) id: String,
    pub(super) secrets: Vec<(String, Validity)>,
    pub(super) certificates: Vec<(Certificate, Validity)>,
    pub(super) federated: Vec<(String, String)>,
    pub(super) redirects: Vec<String>,
    pub(super) uris: Vec<String>,
    pub(super) version: Version,
    pub(super) scopes: Vec<String>,
    pub(super) roles: Vec<(String, String)>,
    pub(super) says_idtyp: bool,
    pub(super) needs_consent: bool,
    pub(super) public_flows: bool,
    pub(super) demand: Option<Value>,
    pub(super) challenge: Option<Value>,
    pub(super) path: Option<String>,
    pub(super) has_runs: bool,
}

/// Whether a credential still counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    Current,
    Expired,
}

/// The shape of the tokens for an API, whatever endpoint they come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

impl EntraApplication {
    /// A program on people's own machines: no secret, and the redirect URI `http://localhost`.
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            public_flows: true,
            ..Self::api(id).with_redirect("http://localhost")
        }
    }

    /// A program with a secret, which it sends in the form or in an `Authorization: Basic` header.
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::api(id).with_secret(secret)
    }

    /// An API, which is called by its id and as `api://{id}`, and whose tokens are of version 2. With
    /// credentials it is a program, too.
    pub fn api(id: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            uris: vec![format!("api://{id}")],
            id,
            secrets: Vec::new(),
            certificates: Vec::new(),
            federated: Vec::new(),
            redirects: Vec::new(),
            version: Version::V2,
            scopes: Vec::new(),
            roles: Vec::new(),
            says_idtyp: false,
            needs_consent: false,
            public_flows: false,
            demand: None,
            challenge: None,
            path: None,
            has_runs: false,
        }
    }

    /// Another secret.
    #[must_use]
    pub fn with_secret(mut self, value: impl Into<String>) -> Self {
        self.secrets.push((value.into(), Validity::Current));
        self
    }

    /// A secret that was right until it ended.
    #[must_use]
    pub fn with_expired_secret(mut self, value: impl Into<String>) -> Self {
        self.secrets.push((value.into(), Validity::Expired));
        self
    }

    /// A certificate for an RSA key, in PEM; a key beside it is passed over. Assertions are signed with PS256 or
    /// RS256 and name it by `x5t#S256` or `x5t`.
    ///
    /// # Panics
    /// If there is no such certificate in `pem`.
    #[must_use]
    pub fn with_certificate(mut self, pem: &str) -> Self {
        let certificate = Certificate::of(pem);
        self.certificates.push((certificate, Validity::Current));
        self
    }

    /// A certificate that was good until it ended, whatever it says itself.
    ///
    /// # Panics
    /// If there is no certificate for an RSA key in `pem`.
    #[must_use]
    pub fn with_expired_certificate(mut self, pem: &str) -> Self {
        let certificate = Certificate::of(pem);
        self.certificates.push((certificate, Validity::Expired));
        self
    }

    /// Believes a token of another issuer (a workload identity federation): it must be for
    /// `api://AzureADTokenExchange`, from `issuer`, about `subject`, and signed by one of this server's issuers:
    /// the generic one, a realm, or Entra itself. Its letters count in the case that they have.
    #[must_use]
    pub fn with_federated_credential(
        mut self,
        issuer: impl Into<String>,
        subject: impl Into<String>,
    ) -> Self {
        self.federated.push((issuer.into(), subject.into()));
        self
    }

    /// A place that browsers may be sent back to. On `localhost` the port does not matter.
    #[must_use]
    pub fn with_redirect(mut self, url: impl Into<String>) -> Self {
        self.redirects.push(url.into());
        self
    }

    /// Another application ID URI.
    #[must_use]
    pub fn with_identifier_uri(mut self, uri: impl Into<String>) -> Self {
        self.uris.push(uri.into());
        self
    }

    /// Its tokens are of version 1: the issuer is `https://sts.windows.net/{tenant}/`, and the audience is the
    /// name that the API was asked for by.
    #[must_use]
    pub fn with_v1_tokens(self) -> Self {
        let version = Version::V1;
        Self { version, ..self }
    }

    /// A permission that people give to programs, such as `reference.reader.all`.
    #[must_use]
    pub fn with_scope(mut self, name: impl Into<String>) -> Self {
        self.scopes.push(name.into());
        self
    }

    /// A role that another application has here when it asks for itself. People have the roles of
    /// [`User::with_role`](crate::User::with_role), at every API.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>, of: impl Into<String>) -> Self {
        self.roles.push((of.into(), role.into()));
        self
    }

    /// Its tokens say in `idtyp` whether they are an application's.
    #[must_use]
    pub fn with_idtyp(self) -> Self {
        Self {
            says_idtyp: true,
            ..self
        }
    }

    /// People must consent to what it wants: the login page counts as their consent, a refresh does not.
    #[must_use]
    pub fn with_consent(self) -> Self {
        Self {
            needs_consent: true,
            ..self
        }
    }

    /// Allows public client flows, as [`public`](Self::public) does. Without it, device codes are worth nothing.
    #[must_use]
    pub fn with_public_flows(self, public_flows: bool) -> Self {
        Self {
            public_flows,
            ..self
        }
    }

    /// Wants more than a password of people, such as a second factor: a refresh for this API is answered with
    /// `invalid_grant`, the suberror `basic_action` and these `claims`, and on-behalf-of with `interaction_required`,
    /// until a person has come to the login page with the claims, or for this API.
    #[must_use]
    pub fn with_demand(self, claims: Value) -> Self {
        Self {
            demand: Some(claims),
            ..self
        }
    }

    /// Its API refuses tokens that were not asked for with these `claims`, and says so in a challenge.
    #[must_use]
    pub fn with_challenge(self, claims: Value) -> Self {
        Self {
            challenge: Some(claims),
            ..self
        }
    }

    /// Serves an API that checks tokens, at `path` and below: it answers with what the token says about its
    /// bearer. It reads `Authorization: Bearer …`, or an ID or access token alone in `X-Identity`.
    #[must_use]
    pub fn with_api_at(self, path: impl Into<String>) -> Self {
        let path = Some(path.into().trim_end_matches('/').to_owned());
        Self { path, ..self }
    }

    /// Serves the same with the routes and in the words of an Open Pectus aggregator: below `path` are `recent_runs/`, the
    /// runs that the bearer may see, and each of them: `open`, `operators` (the role `Operator` or `Admin`) and `daemons`
    /// (a program).
    #[must_use]
    pub fn with_open_pectus_at(self, path: impl Into<String>) -> Self {
        let has_runs = true;
        Self {
            has_runs,
            ..self.with_api_at(path)
        }
    }

    /// Whether it has no way to prove who it is.
    pub(super) fn is_public(&self) -> bool {
        self.secrets.is_empty() && self.certificates.is_empty() && self.federated.is_empty()
    }

    /// Whether tokens for it may be asked for by that name.
    pub(super) fn is_named(&self, resource: &str) -> bool {
        let uri = |uri: &String| uri.trim_end_matches('/') == resource.trim_end_matches('/');
        self.id.eq_ignore_ascii_case(resource) || self.uris.iter().any(uri)
    }
}

impl fmt::Debug for EntraApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraApplication")
            .field("id", &self.id)
            .field("uris", &self.uris)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
