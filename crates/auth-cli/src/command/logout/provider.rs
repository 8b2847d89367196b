//! The person's session at the provider, which outlives a login here and opens the next one without a question.

use std::time::Duration;

use auth_core::session::Login;
use auth_core::{Error, ErrorKind, RedirectUri, Result};

use crate::args::LogoutArgs;
use crate::config::{Kind, Profile};
use crate::context::Context;
use crate::new_login::has_browser;
use crate::output::message;
use crate::profile;
use crate::prompt::Farewell;

/// Sends the browser to the provider's logout page, if there is one of either.
///
/// # Errors
/// Why it can't be done, where somebody asked for just that.
pub(super) async fn log_out(
    context: &Context,
    profile: &Profile,
    login: Option<&Login>,
    args: &LogoutArgs,
) -> Result<()> {
    let outcome = end(context, profile, login, args).await;
    match outcome {
        Err(error) if args.browser => Err(error),
        // Nobody asked for it, and nothing can be said about it.
        Err(error) if error.kind() == ErrorKind::Config => Ok(()),
        Err(error) => {
            message::warn(&format!("the session at the provider lives on: {error}"));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

async fn end(
    context: &Context,
    profile: &Profile,
    login: Option<&Login>,
    args: &LogoutArgs,
) -> Result<()> {
    if profile.kind == Kind::Chain || profile.logs_in_to_desp() {
        return Err(Error::config(format!(
            "profile `{}` has no logout page",
            profile.name
        )));
    }
    let opens = !args.no_browser && (args.browser || has_browser());
    let prompt = Farewell::new(opens.then(|| context.opener()));
    let endpoint = profile::endpoint(profile, &context.io(profile), &context.secrets)?;
    let back = match profile.settings.text("logout-redirect-uri") {
        Some(text) => Some(
            RedirectUri::new(text)
                .map_err(|error| error.context(profile.settings.origin("logout-redirect-uri")))?,
        ),
        None => None,
    };
    let id = login.and_then(Login::id_token);
    endpoint
        .end_session(id, back.as_ref(), &prompt, PATIENCE)
        .await?;
    if back.is_some() {
        message::note("the session at the provider is ended");
    }
    Ok(())
}

/// Whoever logs out is at the browser already.
const PATIENCE: Duration = Duration::from_secs(120);
