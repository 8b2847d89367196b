//! Cloud Shell: a POST, and no choice of identity.

use auth_core::Result;
use auth_core::http::Body;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request};
use url::{Url, form_urlencoded};

use super::metadata::{METADATA, finished};

pub(super) fn request(endpoint: &Url, resource: &str) -> Result<Request<Body>> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("resource", resource)
        .finish();
    let request = Request::builder()
        .method(Method::POST)
        .uri(endpoint.as_str())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(METADATA, "true");
    finished(request, form.into())
}
