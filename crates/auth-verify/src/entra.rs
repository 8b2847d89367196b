//! [`Entra`]: tokens of Microsoft Entra ID, in both of its formats.

mod application;
mod cloud;
mod issuers;
mod place;
mod tenants;

pub use application::Entra;
pub use cloud::Cloud;
pub(crate) use issuers::EntraIssuers;
pub(crate) use place::is_microsofts;
pub use tenants::Tenants;
pub(crate) use tenants::guid;
