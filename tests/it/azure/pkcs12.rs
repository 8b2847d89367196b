//! Certificates in PKCS#12 files. Those beside this file were made by OpenSSL 3.0 out of the tests' key and certificate, in
//! all the ways that programs write such files.

use std::path::{Path, PathBuf};

use auth_azure::{Application, Certificate, Credential};
use auth_core::{ErrorKind, TokenSource};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use insta::assert_snapshot;
use secrecy::SecretString;
use serde_json::Value;

use super::world::{API, CERTIFICATE, Entra, KEY, ROBOT, TENANT, scope};

const PASSWORD: &str = "s3cret of the file";

fn file(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/azure/pkcs12");
    here.join(name)
}

fn of(path: &Path, password: Option<&str>) -> Certificate {
    let certificate = Certificate::file(path);
    match password {
        Some(password) => certificate.with_password(SecretString::from(password)),
        None => certificate,
    }
}

/// The header of the assertion that proved the robot, who got a token with it.
async fn header(world: &Entra, robot: Application) -> Value {
    let source = robot.source(&scope(API)).unwrap();
    source.token().await.unwrap();
    let jwt = world.last_form().field("client_assertion").unwrap();
    let header = URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap());
    serde_json::from_slice(&header.unwrap()).unwrap()
}

#[tokio::test]
async fn a_file_of_every_usual_encryption_signs_as_its_pem_does() {
    let world = Entra::new();
    let pem = Certificate::pem(SecretString::from(format!("{KEY}{CERTIFICATE}")));
    let as_pem = header(&world, world.robot(&Credential::certificate(pem))).await;
    for (name, password) in [
        ("aes.pfx", Some(PASSWORD)),
        ("3des.pfx", Some(PASSWORD)),
        ("legacy.pfx", Some(PASSWORD)),
        ("macless.pfx", Some(PASSWORD)),
        ("empty.pfx", None),
        ("empty.pfx", Some("")),
        ("open.pfx", None),
    ] {
        let credential = Credential::certificate(of(&file(name), password));
        let seen = header(&world, world.robot(&credential)).await;
        assert_eq!(seen, as_pem, "{name}");
    }
}

#[tokio::test]
async fn what_it_holds_decides_and_not_what_its_name_ends_with() {
    let world = Entra::new();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("robot.pfx");
    std::fs::write(&path, format!("{CERTIFICATE}{KEY}")).unwrap();
    // A password that is there for another kind of file does no harm.
    let credential = Credential::certificate(of(&path, Some(PASSWORD)));
    header(&world, world.robot(&credential)).await;
    let path = directory.path().join("robot.pem");
    std::fs::copy(file("aes.pfx"), &path).unwrap();
    let certificate = of(&path, Some(PASSWORD)).with_chain();
    let seen = header(&world, world.robot(&Credential::certificate(certificate))).await;
    let chain = seen["x5c"].as_array().unwrap();
    assert_eq!(
        chain.len(),
        2,
        "the certificate of the key, and the one beside it"
    );
    let own: String = CERTIFICATE
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    assert_eq!(chain[0], own.as_str());
}

#[tokio::test]
async fn a_vault_hands_it_out_in_base64() {
    let world = Entra::new();
    let bytes = std::fs::read(file("empty.pfx")).unwrap();
    let text = STANDARD.encode(bytes);
    let (first, second) = text.split_at(64);
    let certificate = Certificate::pem(SecretString::from(format!("{first}\n{second}\n")));
    header(&world, world.robot(&Credential::certificate(certificate))).await;
}

#[tokio::test]
async fn variables_name_the_file_and_its_password() {
    let world = Entra::new();
    let path = file("aes.pfx").display().to_string();
    let variable = |name: &str| {
        let value = match name {
            "AZURE_TENANT_ID" => TENANT,
            "AZURE_CLIENT_ID" => ROBOT,
            "AZURE_CLIENT_CERTIFICATE_PATH" => &path,
            "AZURE_CLIENT_CERTIFICATE_PASSWORD" => PASSWORD,
            _ => return None,
        };
        Some(SecretString::from(value))
    };
    let robot = Application::from_environment(variable, world.io()).unwrap();
    header(&world, robot).await;
}

#[tokio::test]
async fn what_is_wrong_with_such_a_file_is_one_line_that_says_what_to_do() {
    let world = Entra::new();
    let directory = tempfile::tempdir().unwrap();
    let cut = directory.path().join("cut.pfx");
    let whole = std::fs::read(file("aes.pfx")).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let der = directory.path().join("robot.cer");
    let text: String = CERTIFICATE
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    std::fs::write(&der, STANDARD.decode(text).unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, password) in [
        (file("aes.pfx"), Some("another")),
        (file("aes.pfx"), None),
        (file("macless.pfx"), Some("another")),
        (file("legacy.pfx"), Some("another")),
        (file("keyless.pfx"), Some(PASSWORD)),
        (file("bare.pfx"), Some(PASSWORD)),
        (file("rc2-128.pfx"), Some(PASSWORD)),
        (cut, Some(PASSWORD)),
        (der, None),
    ] {
        let robot = world.robot(&Credential::certificate(of(&path, password)));
        let error = robot
            .source(&scope(API))
            .unwrap()
            .token()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        let shown = error.to_string();
        assert!(
            !shown.contains("another\"") && !shown.contains(PASSWORD),
            "{shown}"
        );
        let folder = path.parent().unwrap().display().to_string();
        all.push(shown.replace(&folder, "<dir>"));
    }
    assert_eq!(world.asked(), 0, "nothing is sent");
    assert_snapshot!(crate::shown::portable(&all.join("\n")), @"
    <dir>/aes.pfx: the PKCS#12 file has another password; give the one that it was exported with
    <dir>/aes.pfx: the PKCS#12 file has a password, and none is given; give it: `certificate-password` of the profile, `Certificate::with_password` in a program
    <dir>/macless.pfx: the PKCS#12 file has another password; give the one that it was exported with
    <dir>/legacy.pfx: the PKCS#12 file has another password; give the one that it was exported with
    <dir>/keyless.pfx: the PKCS#12 file holds no private key; export the application's certificate and its private key into one file, and no others
    <dir>/bare.pfx: the PKCS#12 file holds no certificate; export the application's certificate and its private key into one file, and no others
    <dir>/rc2-128.pfx: the PKCS#12 file is encrypted in a way that can't be read here; `openssl pkcs12 -in cert.pfx -out cert.pem -nodes` turns a PKCS#12 file into PEM; keep the result as safe as a password
    <dir>/cut.pfx: it is neither PEM text nor a PKCS#12 file that can be read here; `openssl pkcs12 -in cert.pfx -out cert.pem -nodes` turns a PKCS#12 file into PEM; keep the result as safe as a password
    <dir>/robot.cer: it is neither PEM text nor a PKCS#12 file that can be read here; `openssl pkcs12 -in cert.pfx -out cert.pem -nodes` turns a PKCS#12 file into PEM; keep the result as safe as a password
    ");
}
