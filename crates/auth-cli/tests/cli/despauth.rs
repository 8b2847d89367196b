//! What people of `destinepyauth` have: variables, and files with its keys.

use std::process::Command;

use crate::world::{World, finish, set_mode};

fn home_file(world: &World, name: &str, text: &str) {
    let path = world.home().join(name);
    std::fs::write(&path, text).unwrap();
    set_mode(&path, 0o600);
}

fn service_file(world: &World, name: &str, text: &str) {
    std::fs::create_dir_all(world.config_directory().join("desp")).unwrap();
    world.secret(&format!("desp/{name}"), text);
}

/// What `auth config show` says of these keys, with these variables.
fn shown(world: &World, profile: &str, variables: &[(&str, &str)], keys: &[&str]) -> String {
    let mut command = world.auth(&["config", "show", profile]);
    command
        .env("COLUMNS", "200")
        .envs(variables.iter().copied());
    let text = finish(command).quiet();
    let lines = text.lines().filter(|line| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|word| keys.contains(&word))
    });
    let words = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let text = words.collect::<Vec<_>>().join("\n");
    world.portable(&text)
}

#[test]
fn w12_variables_win_over_the_profile_over_the_persons_file_over_the_service() {
    let world = World::empty();
    let keys = ["client-id"];
    let show = |variables: &[(&str, &str)]| shown(&world, "hda", variables, &keys);
    let mut seen = vec![show(&[])];
    home_file(&world, ".despauth.json", r#"{"iam_client": "of-json"}"#);
    seen.push(show(&[]));
    home_file(&world, ".despauth.yaml", "# mine\niam_client: of-yaml\n");
    seen.push(show(&[]));
    world.config("[profile.hda]\nclient-id = \"of-profile\"");
    seen.push(show(&[]));
    seen.push(show(&[("DESPAUTH_CLIENT_ID", "a")]));
    seen.push(show(&[
        ("DESPAUTH_CLIENT_ID", "a"),
        ("DESPAUTH_IAM_CLIENT", "b"),
    ]));
    seen.push(show(&[
        ("DESPAUTH_IAM_CLIENT", "b"),
        ("AUTH_HDA_CLIENT_ID", "c"),
    ]));
    insta::assert_snapshot!(seen.join("\n"), @r#"
client-id dedl-hda built-in profiles
client-id of-json [HOME]/.despauth.json:1
client-id of-yaml [HOME]/.despauth.yaml:2
client-id of-profile [HOME]/.config/auth/config.toml:2
client-id a DESPAUTH_CLIENT_ID
client-id b DESPAUTH_IAM_CLIENT
client-id c AUTH_HDA_CLIENT_ID
"#);
}

/// A table without what holds where nobody says anything.
fn said(table: &str) -> String {
    let lines = table.lines().filter(|line| !line.ends_with("default"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn w12_the_client_of_the_login_is_not_that_of_the_exchange_and_no_variable_makes_an_exchange() {
    let world = World::empty();
    let variables = [
        ("DESPAUTH_USER", "ada"),
        ("DESPAUTH_PASSWORD", "canary"),
        ("DESPAUTH_IAM_URL", "https://iam.example.org"),
        ("DESPAUTH_REALM", "other"),
        ("DESPAUTH_CLIENT_ID", "mine"),
        ("DESPAUTH_REDIRECT_URI", "https://here.example.org/"),
        ("DESPAUTH_SCOPE", "openid email"),
        ("DESPAUTH_TOKEN_URL", "https://trade.example.org/token"),
        ("DESPAUTH_AUDIENCE", "them"),
        ("DESPAUTH_SUBJECT_ISSUER", "alias"),
    ];
    let show = |service| {
        let mut command = world.auth(&["config", "show", service]);
        command.env("COLUMNS", "200").envs(variables);
        said(&finish(command).quiet())
    };
    let both = format!("{}\n{}", show("hda"), show("dea"));
    assert!(!both.contains("canary"));
    insta::assert_snapshot!(both, @r#"
 key                 value                            from
─────────────────────────────────────────────────────────────────────────────
 audience            them                             DESPAUTH_AUDIENCE
 client-id           mine                             DESPAUTH_CLIENT_ID
 exchange-client-id  hda-public                       built-in profiles
 exchange-url        https://trade.example.org/token  DESPAUTH_TOKEN_URL
 iam-realm           other                            DESPAUTH_REALM
 iam-url             https://iam.example.org/         DESPAUTH_IAM_URL
 kind                desp                             built-in profiles
 password            the variable DESPAUTH_PASSWORD   DESPAUTH_PASSWORD
 redirect-uri        https://here.example.org/        DESPAUTH_REDIRECT_URI
 scope               openid email                     DESPAUTH_SCOPE
 subject-issuer      alias                            DESPAUTH_SUBJECT_ISSUER
 user                ada                              DESPAUTH_USER

 key           value                           from
────────────────────────────────────────────────────────────────────
 client-id     mine                            DESPAUTH_CLIENT_ID
 iam-realm     other                           DESPAUTH_REALM
 iam-url       https://iam.example.org/        DESPAUTH_IAM_URL
 kind          desp                            built-in profiles
 password      the variable DESPAUTH_PASSWORD  DESPAUTH_PASSWORD
 redirect-uri  https://here.example.org/       DESPAUTH_REDIRECT_URI
 scope         openid email                    DESPAUTH_SCOPE
 user          ada                             DESPAUTH_USER
"#);
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn a_service_of_ones_own_is_found_under_the_name_of_its_file() {
    let world = World::empty();
    service_file(
        &world,
        "mine.yaml",
        "scope: openid offline_access\niam_client: myservice-public\n\
         iam_redirect_uri: https://myservice.destine.eu/\nuser: 0012\npassword: canary-1\n\
         iam_realm: null\nexchange_config:\n  token_url: https://identity.example.com/realms/x/protocol/openid-connect/token\n  \
         audience: a\n  subject_issuer: desp-oidc\n  client_id: b\n",
    );
    // JSON is indented with tabs by some.
    service_file(
        &world,
        "other.json",
        "{\n\t\"iam_client\": \"x\",\n\t\"exchange_config\": null\n}\n",
    );
    let text = world.run(&["config", "show", "mine", "--json"]).quiet();
    assert!(!text.contains("canary"));
    let rows = text
        .trim_start_matches("[\n")
        .trim_end_matches("\n]\n")
        .split(",\n  {");
    let rows: Vec<&str> = rows
        .filter(|row| !row.contains("\"from\": \"default\""))
        .collect();
    let text = format!("[\n{}\n]\n", rows.join(",\n  {"));
    insta::assert_snapshot!(world.portable(&text), @r#"
[
  {
    "key": "audience",
    "value": "a",
    "from": "[HOME]/.config/auth/desp/mine.yaml:9"
  },
  {
    "key": "client-id",
    "value": "myservice-public",
    "from": "[HOME]/.config/auth/desp/mine.yaml:2"
  },
  {
    "key": "exchange-client-id",
    "value": "b",
    "from": "[HOME]/.config/auth/desp/mine.yaml:11"
  },
  {
    "key": "exchange-url",
    "value": "https://identity.example.com/realms/x/protocol/openid-connect/token",
    "from": "[HOME]/.config/auth/desp/mine.yaml:8"
  },
  {
    "key": "kind",
    "value": "desp",
    "from": "[HOME]/.config/auth/desp/mine.yaml:1"
  },
  {
    "key": "password",
    "value": "a value that is not shown",
    "from": "[HOME]/.config/auth/desp/mine.yaml:5"
  },
  {
    "key": "redirect-uri",
    "value": "https://myservice.destine.eu/",
    "from": "[HOME]/.config/auth/desp/mine.yaml:3"
  },
  {
    "key": "scope",
    "value": "openid offline_access",
    "from": "[HOME]/.config/auth/desp/mine.yaml:1"
  },
  {
    "key": "subject-issuer",
    "value": "desp-oidc",
    "from": "[HOME]/.config/auth/desp/mine.yaml:10"
  },
  {
    "key": "user",
    "value": "0012",
    "from": "[HOME]/.config/auth/desp/mine.yaml:4"
  }
]
"#);
    let list = world.run(&["profiles"]);
    assert!(list.stdout.contains("\n mine "), "{list:?}");
    assert!(
        list.stdout.contains("other needs AUTH_OTHER_REDIRECT_URI"),
        "{list:?}"
    );
    // Its password is no business of others.
    set_mode(&world.config_directory().join("desp/mine.yaml"), 0o644);
    let warned = world.run(&["config", "show", "mine"]);
    assert!(
        warned.stderr.contains("others can read the password"),
        "{warned:?}"
    );
}

#[test]
fn a_wrong_address_and_a_wrong_realm_are_each_told_of_where_they_were_said() {
    let world = World::empty();
    let said = |variables: &[(&str, &str)]| {
        let mut command = world.auth(&["desp", "-s", "eden", "-p"]);
        command.envs(variables.iter().copied());
        let ended = finish(command);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        ended.stderr
    };
    let url = ("DESPAUTH_IAM_URL", "https://iam.example");
    insta::assert_snapshot!(said(&[url, ("DESPAUTH_REALM", "desp/")]), @"auth: DESPAUTH_REALM: desp/ is no name of a realm; give the name that follows /realms/ in the platform's URLs");
    let variables = [
        ("DESPAUTH_IAM_URL", "http://iam.example"),
        ("DESPAUTH_REALM", "other"),
    ];
    insta::assert_snapshot!(said(&variables), @"auth: DESPAUTH_IAM_URL: the IAM's URL is not https; give the https URL of the identity server, as https://auth.destine.eu");
    insta::assert_snapshot!(said(&[("DESPAUTH_REDIRECT_URI", "https://s.example/#x")]), @"auth: DESPAUTH_REDIRECT_URI: the redirect URI https://s.example/#x has a fragment, which none may have; leave # and what follows away");
}

#[test]
fn each_mistake_in_a_file_is_one_line_without_what_may_be_a_password() {
    let mistakes = [
        "",
        "# nothing\n",
        "{}",
        "iam_clent: x",
        "scope: openid\nbanana: x",
        "iam_client: x\nexchange_config:\n  token_uri: y",
        "iam_client: x\nexchange_config: y",
        "iam_client: [x]",
        "scope: [openid, offline_access]",
        "iam_client: x\nscope:\n  - openid\n  - offline_access\n",
        "{\n\t\"scope\": [\n\t\t\"openid\"\n\t]\n}",
        "iam_client: x\nscope: {openid: true}",
        "iam_client: x\npassword: *canary",
        "iam_client: x\npassword: \"canary",
        "iam_client: x\n password: canary: canary\n",
        "- canary",
        "canary",
        "{\"iam_client\": \"x\", \"password\": canary\"}",
        "iam_client: x\niam_client: y",
        "iam_client: x\niam_url: auth.destine.eu",
        "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
    ];
    let world = World::empty();
    let all = mistakes.map(|text| {
        service_file(&world, "mine.yaml", text);
        let ended = world.run(&["token", "mine"]);
        assert_eq!(ended.code, Some(2), "{text}: {ended:?}");
        assert_eq!(ended.stderr.matches('\n').count(), 1, "{text}: {ended:?}");
        assert!(!ended.stderr.contains("canary"), "{text}: {ended:?}");
        // Other profiles are none the worse.
        assert_eq!(world.run(&["config", "show", "dea"]).code, Some(0));
        format!("{text}\n{}\n", world.shown(&ended))
    });
    insta::assert_snapshot!(all.concat());
}

#[test]
fn what_a_services_file_lacks_is_named_as_that_file_spells_it() {
    let world = World::empty();
    let lacking = [
        "iam_redirect_uri: https://x.example.org/\n",
        "iam_client: x\n",
        "iam_client: x\niam_redirect_uri: https://x.example.org/\nexchange_config:\n  \
         token_url: https://x.example.org/token\n  audience: a\n",
    ];
    let all = lacking.map(|text| {
        service_file(&world, "mine.yaml", text);
        let file = world.config_directory().join("desp/mine.yaml");
        let by_name = world.run(&["token", "mine"]);
        let by_path = world.run(&["desp", "-c", file.to_str().unwrap()]);
        assert_eq!(world.shown(&by_name), world.shown(&by_path));
        world.shown(&by_name)
    });
    insta::assert_snapshot!(all.concat(), @r"
exit 2
err: auth: [HOME]/.config/auth/desp/mine.yaml:1: service `mine` has no `iam_client`; add `iam_client` to the file or set DESPAUTH_IAM_CLIENT
exit 2
err: auth: [HOME]/.config/auth/desp/mine.yaml:1: service `mine` has no `iam_redirect_uri`; add `iam_redirect_uri` to the file or set DESPAUTH_REDIRECT_URI
exit 2
err: auth: [HOME]/.config/auth/desp/mine.yaml:1: service `mine` has no `exchange_config.subject_issuer`; add `exchange_config.subject_issuer` to the file or set DESPAUTH_SUBJECT_ISSUER
");
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn w12_an_unknown_variable_is_one_line_with_the_nearest_name_and_a_file_of_others_is_refused() {
    let world = World::empty();
    let ended = |command: Command| world.shown(&finish(command));
    let token = || world.auth(&["token", "dea"]);
    let (mut typo, mut shape) = (token(), token());
    typo.env("DESPAUTH_IAM_CLIENTS", "x");
    shape.env("DESPAUTH_IAM_URL", "x");
    let variables = [ended(typo), ended(shape)].concat();
    home_file(&world, ".despauth.yaml", "user: ada\n");
    set_mode(&world.home().join(".despauth.yaml"), 0o606);
    let all = variables + &ended(token());
    insta::assert_snapshot!(all, @r#"
exit 2
err: auth: DESPAUTH_IAM_CLIENTS means nothing to services of Destination Earth; did you mean DESPAUTH_IAM_CLIENT?
exit 2
err: auth: DESPAUTH_IAM_URL must be a whole URL, such as https://example.org/path
exit 2
err: auth: everybody can write to the file [HOME]/.despauth.yaml; take that right away: chmod o-w [HOME]/.despauth.yaml
"#);
}
