//! Applications that ask for themselves.

use auth_testkit::Fault;
use serde_json::Value;

use super::{API, ROBOT, SECRET, claims, tenant, with_variables, world};
use crate::world::World;

#[test]
fn a_secret_goes_into_the_body_and_the_token_is_the_applications() {
    let world = world();
    let token = world.run(&["token", "robot"]).quiet();
    let said = claims(&world, &token);
    assert_eq!((&said["aud"], &said["azp"]), (&API.into(), &ROBOT.into()));
    let requests = world.server.requests();
    let asked = requests.last().unwrap();
    assert_eq!(asked.field("client_secret").as_deref(), Some(SECRET));
    assert!(asked.header("authorization").is_none());
    // What is kept is not asked for again.
    world.run(&["token", "robot"]).quiet();
    assert_eq!(world.server.requests().len(), requests.len());
    world.run(&["request", "robot", "v1/things"]).quiet();
    let status = world.run(&["status", "robot"]);
    assert!(
        status.stdout.contains("robot: default at "),
        "{}",
        status.stdout
    );
}

/// Gives the robot another credential than its secret.
fn proven_by(world: &World, credential: &str) {
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let secret = "client-secret = { file = \"robot.secret\" }";
    assert!(config.contains(secret), "{config}");
    std::fs::write(&path, config.replace(secret, credential)).unwrap();
}

#[test]
fn a_certificate_signs_with_ps256_and_names_itself() {
    let world = world();
    proven_by(&world, "certificate = { file = \"robot.pem\" }");
    let token = world.run(&["token", "robot"]).quiet();
    assert_eq!(claims(&world, &token)["azp"], ROBOT);
    let requests = world.server.requests();
    let assertion = requests.last().unwrap().field("client_assertion").unwrap();
    let seen = crate::world::finish_with_stdin(world.auth(&["inspect"]), &assertion);
    let seen: Value = serde_json::from_str(&seen.stdout).unwrap();
    assert_eq!(seen["header"]["alg"], "PS256");
    assert!(seen["header"]["x5t#S256"].is_string(), "{seen}");
    assert!(seen["header"]["x5c"].is_null(), "{seen}");
}

#[cfg(feature = "pkcs12")]
#[test]
fn a_certificate_in_a_pkcs12_file_has_a_password_of_its_own() {
    let world = world();
    let path = world.config_directory().join("robot.pfx");
    let file = include_bytes!("../../../../../tests/it/azure/pkcs12/aes.pfx");
    std::fs::write(&path, file).unwrap();
    crate::world::set_mode(&path, 0o600);
    proven_by(
        &world,
        "certificate = { file = \"robot.pfx\" }\ncertificate-password = { file = \"password\" }",
    );
    world.secret("password", "canary");
    super::one_line(&world.run(&["token", "robot"]), 2, &["another password"]);
    world.secret("password", "s3cret of the file\n");
    let token = world.run(&["token", "robot"]).quiet();
    assert_eq!(claims(&world, &token)["azp"], ROBOT);
}

/// Lets the robot prove itself by assertions of the world's own issuer, and returns one.
fn assertion_of_a_cluster(world: &World) -> String {
    let issuer = world.listening().issuer();
    let robot = auth_testkit::EntraApplication::confidential(ROBOT, SECRET);
    let robot = robot.with_federated_credential(issuer, "workload");
    world
        .server
        .add_entra_tenant(tenant().with_application(robot));
    let client = auth_testkit::Client::confidential("workload", "pw");
    world
        .server
        .add_client(client.with_audience("api://AzureADTokenExchange"));
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let cluster = format!(
        "{config}\n[profile.cluster]\nkind = \"client-credentials\"\nissuer = \"{}\"\n\
         client-id = \"workload\"\nclient-secret = {{ env = \"CLUSTER\" }}\n",
        world.listening().issuer()
    );
    std::fs::write(&path, cluster).unwrap();
    let mut command = world.auth(&["token", "cluster", "--no-store"]);
    command.env("CLUSTER", "pw");
    crate::world::finish(command).quiet()
}

#[test]
fn a_federated_assertion_is_read_from_its_file_each_time() {
    let world = world();
    proven_by(&world, "client-assertion = { file = \"assertion\" }");
    let assertion = assertion_of_a_cluster(&world);
    world.secret("assertion", &assertion);
    let token = world.run(&["token", "robot"]).quiet();
    assert_eq!(claims(&world, &token)["azp"], ROBOT);
    let requests = world.server.requests();
    let asked = requests.last().unwrap();
    assert_eq!(
        asked.field("client_assertion").as_deref(),
        Some(assertion.trim())
    );
    assert_eq!(asked.path(), "/contoso.example/oauth2/v2.0/token");
}

#[test]
fn a_job_of_github_is_proven_by_what_github_says_of_it() {
    let world = world();
    proven_by(&world, "client-assertion = { github = true }");
    let assertion = assertion_of_a_cluster(&world);
    let answer = serde_json::json!({ "count": 1, "value": assertion.trim() }).to_string();
    let answer = Fault::status(200).with_body("application/json", answer);
    world.server.fault("/oidc", answer.always());
    let url = world.listening().url("/oidc?api-version=2.0").to_string();
    let job = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", &*url),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-of-the-job"),
    ];
    let token = with_variables(&world, &["token", "robot"], &job).quiet();
    assert_eq!(claims(&world, &token)["azp"], ROBOT);
    let requests = world.server.requests();
    let asked = requests.iter().find(|one| one.path() == "/oidc").unwrap();
    assert_eq!(
        asked.header("authorization"),
        Some("Bearer canary-of-the-job")
    );
    let audience = asked.query("audience");
    assert_eq!(audience.as_deref(), Some("api://AzureADTokenExchange"));
    // A job that has ended, and a GitHub that is down: nothing of the job's token is shown.
    for (fault, code) in [(Fault::status(401), 3), (Fault::status(503), 5)] {
        world.server.clear_faults();
        world.server.fault("/oidc", fault.always());
        let ended = with_variables(&world, &["token", "robot", "--refresh"], &job);
        super::one_line(&ended, code, &["GitHub answered"]);
    }
}
