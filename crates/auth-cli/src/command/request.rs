//! `auth request`: one request to a profile's API, the answer's body on stdout.

use auth_core::error::Untrusted;
use auth_core::http::Body;
use auth_core::{ApiClient, Error, ErrorKind, Result};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use url::Url;

use crate::args::RequestArgs;
use crate::config::{Preset, Profile};
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{body, message};

pub(super) async fn run(context: &Context, args: RequestArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let (method, target) = target(&args)?;
    let (header, scheme) = context::header(&profile)?;
    if let Some((name, _)) = args.headers.iter().find(|(name, _)| is_ours(name, &header)) {
        let error = Error::config(format!("--header may not set `{name}`"));
        return Err(error
            .with_advice("leave it out: the token goes there")
            .into());
    }
    let base = base(&profile, &args.allow_origin).await?;
    let source = context.source(&profile).await?;
    let client =
        ApiClient::new(base, source.clone(), context.io(&profile)).with_header(header, scheme);
    let client = args
        .allow_origin
        .iter()
        .fold(client, ApiClient::with_origin);
    let url = client
        .url(target)
        .map_err(|error| match Url::parse(target) {
            Ok(_) => error.with_advice("add --allow-origin ORIGIN if the token is meant for it"),
            Err(_) => error,
        })?;
    let request = request(context, &args, method, &url).await?;
    interrupt::settling(&*source, async {
        let answer = client.send(request).await?;
        let status = answer.status();
        if args.include {
            show_head(&answer);
        }
        body::stream(answer.into_body()).await?;
        Ok(judge(&profile, &url, status)?)
    })
    .await
}

/// The method and the target: one or two words.
fn target(args: &RequestArgs) -> Result<(Method, &str)> {
    match &args.target[..] {
        [method, target] => {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
            let method = method.map_err(|_| Error::config("the method is no HTTP method"))?;
            Ok((method, target))
        }
        [target] if args.data.is_some() => Ok((Method::POST, target)),
        [target] => Ok((Method::GET, target)),
        _ => Err(Error::config("a request has a method and a path")),
    }
}

/// Whether a header carries credentials, which are ours to choose.
fn is_ours(name: &HeaderName, header: &HeaderName) -> bool {
    name == header || name == AUTHORIZATION || name == COOKIE
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
        Some(data) => data_of(context, data).await?,
    };
    let mut request = Request::builder().method(method).uri(url.as_str());
    for (name, value) in &args.headers {
        request = request.header(name, value);
    }
    let has_type = args.headers.iter().any(|(name, _)| name == CONTENT_TYPE);
    if args.data.is_some() && !has_type {
        request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    request
        .body(body)
        .map_err(|_| Error::config("the request can't be built from these words"))
}

/// The body: whole, so that it can be sent again after a 401.
async fn data_of(context: &Context, data: &str) -> Result<Body> {
    if data == "-" {
        let text = context.secrets.stdin().await;
        let text = text.map_err(|error| error.context("--data"))?;
        return Ok(text.into());
    }
    let Some(path) = data.strip_prefix('@') else {
        return Ok(data.to_owned().into());
    };
    let bytes = std::fs::read(path).map_err(|error| {
        Error::config(format!("--data: the file {path} can't be read: {error}"))
    })?;
    Ok(bytes.into())
}

fn show_head(answer: &Response<Body>) {
    message::note(&format!("{:?} {}", answer.version(), answer.status()));
    for (name, value) in answer.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        message::note(&format!("{name}: {value}"));
    }
}

/// What the status means for the exit code.
fn judge(profile: &Profile, url: &Url, status: StatusCode) -> Result<()> {
    let place = url.origin().ascii_serialization();
    let said = format!("{} answered {}", Untrusted::new(&place), status);
    let error = |kind| Error::new(kind, &*said).with_status(status.as_u16());
    let error = match status.as_u16() {
        304 => return Ok(()),
        300..=399 => error(ErrorKind::Protocol)
            .with_advice("redirects are not followed; ask for the right URL"),
        401 => error(ErrorKind::Refused).with_advice(
            "the API refused a token that was issued just now: check its audience and scope",
        ),
        403 => error(ErrorKind::Refused).with_advice(
            profile.preset.and_then(Preset::forbidden_advice).unwrap_or(
                "the account lacks access to this resource: ask whoever runs the API for it",
            ),
        ),
        429 => error(ErrorKind::Unavailable).with_advice("slow down and try again later"),
        400..=499 => error(ErrorKind::Refused).with_advice("check the path and the data"),
        500.. => error(ErrorKind::Unavailable).with_advice("try again later"),
        _ => return Ok(()),
    };
    Err(error)
}
