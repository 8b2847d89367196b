//! Behaviour of the workspace, one file per behaviour.

mod api;
mod browser;
mod cache_law;
mod endpoint;
mod file_store;
mod http;
mod id_token;
mod jwt_bearer;
mod keycloak;
mod log;
mod logout;
mod oidc_provider;
mod person_secrets;
mod provider;
mod refresh_token_file;
mod rfc7009;
mod rfc7662;
mod rfc8252;
mod rfc8628;
mod rfc8693;
mod secrets;
mod session;
mod testkit;
mod token_check;
mod verify;
mod world;
