//! [`Proxies`]: what the environment says about proxies.

use std::ffi::OsString;
use std::net::IpAddr;
use std::sync::Arc;

use url::{Host, Url};

use crate::error::{Error, Result};
use crate::io::shown;

/// The proxy for https, as the environment names it (`HTTPS_PROXY`, `ALL_PROXY`, in capitals or not), and which hosts
/// need none (`NO_PROXY`). Plain http goes to where no proxy is.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    proxy: Option<Arc<Proxy>>,
    none: Vec<Pattern>,
}

/// A proxy, and the variable that names it.
#[derive(Debug)]
pub(super) struct Proxy {
    variable: &'static str,
    pub(super) url: Url,
}

impl Proxies {
    /// What the variables of this process say.
    ///
    /// # Errors
    /// `Config` for one that names no proxy: nothing goes past one that was wanted.
    #[expect(
        clippy::disallowed_methods,
        reason = "these variables are every network program's, and who links this crate expects them to count"
    )]
    pub(super) fn of_environment() -> Result<Self> {
        Self::of(|name| std::env::var_os(name))
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let said = |name: &str| variable(name).filter(|value| !value.is_empty());
        let find =
            |names: &[&'static str]| names.iter().find_map(|name| Some((*name, said(name)?)));
        let proxy = match find(&VARIABLES) {
            Some((variable, value)) => Some(Arc::new(Proxy::read(variable, &value)?)),
            None => None,
        };
        let none = find(&["NO_PROXY", "no_proxy"]).map(|(_, value)| value);
        let none = none.unwrap_or_default().to_string_lossy().into_owned();
        let patterns = none.split(|c: char| c == ',' || c.is_whitespace());
        Ok(Self {
            proxy,
            none: patterns.filter_map(Pattern::read).collect(),
        })
    }

    /// The proxy on the way to `url`.
    pub(super) fn find(&self, url: &Url) -> Option<&Arc<Proxy>> {
        let proxy = self.proxy.as_ref()?;
        let is_direct = self.none.iter().any(|pattern| pattern.fits(url));
        (!is_direct).then_some(proxy)
    }

    /// Whether the environment names none.
    pub(super) fn is_empty(&self) -> bool {
        self.proxy.is_none()
    }
}

impl Proxy {
    fn read(variable: &'static str, value: &OsString) -> Result<Self> {
        let bad = |why: &str| {
            Error::config(format!("{variable} names no proxy: {why}"))
                .with_advice("write it as http://host:port or socks5h://host:port, or unset it")
                .with_nothing_sent()
        };
        let text = value
            .to_str()
            .ok_or_else(|| bad("it is no text in UTF-8"))?
            .trim();
        let url = match text.contains("://") {
            true => Url::parse(text),
            false => Url::parse(&format!("http://{text}")),
        };
        let url = url.map_err(|_| bad("it is no address"))?;
        if !SCHEMES.contains(&url.scheme()) {
            return Err(bad(&format!(
                "its scheme is none of {}",
                SCHEMES.join(", ")
            )));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it has no host"));
        }
        Ok(Self { variable, url })
    }

    /// How messages call it: without its user and password.
    pub(super) fn named(&self) -> String {
        let place = shown(&self.url);
        format!("{} of {}", place.trim_end_matches('/'), self.variable)
    }
}

/// Hosts that need no proxy.
#[derive(Clone, Debug)]
struct Pattern {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Hosts {
    All,
    /// A name and those below it.
    Name(String),
    /// Addresses that begin with so many bits of this one.
    Net(IpAddr, u32),
}

impl Pattern {
    /// As people write them: a name with or without `.` or `*.` before or a dot behind it, a host with a port, an
    /// address, a network, or `*`.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() {
            return None;
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Some(port.parse().ok()?))
            }
            _ => (text.as_str(), None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let hosts = if host == "*" {
            Hosts::All
        } else if let Some(net) = net(host) {
            net
        } else {
            let name = host.trim_start_matches('*').trim_start_matches('.');
            Hosts::Name(name.trim_end_matches('.').to_owned())
        };
        Some(Self { hosts, port })
    }

    fn fits(&self, url: &Url) -> bool {
        if self.port.is_some() && self.port != url.port_or_known_default() {
            return false;
        }
        match (&self.hosts, url.host()) {
            (Hosts::All, _) => true,
            (Hosts::Name(name), Some(Host::Domain(host))) => {
                let host = host.trim_end_matches('.').to_ascii_lowercase();
                let below = host.strip_suffix(name.as_str());
                below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            (Hosts::Net(net, bits), Some(Host::Ipv4(address))) => {
                begins_alike(*net, IpAddr::V4(address), *bits)
            }
            (Hosts::Net(net, bits), Some(Host::Ipv6(address))) => {
                begins_alike(*net, IpAddr::V6(address), *bits)
            }
            _ => false,
        }
    }
}

fn net(text: &str) -> Option<Hosts> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    Some(Hosts::Net(address, bits.unwrap_or(128)))
}

fn begins_alike(net: IpAddr, address: IpAddr, bits: u32) -> bool {
    let (one, other, length) = match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            (u128::from(net.to_bits()), u128::from(address.to_bits()), 32)
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => (net.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let rest = length - bits.min(length);
    one.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
}

/// Where the proxy for https stands, the first one that is set.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Proxies> {
        Proxies::of(|name| {
            let mut all = variables.iter();
            all.find(|(other, _)| *other == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    fn is_proxied(none: &str, url: &str) -> bool {
        let proxies = of(&[("ALL_PROXY", "proxy:3128"), ("no_proxy", none)]).unwrap();
        proxies.find(&Url::parse(url).unwrap()).is_some()
    }

    #[test]
    fn hosts_that_need_no_proxy_are_named_as_people_name_them() {
        for (none, url) in [
            ("*", "https://a.b/"),
            ("a.b", "https://a.b/"),
            ("a.b", "https://x.a.b/"),
            (".a.b", "https://x.a.b/"),
            ("*.a.b", "https://x.a.b/"),
            ("a.b.", "https://A.B/"),
            ("a.b", "https://a.b./"),
            ("A.B:443", "https://a.b/"),
            ("a.b:8443", "https://a.b:8443/"),
            ("x y\ta.b", "https://a.b/"),
            ("x, a.b ,y", "https://a.b/"),
            ("10.0.0.0/8", "https://10.1.2.3/"),
            ("10.1.2.3", "https://10.1.2.3/"),
            ("10.1.2.3:8443", "https://10.1.2.3:8443/"),
            ("fd00::/8", "https://[fd12::1]/"),
            ("[fd12::1]:443", "https://[fd12::1]/"),
            ("0.0.0.0/0", "https://192.0.2.1/"),
        ] {
            assert!(!is_proxied(none, url), "{none} {url}");
        }
        for (none, url) in [
            ("", "https://a.b/"),
            ("a.b", "https://xa.b/"),
            ("*.a.b", "https://xa.b/"),
            ("a.b:8443", "https://a.b/"),
            ("10.0.0.0/8", "https://11.1.2.3/"),
            ("a.b", "https://a.b.c/"),
            ("10.0.0.1", "https://10.0.0.11/"),
        ] {
            assert!(is_proxied(none, url), "{none} {url}");
        }
    }

    #[test]
    fn a_proxy_is_named_by_its_variable_and_without_its_password() {
        let url = Url::parse("https://a.b/").unwrap();
        for (value, named) in [
            ("proxy:3128", "http://proxy:3128 of all_proxy"),
            (
                "http://ada:canary@proxy:3128",
                "http://proxy:3128 of all_proxy",
            ),
            (
                "socks5h://127.0.0.1:1080",
                "socks5h://127.0.0.1:1080 of all_proxy",
            ),
        ] {
            let proxies = of(&[("all_proxy", value), ("HTTPS_PROXY", "")]).unwrap();
            assert_eq!(proxies.find(&url).unwrap().named(), named);
        }
        assert!(of(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_names_no_proxy_is_refused_and_not_shown() {
        for value in [
            "file:///canary",
            "http://u:canary@[bad",
            "socks6://canary",
            "http://",
            "http://canary:99999999",
            "ftp://canary:1",
        ] {
            let error = of(&[("https_proxy", value)]).unwrap_err().to_string();
            assert!(error.starts_with("https_proxy names no proxy: "), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
