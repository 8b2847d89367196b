//! `auth offline-token`: a token for jobs that run for months without a person.

use std::cell::Cell;
use std::io::IsTerminal;
use std::path::Path;

use auth_core::prompt::Echo;
use auth_core::session::Login;
use auth_core::store::SessionKey;
use auth_core::token_file::{RefreshTokenFile, ReservedTokenFile};
use auth_core::{Error, Prompt, RefreshToken, Result, TokenSource};
use auth_keycloak::RefreshTokenClaims;
use auth_keycloak::preset::provena;

use secrecy::ExposeSecret;

use crate::args::OfflineTokenArgs;
use crate::config::{Kind, Origin, Preset, Profile, Value};
use crate::context::Context;
use crate::failure::Failure;
use crate::interrupt;
use crate::new_login::NewLogin;
use crate::notices;
use crate::output::{self, message, time};
use crate::profile::{self, person};
use crate::prompt::{self, Terminal};
use crate::secret::SecretSource;

pub(super) async fn run(context: &Context, args: &OfflineTokenArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    if args.check || args.revoke {
        let profile = of_token(context, profile, args.from.as_deref()).await?;
        return match args.check {
            true => check(context, &profile).await,
            false => revoke(context, &profile).await,
        };
    }
    if args.from.is_some() {
        return Err(Error::config("--from names a token to check or to revoke")
            .with_advice("add --check or --revoke, or write a new token with --output")
            .into());
    }
    make(context, asking(profile)?, args).await
}

/// A person logs in, and the token goes to where it was wanted.
async fn make(context: &Context, profile: Profile, args: &OfflineTokenArgs) -> Result<(), Failure> {
    let reserved = match &args.output {
        Some(path) => Some(RefreshTokenFile::new(path).reserve().await?),
        None if std::io::stdout().is_terminal() => {
            return Err(Error::config("the token would stand on the screen")
                .with_advice("write it into a file with --output FILE, or pipe it to where it goes")
                .into());
        }
        None => None,
    };
    let new = NewLogin::of_person(context, &profile, &args.way, None).await?;
    let is_handed_over = Cell::new(false);
    let outcome = interrupt::settling(&new.source, true, async {
        new.finished(&args.way).await?;
        warn_of_missing_roles(&new, &profile);
        is_handed_over.set(true);
        let place = match hand_over(&new, &profile, reserved, args).await {
            Ok(place) => place,
            Err(failure) => return Err(taken_back(&new, failure).await),
        };
        let login = new.login().await?;
        let who = login.account().unwrap_or("the person who logged in");
        message::note(&format!(
            "the offline token of {who} {place}{}; whoever has it acts as them",
            ends(context, &profile, &login)
        ));
        let sessions: Vec<_> = login.server_session().into_iter().collect();
        for other in context.beside(&sessions, new.session()).await {
            message::warn(&format!(
                "it shares its session at the server with the login {other}, and revoking one ends the \
                 other: a private window gives it a session of its own"
            ));
        }
        Ok(())
    })
    .await;
    if matches!(outcome, Err(Failure::Interrupted))
        && !is_handed_over.get()
        && let Err(why) = new.take_back().await
    {
        message::warn(&format!(
            "the new token got nowhere and lives on at the server: {}",
            why.message()
        ));
    }
    outcome
}

/// Puts the token where it was wanted, and says where that is.
async fn hand_over(
    new: &NewLogin,
    profile: &Profile,
    reserved: Option<ReservedTokenFile>,
    args: &OfflineTokenArgs,
) -> Result<String, Failure> {
    let token = offline(new, profile).await?;
    if let (Some(reserved), Some(path)) = (reserved, &args.output) {
        reserved.write(&token).await?;
        return Ok(format!("is in {}", path.display()));
    }
    output::print(format!("{}\n", token.expose_secret()).as_bytes())?;
    Ok("was written to stdout".to_owned())
}

/// A token that nobody got must not live on at the server for months.
async fn taken_back(new: &NewLogin, failure: Failure) -> Failure {
    let error = match failure {
        Failure::Failed(error) => error,
        Failure::Closed => Error::store("nobody reads stdout any more")
            .with_advice("see why the command after the pipe ended, or use --output FILE"),
        Failure::OfDespauth(_) | Failure::Told(_) | Failure::Interrupted => return failure,
    };
    Failure::Failed(match new.take_back().await {
        Ok(()) => error.context("the new token got nowhere and was revoked"),
        Err(why) => error.context(format!(
            "the new token got nowhere and lives on at the server (end it there: {})",
            why.message()
        )),
    })
}

/// The refresh token of the new login, if it outlives that login.
async fn offline(new: &NewLogin, profile: &Profile) -> Result<RefreshToken> {
    let advice = "see that the client and the person may have offline tokens (at Keycloak: the scope \
                  and the role offline_access)";
    let Some(token) = new.source.refresh_token().await? else {
        return Err(Error::refused("the server gave no refresh token").with_advice(advice));
    };
    if profile.kind == Kind::Keycloak && RefreshTokenClaims::of(&token).is_offline() == Some(false)
    {
        return Err(Error::refused(
            "the server gave a token that ends with the login, no offline token",
        )
        .with_advice(advice));
    }
    Ok(token)
}

/// Provena's APIs refuse a token without roles, and this is the time to say so.
fn warn_of_missing_roles(new: &NewLogin, profile: &Profile) {
    let is_provena = matches!(
        profile.preset,
        Some(Preset::Provena | Preset::ProvenaPerson)
    );
    let token = new.source.at_hand().filter(|_| is_provena);
    if token.and_then(|token| provena::has_roles(&token)) == Some(false) {
        message::warn(
            "the token has no roles (realm_access), and Provena's APIs will refuse it: let the profile's \
             scope have `roles`",
        );
    }
}

/// Uses the token once, for real.
async fn check(context: &Context, profile: &Profile) -> Result<(), Failure> {
    let source = context.cached(profile).await?;
    interrupt::settling(&source, true, async {
        source.renew().await?;
        let store = context.store().store;
        let login = Login::load(&*store, source.key().session()).await?;
        let ends = ends(context, profile, &login.unwrap_or_default());
        message::note(&format!("the token works{ends}"));
        Ok(())
    })
    .await
}

/// Makes the token, or what took its place, worthless. What ends with it is said before, and asked about where
/// somebody is there.
async fn revoke(context: &Context, profile: &Profile) -> Result<(), Failure> {
    let source = context.cached(profile).await?;
    let (store, io) = (context.store().store, context.io(profile));
    let endpoint = profile::endpoint(profile, &io, &context.secrets)?;
    let given = || profile::given_token(profile, &**io.clock(), &context.secrets);
    let session = source.key().session();
    let login = Login::load(&*store, session).await?.unwrap_or_default();
    // What took its place is kept here, unless it was never used here. What is kept under the name of a place may have
    // begun with another token than is there now.
    let is_unused = login.refresh_fingerprint().is_none();
    let mut tokens = Vec::new();
    if is_unused || profile.need_secret("refresh-token")?.may_ask() {
        tokens.push(given().await?);
    }
    let claims: Vec<_> = tokens.iter().map(RefreshTokenClaims::of).collect();
    let told = claims.iter().filter_map(RefreshTokenClaims::session);
    let ended: Vec<_> = told.chain(login.server_session()).collect();
    ensure_meant(&context.beside(&ended, session).await).await?;
    let lock = notices::locked_to_remove(&*store, session).await?;
    tokens.extend(source.refresh_token().await?);
    if tokens.is_empty() {
        tokens.push(given().await?);
    }
    // Nothing is forgotten before the server knows, so that this can be tried again.
    for token in &tokens {
        endpoint.revoke(token).await?;
    }
    store.remove(&lock).await?;
    message::note("the token was revoked at the server: no job can use it any more");
    Ok(())
}

/// Names what ends with the token, and asks whoever is at the terminal.
async fn ensure_meant(others: &[SessionKey]) -> Result<()> {
    for other in others {
        message::warn(&format!(
            "the login {other} is in the same session of the server, which ends as a whole"
        ));
    }
    if others.is_empty() || !prompt::can_ask() {
        return Ok(());
    }
    let question = "End them all? (yes or no)";
    let answer = Terminal.ask(question, Echo::Shown).await?;
    match answer.expose_secret().trim() {
        "y" | "yes" => Ok(()),
        _ => Err(Error::interaction("nothing was revoked")
            .with_advice("answer `yes`, or let what shares its session log in anew first")),
    }
}

/// The profile as a person would log in to it, for a token that lives on.
fn asking(mut profile: Profile) -> Result<Profile> {
    if profile.kind == Kind::Entra {
        return Err(Error::config(format!(
            "profile `{}` is at Entra ID, which gives no token for a job that a person could hand over",
            profile.name
        ))
        .with_advice(
            "let the job be an application: a secret, a certificate or a federated assertion",
        ));
    }
    if !matches!(profile.kind, Kind::Keycloak | Kind::Oidc) {
        return Err(person::none(&profile));
    }
    let mut scopes = profile.settings.list("scope").to_vec();
    if !scopes.iter().any(|scope| scope == OFFLINE_ACCESS) {
        scopes.push(OFFLINE_ACCESS.to_owned());
    }
    let origin = profile.settings.origin("scope");
    profile.settings.set("scope", Value::List(scopes), origin);
    profile.settings.remove("refresh-token");
    Ok(profile)
}

/// The profile that starts from a token: its own, or that in `from`.
async fn of_token(context: &Context, mut profile: Profile, from: Option<&Path>) -> Result<Profile> {
    let stdin = matches!(
        profile.settings.secret("refresh-token"),
        Some(SecretSource::Stdin)
    );
    if let Some(path) = from.or_else(|| stdin.then_some(Path::new("-"))) {
        let source = match path {
            path if path == Path::new("-") => {
                SecretSource::Given(context.text_from(None, "the token").await?)
            }
            path => SecretSource::File(path.to_owned()),
        };
        let origin = Origin::Flag("--from");
        profile
            .settings
            .set("refresh-token", Value::Secret(source), origin);
    }
    if profile.settings.secret("refresh-token").is_none() {
        return Err(profile
            .missing("refresh-token")
            .with_advice("name the file with the token with --from, or `-` for stdin"));
    }
    if !matches!(profile.kind, Kind::Keycloak | Kind::Refresh) {
        profile.kind = Kind::Refresh;
    }
    Ok(profile)
}

/// When the token ends, as the end of a sentence.
fn ends(context: &Context, profile: &Profile, login: &Login) -> String {
    let now = context.io(profile).clock().now().wall;
    match login.refresh_expires_at() {
        Some(end) => format!(
            ", for {} unless it is used",
            time::span(end.duration_since(now).unwrap_or_default())
        ),
        None if profile.kind == Kind::Keycloak => {
            ", with no end that the server tells (by default a realm forgets it when nobody uses it for \
             30 days)"
                .to_owned()
        }
        None => ", with no end that the server tells".to_owned(),
    }
}

/// The scope that makes a refresh token outlive the login (OpenID Connect Core §11).
const OFFLINE_ACCESS: &str = "offline_access";
