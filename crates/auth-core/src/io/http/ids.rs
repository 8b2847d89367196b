//! [`ids`]: by what whoever runs a server finds a request in its logs.

use http::HeaderMap;

/// The ids that an answer's headers give the request, each with the header's name.
pub(crate) fn ids(headers: &HeaderMap) -> impl Iterator<Item = (&'static str, &str)> {
    let named = IDS.iter();
    named.filter_map(|name| Some((*name, headers.get(*name)?.to_str().ok()?)))
}

/// The headers that servers and their gateways put such ids into.
const IDS: [&str; 3] = ["x-ms-request-id", "x-request-id", "x-correlation-id"];
