//! Services of Destination Earth, at a realm that has its pages.

mod account;
mod errors;
mod face;
mod killed;
mod page_copy;
mod weakness;

use auth_testkit::{Client, Fault, Policy, Realm, Rotation, User};
use secrecy::ExposeSecret;

use crate::system::{NETRC, mode};
use crate::terminal::Terminal;
use crate::world::{Ended, World, finish_with_stdin};

const TOTP: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq";

fn realm() -> Realm {
    let client = |name: &str, redirect: &str| {
        let scopes = ["openid", "offline_access"];
        Client::public(name)
            .with_scopes(scopes)
            .with_redirect(redirect)
    };
    Realm::new("desp")
        .with_policy(Policy::of_keycloak().with_rotation(Rotation::OneUse))
        .with_client(client("edh-public", "https://cacheb.dcms.destine.eu/"))
        .with_client(client(
            "polytope-api-public",
            "https://polytope.lumi.apps.dte.destination-earth.eu/",
        ))
        .with_client(client("dea_client", "https://dea.destine.eu/"))
        .with_client(client(
            "highway-public",
            "https://highway.esa.int/sso/auth/realms/highway/broker/DESP_IAM_PROD/endpoint",
        ))
        .with_user(User::new("ada", "canary-password"))
        .with_user(User::new("bob", "canary-password").with_totp("12345678901234567890"))
}

fn world() -> World {
    let world = World::empty();
    world.server.add_realm(realm());
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

    [profile.polytope]
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
    world.server.count(FORM)
}

const AUTH: &str = "/realms/desp/protocol/openid-connect/auth";
const FORM: &str = "/realms/desp/login-actions/authenticate";
const TOKEN: &str = "/realms/desp/protocol/openid-connect/token";
const CERTS: &str = "/realms/desp/protocol/openid-connect/certs";
const EXCHANGE: &str = "/realms/highway/protocol/openid-connect/token";
const HIGHWAY_CERTS: &str = "/realms/highway/protocol/openid-connect/certs";

/// Ada logs in to Highway at a terminal.
fn ada_logs_in(world: &World) -> Ended {
    let mut terminal = Terminal::open();
    let login = terminal.run(world, &["login", "highway"]);
    terminal.wait_for("Username: ");
    terminal.type_in("ada\n");
    terminal.wait_for("Password: ");
    terminal.type_in("canary-password\n");
    Ended::of(login.wait_with_output().unwrap())
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
fn a_job_is_told_what_its_profile_lacks_and_not_that_nobody_is_logged_in() {
    let world = world();
    world.secret("password", "canary-password");
    for (said, lacks) in [
        ("user = \"bob\"", "name the secret of its device in `totp`"),
        ("", "has a `password` and no `user`"),
    ] {
        world.config(&format!(
            "[profile.cacheb]\niam-url = \"URL\"\npassword = {{ file = \"password\" }}\n{said}"
        ));
        let ended = world.run(&["token", "cacheb"]);
        assert_eq!(ended.code, Some(4), "{}", ended.stderr);
        assert!(ended.stderr.contains(lacks), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("auth login cacheb"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn a_person_types_name_password_and_nothing_else_and_is_shown_and_forgotten() {
    let world = world();
    world.config(SERVICES);
    let ended = ada_logs_in(&world);
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
        Fault::member("access_token", "a.b.c").always(),
    );
    let ended = world.run(&["token", "cacheb", "--refresh"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("not in order"), "{ended:?}");
}

#[test]
fn a_netrc_file_has_the_token_that_works_whoever_renewed_it_and_logout_takes_it_out() {
    let world = unattended();
    let file = world.home().join(NETRC);
    std::fs::write(&file, "machine example.org login x password y\n").unwrap();
    let written = world.run(&["netrc", "cacheb"]);
    assert_eq!(
        (written.code, &*written.stdout),
        (Some(0), ""),
        "{written:?}"
    );
    assert!(!written.stderr.contains("eyJ"), "{written:?}");
    let text = || std::fs::read_to_string(&file).unwrap();
    let first = text();
    assert!(
        first.starts_with("machine example.org login x password y\n"),
        "{first}"
    );
    assert!(
        first.contains("machine cacheb.dcms.destine.eu\n    login anonymous\n    password "),
        "{first}"
    );
    if cfg!(unix) {
        assert_eq!(mode(&file), 0o600);
    }
    // Each renewal spends the token.
    quiet(world.run(&["token", "cacheb", "--refresh"]));
    let second = text();
    assert_ne!(first, second);
    let status = world.run(&["status"]);
    assert!(status.stdout.contains(NETRC), "{status:?}");
    // A relative path is that of whoever typed it.
    let elsewhere = world.run(&["netrc", "cacheb", "--file", "other"]);
    assert_eq!(elsewhere.code, Some(0), "{elsewhere:?}");
    quiet(world.run(&["token", "cacheb", "--refresh"]));
    let password = |text: String| text.split("password ").last().unwrap().to_owned();
    let other = std::fs::read_to_string(world.home().join("other")).unwrap();
    assert_eq!(password(other), password(text()));
    assert_eq!(world.run(&["logout", "cacheb"]).code, Some(0));
    assert_eq!(text(), "machine example.org login x password y\n");
    assert!(!world.home().join("other").exists());
    assert_eq!(forms(&world), 2);
}

#[test]
fn where_a_netrc_file_would_help_nobody_one_line_says_so() {
    let world = unattended();
    let all = [
        world.run(&["netrc", "highway"]),
        world.run(&["netrc", "disruptive"]),
        world.run(&["netrc", "cacheb", "--no-store"]),
        world.run(&["login", "destiny", "--polytope-file", "x"]),
    ];
    let all = all.map(|ended| world.shown(&ended)).concat();
    insta::assert_snapshot!(all, @r#"
exit 2
err: auth: `highway` takes tokens that the platform's are traded for: one in a netrc file would be refused; run `auth token highway` where the token is needed
exit 2
err: auth: profile `disruptive` is of kind jwt-bearer, and no netrc file has a token for one of those; use a service of Destination Earth, such as cacheb
exit 2
err: auth: a login is of no use where nothing is kept; leave --no-store out, or name a directory with --store
exit 2
err: auth: --polytope-file is for services of Destination Earth, and `destiny` is none; leave it out
"#);
    assert!(!world.home().join(NETRC).exists());
    assert_eq!(forms(&world), 0);
}

#[test]
fn polytopes_client_finds_its_key_after_the_login_and_after_each_renewal() {
    let world = unattended();
    let login = world.run(&["login", "polytope"]);
    assert_eq!(login.code, Some(0), "{login:?}");
    let file = world.home().join(".polytopeapirc");
    let key = |file: &std::path::Path| {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(
            text.starts_with("{\"user_key\": \"") && text.ends_with("\"}\n"),
            "{text}"
        );
        text
    };
    let first = key(&file);
    quiet(world.run(&["token", "polytope", "--refresh"]));
    assert_ne!(key(&file), first);
    let login = world.run(&["login", "polytope", "--polytope-file", "key.json"]);
    assert_eq!(login.code, Some(0), "{login:?}");
    assert_eq!(key(&world.home().join("key.json")), key(&file));
    assert_eq!(world.run(&["logout", "polytope"]).code, Some(0));
    assert!(!file.exists());
}

#[test]
fn a_code_comes_from_stdin_where_the_login_is_told_so() {
    let world = unattended();
    std::fs::remove_file(world.config_directory().join("totp")).unwrap();
    let totp = auth_desp::otp::Totp::from_text(&TOTP.into()).unwrap();
    let code = totp.code(totp.step(std::time::SystemTime::now()));
    let login = |code: &str| finish_with_stdin(world.auth(&["login", "dea", "--otp-stdin"]), code);
    let wrong = login("000000\n");
    assert_eq!((wrong.code, &*wrong.stdout), (Some(3), ""), "{wrong:?}");
    let right = login(code.expose_secret());
    assert_eq!((right.code, &*right.stdout), (Some(0), ""), "{right:?}");
    assert!(right.stderr.contains("logged in as bob"), "{right:?}");
    quiet(world.run(&["token", "dea"]));
}

#[test]
fn status_says_what_comes_after_a_login_that_ends_with_the_platforms_session() {
    let world = unattended();
    quiet(world.run(&["token", "cacheb"]));
    quiet(world.run(&["token", "dea"]));
    let status = world.run(&["status"]);
    let lines = status
        .stdout
        .lines()
        .filter(|line| line.contains("  after "));
    let lines = lines.collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(lines, @"  after    ends with the session at the platform, within hours; then the configured password gives the next login");
}

#[test]
fn what_a_token_says_is_shown() {
    let world = unattended();
    let token = quiet(world.run(&["token", "highway"]));
    let seen = finish_with_stdin(world.auth(&["inspect"]), &token);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(
        seen.stdout.contains("\"azp\": \"highway-public\""),
        "{seen:?}"
    );
    assert!(seen.stdout.contains("/realms/highway\""), "{seen:?}");
}

#[test]
fn twenty_one_jobs_at_once_log_in_once() {
    let world = unattended();
    let jobs: Vec<_> = (0..21)
        .map(|number| {
            let service = ["cacheb", "dea", "highway"][number % 3];
            world.auth(&["token", service]).spawn().unwrap()
        })
        .collect();
    for job in jobs {
        quiet(Ended::of(job.wait_with_output().unwrap()));
    }
    assert_eq!(forms(&world), 2, "the password and the code");
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn what_an_api_asks_beyond_an_exchanged_token_is_what_the_next_login_asks_for() {
    let world = world();
    world.config(&SERVICES.replace(
        "exchange-url",
        "sso = false\n    api = \"URL/api\"\n    exchange-url",
    ));
    let log_in = || {
        let ended = ada_logs_in(&world);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    };
    let last_asked = || {
        let mut requests = world.server.requests().into_iter();
        let page = "/realms/desp/protocol/openid-connect/auth";
        let last = requests.rfind(|request| request.path() == page).unwrap();
        last.query("acr_values")
    };
    log_in();
    assert_eq!(last_asked(), None);
    let asks = "Bearer error=\"insufficient_user_authentication\", acr_values=\"mfa\"";
    let refuses = Fault::status(401).with_header("www-authenticate", asks);
    world.server.fault("/api/plant", refuses.always());
    let ended = world.run(&["request", "highway", "plant"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    log_in();
    assert_eq!(last_asked().as_deref(), Some("mfa"));
    quiet(world.run(&["token", "highway"]));
}

#[test]
fn who_issues_what_is_traded_for_must_be_known_where_it_is_checked() {
    let world = world();
    world.config(&SERVICES.replace("realms/highway/protocol/openid-connect/token", "token"));
    let all = ["token", "whoami", "logout"].map(|command| {
        let ended = world.run(&[command, "highway"]);
        world.shown(&ended)
    });
    insta::assert_snapshot!(all.concat(), @r"
exit 2
err: auth: [HOME]/.config/auth/config.toml:10: profile `highway` has no `exchange-issuer`; add `exchange-issuer` to the profile or set AUTH_HIGHWAY_EXCHANGE_ISSUER
exit 4
err: auth: nobody is logged in for profile `highway`; run `auth login highway`
exit 0
err: auth: no login of profile `highway` is kept
");
}
