//! What other programs run to have a token. They share which hosts a token is for, that nothing but the answer
//! goes to stdout, and that nobody is asked unless a person waits for it.

pub(super) mod bazel;
pub(super) mod docker;
pub(super) mod git;
mod hosts;
pub(super) mod kubernetes;

use auth_core::{Error, Result};

use crate::config::Profile;

/// The user name that goes with a token where a program wants a pair.
///
/// # Errors
/// `Config` for one that could break out of an answer.
fn user(profile: &Profile) -> Result<&str> {
    let user = profile.settings.text("basic-user").unwrap_or("oauth2");
    match user.contains(char::is_control) || user.is_empty() {
        true => {
            let origin = profile.settings.origin("basic-user");
            let what = format!("{origin}: `basic-user` is empty or has a control character");
            Err(Error::config(what).with_advice("write the name that the service expects"))
        }
        false => Ok(user),
    }
}
