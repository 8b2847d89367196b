//! [`Metadata`]: what an issuer says about itself.

use std::collections::BTreeMap;

use url::Url;

use crate::io::{Members, leads_inside, may_carry_secrets_near, quoted};

/// What an issuer says about itself (OpenID Connect Discovery §3, RFC 8414 §2).
///
/// Of an answer of the issuer's, a member that can't be used is absent: [`fault`](Self::fault) says why, for when it is
/// needed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metadata {
    /// The issuer, exactly as configured.
    pub issuer: String,
    /// Where grants are traded for tokens. Issuers that hand out tokens in their own ways (clusters, build
    /// services) have none.
    pub token_endpoint: Option<Url>,
    /// Where a person's browser is sent.
    pub authorization_endpoint: Option<Url>,
    /// Where a device code is asked for (RFC 8628).
    pub device_authorization_endpoint: Option<Url>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// Where tokens are looked up (RFC 7662).
    pub introspection_endpoint: Option<Url>,
    /// Where claims about the user are asked for (OpenID Connect Core §5.3).
    pub userinfo_endpoint: Option<Url>,
    /// Where a login is ended (OpenID Connect RP-Initiated Logout).
    pub end_session_endpoint: Option<Url>,
    /// Where the public keys are.
    pub jwks_uri: Option<Url>,
    /// PKCE methods (RFC 7636); absent says nothing.
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// How clients may authenticate at the token endpoint; absent means `client_secret_basic`.
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// What client assertions may be signed with (RFC 8414 §2); absent says nothing.
    pub token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    /// What ID tokens may be signed with; absent says nothing.
    pub id_token_signing_alg_values_supported: Option<Vec<String>>,
    /// Whether authorization answers carry `iss` (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// What is wrong with members that are there and can't be used.
    faults: BTreeMap<&'static str, String>,
}

impl Metadata {
    /// What is known of a server without asking it. The rest is added field by field.
    pub fn new(issuer: impl Into<String>, token_endpoint: Url) -> Self {
        Self {
            token_endpoint: Some(token_endpoint),
            ..Self::of(issuer.into())
        }
    }

    fn of(issuer: String) -> Self {
        Self {
            issuer,
            token_endpoint: None,
            authorization_endpoint: None,
            device_authorization_endpoint: None,
            revocation_endpoint: None,
            introspection_endpoint: None,
            userinfo_endpoint: None,
            end_session_endpoint: None,
            jwks_uri: None,
            code_challenge_methods_supported: None,
            token_endpoint_auth_methods_supported: None,
            token_endpoint_auth_signing_alg_values_supported: None,
            id_token_signing_alg_values_supported: None,
            authorization_response_iss_parameter_supported: false,
            faults: BTreeMap::new(),
        }
    }

    /// Reads what the issuer at `place` said, which calls itself `issuer`.
    pub(super) fn read(issuer: String, said: &Members, place: &Url) -> Self {
        let mut faults = BTreeMap::new();
        let mut url = |name: &'static str| match endpoint(name, said, place) {
            Ok(url) => url,
            Err(fault) => {
                faults.insert(name, fault);
                None
            }
        };
        let read = Self {
            token_endpoint: url("token_endpoint"),
            authorization_endpoint: url("authorization_endpoint"),
            device_authorization_endpoint: url("device_authorization_endpoint"),
            revocation_endpoint: url("revocation_endpoint"),
            introspection_endpoint: url("introspection_endpoint"),
            userinfo_endpoint: url("userinfo_endpoint"),
            end_session_endpoint: url("end_session_endpoint"),
            jwks_uri: url("jwks_uri"),
            code_challenge_methods_supported: said.list("code_challenge_methods_supported"),
            token_endpoint_auth_methods_supported: said
                .list("token_endpoint_auth_methods_supported"),
            token_endpoint_auth_signing_alg_values_supported: said
                .list("token_endpoint_auth_signing_alg_values_supported"),
            id_token_signing_alg_values_supported: said
                .list("id_token_signing_alg_values_supported"),
            authorization_response_iss_parameter_supported: said
                .is_true("authorization_response_iss_parameter_supported"),
            ..Self::of(issuer)
        };
        Self { faults, ..read }
    }

    /// Why an endpoint is absent that the issuer did name: it is no address, or none where secrets may go.
    pub fn fault(&self, member: &str) -> Option<&str> {
        self.faults.get(member).map(String::as_str)
    }

    /// The endpoint that the metadata call `member`.
    pub(crate) fn endpoint(&self, member: &str) -> Option<&Url> {
        match member {
            "token_endpoint" => &self.token_endpoint,
            "authorization_endpoint" => &self.authorization_endpoint,
            "device_authorization_endpoint" => &self.device_authorization_endpoint,
            "revocation_endpoint" => &self.revocation_endpoint,
            "introspection_endpoint" => &self.introspection_endpoint,
            "userinfo_endpoint" => &self.userinfo_endpoint,
            "end_session_endpoint" => &self.end_session_endpoint,
            "jwks_uri" => &self.jwks_uri,
            _ => &None,
        }
        .as_ref()
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = &Url> {
        ENDPOINTS.iter().filter_map(|member| self.endpoint(member))
    }
}

/// An endpoint of the issuer at `place`, if it names one: https, or beside an issuer on loopback http to there. A
/// relative one is one of the issuer's own. The error says what is wrong with it.
fn endpoint(name: &str, said: &Members, place: &Url) -> Result<Option<Url>, String> {
    let Some(text) = said.text(name) else {
        return match said.fault(name) {
            Some(fault) if !fault.ends_with("is empty") => Err(fault),
            _ => Ok(None),
        };
    };
    let bad = |why: &str| Err(format!("`{name}` as {}, {why}", quoted(&text)));
    let url = match Url::parse(&text) {
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let mut base = place.clone();
            base.set_path(&format!("{}/", place.path().trim_end_matches('/')));
            base.join(&text)
        }
        parsed => parsed,
    };
    match url {
        Err(_) => bad("which is no address"),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Err(format!("`{name}` with a user or password in it"))
        }
        Ok(url) if !may_carry_secrets_near(&url, place) => bad("which is not https"),
        Ok(url) if leads_inside(&url, place) => {
            bad("which is an address of this machine or its cloud and no public one")
        }
        Ok(url) if http::Uri::try_from(url.as_str()).is_err() => bad("which nobody can ask"),
        Ok(url) => Ok(Some(url)),
    }
}

const ENDPOINTS: [&str; 8] = [
    "token_endpoint",
    "authorization_endpoint",
    "device_authorization_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "jwks_uri",
];
