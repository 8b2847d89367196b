//! The agent of Azure Arc: whoever can read the file that it writes may have a token.

use std::fs;
use std::path::Path;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Method, StatusCode};

use super::{Machine, Metadata, refusal, tokens};
use crate::answer::{self, Answer};
use crate::random;
use crate::record::Received;

pub(super) fn answer(
    metadata: &mut Metadata,
    machine: &Machine,
    keys: &Path,
    confirms: bool,
    request: &Received,
) -> Answer {
    let no = |what: &str| refusal(StatusCode::BAD_REQUEST, "invalid_request", what);
    if request.method() != Method::GET {
        return answer::of_status(StatusCode::METHOD_NOT_ALLOWED);
    }
    if request.header("metadata") != Some("true") {
        return no("Required metadata header not specified");
    }
    if request.query("api-version").is_none() {
        return no("The api-version is missing");
    }
    let Some(resource) = request
        .query("resource")
        .filter(|resource| !resource.is_empty())
    else {
        return no("The resource is missing");
    };
    let shown = request.header("authorization");
    let Some(key) = shown.and_then(|value| value.strip_prefix("Basic ")) else {
        return challenge(metadata, keys);
    };
    let Some(file) = metadata.keys.remove(key) else {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "The key is not known",
        );
    };
    let _ = fs::remove_file(file);
    let client = match confirms {
        true => machine.identity(request, "msi_res_id"),
        false => Some(super::SYSTEM.to_owned()),
    };
    let Some(client) = client else {
        return no("Identity not found");
    };
    let issued = metadata.issue(&client, &resource, machine.life, request.at());
    let mut body = tokens(
        &issued,
        confirms.then_some(&client),
        &resource,
        request.at(),
    );
    for name in ["object_id", "msi_res_id"] {
        if let Some(id) = request.query(name).filter(|_| confirms) {
            body[name] = id.into();
        }
    }
    answer::of_tokens(&body)
}

/// Writes a key that works once.
fn challenge(metadata: &mut Metadata, keys: &Path) -> Answer {
    let key = random::hex(32);
    let file = keys.join(format!("{}.key", random::uuid()));
    if fs::write(&file, &key).is_err() {
        return answer::of_status(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let mut answer = answer::of_status(StatusCode::UNAUTHORIZED);
    if let Ok(value) = HeaderValue::try_from(format!("Basic realm={}", file.display())) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    metadata.keys.insert(key, file);
    answer
}
