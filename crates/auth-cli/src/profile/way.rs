//! [`Way`]: how a person logs in.

use std::time::Duration;

use auth_core::{RedirectUri, Result};

use crate::config::Profile;

/// How a person logs in.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// With the browser of this machine, which comes back to a page of ours (RFC 8252).
    Browser {
        port: Option<u16>,
        deadline: Duration,
    },
    /// With any browser, and a code (RFC 8628).
    DeviceCode,
}

/// The address that the browser comes back to, spelled as it is registered.
///
/// # Errors
/// `Config` if it is none.
pub(super) fn redirect_or(profile: &Profile, usual: &str) -> Result<RedirectUri> {
    let registered = profile.settings.text("redirect-uri");
    RedirectUri::new(registered.unwrap_or(usual))
        .map_err(|error| error.context(profile.settings.origin("redirect-uri")))
}
