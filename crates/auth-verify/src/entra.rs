//! [`Entra`]: tokens of Microsoft Entra ID, in both of its formats.

mod application;
mod cloud;
mod issuers;
mod tenants;

pub use application::Entra;
pub use cloud::Cloud;
pub(crate) use issuers::EntraIssuers;
pub use tenants::Tenants;
