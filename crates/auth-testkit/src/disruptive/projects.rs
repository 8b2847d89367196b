//! The projects of its API, in pages, and the API's errors.

use http::StatusCode;
use serde_json::json;

use crate::answer::{self, Answer};
use crate::record::Received;

/// An error in the form of its API.
pub(super) fn problem(status: StatusCode, what: &str) -> Answer {
    let code = status.as_u16();
    let help = format!("https://docs.d21s.com/error/#{code}");
    answer::of_json(
        status,
        &json!({ "error": what, "code": code, "help": help }),
    )
}

/// One page of projects. A page token is the number of the first project that is still to come.
pub(super) fn page(names: &[String], request: &Received) -> Answer {
    let number = |name| request.query(name).filter(|text| !text.is_empty());
    let Ok(size) = number("pageSize").map_or(Ok(100), |text| text.parse::<usize>()) else {
        return problem(StatusCode::BAD_REQUEST, "invalid pageSize");
    };
    let Ok(from) = number("pageToken").map_or(Ok(0), |text| text.parse::<usize>()) else {
        return problem(StatusCode::BAD_REQUEST, "invalid pageToken");
    };
    let from = from.min(names.len());
    let to = from.saturating_add(size.clamp(1, 100)).min(names.len());
    let projects = (from..to).map(|index| {
        json!({
            "name": format!("projects/emulated{index:012}"),
            "displayName": names[index],
            "inventory": index == 0,
            "organization": "organizations/emulated",
            "organizationDisplayName": "Emulated",
            "sensorCount": 0,
            "cloudConnectorCount": 0,
        })
    });
    let next = if to < names.len() {
        to.to_string()
    } else {
        String::new()
    };
    let body = json!({ "projects": projects.collect::<Vec<_>>(), "nextPageToken": next });
    answer::of_json(StatusCode::OK, &body)
}
