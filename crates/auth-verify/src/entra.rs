//! What is known of Microsoft Entra ID: its clouds, the names of its issuers, its tenants.

mod cloud;
mod issuers;
mod place;
mod template;
mod tenants;

pub use cloud::Cloud;
pub(crate) use issuers::EntraIssuers;
pub(crate) use place::{Place, is_microsofts};
pub(crate) use template::{TENANT, Template};
pub use tenants::Tenants;
pub(crate) use tenants::{NOBODYS, guid};
