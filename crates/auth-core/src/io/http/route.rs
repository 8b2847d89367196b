//! [`Route`]: by which way a request leaves.

use url::Url;

use super::{Manner, is_link_local, may_carry_secrets};
use crate::error::{Error, Result};
use crate::io::{is_loopback, shown};

/// What decides over which connections a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Whether it is encrypted: nothing that TLS needs is read for one that is not.
    pub(super) is_encrypted: bool,
    /// Whether a proxy may stand between: never to loopback and link-local addresses.
    pub(super) is_far: bool,
    /// Whether it goes over a connection of its own.
    pub(super) is_fresh: bool,
}

impl Route {
    /// The way to `url`. `link_local`: plain http goes to link-local addresses too.
    ///
    /// # Errors
    /// `Config` for an address that no secret may go to.
    pub(super) fn to(url: &Url, manner: Option<Manner>, link_local: bool) -> Result<Self> {
        let is_link_local = is_link_local(url);
        let is_allowed = link_local && is_link_local && url.scheme() == "http";
        if !may_carry_secrets(url) && !is_allowed {
            let advice = match is_link_local {
                true => {
                    "use an https URL; plain http to link-local addresses is for managed identities (`Io::link_local()`)"
                }
                false => "use an https URL; plain http is for loopback only",
            };
            return Err(Error::config(format!("{} is not https", shown(url)))
                .with_advice(advice)
                .with_nothing_sent());
        }
        Ok(Self {
            is_encrypted: url.scheme() == "https",
            is_far: !is_link_local && !is_loopback(url),
            is_fresh: manner == Some(Manner::Once),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(url: &str, link_local: bool) -> bool {
        let route = Route::to(&Url::parse(url).unwrap(), None, link_local);
        assert!(
            route
                .as_ref()
                .err()
                .is_none_or(|error| !error.may_have_arrived()),
            "{url}"
        );
        route.is_ok()
    }

    #[test]
    fn plain_http_goes_to_loopback_only() {
        for url in [
            "http://example.com/",
            "http://169.254.169.254/",
            "http://[fe80::1]/",
            "ftp://localhost/",
        ] {
            assert!(!is_allowed(url, false), "{url}");
        }
        for url in [
            "http://127.0.0.1:1/",
            "http://[::1]/",
            "http://localhost/",
            "https://a.b/",
        ] {
            assert!(is_allowed(url, false), "{url}");
        }
    }

    #[test]
    fn plain_http_goes_to_link_local_only_where_that_was_asked_for() {
        assert!(is_allowed("http://169.254.169.254/metadata", true));
        assert!(is_allowed("http://[fe80::1]/", true));
        for url in [
            "http://169.253.1.1/",
            "http://10.0.0.1/",
            "http://[fec0::1]/",
            "http://metadata.google.internal/",
            "ftp://169.254.169.254/",
        ] {
            assert!(!is_allowed(url, true), "{url}");
        }
    }
}
