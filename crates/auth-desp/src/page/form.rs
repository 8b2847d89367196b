//! [`Form`]: a form that may be sent: to the IAM, and nowhere else.

use std::fmt;

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use super::control::{Control, Kind};
use super::document::{Document, RawForm};
use crate::platform::Platform;

/// A form of a login that may be sent, by POST, to the address that it names.
#[derive(Clone)]
pub struct Form {
    action: Url,
    controls: Vec<Control>,
}

impl Form {
    /// The form, if what is typed into it goes to the login of `platform`: by POST, with encryption or on
    /// loopback, to the origin of the IAM, below `login-actions/`.
    pub(super) fn checked(
        raw: &RawForm,
        document: &Document,
        page: &Url,
        platform: &Platform,
    ) -> Result<Self> {
        if raw.method != "post" {
            return Err(astray("puts what is typed into a URL"));
        }
        let base = document.base.as_deref();
        let base = base.and_then(|base| page.join(base.trim()).ok());
        let action = match raw.action.trim() {
            "" => Ok(page.clone()),
            action => base.as_ref().unwrap_or(page).join(action),
        };
        let mut action = action.map_err(|_| astray("is sent to what is no URL"))?;
        action.set_fragment(None);
        let home = platform.login_actions();
        if action.origin() != home.origin() || !may_carry_secrets(&action) {
            let origin = action.origin().ascii_serialization();
            return Err(astray(&format!("is sent to {}", Untrusted::new(&origin))));
        }
        if !action.path().starts_with(home.path()) {
            return Err(astray("is sent past the IAM's login"));
        }
        if !action.username().is_empty() || action.password().is_some() {
            return Err(astray("is sent with a user or password in its URL"));
        }
        let controls = raw.controls.clone();
        Ok(Self { action, controls })
    }

    /// Where it is sent.
    pub fn action(&self) -> &Url {
        &self.action
    }

    /// Whether there is something of that name in it.
    pub fn has(&self, name: &str) -> bool {
        let mut controls = self.controls.iter();
        controls.any(|control| control.name == name && !control.is_disabled)
    }

    /// What a browser sends (`application/x-www-form-urlencoded`) when a person has filled these in: with
    /// hidden inputs, with what was chosen already, and with the first button. What the form does not ask
    /// for is not sent.
    pub fn filled(&self, values: &[(&str, &SecretString)]) -> SecretString {
        let mut body = form_urlencoded::Serializer::new(String::new());
        let mut done: Vec<&str> = Vec::new();
        let mut is_sent = false;
        let usable = |control: &&Control| !control.is_disabled && !control.name.is_empty();
        for control in self.controls.iter().filter(usable) {
            let name = &*control.name;
            if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
                if !done.contains(&name) {
                    // No field takes a line end: one comes with a file or a variable.
                    let typed: SecretString =
                        value.expose_secret().replace(['\r', '\n'], "").into();
                    body.append_pair(name, typed.expose_secret());
                    done.push(name);
                }
                continue;
            }
            let goes = match control.kind {
                Kind::Field | Kind::Hidden => true,
                Kind::Choice => control.is_checked,
                Kind::Submit => !std::mem::replace(&mut is_sent, true),
                Kind::Mute => false,
            };
            if goes {
                let unset = if control.kind == Kind::Choice {
                    "on"
                } else {
                    ""
                };
                body.append_pair(name, control.value.as_deref().unwrap_or(unset));
            }
        }
        body.finish().into()
    }

    pub(super) fn controls(&self) -> &[Control] {
        &self.controls
    }
}

impl fmt::Debug for Form {
    /// Without values and without the query of its address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.controls.iter().map(|control| &control.name);
        f.debug_struct("Form")
            .field("path", &self.action.path())
            .field("names", &names.collect::<Vec<_>>())
            .finish()
    }
}

fn astray(why: &str) -> Error {
    Error::protocol(format!(
        "the login page has a form that {why}; nothing was sent"
    ))
    .with_advice("check the IAM's URL and realm, and report it to the platform if they are right")
}
