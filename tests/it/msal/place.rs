//! [`Place`]: a tenant of Entra ID on loopback, as nobody has used it.

use auth_core::clock::SystemClock;
use auth_testkit::{
    Client, EntraApplication, EntraTenant, Listening, Received, Server, User, Visitor,
};
use serde_json::json;

use crate::testkit::{Form, post};

/// A server over https, and the files that its clients need.
pub struct Place {
    pub server: Server,
    pub listening: Listening,
    pub home: tempfile::TempDir,
}

pub const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
pub const DESKTOP: &str = "0fde62ae-2203-44a5-9722-73e965325ae7";
pub const ROBOT: &str = "7e307b14-2a27-4f66-ada8-ec6400eb4977";
pub const SECRET: &str = "s3cret~";
pub const API: &str = "0a4b8df7-5c97-42b2-be07-2bb25e06dbb2";
pub const OTHER_API: &str = "14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c";

impl Place {
    pub async fn open() -> Self {
        let server = Server::new(SystemClock::new());
        let listening = server.listen_tls(0).await.unwrap();
        let certificate = include_str!("../testkit/entra/rsa.cert.pem");
        let key = include_str!("../jwt_bearer/keys/rsa.pkcs8.pem");
        let robot = EntraApplication::confidential(ROBOT, SECRET)
            .with_certificate(certificate)
            .with_federated_credential(listening.issuer(), WORKLOAD)
            .with_scope("use");
        let api = EntraApplication::api(API).with_scope("read");
        server.add_entra_tenant(
            EntraTenant::new(TENANT)
                .with_application(EntraApplication::public(DESKTOP))
                .with_application(robot)
                .with_application(api.with_api_at("/v1"))
                .with_application(EntraApplication::api(OTHER_API).with_scope("read"))
                .with_user(User::new("ada", "pw"))
                .with_visitor(Visitor::logs_in("ada")),
        );
        let home = tempfile::tempdir().unwrap();
        let place = Self {
            server,
            listening,
            home,
        };
        let ca = place.listening.ca_pem().unwrap().to_owned();
        place.write("ca.pem", &ca);
        place.write("robot.pem", &format!("{key}{certificate}"));
        place.write("assertion", &place.workload().await);
        place.write("caller", &place.caller().await);
        place.server.clear_requests();
        place
    }

    pub fn origin(&self) -> String {
        let url = self.listening.url("/").to_string();
        url.trim_end_matches('/').to_owned()
    }

    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// The requests of a program, without those of a person's browser elsewhere.
    pub fn requests(&self) -> Vec<Received> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.path() != "/devicelogin");
        requests
    }

    /// A token of another issuer, as Kubernetes puts it into a file.
    async fn workload(&self) -> String {
        let client = Client::confidential(WORKLOAD, "pw");
        let client = client.with_audience("api://AzureADTokenExchange");
        self.server.add_client(client);
        let fields: Form<'_> = &[
            ("grant_type", "client_credentials"),
            ("client_id", WORKLOAD),
            ("client_secret", "pw"),
        ];
        let url = self.listening.url("/token");
        let reply = post(&self.server, &url, fields).await.unwrap();
        reply.text("access_token")
    }

    /// A person's token for the robot, with which its caller comes.
    async fn caller(&self) -> String {
        let issuer = self.listening.url(&format!("/{TENANT}/v2.0"));
        let scope = format!("api://{ROBOT}/.default");
        let token = self
            .server
            .login_at(issuer.as_str(), DESKTOP, "ada", &[&scope]);
        let token = token.unwrap();
        let fields: Form<'_> = &[
            ("grant_type", "refresh_token"),
            ("client_id", DESKTOP),
            ("refresh_token", token.expose_secret()),
        ];
        let url = self.listening.url(&format!("/{TENANT}/oauth2/v2.0/token"));
        let reply = post(&self.server, &url, fields).await.unwrap();
        reply.text("access_token")
    }
}

/// What an API asks for in a challenge.
pub fn claims() -> String {
    json!({ "access_token": { "nbf": { "essential": true, "value": "1604106651" } } }).to_string()
}

const WORKLOAD: &str = "workload";
