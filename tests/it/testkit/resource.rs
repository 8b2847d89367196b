//! The API that checks tokens.

use std::time::Duration;

use auth_core::http::Body;
use auth_testkit::{Client, Policy, Realm, Resource};
use http::Request;
use serde_json::json;

use super::{ROBOT, get, post, robot_token, send, server};

#[tokio::test(start_paused = true)]
async fn the_api_takes_a_token_until_it_ends_is_revoked_or_loses_its_key() {
    let (server, clock) = server();
    let api = server.url("/api/whoami");
    for policy in [Policy::new(), Policy::new().with_opaque_tokens()] {
        server.set_policy(policy);
        let token = robot_token(&server).await;
        assert_eq!(get(&server, &api, &token).await.text("sub"), "robot");
        clock.advance(Duration::from_secs(3600)).await;
        let reply = get(&server, &api, &token).await;
        assert_eq!(reply.status, 401);
        assert!(reply.header("www-authenticate").contains("invalid_token"));
        let token = robot_token(&server).await;
        assert!(server.revoke(&token) && !server.revoke(&token));
        assert_eq!(get(&server, &api, &token).await.status, 401);
    }
    server.set_policy(Policy::new());
    let token = robot_token(&server).await;
    server.rotate_keys(true);
    assert_eq!(get(&server, &api, &token).await.status, 200);
    assert_eq!(
        get(&server, &server.url("/jwks"), "").await.json()["keys"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    server.rotate_keys(false);
    assert_eq!(get(&server, &api, &token).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn the_api_asks_for_the_header_the_audience_and_the_scope_that_it_is_told() {
    let (server, _) = server();
    let api = server.url("/api");
    let token = robot_token(&server).await;
    let resource = Resource::new().with_header("X-Identity", None);
    server.set_resource(resource.clone());
    assert_eq!(get(&server, &api, &token).await.status, 401);
    let asked = async || {
        let request = Request::put(api.as_str()).header("x-identity", &token);
        send(
            &server,
            request.body(Body::from("12345".to_owned())).unwrap(),
        )
        .await
    };
    assert_eq!(asked().await.unwrap().json()["received"], 5);
    server.set_resource(resource.clone().with_scope("admin"));
    let reply = asked().await.unwrap();
    assert_eq!(reply.status, 403);
    assert!(
        reply
            .header("www-authenticate")
            .contains(r#"scope="admin""#)
    );
    server.set_resource(resource.with_audience("another"));
    assert_eq!(asked().await.unwrap().status, 401);
}

#[tokio::test(start_paused = true)]
async fn what_the_api_has_at_a_path_is_for_those_who_may_ask_it() {
    let (server, _) = server();
    let orders = json!([{ "id": 7 }]);
    server.set_resource(Resource::new().with_answer("/orders", orders.clone()));
    let (url, token) = (server.url("/api/orders"), robot_token(&server).await);
    assert_eq!(get(&server, &url, &token).await.json(), orders);
    assert_eq!(get(&server, &url, "junk").await.status, 401);
    let other = get(&server, &server.url("/api/others"), &token).await;
    assert_eq!(other.text("sub"), "robot");
}

#[tokio::test(start_paused = true)]
async fn a_realm_may_have_an_api_for_another_audience_than_its_accounts() {
    let (server, _) = server();
    let robot = Client::confidential("robot", "s3cret+/%&");
    let plain = Realm::new("plain").with_client(robot.clone());
    let resource = Resource::new()
        .with_audience("plant")
        .with_answer("/valves", json!(3));
    let plant = Realm::new("plant").with_client(robot.with_audience("plant"));
    server.add_realm(plain);
    server.add_realm(plant.with_resource(resource));
    let mut tokens = Vec::new();
    for realm in ["plain", "plant"] {
        let url = server.url(&format!("/realms/{realm}/protocol/openid-connect/token"));
        tokens.push(
            post(&server, &url, ROBOT)
                .await
                .unwrap()
                .text("access_token"),
        );
    }
    let valves = server.url("/realms/plant/api/valves");
    assert_eq!(get(&server, &valves, &tokens[1]).await.json(), json!(3));
    assert_eq!(get(&server, &valves, &tokens[0]).await.status, 401);
}
