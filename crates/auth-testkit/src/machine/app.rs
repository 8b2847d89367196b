//! The identity endpoint of an app.

use http::{Method, StatusCode};
use serde_json::json;

use super::{Machine, Metadata};
use crate::answer::{self, Answer};
use crate::record::Received;
use crate::token::seconds;

pub(super) fn answer(
    metadata: &mut Metadata,
    machine: &Machine,
    header: &str,
    request: &Received,
) -> Answer {
    if request.method() != Method::GET {
        return answer::of_status(StatusCode::METHOD_NOT_ALLOWED);
    }
    if request.header("x-identity-header") != Some(header) {
        return no(401, "The X-IDENTITY-HEADER is missing or wrong.");
    }
    if request.query("api-version").as_deref() != Some("2019-08-01") {
        return no(400, "The api-version is missing or not supported.");
    }
    let Some(resource) = request
        .query("resource")
        .filter(|resource| !resource.is_empty())
    else {
        return no(400, "The resource is missing.");
    };
    let Some(client) = machine.identity(request, "mi_res_id") else {
        return no(
            400,
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        );
    };
    let issued = metadata.issue(&client, &resource, machine.life, request.at());
    answer::of_tokens(&json!({
        "access_token": issued.token,
        "client_id": client,
        "expires_on": seconds(issued.end).to_string(),
        "resource": resource,
        "token_type": "Bearer",
    }))
}

/// A no in this service's own form.
fn no(status: u16, message: &str) -> Answer {
    let body = json!({ "statusCode": status, "message": message });
    let status = StatusCode::from_u16(status).expect("a status of HTTP");
    answer::of_json(status, &body)
}
