//! The first of several sources that has a token.

mod azure_cli;
mod surroundings;

use std::sync::Arc;
use std::time::Duration;

use auth_core::session::{Held, TokenSet};
use auth_core::store::{SessionKey, StoreKey};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, Chain, Error, ErrorKind, Grant, Io, Result, StaticSource,
    TokenSource,
};
use auth_testkit::{Fault, Machine};

use crate::world::{HOUR, World, on_both_runtimes, slowly};

const IMDS: &str = Machine::IMDS_PATH;

/// A grant that never has anything but this error.
#[derive(Debug)]
struct Never(Error);

impl Grant for Never {
    fn key(&self) -> StoreKey {
        StoreKey::new(SessionKey::new("https://never", "", "default"))
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async { Err(self.0.clone()) })
    }
}

fn never(error: Error, io: Io) -> Result<CachedSource> {
    Ok(CachedSource::new(Never(error), io))
}

fn nothing() -> Result<CachedSource> {
    Err(Error::absent("AZURE_TENANT_ID is not set"))
}

fn given(world: &World, text: &str) -> Result<StaticSource> {
    let now = auth_core::clock::Clock::now(&world.clock).wall;
    let token = AccessToken::new(text.into(), now, now + HOUR)?;
    Ok(StaticSource::new(token, &world.io()))
}

#[tokio::test(start_paused = true)]
async fn the_search_goes_on_after_absent_alone() {
    let world = World::on(Machine::virtual_machine());
    let chain = Chain::new()
        .with("environment", nothing())
        .with("managed identity", Ok(world.machine()))
        .with("az", given(&world, "az"));
    assert_eq!((chain.at_hand().is_some(), chain.answered()), (false, None));
    let token = chain.token().await.unwrap();
    assert_ne!(token.expose_secret(), "az");
    assert_eq!(chain.answered(), Some("managed identity"));
    assert!(chain.at_hand().unwrap().is_same(&token));

    for kind in [
        ErrorKind::Config,
        ErrorKind::Interaction,
        ErrorKind::Protocol,
        ErrorKind::Refused,
        ErrorKind::Store,
        ErrorKind::Unavailable,
    ] {
        let failing = never(Error::new(kind, "something is wrong"), world.io());
        let chain = Chain::new()
            .with("environment", nothing())
            .with("workload identity", failing)
            .with("az", given(&world, "az"));
        let error = chain.token().await.unwrap_err();
        assert_eq!((error.kind(), chain.answered()), (kind, None));
        assert_eq!(
            error.to_string(),
            "workload identity: something is wrong\n  environment: AZURE_TENANT_ID is not set"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_a_token_the_error_says_once_why_of_each() {
    let world = World::new();
    world.server.fault(IMDS, Fault::delay(HOUR).always());
    let inner = Chain::new().with("work", nothing()).with("home", nothing());
    let chain = Chain::new()
        .with("environment", nothing())
        .with("managed identity", Ok(world.machine()))
        .with(
            "az",
            never(Error::absent("az is not installed"), world.io()),
        )
        .with("more", Ok(inner));
    let error = chain.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Absent);
    let names: Vec<_> = error.tried().map(|(name, _)| name).collect();
    assert_eq!(names, ["environment", "managed identity", "az", "more"]);
    assert_eq!(error.tried().nth(3).unwrap().1.tried().count(), 2);
    insta::assert_snapshot!(error);
    assert_eq!(format!("{error:?}"), error.to_string());
    let one = Chain::new().with("environment", nothing());
    insta::assert_snapshot!(one.token().await.unwrap_err());
    assert_eq!(
        Chain::new().token().await.unwrap_err().kind(),
        ErrorKind::Absent
    );
}

#[tokio::test(start_paused = true)]
async fn a_chain_can_be_listed_before_it_is_asked() {
    let world = World::new();
    let chain = Chain::new()
        .with("environment", nothing())
        .with("az", given(&world, "can4ry"));
    let listed: Vec<_> = chain
        .sources()
        .map(|(name, source)| {
            format!(
                "{name}: {}",
                source.map_or_else(ToString::to_string, |_| "there".into())
            )
        })
        .collect();
    assert_eq!(
        listed,
        ["environment: AZURE_TENANT_ID is not set", "az: there"]
    );
    assert!(!format!("{chain:?} {chain:#?}").contains("can4ry"));
}

#[tokio::test(start_paused = true)]
async fn whoever_answered_first_stays_whose_tokens_they_are() {
    let world = World::on(Machine::virtual_machine());
    let chain = Chain::new()
        .with("managed identity", Ok(world.machine()))
        .with("az", given(&world, "az"));
    let token = chain.token().await.unwrap();
    let origin = chain.origin().await;
    world.jump(25 * HOUR);
    world.server.fault(IMDS, Fault::refused().always());
    let error = chain.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().starts_with("managed identity: "), "{error}");
    world.server.clear_faults();
    world.pass(HOUR).await;
    assert!(!chain.token().await.unwrap().is_same(&token));
    assert_eq!(chain.origin().await, origin);
    assert!(origin.unwrap().starts_with("managed identity: "));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_discarded_where_it_came_from() {
    let world = World::new();
    let chain = Chain::new()
        .with("environment", nothing())
        .with("given", given(&world, "one"));
    let token = chain.token().await.unwrap();
    chain.discard(&token, None);
    assert!(chain.at_hand().is_none());
    assert_eq!(
        chain.token().await.unwrap_err().kind(),
        ErrorKind::Interaction
    );
}

#[tokio::test(start_paused = true)]
async fn the_token_at_hand_costs_nothing_however_long_the_chain_is() {
    let world = World::on(Machine::virtual_machine());
    let chain = (0..50).fold(Chain::new(), |chain, _| chain.with("nothing", nothing()));
    let chain = chain.with("managed identity", Ok(world.machine()));
    chain.token().await.unwrap();
    let cost = allocation_counter::measure(|| assert!(chain.at_hand().is_some()));
    assert_eq!(cost.count_total, 0);
}

#[test]
fn thirty_two_cold_callers_of_a_chain_make_one_request_at_each_of_its_sources() {
    on_both_runtimes(async || {
        let world = World::on(Machine::virtual_machine());
        let slow = Duration::from_millis(200);
        world.server.fault(IMDS, Fault::delay(slow));
        world.server.fault(IMDS, Fault::delay(slowly()));
        let chain = Chain::new()
            .with("environment", nothing())
            .with(
                "az",
                never(Error::absent("az is not installed"), world.io()),
            )
            .with("managed identity", Ok(world.machine()));
        let chain: Arc<dyn TokenSource> = Arc::new(chain);
        let calls = (0..32).map(|_| {
            let chain = chain.clone();
            tokio::spawn(async move { chain.token().await })
        });
        let calls: Vec<_> = calls.collect();
        let mut tokens = Vec::new();
        for call in calls {
            tokens.push(call.await.unwrap().unwrap());
        }
        assert!(tokens.iter().all(|token| token.is_same(&tokens[0])));
        assert_eq!(world.server.count(IMDS), 2);
        chain.settled().await;
        assert!(chain.at_hand().unwrap().is_same(&tokens[0]));
    });
}
