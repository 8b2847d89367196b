//! Pages that no program gets past.

use auth_core::Error;
use auth_core::error::Untrusted;
use http::StatusCode;
use url::Url;

use crate::page::Page;
use crate::platform::Platform;
use crate::service::Service;

/// Why the login does not go on at `page`, and what a person can do.
pub(super) fn stuck(
    platform: &Platform,
    service: &Service,
    page: Page,
    status: StatusCode,
) -> Error {
    let console = platform.account_console();
    let first = |what: &str| {
        Error::interaction(format!("the platform wants something done first: {what}")).with_advice(
            format!("do it in a browser at {console}, then log in again"),
        )
    };
    match page {
        Page::RequiredAction(name) => match known(&name) {
            Some(what) => first(&format!("{what} ({name})")),
            None => first(&Untrusted::new(&name).with_limit(60).to_string()),
        },
        Page::Terms => first("its terms must be accepted (TERMS_AND_CONDITIONS)"),
        Page::Consent => Error::interaction(format!(
            "the platform asks for consent that client {} may have what it asks for",
            Untrusted::new(service.client_id())
        ))
        .with_advice(format!(
            "log in to {} once in a browser, and consent",
            service.redirect_uri()
        )),
        Page::SecurityKey => Error::interaction(
            "the account wants a security key or passkey, which this login can't use",
        )
        .with_advice(other(&console)),
        Page::RecoveryCode { .. } => Error::interaction(
            "the account wants a recovery code, which this login does not ask for",
        )
        .with_advice(other(&console)),
        Page::Failed(text) => Error::config(format!(
            "the IAM refuses to begin this login: {}",
            said(&text)
        ))
        .with_advice("check the client, its redirect URI and the realm"),
        Page::Expired => Error::unavailable("the login page expired").with_advice("try again"),
        Page::Unknown(Some(title)) => {
            let title = Untrusted::new(&title).with_limit(80).to_string();
            unknown(&format!(", titled {title}"), status)
        }
        _ => unknown("", status),
    }
    .with_status(status.as_u16())
}

/// The platform asks for what the account had first.
fn other(console: &Url) -> String {
    format!(
        "let the account at {console} have a one-time code generator, and no other second factor before it"
    )
}

/// What the IAM says, in the middle of a sentence of ours.
pub(super) fn said(text: &str) -> Untrusted<'_> {
    Untrusted::new(text.trim().trim_end_matches('.'))
}

fn unknown(titled: &str, status: StatusCode) -> Error {
    if status.is_client_error() {
        return Error::protocol(format!(
            "the IAM answered {status} with a page that is not known here{titled}"
        ))
        .with_advice(
            "check the IAM's URL and realm, and what lies between: a proxy or a firewall may refuse this machine",
        );
    }
    Error::protocol(format!(
        "the login leads to a page that is not known here{titled}"
    ))
    .with_advice(
        "check the IAM's URL and realm; if they are right, have a copy of the page made to report it: \
         `auth login … --page-copy FILE`",
    )
}

/// Keycloak's required actions, for people.
fn known(name: &str) -> Option<&'static str> {
    Some(match name {
        "UPDATE_PASSWORD" => "a new password",
        "CONFIGURE_TOTP" => "a one-time code generator must be set up",
        "CONFIGURE_RECOVERY_AUTHN_CODES" => "recovery codes must be noted down",
        "VERIFY_EMAIL" => "the e-mail address must be confirmed",
        "UPDATE_EMAIL" => "a new e-mail address",
        "VERIFY_PROFILE" | "UPDATE_PROFILE" => "the profile must be completed",
        "webauthn-register" | "webauthn-register-passwordless" => {
            "a security key must be registered"
        }
        _ => return None,
    })
}
