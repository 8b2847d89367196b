//! The login that `az` has.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_azure::{AzOutput, AzureCli};
use auth_core::{CachedSource, Error, ErrorKind, Io, TokenSource};

use crate::azure::managed_identity::VAULT;
use crate::world::{HOUR, World};

type Calls = Arc<Mutex<Vec<Vec<String>>>>;

/// An `az` that says this, and the calls of it.
fn az(io: Io, success: bool, stdout: &str, stderr: &str) -> (AzureCli, Calls) {
    let calls = Calls::default();
    let (seen, output) = (calls.clone(), AzOutput::new(success, stdout.into(), stderr));
    let command = move |arguments| {
        seen.lock().unwrap().push(arguments);
        let output = output.clone();
        Box::pin(async { Ok(output) }) as auth_core::BoxFuture<'static, _>
    };
    (AzureCli::new(command, io), calls)
}

fn says(world: &World, success: bool, stdout: &str, stderr: &str) -> CachedSource {
    az(world.io(), success, stdout, stderr)
        .0
        .source(VAULT)
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn az_is_asked_once_for_a_resource_and_its_end_is_believed() {
    let world = World::new();
    let end = 1_767_225_600 + 3600;
    for end in [end.to_string(), format!("\"{end}\"")] {
        let json = format!(
            r#"{{"accessToken":"t","expiresOn":"2026-01-01 02:00:00.000000","expires_on":{end},
            "subscription":"s","tenant":"x","tokenType":"Bearer"}}"#
        );
        let (az, calls) = az(world.io(), true, &json, "WARNING: a new version is there");
        let source = az
            .with_tenant("contoso.org")
            .source("https://vault.azure.net/.default");
        let source = source.unwrap();
        let token = source.token().await.unwrap();
        assert_eq!((token.expose_secret(), world.rest(&token)), ("t", HOUR));
        source.token().await.unwrap();
        let calls = calls.lock().unwrap();
        let [call] = calls.as_slice() else {
            panic!("{calls:?}")
        };
        assert_eq!(
            call.join(" "),
            "account get-access-token --output json --resource https://vault.azure.net \
             --tenant contoso.org"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_az_without_a_login_is_absent_and_what_it_can_t_do_is_said() {
    let world = World::new();
    let login = "ERROR: Please run 'az login' to setup account.\n";
    let factor = "ERROR: AADSTS50076: you must use multi-factor authentication. Trace ID: 1\n\
                  Run the command below: az login --scope x\n";
    let old = r#"{"accessToken":"can4ry","expiresOn":"2026-01-01 02:00:00.000000"}"#;
    let ended = r#"{"accessToken":"can4ry","expires_on":1767225600}"#;
    let mut said = Vec::new();
    for (success, stdout, stderr, kind) in [
        (false, "", login, ErrorKind::Absent),
        (false, "", factor, ErrorKind::Refused),
        (false, "", "", ErrorKind::Refused),
        (true, old, "", ErrorKind::Protocol),
        (true, ended, "", ErrorKind::Protocol),
        (true, "{}", "", ErrorKind::Protocol),
        (true, "can4ry", "", ErrorKind::Protocol),
    ] {
        let error = says(&world, success, stdout, stderr)
            .token()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        said.push(error.to_string());
    }
    let said = said.join("\n");
    assert!(!said.contains("can4ry"), "{said}");
    insta::assert_snapshot!(said);
}

#[tokio::test(start_paused = true)]
async fn an_az_that_hangs_is_given_up_and_one_that_is_missing_is_absent() {
    let world = World::new();
    let never = |_| Box::pin(std::future::pending()) as auth_core::BoxFuture<'static, _>;
    let source = AzureCli::new(never, world.io()).source(VAULT).unwrap();
    let before = tokio::time::Instant::now();
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(before.elapsed(), Duration::from_secs(30));

    let missing = |_| {
        Box::pin(async { Err(Error::absent("az is not installed")) })
            as auth_core::BoxFuture<'static, _>
    };
    let source = AzureCli::new(missing, world.io()).source(VAULT).unwrap();
    assert_eq!(source.token().await.unwrap_err().kind(), ErrorKind::Absent);
}
