//! The Instance Metadata Service of a virtual machine.

use http::{Method, StatusCode};

use super::{Machine, Metadata, refusal, tokens};
use crate::answer::{self, Answer};
use crate::record::Received;

pub(super) fn answer(metadata: &mut Metadata, machine: &Machine, request: &Received) -> Answer {
    let no = |what: &str| refusal(StatusCode::BAD_REQUEST, "invalid_request", what);
    if request.method() != Method::GET {
        return answer::of_status(StatusCode::METHOD_NOT_ALLOWED);
    }
    // What a server was tricked into asking for somebody else comes without the one, or with the other.
    if request.header("metadata") != Some("true") {
        return no("Required metadata header not specified");
    }
    if request.header("x-forwarded-for").is_some() {
        return no("Request contains X-Forwarded-For header");
    }
    if request
        .query("api-version")
        .is_none_or(|version| version.as_str() < "2018-02-01")
    {
        return no("Required api-version parameter missing or not supported");
    }
    let Some(resource) = request
        .query("resource")
        .filter(|resource| !resource.is_empty())
    else {
        return no("Required audience parameter not specified");
    };
    let Some(client) = machine.identity(request, "msi_res_id") else {
        return no(match machine.assigned.len() {
            0 | 1 => "Identity not found",
            _ if names(request) => "Identity not found",
            _ => {
                "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"
            }
        });
    };
    let issued = metadata.issue(&client, &resource, machine.life, request.at());
    answer::of_tokens(&tokens(&issued, Some(&client), &resource, request.at()))
}

fn names(request: &Received) -> bool {
    let mut names = ["client_id", "object_id", "msi_res_id"].into_iter();
    names.any(|name| request.query(name).is_some())
}
