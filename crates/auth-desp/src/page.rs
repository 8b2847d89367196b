//! [`Page`]: what a page of a login asks for.
//!
//! Decided by ids and by names of fields, which every theme and every language of Keycloak has alike, and
//! never by what a page says.

mod between;
mod control;
mod copy;
mod device;
mod document;
mod form;
mod way;

use std::borrow::Cow;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use url::Url;

use self::document::{Document, RawForm, Text};
use crate::platform::Platform;

pub(crate) use self::copy::copy;
pub use self::device::Device;
pub use self::form::Form;
pub use self::way::Way;

/// What a page of a login asks for. Texts are the server's, in its language and untrusted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Page {
    /// A user name, a password or both.
    Login {
        /// What to fill in.
        form: Form,
        /// Whether the name is asked for: not of whom the page knows already.
        wants_username: bool,
        /// Whether the password is: not on the first of two pages.
        wants_password: bool,
        /// What the page says about it.
        remark: Option<Remark>,
    },
    /// A code that a device shows, in the field `otp`.
    OneTimeCode {
        /// What to fill in.
        form: Form,
        /// The devices among which one is chosen by `selectedCredentialId`, where the page names some.
        devices: Vec<Device>,
        /// What the page says about it.
        remark: Option<Remark>,
    },
    /// One of the codes that a person once noted down, in the field `recoveryCodeInput`.
    RecoveryCode {
        /// What to fill in.
        form: Form,
        /// What the page says about it.
        remark: Option<Remark>,
    },
    /// A security key or passkey (WebAuthn).
    SecurityKey,
    /// A choice among several ways to prove it.
    Ways(Vec<Way>),
    /// Something that no program has, as a security key, a recovery code, or something that is not known here; where the form leads
    /// to the [other ways](Self::Ways).
    OrAnotherWay(Box<Self>, Form),
    /// Something that the person must do first, by Keycloak's name: `UPDATE_PASSWORD`, `VERIFY_EMAIL` ….
    RequiredAction(Cow<'static, str>),
    /// Terms to accept.
    Terms,
    /// That the client may have what it asks for.
    Consent,
    /// A form was sent that belongs to a page which is over.
    Expired,
    /// Nothing: it is an error, with this text.
    Failed(String),
    /// Something that is not known here; with its title, if it has one.
    Unknown(Option<String>),
}

/// What a page says besides asking.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// About a field: what was typed is wrong. A locked account is told the same.
    Wrong(String),
    /// About what was sent, but no field: the account can't log in, as one that is disabled.
    Barred(String),
    /// The login began anew: it took too long.
    Restarted(String),
    /// Why the page is there.
    Notice(String),
}

impl Page {
    /// Reads the page that came from `url`, whatever bytes it is.
    ///
    /// # Errors
    /// `Protocol` if it is no page of `platform`'s, or asks for something that would be sent elsewhere.
    pub fn read(url: &Url, body: &[u8], platform: &Platform) -> Result<Self> {
        if url.origin() != platform.login_actions().origin() {
            return Err(Error::protocol(
                "a page of another site stands where the login was expected",
            )
            .with_advice("check the IAM's URL and the service's redirect URI"));
        }
        let document = Document::read(body);
        let sheet = Sheet {
            document: &document,
            url,
            platform,
        };
        if let Some(text) = document.said(|text| text.id == "kc-error-message") {
            return Ok(Self::Failed(text.to_owned()));
        }
        if ["loginRestartLink", "loginContinueLink"].map(|id| document.has_id(id)) == [true; 2] {
            return Ok(Self::Expired);
        }
        if let Some(page) = Self::announced(url, platform).or_else(|| sheet.action()) {
            return Ok(page);
        }
        if let Some(page) = sheet.ways()? {
            return Ok(page);
        }
        match sheet.code()? {
            Some(page @ Self::RecoveryCode { .. }) => sheet.or_another_way(page),
            Some(page) => Ok(page),
            None => match sheet.login()? {
                Some(page) => Ok(page),
                None => sheet.or_another_way(sheet.rest()),
            },
        }
    }

    /// What the page at `url` will ask for, if its address says so: then nobody needs to fetch it.
    pub fn announced(url: &Url, platform: &Platform) -> Option<Self> {
        let home = platform.login_actions();
        let below = url.path().strip_prefix(home.path())?;
        if url.origin() != home.origin() || below != "required-action" {
            return None;
        }
        let mut pairs = url.query_pairs();
        let (_, name) = pairs.find(|(key, name)| key == "execution" && !name.is_empty())?;
        Some(match &*name {
            "OAUTH_GRANT" => Self::Consent,
            "TERMS_AND_CONDITIONS" | "terms_and_conditions" => Self::Terms,
            _ => Self::RequiredAction(name.into_owned().into()),
        })
    }
}

/// A page that is being looked at.
struct Sheet<'a> {
    document: &'a Document,
    url: &'a Url,
    platform: &'a Platform,
}

impl Sheet<'_> {
    /// A required action, by the fields that only its page has.
    fn action(&self) -> Option<Page> {
        let has = |name: &str| {
            let mut forms = self.document.forms.iter();
            forms.any(|form| form.has(name))
        };
        if has("accept") && has("cancel") {
            return Some(if has("code") {
                Page::Consent
            } else {
                Page::Terms
            });
        }
        let found = |(mark, _): &&(&str, &str)| has(mark) || self.document.has_id(mark);
        let (_, name) = ACTIONS.iter().find(found)?;
        Some(Page::RequiredAction((*name).into()))
    }

    fn code(&self) -> Result<Option<Page>> {
        let code = self.form("kc-otp-login-form", &["otp"]);
        // One that asks for the password beside it is the login.
        if let Some(raw) = code.filter(|raw| !raw.asks("password")) {
            let form = self.checked(raw)?;
            let devices = device::among(&form, self.document);
            let remark = self.remark();
            return Ok(Some(Page::OneTimeCode {
                form,
                devices,
                remark,
            }));
        }
        let Some(raw) = self.form("kc-recovery-code-login-form", &["recoveryCodeInput"]) else {
            return Ok(None);
        };
        let (form, remark) = (self.checked(raw)?, self.remark());
        Ok(Some(Page::RecoveryCode { form, remark }))
    }

    fn login(&self) -> Result<Option<Page>> {
        let id = "kc-form-login";
        let raw = self.form(id, &["username", "password"]);
        let raw = raw.or_else(|| self.form(id, &["password"]));
        let Some(raw) = raw.or_else(|| self.form(id, &["username"])) else {
            return Ok(None);
        };
        Ok(Some(Page::Login {
            wants_username: raw.asks("username"),
            wants_password: raw.asks("password"),
            form: self.checked(raw)?,
            remark: self.remark(),
        }))
    }

    fn rest(&self) -> Page {
        if self.document.has_id("webauth") {
            return Page::SecurityKey;
        }
        // For whoever reports the page.
        tracing::debug!(
            path = %Untrusted::new(self.url.path()),
            outline = %Untrusted::new(&self.document.outline()).with_limit(2000),
            "a login page that is not known here"
        );
        let heading = self.document.said(|text| text.id == "kc-page-title");
        let title = heading.or_else(|| self.document.said(|text| text.tag == "title"));
        Page::Unknown(title.map(str::to_owned))
    }

    /// The form with these fields: the one of that id if there are several. One in which a person would
    /// choose a password is none.
    fn form(&self, id: &str, fields: &[&str]) -> Option<&RawForm> {
        let fits = |form: &&RawForm| {
            fields.iter().all(|field| form.asks(field)) && !form.asks("password-confirm")
        };
        let forms = || self.document.forms.iter().filter(fits);
        forms()
            .find(|form| form.id == id)
            .or_else(|| forms().next())
    }

    fn checked(&self, raw: &RawForm) -> Result<Form> {
        Form::checked(raw, self.document, self.url, self.platform)
    }

    fn remark(&self) -> Option<Remark> {
        let mark = self
            .document
            .said(|text| text.id.starts_with("input-error"));
        if let Some(text) = mark {
            return Some(Remark::Wrong(text.to_owned()));
        }
        let said = self.document.said(Text::is_feedback)?.to_owned();
        let mut pairs = self.url.query_pairs();
        let home = self.platform.login_actions();
        // The answer to a form has the form's address, with its code.
        Some(if pairs.any(|(key, _)| key == "session_code") {
            Remark::Barred(said)
        } else if self.url.path().starts_with(home.path()) {
            Remark::Restarted(said)
        } else {
            Remark::Notice(said)
        })
    }
}

impl RawForm {
    fn has(&self, name: &str) -> bool {
        self.controls.iter().any(|control| control.name == name)
    }

    fn asks(&self, field: &str) -> bool {
        self.controls.iter().any(|control| control.is_field(field))
    }
}

/// The name of a field or the id of a form, and the required action whose page alone has it.
const ACTIONS: [(&str, &str); 9] = [
    ("totpSecret", "CONFIGURE_TOTP"),
    ("password-new", "UPDATE_PASSWORD"),
    (
        "generatedRecoveryAuthnCodes",
        "CONFIGURE_RECOVERY_AUTHN_CODES",
    ),
    ("attestationObject", "webauthn-register"),
    ("kc-update-email-form", "UPDATE_EMAIL"),
    ("kc-verify-email-form", "VERIFY_EMAIL"),
    ("kc-update-profile-form", "VERIFY_PROFILE"),
    ("kc-deleteaccount-form", "delete_account"),
    ("kc-locale-update-form", "update_user_locale"),
];

#[cfg(test)]
mod tests;
