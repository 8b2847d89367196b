//! What was chosen with `auth switch`, and is gone.

use auth_core::Result;

use crate::config::{Origin, Settings, Value};
use crate::context::Context;
use crate::output::message;

/// Forgets each choice of a login that is not kept any more, and says which one is used again.
///
/// # Errors
/// `Store`.
pub(super) async fn forget(context: &Context) -> Result<()> {
    let (store, choices) = (context.store().store, context.choices());
    for name in choices.profiles() {
        let Some(label) = choices.of(&name) else {
            continue;
        };
        let mut flags = Settings::default();
        flags.set(
            "account",
            Value::Text(label.clone()),
            Origin::Flag("--account"),
        );
        // Of a profile that can't be used nobody knows what is kept.
        let Ok(profile) = context.config.profile(&name, flags) else {
            continue;
        };
        let sessions = context.sessions(&profile).await.unwrap_or_default();
        if let Some(session) = sessions.last()
            && !store.holds(session).await?
        {
            choices.forget(&name)?;
            let profile = context.config.profile(&name, Settings::default())?;
            let usual = context.sessions(&profile).await?.pop();
            let usual = usual
                .as_ref()
                .map_or("default", |session| session.account());
            // Who had chosen the usual one has no other.
            if usual != label {
                message::note(&format!(
                    "the login that was chosen for profile `{name}` is gone: its login `{usual}` is used again"
                ));
            }
        }
    }
    Ok(())
}
