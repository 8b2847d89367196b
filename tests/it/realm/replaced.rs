//! A login that another takes the place of, and one that got nowhere: what is ended of it, and what that leaves alone.

use std::sync::Arc;

use auth_core::endpoint::LoggedOut;
use auth_core::session::{Held, Replaced, TokenSet, transfer};
use auth_core::store::{MemoryStore, SessionKey, StoreKey};
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, Grant, Provider, RefreshToken, Result, TokenEndpoint,
    TokenSource,
};

use super::World;
use crate::browser::Browser;

/// A login that begins with a refresh token, under one name.
#[derive(Debug)]
struct Begun {
    endpoint: TokenEndpoint,
    first: RefreshToken,
}

impl Grant for Begun {
    fn key(&self) -> StoreKey {
        StoreKey::new(self.endpoint.session("default"))
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async { self.endpoint.refresh(held, &self.first, &[]).await })
    }
}

impl World {
    fn endpoint(&self) -> TokenEndpoint {
        let provider = Provider::new(
            self.url("").as_str().trim_end_matches('/'),
            self.server.io(),
        );
        TokenEndpoint::discovered(provider.unwrap(), ClientAuth::public("desktop"))
    }

    /// Logs in with that browser, and keeps the login in a store of its own.
    async fn begun(&self, browser: &mut Browser) -> (MemoryStore, SessionKey, RefreshToken) {
        let page = browser.open(&self.login_url("desktop", "")).await;
        let page = match page.query("code").is_some() {
            true => page,
            false => {
                let fields = [("username", "ada"), ("password", "pw")];
                browser.fill(&page, &fields).await
            }
        };
        let first = self.redeem("desktop", &page).await.text("refresh_token");
        let store = MemoryStore::new();
        let grant = Begun {
            endpoint: self.endpoint(),
            first: RefreshToken::new(first),
        };
        let source = CachedSource::new(grant, self.server.io()).with_store(Arc::new(store.clone()));
        source.token().await.unwrap();
        let token = source.refresh_token().await.unwrap().unwrap();
        (store, source.key().session().clone(), token)
    }

    /// The same, in the place of what `kept` has.
    async fn kept(
        &self,
        kept: &MemoryStore,
        browser: &mut Browser,
    ) -> (Vec<Replaced>, RefreshToken) {
        let (new, session, token) = self.begun(browser).await;
        let moved = transfer(&new, kept, &[session], &self.clock, &|_| {}).await;
        (moved.unwrap(), token)
    }

    async fn lives(&self, token: &RefreshToken) -> bool {
        self.refresh(token.expose_secret()).await.status == 200
    }
}

#[tokio::test(start_paused = true)]
async fn a_replaced_login_in_a_session_of_its_own_is_ended_after_the_new_one_is_kept() {
    let (world, kept) = (World::new(), MemoryStore::new());
    let (replaced, ada) = world.kept(&kept, &mut world.browser()).await;
    assert!(replaced.is_empty());
    let (replaced, again) = world.kept(&kept, &mut world.browser()).await;
    assert!(world.lives(&ada).await, "nothing is ended before");
    for old in &replaced {
        assert!(!format!("{old:?}").contains(ada.expose_secret()));
        world.endpoint().end_replaced(old).await.unwrap();
    }
    assert_eq!(replaced.len(), 1);
    assert!(!world.lives(&ada).await && world.lives(&again).await);
}

#[tokio::test(start_paused = true)]
async fn one_that_shares_its_session_with_the_new_one_is_left_since_ending_it_ends_both() {
    let (world, kept) = (World::new(), MemoryStore::new());
    let mut browser = world.browser();
    let (_, ada) = world.kept(&kept, &mut browser).await;
    let (replaced, again) = world.kept(&kept, &mut browser).await;
    assert!(replaced.is_empty());
    assert!(world.lives(&ada).await && world.lives(&again).await);
    world.endpoint().revoke(&ada).await.unwrap();
    assert!(!world.lives(&again).await, "so it would have been");
}

#[tokio::test(start_paused = true)]
async fn a_new_login_that_got_nowhere_is_ended_unless_that_could_end_one_that_is_kept() {
    let (world, kept) = (World::new(), MemoryStore::new());
    let mut browser = world.browser();
    let (_, ada) = world.kept(&kept, &mut browser).await;
    let endpoint = world.endpoint();
    let (store, session, beside) = world.begun(&mut browser).await;
    let outcome = endpoint.take_back(&store, &session, &kept).await.unwrap();
    assert!(matches!(outcome, LoggedOut::NotRevoked(_)), "{outcome:?}");
    assert!(world.lives(&ada).await && world.lives(&beside).await);
    let (store, session, apart) = world.begun(&mut world.browser()).await;
    let outcome = endpoint.take_back(&store, &session, &kept).await.unwrap();
    assert!(matches!(outcome, LoggedOut::Revoked), "{outcome:?}");
    assert!(world.lives(&ada).await && !world.lives(&apart).await);
    // Where nothing is kept, nothing is in the way.
    let (store, session, alone) = world.begun(&mut browser).await;
    let nothing = MemoryStore::new();
    let outcome = endpoint.take_back(&store, &session, &nothing).await;
    assert!(matches!(outcome, Ok(LoggedOut::Revoked)));
    assert!(!world.lives(&alone).await);
}

/// The usual server names its session in ID tokens alone.
#[tokio::test(start_paused = true)]
async fn of_a_session_that_nobody_named_nothing_is_known_so_the_old_login_is_left() {
    let world = crate::world::World::new();
    let endpoint = world.found(ClientAuth::public("desktop"));
    for (scopes, ends) in [(&["read"][..], 0), (&["openid"], 1)] {
        let kept = MemoryStore::new();
        let mut replaced = Vec::new();
        for _ in 0..2 {
            let grant = Begun {
                endpoint: endpoint.clone(),
                first: world.server.login("desktop", "ada", scopes),
            };
            let new = MemoryStore::new();
            let source = CachedSource::new(grant, world.io()).with_store(Arc::new(new.clone()));
            source.token().await.unwrap();
            let session = [source.key().session().clone()];
            let moved = transfer(&new, &kept, &session, &world.clock, &|_| {}).await;
            replaced = moved.unwrap();
        }
        assert_eq!(replaced.len(), ends, "{scopes:?}");
    }
}
