//! [`Content`]: a certificate and its key as they are kept, read as the PEM text that signs.

use std::sync::Arc;

use auth_core::session::{Held, Secret};
use auth_core::{BoxFuture, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

/// PEM text, or a PKCS#12 file in base64.
#[derive(Clone, Debug)]
pub(super) struct Content {
    given: Arc<dyn Secret>,
    password: Option<Arc<dyn Secret>>,
    name: String,
}

impl Content {
    pub(super) fn new(given: Arc<dyn Secret>) -> Self {
        Self {
            given,
            password: None,
            name: String::new(),
        }
    }

    pub(super) fn with_password(self, password: Arc<dyn Secret>) -> Self {
        let password = Some(password);
        Self { password, ..self }
    }

    /// How errors call it.
    pub(super) fn with_name(self, name: String) -> Self {
        Self { name, ..self }
    }

    async fn pem(&self, held: &Held) -> Result<SecretString> {
        let given = self.given.reveal(held).await?;
        match der(&given) {
            None => Ok(given),
            Some(der) => {
                let unpacked = self.unpacked(der, held).await;
                unpacked.map_err(|error| error.context(&self.name))
            }
        }
    }

    #[cfg(feature = "pkcs12")]
    #[expect(
        clippy::disallowed_methods,
        reason = "its key is stretched for as long as the file says, and other tasks go on meanwhile"
    )]
    async fn unpacked(&self, der: Zeroizing<Vec<u8>>, held: &Held) -> Result<SecretString> {
        let password = match &self.password {
            Some(password) => Some(password.reveal(held).await?),
            None => None,
        };
        let unpacked =
            tokio::task::spawn_blocking(move || super::pkcs12::pem(&der, password.as_ref()));
        let unpacked = unpacked.await;
        unpacked
            .unwrap_or_else(|_| Err(Error::config("the reading of the PKCS#12 file was cut off")))
    }

    #[cfg(not(feature = "pkcs12"))]
    async fn unpacked(&self, _: Zeroizing<Vec<u8>>, _: &Held) -> Result<SecretString> {
        Err(
            Error::config("it is no PEM text but a PKCS#12 file, which this program can't read")
                .with_advice(super::OPENSSL),
        )
    }
}

impl Secret for Content {
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(self.pem(held))
    }

    fn asks(&self) -> bool {
        self.given.asks()
            || self
                .password
                .as_ref()
                .is_some_and(|password| password.asks())
    }

    fn refused(&self) {
        self.given.refused();
        if let Some(password) = &self.password {
            password.refused();
        }
    }
}

/// The binary in `text`, unless it is PEM.
fn der(text: &SecretString) -> Option<Zeroizing<Vec<u8>>> {
    let words = text.expose_secret().split_whitespace();
    let packed = Zeroizing::new(words.collect::<String>());
    let der = Zeroizing::new(STANDARD.decode(&*packed).ok()?);
    (der.first() == Some(&SEQUENCE)).then_some(der)
}

/// What DER begins with (X.690 §8.9).
const SEQUENCE: u8 = 0x30;
