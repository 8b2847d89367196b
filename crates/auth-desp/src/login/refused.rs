//! [`Refused`]: what the IAM has refused, remembered so that no job locks the account by trying it again.

use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use auth_core::clock::bound::seconds;
use auth_core::{Error, Result};
use aws_lc_rs::pbkdf2;
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// A refused password, or secret of a device, as the account's entry has it: salted and hashed (PBKDF2-HMAC-SHA512),
/// with an end.
#[derive(Deserialize, Serialize)]
pub(super) struct Refused {
    salt: String,
    hash: String,
    until: u64,
}

impl Refused {
    /// Remembers for so long that `secret` was refused for `whose`.
    pub(super) async fn remember(
        whose: &SecretString,
        secret: &SecretString,
        now: SystemTime,
        memory: Duration,
    ) -> Result<SecretString> {
        let mut salt = [0; 16];
        aws_lc_rs::rand::fill(&mut salt)
            .map_err(|_| Error::protocol("the system has no random numbers"))?;
        let hash = hash(whose, secret, salt.to_vec()).await;
        let refused = Self {
            salt: BASE64.encode(&salt),
            hash: BASE64.encode(&hash),
            until: seconds(now + memory),
        };
        let text = serde_json::to_string(&refused);
        text.map(Into::into)
            .map_err(|_| Error::protocol("what was refused can't be noted"))
    }

    /// Whether that is the one which was refused, not long ago. A note that can't be read says nothing.
    pub(super) async fn is(
        note: Option<&SecretString>,
        whose: &SecretString,
        secret: &SecretString,
        now: SystemTime,
    ) -> bool {
        let refused = note.and_then(|note| serde_json::from_str::<Self>(note.expose_secret()).ok());
        let Some(refused) = refused.filter(|refused| seconds(now) < refused.until) else {
            return false;
        };
        // Of a clock that was wrong.
        if refused.until > seconds(now + 2 * MEMORY) {
            return false;
        }
        match BASE64.decode(refused.salt.as_bytes()) {
            Ok(salt) => BASE64.encode(&hash(whose, secret, salt).await) == refused.hash,
            Err(_) => false,
        }
    }
}

/// Takes a tenth of a second, on a thread of its own.
async fn hash(whose: &SecretString, secret: &SecretString, salt: Vec<u8>) -> Vec<u8> {
    let both = (whose.expose_secret(), secret.expose_secret());
    let both: SecretString = serde_json::to_string(&both).unwrap_or_default().into();
    let work = move || {
        let mut hash = vec![0; 32];
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA512;
        pbkdf2::derive(
            algorithm,
            ROUNDS,
            &salt,
            both.expose_secret().as_bytes(),
            &mut hash,
        );
        hash
    };
    crate::shared_file::on_a_thread(work).await
}

/// How long what was refused is not sent again.
pub(super) const MEMORY: Duration = Duration::from_secs(86_400);

/// As OWASP has it for this hash.
const ROUNDS: NonZeroU32 = NonZeroU32::new(210_000).expect("it is no zero");

/// The note with a password that was refused.
pub(super) const REFUSED: &str = "refused";

/// The note with a one-time code that was refused, or with the secret of its device.
pub(super) const REFUSED_CODE: &str = "refused code";
