//! [`RedirectUri`]: where the browser comes back to.

use crate::error::{Error, Result, Untrusted};

/// A redirect URI on the person's own machine (RFC 8252 §7.3), spelled the way it is registered at the
/// server: `http://127.0.0.1/callback`, `http://localhost:8400/callback`. Without a port any free one is
/// used, which servers must allow (RFC 8252 §7.3) and some do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    host: Host,
    /// The host as it is spelled.
    name: String,
    port: Option<u16>,
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Ipv4,
    Ipv6,
    /// The name: a browser takes either family, so both are listened on.
    Localhost,
}

impl RedirectUri {
    /// Reads a redirect URI as registered. Does no I/O.
    ///
    /// # Errors
    /// `Config` if it is not `http` on `127.0.0.1`, `[::1]` or `localhost`, or has a query or fragment.
    pub fn new(text: &str) -> Result<Self> {
        let bad = || {
            Error::config(format!(
                "{} can't be a redirect URI of this program",
                Untrusted::new(text).with_limit(80)
            ))
            .with_advice("give one like http://localhost:8400/callback, as it is registered")
        };
        let rest = text.strip_prefix("http://").ok_or_else(bad)?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let hosts = [Host::Ipv4, Host::Ipv6, Host::Localhost].into_iter();
        let lower = authority.to_ascii_lowercase();
        let mut named = hosts.filter_map(|host| Some((host, lower.strip_prefix(host.text())?)));
        let (host, port) = named.next().ok_or_else(bad)?;
        let name = authority[..authority.len() - port.len()].to_owned();
        let port = match port.strip_prefix(':') {
            Some(port) => Some(
                port.parse()
                    .ok()
                    .filter(|port| *port != 0)
                    .ok_or_else(bad)?,
            ),
            None if port.is_empty() => None,
            None => return Err(bad()),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:@".contains(c);
        if !path.chars().all(plain) || path.contains("/.") {
            return Err(bad());
        }
        Ok(Self {
            host,
            name,
            port,
            path: path.to_owned(),
        })
    }

    /// Uses this port, whatever was registered: for servers that allow any.
    #[must_use]
    pub fn with_port(self, port: u16) -> Self {
        Self {
            port: Some(port).filter(|port| *port != 0),
            ..self
        }
    }

    pub(crate) fn host(&self) -> Host {
        self.host
    }

    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// The path of the request that comes back.
    pub(crate) fn path(&self) -> &str {
        if self.path.is_empty() {
            "/"
        } else {
            &self.path
        }
    }

    /// The URI with the port that was bound.
    pub(crate) fn spelled(&self, port: u16) -> String {
        format!("http://{}:{port}{}", self.name, self.path)
    }
}

impl Host {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Ipv4 => "127.0.0.1",
            Self::Ipv6 => "[::1]",
            Self::Localhost => "localhost",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8252_s7_3_the_uri_is_spelled_as_registered_with_the_port_that_was_bound() {
        for (text, spelled) in [
            ("http://127.0.0.1/callback", "http://127.0.0.1:7/callback"),
            ("http://localhost", "http://localhost:7"),
            ("http://localhost/", "http://localhost:7/"),
            ("http://[::1]/a/b", "http://[::1]:7/a/b"),
            ("http://LocalHost/", "http://LocalHost:7/"),
        ] {
            let uri = RedirectUri::new(text).unwrap();
            assert_eq!((uri.spelled(7), uri.port()), (spelled.to_owned(), None));
        }
        let fixed = RedirectUri::new("http://localhost:8400/callback").unwrap();
        assert_eq!(fixed.port(), Some(8400));
        assert_eq!(fixed.with_port(9).port(), Some(9));
    }

    #[test]
    fn rfc8252_s8_3_no_other_host_and_nothing_else_is_taken() {
        for bad in [
            "https://localhost/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://192.168.0.1/",
            "http://0.0.0.0/",
            "http://localhost:0/",
            "http://localhost:99999/",
            "http://localhost:/",
            "http://localhost./",
            "http://u@localhost/",
            "http://localhost/?a=b",
            "http://localhost/#f",
            "http://localhost/../x",
            "http://localhost/a b",
            "localhost:8400",
        ] {
            assert!(RedirectUri::new(bad).is_err(), "{bad}");
        }
    }
}
