//! `auth desp`, for people who come from `destinepyauth`.

use std::process::Command;

use super::{SERVICES, forms, world};
use crate::terminal::Terminal;
use crate::world::{Ended, World, finish, set_mode};

/// Ada's name and password in the variables, and the server in place of the platform.
fn desp(world: &World, arguments: &[&str]) -> Command {
    of_ada(world, &[&["desp"], arguments].concat())
}

/// The same for any command.
pub(super) fn of_ada(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.auth(arguments);
    let url = world.listening().url("/").to_string();
    command.env("DESPAUTH_IAM_URL", url.trim_end_matches('/'));
    command
        .env("DESPAUTH_USER", "ada")
        .env("DESPAUTH_PASSWORD", "canary-password");
    command.env(
        "DESPAUTH_TOKEN_URL",
        format!("{url}realms/highway/protocol/openid-connect/token"),
    );
    command
}

/// How each ends: with one line, and nothing secret in it.
#[track_caller]
pub(super) fn one_line_each(world: &World, uses: impl IntoIterator<Item = Command>) -> String {
    let shown = uses.into_iter().map(|command| {
        let ended = finish(command);
        assert_eq!(ended.stderr.matches('\n').count(), 1, "{ended:?}");
        assert!(!ended.stderr.contains("canary"), "{ended:?}");
        world.shown(&ended)
    });
    shown.collect()
}

#[test]
fn p_prints_the_token_and_nothing_else_and_a_second_call_sends_nothing() {
    let world = world();
    let highway = ["-s", "highway", "-p"];
    let token = finish(desp(&world, &highway)).quiet();
    assert!(
        token.starts_with("eyJ") && token.matches('\n').count() == 1,
        "{token}"
    );
    let requests = world.server.requests().len();
    for flag in ["--service", "--SERVICE"] {
        let again = finish(desp(&world, &[flag, "highway", "--print"])).quiet();
        assert_eq!(again, token);
    }
    assert_eq!(world.server.requests().len(), requests);
    assert_eq!(forms(&world), 1);
}

#[test]
fn n_writes_the_netrc_file_and_polytopes_key_is_written_by_itself() {
    let world = world();
    let netrc = finish(desp(&world, &["-s", "cacheb", "-n"]));
    assert_eq!((netrc.code, &*netrc.stdout), (Some(0), ""), "{netrc:?}");
    let text = std::fs::read_to_string(world.home().join(crate::system::NETRC)).unwrap();
    assert!(
        text.starts_with("machine cacheb.dcms.destine.eu\n    login anonymous\n    password "),
        "{text}"
    );
    let polytope = finish(desp(&world, &["-s", "polytope"]));
    assert_eq!(
        (polytope.code, &*polytope.stdout),
        (Some(0), ""),
        "{polytope:?}"
    );
    let text = std::fs::read_to_string(world.home().join(".polytopeapirc")).unwrap();
    assert!(text.starts_with("{\"user_key\": \""), "{text}");
}

#[test]
fn a_file_stands_in_place_of_the_service_and_the_options_stand_over_it() {
    let world = world();
    let file = world.home().join("mine.yaml");
    std::fs::write(
        &file,
        "iam_client: nobody\niam_redirect_uri: https://dea.destine.eu/\n",
    )
    .unwrap();
    set_mode(&file, 0o600);
    let arguments = [
        "-c",
        "mine.yaml",
        "-p",
        "--iam-client",
        "dea_client",
        "--scope",
        "openid",
    ];
    let token = finish(desp(&world, &arguments)).quiet();
    assert!(token.starts_with("eyJ"), "{token}");
    // A name beside the file is a label: nothing built in stands below it.
    let named = [&arguments[..], &["-s", "highway"]].concat();
    assert_eq!(finish(desp(&world, &named)).quiet(), token);
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn whoever_is_at_the_terminal_is_asked_there_and_never_on_stdout() {
    let world = world();
    world.config(SERVICES);
    let mut terminal = Terminal::open();
    let login = terminal.run(&world, &["desp", "-s", "dea", "-p"]);
    terminal.wait_for("Username: ");
    terminal.type_in("bob\n");
    terminal.wait_for("Password: ");
    terminal.type_in("canary-password\n");
    terminal.wait_for("One-time code: ");
    terminal.type_in("000000\n");
    let ended = Ended::of(login.wait_with_output().unwrap());
    assert_eq!((ended.code, &*ended.stdout), (Some(1), ""), "{ended:?}");
    insta::assert_snapshot!(world.shown(&ended), @r#"
exit 1
err: auth: the IAM refuses the one-time code: Invalid authenticator code; wait for the next code: each is good once, and for a minute
"#);
    // Name and password went once, and the code once.
    assert_eq!(forms(&world), 2);
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn ctrl_c_at_a_question_exits_with_130_and_gives_the_terminal_back() {
    let world = world();
    world.config(SERVICES);
    for command in [&["desp", "-s", "dea", "-p"][..], &["login", "dea"]] {
        for is_masked in [false, true] {
            let mut terminal = Terminal::open();
            let login = terminal.run(&world, command);
            terminal.wait_for("Username: ");
            if is_masked {
                terminal.type_in("ada\n");
                terminal.wait_for("Password: ");
                while terminal.echoes() {
                    std::thread::yield_now();
                }
            }
            terminal.type_in("\u{3}");
            let ended = Ended::of(login.wait_with_output().unwrap());
            assert_eq!((ended.code, &*ended.stdout), (Some(130), ""), "{ended:?}");
            assert!(terminal.echoes(), "{command:?}");
        }
    }
    assert_eq!(world.server.requests().len(), 0);
}

#[test]
fn each_wrong_use_is_one_line_and_has_the_exit_code_that_scripts_know() {
    let world = world();
    let mut wrong_password = desp(&world, &["-s", "dea", "-p"]);
    wrong_password.env("DESPAUTH_PASSWORD", "canary-wrong");
    let mut nobody = desp(&world, &["-s", "dea", "-p"]);
    nobody
        .env_remove("DESPAUTH_USER")
        .env_remove("DESPAUTH_PASSWORD");
    let uses = [
        desp(&world, &[]),
        desp(&world, &["-s", "highwy"]),
        desp(&world, &["-s", "disruptive"]),
        desp(&world, &["-s", "dea", "-f", "more.yaml"]),
        desp(&world, &["-s", "dea", "--set", "scope=x"]),
        desp(&world, &["-c", "nowhere.yaml"]),
        desp(&world, &["-s", "dea", "--iam-url", "x"]),
        desp(&world, &["-s", "highway", "-n"]),
        nobody,
        wrong_password,
    ];
    insta::assert_snapshot!(one_line_each(&world, uses), @r#"
exit 2
err: auth: no service is named; name one with -s, or its file with -c
exit 2
err: auth: there is no profile `highwy`; did you mean `highway`?
exit 2
err: auth: profile `disruptive` is of kind jwt-bearer, and no service of Destination Earth; run `auth token disruptive`
exit 2
err: auth: -f is not taken; name the service's file with -c, and write what holds for all services into ~/.despauth.yaml
exit 2
err: auth: --set is not taken; use the option of the key, such as --iam-client, or its variable, such as DESPAUTH_IAM_CLIENT
exit 2
err: auth: nowhere.yaml can't be read: No such file or directory (os error 2); check the path that --config, AUTH_CONFIG or the home directory names
exit 2
err: auth: --iam-url must be a whole URL, such as https://example.org/path
exit 2
err: auth: `highway` takes tokens that the platform's are traded for: one in a netrc file would be refused; run `auth token highway` where the token is needed
exit 1
err: auth: `Username` must be answered by a person, and there is no terminal; run this in a terminal, or set DESPAUTH_USER and DESPAUTH_PASSWORD, and for an account with one-time codes DESPAUTH_TOTP or DESPAUTH_OTP
exit 1
err: auth: the IAM refuses the user name or the password: Invalid username or password; check both; it says the same where an account is locked for a while, so do not try too often
"#);
    let both = finish(desp(&world, &["-s", "dea", "-n", "-p"]));
    assert_eq!((both.code, &*both.stdout), (Some(2), ""), "{both:?}");
}

#[test]
fn what_the_platform_does_not_know_and_a_platform_that_is_away_are_one_line_each() {
    let world = world();
    let with = |variable: &str, value: &str| {
        let mut command = desp(&world, &["-s", "dea", "-p"]);
        command.env(variable, value);
        command
    };
    let mut login = world.auth(&["login", "dea"]);
    login.env("DESPAUTH_IAM_URL", world.listening().url("/").as_str());
    let uses = [
        with("DESPAUTH_IAM_CLIENT", "nobody"),
        with("DESPAUTH_IAM_REALM", "nowhere"),
        with("DESPAUTH_REDIRECT_URI", "https://elsewhere.example.org/"),
        with("DESPAUTH_REDIRECT_URI", "elsewhere"),
        with("DESPAUTH_SCOPE", "openid banana"),
        with("DESPAUTH_IAM_URL", "http://127.0.0.1:1"),
        with("DESPAUTH_IAM_URL", "http://iam.example.org"),
        login,
    ];
    insta::assert_snapshot!(one_line_each(&world, uses), @r#"
exit 2
err: auth: the IAM refuses to begin this login: Client not found; check the client, its redirect URI and the realm
exit 2
err: auth: the IAM has no login page at http://[SERVER]/realms/nowhere; check the IAM's URL and realm
exit 2
err: auth: the IAM refuses to begin this login: Invalid parameter: redirect_uri; check the client, its redirect URI and the realm
exit 2
err: auth: DESPAUTH_REDIRECT_URI: the redirect URI elsewhere is no URL; give an https URL, or one on loopback
exit 1
err: auth: the login page refused: invalid_scope: Invalid scopes: openid banana; check the scope: the server does not know it, or not for this client
exit 1
err: auth: http://127.0.0.1:1/realms/desp/protocol/openid-connect/auth can't be reached: Connection refused (os error 111); check the URL and the network, then try again
exit 2
err: auth: DESPAUTH_IAM_URL: the IAM's URL is not https; give the https URL of the identity server, as https://auth.destine.eu
exit 4
err: auth: `Username` must be answered by a person, and there is no terminal; run this in a terminal, or set DESPAUTH_USER and DESPAUTH_PASSWORD, and for an account with one-time codes DESPAUTH_TOTP or DESPAUTH_OTP
"#);
    assert_eq!(forms(&world), 0);
}
