//! [`World`]: a home and servers of every kind, in which all secrets are known.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use auth_core::assertion::{Assertion, SigningKey};
use auth_core::session::Held;
use auth_testkit::Fault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::flow::{self, Flow};
use super::servers::{self, APPLICATION, CLUSTER, JOB, JWK, MIDDLE, PASSWORD, VAULT};
use crate::login::word_after;
use crate::world::{Ended, KEY, SECRET, finish, finish_with_stdin, set_mode};

pub(super) struct World {
    inner: crate::world::World,
    known: BTreeMap<String, String>,
    variables: Vec<(&'static str, String)>,
}

impl World {
    pub(super) fn new() -> Self {
        let inner = crate::world::World::empty();
        let jwk: Value = serde_json::from_str(JWK).unwrap();
        let server = &inner.server;
        servers::set_up(server, &jwk);
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
        self.inner.config(&servers::config());
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
        flow::all(&host, token.trim_end(), &import.unwrap())
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
