//! What a service gets on behalf of those who call it: from a checked token to the one that it is traded for.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::{
    AccessToken, CachedSource, Callers, ClientAuth, ErrorKind, StaticSource, TokenExchange,
    TokenSource,
};
use auth_testkit::{Client, Fault};
use auth_verify::{Bearer, Issuer, Keys, Verified, Verifier};
use serde_json::json;

use super::forge::Forge;
use super::{NOW, assert_accepted, verifier, with};
use crate::world::{HOUR, MINUTE, World, on_both_runtimes, slowly};

impl World {
    /// A service that is called with tokens of this server, and trades them there.
    fn callers(&self, capacity: usize) -> Callers {
        self.server.add_client(Client::public("highway"));
        let endpoint = self.endpoint(ClientAuth::public("highway"));
        let io = self.io();
        Callers::new(capacity, move |caller| {
            let grant = TokenExchange::new(endpoint.clone(), caller)?;
            Ok(CachedSource::new(grant, io.clone()))
        })
    }

    /// One who calls with a token that has just been issued.
    async fn call(&self, user: &str) -> Verified {
        let keys = Keys::at(self.server.url("/jwks"), self.io()).unwrap();
        let issuer = Issuer::new(&self.server.issuer(), "api", keys).unwrap();
        let first = self.server.login("desktop", user, &["read"]);
        let token = self.person(&first, &["read"]).token().await.unwrap();
        let bearer = Bearer::new(token.expose_secret());
        Verifier::new(issuer).verify(bearer).await.unwrap()
    }

    fn trades(&self) -> Vec<String> {
        let all = self.server.requests();
        all.iter()
            .filter_map(|sent| sent.field("subject_token"))
            .collect()
    }
}

async fn crowd_of_two() {
    let world = World::new();
    let callers = world.callers(2);
    let (ada, bob) = (world.call("ada").await, world.call("bob").await);
    world.server.fault("/token", Fault::delay(slowly()));
    let calls = (0..100).map(|number| {
        let caller = if number % 2 == 0 { &ada } else { &bob };
        let source = callers.source(caller.caller(&world.io()).unwrap()).unwrap();
        tokio::spawn(async move { source.token().await.unwrap() })
    });
    let calls: Vec<_> = calls.collect();
    let mut got = Vec::new();
    for call in calls {
        got.push(call.await.unwrap());
    }
    for (number, token) in got.iter().enumerate() {
        assert!(token.is_same(&got[number % 2]));
    }
    assert!(!got[0].is_same(&got[1]));
    assert_eq!(world.trades().len(), 2);
}

#[test]
fn a_hundred_calls_of_two_callers_make_two_exchanges_and_nobody_gets_what_is_the_others() {
    on_both_runtimes(crowd_of_two);
}

#[tokio::test(start_paused = true)]
async fn of_more_callers_than_there_is_room_for_the_least_recently_seen_goes() {
    let world = World::new();
    let callers = world.callers(2);
    let calls = [world.call("ada").await, world.call("bob").await];
    let carl = world.call("carl").await;
    let [ada, bob] = &calls;
    for (caller, trades) in [(ada, 1), (bob, 2), (ada, 2), (&carl, 3), (ada, 3), (bob, 4)] {
        let source = callers.source(caller.caller(&world.io()).unwrap()).unwrap();
        source.token().await.unwrap();
        assert_eq!(world.trades().len(), trades, "{callers:?}");
    }
    insta::assert_snapshot!(format!("{callers:?}"), @"Callers { capacity: 2, known: 2, .. }");
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_last_token_has_ended_goes_before_anybody_else() {
    let world = World::new();
    let callers = world.callers(2);
    let source = |caller: &Verified| callers.source(caller.caller(&world.io()).unwrap());
    let early = world.call("ada").await;
    source(&early).unwrap();
    world.jump(HOUR / 2);
    let late = world.call("bob").await;
    source(&late).unwrap().token().await.unwrap();
    source(&early).unwrap();
    world.jump(HOUR / 2);
    source(&world.call("carl").await).unwrap();
    // Bob was seen before Ada, and what was got for him is there still.
    source(&late).unwrap().token().await.unwrap();
    assert_eq!(world.trades().len(), 1);
    assert!(format!("{callers:?}").contains("known: 2"), "{callers:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_got_starts_from_the_token_that_ends_last_and_a_refused_one_does_not_come_back() {
    let world = World::new();
    let callers = world.callers(9);
    let at = |name: &str, end: Duration| {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let token = AccessToken::new(name.into(), start, start + end).unwrap();
        StaticSource::of_caller(token, "https://id", "ada", &world.io())
    };
    let source = callers.source(at("long", HOUR)).unwrap();
    callers.source(at("short", MINUTE)).unwrap();
    source.token().await.unwrap_err();
    assert_eq!(world.trades(), ["long"], "the server does not know it");
    // It was discarded, so the other one is better, whenever it ends.
    callers.source(at("long", HOUR)).unwrap();
    world.pass(HOUR / 2).await;
    source.token().await.unwrap_err();
    assert_eq!(world.trades().len(), 1);
    callers.source(at("longer", 2 * HOUR)).unwrap();
    world.pass(MINUTE).await;
    source.token().await.unwrap_err();
    assert_eq!(world.trades(), ["long", "longer"]);
}

#[test]
fn a_caller_who_is_not_named_is_nobodys_subject_and_no_token_is_shown() {
    let (forge, world) = (Forge::ed25519("k"), World::new());
    let token = forge.token(&with(json!({ "sub": null })));
    let nobody = assert_accepted(&verifier(&[&forge]), &token);
    let error = nobody.caller(&world.io()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    insta::assert_snapshot!(error, @"the caller's token does not name both its issuer and who calls; let the issuer write `iss` and `sub` into its tokens (at Entra `tid` and `oid`)");
    let token = forge.token(&with(json!({})));
    let ada = assert_accepted(&verifier(&[&forge]), &token);
    let caller = ada.caller(&world.io()).unwrap();
    assert_eq!(caller.at_hand().unwrap().expose_secret(), token);
    assert_eq!(caller.at_hand().unwrap().expires_at(), ada.expires_at());
    let (end, session) = (token.rsplit('.').next().unwrap(), caller.session().cloned());
    for shown in [format!("{ada:?}"), format!("{caller:?}")] {
        assert!(!shown.contains(end), "{shown}");
    }
    // Who does not say who calls can't be told from others.
    let callers = world.callers(1);
    let unnamed = StaticSource::new(caller.at_hand().unwrap(), &world.io());
    assert_eq!(
        callers.source(unnamed).unwrap_err().kind(),
        ErrorKind::Config
    );
    let source: Arc<dyn TokenSource> = Arc::new(caller);
    assert_eq!(source.session(), session.as_ref());
}
