//! The program `auth` on a machine of its own.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use auth_core::prompt::NoPrompt;
use auth_core::store::FileStore;
use auth_core::{ClientAuth, RefreshToken};
use tempfile::TempDir;
use url::Url;

use crate::browser::Browser;
use crate::keycloak::real::server::Server;

/// A home with profiles of each sort of person and job.
pub struct Home {
    pub server: Server,
    directory: TempDir,
}

impl Home {
    pub fn at_hand(realm: &str) -> Self {
        Self::of(Server::at_hand(), realm)
    }

    /// One whose profiles are of a realm of `server`.
    pub fn of(server: Server, realm: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let issuer = server.realm(realm).issuer().to_owned();
        let profile = |name: &str, client: &str, more: &str| {
            format!(
                "[profile.{name}]\nkind = \"keycloak\"\nissuer = \"{issuer}\"\nclient-id = \"{client}\"\n{more}\n"
            )
        };
        let text = [
            profile("ada", "client-tools", "scope = \"openid\""),
            profile("desktop", "desktop", "scope = \"openid\""),
            profile("maker", "automated-access", "scope = \"openid roles\""),
            profile(
                "lasting",
                "automated-access",
                "scope = \"openid offline_access\"",
            ),
            profile(
                "job",
                "automated-access",
                "refresh-token = { file = \"token.txt\" }",
            ),
            profile(
                "remote",
                "automated-access",
                "refresh-token = { env = \"OFFLINE\" }",
            ),
            profile("service", "exchanger", EXCHANGER),
            profile(
                "traded",
                "exchanger",
                &format!("{EXCHANGER}\nsubject = \"service\"\naudience = \"resource-api\""),
            )
            .replace("\"keycloak\"", "\"token-exchange\""),
        ];
        let home = Self { server, directory };
        fs::write(home.path("config.toml"), text.concat()).unwrap();
        fs::write(home.path("exchanger"), "exchanger-secret").unwrap();
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let variable = |name: &str| env::var_os(name).unwrap_or_else(|| panic!("{name}"));
        let mut command = Command::new(variable("AUTH_PROGRAM"));
        command.args(arguments).env_clear();
        command.current_dir(self.directory.path());
        command.env("HOME", self.directory.path());
        command.env("AUTH_CONFIG", self.path("config.toml"));
        command.env("AUTH_CA_FILE", variable("AUTH_KEYCLOAK_CA"));
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    #[track_caller]
    pub fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        said(&self.command(arguments).output().unwrap(), code)
    }

    /// The program, and what it has said when `part` has come.
    fn started(&self, arguments: &[&str], part: &str) -> (Child, String) {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.as_mut().unwrap());
        let mut said = String::new();
        while !said.lines().last().is_some_and(|line| line.contains(part)) {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        }
        (child, said)
    }

    /// Ada enters the code that the program shows, and presses a button, in a browser of its own.
    pub async fn device(&self, arguments: &[&str], button: &str) -> Output {
        let mut browser = self.server.browser();
        self.device_in(&mut browser, arguments, button).await
    }

    /// The same in a browser that may know her.
    pub async fn device_in(
        &self,
        browser: &mut Browser,
        arguments: &[&str],
        button: &str,
    ) -> Output {
        let (child, said) = self.started(arguments, "enter the code");
        let entry = browser.open(&address(&said, "auth: open ")).await;
        let code = word(&said, "enter the code ");
        let mut question = browser.fill(&entry, &[("device_user_code", &code)]).await;
        if question.has("password") {
            question = browser
                .fill(&question, &[("username", "ada"), ("password", "pw")])
                .await;
        }
        assert!(question.has(button), "{question:?}");
        browser.fill(&question, &[(button, "x")]).await;
        child.wait_with_output().unwrap()
    }

    /// Ada logs in on the page that the program shows, in a browser that may know her; then it is asked nothing.
    pub async fn page_in(&self, browser: &mut Browser, arguments: &[&str]) -> Output {
        let (child, said) = self.started(arguments, "log in at");
        let page = browser.open(&address(&said, "log in at ")).await;
        if page.has("password") {
            let fields = [("username", "ada"), ("password", "pw")];
            browser.fill(&page, &fields).await;
        }
        child.wait_with_output().unwrap()
    }

    /// Ada has logged in for `profile`.
    pub async fn logged_in(&self, profile: &str) {
        let login = ["login", profile, "--device-code"];
        said(&self.device(&login, "accept").await, 0);
    }

    /// The refresh token of Ada's login, as a program of ours finds it in the same store.
    pub async fn kept(&self, realm: &str) -> RefreshToken {
        self.kept_of(realm, "client-tools", &["openid"]).await
    }

    /// The same of another client, with these scopes.
    pub async fn kept_of(&self, realm: &str, client: &str, scopes: &[&str]) -> RefreshToken {
        let store = FileStore::new(self.path(".local/state/auth/tokens"));
        let realm = self.server.realm(realm).with_scopes(scopes.iter().copied());
        let client = ClientAuth::public(client);
        let person = realm.person(client, Arc::new(NoPrompt::new()));
        let source = person.with_store(Arc::new(store)).source();
        source.refresh_token().await.unwrap().unwrap()
    }

    pub async fn is_live(&self, realm: &str, client: &str, token: &RefreshToken) -> bool {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", token.expose_secret()),
        ];
        self.server.post(realm, "token", &form).await.status == 200
    }
}

const EXCHANGER: &str = "client-secret = { file = \"exchanger\" }";

/// What came on stdout and stderr.
#[track_caller]
pub fn said(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    (stdout, stderr)
}

fn word(text: &str, part: &str) -> String {
    let (_, rest) = text.split_once(part).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

pub fn address(text: &str, part: &str) -> Url {
    Url::parse(&word(text, part)).unwrap()
}
