//! [`Identity`]: which of the identities that a machine may have.

use std::fmt;

/// Which identity. What runs in Azure has at most one of its own, and any number that were made apart and assigned
/// to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity {
    /// The one that was made with the machine or app and ends with it.
    #[default]
    System,
    /// The assigned one with this client id.
    ClientId(String),
    /// The assigned one with this object id, also called principal id.
    ObjectId(String),
    /// The assigned one with this resource id, `/subscriptions/…/userAssignedIdentities/<name>`.
    ResourceId(String),
}

impl Identity {
    /// The parameter that names it, where a resource id is called `resource_id`.
    pub(super) fn parameter<'a>(&'a self, resource_id: &'a str) -> Option<(&'a str, &'a str)> {
        match self {
            Self::System => None,
            Self::ClientId(id) => Some(("client_id", id)),
            Self::ObjectId(id) => Some(("object_id", id)),
            Self::ResourceId(id) => Some((resource_id, id)),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("the system-assigned identity"),
            Self::ClientId(id) => write!(f, "the identity with client id {id}"),
            Self::ObjectId(id) => write!(f, "the identity with object id {id}"),
            Self::ResourceId(id) => write!(f, "the identity {id}"),
        }
    }
}
