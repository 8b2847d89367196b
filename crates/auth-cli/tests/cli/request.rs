//! `auth request`.

use auth_testkit::{DisruptiveAccount, Fault, Resource};

use crate::world::{World, finish, finish_with_bytes, finish_with_stdin};

#[test]
fn a_path_is_below_the_api_and_the_body_goes_to_stdout() {
    let world = World::new();
    let body = world.run(&["request", "lab", "whoami"]).quiet();
    assert!(body.contains(r#""sub":"robot""#), "{body}");
    let body = world
        .run_disruptive(&["request", "disruptive", "GET", "/projects"])
        .quiet();
    assert!(body.contains("Cold store"), "{body}");
}

#[test]
fn data_comes_from_the_command_line_a_file_or_stdin_and_makes_it_a_post() {
    let world = World::new();
    let path = world.secret("thing.json", r#"{"a":1}"#);
    let at = format!("@{}", path.display());
    for data in [r#"{"a":1}"#, &at, "-"] {
        let command = world.auth(&["request", "lab", "/things", "--data", data]);
        let body = finish_with_stdin(command, r#"{"a":1}"#).quiet();
        assert!(body.contains(r#""method":"POST""#), "{body}");
        assert!(body.contains(r#""received":7"#), "{body}");
    }
    let requests = world.server.requests();
    let last = requests.last().unwrap();
    assert_eq!(last.header("content-type"), Some("application/json"));
}

#[test]
fn what_comes_on_stdin_is_sent_as_it_is() {
    let world = World::new();
    let command = world.auth(&["request", "lab", "/things", "--data", "-"]);
    let body = finish_with_stdin(command, " a=1\r\n\n").quiet();
    assert!(body.contains(r#""received":7"#), "{body}");
}

#[test]
fn a_method_and_headers_can_be_named() {
    let world = World::new();
    let header = "X-Trace: 7";
    let args = [
        "request",
        "lab",
        "patch",
        "/things",
        "-d",
        "a=1",
        "-H",
        header,
        "-H",
        "content-type:text/plain",
    ];
    world.run(&args).quiet();
    let requests = world.server.requests();
    let last = requests.last().unwrap();
    assert_eq!(last.method().as_str(), "PATCH");
    assert_eq!(last.header("x-trace"), Some("7"));
    assert_eq!(last.header("content-type"), Some("text/plain"));
}

#[test]
fn include_shows_the_head_on_stderr_only() {
    let world = World::new();
    let ended = world.run(&["request", "lab", "whoami", "--include"]);
    assert!(
        ended.stderr.starts_with("auth: HTTP/1.1 200 OK\n"),
        "{}",
        ended.stderr
    );
    assert!(
        ended
            .stderr
            .contains("auth: content-type: application/json\n")
    );
    assert!(ended.stdout.starts_with('{'), "{}", ended.stdout);
}

#[test]
fn a_credential_of_ones_own_is_refused() {
    let world = World::new();
    let ended = world.run(&["request", "lab", "whoami", "-H", "Authorization: Bearer x"]);
    insta::assert_snapshot!(world.shown(&ended));
    assert_eq!(world.server.requests().len(), 0);
}

#[test]
fn the_token_goes_to_another_origin_only_when_that_was_allowed() {
    let world = World::new();
    let other = World::new();
    let url = other.listening().url("/api/whoami").to_string();
    let ended = world.run(&["request", "lab", &url]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the token is for"),
        "{}",
        ended.stderr
    );
    assert_eq!(other.server.requests().len(), 0);

    let origin = other.listening().url("/").to_string();
    let ended = world.run(&["request", "lab", &url, "--allow-origin", &origin]);
    assert_eq!(other.server.requests().len(), 2, "{}", ended.stderr);
}

#[test]
fn a_401_discards_the_token_and_is_tried_once_more_with_a_new_one() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    assert!(world.server.revoke(token.trim_end()));
    world.run(&["request", "lab", "whoami"]).quiet();
    assert_eq!(world.server.count("/token"), 2);
    assert_eq!(world.server.count("/api/whoami"), 2);
}

#[test]
fn each_bad_status_says_what_to_do() {
    let world = World::new();
    let said = |status: u16| {
        world
            .server
            .fault("/api/whoami", Fault::status(status).times(2));
        let ended = world.run(&["request", "lab", "whoami"]);
        world.server.clear_faults();
        world.shown(&ended)
    };
    let all: String = [301, 401, 404, 429, 500, 503].map(said).concat();
    insta::assert_snapshot!(all);
}

#[test]
fn a_403_says_that_the_account_lacks_access() {
    let world = World::new();
    world
        .server
        .set_resource(Resource::new().with_scope("admin"));
    let plain = world.shown(&world.run(&["request", "lab", "whoami"]));
    let account = DisruptiveAccount::new(crate::world::EMAIL);
    let account = account.with_key(crate::world::KEY_ID, crate::world::KEY);
    world.server.add_disruptive_account(account);
    let ended = world.run_disruptive(&["request", "disruptive", "projects"]);
    insta::assert_snapshot!(plain + &world.shown(&ended));
}

#[test]
fn a_profile_without_an_api_says_so() {
    let world = World::empty();
    world.config(
        r#"
        [profile.bare]
        kind = "client-credentials"
        issuer = "ISSUER"
        client-id = "robot"
        client-secret = { env = "SECRET" }
        "#,
    );
    let ended = world.run(&["request", "bare", "/x"]);
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn the_token_can_travel_in_another_header() {
    let world = World::new();
    world
        .server
        .set_resource(Resource::new().with_header("x-identity", None));
    let mut command = world.auth(&["request", "lab", "whoami"]);
    command.env("AUTH_LAB_HEADER", "X-Identity");
    assert!(finish(command).quiet().contains("robot"));
}

#[test]
fn what_a_server_writes_can_not_steer_the_terminal() {
    let world = World::new();
    let fault = Fault::status(200)
        .with_header("x-note", "\t\u{85}ok")
        .with_body("text/plain", "hello");
    world.server.fault("/api/whoami", fault);
    let ended = world.run(&["request", "lab", "whoami", "--include"]);
    assert!(
        !ended.stderr.chars().any(|c| c.is_control() && c != '\n'),
        "{:?}",
        ended.stderr
    );
}

#[test]
fn what_is_sent_is_exact_however_long_and_whatever_it_is() {
    let world = World::new();
    let binary: Vec<u8> = (0..3_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let short = b"\xff\0 a=1\r\n\n".to_vec();
    for data in [&short, &binary] {
        let path = world.secret_bytes("thing.bin", data);
        let at = format!("@{}", path.display());
        for from in ["-", &at] {
            let command = world.auth(&["request", "lab", "/things", "--data", from]);
            finish_with_bytes(command, data).quiet();
            let requests = world.server.requests();
            let sent = requests.last().unwrap();
            assert_eq!(
                sent.body().as_ref(),
                &data[..],
                "{from}: {} bytes",
                data.len()
            );
            // How long it is, is said where it is known.
            let length = sent.header("content-length").map(str::to_owned);
            let is_known = from != "-" || data.len() < 1 << 20;
            assert_eq!(length, is_known.then(|| data.len().to_string()), "{from}");
        }
    }
}

#[test]
fn data_that_can_not_be_read_is_named() {
    let world = World::new();
    for (at, said) in [
        ("@missing.json", "the file missing.json"),
        ("@.", "the file ."),
    ] {
        let ended = world.run(&["request", "lab", "/things", "--data", at]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("--data: ") && ended.stderr.contains(said),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(world.server.count("/api/things"), 0);
}

#[test]
fn an_api_is_given_the_time_that_somebody_says() {
    let world = World::new();
    let slow = || Fault::delay(std::time::Duration::from_secs(20));
    for (arguments, variable) in [(&["--timeout", "1s"][..], ""), (&[], "1")] {
        world.server.clear_faults();
        world.server.fault("/api/whoami", slow());
        let mut command = world.auth(&[&["request", "lab", "whoami"], arguments].concat());
        command.env("AUTH_LAB_TIMEOUT", variable);
        let ended = finish(command);
        assert_eq!(ended.code, Some(5), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("was silent for 1 s"),
            "{}",
            ended.stderr
        );
    }
    let mut command = world.auth(&["request", "lab", "whoami"]);
    command.env("AUTH_LAB_TIMEOUT", "soon");
    let ended = finish(command);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("AUTH_LAB_TIMEOUT"),
        "{}",
        ended.stderr
    );
}

#[test]
fn headers_that_follow_from_the_request_are_refused() {
    let world = World::new();
    for header in [
        "Content-Length: 7",
        "transfer-encoding: chunked",
        "Host: evil.example",
        "Connection: close",
    ] {
        let ended = world.run(&["request", "lab", "whoami", "-H", header]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        let name = header.split(':').next().unwrap().to_lowercase();
        assert!(ended.stderr.contains(&name), "{}", ended.stderr);
    }
    assert_eq!(world.server.count("/api/whoami"), 0);
}

#[test]
fn where_a_redirect_leads_how_long_to_wait_and_which_scope_is_missing_are_told() {
    let world = World::new();
    let scope = "Bearer error=\"insufficient_scope\", scope=\"things:write\"";
    for (fault, code, said) in [
        (
            Fault::redirect(302, "/v2/whoami?token=canary"),
            1,
            "redirects to http://",
        ),
        (
            Fault::status(429).with_retry_after(std::time::Duration::from_secs(70)),
            5,
            "a pause of 70 s",
        ),
        (
            Fault::status(403).with_header("www-authenticate", scope),
            3,
            "the scope things:write",
        ),
    ] {
        world.server.fault("/api/whoami", fault);
        let ended = world.run(&["request", "lab", "whoami"]);
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    }
}

#[test]
fn no_token_goes_where_others_could_read_it_back() {
    let world = World::new();
    for (words, said) in [
        (&["TRACE", "/whoami"][..], "no token goes with TRACE"),
        (&["connect", "/whoami"], "no token goes with CONNECT"),
        (
            &["/whoami", "-H", "Proxy-Authorization: Basic canary"],
            "the variable that names the proxy",
        ),
        (
            &["/whoami", "-H", "Cookie: a=canary"],
            "the token says who asks",
        ),
        (
            &["http://ada:canary@127.0.0.1/x"],
            "leave them out: the token says who asks",
        ),
    ] {
        let ended = world.run(&[&["request", "lab"], words].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    }
    assert_eq!(world.server.count("/api/whoami"), 0);
}

#[test]
fn what_a_refusal_asks_for_is_the_advice() {
    let world = World::new();
    for (fault, said) in [
        (
            Fault::status(405).with_header("allow", "GET, HEAD"),
            "it takes GET, HEAD",
        ),
        (Fault::status(405), "use another method"),
        (Fault::status(406), "--header 'Accept: "),
        (Fault::status(413), "send less at once"),
        (Fault::status(415), "--header 'Content-Type: "),
    ] {
        world.server.fault("/api/whoami", fault);
        let ended = world.run(&["request", "lab", "whoami"]);
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn a_body_that_can_not_be_read_as_it_is_is_said_to_be_one_unless_it_was_asked_for() {
    let world = World::new();
    let encoded = |name: &str| {
        let fault = Fault::status(200).with_header("content-encoding", name);
        fault.with_body("application/json", &b"\x1f\x8b"[..])
    };
    let run = |encoding: &str, more: &[&str]| {
        world.server.fault("/api/whoami", encoded(encoding));
        let command = world.auth(&[&["request", "lab", "whoami"], more].concat());
        let output = { command }.output().unwrap();
        assert_eq!(
            (output.status.code(), &*output.stdout),
            (Some(0), &b"\x1f\x8b"[..])
        );
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run("gzip", &[]).contains("encoded with gzip"));
    assert_eq!(run("gzip", &["-H", "accept-encoding: gzip"]), "");
    assert_eq!(run("identity", &[]), "");
}

#[test]
fn words_that_curl_and_others_have_in_another_order_or_spelling_are_understood_or_named() {
    let world = World::new();
    let command = world.auth(&["request", "lab", "/things", "--data", "@-"]);
    finish_with_bytes(command, b"hello").quiet();
    assert_eq!(
        world.server.requests().last().unwrap().body().as_ref(),
        b"hello"
    );
    for (words, said) in [
        (
            &["/whoami", "lab"][..],
            "the profile stands before the path",
        ),
        (
            &["lab", "/things", "--data", "@"],
            "no file is named behind the `@`",
        ),
        (
            &["lab", "/things", "--timeout", "0"],
            "nothing is done in no time",
        ),
    ] {
        let ended = world.run(&[&["request"], words].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}
