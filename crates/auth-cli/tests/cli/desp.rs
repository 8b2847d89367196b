//! Services of Destination Earth, at a realm that has its pages.

use auth_testkit::{Client, Policy, Realm, Rotation, User};

use crate::prompt::Terminal;
use crate::world::{Ended, World};

const TOTP: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq";

fn world() -> World {
    let world = World::empty();
    let client = |name: &str, redirect: &str| {
        let scopes = ["openid", "offline_access"];
        Client::public(name)
            .with_scopes(scopes)
            .with_redirect(redirect)
    };
    world.server.add_realm(
        Realm::new("desp")
            .with_policy(Policy::of_keycloak().with_rotation(Rotation::OneUse))
            .with_client(client("edh-public", "https://cacheb.dcms.destine.eu/"))
            .with_client(client("dea_client", "https://dea.destine.eu/"))
            .with_client(client(
                "highway-public",
                "https://highway.esa.int/sso/auth/realms/highway/broker/DESP_IAM_PROD/endpoint",
            ))
            .with_user(User::new("ada", "canary-password"))
            .with_user(User::new("bob", "canary-password").with_totp("12345678901234567890")),
    );
    world.server.add_realm(
        Realm::new("highway")
            .with_broker("DESP_IAM_PROD", "desp")
            .with_client(Client::public("highway-public").with_exchange()),
    );
    world
}

/// The built-in services, as far as the realm has them.
const SERVICES: &str = r#"
    [profile.cacheb]
    iam-url = "URL"

    [profile.dea]
    iam-url = "URL"

    [profile.highway]
    iam-url = "URL"
    exchange-url = "URL/realms/highway/protocol/openid-connect/token"
"#;

/// Bob's password and device are in files.
fn unattended() -> World {
    let world = world();
    world.secret("password", "canary-password");
    world.secret("totp", TOTP);
    let credentials = r#"
    user = "bob"
    password = { file = "password" }
    totp = { file = "totp" }
    "#;
    world.config(
        &SERVICES
            .replace("\n\n", credentials)
            .replace("token\"\n", &format!("token\"{credentials}")),
    );
    world
}

fn forms(world: &World) -> usize {
    world
        .server
        .count("/realms/desp/login-actions/authenticate")
}

#[track_caller]
fn quiet(ended: Ended) -> String {
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
    assert!(!ended.stdout.contains("canary"));
    ended.stdout
}

#[test]
fn a_job_logs_in_once_for_all_services_and_a_cached_token_costs_no_request() {
    let world = unattended();
    let token = quiet(world.run(&["token", "cacheb"]));
    assert_eq!(forms(&world), 2, "the password and the code");
    let requests = world.server.requests().len();
    assert_eq!(quiet(world.run(&["token", "cacheb"])), token);
    assert_eq!(world.server.requests().len(), requests);
    quiet(world.run(&["token", "dea"]));
    quiet(world.run(&["token", "highway"]));
    quiet(world.run(&["token", "highway", "--refresh"]));
    assert_eq!(forms(&world), 2);
    for request in world.server.requests() {
        assert!(
            !request.path().contains("openid-configuration"),
            "{}",
            request.path()
        );
    }
}

#[test]
fn whoever_is_not_logged_in_is_told_the_command_and_nothing_is_sent() {
    let world = world();
    world.config(SERVICES);
    let ended = world.run(&["token", "highway"]);
    assert_eq!(ended.code, Some(4));
    assert_eq!(
        ended.stderr,
        "auth: nobody is logged in for profile `highway`; run `auth login highway`\n"
    );
    assert_eq!(world.server.requests().len(), 0);
}

#[test]
fn a_person_types_name_password_and_nothing_else_and_is_shown_and_forgotten() {
    let world = world();
    world.config(SERVICES);
    let mut terminal = Terminal::open();
    let login = terminal.run(&world, &["login", "highway"]);
    terminal.wait_for("Username: ");
    terminal.type_in("ada\n");
    terminal.wait_for("Password: ");
    terminal.type_in("canary-password\n");
    let ended = Ended::of(login.wait_with_output().unwrap());
    assert_eq!((ended.code, &*ended.stdout), (Some(0), ""), "{ended:?}");
    assert!(ended.stderr.contains("logged in as ada"), "{ended:?}");
    let token = world.run(&["token", "highway"]);
    assert_eq!(token.code, Some(0), "{token:?}");
    // The platform remembers the person.
    assert_eq!(world.run(&["token", "dea"]).code, Some(0));
    assert_eq!(forms(&world), 1);
    let whoami = world.run(&["whoami", "highway"]);
    assert!(whoami.stdout.contains("ada@example.org"), "{whoami:?}");
    let status = world.run(&["status"]);
    assert!(status.stdout.contains("remembered"), "{status:?}");
    assert_eq!(status.stdout.matches("highway: ").count(), 2, "{status:?}");
    for service in ["highway", "dea"] {
        let logout = world.run(&["logout", service]);
        assert_eq!(logout.code, Some(0), "{logout:?}");
    }
    let left: Vec<_> = std::fs::read_dir(world.store())
        .unwrap()
        .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
        .filter(|text| text.contains("session"))
        .collect();
    assert_eq!(left.len(), 0, "{left:?}");
    assert_eq!(world.run(&["token", "highway"]).code, Some(4));
}

#[test]
fn a_wrong_password_is_said_and_not_sent_again_by_the_next_job() {
    let world = unattended();
    world.secret("password", "canary-wrong");
    for _ in 0..2 {
        let ended = world.run(&["token", "cacheb"]);
        assert_eq!(ended.code, Some(3), "{ended:?}");
        assert!(!ended.stderr.contains("canary"), "{ended:?}");
    }
    assert_eq!(forms(&world), 1);
}

#[test]
fn tokens_are_checked_with_the_keys_of_the_configured_issuer() {
    let world = unattended();
    let certs = "/realms/desp/protocol/openid-connect/certs";
    quiet(world.run(&["token", "cacheb"]));
    assert_eq!(world.server.count(certs), 1);
    world.server.fault(
        "/realms/desp/protocol/openid-connect/token",
        auth_testkit::Fault::member("access_token", "a.b.c").always(),
    );
    let ended = world.run(&["token", "cacheb", "--refresh"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("not in order"), "{ended:?}");
}
