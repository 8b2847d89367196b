//! [`Manner`]: how the subject's token is sent.

use secrecy::SecretString;

use crate::assertion::Claims;
use crate::endpoint::{Form, TOKEN_EXCHANGE};
use crate::error::Error;
use crate::token::AccessToken;

/// How the subject's token is sent.
#[derive(Debug)]
pub(super) enum Manner {
    /// As the subject of RFC 8693, which is of this type.
    Subject(String),
    /// As the assertion of RFC 7523 §2.1.
    Assertion,
}

impl Manner {
    /// A request with the token in it.
    pub(super) fn form(&self, token: SecretString) -> Form {
        match self {
            Self::Subject(of_type) => Form::new(TOKEN_EXCHANGE)
                .with_secret("subject_token", token)
                .with("subject_token_type", of_type),
            Self::Assertion => Form::new(JWT_BEARER).with_secret("assertion", token),
        }
    }

    /// The error with what a refused assertion said of itself: the server's words name claims, and whoever reads them wants
    /// to see the values.
    pub(super) fn explained(&self, error: Error, subject: &AccessToken) -> Error {
        let said = match self {
            Self::Assertion if error.is_refusal("invalid_grant") => {
                Claims::of(subject.expose_secret()).and_then(|claims| claims.said())
            }
            _ => None,
        };
        match (said, error.advice()) {
            (None, _) => error,
            (Some(said), Some(advice)) => {
                let advice = format!("{advice} ({said})");
                error.with_advice(advice)
            }
            (Some(said), None) => error.with_advice(said),
        }
    }
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
