//! `auth token`: one token on stdout.

use auth_core::session::Need;
use auth_core::{AccessToken, Error, Result};
use clap::ValueEnum;

use crate::args::{Format, TokenArgs};
use crate::config::Profile;
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::kubectl::{ApiVersion, Question};
use crate::output::token::{StepFile, Written};
use crate::{interrupt, output, profile};

pub(super) async fn run(context: &Context, args: &TokenArgs) -> Result<(), Failure> {
    ensure_fitting(args)?;
    let profile = context.profile(&args.question)?;
    let (header, scheme) = profile.header()?;
    let file = StepFile::of(args.format)?;
    let host = match args.format {
        Format::Netrc => host(&profile, args).await?,
        _ => String::new(),
    };
    let api_version = match args.format {
        Format::Kubernetes => Question::of_environment()?.api_version,
        _ => ApiVersion::default(),
    };
    let need = Need::new().with_min_ttl(args.min_ttl.unwrap_or_default());
    let need = match args.refresh {
        true => need.with_another(),
        false => need,
    };
    let token = get(context, &profile, need).await?;
    let usual = match args.format {
        Format::GithubOutput => "token",
        _ => VARIABLE,
    };
    let name = args.name.as_deref().unwrap_or(usual);
    let written = Written {
        profile: &profile.name,
        token: &token,
        header: &header,
        value: token.header_value(scheme)?,
        now: context.io(&profile).clock().now().wall,
        name,
        host: &host,
        user: profile.settings.text("basic-user").unwrap_or("anonymous"),
        api_version,
    };
    output::print(written.text(args.format)?.as_bytes())?;
    if let Some(file) = file {
        file.set(name, token.expose_secret())?;
    }
    Ok(())
}

/// The profile's token that is good for `need`.
///
/// # Errors
/// Why there is none.
pub(super) async fn get(
    context: &Context,
    profile: &Profile,
    need: Need,
) -> Result<AccessToken, Failure> {
    let source = context.source(profile).await?;
    interrupt::settling(&*source, profile::spends(profile), async {
        Ok(source.get(need).await?)
    })
    .await
}

/// An option that does nothing is a misunderstanding.
fn ensure_fitting(args: &TokenArgs) -> Result<()> {
    let sets = SETTING.contains(&args.format);
    let idle = match () {
        () if args.name.is_some() && !sets => Some("--name"),
        () if args.host.is_some() && args.format != Format::Netrc => Some("--host"),
        () => None,
    };
    let Some(option) = idle else {
        return Ok(());
    };
    let named = |format: &Format| {
        format
            .to_possible_value()
            .map(|value| value.get_name().to_owned())
    };
    let format = named(&args.format).unwrap_or_default();
    let others: &[Format] = match option {
        "--host" => &[Format::Netrc],
        _ => &SETTING,
    };
    let others: Vec<String> = others.iter().filter_map(named).collect();
    Err(
        Error::config(format!("{option} means nothing for --format {format}")).with_advice(
            format!("leave it out, or choose the format {}", others.join(", ")),
        ),
    )
}

/// For whom a netrc file has the token.
async fn host(profile: &Profile, args: &TokenArgs) -> Result<String> {
    let api = context::api(profile).await?;
    let known = api.as_ref().and_then(url::Url::host_str);
    let Some(host) = args.host.as_deref().or(known) else {
        return Err(profile
            .missing("api")
            .with_advice("name the host with --host, or add `api` to the profile"));
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let is_host = !host.is_empty() && host.chars().all(plain);
    // Whoever reads the file looks for a host alone.
    let has_port = !host.contains('[') && host.contains(':');
    match is_host && !has_port {
        true => Ok(host.to_owned()),
        false => Err(Error::config("--host is no name of a host")
            .with_advice("write the name alone, without scheme, port and path")),
    }
}

/// The variable that has a token where nobody names one.
pub(super) const VARIABLE: &str = "AUTH_TOKEN";

/// The formats that set a variable.
const SETTING: [Format; 6] = [
    Format::Env,
    Format::Fish,
    Format::Powershell,
    Format::Cmd,
    Format::Github,
    Format::GithubOutput,
];
