//! `auth netrc`: other programs find the token of a service in a netrc file.

use auth_core::TokenSource;

use crate::args::NetrcArgs;
use crate::command::login;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::message;
use crate::{interrupt, mirrored};

pub(super) async fn run(context: &Context, args: &NetrcArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    mirrored::ensure_netrc_is_of_use(&profile)?;
    login::place(context, &profile)?;
    let login = context.login(&profile).await?;
    interrupt::settling(&login, async {
        login.token().await?;
        let file = mirrored::netrc(&login, args.file.as_deref()).await?;
        message::note(&format!(
            "{} has the refresh token of `{}`, and whoever renews it writes it there again",
            file.display(),
            profile.name
        ));
        Ok(())
    })
    .await
}
