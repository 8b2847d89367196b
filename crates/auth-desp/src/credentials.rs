//! [`Credentials`]: what a person would type.

use std::fmt;
use std::sync::Arc;

use auth_core::Prompt;
use auth_core::prompt::{Echo, Typed};
use auth_core::session::Secret;
use secrecy::SecretString;

/// What a person would type into the login page. Each is asked for when a page wants it, and not before.
#[derive(Clone)]
pub struct Credentials {
    pub(crate) user: Arc<dyn Secret>,
    pub(crate) password: Arc<dyn Secret>,
    pub(crate) code: Code,
    pub(crate) device: Option<String>,
}

/// Where one-time codes come from.
#[derive(Clone)]
pub(crate) enum Code {
    /// Somebody makes them.
    Given(Arc<dyn Secret>),
    /// They are made here, from the secret of a device.
    Made(Arc<dyn Secret>),
}

impl Credentials {
    /// A user name and a password, for an account that is asked for no one-time code.
    pub fn new(user: impl Secret + 'static, password: impl Secret + 'static) -> Self {
        Self {
            user: Arc::new(user),
            password: Arc::new(password),
            code: Code::Given(Arc::new(SecretString::from(""))),
            device: None,
        }
    }

    /// All of it typed by a person.
    pub fn typed(prompt: Arc<dyn Prompt>) -> Self {
        let typed = |question: &str, echo| Typed::new(prompt.clone(), question, echo);
        Self::new(
            typed("Username", Echo::Shown),
            typed("Password", Echo::Hidden),
        )
        .with_code(typed("One-time code", Echo::Hidden))
    }

    /// Somebody makes the one-time codes: each is asked for when a page wants it.
    #[must_use]
    pub fn with_code(self, code: impl Secret + 'static) -> Self {
        let code = Code::Given(Arc::new(code));
        Self { code, ..self }
    }

    /// Makes one-time codes from the secret of a device, as [`Totp::from_text`](crate::otp::Totp::from_text) reads it.
    /// No code is sent twice, whichever process sent it before.
    #[must_use]
    pub fn with_totp(self, secret: impl Secret + 'static) -> Self {
        let code = Code::Made(Arc::new(secret));
        Self { code, ..self }
    }

    /// Answers for the device of this label, where the person has several.
    #[must_use]
    pub fn with_device(self, label: impl Into<String>) -> Self {
        let device = Some(label.into());
        Self { device, ..self }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .field("password", &self.password)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}
