//! What the issuer says about itself (OpenID Connect Discovery, RFC 8414).

use serde_json::{Value, json};

/// The metadata of `issuer`.
pub(crate) fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "grant_types_supported": [
            "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"
        ],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt",
            "none"
        ],
        "token_endpoint_auth_signing_alg_values_supported": [
            "HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"
        ],
    })
}
