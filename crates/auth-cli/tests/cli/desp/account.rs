//! Service accounts of the Data Lake: jobs that nobody logs in for.

use auth_testkit::{Client, Realm};

use super::face::one_line_each;
use crate::world::{World, finish, finish_with_stdin};

const ENDPOINT: &str = "/auth/realms/dedl/protocol/openid-connect/token";

fn world() -> World {
    let world = World::empty();
    let client = Client::confidential("job", "canary-secret+/%&");
    world
        .server
        .add_realm(Realm::new("dedl").with_base("/auth").with_client(client));
    world.secret("job.secret", "canary-secret+/%&");
    world.config(PROFILE);
    world
}

const PROFILE: &str = r#"
    [profile.lake]
    preset = "data-lake"
    iam-url = "URL/auth"
    client-id = "job"
    client-secret = { file = "job.secret" }
    api = "URL/auth/realms/dedl/api"
"#;

#[test]
fn w15_a_job_of_the_data_lake_has_tokens_of_its_own_and_is_shown_and_forgotten() {
    let world = world();
    let token = world.run(&["token", "lake"]).quiet();
    assert_eq!(world.run(&["token", "lake"]).quiet(), token);
    assert_eq!(world.server.count(ENDPOINT), 1);
    let requests = world.server.requests();
    let sent = requests.iter().find(|one| one.path() == ENDPOINT).unwrap();
    let fields = ["grant_type", "scope"].map(|name| sent.field(name).unwrap());
    assert_eq!(fields, ["client_credentials", "openid"]);
    let seen = finish_with_stdin(world.auth(&["inspect"]), &token);
    assert!(seen.stdout.contains("\"azp\": \"job\""), "{seen:?}");
    let answer = world.run(&["request", "lake", "whoami"]).quiet();
    assert!(answer.contains("sub"), "{answer}");
    let status = world.run(&["status", "lake"]);
    assert!(status.stdout.starts_with("lake: "), "{status:?}");
    assert!(!status.stdout.contains("after"), "{status:?}");
    let profiles = world.run(&["profiles"]);
    let row = profiles.stdout.lines().find(|line| line.contains(" lake "));
    assert!(
        row.unwrap().contains("ready") && !row.unwrap().contains("not"),
        "{profiles:?}"
    );
    let renewed = world.run(&["token", "lake", "--refresh"]).quiet();
    assert_ne!(renewed, token);
    let logout = world.run(&["logout", "lake"]);
    assert_eq!(logout.code, Some(0), "{logout:?}");
    assert!(world.run(&["status"]).stderr.contains("no login is kept"));
}

#[test]
fn the_built_in_profile_needs_two_variables() {
    let world = world();
    let profiles = world.run(&["profiles"]).stdout;
    let needs = profiles
        .lines()
        .find(|line| line.starts_with("data-lake needs"));
    insta::assert_snapshot!(needs.unwrap(), @"data-lake needs AUTH_DATA_LAKE_CLIENT_ID, AUTH_DATA_LAKE_CLIENT_SECRET");
    let mut token = world.auth(&["token", "data-lake"]);
    let base = world.listening().url("/auth").to_string();
    token
        .env("AUTH_DATA_LAKE_IAM_URL", base)
        .env("AUTH_DATA_LAKE_CLIENT_ID", "job")
        .env("AUTH_DATA_LAKE_CLIENT_SECRET", "canary-secret+/%&");
    finish(token).quiet();
}

#[test]
fn what_holds_for_a_persons_services_sends_no_secret_elsewhere() {
    let world = world();
    let mut token = world.auth(&["token", "lake"]);
    token
        .env("DESPAUTH_IAM_URL", "http://127.0.0.1:1")
        .env("DESPAUTH_USER", "ada")
        .env("DESPAUTH_PASSWORD", "canary-password")
        .env("DESPAUTH_CLIENT_ID", "other");
    finish(token).quiet();
    assert_eq!(world.server.count(ENDPOINT), 1);
}

#[test]
fn its_tokens_are_checked_with_the_keys_of_the_configured_issuer() {
    let world = world();
    world
        .server
        .fault(ENDPOINT, auth_testkit::Fault::forged("access_token"));
    let ended = world.run(&["token", "lake"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(1), ""), "{ended:?}");
    world.run(&["token", "lake"]).quiet();
}

#[test]
fn each_wrong_use_is_one_line() {
    let world = world();
    let with = |command: &[&str], extra: &str| {
        let command = command.to_vec();
        world.config(&format!("{PROFILE}{extra}"));
        one_line_each(&world, [world.auth(&command)])
    };
    let mut said = vec![
        with(&["login", "lake"], ""),
        with(&["netrc", "lake"], ""),
        with(&["desp", "-s", "lake"], ""),
        with(&["token", "lake"], "user = \"ada\"\n"),
        with(&["token", "lake"], "totp = { file = \"job.secret\" }\n"),
        with(
            &["token", "hda"],
            "[profile.hda]\nclient-secret = { file = \"job.secret\" }\n",
        ),
        with(&["token", "data-lake"], ""),
    ];
    world.secret("job.secret", "canary-wrong");
    said.push(with(&["token", "lake"], ""));
    world.config(&PROFILE.replace("client-id = \"job\"\n", ""));
    said.push(one_line_each(&world, [world.auth(&["token", "lake"])]));
    insta::assert_snapshot!(said.concat(), @r#"
exit 2
err: auth: nobody logs in for profile `lake`; its tokens come from its own secrets: run `auth token lake`
exit 2
err: auth: profile `lake` is a service account, and no netrc file has a token for one of those; use a service of Destination Earth, such as cacheb
exit 2
err: auth: profile `lake` is a service account, and no service of Destination Earth; run `auth token lake`
exit 2
err: auth: [HOME]/.config/auth/config.toml:7: `user` means nothing in profile `lake`, which is a service account, since it has a `client-secret`; remove one of the two
exit 2
err: auth: [HOME]/.config/auth/config.toml:7: `totp` means nothing in profile `lake`, which is a service account, since it has a `client-secret`; remove one of the two
exit 2
err: auth: [HOME]/.config/auth/config.toml:8: `client-secret` means nothing for hda, where a person logs in; write a profile of another name with `preset = "data-lake"` for a service account
exit 2
err: auth: built-in profiles: profile `data-lake` has no `client-id`; add `client-id` to the profile or set AUTH_DATA_LAKE_CLIENT_ID
exit 3
err: auth: http://[SERVER]/auth/realms/dedl/protocol/openid-connect/token refused: unauthorized_client: Invalid client or Invalid client credentials; check the client id and its secret or key
exit 2
err: auth: [HOME]/.config/auth/config.toml:1: profile `lake` has no `client-id`; add `client-id` to the profile or set AUTH_LAKE_CLIENT_ID
"#);
}
