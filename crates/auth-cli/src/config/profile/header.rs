//! Where a profile's token goes on a request.

use auth_core::{Error, Result};
use http::HeaderName;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};

use super::Profile;

impl Profile {
    /// The header that the token goes into, and the word in front of it.
    ///
    /// # Errors
    /// `Config` if no token can stand there.
    pub(crate) fn header(&self) -> Result<(HeaderName, Option<&str>)> {
        let settings = &self.settings;
        let wrong = |key: &str, what: &str, advice: &'static str| {
            let origin = settings.origin(key);
            Err(Error::config(format!("{origin}: `{key}` {what}")).with_advice(advice))
        };
        let name = match settings.text("header") {
            None => AUTHORIZATION,
            Some(name) => match HeaderName::try_from(name) {
                Ok(name) if TAKEN.contains(&name) => {
                    let advice = "name the one that the API takes a token in";
                    return wrong("header", "names a header with a meaning of its own", advice);
                }
                Ok(name) => name,
                Err(_) => {
                    let advice = "write for example `header = \"X-Identity\"`";
                    return wrong("header", "is no name for a header", advice);
                }
            },
        };
        let scheme = match settings.text("scheme") {
            Some("") => None,
            Some(scheme) if HeaderName::try_from(scheme).is_err() => {
                let advice = "write one word, such as `scheme = \"Token\"`, or \"\" for none";
                return wrong("scheme", "is no scheme (RFC 9110 §11.1)", advice);
            }
            Some(scheme) => Some(scheme),
            None => (name == AUTHORIZATION).then_some("Bearer"),
        };
        Ok((name, scheme))
    }
}

/// Those that say where a request goes and how long it is, and the one that has its values named.
const TAKEN: [HeaderName; 8] = [
    CONNECTION,
    CONTENT_LENGTH,
    COOKIE,
    HOST,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
