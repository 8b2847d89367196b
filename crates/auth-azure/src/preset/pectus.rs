//! The calling side of Open Pectus: what its server takes from programs and people.
//!
//! Source: the documentation of its user authorization. Its aggregator takes the raw token in a header of its own; from a
//! program that is an access token for the application itself (version 1), from a person the ID token of their login. Its
//! registration is for a single-page application, which Entra ID lets no native program redeem codes for: people's
//! programs need a registration for mobile and desktop applications beside it.

use http::HeaderName;

/// The environment variable with the id of the tenant, as the server reads it.
pub const TENANT_VARIABLE: &str = "AZURE_DIRECTORY_TENANT_ID";

/// The environment variable with the application's client id, as the server reads it.
pub const CLIENT_VARIABLE: &str = "AZURE_APPLICATION_CLIENT_ID";

/// The header that the token stands in, alone.
pub const HEADER: HeaderName = HeaderName::from_static("x-identity");

/// The base of the vendor's own installation. Paths below it end with a slash: `recent_runs/`.
pub const API_URL: &str = "https://openpectus.com/api/";

/// What a program asks for: a token of the application for itself, whose id stands there as it is.
pub fn scope(client_id: &str) -> String {
    format!("{client_id}/.default")
}
