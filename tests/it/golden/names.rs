//! The names under which logins are found again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth_azure::preset::destiny::Environment;
use auth_azure::{AzureCli, Credential, Identity, ManagedIdentity, Tenant};
use auth_core::assertion::{Algorithm, SigningKey};
use auth_core::clock::Clock;
use auth_core::prompt::NoPrompt;
use auth_core::session::{Account, Checked};
use auth_core::store::{SessionKey, StoreKey};
use auth_core::token_file::RefreshTokenFile;
use auth_core::{
    AccessToken, AuthorizationCode, CachedSource, ClientAuth, ClientCredentials, DeviceCode, Error,
    Grant, Io, Prompt, RedirectUri, RefreshToken, StaticSource, TokenEndpoint, TokenExchange,
    grant::{FileRefreshToken, GivenRefreshToken},
};
use auth_desp::preset::Published;
use auth_desp::{Credentials, Person};
use auth_jwt_bearer::ServiceAccount;
use auth_jwt_bearer::preset::disruptive_technologies;
use auth_keycloak::Realm;
use secrecy::SecretString;
use url::Url;

use super::{ensure_golden, place};
use crate::world::World;

const FILE: &str = "names.txt";

const CHANGED: &str = "logins go by other names now. Whoever has such a login kept would be asked to log in again, jobs with \
                       nobody near would stop, and what was kept under the old name stays until somebody removes it. If it \
                       must be, CHANGELOG.md says so, for whom, and the list is written anew";

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn nobody() -> Arc<dyn Prompt> {
    Arc::new(NoPrompt::new())
}

fn desktop() -> ClientAuth {
    ClientAuth::public("desktop")
}

fn robot() -> ClientAuth {
    ClientAuth::basic("robot", secret("s3cret"))
}

/// Somebody's token, whose holder is known.
fn caller(io: &Io) -> Arc<StaticSource> {
    let now = io.clock().now().wall;
    let token = AccessToken::new(secret("access"), now, now + Duration::from_secs(60)).unwrap();
    let issuer = "https://login.example.org";
    Arc::new(StaticSource::of_caller(token, issuer, "ada", io))
}

/// One line of the list.
struct Line(&'static str, String, SessionKey, String);

impl Line {
    fn of(name: &'static str, key: &StoreKey) -> Self {
        let session = key.session();
        Self(name, session.digest(), session.clone(), key.question())
    }

    fn grant(name: &'static str, grant: &dyn Grant) -> Self {
        Self::of(name, &grant.key())
    }

    fn source(name: &'static str, source: &CachedSource) -> Self {
        Self::of(name, source.key())
    }

    fn session(name: &'static str, session: SessionKey) -> Self {
        Self::of(name, &StoreKey::new(session))
    }

    fn text(&self) -> String {
        let Self(name, digest, session, question) = self;
        let session = serde_json::to_string(session).unwrap();
        format!("{name}\n  {digest} {session}\n  {question}")
            .trim_end()
            .to_owned()
            + "\n"
    }
}

fn core(io: &Io) -> Vec<Line> {
    let issuer = "https://login.example.org";
    let at =
        |client| TokenEndpoint::new(url("https://login.example.org/token"), client, io.clone());
    let token = RefreshToken::new("given");
    let redirect = RedirectUri::new("http://127.0.0.1").unwrap();
    let exchange = TokenExchange::new(at(robot()), caller(io)).unwrap();
    let exchange = exchange
        .with_scopes(["b", "a"])
        .with_parameter("audience", "stock");
    let command = GivenRefreshToken::fetched(at(desktop()), secret("given"), "job: pass show job");
    let file = RefreshTokenFile::new("token.txt");
    let path = std::path::absolute("token.txt").unwrap();
    vec![
        Line::grant(
            "core, client credentials",
            &ClientCredentials::new(at(robot()))
                .with_scopes(["b", "a"])
                .with_parameter("audience", "stock"),
        ),
        Line::grant(
            "core, device code",
            &DeviceCode::new(at(desktop()), nobody()).with_scopes(["b", "a"]),
        ),
        Line::grant(
            "core, authorization code",
            &AuthorizationCode::new(at(desktop()), nobody(), redirect).with_scopes(["b", "a"]),
        ),
        Line::grant("core, exchange for a caller", &exchange),
        Line::grant(
            "core, exchange under a label",
            &TokenExchange::labelled(at(robot()), caller(io), "shared"),
        ),
        Line::grant(
            "core, a refresh token that was given",
            &GivenRefreshToken::new(at(desktop()), &token),
        ),
        Line::grant(
            "core, a refresh token of a command",
            &command.with_scopes(["a"]),
        ),
        Line::in_place(
            "core, a refresh token in a file",
            &FileRefreshToken::new(at(desktop()), file).key(),
            &path,
        ),
        Line::session(
            "core, an account",
            Account::new(issuer, "default", io).session().clone(),
        ),
        Line::session("core, everybody", SessionKey::of_everybody(issuer)),
    ]
}

fn jwt_bearer(io: &Io) -> Vec<Line> {
    let credentials = disruptive_technologies::Credentials::new(
        "key",
        secret("s3cret"),
        "robot@project.serviceaccount.d21s.com",
    );
    let key = SigningKey::new(secret("s3cret")).with_algorithm(Algorithm::Hs256);
    let account = ServiceAccount::new(
        url("https://login.example.org/token"),
        "robot",
        key,
        io.clone(),
    );
    let account = account
        .with_subject("ada")
        .with_scopes(["b", "a"])
        .with_scope_claim(["c"]);
    vec![
        Line::source(
            "jwt-bearer, Disruptive Technologies",
            &credentials.service_account(io.clone()).unwrap().source(),
        ),
        Line::source("jwt-bearer, another", &account.source()),
        Line::source(
            "jwt-bearer, a client, too",
            &account.with_client(robot()).source(),
        ),
    ]
}

fn keycloak(io: &Io) -> Vec<Line> {
    let realm = Realm::new("https://login.example.org", "factory", io.clone()).unwrap();
    let wide = realm.clone().with_scopes(["openid", "a"]);
    let old = auth_keycloak::preset::provena::Instance::new("provena.example.org", "provena")
        .realm(io.clone())
        .unwrap();
    let person = |realm: &Realm| realm.person(desktop(), nobody());
    let browser = RedirectUri::new("http://127.0.0.1").unwrap();
    vec![
        Line::source("keycloak, a service", &realm.service(robot())),
        Line::source("keycloak, a service with scopes", &wide.service(robot())),
        Line::source("keycloak, a person", &person(&realm).source()),
        Line::source("keycloak, a person with scopes", &person(&wide).source()),
        Line::source(
            "keycloak, a person in the browser",
            &person(&wide).with_browser(browser).source(),
        ),
        Line::source(
            "keycloak, another account",
            &person(&realm).with_account("work").source(),
        ),
        Line::source(
            "keycloak, an offline token",
            &realm.offline(desktop(), RefreshToken::new("given")),
        ),
        Line::source(
            "keycloak, an exchange",
            &realm.exchange(robot(), caller(io), "orders").unwrap(),
        ),
        Line::source("keycloak, Provena", &person(&old).source()),
        Line::source(
            "keycloak, DESTINY",
            &person(
                &auth_keycloak::preset::destiny::Environment::Production
                    .realm(io.clone())
                    .unwrap(),
            )
            .source(),
        ),
    ]
}

fn azure(io: &Io) -> Vec<Line> {
    let tenant = Tenant::new("contoso.onmicrosoft.com", io.clone()).unwrap();
    let person = tenant.person("desktop", nobody());
    let application = tenant.application("robot", &Credential::secret(secret("s3cret")));
    let machine = ManagedIdentity::virtual_machine(io.clone());
    let assigned = |identity| {
        machine
            .clone()
            .with_identity(identity)
            .source("https://vault.azure.net")
            .unwrap()
    };
    let app = ManagedIdentity::app(
        url("http://127.0.0.1:41741/MSI/token/"),
        secret("header"),
        io.clone(),
    )
    .unwrap();
    let arc = ManagedIdentity::arc(
        url("http://127.0.0.1:40342/metadata/identity/oauth2/token"),
        "keys",
        io.clone(),
    )
    .unwrap();
    let az = AzureCli::new(
        |_| Box::pin(async { Err(Error::absent("no az")) }),
        io.clone(),
    );
    let destiny = Environment::Production;
    vec![
        Line::source(
            "azure, a person",
            &person.source(["https://graph.microsoft.com/User.Read"]),
        ),
        Line::source(
            "azure, the same for another API",
            &person.source(["api://their-api/.default"]),
        ),
        Line::source("azure, the ID token of a person", &person.id_source()),
        Line::source(
            "azure, another account",
            &person.clone().with_account("work").source(["a"]),
        ),
        Line::source(
            "azure, a configured user",
            &person.clone().with_user("ada@contoso.com").source(["a"]),
        ),
        Line::source(
            "azure, an application",
            &application.source("api://their-api/.default").unwrap(),
        ),
        Line::source(
            "azure, on behalf of a caller",
            &application
                .on_behalf_of(caller(io), ["api://their-api/.default"])
                .unwrap(),
        ),
        Line::source("azure, a virtual machine", &assigned(Identity::System)),
        Line::source(
            "azure, by client id",
            &assigned(Identity::ClientId("robot".to_owned())),
        ),
        Line::source(
            "azure, by object id",
            &assigned(Identity::ObjectId("object".to_owned())),
        ),
        Line::source(
            "azure, by resource id",
            &assigned(Identity::ResourceId("/subscriptions/1".to_owned())),
        ),
        Line::source(
            "azure, an app",
            &app.source("https://vault.azure.net").unwrap(),
        ),
        Line::source(
            "azure, a server of Azure Arc",
            &arc.source("https://vault.azure.net").unwrap(),
        ),
        Line::source("azure, az", &az.source("https://vault.azure.net").unwrap()),
        Line::source(
            "azure, az in a tenant",
            &az.with_tenant("contoso.onmicrosoft.com")
                .source("https://vault.azure.net")
                .unwrap(),
        ),
        Line::source(
            "azure, DESTINY",
            &destiny
                .tenant(io.clone())
                .unwrap()
                .person(destiny.client(), nobody())
                .source([destiny.scope()]),
        ),
    ]
}

fn desp(io: &Io) -> Vec<Line> {
    let credentials = || Credentials::new(secret("ada"), secret("pass"));
    let platform = || auth_desp::preset::platform(io.clone()).unwrap();
    let person = Person::new(platform(), credentials(), Checked::No);
    let work = Person::new(platform(), credentials(), Checked::No).with_account("work");
    let lake = auth_desp::preset::data_lake(io.clone()).unwrap();
    let login = |service: Published| person.login(&service.service()).unwrap();
    vec![
        Line::source("desp, cacheb", &login(Published::Cacheb)),
        Line::source("desp, dea", &login(Published::Dea)),
        Line::source("desp, eden", &login(Published::Eden)),
        Line::source("desp, hda", &login(Published::Hda)),
        Line::source("desp, highway", &login(Published::Highway)),
        Line::source("desp, insula", &login(Published::Insula)),
        Line::source("desp, polytope", &login(Published::Polytope)),
        Line::source("desp, streamer", &login(Published::Streamer)),
        Line::source(
            "desp, highway's tokens",
            &person.source(&Published::Highway.service()).unwrap(),
        ),
        Line::source(
            "desp, another account",
            &work.login(&Published::Cacheb.service()).unwrap(),
        ),
        Line::session(
            "desp, the account of a person",
            person.account().session().clone(),
        ),
        Line::source(
            "desp, a service account of the Data Lake",
            &lake.service_account(robot()),
        ),
    ]
}

impl Line {
    /// Where the name has this clone's folder in it.
    fn in_place(name: &'static str, key: &StoreKey, path: &Path) -> Self {
        let folder: PathBuf = path.parent().unwrap().to_owned();
        let session = key.session();
        let label = session
            .account()
            .replace(&*folder.to_string_lossy(), "<folder>");
        Self::of(
            name,
            &key.clone()
                .with_session(session.clone().with_account(label)),
        )
    }
}

fn now() -> String {
    let io = World::new().io();
    let all = [
        core(&io),
        jwt_bearer(&io),
        keycloak(&io),
        azure(&io),
        desp(&io),
    ];
    all.iter().flatten().map(Line::text).collect()
}

#[tokio::test(start_paused = true)]
#[cfg_attr(windows, ignore = "the golden files have paths of Unix")]
async fn a_login_goes_by_the_name_that_it_always_had() {
    ensure_golden(FILE, &now(), CHANGED);
}

#[tokio::test(start_paused = true)]
#[ignore = "writes the golden file anew"]
async fn the_golden_names_are_written() {
    std::fs::write(place().join(FILE), now()).unwrap();
}
