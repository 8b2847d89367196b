//! The answer of a credential plugin of kubectl (`client.authentication.k8s.io`).

use auth_core::AccessToken;
use serde::Serialize;
use serde_json::{Value, json};

use crate::output::time;

/// A version of the protocol: the answer has that of the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) enum ApiVersion {
    #[default]
    #[serde(rename = "client.authentication.k8s.io/v1")]
    V1,
    #[serde(rename = "client.authentication.k8s.io/v1beta1")]
    V1Beta1,
}

impl ApiVersion {
    /// The version of that name, if it is one that we speak.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "client.authentication.k8s.io/v1" => Some(Self::V1),
            "client.authentication.k8s.io/v1beta1" => Some(Self::V1Beta1),
            _ => None,
        }
    }
}

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
