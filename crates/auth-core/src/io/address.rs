//! Addresses: how messages show them, and which of them are on this machine.

use url::{Host, Url};

/// A URL as messages show it: without user, password, query and fragment.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    if url
        .set_username("")
        .and_then(|()| url.set_password(None))
        .is_err()
    {
        return format!("{}:…", url.scheme());
    }
    crate::error::Untrusted::new(url.as_str()).to_string()
}

/// Whether the host is a loopback address or `localhost`, by its text alone.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_has_neither_query_nor_password() {
        let url = Url::parse("https://u:p@a.b/c?code=1#f").unwrap();
        assert_eq!(shown(&url), "https://a.b/c");
    }
}
