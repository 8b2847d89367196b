//! The published facts, and the service accounts of the Data Lake.

use auth_core::session::Checked;
use auth_core::{ClientAuth, Io, TokenSource};
use auth_desp::preset::{self, Published};
use auth_desp::{Credentials, Exchange, Person, Platform};
use auth_testkit::{Client, Realm, Server, TestClock, User};
use insta::assert_snapshot;
use secrecy::SecretString;

#[test]
fn the_eight_services_are_as_their_own_client_has_them() {
    let facts = Published::ALL.map(|published| {
        let service = published.service();
        assert_eq!(service.name(), published.to_string());
        assert_eq!(service.is_offline(), service.scopes().len() == 2);
        let exchange = service.exchange().map(|exchange: &Exchange| {
            format!(
                "\n    {} {} {}\n    {} for {}",
                exchange.client_id(),
                exchange.subject_issuer(),
                exchange.token_url(),
                exchange.issuer().unwrap(),
                exchange.audience(),
            )
        });
        format!(
            "{published}: {} {}\n    {} at {}{}",
            service.client_id(),
            service.redirect_uri(),
            service.scopes().join(" "),
            service.host(),
            exchange.unwrap_or_default()
        )
    });
    assert_snapshot!(facts.join("\n"), @r"
    cacheb: edh-public https://cacheb.dcms.destine.eu/
        openid offline_access at cacheb.dcms.destine.eu
    dea: dea_client https://dea.destine.eu/
        openid at dea.destine.eu
    eden: hda-broker-public https://broker.eden.destine.eu/
        openid at broker.eden.destine.eu
    hda: dedl-hda https://hda.data.destination-earth.eu/stac
        openid at hda.data.destination-earth.eu
        hda-public desp-oidc https://identity.data.destination-earth.eu/auth/realms/dedl/protocol/openid-connect/token
        https://identity.data.destination-earth.eu/auth/realms/dedl for hda-public
    highway: highway-public https://highway.esa.int/sso/auth/realms/highway/broker/DESP_IAM_PROD/endpoint
        openid at highway.esa.int
        highway-public DESP_IAM_PROD https://highway.esa.int/sso/auth/realms/highway/protocol/openid-connect/token
        https://highway.esa.int/sso/auth/realms/highway for highway-public
    insula: insula-public https://insula.destine.eu/
        openid at insula.destine.eu
    polytope: polytope-api-public https://polytope.lumi.apps.dte.destination-earth.eu/
        openid offline_access at polytope.lumi.apps.dte.destination-earth.eu
    streamer: streaming-fe https://streamer.destine.eu/
        openid at streamer.destine.eu
    ");
}

#[test]
fn a_service_is_read_as_it_is_written_and_others_are_named() {
    for published in Published::ALL {
        assert_eq!(
            published.to_string().parse::<Published>().unwrap(),
            published
        );
    }
    let error = "cacheB".parse::<Published>().unwrap_err();
    assert_snapshot!(error, @"DestinE has no service cacheB; choose one of cacheb, dea, eden, hda, highway, insula, polytope, streamer");
}

#[test]
fn the_platform_and_the_data_lake_are_two_realms_and_three_bridges_take_one_token() {
    let platform = preset::platform(Io::new()).unwrap();
    assert_eq!(platform.issuer(), "https://auth.destine.eu/realms/desp");
    assert_eq!(
        platform.account_console().as_str(),
        "https://auth.destine.eu/realms/desp/account/"
    );
    let lake = preset::data_lake(Io::new()).unwrap();
    let hda = Published::Hda.service();
    assert_eq!(Some(lake.issuer()), hda.exchange().unwrap().issuer());
    let polytope = Published::Polytope.service();
    assert_eq!(polytope.host(), preset::DATA_BRIDGES[0].1);
    for (name, host) in preset::DATA_BRIDGES {
        assert_eq!(
            host,
            format!("polytope.{name}.apps.dte.destination-earth.eu")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_account_of_the_data_lake_asks_for_openid_with_its_secret() {
    let server = Server::new(TestClock::new());
    let client = Client::confidential("job", "s3cret+/%&");
    server.add_realm(Realm::new("dedl").with_base("/auth").with_client(client));
    let base = server.url("/auth/");
    let lake = Platform::new(base.as_str(), "dedl", server.io()).unwrap();
    let secret = SecretString::from("s3cret+/%&");
    let job = lake.service_account(ClientAuth::basic("job", secret));
    job.token().await.unwrap();
    job.token().await.unwrap();
    let requests = server.requests();
    let [request] = &requests[..] else {
        panic!("{} requests", requests.len())
    };
    assert_eq!(
        request.path(),
        "/auth/realms/dedl/protocol/openid-connect/token"
    );
    assert_eq!(request.field("grant_type").unwrap(), "client_credentials");
    assert_eq!(request.field("scope").unwrap(), "openid");
    let other = lake.service_account(ClientAuth::basic("job", SecretString::from("wrong")));
    let error = other.token().await.unwrap_err();
    assert_eq!(error.code(), Some("unauthorized_client"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn w18_each_service_gets_its_token_over_http_at_the_realms_of_the_testkit() {
    let server = Server::new(TestClock::new());
    for realm in Realm::destination_earth([User::new("ada", "pw")]) {
        server.add_realm(realm);
    }
    let platform = Platform::new(server.url("/").as_str(), preset::REALM, server.io()).unwrap();
    let secret = |text: &str| SecretString::from(text);
    let credentials = Credentials::new(secret("ada"), secret("pw"));
    let person = Person::new(platform, credentials, Checked::No);
    for published in Published::ALL {
        let mut service = published.service();
        let exchange = service.exchange().map(|exchange| {
            let url = server.url(exchange.token_url().path());
            let (client, alias) = (exchange.client_id(), exchange.subject_issuer());
            Exchange::new(url.as_str(), client, exchange.audience(), alias).unwrap()
        });
        if let Some(exchange) = exchange {
            service = service.with_exchange(exchange);
        }
        let token = person.source(&service).unwrap().token().await;
        token.unwrap_or_else(|error| panic!("{published}: {error}"));
    }
    let passwords = server.requests();
    let passwords = passwords
        .iter()
        .filter(|one| one.field("password").is_some());
    assert_eq!(passwords.count(), 1);
}
