//! `auth login`: a person logs in, and the login is kept.

use std::path::Path;
use std::sync::Arc;

use auth_core::{
    CachedSource, Error, Login, MemoryStore, Result, SessionKey, TokenSource, TokenStore,
};

use crate::args::LoginArgs;
use crate::context::Context;
use crate::deferred::Deferred;
use crate::exit::Failure;
use crate::interrupt;
use crate::output::{message, time};
use crate::profile::person::{self, Way};
use crate::profile::{self, Fetched};
use crate::prompt::Browser;
use crate::store;

pub(super) async fn run(context: &Context, args: &LoginArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let name = &profile.name;
    if !person::is_asked(&profile) {
        let error = Error::config(format!("nobody logs in for profile `{name}`"));
        let advice = format!("its tokens come from its own secrets: run `auth token {name}`");
        return Err(error.with_advice(advice).into());
    }
    let place = context.store();
    if place.directory.is_none() {
        return Err(Error::config("a login is of no use where nothing is kept")
            .with_advice("leave --no-store out, or name a directory with --store")
            .into());
    }
    let fetched = profile::fetch(&profile, &context.secrets, &Fetched::default()).await?;
    let io = context.io(&profile);
    let prompt = Browser {
        opens: !args.no_browser,
        secret_variables: context.config.secret_variables(),
    };
    let grant = person::asking(&profile, &io, &fetched, Arc::new(prompt), way(args))?;
    let key = profile::labelled(grant.key(), &profile);
    let session = key.session().clone();
    // A store of its own: what is kept is replaced by a login that worked, and by nothing else.
    let fresh: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let source = CachedSource::new(Deferred::made(key, grant), io).with_store(fresh.clone());
    interrupt::settling(&source, async {
        let late = || {
            Error::interaction(format!(
                "nobody logged in within {}",
                time::span(args.timeout)
            ))
            .with_advice("run it again, or give more time with --timeout")
        };
        let token = tokio::time::timeout(args.timeout, source.token());
        token.await.map_err(|_| late())??;
        keep(&*fresh, &*place.store, &session).await?;
        say(&*place.store, &session, name).await?;
        Ok(())
    })
    .await
}

/// Puts the new login where the old one was.
async fn keep(fresh: &dyn TokenStore, store: &dyn TokenStore, session: &SessionKey) -> Result<()> {
    let entry = fresh.load(session).await?;
    let entry = entry.ok_or_else(|| Error::store("the new login was not kept"))?;
    let lock = store::lock(store, session).await?;
    let old = store.load(session).await?.map(|old| old.generation);
    store.save(&lock, old, &entry.bytes).await?;
    Ok(())
}

async fn say(store: &dyn TokenStore, session: &SessionKey, name: &str) -> Result<()> {
    let login = Login::load(store, session).await?.unwrap_or_default();
    let who = login
        .account()
        .unwrap_or_else(|| session.account())
        .to_owned();
    message::note(&format!(
        "logged in as {who}; `auth token {name}` has a token now"
    ));
    if login.refresh_fingerprint().is_none() {
        message::warn("the server gave no refresh token: the login ends with its first token");
    }
    Ok(())
}

/// The way that was asked for, or the one that can work here.
fn way(args: &LoginArgs) -> Way {
    let port = args.callback_port;
    if args.device_code {
        Way::DeviceCode
    } else if args.browser || port.is_some() || has_browser() {
        Way::Browser { port }
    } else {
        Way::DeviceCode
    }
}

/// Whether a browser can be expected to open in front of whoever typed this.
fn has_browser() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let far = ["SSH_CONNECTION", "SSH_TTY", "CI", "container"]
        .into_iter()
        .any(is_set);
    let boxed = ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|path| Path::new(path).exists());
    let display = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    display && !far && !boxed
}
