//! `auth status`: what is kept, for whom and until when. Never a token.

mod mode;
mod row;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};
use auth_core::error::{Result, Untrusted};
use auth_core::session::Login;
use auth_core::store::SessionKey;
use serde::Serialize;

pub(super) use self::mode::permissions;
use self::row::Row;
use crate::args::StatusArgs;
use crate::config::{Profile, Settings};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message, time};

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Status {
    store: Option<String>,
    permissions: Option<String>,
    /// Whether there is anything in its place.
    #[serde(skip)]
    is_made: bool,
    logins: Vec<Row>,
}

pub(super) async fn run(context: &Context, args: &StatusArgs) -> Result<(), Failure> {
    let place = context.store();
    let now = SystemClock::new().now().wall;
    let (mut known, mut ending) = (Vec::new(), Vec::new());
    for name in context.config.names() {
        if args.profile.as_deref().is_none_or(|wanted| wanted == name)
            && let Ok(profile) = context.config.profile(name, Settings::default())
            && !profile.is_on_stdin()
            && let Ok(sessions) = context.sessions(&profile).await
        {
            if ends_with_the_platform(&profile)
                && let Some(own) = sessions.last()
            {
                ending.push((own.clone(), after(&profile)));
            }
            known.extend(
                sessions
                    .into_iter()
                    .map(|session| (name.to_owned(), session)),
            );
        }
    }
    if let Some(wanted) = &args.profile {
        // An unknown name is an error, and so is a profile that can't be used.
        context.config.profile(wanted, Settings::default())?;
    }
    let mut logins = Vec::new();
    let kept: HashMap<_, _> = Login::all(&*place.store).await?.into_iter().collect();
    for (session, login) in kept.iter().filter(|(session, _)| !session.is_account()) {
        let (profiles, is_labelled) = names_of(&known, session);
        if args.profile.is_some() && profiles.is_empty() {
            continue;
        }
        if let Some(login) = unless_unread(session, login) {
            let account = SessionKey::of_account(session.issuer(), session.account());
            let shared = kept
                .get(&account)
                .and_then(|of| unless_unread(&account, of));
            let ends = ending.iter().find(|(own, _)| own == session);
            logins.push(Row {
                is_labelled,
                chosen: profiles.iter().any(|name| {
                    let chosen = context.config.chosen(name);
                    chosen.is_some_and(|label| label == session.account())
                }),
                after: ends.map(|(_, after)| after.clone()),
                single_sign_on: shared.is_some_and(|shared| shared.has_note(COOKIES)),
                ..Row::of(profiles, session, login, now)
            });
        }
    }
    logins.sort_by_cached_key(Row::place);
    let status = Status {
        permissions: place.directory.as_deref().and_then(permissions),
        is_made: place.directory.as_deref().is_some_and(Path::exists),
        store: place.directory.map(|path| path.display().to_string()),
        logins,
    };
    if args.json {
        return output::print_json(&status);
    }
    show(&status)
}

/// One that can't be read hides no other.
fn unless_unread<'a>(session: &SessionKey, login: &'a Result<Login>) -> Option<&'a Login> {
    match login {
        Ok(login) => Some(login),
        Err(error) => {
            message::warn(&format!("the login {session} is not shown: {error}"));
            None
        }
    }
}

/// For people: a paragraph for each login.
fn show(status: &Status) -> Result<(), Failure> {
    let mut text = String::new();
    for login in &status.logins {
        let profiles = match &login.profiles[..] {
            [] => "(no profile)".into(),
            profiles => profiles.join(", "),
        };
        let label = match (login.is_labelled, login.chosen) {
            (true, _) => format!(" (--account {})", login.label),
            (false, true) => format!(" (chosen: {})", login.label),
            (false, false) => String::new(),
        };
        text.push_str(&line(
            "",
            &format!("{profiles}: {}{label} at {}", login.account, login.issuer),
        ));
        if login.profiles.is_empty() {
            if !login.client.is_empty() {
                text.push_str(&line("  client   ", &login.client));
            }
            let end = format!("`auth logout --key {}` ends it", login.key);
            text.push_str(&line("  key      ", &end));
        }
        for token in &login.tokens {
            let left = match token.expires_in {
                0 => "ended".into(),
                left => format!("expires in {}", time::span(Duration::from_secs(left))),
            };
            let question = readable(&token.asked_for);
            let shown = format!("{}, {left}{question}", token.fingerprint);
            text.push_str(&line("  token    ", &shown));
        }
        if let Some(fingerprint) = &login.refresh_token {
            let end = login.refresh_expires_at.as_ref();
            let end = end.map_or_else(String::new, |end| format!(", until {end}"));
            text.push_str(&line("  refresh  ", &format!("{fingerprint}{end}")));
        }
        for file in &login.files {
            text.push_str(&line("  file     ", file));
        }
        if login.single_sign_on {
            text.push_str(&line(
                "  sign-on  ",
                "remembered: another login there asks nothing",
            ));
        }
        if let Some(after) = &login.after {
            text.push_str(&line("  after    ", after));
        }
    }
    let (store, mode) = (status.store.as_deref(), status.permissions.as_deref());
    message::note(&mode::told(store, mode, status.is_made));
    if text.is_empty() {
        message::note("no login is kept");
        return Ok(());
    }
    output::print(text.as_bytes())
}

/// A line of which `text` comes from files and servers.
fn line(label: &str, text: &str) -> String {
    format!("{label}{}\n", Untrusted::new(text))
}

/// What the token was asked for, ` (scope read write)`; nothing if only one thing can be asked for.
fn readable(question: &BTreeMap<String, String>) -> String {
    if question.is_empty() {
        return String::new();
    }
    let parts = question
        .iter()
        .map(|(name, value)| format!("{name} {value}"));
    format!(" ({})", parts.collect::<Vec<_>>().join(", "))
}

/// Whether the login is over when the platform's session is, since it has no offline token.
fn ends_with_the_platform(profile: &Profile) -> bool {
    let scopes = profile.settings.list("scope");
    profile.logs_in_to_desp() && !scopes.iter().any(|scope| scope == "offline_access")
}

fn after(profile: &Profile) -> String {
    let ends = "ends with the session at the platform, within hours;";
    match profile.settings.secret("password") {
        Some(_) => format!("{ends} then the configured password gives the next login"),
        None => format!("{ends} then run `auth login {}`", profile.name),
    }
}

/// The note of an account by which a server remembers the person.
const COOKIES: &str = "cookies";

/// The profiles whose login it is; or else, of which it is another login under a name of its own.
fn names_of(known: &[(String, SessionKey)], session: &SessionKey) -> (Vec<String>, bool) {
    let names = |is_its: &dyn Fn(&SessionKey) -> bool| -> Vec<String> {
        let its = known.iter().filter(|(_, key)| is_its(key));
        its.map(|(name, _)| name.clone()).collect()
    };
    let own = names(&|key| key == session);
    if !own.is_empty() {
        return (own, false);
    }
    let others = names(&|key| *key == session.clone().with_account(key.account()));
    let is_labelled = !others.is_empty();
    (others, is_labelled)
}
