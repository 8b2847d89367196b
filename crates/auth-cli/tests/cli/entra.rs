//! Entra ID: people, applications, what runs in Azure.

mod application;
mod bad_input;
mod chain;
mod managed_identity;
mod pectus;

use std::process::Command;
use std::time::Duration;

use auth_testkit::{EntraApplication, EntraTenant, Policy, User, Visitor};
use serde_json::{Value, json};

use crate::login::{started, word_after};
use crate::world::{Ended, World, finish};

pub(crate) const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
const DESKTOP: &str = "7164ff26-4078-4107-850f-57b43b97f605";
const ROBOT: &str = "7e307b14-2a27-4f66-ada8-ec6400eb4977";
const API: &str = "e314440e-f72c-4b8e-89c1-7eefef4b55ed";
const OTHER: &str = "14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c";
const PECTUS: &str = "5ec70500-0000-4000-8000-000000009800";
const SECRET: &str = "canary-secret-of-the-application";
const CERTIFICATE: &str = include_str!("../../../../tests/it/testkit/entra/rsa.cert.pem");
const KEY: &str = include_str!("../../../../tests/it/jwt_bearer/keys/rsa.pkcs8.pem");

fn tenant() -> EntraTenant {
    EntraTenant::new(TENANT)
        .with_domain("contoso.example")
        .with_policy(Policy::of_entra().with_device_interval(Duration::from_secs(1)))
        .with_application(EntraApplication::public(DESKTOP))
        .with_application(
            EntraApplication::confidential(ROBOT, SECRET)
                .with_expired_secret("canary-secret-of-yesterday")
                .with_certificate(CERTIFICATE),
        )
        .with_application(
            EntraApplication::api(API)
                .with_scope("reference.reader.all")
                .with_api_at("/destiny"),
        )
        .with_application(
            EntraApplication::api(OTHER)
                .with_scope("read")
                .with_api_at("/other"),
        )
        .with_application(
            EntraApplication::confidential(PECTUS, SECRET)
                .with_v1_tokens()
                .with_idtyp()
                .with_api_at("/pectus/api"),
        )
        .with_user(User::new("ada", "pw").with_email("Ada@contoso.example"))
        .with_user(User::new("bob", "pw").with_email("bob@contoso.example"))
}

/// A world with the tenant, in which the built-in profile of DESTINY leads there.
fn world() -> World {
    world_of(tenant())
}

fn world_of(tenant: EntraTenant) -> World {
    let world = World::empty();
    world.server.add_entra_tenant(tenant);
    world.secret("robot.secret", SECRET);
    world.secret("robot.pem", &format!("{CERTIFICATE}{KEY}"));
    world.config(
        r#"
        [profile.destiny-azure]
        authority = "URL"
        api = "URL/destiny"

        [profile.robot]
        kind = "entra"
        authority = "URL"
        tenant = "contoso.example"
        client-id = "7e307b14-2a27-4f66-ada8-ec6400eb4977"
        client-secret = { file = "robot.secret" }
        resource = "api://e314440e-f72c-4b8e-89c1-7eefef4b55ed"
        api = "URL/destiny"

        [profile.pectus]
        authority = "URL"
        api = "URL/pectus/api"
        "#,
    );
    world
}

/// Starts a login with a code, and lets somebody in.
fn logged_in(world: &World, arguments: &[&str], who: &str) -> Ended {
    let mut all = vec!["login"];
    all.extend(arguments);
    all.push("--device-code");
    let (child, said) = started(world.auth(&all), "enter the code");
    let code = word_after(&said, "enter the code ");
    assert!(world.server.allow_device(&code, who));
    Ended::of(child.wait_with_output().unwrap())
}

/// What a token says, unchecked.
fn claims(world: &World, token: &str) -> Value {
    let ended = crate::world::finish_with_stdin(world.auth(&["inspect"]), token);
    serde_json::from_str::<Value>(&ended.stdout).unwrap()["claims"].clone()
}

#[track_caller]
fn one_line(ended: &Ended, code: i32, parts: &[&str]) {
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    for part in parts {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
}

#[test]
fn a_person_logs_in_once_and_has_tokens_for_several_apis_and_nobody_is_asked_again() {
    let world = world();
    let ended = logged_in(&world, &["destiny-azure"], "ada");
    assert_eq!(ended.code, Some(0));
    let token = world.run(&["token", "destiny-azure"]).quiet();
    let first = claims(&world, &token);
    assert_eq!(
        (&first["aud"], &first["scp"]),
        (&API.into(), &"reference.reader.all".into())
    );
    let scope = format!("api://{OTHER}/.default");
    let token = world.run(&["token", "destiny-azure", "--scope", &scope]);
    assert_eq!(claims(&world, &token.quiet())["aud"], OTHER);
    let said = world.run(&["request", "destiny-azure", "v1/references/search/?q=x"]);
    assert!(said.quiet().contains("/destiny/v1/references/search/"));
    let devices = format!("/{TENANT}/oauth2/v2.0/devicecode");
    assert_eq!(world.server.count(&devices), 1);
}

#[test]
fn the_browser_of_this_machine_comes_back_with_a_form_that_posts_itself() {
    let world = world_of(tenant().with_visitor(Visitor::logs_in("ada")));
    let arguments = ["login", "destiny-azure", "--browser", "--no-browser"];
    let (mut child, said) = started(world.auth(&arguments), "log in at");
    let page = word_after(&said, "log in at ");
    assert!(page.contains("response_mode=form_post"), "{page}");
    assert!(
        page.contains("redirect_uri=http%3A%2F%2Flocalhost%3A"),
        "{page}"
    );
    world.follow(&page);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    world.run(&["token", "destiny-azure"]).quiet();
}

#[test]
fn what_the_profile_says_of_the_person_is_in_the_address_of_the_login_page() {
    let world = world();
    let mut command = world.auth(&["login", "destiny-azure", "--browser", "--no-browser"]);
    command.env("AUTH_DESTINY_AZURE_LOGIN_HINT", "ada@contoso.example");
    command.env("AUTH_DESTINY_AZURE_DOMAIN_HINT", "contoso.example");
    command.env("AUTH_DESTINY_AZURE_PROMPT", "select_account");
    let (mut child, said) = started(command, "log in at");
    let page = word_after(&said, "log in at ");
    for part in [
        "login_hint=ada%40contoso.example",
        "domain_hint=contoso.example",
        "prompt=select_account",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn several_accounts_are_kept_apart_and_shown_by_the_names_that_they_sign_in_with() {
    let world = world();
    logged_in(&world, &["destiny-azure"], "ada");
    logged_in(&world, &["destiny-azure", "--account", "work"], "bob");
    let status = world.run(&["status"]);
    assert_eq!(status.code, Some(0));
    let shown = &status.stdout;
    assert!(
        shown.contains("destiny-azure: Ada@contoso.example at "),
        "{shown}"
    );
    assert!(
        shown.contains("bob@contoso.example (--account work) at "),
        "{shown}"
    );
    for (arguments, name) in [
        (&["token", "destiny-azure"][..], "Ada@contoso.example"),
        (
            &["token", "destiny-azure", "--account", "work"],
            "bob@contoso.example",
        ),
    ] {
        let token = world.run(arguments).quiet();
        assert_eq!(claims(&world, &token)["preferred_username"], name);
    }
    let out = world.run(&["logout", "destiny-azure", "--account", "work"]);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    assert!(!world.run(&["status"]).stdout.contains("bob"));
    world.run(&["token", "destiny-azure"]).quiet();
}

#[test]
fn who_logged_in_is_what_the_checked_id_token_says() {
    let world = world();
    logged_in(&world, &["destiny-azure"], "ada");
    let said = world.run(&["whoami", "destiny-azure", "--json"]).quiet();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["preferred_username"], "Ada@contoso.example");
    assert_eq!(
        (&said["tid"], &said["aud"]),
        (&TENANT.into(), &DESKTOP.into())
    );
}

#[test]
fn a_login_whose_id_token_another_key_signed_is_refused() {
    let world = world();
    let keys = format!("/{TENANT}/discovery/v2.0/keys");
    let none = auth_testkit::Fault::status(200).with_body("application/json", r#"{"keys":[]}"#);
    world.server.fault(&keys, none.always());
    let ended = logged_in(&world, &["destiny-azure"], "ada");
    assert_ne!(ended.code, Some(0));
    assert_eq!(world.run(&["token", "destiny-azure"]).stdout, "");
}

#[test]
fn where_the_tenant_is_a_domain_its_keys_sign_and_no_others() {
    let me = |world: &World| {
        world.config(&format!(
            "[profile.me]\nkind = \"entra\"\nauthority = \"URL\"\ntenant = \"contoso.example\"\n\
             client-id = \"{DESKTOP}\"\nscope = \"api://{API}/.default\"\nverify-audience = \"{API}\""
        ));
    };
    let keys = "/contoso.example/discovery/v2.0/keys";
    let good = world();
    me(&good);
    logged_in(&good, &["me"], "ada");
    good.run(&["token", "me"]).quiet();
    assert!(good.server.count(keys) > 0);
    let bad = world();
    me(&bad);
    let none = auth_testkit::Fault::status(200).with_body("application/json", r#"{"keys":[]}"#);
    bad.server.fault(keys, none.always());
    assert_ne!(logged_in(&bad, &["me"], "ada").code, Some(0));
    assert_eq!(bad.run(&["token", "me"]).stdout, "");
}

#[test]
fn without_a_login_the_exit_code_is_4_and_the_command_names_what_was_asked_for() {
    let world = world();
    let ended = world.run(&["token", "destiny-azure", "--account", "work"]);
    one_line(
        &ended,
        4,
        &["run `auth login destiny-azure --account work`"],
    );
    assert!(
        world.server.requests().is_empty(),
        "nobody is asked for nothing"
    );
}

/// An API that wants more than a password, and one that says so itself.
fn strict() -> (EntraTenant, Value) {
    let wanted = json!({ "access_token": { "acrs": { "essential": true, "value": "c1" } } });
    let api = EntraApplication::api(OTHER)
        .with_scope("read")
        .with_api_at("/other");
    (
        tenant().with_application(api.with_demand(wanted.clone())),
        wanted,
    )
}

#[test]
fn an_api_that_wants_another_factor_is_4_with_the_command_and_leaves_the_others_alone() {
    let (tenant, wanted) = strict();
    let world = world_of(tenant);
    logged_in(&world, &["destiny-azure"], "ada");
    let scope = format!("api://{OTHER}/.default");
    let asks = ["token", "destiny-azure", "--scope", &scope];
    let ended = world.run(&asks);
    let command = format!("run `auth login destiny-azure --scope {scope}`");
    one_line(&ended, 4, &[&command, "AADSTS50076"]);
    world.run(&["token", "destiny-azure", "--refresh"]).quiet();
    logged_in(&world, &["destiny-azure", "--scope", &scope], "ada");
    let devices = format!("/{TENANT}/oauth2/v2.0/devicecode");
    let requests = world.server.requests();
    let last = requests.iter().rfind(|one| one.path() == devices).unwrap();
    assert_eq!(last.field("claims"), Some(wanted.to_string()));
    world.run(&asks).quiet();
}

#[test]
fn what_an_api_challenges_with_goes_along_with_the_next_refresh_or_login() {
    let world = world();
    logged_in(&world, &["destiny-azure"], "ada");
    let wanted = json!({ "access_token": { "nbf": { "essential": true, "value": "1" } } });
    let api = EntraApplication::api(API)
        .with_scope("reference.reader.all")
        .with_api_at("/destiny");
    world
        .server
        .add_entra_tenant(tenant().with_application(api.with_challenge(wanted)));
    let said = world.run(&["request", "destiny-azure", "v1/things"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
}

#[test]
fn the_ids_that_an_administrator_asks_for_are_there_with_v_alone() {
    let world = world();
    world.secret("robot.secret", "wrong");
    let quiet = world.run(&["token", "robot"]);
    assert!(!quiet.stderr.contains("trace_id"), "{}", quiet.stderr);
    let told = world.run(&["token", "robot", "-v"]);
    assert!(told.stderr.contains("trace_id"), "{}", told.stderr);
    assert!(told.stderr.contains("correlation_id"), "{}", told.stderr);
}

#[test]
fn what_an_assertion_says_is_told_with_v() {
    let world = world();
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let secret = "client-secret = { file = \"robot.secret\" }";
    let assertion = "client-assertion = { file = \"assertion\" }";
    std::fs::write(&path, config.replace(secret, assertion)).unwrap();
    // Of nobody that the tenant trusts.
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ0aGUtY2x1c3RlciIsInN1YiI6InMifQ.AAAA";
    world.secret("assertion", jwt);
    for (flag, told) in [("-q", false), ("-v", true), ("-vv", true)] {
        let ended = world.run(&["token", "robot", flag]);
        let says =
            ended.stderr.contains("auth_core") && ended.stderr.contains("said=\"the assertion");
        assert_eq!(says, told, "{flag}: {}", ended.stderr);
    }
}

#[test]
fn what_the_profiles_say_is_listed_with_what_is_missing() {
    let world = world();
    let list = world.run(&["profiles"]);
    for part in [
        "destiny-azure-development",
        "pectus needs AZURE_DIRECTORY_TENANT_ID, AZURE_APPLICATION_CLIENT_ID, AZURE_CLIENT_SECRET",
    ] {
        assert!(list.stdout.contains(part), "{part}: {}", list.stdout);
    }
    insta::assert_snapshot!(world.shown(&world.run(&["config", "show", "destiny-azure-staging"])));
}

/// The program with the variables of an Azure environment.
fn with_variables(world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command: Command = world.auth(arguments);
    command.envs(variables.iter().copied());
    finish(command)
}
