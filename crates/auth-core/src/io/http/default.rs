//! [`DefaultHttpClient`]: the way out to the network on reqwest, which no signature shows.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use super::pool::Pools;
use super::{Body, HttpClient, is_link_local, may_carry_secrets};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::bound;
use crate::io::{is_loopback, shown};

/// The default [`HttpClient`]: rustls with the platform's roots, proxies from the environment
/// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), no redirects, no decompression.
///
/// Loopback is never proxied, nor asked of a name server. `http` goes to loopback only. Connections are made at the first
/// request and roots are read at the first over `https`, so that making a client costs nothing. Clones share their connections, within one tokio
/// runtime each. Needs a tokio runtime to send.
#[derive(Clone)]
pub struct DefaultHttpClient(Arc<Settings>);

struct Settings {
    connect_deadline: Duration,
    deadline: Duration,
    ca_file: Option<PathBuf>,
    link_local: bool,
    own: Option<Arc<Builder>>,
    plain: Pools,
    direct: Pools,
    proxied: Pools,
}

/// How a server is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Over `http`, on this machine or its link.
    Plain,
    /// Over `https`, on this machine or its link.
    Direct,
    /// Through a proxy, if there is one.
    Proxied,
}

/// Makes what a client is built from, for each tokio runtime anew.
type Builder = dyn Fn() -> reqwest::ClientBuilder + Send + Sync;

impl DefaultHttpClient {
    /// A client with a connect deadline of 10 s, and 30 s until the head of an answer.
    pub fn new() -> Self {
        Self(Arc::new(Settings {
            connect_deadline: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            ca_file: None,
            link_local: false,
            own: None,
            plain: Pools::default(),
            direct: Pools::default(),
            proxied: Pools::default(),
        }))
    }

    /// A client of the application's own making: its proxies, certificates, name servers, user agent. `builder`
    /// is called at the first request of each tokio runtime. It takes no finished client, since what is
    /// promised of every request is set on top: no redirect is followed, which would carry a refresh token to another
    /// host, no referer is sent, and loopback is neither proxied nor asked of a name server. The builder's connect
    /// timeout holds instead of this client's.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use auth_core::{Io, http::DefaultHttpClient};
    ///
    /// let http = DefaultHttpClient::built_with_reqwest_0_13(|| {
    ///     reqwest::Client::builder().user_agent("orders/1.0").https_only(true)
    /// });
    /// let io = Io::new().with_http(Arc::new(http));
    /// ```
    ///
    /// Its name has the version of reqwest, and so has the feature: another major of reqwest gets a way in of its
    /// own.
    #[cfg(feature = "reqwest-0-13")]
    pub fn built_with_reqwest_0_13(
        builder: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        Self::new().edit(|settings| settings.own = Some(Arc::new(builder)))
    }

    /// Trusts the certificates of a PEM file too. It is read at the first request over `https`.
    #[must_use]
    pub fn with_ca_file(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        self.edit(|settings| settings.ca_file = Some(path))
    }

    /// Sets how long to wait for a connection, and for the head of an answer.
    #[must_use]
    pub fn with_deadlines(self, connect: Duration, head: Duration) -> Self {
        self.edit(|settings| {
            settings.connect_deadline = bound::length(connect);
            settings.deadline = bound::length(head);
        })
    }

    /// Sends plain `http` to link-local addresses too (169.254.0.0/16, fe80::/10), past every proxy: for
    /// the managed identity of a cloud's machine, and for nothing that a server names.
    #[must_use]
    pub fn with_link_local(self) -> Self {
        self.edit(|settings| settings.link_local = true)
    }

    fn edit(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            connect_deadline: self.0.connect_deadline,
            deadline: self.0.deadline,
            ca_file: self.0.ca_file.clone(),
            link_local: self.0.link_local,
            own: self.0.own.clone(),
            plain: Pools::default(),
            direct: Pools::default(),
            proxied: Pools::default(),
        };
        change(&mut settings);
        Self(Arc::new(settings))
    }

    fn client(&self, url: &Url) -> Result<reqwest::Client> {
        let link_local = is_link_local(url);
        let allowed = self.0.link_local && link_local && url.scheme() == "http";
        if !may_carry_secrets(url) && !allowed {
            let advice = match link_local {
                true => "ask through a client that may: `Io::link_local()`",
                false => "use an https URL; plain http is for loopback only",
            };
            return Err(Error::config(format!("{} is not https", shown(url)))
                .with_advice(advice)
                .with_nothing_sent());
        }
        let near = link_local || is_loopback(url);
        let (pools, way) = match near {
            true if url.scheme() == "http" => (&self.0.plain, Way::Plain),
            true => (&self.0.direct, Way::Direct),
            false => (&self.0.proxied, Way::Proxied),
        };
        pools.client(|| self.0.build(way))
    }
}

impl Settings {
    fn build(&self, way: Way) -> Result<reqwest::Client> {
        let builder = match &self.own {
            Some(own) => own(),
            None => reqwest::Client::builder()
                .connect_timeout(self.connect_deadline)
                .user_agent(concat!("auth-core/", env!("CARGO_PKG_VERSION"))),
        };
        let builder = builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        let builder = match &self.ca_file {
            // Nothing is checked against roots, and to read those of the platform takes longer than all the rest.
            _ if way == Way::Plain => builder.tls_certs_only([]),
            Some(path) => builder.tls_certs_merge(certificates(path)?),
            None => builder,
        };
        let builder = match way {
            Way::Plain | Way::Direct => builder.no_proxy().dns_resolver(Loopback),
            Way::Proxied => builder,
        };
        builder.build().map_err(|error| {
            Error::config("TLS can't be set up")
                .with_advice("check the certificates that this machine trusts")
                .with_nothing_sent()
                .with_source(error.without_url())
        })
    }
}

impl HttpClient for DefaultHttpClient {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string()).map_err(|_| {
                Error::config("the request has no absolute URL").with_nothing_sent()
            })?;
            let client = self.client(&url)?;
            let request = request.map(|body| match body.whole {
                Some(bytes) => reqwest::Body::from(bytes),
                None => reqwest::Body::wrap(body),
            });
            let request = reqwest::Request::try_from(request).map_err(|error| {
                Error::config("the request can't be sent")
                    .with_nothing_sent()
                    .with_source(error.without_url())
            })?;
            let answer = tokio::time::timeout(self.0.deadline, client.execute(request)).await;
            let answer = answer.map_err(|_| {
                Error::unavailable(format!(
                    "{} did not answer within {} s",
                    shown(&url),
                    self.0.deadline.as_secs()
                ))
                .with_advice("check the network and try again later")
            })?;
            let answer = answer.map_err(|error| broken(&url, error))?;
            let answer: Response<reqwest::Body> = answer.into();
            Ok(answer.map(|body| Body::stream(body.map_err(move |error| broken(&url, error)))))
        })
    }
}

impl Default for DefaultHttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DefaultHttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultHttpClient")
            .field("ca_file", &self.0.ca_file)
            .finish_non_exhaustive()
    }
}

/// The names that need no proxy are loopback, whatever a name server says.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(LOOPBACK.into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

fn certificates(path: &Path) -> Result<Vec<reqwest::Certificate>> {
    let name = path.display();
    let fail = |what: String| {
        Error::config(what)
            .with_advice("name a PEM file with the certificates to trust")
            .with_nothing_sent()
    };
    let pem = std::fs::read(path)
        .map_err(|error| fail(format!("the CA file {name} can't be read: {error}")))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if certificates.is_empty() {
        return Err(fail(format!("the CA file {name} holds no certificate")));
    }
    Ok(certificates)
}

fn broken(url: &Url, error: reqwest::Error) -> Error {
    let connecting = error.is_connect();
    let reason = reason(&error);
    let advice = match &*reason {
        text if text.contains("certificate") || text.contains("UnknownIssuer") => {
            "if a company or test CA signs this server's certificate, name its PEM file as CA file"
        }
        text if text.contains("proxy") => "check HTTPS_PROXY, NO_PROXY and the proxy's password",
        _ => "check the URL and the network, then try again",
    };
    let place = shown(url);
    let failure = if connecting {
        Error::unavailable(format!("{place} can't be reached: {reason}")).with_nothing_sent()
    } else {
        Error::unavailable(format!("the connection to {place} broke: {reason}"))
    };
    failure.with_advice(advice)
}

/// The innermost cause, which names what happened; the outer ones only say where.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = if error.is_timeout() {
        "timed out".to_owned()
    } else {
        cause.to_string()
    };
    crate::error::Untrusted::new(&text)
        .with_limit(200)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn plain_http_goes_to_loopback_only() {
        let client = DefaultHttpClient::new();
        for url in [
            "http://example.com/",
            "http://169.254.169.254/",
            "http://[fe80::1]/",
            "ftp://localhost/",
        ] {
            let error = client.client(&Url::parse(url).unwrap()).unwrap_err();
            assert!(!error.may_have_arrived(), "{url}");
        }
        for url in [
            "http://127.0.0.1:1/",
            "http://[::1]/",
            "http://localhost/",
            "https://a.b/",
        ] {
            assert!(client.client(&Url::parse(url).unwrap()).is_ok(), "{url}");
        }
    }

    #[tokio::test]
    async fn certificates_are_read_for_https_alone() {
        let client = DefaultHttpClient::new().with_ca_file("/there/is/none.pem");
        let usable = |url: &str| client.client(&Url::parse(url).unwrap()).is_ok();
        assert!(usable("http://127.0.0.1:1/") && usable("http://localhost/"));
        assert!(!usable("https://127.0.0.1:1/") && !usable("https://a.b/"));
    }

    #[tokio::test]
    async fn plain_http_goes_to_link_local_only_where_that_was_asked_for() {
        let client = DefaultHttpClient::new().with_link_local();
        let allowed = |url: &str| client.client(&Url::parse(url).unwrap()).is_ok();
        assert!(allowed("http://169.254.169.254/metadata") && allowed("http://[fe80::1]/"));
        for url in [
            "http://169.253.1.1/",
            "http://10.0.0.1/",
            "http://[fec0::1]/",
            "http://metadata.google.internal/",
            "ftp://169.254.169.254/",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }
}
