use auth_core::ErrorKind;
use auth_jwt_bearer::preset::disruptive_technologies::Credentials;
use auth_testkit::{DisruptiveAccount, Fault, Server, TestClock};
use poller::{Sensor, Sensors};
use serde_json::json;

const EMAIL: &str = "poller@plant.serviceaccount.d21s.com";
const PATH: &str = "/v2/projects/roof/devices";

fn set_up() -> (Server, Sensors) {
    let server = Server::new(TestClock::new());
    let devices = json!({ "devices": [{ "name": "north", "temperature": 4.5 }] });
    let account = DisruptiveAccount::new(EMAIL)
        .with_key("key", "secret")
        .with_project("Roof");
    server.add_disruptive_account(account.with_answer(PATH, devices));
    let credentials = Credentials::new("key", "secret".into(), EMAIL);
    let sensors = Sensors::new(&credentials, server.io()).unwrap();
    (server, sensors)
}

#[tokio::test(start_paused = true)]
async fn sensors_are_read_with_one_token() {
    let (server, sensors) = set_up();
    for _ in 0..3 {
        let name = "north".to_owned();
        assert_eq!(
            sensors.of("roof").await.unwrap(),
            [Sensor {
                name,
                temperature: 4.5
            }]
        );
    }
    assert_eq!(server.count("/oauth2/token"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_withdrawn_is_replaced_by_itself() {
    let (server, sensors) = set_up();
    server.fault(PATH, Fault::status(401));
    assert_eq!(sensors.of("roof").await.unwrap().len(), 1);
    assert_eq!(server.count("/oauth2/token"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_project_that_is_not_there_is_an_error() {
    let (_server, sensors) = set_up();
    let error = sensors.of("cellar").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Refused, Some(404))
    );
}
