//! Cloud Shell: the identity of the person who opened it.

use http::{Method, StatusCode};

use super::{Machine, Metadata, SYSTEM, refusal, tokens};
use crate::answer::{self, Answer};
use crate::record::Received;

pub(super) fn answer(metadata: &mut Metadata, machine: &Machine, request: &Received) -> Answer {
    if request.method() != Method::POST {
        return answer::of_status(StatusCode::METHOD_NOT_ALLOWED);
    }
    let resource = request.field("resource").filter(|_| request.is_form());
    match resource.filter(|_| request.header("metadata") == Some("true")) {
        Some(resource) => {
            let issued = metadata.issue(SYSTEM, &resource, machine.life, request.at());
            answer::of_tokens(&tokens(&issued, None, &resource, request.at()))
        }
        None => refusal(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The header Metadata or the resource is missing",
        ),
    }
}
