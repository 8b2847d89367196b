//! [`Question`]: what kubectl says of the call, in `KUBERNETES_EXEC_INFO`.

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// What kubectl says of the call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) api_version: ApiVersion,
    /// Whether somebody is there who can be asked, as far as kubectl knows.
    pub(crate) is_interactive: bool,
}

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    api_version: String,
    kind: String,
    spec: Option<Spec>,
}

#[derive(Deserialize)]
struct Spec {
    interactive: Option<bool>,
}

impl Question {
    /// The one in the environment; without one, somebody calls by hand.
    ///
    /// # Errors
    /// `Config` if it is broken, or of a version that is unknown here.
    pub(crate) fn of_environment() -> Result<Self> {
        match crate::variables::os(VARIABLE) {
            Some(text) if !text.is_empty() => Self::parse(text.to_str().unwrap_or_default()),
            _ => Ok(Self {
                api_version: ApiVersion::default(),
                is_interactive: true,
            }),
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let broken = || {
            Error::config(format!("{VARIABLE} is no ExecCredential in JSON"))
                .with_advice("leave it to kubectl, or unset it")
        };
        let asked: ExecCredential = serde_json::from_str(text).map_err(|_| broken())?;
        if asked.kind != "ExecCredential" {
            return Err(broken());
        }
        let api_version = ApiVersion::named(&asked.api_version).ok_or_else(|| {
            let version = Untrusted::new(&asked.api_version).with_limit(100);
            Error::config(format!("{VARIABLE} has the unknown apiVersion `{version}`")).with_advice(
                "write `apiVersion: client.authentication.k8s.io/v1` into the kubeconfig",
            )
        })?;
        let interactive = asked.spec.and_then(|spec| spec.interactive);
        Ok(Self {
            api_version,
            is_interactive: interactive.unwrap_or(true),
        })
    }
}

const VARIABLE: &str = "KUBERNETES_EXEC_INFO";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_of_each_version_is_read_and_what_is_none_is_refused() {
        let text = |version: &str, rest: &str| {
            format!(r#"{{"apiVersion":"{version}","kind":"ExecCredential"{rest}}}"#)
        };
        let (v1, beta) = (
            "client.authentication.k8s.io/v1",
            "client.authentication.k8s.io/v1beta1",
        );
        let parsed = |version, rest| Question::parse(&text(version, rest)).unwrap();
        let cluster =
            r#","spec":{"interactive":false,"cluster":{"server":"https://a","config":{"x":[1]}}}"#;
        assert_eq!(parsed(v1, "").api_version, ApiVersion::V1);
        assert!(parsed(v1, "").is_interactive && !parsed(v1, cluster).is_interactive);
        assert_eq!(parsed(beta, cluster).api_version, ApiVersion::V1Beta1);
        assert!(parsed(v1, r#","spec":null"#).is_interactive);
        for bad in [
            "{",
            "[]",
            "null",
            "{}",
            "\u{1b}",
            &text("client.authentication.k8s.io/v1alpha1", ""),
            &text("client.authentication.k8s.io/v2", ""),
            &text(v1, r#","spec":{"interactive":"yes"}"#),
            &text(v1, "").replace("ExecCredential", "Pod"),
        ] {
            let error = Question::parse(bad).unwrap_err();
            assert_eq!(error.to_string().lines().count(), 1, "{bad}: {error}");
        }
    }
}
