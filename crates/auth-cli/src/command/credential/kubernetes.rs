//! `auth kubernetes`: kubectl's credential plugin (`client.authentication.k8s.io`).

use auth_core::session::Need;
use auth_core::{ErrorKind, Result};

use crate::args::{KubernetesArgs, Which};
use crate::command::{login, token};
use crate::config::{Kind, Origin, Profile, Value};
use crate::context::Context;
use crate::failure::Failure;
use crate::kubectl::Question;
use crate::output::token::exec_credential;
use crate::profile::{self, person};
use crate::{output, prompt};

pub(in crate::command) async fn run(
    context: &Context,
    args: &KubernetesArgs,
) -> Result<(), Failure> {
    let question = Question::of_environment()?;
    let profile = handing_out(context.profile(&args.question)?, args.token)?;
    let may_ask = question.is_interactive && prompt::can_ask() && person::is_asked(&profile);
    let token = match token::get(context, &profile, Need::new()).await {
        Err(Failure::Failed(error)) if error.kind() == ErrorKind::Interaction && may_ask => {
            login::straight(context, &profile, &args.way).await?;
            token::get(context, &profile, Need::new()).await?
        }
        outcome => outcome?,
    };
    output::print_json(&exec_credential(question.api_version, &token))
}

/// The profile, which hands out the token that is asked for: where nobody says which, a cluster takes ID tokens of
/// OpenID providers (`--oidc-issuer-url` of its API server).
fn handing_out(mut profile: Profile, asked: Option<Which>) -> Result<Profile> {
    let is_usual = matches!(profile.kind, Kind::Keycloak | Kind::Oidc)
        && profile::spends(&profile)
        && profile.settings.get("token").is_none();
    let (which, origin) = match asked {
        Some(which) => (which, Origin::Flag("--token")),
        None if is_usual => (Which::Id, Origin::BuiltIn),
        None => return Ok(profile),
    };
    let value = Value::Text(which.name().to_owned());
    profile.settings.set("token", value, origin);
    Profile::new(&profile.name, profile.preset, profile.settings)
}
