//! Discovery: where an issuer says what it is, and what of an answer is its metadata.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, Response, StatusCode};
use url::Url;

use super::{Metadata, Provider, spelling};
use crate::error::{Error, ErrorKind, Result, hint, markup, reason};
use crate::io::http::{Body, retry_after, status_line};
use crate::io::{Members, quoted, shown};

const DEADLINE: Duration = Duration::from_secs(10);

impl Provider {
    /// Asks for the metadata, at one place after the other.
    pub(super) async fn discover(&self) -> Result<Metadata> {
        self.found()
            .await
            .map_err(|error| match (&self.place, error.kind()) {
                (Some(place), ErrorKind::Config) => error.context(place),
                _ => error,
            })
    }

    async fn found(&self) -> Result<Metadata> {
        let mut first = None;
        for place in self.places() {
            let answer = match self.ask(&place).await {
                Ok(answer) => answer,
                // It is too long, or encoded: it may be told at the next place.
                Err(error) if error.kind() == ErrorKind::Protocol => {
                    first.get_or_insert(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let status = answer.status().as_u16();
            match self.read(&answer) {
                Ok(metadata) => return Ok(metadata),
                Err(Unread::Nothing(error)) => {
                    first.get_or_insert_with(|| error.with_status(status));
                }
                Err(Unread::Refused(error)) => return Err(error.with_status(status)),
            }
        }
        Err(first.unwrap_or_else(|| Error::config("there is no place to ask for metadata")))
    }

    async fn ask(&self, url: &Url) -> Result<Response<Bytes>> {
        tracing::debug!(url = %shown(url), "discovery");
        let request = Request::get(url.as_str())
            .header(http::header::ACCEPT, "application/json")
            .body(Body::empty())
            .map_err(|_| Error::config(format!("{} is no usable URL", shown(url))))?;
        self.inner.io.fetch(request, DEADLINE).await
    }

    fn read(&self, answer: &Response<Bytes>) -> Result<Metadata, Unread> {
        const ADVICE: &str = "check the issuer, or give the token URL instead";
        let (issuer, status) = (shown(&self.inner.issuer), answer.status());
        if BUSY.contains(&status) {
            let error = Error::unavailable(format!(
                "{issuer} answered {} to discovery",
                status_line(status)
            ));
            let now = self.inner.io.clock().now().wall;
            let error = match retry_after(answer.headers(), now) {
                Some(pause) => error.with_retry_after(pause),
                None => error,
            };
            return Err(Unread::Refused(error.with_advice("try again later")));
        }
        if status.is_server_error() {
            let error = Error::unavailable(format!(
                "{issuer} answered {} to discovery",
                status_line(status)
            ));
            return Err(Unread::Nothing(error.with_advice("try again later")));
        }
        let said = reason(answer.headers(), answer.body());
        if !status.is_success() {
            let mut none = format!(
                "{issuer} has no metadata: it answered {}",
                status_line(status)
            );
            if let Some(target) = answer
                .headers()
                .get(LOCATION)
                .filter(|_| status.is_redirection())
            {
                let target = String::from_utf8_lossy(target.as_bytes());
                let target =
                    Url::parse(&target).map_or_else(|_| quoted(&target), |url| shown(&url));
                none += &format!(" and redirects to {target}");
            }
            if let Some(said) = &said {
                none += &format!(": {}", quoted(said));
            }
            let advice = hint::advice(said.as_deref(), None, None).unwrap_or_else(|| ADVICE.into());
            return Err(Unread::Nothing(Error::config(none).with_advice(advice)));
        }
        let nothing = |what: &str| {
            let said = said.as_deref().map(|said| format!(": {}", quoted(said)));
            let said = said.unwrap_or_default();
            let error = Error::protocol(format!("{issuer} answered discovery with {what}{said}"));
            Unread::Nothing(error.with_advice(ADVICE))
        };
        let members = Members::parse(answer.body()).ok_or_else(|| {
            let what = markup(answer.headers(), answer.body());
            nothing(what.unwrap_or("something else than metadata"))
        })?;
        let named = members.need("issuer").map_err(|fault| nothing(&fault))?;
        if named != self.inner.spelling {
            let error = spelling::another(&self.inner.spelling, &named);
            return Err(Unread::Refused(error));
        }
        Ok(Metadata::read(named, &members, &self.inner.issuer))
    }

    /// OpenID Connect appends to the path, RFC 8414 §3.1 inserts before it; some servers append all the same.
    fn places(&self) -> Vec<Url> {
        let path = self.inner.issuer.path().trim_end_matches('/');
        let at = |path: &str| {
            let mut url = self.inner.issuer.clone();
            url.set_path(path);
            url
        };
        let mut places = vec![
            at(&format!("{path}/.well-known/openid-configuration")),
            at(&format!("/.well-known/oauth-authorization-server{path}")),
            at(&format!("{path}/.well-known/oauth-authorization-server")),
        ];
        places.dedup();
        places
    }
}

/// Why an answer to discovery is no metadata of the issuer.
enum Unread {
    /// There is none at this place.
    Nothing(Error),
    /// What is there must not be used, or nobody can say now.
    Refused(Error),
}

/// Another place would answer the same.
const BUSY: [StatusCode; 4] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Io;

    fn places(issuer: &str) -> Vec<String> {
        let provider = Provider::new(issuer, Io::new()).unwrap();
        provider.places().into_iter().map(String::from).collect()
    }

    #[test]
    fn rfc8414_s3_1_and_oidc_discovery_s4_1_say_where_the_metadata_is() {
        let oidc = "https://a.b/x/.well-known/openid-configuration";
        let oauth = "https://a.b/.well-known/oauth-authorization-server/x";
        let appended = "https://a.b/x/.well-known/oauth-authorization-server";
        assert_eq!(places("https://a.b/x"), [oidc, oauth, appended]);
        assert_eq!(places("https://a.b/x/"), [oidc, oauth, appended]);
        let root = "https://a.b/.well-known/openid-configuration";
        let other = "https://a.b/.well-known/oauth-authorization-server";
        assert_eq!(places("https://a.b"), [root, other]);
    }
}
