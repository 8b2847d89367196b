//! [`World`]: a home and servers of every kind, in which all secrets are known, and the ways through it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use auth_core::assertion::{Assertion, SigningKey};
use auth_core::session::Held;
use auth_testkit::{Client, EntraApplication, EntraTenant, Fault, Policy, Realm, User, Visitor};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::login::word_after;
use crate::world::{Ended, KEY, SECRET, finish, finish_with_stdin, set_mode};

/// One run of the program.
pub(super) struct Flow {
    pub(super) line: Vec<&'static str>,
    /// How it may end.
    pub(super) ends: &'static [i32],
    pub(super) stdout: Stdout,
    stdin: Option<String>,
    /// Somebody who enters the code, or follows the address, that is shown.
    person: bool,
}

/// What stdout is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stdout {
    /// A secret that was asked for.
    Secret,
    /// Anything but one.
    Plain,
}

impl Flow {
    pub(super) fn new(line: &[&'static str]) -> Self {
        Self {
            line: line.to_vec(),
            ends: &[0],
            stdout: Stdout::Plain,
            stdin: None,
            person: false,
        }
    }

    fn asked(line: &[&'static str]) -> Self {
        let stdout = Stdout::Secret;
        Self {
            stdout,
            ..Self::new(line)
        }
    }

    fn person(line: &[&'static str]) -> Self {
        let person = true;
        Self {
            person,
            ..Self::new(line)
        }
    }

    fn with_stdin(self, text: &str) -> Self {
        let stdin = Some(text.to_owned());
        Self { stdin, ..self }
    }

    fn ending(self, ends: &'static [i32]) -> Self {
        Self { ends, ..self }
    }
}

pub(super) struct World {
    inner: crate::world::World,
    known: BTreeMap<String, String>,
    variables: Vec<(&'static str, String)>,
}

const PASSWORD: &str = "canary-password-of-the-person";
const APPLICATION: &str = "canary-secret-of-the-application";
const JOB: &str = "canary-token-of-the-job-at-the-forge";
const VAULT: &str = "canary-secret-out-of-the-vault";
const MIDDLE: &str = "canary-secret-of-the-middle+/=&";
const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
const DESKTOP: &str = "7164ff26-4078-4107-850f-57b43b97f605";
const ROBOT: &str = "7e307b14-2a27-4f66-ada8-ec6400eb4977";
const JWK: &str = include_str!("../../../../../../tests/it/jwt_bearer/keys/ec.jwk.json");
const CLUSTER: &str = "https://cluster.test";

impl World {
    pub(super) fn new() -> Self {
        let inner = crate::world::World::empty();
        let jwk: Value = serde_json::from_str(JWK).unwrap();
        let server = &inner.server;
        server.set_policy(Policy::new().with_device_interval(Duration::from_secs(1)));
        server.set_visitor(Visitor::logs_in("ada"));
        server.add_client(Client::confidential("vault", VAULT));
        server.add_client(Client::confidential("middle", MIDDLE));
        server.add_client(Client::signing("signer", &jwk));
        server.add_client(Client::federated("reader", CLUSTER, "reader", &jwk));
        let desp = |name: &str, redirect: &str| {
            let scopes = ["openid", "offline_access"];
            Client::public(name)
                .with_scopes(scopes)
                .with_redirect(redirect)
        };
        server.add_realm(
            Realm::new("desp")
                .with_policy(Policy::of_keycloak())
                .with_client(desp("edh-public", "https://cacheb.dcms.destine.eu/"))
                .with_user(User::new("ada", PASSWORD)),
        );
        let policy = Policy::of_entra().with_device_interval(Duration::from_secs(1));
        server.add_entra_tenant(
            EntraTenant::new(TENANT)
                .with_policy(policy)
                .with_application(EntraApplication::public(DESKTOP))
                .with_application(EntraApplication::confidential(ROBOT, APPLICATION))
                .with_application(EntraApplication::api(API).with_scope("use"))
                .with_user(User::new("ada", PASSWORD)),
        );
        let (ada, taken) = (
            server.login("desktop", "ada", &["read"]),
            server.login("desktop", "ada", &["read"]),
        );
        let mut world = Self {
            inner,
            known: BTreeMap::new(),
            variables: Vec::new(),
        };
        world.knows("the refresh token of a job", ada.expose_secret());
        world.inner.secret("ada.token", ada.expose_secret());
        let import = json!({ "access_token": "x", "refresh_token": taken.expose_secret() });
        world.knows("the refresh token of another client", taken.expose_secret());
        world.inner.secret("tokens.json", &import.to_string());
        world.inner.secret("jwk", JWK);
        world.knows("a private key", jwk["d"].as_str().unwrap());
        world.configure();
        world.forge();
        world.spy();
        world
    }

    fn knows(&mut self, name: &str, secret: &str) {
        self.known.insert(secret.to_owned(), name.to_owned());
    }

    fn set(&mut self, variable: &'static str, secret: &str) {
        self.knows(variable, secret);
        self.variables.push((variable, secret.to_owned()));
    }

    fn configure(&mut self) {
        self.set("AUTH_LAB_CLIENT_SECRET", SECRET);
        self.set("MIDDLE", MIDDLE);
        self.set("AUTH_CACHEB_PASSWORD", PASSWORD);
        self.set("DT_SERVICE_ACCOUNT_SECRET", KEY);
        self.set("AUTH_AZURE_CLIENT_SECRET", APPLICATION);
        self.knows("the vault's secret", VAULT);
        for (name, value) in [
            ("DT_SERVICE_ACCOUNT_KEY_ID", crate::world::KEY_ID),
            ("DT_SERVICE_ACCOUNT_EMAIL", crate::world::EMAIL),
        ] {
            self.variables.push((name, value.to_owned()));
        }
        let url = self.inner.listening().url("/").to_string();
        self.variables.push(("DESPAUTH_IAM_URL", url));
        self.inner.config(CONFIG);
    }

    /// A forge that says who a job is, and a cluster that does.
    fn forge(&mut self) {
        let key = SigningKey::new(SecretString::from(JWK));
        let issuer = self.inner.listening().issuer();
        let assertion = Assertion::new(CLUSTER, key).with_subject("reader");
        let assertion = assertion.with_audience(issuer).with_jti();
        let assertion = self.inner.block_on(async {
            let assertion = assertion.revealed(&Held::new()).await.unwrap();
            assertion.signed_at(SystemTime::now()).unwrap()
        });
        let assertion = assertion.expose_secret().to_owned();
        self.inner.secret("assertion", &assertion);
        let answer = json!({ "value": assertion }).to_string();
        self.knows("an assertion", &assertion);
        let answer = Fault::status(200).with_body("application/json", answer);
        self.inner.server.fault("/oidc", answer.always());
        let url = self.inner.listening().url("/oidc").to_string();
        self.variables.push(("ACTIONS_ID_TOKEN_REQUEST_URL", url));
        self.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", JOB);
    }

    /// Programs that this one runs, which note all that they are told, and what others see of it.
    fn spy(&mut self) {
        let seen = self.home().join("seen");
        std::fs::create_dir(&seen).unwrap();
        let seen = seen.display();
        let note = format!(
            "cp \"${{1#file://}}\" {seen}/page.part 2>/dev/null && mv {seen}/page.part {seen}/page\n\
             name={seen}/$(basename \"$0\").$$\nenv > $name.environment\n\
             tr '\\0' ' ' < /proc/$$/cmdline > $name.arguments\n\
             tr '\\0' ' ' < /proc/$PPID/cmdline > $name.parent\n"
        );
        for (name, then) in [
            ("vault", format!("echo {VAULT}")),
            ("browser", "exit 0".to_owned()),
        ] {
            let path = self.home().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{note}{then}\n")).unwrap();
            set_mode(&path, 0o700);
        }
        let browser = self.home().join("browser").display().to_string();
        self.variables.push(("BROWSER", browser));
    }

    /// Every command, and every flow that gets a token.
    pub(super) fn flows(&self) -> Vec<Flow> {
        let import = std::fs::read_to_string(self.inner.config_directory().join("tokens.json"));
        let token = self.run(&Flow::asked(&["token", "lab"])).stdout;
        let host = self.inner.listening().url("/").authority().to_owned();
        vec![
            Flow::asked(&["token", "lab", "--refresh"]),
            Flow::asked(&["token", "lab", "--format", "env"]),
            Flow::asked(&["token", "lab", "--format", "curl"]),
            Flow::asked(&["token", "lab", "--format", "netrc"]),
            Flow::new(&["token", "lab", "--format", "github"]).ending(&[2]),
            // What else than the token that it is given the program knows.
            Flow::new(&["exec", "-vv", "lab", "--", "sh", "-c", LOOK]),
            Flow::new(&["exec", "-vv", "lab", "--", "no-such-program"]).ending(&[127]),
            Flow::asked(&["kubernetes", "lab"]),
            Flow::asked(&["git-credential", "lab", "get"])
                .with_stdin(&format!("protocol=https\nhost={host}\n")),
            Flow::new(&["git-credential", "lab", "erase"]).with_stdin(&format!(
                "protocol=https\nhost={host}\npassword={}\n",
                token.trim_end()
            )),
            Flow::new(&["git-credential", "lab", "store"])
                .with_stdin(&format!("password={}\r\n", token.trim_end()))
                .ending(&[2]),
            Flow::asked(&["docker-credential", "lab", "get"]).with_stdin(&host),
            Flow::new(&["docker-credential", "lab", "store"])
                .with_stdin(&json!({ "Secret": token.trim_end() }).to_string())
                .ending(&[2]),
            Flow::asked(&["bazel-credential", "lab", "get"])
                .with_stdin(&json!({ "uri": format!("https://{host}/") }).to_string()),
            Flow::asked(&["token", "lab", "--format", "json"]),
            Flow::asked(&["token", "ada"]),
            Flow::asked(&["token", "kept", "--refresh"]),
            Flow::asked(&["token", "signer"]),
            Flow::asked(&["token", "reader"]),
            Flow::asked(&["token", "account"]),
            Flow::asked(&["token", "job"]),
            Flow::asked(&["token", "disruptive"]),
            Flow::asked(&["token", "azure"]),
            Flow::asked(&["token", "cacheb"]),
            Flow::person(&["login", "person", "--device-code"]),
            Flow::person(&["login", "person", "--browser"]),
            Flow::person(&["login", "entra", "--device-code"]),
            Flow::asked(&["token", "person", "--refresh"]),
            Flow::asked(&["token", "traded"]),
            Flow::asked(&["kubernetes", "person"]),
            Flow::new(&["whoami", "person"]),
            Flow::new(&["whoami", "lab"]),
            Flow::new(&["request", "person", "whoami"]),
            Flow::new(&["request", "lab", "whoami"]),
            Flow::new(&["netrc", "cacheb", "--file", "netrc"]),
            Flow::asked(&["desp", "-s", "cacheb", "-p"]),
            Flow::person(&[
                "offline-token",
                "person",
                "--device-code",
                "--output",
                "made",
            ]),
            Flow::new(&["import", "taken", "-"]).with_stdin(&import.unwrap()),
            Flow::new(&["verify", "--profile", "lab", "--audience", "api"]).with_stdin(&token),
            Flow::new(&[
                "verify",
                "--profile",
                "lab",
                "--audience",
                "api",
                "--introspect",
            ])
            .with_stdin(&token),
            Flow::new(&["verify", "--profile", "lab", "--audience", "no"])
                .with_stdin(&token)
                .ending(&[3]),
            Flow::new(&["inspect"]).with_stdin(&token),
            Flow::new(&["status"]),
            Flow::new(&["status", "--json"]),
            Flow::new(&["profiles"]),
            Flow::new(&["profiles", "--json"]),
            Flow::new(&["config", "show", "lab"]),
            Flow::new(&["config", "show", "traded", "--json"]),
            Flow::new(&["completions", "bash"]),
            Flow::new(&["demo"]),
            Flow::new(&["emulator", "--port", "no"]).ending(&[2]),
            Flow::asked(&["token", "wrong"]).ending(&[3]),
            Flow::new(&["logout", "person"]),
            Flow::new(&["logout", "--all"]),
        ]
    }

    pub(super) fn run(&self, flow: &Flow) -> Ended {
        let line = [&flow.line[..], &["-vv"]].concat();
        let mut command: Command = self.inner.auth(&line);
        let variables = self.variables.iter();
        command.envs(variables.map(|(name, value)| (*name, value.as_str())));
        if let Some(stdin) = &flow.stdin {
            return finish_with_stdin(command, stdin);
        }
        if !flow.person {
            return finish(command);
        }
        self.with_a_person(command, flow)
    }

    /// The program, and somebody who does what it says on stderr.
    fn with_a_person(&self, mut command: Command, flow: &Flow) -> Ended {
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let is_browser = flow.line.contains(&"--browser");
        if is_browser {
            self.inner.follow(&self.opened());
        } else {
            while !said.contains("enter the code ") || !said.ends_with('\n') {
                assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
            }
            let code = word_after(&said, "enter the code ");
            assert!(self.inner.server.allow_device(&code, "ada"), "{said}");
        }
        stderr.read_to_string(&mut said).unwrap();
        let mut stdout = String::new();
        let mut printed = child.stdout.take().unwrap();
        printed.read_to_string(&mut stdout).unwrap();
        Ended {
            code: child.wait().unwrap().code(),
            stdout,
            stderr: said,
        }
    }

    /// Where the page leads that the browser was asked to open.
    fn opened(&self) -> String {
        let page = self.home().join("seen/page");
        let text = loop {
            match std::fs::read_to_string(&page) {
                Ok(text) => break text,
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let (_, rest) = text.split_once("0; url=").unwrap();
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }

    /// All secrets: those that were there, and those that were sent.
    pub(super) fn secrets(&self) -> BTreeMap<String, String> {
        let mut all = self.known.clone();
        for request in self.inner.server.requests() {
            for (name, value) in request.form() {
                if SENT.contains(&&*name) && !value.is_empty() {
                    all.insert(value, format!("the `{name}` of a request"));
                }
            }
            let header = request.header("authorization").unwrap_or_default();
            if let Some((_, secret)) = header.split_once(' ') {
                all.insert(secret.to_owned(), "an Authorization header".to_owned());
            }
        }
        all
    }

    /// What the programs that were run were told, and what they saw.
    pub(super) fn children(&self) -> Vec<(String, String)> {
        let all = std::fs::read_dir(self.home().join("seen")).unwrap();
        let all = all.map(|entry| entry.unwrap().path());
        let all = all.filter(|path| path.extension().is_some());
        let all: Vec<_> = all
            .map(|path| {
                (
                    path.display().to_string(),
                    std::fs::read_to_string(&path).unwrap(),
                )
            })
            .collect();
        for kind in ["vault", "browser"] {
            assert!(
                all.iter().any(|(place, _)| place.contains(kind)),
                "{kind} was not run"
            );
        }
        all
    }

    pub(super) fn home(&self) -> &Path {
        self.inner.home()
    }

    pub(super) fn store(&self) -> PathBuf {
        self.inner.store()
    }

    /// Files that were asked for, secrets in them.
    pub(super) fn outputs(&self) -> [&'static str; 2] {
        ["netrc", "made"]
    }

    /// What was there before the program came, or is looked at by itself.
    pub(super) fn is_given(&self, path: &Path) -> bool {
        let given = [
            self.inner.config_directory(),
            self.home().join("seen"),
            self.home().join("vault"),
        ];
        given.iter().any(|place| path.starts_with(place))
    }
}

/// The fields of requests that hold secrets.
const SENT: [&str; 12] = [
    "access_token",
    "actor_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "password",
    "refresh_token",
    "subject_token",
    "token",
];

/// A program's environment and arguments, without the token that it was given.
const LOOK: &str = "unset AUTH_TOKEN; env; tr '\\0' ' ' < /proc/$$/cmdline";

const API: &str = "e314440e-f72c-4b8e-89c1-7eefef4b55ed";

const CONFIG: &str = r#"
    [profile.lab]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "robot"
    scope = ["read", "write"]
    api = "URL/api"

    [profile.ada]
    kind = "refresh"
    issuer = "ISSUER"
    client-id = "desktop"
    refresh-token = { file = "ada.token" }

    [profile.kept]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "vault"
    client-secret = { command = ["./vault"] }

    [profile.signer]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "signer"
    key = { file = "jwk" }

    [profile.reader]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "reader"
    client-assertion = { file = "assertion" }

    [profile.account]
    kind = "jwt-bearer"
    issuer = "ISSUER"
    assertion = { file = "assertion" }

    [profile.job]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "reader"
    client-assertion = { github = true }

    [profile.disruptive]
    token-url = "URL/oauth2/token"
    api = "URL/v2"

    [profile.azure]
    kind = "entra"
    authority = "URL"
    tenant = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35"
    client-id = "7e307b14-2a27-4f66-ada8-ec6400eb4977"
    scope = "api://e314440e-f72c-4b8e-89c1-7eefef4b55ed/.default"

    [profile.entra]
    kind = "entra"
    authority = "URL"
    tenant = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35"
    client-id = "7164ff26-4078-4107-850f-57b43b97f605"
    scope = "api://e314440e-f72c-4b8e-89c1-7eefef4b55ed/use"

    [profile.person]
    kind = "oidc"
    issuer = "ISSUER"
    client-id = "desktop"
    client-auth = "none"
    scope = "openid read"
    api = "URL/api"

    [profile.traded]
    kind = "token-exchange"
    issuer = "ISSUER"
    client-id = "middle"
    client-secret = { env = "MIDDLE" }
    subject = "person"

    [profile.cacheb]
    iam-url = "URL"
    user = "ada"

    [profile.taken]
    kind = "oidc"
    issuer = "ISSUER"
    client-id = "desktop"
    scope = "read"

    [profile.wrong]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "robot"
    client-secret = { env = "MIDDLE" }
    "#;
