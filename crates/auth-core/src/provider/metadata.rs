//! [`Metadata`]: what an issuer says about itself.

use serde::Deserialize;
use url::Url;

/// What an issuer says about itself (OpenID Connect Discovery §3, RFC 8414 §2).
#[derive(Clone, Debug, Deserialize)]
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
    /// Whether authorization answers carry `iss` (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// What is known of a server without asking it. The rest is added field by field.
    pub fn new(issuer: impl Into<String>, token_endpoint: Url) -> Self {
        Self {
            issuer: issuer.into(),
            token_endpoint: Some(token_endpoint),
            authorization_endpoint: None,
            device_authorization_endpoint: None,
            revocation_endpoint: None,
            introspection_endpoint: None,
            userinfo_endpoint: None,
            end_session_endpoint: None,
            jwks_uri: None,
            code_challenge_methods_supported: None,
            authorization_response_iss_parameter_supported: false,
        }
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = &Url> {
        let more = [
            &self.token_endpoint,
            &self.authorization_endpoint,
            &self.device_authorization_endpoint,
            &self.revocation_endpoint,
            &self.introspection_endpoint,
            &self.userinfo_endpoint,
            &self.end_session_endpoint,
            &self.jwks_uri,
        ];
        more.into_iter().flatten()
    }
}
