//! What other programs run to have a token. They share which hosts a token is for, that nothing but the answer
//! goes to stdout, and that nobody is asked unless a person waits for it.

pub(super) mod bazel;
pub(super) mod docker;
pub(super) mod git;
mod hosts;
pub(super) mod kubernetes;

use auth_core::{AccessToken, Error, ErrorKind, Result, TokenSource};

use crate::config::Profile;
use crate::context::Context;
use crate::failure::Failure;
use crate::{interrupt, profile};

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

/// Puts another token in the place of the one that would be handed out now, if that `is_refused`. Where none can be had,
/// it is not handed out all the same.
///
/// # Errors
/// Why there is no other.
async fn replace(
    context: &Context,
    profile: &Profile,
    is_refused: impl Fn(&AccessToken) -> bool,
) -> Result<(), Failure> {
    let source = context.source(profile).await?;
    interrupt::settling(&*source, profile::spends(profile), async {
        let token = match source.token().await {
            // Where nothing is handed out, nothing is taken back.
            Err(error) if error.kind() == ErrorKind::Interaction => return Ok(()),
            outcome => outcome?,
        };
        if is_refused(&token) {
            source.discard(&token, None);
            source.token().await?;
        }
        Ok(())
    })
    .await
}
