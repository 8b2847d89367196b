//! How an application proves to Entra ID who it is.

use super::application::{EntraApplication, Validity};
use super::place::Place;
use super::refusal::Refusal;
use super::{Elsewhere, assertion};
use crate::credential::basic;
use crate::record::Received;

/// How it was proved, as tokens say it in `azpacr` and `appidacr`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Nothing,
    Secret,
    Assertion,
}

impl Proof {
    pub(super) fn acr(self) -> &'static str {
        match self {
            Self::Nothing => "0",
            Self::Secret => "1",
            Self::Assertion => "2",
        }
    }
}

/// The application that `request` names, which nobody has proved yet.
pub(super) fn named(place: &Place, id: Option<&str>) -> Result<EntraApplication, Refusal> {
    let id = id.filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Refusal::missing("client_id"))?;
    place.application(id).cloned().ok_or_else(|| {
        let text = format!(
            "Application with identifier '{id}' was not found in the directory '{}'. This can happen \
             if the application has not been installed by the administrator of the tenant or consented \
             to by any user in the tenant.",
            place.name()
        );
        Refusal::new("unauthorized_client", 700_016, text)
    })
}

/// The application behind `request`, and how it proved that.
pub(super) fn authenticate(
    place: &Place,
    request: &Received,
    elsewhere: Elsewhere<'_>,
) -> Result<(EntraApplication, Proof), Refusal> {
    let field = |name| request.field(name).filter(|value| !value.is_empty());
    let basic = request
        .header("authorization")
        .and_then(|header| basic(header).ok());
    let (id, secret) = match basic {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (field("client_id"), field("client_secret")),
    };
    let application = named(place, id.as_deref())?;
    let signed = field("client_assertion");
    let asks_for_itself = field("grant_type").as_deref() == Some("client_credentials");
    if application.is_public() {
        return match secret.is_some() || signed.is_some() {
            true => Err(Refusal::new(
                "invalid_client",
                700_025,
                "Client is public so neither 'client_assertion' nor 'client_secret' should be \
                 presented.",
            )),
            false => Ok((application, Proof::Nothing)),
        };
    }
    let proof = match (secret, signed) {
        (Some(secret), None) => {
            check_secret(&application, &secret)?;
            Proof::Secret
        }
        (None, Some(text)) => {
            if field("client_assertion_type").as_deref() != Some(JWT_BEARER) {
                return Err(Refusal::missing("client_assertion_type"));
            }
            assertion::check(place, &application, &text, request, elsewhere)?;
            Proof::Assertion
        }
        (None, None) if application.public_flows && !asks_for_itself => Proof::Nothing,
        (None, None) => {
            return Err(Refusal::new(
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or \
                 'client_secret'.",
            ));
        }
        (Some(_), Some(_)) => {
            let text = "The request has both 'client_secret' and 'client_assertion'.";
            return Err(Refusal::new("invalid_request", 9_002_313, text));
        }
    };
    Ok((application, proof))
}

fn check_secret(application: &EntraApplication, secret: &str) -> Result<(), Refusal> {
    let mut known = application.secrets.iter();
    let id = &application.id;
    match known.find(|(value, _)| value == secret) {
        Some((_, Validity::Current)) => Ok(()),
        Some((_, Validity::Expired)) => {
            let text = format!("The provided client secret keys for app '{id}' are expired.");
            Err(Refusal::new("invalid_client", 7_000_222, text))
        }
        None => {
            let text = format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the \
                 client secret value, not the client secret ID, for a secret added to app '{id}'."
            );
            Err(Refusal::new("invalid_client", 7_000_215, text))
        }
    }
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
