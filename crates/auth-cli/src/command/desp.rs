//! `auth desp`: what people of `destinepyauth` type, with what is kept and checked here.

use auth_core::{Error, Result, TokenSource};

use crate::args::{DespArgs, Globals};
use crate::command::login;
use crate::config::{Origin, Profile, Settings};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message};
use crate::{interrupt, mirrored};

/// Its exit codes are those of `destinepyauth`: whatever fails on the way is 1.
pub(super) async fn run(globals: Globals, args: &DespArgs) -> Result<(), Failure> {
    token(globals, args).await.map_err(|failure| match failure {
        Failure::Failed(error) => Failure::OfDespauth(error),
        other => other,
    })
}

async fn token(globals: Globals, args: &DespArgs) -> Result<(), Failure> {
    refuse_what_is_not_taken(args)?;
    // The option of that name is the service's file here.
    let config = None;
    let context = Context::new(Globals { config, ..globals })?;
    let profile = profile(&context, args)?;
    let writes_polytope = mirrored::is_for_polytope(&profile);
    if args.netrc {
        mirrored::ensure_netrc_is_of_use(&profile)?;
    }
    if args.netrc || writes_polytope {
        login::place(&context, &profile)?;
    }
    let source = context.asking_source(&profile, args.page_copy.as_deref())?;
    interrupt::settling(&source, async {
        let token = source.token().await?;
        let login = context.login(&profile).await?;
        if writes_polytope {
            mirrored::polytope(&login, None).await?;
        }
        if args.netrc {
            let file = mirrored::netrc(&login, None).await?;
            message::note(&format!("{} has the refresh token", file.display()));
        }
        if args.print {
            return output::print(format!("{}\n", token.expose_secret()).as_bytes());
        }
        if !args.netrc {
            message::note("a token is kept; -p prints it, -n writes it into the netrc file");
        }
        Ok(())
    })
    .await
}

fn refuse_what_is_not_taken(args: &DespArgs) -> Result<()> {
    let (flag, advice) = if !args.further.is_empty() {
        (
            "-f",
            "name the service's file with -c, and write what holds for all services into ~/.despauth.yaml",
        )
    } else if !args.set.is_empty() {
        (
            "--set",
            "use the option of the key, such as --iam-client, or its variable, such as DESPAUTH_IAM_CLIENT",
        )
    } else {
        return Ok(());
    };
    Err(Error::config(format!("{flag} is not taken")).with_advice(advice))
}

fn profile(context: &Context, args: &DespArgs) -> Result<Profile> {
    let mut flags = Settings::default();
    for (field, flag, text) in [
        ("client-id", "--iam-client", &args.iam_client),
        ("iam-url", "--iam-url", &args.iam_url),
        ("iam-realm", "--iam-realm", &args.iam_realm),
        ("redirect-uri", "--redirect-uri", &args.redirect_uri),
        ("scope", "--scope", &args.scope),
    ] {
        if let Some(text) = text {
            flags.set_text(field, text, Origin::Flag(flag))?;
        }
    }
    let name = args.service.as_deref();
    let profile = match (&args.config, name) {
        (Some(file), name) => context.config.service(file, name, flags)?,
        (None, Some(name)) => context.config.profile(name, flags)?,
        (None, None) => {
            return Err(Error::config("no service is named")
                .with_advice("name one with -s, or its file with -c"));
        }
    };
    if profile.logs_in_to_desp() {
        return Ok(profile);
    }
    let (name, nature) = (&profile.name, profile.nature());
    Err(Error::config(format!(
        "profile `{name}` is {nature}, and no service of Destination Earth"
    ))
    .with_advice(format!("run `auth token {name}`")))
}
