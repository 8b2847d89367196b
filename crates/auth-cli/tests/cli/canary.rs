//! Nothing secret is on the screen, whoever puts it there, and nothing of a server's steers the terminal.

mod sweep;

use auth_testkit::Fault;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::login::{logged_in, world};
use crate::world::{SECRET, World};

/// What a terminal could be steered by, or a reader deceived.
const NASTY: &str = "x\u{1b}]52;c;AAAA\u{7}\u{9b}2J\u{202e}\u{200b}\r\ny";

fn is_clean(text: &str) -> bool {
    let nasty = |c: char| {
        c.is_control() && c != '\n' && c != '\t' || ('\u{200b}'..='\u{202e}').contains(&c)
    };
    !text.contains(nasty)
}

#[test]
fn a_secret_that_a_server_says_back_is_struck_in_every_form() {
    let world = World::new();
    let basic = STANDARD.encode(format!("robot:{SECRET}"));
    let refresh = std::fs::read_to_string(world.config_directory().join("ada.token")).unwrap();
    let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let forms = [
        SECRET.to_owned(),
        percent,
        STANDARD.encode(SECRET),
        URL_SAFE_NO_PAD.encode(SECRET),
        basic.clone(),
        format!("Basic {basic}"),
    ];
    for (profile, secret) in forms
        .iter()
        .map(|form| ("lab", form))
        .chain([("ada", &refresh)])
    {
        for (status, error) in [
            (400, "invalid_grant"),
            (401, "invalid_client"),
            (503, "server_error"),
        ] {
            let said = serde_json::json!({
                "error": error, "error_description": format!("got {secret} from you"),
            });
            let fault = Fault::status(status).with_body("application/json", said.to_string());
            world.server.fault("/token", fault.times(3));
            let ended = world.run(&["token", profile, "--refresh", "-vv"]);
            world.server.clear_faults();
            assert_ne!(ended.code, Some(0));
            let shown = format!("{}{}", ended.stdout, ended.stderr);
            let half = &secret[..secret.len() / 2];
            assert!(
                !shown.contains(secret.as_str()) && !shown.contains(half),
                "{half} in {shown}"
            );
        }
    }
}

#[test]
fn what_a_server_says_steers_no_terminal_also_in_json() {
    let world = world();
    logged_in(&world);
    for name in ["name", "preferred_username", NASTY] {
        world.server.fault("/userinfo", Fault::member(name, NASTY));
        for line in [&["whoami", "person"][..], &["whoami", "person", "--json"]] {
            let ended = world.run(line);
            assert!(
                is_clean(&ended.stdout) && is_clean(&ended.stderr),
                "{ended:?}"
            );
        }
    }
    for member in ["scope", "token_type", "refresh_token", "error", "id_token"] {
        world.server.fault("/token", Fault::member(member, NASTY));
        for line in [
            &["token", "person", "--refresh", "--format", "json"][..],
            &["status"],
            &["status", "--json"],
        ] {
            let ended = world.run(line);
            assert!(
                is_clean(&ended.stdout) && is_clean(&ended.stderr),
                "{member}: {ended:?}"
            );
        }
        world.server.clear_faults();
    }
    for member in ["issuer", "token_endpoint", "authorization_endpoint"] {
        world.server.fault(
            "/.well-known/openid-configuration",
            Fault::member(member, NASTY),
        );
        let ended = world.run(&["token", "person", "--refresh", "-vv"]);
        assert!(
            is_clean(&ended.stdout.clone()) && is_clean(&ended.stderr),
            "{member}: {ended:?}"
        );
    }
    for member in ["user_code", "verification_uri", "message", "error"] {
        world
            .server
            .fault("/device_authorization", Fault::member(member, NASTY));
        let ended = world.run(&["login", "person", "--device-code", "--timeout", "1"]);
        assert!(
            is_clean(&ended.stdout) && is_clean(&ended.stderr),
            "{member}: {ended:?}"
        );
        world.server.clear_faults();
    }
}

#[test]
fn a_page_on_another_host_is_called_the_foreign_one() {
    let world = world();
    let page = Fault::member("verification_uri", "https://evil.example/device");
    world.server.fault("/device_authorization", page);
    let ended = world.run(&["login", "person", "--device-code", "--timeout", "1"]);
    let warning = ended
        .stderr
        .lines()
        .find(|line| line.contains("warning"))
        .unwrap_or_default();
    assert!(
        warning.contains("the page is on evil.example, and not on 127.0.0.1"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_address_inside_the_machine_that_metadata_name_is_not_asked() {
    let world = World::new();
    for inner in ["http://169.254.169.254/token", "http://[fe80::1]/token"] {
        let fault = Fault::member("token_endpoint", inner);
        world
            .server
            .fault("/.well-known/openid-configuration", fault);
        let ended = world.run(&["token", "lab", "--refresh"]);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("token_endpoint") || ended.stderr.contains("endpoint"),
            "{}",
            ended.stderr
        );
    }
}
