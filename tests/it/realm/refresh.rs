//! Sessions and offline sessions, and what ends them.

use std::time::Duration;

use auth_testkit::{Policy, Rotation, Theme};
use insta::assert_snapshot;

use super::{DESKTOP, Reply, World, claims, no, refresh};

async fn next(world: &World, reply: &Reply) -> Reply {
    world.refresh(&reply.text("refresh_token")).await
}

#[tokio::test(start_paused = true)]
async fn every_refresh_gives_another_token_and_the_old_ones_stay_valid() {
    let world = World::new();
    let first = world.ada(DESKTOP, "openid").await;
    let second = next(&world, &first).await;
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    assert_eq!(second.json()["refresh_expires_in"], 1800);
    assert_eq!(next(&world, &first).await.status, 200);
    let sid = |reply: &Reply| claims(&reply.text("refresh_token"))["sid"].clone();
    assert_eq!(sid(&first), sid(&second));
    assert_eq!(sid(&first), first.json()["session_state"]);
    let sealed = claims(&first.text("refresh_token"));
    assert_eq!(
        (&sealed["typ"], &sealed["azp"]),
        (&"Refresh".into(), &"desktop".into())
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_scope_is_an_invalid_one_and_another_changes_nothing() {
    let world = World::new();
    let ada = world.ada(DESKTOP, "openid").await;
    let token = ada.text("refresh_token");
    let mut said = Vec::new();
    for scope in ["", "bogus", "email", "openid offline_access"] {
        let mut fields = refresh(&token).to_vec();
        fields.push(("scope", scope));
        let reply = world.post("token", &fields).await;
        said.push(format!("{scope}: {} {}", no(&reply), reply.text("scope")));
    }
    assert_snapshot!(said.join("\n"), @r"
    : 400 invalid_scope Invalid scopes:  
    bogus: 400 invalid_scope Invalid scopes: bogus 
    email: 200   openid email profile
    openid offline_access: 200   openid email profile
    ");
}

#[tokio::test(start_paused = true)]
async fn where_tokens_rotate_a_reuse_kills_the_newest_too() {
    for scope in ["openid", "openid offline_access"] {
        let policy = Policy::of_keycloak().with_rotation(Rotation::OneUse);
        let world = World::with(policy, Theme::V2);
        let first = world.ada(DESKTOP, scope).await;
        let second = next(&world, &first).await;
        assert_eq!(
            no(&next(&world, &first).await),
            "400 invalid_grant Maximum allowed refresh token reuse exceeded"
        );
        assert_eq!(
            no(&next(&world, &second).await),
            "400 invalid_grant Session doesn't have required client"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_reuse_limit_is_how_often_a_token_works_again() {
    let policy = Policy::of_keycloak().with_rotation(Rotation::OneUse);
    let world = World::with(policy.with_reuse_limit(2), Theme::V2);
    let first = world.ada(DESKTOP, "openid").await;
    for status in [200, 200, 200, 400] {
        assert_eq!(next(&world, &first).await.status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn an_offline_token_says_so_and_has_no_end_of_its_own() {
    let world = World::new();
    let ada = world.ada(DESKTOP, "openid offline_access").await;
    assert_eq!(ada.json()["refresh_expires_in"], 0);
    let sealed = claims(&ada.text("refresh_token"));
    assert_eq!(sealed["typ"], "Offline");
    assert!(sealed["exp"].is_null());
    let day = Duration::from_secs(86_400);
    world.clock.advance(29 * day).await;
    let later = next(&world, &ada).await;
    world.clock.advance(29 * day).await;
    let later = next(&world, &later).await;
    assert_eq!(later.status, 200, "each use makes it last");
    world.clock.advance(31 * day).await;
    assert_eq!(
        no(&next(&world, &later).await),
        "400 invalid_grant Offline user session not found"
    );
}

#[tokio::test(start_paused = true)]
async fn an_offline_login_ends_when_it_was_not_used_for_as_long_as_the_policy_says() {
    let day = Duration::from_secs(86_400);
    let policy = Policy::of_keycloak().with_offline_life(2 * day);
    let world = World::with(policy, Theme::V2);
    let mut offline = world.ada(DESKTOP, "offline_access").await;
    for _ in 0..3 {
        world.clock.advance(day + day / 2).await;
        offline = next(&world, &offline).await;
        assert_eq!(offline.status, 200);
    }
    world.clock.advance(2 * day + Duration::from_secs(1)).await;
    assert_eq!(
        no(&next(&world, &offline).await),
        "400 invalid_grant Offline user session not found"
    );
}

#[tokio::test(start_paused = true)]
async fn each_end_of_a_session_has_words_of_its_own() {
    let world = World::new();
    let ada = world.ada(DESKTOP, "openid").await;
    let offline = world.ada(DESKTOP, "offline_access").await;
    let mut said = vec![no(&world.refresh("garbage").await)];
    let mut foreign = super::ROBOT.to_vec();
    let token = ada.text("refresh_token");
    foreign.extend([("grant_type", "refresh_token"), ("refresh_token", &token)]);
    said.push(no(&world.post("token", &foreign).await));
    world.clock.advance(Duration::from_secs(1801)).await;
    said.push(no(&next(&world, &ada).await));
    let ada = world.ada(DESKTOP, "openid").await;
    for login in [&ada, &offline] {
        let fields = [DESKTOP[0], ("refresh_token", &login.text("refresh_token"))];
        for _ in 0..2 {
            assert_eq!(world.post("logout", &fields).await.status, 204);
        }
        said.push(no(&next(&world, login).await));
    }
    assert_eq!(
        no(&world
            .post("logout", &[DESKTOP[0], ("refresh_token", "garbage")])
            .await),
        "400 invalid_grant Invalid refresh token"
    );
    assert_snapshot!(said.join("\n"), @r"
    400 invalid_grant Invalid refresh token
    400 invalid_grant Invalid refresh token. Token client and authorized client don't match
    400 invalid_grant Token is not active
    400 invalid_grant Session not active
    400 invalid_grant Offline user session not found
    ");
}

#[tokio::test(start_paused = true)]
async fn a_login_without_pages_is_as_good_as_any() {
    let world = World::new();
    let issuer = world.ours().issuer().to_owned();
    let login = |client, scopes: &[&str]| world.server.login_at(&issuer, client, "ada", scopes);
    let token = login("desktop", &["openid", "offline_access"]).unwrap();
    assert_eq!(claims(token.expose_secret())["iss"], *issuer);
    let reply = world.refresh(token.expose_secret()).await;
    assert_eq!(
        claims(&reply.text("access_token"))["preferred_username"],
        "ada"
    );
    assert!(world.server.is_live(&token));
    assert!(world.server.revoke(token.expose_secret()));
    assert!(!world.server.is_live(&token));
    assert!(login("nobody", &[]).is_none());
    assert!(login("desktop", &["bogus"]).is_none());
}
