//! The Instance Metadata Service of a virtual machine: whether there is one.

use std::time::Duration;

use auth_core::http::Body;
use auth_core::{Error, ErrorKind, Io, Result};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Map, Value};
use url::Url;

use super::metadata::finished;

/// Where it is, on every machine.
pub(super) const AUTHORITY: &str = "http://169.254.169.254";

/// Where it is below its authority.
pub(super) const PATH: &str = "/metadata/identity/oauth2/token";

pub(super) fn published() -> Url {
    Url::parse(&format!("{AUTHORITY}{PATH}")).expect("a published URL is a URL")
}

/// Looks for the service at `endpoint`, for one second: where there is none, nobody answers or refuses. It is
/// asked without the header that it insists on, so that it says no at once and fetches nothing.
///
/// # Errors
/// `Absent` where nobody answers, or somebody else; `Config` where nothing could be sent.
pub(super) async fn probe(endpoint: &Url, is_guess: bool, io: &Io) -> Result<()> {
    let request = Request::builder()
        .method(Method::GET)
        .uri(endpoint.as_str());
    let request = finished(request, Body::empty())?;
    let absent = |why: &str| {
        let guess = match is_guess {
            true => "neither IDENTITY_ENDPOINT nor MSI_ENDPOINT is set, and for a virtual machine ",
            false => "",
        };
        Error::absent(format!("no managed identity is here: {guess}{why}"))
            .with_advice("run this in Azure, on something that has one, or log in in another way")
    };
    match io.fetch(request, PATIENCE).await {
        Ok(answer) if is_service(&answer) => Ok(()),
        Ok(answer) => Err(absent(&format!(
            "something answers {} in place of the metadata service, such as a proxy",
            answer.status()
        ))
        .with_status(answer.status().as_u16())),
        Err(error) if error.kind() == ErrorKind::Config => Err(error),
        Err(error) => Err(absent(error.message()).with_source(error)),
    }
}

/// The service says what it has to say in JSON, also where it refuses; when it is busy or being updated its statuses
/// say enough. Other clouds have pages at the same address, and proxies have texts.
fn is_service(answer: &Response<Bytes>) -> bool {
    let object = serde_json::from_slice::<Map<String, Value>>(answer.body());
    let status = answer.status();
    let busy = status.is_server_error()
        || matches!(
            status,
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::TOO_MANY_REQUESTS
        );
    object.is_ok() || (busy && !is_page(answer.body()))
}

pub(super) fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// How long nobody may answer.
const PATIENCE: Duration = Duration::from_secs(1);
