//! Programs that have no secret: a cluster or a workflow says who they are (RFC 7523).

use std::time::SystemTime;

use auth_core::assertion::{Assertion, SigningKey};
use auth_core::session::Held;
use auth_testkit::{Client, Fault, Realm};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::world::{Ended, World, finish, set_mode};

const KEY: &str = include_str!("../../../../tests/it/jwt_bearer/keys/ec.jwk.json");
const CLUSTER: &str = "https://cluster.test";
const SUBJECT: &str = "system:serviceaccount:lab:reader";
const JOB: &str = "canary-of-the-job";

/// A server that believes the cluster about one workload, and a profile of it.
fn world(profile: &str) -> World {
    let world = World::empty();
    let jwk: Value = serde_json::from_str(KEY).unwrap();
    let reader = || Client::federated("reader", CLUSTER, SUBJECT, &jwk);
    world.server.add_client(reader());
    world
        .server
        .add_realm(Realm::new("lab").with_client(reader()));
    world.config(profile);
    world.secret("token", &projected(&world, &world.listening().issuer()));
    world
}

/// What the cluster says of the workload now, to whoever is called `audience`.
fn projected(world: &World, audience: &str) -> String {
    at(world, audience, SystemTime::now())
}

fn at(world: &World, audience: &str, now: SystemTime) -> String {
    let key = SigningKey::new(SecretString::from(KEY));
    let assertion = Assertion::new(CLUSTER, key).with_subject(SUBJECT);
    let assertion = assertion.with_audience(audience).with_jti();
    let signed = world.block_on(async {
        let assertion = assertion.revealed(&Held::new()).await.unwrap();
        assertion.signed_at(now).unwrap()
    });
    signed.expose_secret().to_owned()
}

const SERVICE: &str = r#"
    [profile.job]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "reader"
    client-assertion = { file = "token" }
    "#;

const ACCOUNT: &str = r#"
    [profile.job]
    kind = "jwt-bearer"
    issuer = "ISSUER"
    assertion = { file = "token" }
    "#;

/// The claims of a token that was printed.
fn claims(world: &World, token: &str) -> Value {
    let seen = crate::world::finish_with_stdin(world.auth(&["inspect"]), token);
    serde_json::from_str::<Value>(&seen.stdout).unwrap()["claims"].clone()
}

#[track_caller]
fn one_line(ended: &Ended, code: i32, parts: &[&str]) {
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    for part in parts {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}

#[test]
fn a_projected_token_proves_the_client_of_a_service_and_is_read_anew_each_time() {
    let world = world(SERVICE);
    world.run(&["token", "job"]).quiet();
    world.run(&["token", "job", "--refresh"]).quiet();
    let next = projected(&world, &world.listening().issuer());
    world.secret("token", &format!("{next}\n"));
    world.run(&["token", "job", "--refresh"]).quiet();
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(sent.field("client_assertion"), Some(next));
    assert_eq!(sent.field("client_id").as_deref(), Some("reader"));
    assert!(sent.header("authorization").is_none());
}

/// How a cluster mounts one: links to a directory that is replaced as a whole.
#[test]
#[cfg_attr(windows, ignore = "making a link needs a right that few have")]
fn a_projected_token_is_found_behind_the_links_of_its_volume() {
    let world = world(SERVICE);
    let directory = world.config_directory();
    for (version, name) in [("..2026_1", "one"), ("..2026_2", "two")] {
        std::fs::create_dir(directory.join(version)).unwrap();
        let token = projected(&world, &world.listening().issuer()) + "\n";
        let path = directory.join(version).join("token");
        std::fs::write(&path, &token).unwrap();
        set_mode(&path, 0o600);
        let _ = std::fs::remove_file(directory.join("token"));
        crate::system::symlink("..data/token", directory.join("token")).unwrap();
        let _ = std::fs::remove_file(directory.join("..data"));
        crate::system::symlink(version, directory.join("..data")).unwrap();
        world.run(&["token", "job", "--refresh"]).quiet();
        let sent = world.server.requests().pop().unwrap();
        assert_eq!(
            sent.field("client_assertion").as_deref(),
            Some(token.trim()),
            "{name}"
        );
    }
}

#[test]
fn each_kind_that_has_a_client_may_prove_it_so() {
    let assertion = "client-id = \"reader\"\nclient-assertion = { env = \"ASSERTION\" }";
    let with = |profile: &str| world(&format!("{profile}\n{assertion}"));
    let realm = |world: &World| world.listening().url("/realms/lab").to_string();
    let run = |world: &World, audience: &str, line: &[&str]| {
        let mut command = world.auth(line);
        command.env("ASSERTION", projected(world, audience));
        finish(command)
    };
    let world = with("[profile.job]\nkind = \"keycloak\"\nissuer = \"URL/realms/lab\"");
    run(&world, &realm(&world), &["token", "job"]).quiet();
    let world = with(
        "[profile.job]\nkind = \"jwt-bearer\"\nissuer = \"ISSUER\"\nassertion = { file = \"token\" }",
    );
    run(&world, &world.listening().issuer(), &["token", "job"]).quiet();
    let sent = world.server.requests().pop().unwrap();
    assert!(sent.field("assertion").is_some() && sent.field("client_assertion").is_some());
    let world = with(
        "[profile.job]\nkind = \"refresh\"\nissuer = \"ISSUER\"\nrefresh-token = { file = \"ada\" }",
    );
    world.secret(
        "ada",
        world
            .server
            .login("reader", "ada", &["read"])
            .expose_secret(),
    );
    let ended = run(&world, &world.listening().issuer(), &["token", "job"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    // A person's login, whose program proves itself.
    let world = with("[profile.person]\nkind = \"oidc\"\nissuer = \"ISSUER\"\nscope = \"openid\"");
    let mut command = world.auth(&["login", "person", "--device-code"]);
    command.env("ASSERTION", projected(&world, &world.listening().issuer()));
    let (mut child, said) = crate::login::started(command, "enter the code");
    let code = crate::login::word_after(&said, "enter the code ");
    assert!(world.server.allow_device(&code, "ada"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let sent = world.server.requests();
    let sent = sent.iter().rev().find(|one| one.path() == "/token");
    assert!(sent.unwrap().field("client_assertion").is_some());
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_program_s_assertion_is_fetched_anew_and_runs_only_when_a_token_is_asked_for() {
    let world = world(&SERVICE.replace("{ file = \"token\" }", "{ command = [\"./tell\"] }"));
    let script = "#!/bin/sh\necho told >> told\ncat .config/auth/token\n";
    let tell = world.home().join("tell");
    std::fs::write(&tell, script).unwrap();
    set_mode(&tell, 0o700);
    for line in [
        &["token", "job"][..],
        &["token", "job"],
        &["token", "job", "--refresh"],
    ] {
        world.run(line).quiet();
    }
    let told = std::fs::read_to_string(world.home().join("told")).unwrap();
    assert_eq!(told, "told\ntold\n");
}

#[test]
fn an_account_whose_assertion_a_cluster_signs_needs_no_key() {
    let world = world(ACCOUNT);
    let token = world.run(&["token", "job"]).quiet();
    assert_eq!(claims(&world, &token)["sub"], SUBJECT);
    let status = world.run(&["status", "job"]);
    assert!(
        status.stdout.contains("job: default at "),
        "{}",
        status.stdout
    );
    world.run(&["profiles"]).quiet_rest();
    let ended = world.run(&["logout", "job"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!world.run(&["status"]).stdout.contains("job:"));
}

impl Ended {
    /// It went well, whatever it said besides.
    #[track_caller]
    fn quiet_rest(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }
}

#[test]
fn a_job_of_a_workflow_asks_for_the_audience_of_the_server_or_for_the_one_that_is_named() {
    for (source, audience) in [
        ("true", None),
        ("{ audience = \"api://lab\" }", Some("api://lab")),
    ] {
        let profile = SERVICE.replace("{ file = \"token\" }", &format!("{{ github = {source} }}"));
        let world = world(&profile);
        let issuer = world.listening().issuer();
        let answer = json!({ "count": 1, "value": projected(&world, &issuer) }).to_string();
        let answer = Fault::status(200).with_body("application/json", answer);
        world.server.fault("/oidc", answer.always());
        let url = world.listening().url("/oidc?api-version=2.0").to_string();
        let mut command = world.auth(&["token", "job"]);
        command.envs([
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &*url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", JOB),
        ]);
        finish(command).quiet();
        let asked = world.server.requests();
        let asked = asked.iter().find(|one| one.path() == "/oidc").unwrap();
        assert_eq!(
            asked.query("audience").unwrap(),
            audience.unwrap_or(&issuer)
        );
    }
}

/// Whoever runs next on a machine that is kept is another job.
#[test]
fn what_one_job_got_is_not_handed_to_the_next_one() {
    let world = world(&ACCOUNT.replace("{ file = \"token\" }", "{ github = true }"));
    let issuer = world.listening().issuer();
    let answer = json!({ "value": projected(&world, &issuer) }).to_string();
    let answer = Fault::status(200).with_body("application/json", answer);
    world.server.fault("/oidc", answer.always());
    let url = world.listening().url("/oidc").to_string();
    let token = |job: &str| {
        let mut command = world.auth(&["token", "job"]);
        command.envs([
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &*url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", job),
        ]);
        finish(command).quiet()
    };
    let first = token("one");
    assert_eq!(token("one"), first);
    assert_ne!(token("two"), first);
}

#[test]
fn what_is_wrong_is_one_line_that_says_what_to_do_and_shows_no_assertion() {
    let hour = std::time::Duration::from_secs(3600);
    for profile in [SERVICE, ACCOUNT] {
        let world = world(profile);
        let field = if profile == SERVICE {
            "`client-assertion`"
        } else {
            "`assertion`"
        };
        let old = at(
            &world,
            &world.listening().issuer(),
            SystemTime::now() - 2 * hour,
        );
        for (text, parts) in [
            (
                &*old,
                &["ended on ", "nobody has renewed it", "projected"][..],
            ),
            ("canary", &["is no JSON Web Token"]),
            (
                "{\"value\":\"canary\"}",
                &["is no JSON Web Token", "out of this JSON"],
            ),
            ("\n", &["is empty"]),
        ] {
            world.secret("token", text);
            for command in [&["token", "job"][..], &["token", "job", "-vv"]] {
                let ended = world.run(command);
                assert_eq!(ended.code, Some(2), "{}", ended.stderr);
                assert!(
                    !ended.stderr.contains(text.trim()) || text == "\n",
                    "{}",
                    ended.stderr
                );
            }
            let ended = world.run(&["token", "job"]);
            one_line(&ended, 2, parts);
            one_line(&ended, 2, &[field, "profile `job`"]);
            let listed = world.run(&["profiles", "--json"]);
            assert!(listed.stdout.contains(parts[0].trim()), "{}", listed.stdout);
            assert!(!listed.stdout.contains("canary"), "{}", listed.stdout);
        }
        std::fs::remove_file(world.config_directory().join("token")).unwrap();
        one_line(&world.run(&["token", "job"]), 2, &["can't be read"]);
        assert!(
            world
                .server
                .requests()
                .iter()
                .all(|one| one.path() != "/token")
        );
    }
    let github = world(&SERVICE.replace("{ file = \"token\" }", "{ github = true }"));
    let ended = github.run(&["token", "job"]);
    one_line(
        &ended,
        2,
        &["ACTIONS_ID_TOKEN_REQUEST_URL", "`id-token: write`"],
    );
}

#[test]
fn what_does_nothing_beside_an_assertion_is_an_error_that_names_it() {
    for (profile, key, line) in [
        (SERVICE, "client-secret", "client-secret = { env = \"X\" }"),
        (SERVICE, "client-auth", "client-auth = \"basic\""),
        (SERVICE, "key", "key = { env = \"X\" }"),
        (ACCOUNT, "email", "email = \"robot@example.org\""),
        (ACCOUNT, "key", "key = { env = \"X\" }"),
        (ACCOUNT, "subject", "subject = \"ada\""),
        (SERVICE, "client-assertion", "github"),
    ] {
        let profile = match line {
            "github" => SERVICE.replace("{ file = \"token\" }", "{ github = { audience = 1 } }"),
            line => format!("{}\n{line}\n", profile.trim_end()),
        };
        let ended = world(&profile).run(&["token", "job"]);
        one_line(&ended, 2, &[&format!("`{key}`"), "config.toml:"]);
    }
}
