//! [`DefaultHttpClient`]: the way out to the network on reqwest, which no signature shows.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt;
use url::Url;

use super::failure::broken;
use super::loopback::Loopback;
use super::per_runtime::PerRuntime;
use super::proxy::{Proxies, Proxy};
use super::route::Route;
use super::tls::{self, Tls};
use super::{Body, HttpClient, Manner};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::bound;
use crate::io::shown;

/// The default [`HttpClient`]: rustls with the platform's roots, proxies from the environment
/// (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`; of HTTP or SOCKS), no redirects, no decompression.
///
/// Loopback is never proxied, nor asked of a name server. `http` goes to loopback only. Roots and connections are made at the
/// first request that needs them, so that making a client costs nothing, and plain http needs no roots. Clones share
/// their connections, within one tokio runtime each. A request that can be sent only [`Once`](Manner::Once) goes over a
/// connection of its own, which is resumed (TLS) where the server is known. Needs a tokio runtime to send.
#[derive(Clone)]
pub struct DefaultHttpClient(Arc<Settings>);

struct Settings {
    connect_deadline: Duration,
    deadline: Duration,
    proxies: OnceLock<Proxies>,
    link_local: bool,
    user_agent: String,
    own: Option<Arc<Builder>>,
    tls: Tls,
    pools: PerRuntime<Route, reqwest::Client>,
}

/// Makes what a client is built from, for each tokio runtime anew.
type Builder = dyn Fn() -> reqwest::ClientBuilder + Send + Sync;

impl DefaultHttpClient {
    /// A client with a connect deadline of 10 s, and 30 s until the head of an answer.
    pub fn new() -> Self {
        Self(Arc::new(Settings {
            connect_deadline: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            proxies: OnceLock::new(),
            link_local: false,
            user_agent: concat!("auth-core/", env!("CARGO_PKG_VERSION")).to_owned(),
            own: None,
            tls: Tls::default(),
            pools: PerRuntime::default(),
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

    /// Trusts the certificates of a file too, in PEM or one in DER. It is read at the first request over https, and again
    /// at the next one if that failed.
    #[must_use]
    pub fn with_ca_file(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        self.edit(|settings| settings.tls = Tls::with(path))
    }

    /// Sets how long to wait for a connection, and for the head of an answer. Not for that of a request that
    /// [flows](Manner::Flowing), which whoever sends it watches over.
    #[must_use]
    pub fn with_deadlines(self, connect: Duration, head: Duration) -> Self {
        self.edit(|settings| {
            settings.connect_deadline = bound::length(connect);
            settings.deadline = bound::length(head);
        })
    }

    /// Says who asks, in the header `User-Agent`. The default is this crate and its version.
    #[must_use]
    pub fn with_user_agent(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.edit(|settings| settings.user_agent = name)
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
            proxies: OnceLock::new(),
            link_local: self.0.link_local,
            user_agent: self.0.user_agent.clone(),
            own: self.0.own.clone(),
            tls: self.0.tls.anew(),
            pools: PerRuntime::default(),
        };
        change(&mut settings);
        Self(Arc::new(settings))
    }

    fn client(&self, route: Route) -> Result<reqwest::Client> {
        self.0.pools.get(route, || self.0.build(route))
    }
}

impl Settings {
    fn build(&self, route: Route) -> Result<reqwest::Client> {
        let builder = match &self.own {
            Some(own) => own(),
            None => reqwest::Client::builder()
                .connect_timeout(self.connect_deadline)
                .user_agent(&*self.user_agent),
        };
        let builder = builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        let builder = match (&self.own, route.is_encrypted) {
            (_, false) => builder.tls_certs_only([]),
            (None, true) => builder.tls_backend_preconfigured(self.tls.config()?),
            (Some(_), true) => {
                let more = self.tls.certificates().iter();
                let more = more.map(|der| reqwest::Certificate::from_der(der));
                let more: Result<Vec<_>, _> = more.collect();
                builder.tls_certs_merge(more.map_err(no_tls)?)
            }
        };
        let builder = match route.is_far {
            true => self.proxied(builder)?,
            false => builder.no_proxy().dns_resolver(Loopback),
        };
        let builder = match route.is_fresh {
            true => builder.pool_max_idle_per_host(0),
            false => builder,
        };
        builder.build().map_err(no_tls)
    }

    /// With the proxies of the environment, unless the application builds clients of its own.
    fn proxied(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder> {
        let proxies = self.proxies()?;
        if proxies.is_empty() {
            return Ok(builder);
        }
        let proxies = proxies.clone();
        Ok(builder.proxy(reqwest::Proxy::custom(move |url| {
            proxies.find(url).map(|proxy| proxy.url.clone())
        })))
    }

    fn proxies(&self) -> Result<&Proxies> {
        if let Some(known) = self.proxies.get() {
            return Ok(known);
        }
        let read = match self.own {
            Some(_) => Proxies::default(),
            None => Proxies::of_environment()?,
        };
        Ok(self.proxies.get_or_init(|| read))
    }

    /// The proxy on the way to `url`.
    fn proxy(&self, route: Route, url: &Url) -> Option<Arc<Proxy>> {
        let proxies = self.proxies.get().filter(|_| route.is_far)?;
        proxies.find(url).cloned()
    }
}

fn no_tls(error: reqwest::Error) -> Error {
    tls::unusable().with_source(error.without_url())
}

impl HttpClient for DefaultHttpClient {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string()).map_err(|_| {
                Error::config("the request has no absolute URL").with_nothing_sent()
            })?;
            let manner = request.extensions().get::<Manner>().copied();
            let route = Route::to(&url, manner, self.0.link_local)?;
            if route.is_encrypted {
                self.0.tls.load().await?;
            }
            let client = self.client(route)?;
            let proxy = self.0.proxy(route, &url);
            let request = request.map(|body| match body.whole {
                Some(bytes) => reqwest::Body::from(bytes),
                None => reqwest::Body::wrap(body),
            });
            let request = reqwest::Request::try_from(request).map_err(|error| {
                Error::config("the request can't be sent")
                    .with_nothing_sent()
                    .with_source(error.without_url())
            })?;
            let answer = async {
                let answer = client.execute(request).await;
                answer.map_err(|error| broken(&url, proxy.as_deref(), error))
            };
            let answer = match manner {
                Some(Manner::Flowing) => answer.await?,
                _ => {
                    let answer = tokio::time::timeout(self.0.deadline, answer).await;
                    answer.map_err(|_| {
                        Error::unavailable(format!(
                            "{} did not answer within {} s",
                            shown(&url),
                            self.0.deadline.as_secs()
                        ))
                        .with_advice("check the network and try again later")
                    })??
                }
            };
            let answer: Response<reqwest::Body> = answer.into();
            Ok(answer.map(|body| {
                Body::stream(body.map_err(move |error| broken(&url, proxy.as_deref(), error)))
            }))
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
            .field("ca_file", &self.0.tls.ca_file())
            .finish_non_exhaustive()
    }
}
