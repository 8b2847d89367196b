//! Open Pectus: a program, and a person whose ID token is the credential.

use super::{PECTUS, SECRET, TENANT, claims, logged_in, tenant, with_variables, world, world_of};
use auth_testkit::{EntraApplication, Fault};

const VARIABLES: [(&str, &str); 3] = [
    ("AZURE_DIRECTORY_TENANT_ID", TENANT),
    ("AZURE_APPLICATION_CLIENT_ID", PECTUS),
    ("AZURE_CLIENT_SECRET", SECRET),
];

#[test]
fn a_program_sends_its_checked_token_alone_in_x_identity() {
    let world = world();
    let said = with_variables(&world, &["request", "pectus", "recent_runs/"], &VARIABLES).quiet();
    assert!(said.contains(r#""idtyp":"app""#), "{said}");
    let requests = world.server.requests();
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request.path().to_owned())
        .collect();
    let token = format!("/{TENANT}/oauth2/v2.0/token");
    let keys = format!("/{TENANT}/discovery/v2.0/keys");
    assert_eq!(paths, [&*token, &*keys, "/pectus/api/recent_runs/"]);
    assert_eq!(
        requests[0].field("scope"),
        Some(format!("{PECTUS}/.default"))
    );
    assert!(requests[2].header("x-identity").unwrap().starts_with("eyJ"));
    assert!(requests[2].header("authorization").is_none());
}

#[test]
fn without_configuration_all_that_its_server_reads_is_named_at_once() {
    let world = crate::world::World::empty();
    let ended = world.run(&["token", "pectus"]);
    let [tenant, client, _] = VARIABLES.map(|(name, _)| name);
    let all = [
        tenant,
        client,
        "AUTH_PECTUS_TENANT",
        "AUTH_PECTUS_CLIENT_ID",
    ];
    super::one_line(&ended, 2, &all);
    let rest = with_variables(&world, &["token", "pectus"], &VARIABLES[..1]);
    super::one_line(
        &rest,
        2,
        &["no `client-id`", client, "AUTH_PECTUS_CLIENT_ID"],
    );
    assert!(!rest.stderr.contains(tenant), "{}", rest.stderr);
    let rest = with_variables(&world, &["token", "pectus"], &VARIABLES[..2]);
    super::one_line(&rest, 2, &["AZURE_CLIENT_SECRET"]);
}

#[test]
fn a_token_that_its_server_would_refuse_is_not_handed_out() {
    let world = world();
    let keys = format!("/{TENANT}/discovery/v2.0/keys");
    let none = Fault::status(200).with_body("application/json", r#"{"keys":[]}"#);
    world.server.fault(&keys, none.always());
    let ended = with_variables(&world, &["token", "pectus"], &VARIABLES);
    assert_eq!(ended.stdout, "");
    assert!(matches!(ended.code, Some(1 | 5)), "{}", ended.stderr);
}

#[test]
fn a_persons_credential_is_the_id_token_of_a_registration_for_programs() {
    let pectus = EntraApplication::public(PECTUS).with_api_at("/pectus/api");
    let world = world_of(tenant().with_application(pectus));
    world.config(&format!(
        r#"
        [profile.me]
        kind = "entra"
        authority = "URL"
        tenant = "{TENANT}"
        client-id = "{PECTUS}"
        token = "id"
        header = "X-Identity"
        api = "URL/pectus/api"
        "#
    ));
    logged_in(&world, &["me"], "ada");
    let token = world.run(&["token", "me"]).quiet();
    let said = claims(&world, &token);
    assert_eq!(
        (&said["aud"], said["nonce"].is_null()),
        (&PECTUS.into(), true)
    );
    let said = world.run(&["request", "me", "recent_runs/"]).quiet();
    assert!(said.contains("Ada@contoso.example"), "{said}");
    let first = world.run(&["token", "me", "--refresh"]).quiet();
    assert_eq!(claims(&world, &first)["aud"], PECTUS);
}
