//! The answer of a credential plugin of kubectl (`client.authentication.k8s.io`).

use auth_core::AccessToken;
use serde_json::{Value, json};

use crate::kubectl::ApiVersion;
use crate::output::time;

/// The answer that hands out `token`.
pub(crate) fn exec_credential(version: ApiVersion, token: &AccessToken) -> Value {
    json!({
        "apiVersion": version,
        "kind": "ExecCredential",
        "status": {
            "token": token.expose_secret(),
            "expirationTimestamp": time::rfc3339(token.expires_at()),
        },
    })
}
