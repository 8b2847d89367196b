//! What a realm says about itself (OpenID Connect Discovery).

use serde_json::{Value, json};

/// The metadata of `issuer`.
pub(super) fn metadata(issuer: &str) -> Value {
    let at = |place: &str| format!("{issuer}/protocol/openid-connect/{place}");
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("auth"),
        "token_endpoint": at("token"),
        "introspection_endpoint": at("token/introspect"),
        "userinfo_endpoint": at("userinfo"),
        "end_session_endpoint": at("logout"),
        "jwks_uri": at("certs"),
        "revocation_endpoint": at("revoke"),
        "device_authorization_endpoint": at("auth/device"),
        "grant_types_supported": [
            "authorization_code", "client_credentials", "refresh_token", "password",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "roles", "offline_access"],
        "token_endpoint_auth_methods_supported": [
            "private_key_jwt", "client_secret_basic", "client_secret_post", "client_secret_jwt"
        ],
        "token_endpoint_auth_signing_alg_values_supported": [
            "HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"
        ],
    })
}
