//! Addresses: how messages show them, and which of them are on this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// A URL as messages show it: without user, password, query and fragment, where people and servers put secrets.
///
/// ```
/// let url = "https://ada:secret@a.b/c?key=secret#secret".parse().unwrap();
/// assert_eq!(auth_core::http::shown(&url), "https://a.b/c");
/// ```
pub fn shown(url: &Url) -> String {
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

/// Whether secrets may go to `url`: https, or plain http to loopback.
///
/// ```
/// let may = |url: &str| auth_core::http::may_carry_secrets(&url.parse().unwrap());
/// assert!(may("https://a.b") && may("http://localhost:8080") && !may("http://a.b"));
/// ```
pub fn may_carry_secrets(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// The same for an address that the server at `near` named: plain http only where that is on loopback too.
pub(crate) fn may_carry_secrets_near(url: &Url, near: &Url) -> bool {
    may_carry_secrets(url) && (url.scheme() == "https" || is_loopback(near))
}

/// Whether `url`, which somebody at `near` named, leads to where only this machine or its cloud can go: loopback, a
/// link-local address, a service that tells a machine who it is. Nobody outside has a reason to send us there.
pub(crate) fn leads_inside(url: &Url, near: &Url) -> bool {
    is_inside(url) && !is_inside(near)
}

fn is_inside(url: &Url) -> bool {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical(),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            return is_loopback(url) || METADATA_NAMES.contains(&name);
        }
        None => return false,
    };
    address.is_loopback()
        || address.is_unspecified()
        || METADATA_ADDRESSES.contains(&address)
        || match address {
            IpAddr::V4(address) => address.is_link_local(),
            IpAddr::V6(address) => address.is_unicast_link_local(),
        }
}

/// Where clouds tell a machine who it is, beside link-local addresses: Alibaba's, Azure's, AWS's.
const METADATA_ADDRESSES: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// The same by name.
const METADATA_NAMES: [&str; 5] = [
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.goog",
    "metadata.google.internal",
];

/// Whether the host is a loopback address, `localhost` or a name below it (RFC 6761 §6.3), by its text
/// alone.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the host is a link-local address (RFC 3927, RFC 4291 §2.5.6): a cloud's machines find their
/// identity there.
pub fn is_link_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_unicast_link_local(),
        Some(Host::Domain(_)) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s20_an_address_inside_is_told_however_it_is_spelled() {
        let inside = |url: &str| {
            leads_inside(
                &Url::parse(url).unwrap(),
                &Url::parse("https://a.b").unwrap(),
            )
        };
        for yes in [
            "https://169.254.169.254/",
            "https://2852039166/",
            "https://0xa9.254.169.254/",
            "https://[::ffff:169.254.169.254]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
            "https://metadata.google.internal./",
            "https://100.100.100.200/",
            "https://127.1/",
            "https://[::ffff:127.0.0.1]/",
            "https://localhost/",
            "https://0/",
        ] {
            assert!(inside(yes), "{yes}");
        }
        for no in [
            "https://10.0.0.1/",
            "https://c.d/",
            "https://169.253.1.1/",
            "https://[fd00::1]/",
        ] {
            assert!(!inside(no), "{no}");
        }
        let near = Url::parse("http://127.0.0.1:1/").unwrap();
        assert!(!leads_inside(
            &Url::parse("https://localhost/").unwrap(),
            &near
        ));
    }

    #[test]
    fn rfc6761_s6_3_localhost_and_what_is_below_it_is_loopback_and_nothing_that_looks_like_it() {
        let is = |url: &str| is_loopback(&Url::parse(url).unwrap());
        for yes in [
            "http://localhost",
            "http://LOCALHOST:80/",
            "http://localhost./",
            "http://id.localhost/",
            "http://a.b.localhost.:1/",
            "http://127.255.0.9/",
            "http://[::1]/",
        ] {
            assert!(is(yes), "{yes}");
        }
        for no in [
            "http://notlocalhost/",
            "http://localhost.evil/",
            "http://localhost../",
            "http://.localhost.evil/",
            "http://0.0.0.0/",
            "http://128.0.0.1/",
            "http://[::]/",
        ] {
            assert!(!is(no), "{no}");
        }
    }
}
