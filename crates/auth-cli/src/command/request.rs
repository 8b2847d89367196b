//! `auth request`: one request to a profile's API, the answer's body on stdout.

mod data;
mod verdict;

use std::time::Duration;

use auth_core::error::Untrusted;
use auth_core::http::Body;
use auth_core::{ApiClient, Error, Result};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderName, HeaderValue, Method, Request, Response};
use url::Url;

use self::verdict::Head;
use crate::args::{RequestArgs, wait};
use crate::config::Profile;
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{body, message};
use crate::profile;

pub(super) async fn run(context: &Context, args: RequestArgs) -> Result<(), Failure> {
    let args = args.settled(context::default_profile())?;
    let profile = context.profile(&args.question)?;
    let (method, target) = target(&args)?;
    let (header, scheme) = profile.header()?;
    if let Some((name, _)) = args.headers.iter().find(|(name, _)| is_ours(name, &header)) {
        let advice = match *name == header {
            true => "leave it out: the token goes there",
            false if *name == PROXY_AUTHORIZATION => {
                "leave it out: the API would read it; a proxy's password stands in the variable that names the proxy"
            }
            false => "leave it out: the token says who asks",
        };
        let error = Error::config(format!("--header may not set `{name}`"));
        return Err(error.with_advice(advice).into());
    }
    let base = base(&profile, &args.allow_origin).await?;
    let source = context.source(&profile).await?;
    let client =
        ApiClient::new(base, source.clone(), context.io(&profile)).with_header(header, scheme);
    let client = args
        .allow_origin
        .iter()
        .fold(client, ApiClient::with_origin);
    let client = match timeout(&profile, &args)? {
        Some(silence) => client.with_timeout(silence),
        None => client,
    };
    let url = client
        .url(target)
        .map_err(|error| match Url::parse(target) {
            Ok(url) if url.username().is_empty() && url.password().is_none() => {
                error.with_advice("add --allow-origin ORIGIN if the token is meant for it")
            }
            _ => error,
        })?;
    let request = request(context, &args, method, &url).await?;
    interrupt::settling(&*source, profile::spends(&profile), async {
        let answer = client.send(request).await?;
        let refusal = client.refusal(&answer);
        let head = Head::of(&answer);
        if args.include {
            show_head(&answer);
        }
        body::stream(answer.into_body()).await?;
        if !args.has_header(&ACCEPT_ENCODING) {
            head.warn_of_encoding();
        }
        Ok(head.judge(&profile, refusal)?)
    })
    .await
}

/// The method and the target: one or two words.
fn target(args: &RequestArgs) -> Result<(Method, &str)> {
    match &args.target[..] {
        [method, target] => {
            let known = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
            let method = known.map_err(|_| {
                let shown = Untrusted::new(method).with_limit(60);
                Error::config(format!("`{shown}` is no HTTP method")).with_advice(
                    "the method stands before the path: `auth request PROFILE POST PATH`",
                )
            })?;
            // A proxy is asked by the one, and by the other a server tells whoever listens what it was sent (RFC 9110 §9.3.8).
            if [Method::CONNECT, Method::TRACE].contains(&method) {
                return Err(Error::config(format!("no token goes with {method}"))
                    .with_advice("use another method, such as GET or OPTIONS"));
            }
            Ok((method, target))
        }
        [target] if args.data.is_some() => Ok((Method::POST, target)),
        [target] => Ok((Method::GET, target)),
        _ => Err(Error::config("a request has a method and a path")),
    }
}

/// Whether a header carries credentials, which are ours to choose.
fn is_ours(name: &HeaderName, header: &HeaderName) -> bool {
    name == header || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
}

/// How long the API may be silent, where somebody says so.
fn timeout(profile: &Profile, args: &RequestArgs) -> Result<Option<Duration>> {
    let said = profile.settings.text("timeout").map(wait).transpose();
    let said = said.map_err(|what| {
        let origin = profile.settings.origin("timeout");
        Error::config(format!("{origin}: `timeout` is no length of time: {what}"))
    })?;
    Ok(args.timeout.or(said))
}

/// What a path is relative to. Without an API, the first origin that the person allowed.
async fn base(profile: &Profile, allowed: &[Url]) -> Result<Url> {
    context::api(profile)
        .await?
        .or_else(|| allowed.first().cloned())
        .ok_or_else(|| {
            profile.missing("api").with_advice(
                "add `api` to the profile, or give a whole URL and allow its origin with --allow-origin",
            )
        })
}

async fn request(
    context: &Context,
    args: &RequestArgs,
    method: Method,
    url: &Url,
) -> Result<Request<Body>> {
    let body = match &args.data {
        None => Body::empty(),
        Some(data) => data::body(&context.secrets, data).await?,
    };
    let mut request = Request::builder().method(method).uri(url.as_str());
    for (name, value) in &args.headers {
        request = request.header(name, value);
    }
    if args.data.is_some() && !args.has_header(&CONTENT_TYPE) {
        request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    request
        .body(body)
        .map_err(|_| Error::config("the request can't be built from these words"))
}

fn show_head(answer: &Response<Body>) {
    message::note(&format!("{:?} {}", answer.version(), answer.status()));
    for (name, value) in answer.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        message::note(&format!("{name}: {value}"));
    }
}
