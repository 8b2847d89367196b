//! `auth kubernetes`: what kubectl runs.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use auth_testkit::{Client, Fault, Realm, User};
use serde_json::{Value, json};

use crate::login;
use crate::terminal::Terminal;
use crate::world::{Ended, SECRET, World, finish};

fn info(interactive: bool) -> String {
    let spec =
        json!({ "interactive": interactive, "cluster": { "server": "https://k8s.example.org" } });
    json!({ "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": spec })
        .to_string()
}

fn run(world: &World, words: &[&str], info: Option<&str>) -> Ended {
    let mut command = world.auth(&[&["kubernetes"], words].concat());
    if let Some(info) = info {
        command.env("KUBERNETES_EXEC_INFO", info);
    }
    finish(command)
}

fn token(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer["kind"], "ExecCredential");
    let end = answer["status"]["expirationTimestamp"].as_str().unwrap();
    assert!(httpdate_like(end), "{end}");
    answer["status"]["token"].as_str().unwrap().to_owned()
}

/// RFC 3339 in UTC, as `metav1.Time` reads it.
fn httpdate_like(text: &str) -> bool {
    text.len() == 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T'
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let middle = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle);
    serde_json::from_slice(&bytes.unwrap()).unwrap()
}

#[test]
fn a_cluster_gets_the_id_token_of_a_persons_login_unless_the_access_token_is_wanted() {
    let world = login::world();
    login::logged_in(&world);
    let id = token(&run(&world, &["person"], Some(&info(false))).quiet());
    assert_eq!(claims(&id)["aud"], "desktop");
    assert_eq!(claims(&id)["sub"], "ada");
    let again = token(&run(&world, &["person", "--token", "id"], None).quiet());
    assert_eq!(again, id, "it is kept");
    let access = token(&run(&world, &["person", "--token", "access"], None).quiet());
    assert_ne!(access, id);
    assert_eq!(world.run(&["token", "person"]).quiet().trim_end(), access);
    // The key says the same to every command.
    let mut command = world.auth(&["token", "person"]);
    command.env("AUTH_PERSON_TOKEN", "id");
    assert_eq!(finish(command).quiet().trim_end(), id);
}

#[test]
fn a_program_has_its_access_token_and_no_other() {
    let world = World::new();
    let access = token(&run(&world, &["lab"], None).quiet());
    assert_eq!(world.run(&["token", "lab"]).quiet().trim_end(), access);
    let ended = run(&world, &["lab", "--token", "id"], None);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn at_a_realm_a_person_and_an_offline_token_have_an_id_token_and_a_service_has_none() {
    let world = World::empty();
    let scopes = ["openid", "offline_access"];
    let realm = Realm::new("lab")
        .with_client(Client::public("desktop").with_scopes(scopes))
        .with_client(Client::confidential("robot", SECRET))
        .with_user(User::new("ada", "lovelace"));
    world.server.add_realm(realm);
    let issuer = world.listening().url("/realms/lab").to_string();
    let offline = world
        .server
        .login_at(&issuer, "desktop", "ada", &scopes)
        .unwrap();
    world.secret("job.secret", SECRET);
    world.secret("offline.token", offline.expose_secret());
    world.config(
        r#"
        [profile.job]
        kind = "keycloak"
        issuer = "URL/realms/lab"
        client-id = "robot"
        client-secret = { file = "job.secret" }

        [profile.ada]
        kind = "keycloak"
        issuer = "URL/realms/lab"
        client-id = "desktop"
        refresh-token = { file = "offline.token" }
        "#,
    );
    let job = token(&run(&world, &["job"], None).quiet());
    assert_eq!(world.run(&["token", "job"]).quiet().trim_end(), job);
    let ended = run(&world, &["job", "--token", "id"], None);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let ended = run(&world, &["ada"], None);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(claims(&token(&ended.stdout))["aud"], "desktop");
    let access = run(&world, &["ada", "--token", "access"], None);
    assert_ne!(token(&access.stdout), token(&ended.stdout));
}

#[test]
fn what_kubectl_does_not_say_is_one_line_and_exit_2() {
    let world = World::new();
    let other = info(true).replace("io/v1", "io/v1alpha1");
    let mut all = String::new();
    for text in [
        "{",
        "[]",
        "no json",
        &other,
        &other.replace("v1alpha1", "v2\u{1b}[2J"),
    ] {
        let ended = run(&world, &["lab"], Some(text));
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{text}");
        assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
        all.push_str(&world.shown(&ended));
    }
    insta::assert_snapshot!(all);
    assert!(
        world.server.requests().is_empty(),
        "nobody is asked in vain"
    );
    run(&world, &["lab"], Some("")).quiet();
}

/// Runs it at a terminal of its own up to the code, and lets Ada in.
fn at_a_terminal(world: &World, info: Option<&str>) -> (Option<i32>, String) {
    let terminal = Terminal::open();
    let mut command = world.auth(&["kubernetes", "person", "--device-code"]);
    if let Some(info) = info {
        command.env("KUBERNETES_EXEC_INFO", info);
    }
    let mut child = terminal.run_command(&command);
    let mut said = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    while !said
        .lines()
        .last()
        .is_some_and(|line| line.contains("enter the code"))
    {
        if stderr.read_line(&mut said).unwrap() == 0 {
            return (child.wait().unwrap().code(), said);
        }
    }
    let code = login::word_after(&said, "enter the code ");
    assert!(world.server.allow_device(&code, "ada"));
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    (child.wait().unwrap().code(), stdout)
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn where_nobody_is_logged_in_the_login_begins_at_once_and_only_the_answer_is_on_stdout() {
    for info in [None, Some(info(true))] {
        let world = login::world();
        let (code, stdout) = at_a_terminal(&world, info.as_deref());
        assert_eq!(code, Some(0), "{stdout}");
        let id = token(&stdout);
        assert_eq!(claims(&id)["sub"], "ada");
        let before = world.server.requests().len();
        assert_eq!(token(&run(&world, &["person"], None).quiet()), id);
        assert_eq!(world.server.requests().len(), before, "it is kept");
    }
}

/// Starts it at a terminal of its own, and hands on each line that it says.
fn started(world: &World, lines: &Sender<String>) -> (Terminal, Child) {
    let terminal = Terminal::open();
    let mut child = terminal.run_command(&world.auth(&["kubernetes", "person", "--device-code"]));
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let lines = lines.clone();
    std::thread::spawn(move || {
        for line in stderr.lines() {
            // The test may have seen enough.
            let _ = lines.send(line.unwrap());
        }
    });
    (terminal, child)
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn of_many_clients_that_need_a_login_one_asks_and_the_others_wait_for_it() {
    let world = login::world();
    let (lines, said) = channel::<String>();
    let clients: Vec<_> = (0..6).map(|_| started(&world, &lines)).collect();
    let (mut code, mut waiting) = (None, 0);
    while code.is_none() || waiting < clients.len() - 1 {
        let line = said.recv_timeout(Duration::from_secs(60)).unwrap();
        if line.contains("enter the code") {
            assert_eq!(
                code.replace(login::word_after(&line, "enter the code ")),
                None
            );
        }
        waiting += usize::from(line.contains("waits for somebody"));
    }
    assert!(world.server.allow_device(&code.unwrap(), "ada"));
    let answers = clients
        .into_iter()
        .map(|(_terminal, child)| Ended::of(child.wait_with_output().unwrap()));
    let answers: Vec<Ended> = answers.collect();
    assert!(
        answers.iter().all(|ended| ended.code == Some(0)),
        "{answers:?}"
    );
    let tokens: BTreeSet<String> = answers.iter().map(|ended| token(&ended.stdout)).collect();
    assert_eq!(tokens.len(), 1);
    assert_eq!(world.server.count("/device_authorization"), 1);
    let left = std::fs::read_dir(world.store()).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert!(left.len() <= 3, "nothing stays of the turn: {left:?}");
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn where_the_one_who_asks_gives_up_the_next_one_asks() {
    let world = login::world();
    let (lines, said) = channel::<String>();
    let asks = |part: &str| loop {
        let line: String = said.recv_timeout(Duration::from_secs(60)).unwrap();
        if line.contains(part) {
            return line;
        }
    };
    let (_terminal, mut first) = started(&world, &lines);
    asks("enter the code");
    let (_terminal, second) = started(&world, &lines);
    asks("waits for somebody");
    // As a person does with Ctrl-C, or worse.
    first.kill().unwrap();
    first.wait().unwrap();
    let code = login::word_after(&asks("enter the code"), "enter the code ");
    assert!(world.server.allow_device(&code, "ada"));
    let ended = Ended::of(second.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // Whoever logs in by hand waits for nobody: they have lost sight of the first.
    let world = login::world();
    let (_terminal, mut asking) = started(&world, &lines);
    asks("enter the code");
    login::logged_in(&world);
    asking.kill().unwrap();
    asking.wait().unwrap();
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn nobody_is_asked_where_kubectl_says_so_or_no_terminal_is_there() {
    let world = login::world();
    let (code, said) = at_a_terminal(&world, Some(&info(false)));
    assert_eq!(code, Some(4), "{said}");
    assert_eq!(said.matches('\n').count(), 1, "{said}");
    assert!(said.contains("auth login person"), "{said}");
    assert_eq!(world.server.count("/device_authorization"), 0);
}

#[test]
fn a_refusal_of_the_server_is_no_reason_to_ask_a_person() {
    let world = login::world();
    login::logged_in(&world);
    world.server.fault("/token", Fault::status(503).always());
    let ended = run(&world, &["person"], None);
    assert_eq!(
        (ended.code, &*ended.stdout),
        (Some(5), ""),
        "{}",
        ended.stderr
    );
}
