//! [`Asked`]: what the arguments say, and what a profile knows of its tokens where they say nothing.

use auth_core::{Error, Io, Result};

use crate::args::{TokenKind, VerifyArgs};
use crate::config::{Kind, Profile, Settings};
use crate::context::Context;
use crate::profile;

/// What is asked of a token, whole.
pub(super) struct Asked {
    pub(super) args: VerifyArgs,
    pub(super) io: Io,
    pub(super) profile: Option<Profile>,
}

impl Asked {
    /// # Errors
    /// `Config` if neither the arguments nor the profile say from whom or for whom it must be.
    pub(super) fn of(context: &Context, args: &VerifyArgs) -> Result<Self> {
        let mut args = args.clone();
        let Some(name) = &args.profile else {
            let io = context.plain_io();
            return Ok(Self {
                args,
                io,
                profile: None,
            });
        };
        let profile = context.config.profile(name, Settings::default())?;
        let io = context.io(&profile);
        if args.issuer.is_none() {
            args.issuer = Some(issuer(&profile, &io)?);
        }
        if args.audience.is_empty() {
            args.audience = audiences(&profile)?;
        }
        args.kind = args.kind.or_else(|| kind(&profile));
        let profile = Some(profile);
        Ok(Self { args, io, profile })
    }
}

fn issuer(profile: &Profile, io: &Io) -> Result<String> {
    if profile.kind == Kind::Entra {
        return profile::token_issuer(profile, io);
    }
    if profile.settings.get("exchange-url").is_some() {
        return Err(unknown(profile, "from whom", "--issuer"));
    }
    let is_named = profile.settings.get("issuer").is_some() || profile.kind == Kind::Desp;
    if !is_named {
        return Err(unknown(profile, "from whom", "--issuer"));
    }
    Ok(profile::provider(profile, io)?.issuer().to_owned())
}

/// For whom its tokens are: whom it says they must be for, or those whom it asks them for.
fn audiences(profile: &Profile) -> Result<Vec<String>> {
    let settings = &profile.settings;
    let asked = match (settings.text("verify-audience"), profile.kind) {
        (Some(audience), _) => vec![audience.to_owned()],
        (None, Kind::Entra) => profile::api_of(profile).into_iter().collect(),
        // What an account's assertion is for is the issuer.
        (None, Kind::JwtBearer) => settings.texts("resource").to_vec(),
        (None, _) => match settings.texts("audience") {
            [] => settings.texts("resource").to_vec(),
            audiences => audiences.to_vec(),
        },
    };
    match asked.is_empty() {
        true => Err(unknown(profile, "for whom", "--audience")),
        false => Ok(asked),
    }
}

fn kind(profile: &Profile) -> Option<TokenKind> {
    match profile.kind {
        Kind::Keycloak | Kind::Desp => Some(TokenKind::Keycloak),
        Kind::Entra => Some(TokenKind::Entra),
        _ => None,
    }
}

fn unknown(profile: &Profile, what: &str, flag: &str) -> Error {
    let key = match flag {
        "--audience" => "add `verify-audience` to it, or give",
        _ => "give",
    };
    Error::config(format!(
        "profile `{}` does not say {what} its tokens are",
        profile.name
    ))
    .with_advice(format!("{key} {flag}"))
}
