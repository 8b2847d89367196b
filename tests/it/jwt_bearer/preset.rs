//! Disruptive Technologies: where credentials come from.

use std::path::Path;

use auth_core::session::{FileSecret, Held, Secret};
use auth_core::{ErrorKind, Io, Result};
use auth_jwt_bearer::preset::disruptive_technologies::{
    API_URL, Credentials, TOKEN_URL, VARIABLES,
};
use insta::assert_snapshot;
use secrecy::SecretString;
use serde_json::{Value, json};

const EMAIL: &str = "id@project.serviceaccount.d21s.com";

fn find(variables: &[(&str, &str)]) -> Result<Credentials> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(Credentials::from_environment(
        |asked| {
            assert!(VARIABLES.contains(&asked), "{asked} is documented");
            let found = variables.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| SecretString::from(*value))
        },
        async |path: &Path| match path.to_str() {
            Some("/good.json") => Ok(file().to_string().into()),
            Some("/bad.json") => Ok("canary".into()),
            _ => FileSecret::new(path).reveal(&Held::new()).await,
        },
    ))
}

fn file() -> Value {
    json!({"serviceAccount": {
        "keyId": "key of the file",
        "secret": "canary",
        "email": EMAIL,
        "algorithm": "HS256",
        "tokenEndpoint": "http://127.0.0.1:8080/oauth2/token",
    }})
}

fn read(file: &Value) -> Result<Credentials> {
    Credentials::from_json(&file.to_string().into())
}

const OWN: [(&str, &str); 3] = [
    ("DT_SERVICE_ACCOUNT_KEY_ID", "own key"),
    ("DT_SERVICE_ACCOUNT_SECRET", "canary"),
    ("DT_SERVICE_ACCOUNT_EMAIL", EMAIL),
];

const TERRAFORM: [(&str, &str); 3] = [
    ("DT_API_KEY_ID", "terraform key"),
    ("DT_API_KEY_SECRET", "canary"),
    ("DT_OIDC_EMAIL", EMAIL),
];

#[test]
fn the_credentials_file_comes_before_the_variables_and_those_before_terraforms() {
    let file = [("DT_CREDENTIALS_FILE", "/good.json")];
    let key =
        |variables: &[&[(&str, &str)]]| find(&variables.concat()).unwrap().key_id().to_owned();
    assert_eq!(key(&[&TERRAFORM, &OWN, &file]), "key of the file");
    assert_eq!(key(&[&TERRAFORM, &OWN]), "own key");
    assert_eq!(key(&[&TERRAFORM]), "terraform key");
    assert_eq!(
        key(&[&OWN, &[("DT_CREDENTIALS_FILE", "")]]),
        "own key",
        "empty is unset"
    );
}

#[test]
fn the_addresses_are_the_vendors_unless_something_says_otherwise() {
    let own = find(&OWN).unwrap();
    assert_eq!(
        (own.token_url().as_str(), own.api_url().as_str()),
        (TOKEN_URL, API_URL)
    );

    let addresses = [
        ("DT_OIDC_TOKEN_ENDPOINT", "https://identity.example/token"),
        ("DT_API_URL", "https://api.example/v2"),
    ];
    let terraform = find(&[&TERRAFORM[..], &addresses].concat()).unwrap();
    assert_eq!(terraform.token_url().as_str(), addresses[0].1);
    assert_eq!(terraform.api_url().as_str(), addresses[1].1);
    let own = find(&[&OWN[..], &addresses].concat()).unwrap();
    assert_eq!(own.token_url().as_str(), TOKEN_URL, "nothing is mixed");

    let file = find(&[("DT_CREDENTIALS_FILE", "/good.json")]).unwrap();
    assert_eq!(
        file.token_url().as_str(),
        "http://127.0.0.1:8080/oauth2/token"
    );
}

#[test]
fn nothing_set_is_absent_and_addresses_alone_are_nothing() {
    for variables in [&[][..], &[("DT_API_URL", "https://other.vendor")]] {
        let error = find(variables).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Absent);
        assert!(
            error.to_string().contains("DT_SERVICE_ACCOUNT_EMAIL"),
            "{error}"
        );
    }
}

#[test]
fn half_set_is_a_config_error_that_names_what_is_missing() {
    let said = [
        find(&OWN[..2]),
        find(&[&OWN[1..2], &TERRAFORM].concat()),
        find(&TERRAFORM[1..]),
        find(&[&TERRAFORM[..], &[("DT_API_URL", "canary")]].concat()),
        find(&[("DT_CREDENTIALS_FILE", "/none.json")]),
        find(&[("DT_CREDENTIALS_FILE", "/bad.json")]),
    ]
    .map(|found| {
        let error = found.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    });
    let said = crate::shown::portable(&said.join("\n"));
    assert_snapshot!(said, @r#"
        the service account is only half configured: no DT_SERVICE_ACCOUNT_EMAIL; set all of DT_SERVICE_ACCOUNT_KEY_ID, DT_SERVICE_ACCOUNT_SECRET, DT_SERVICE_ACCOUNT_EMAIL, or none
        the service account is only half configured: no DT_SERVICE_ACCOUNT_KEY_ID, no DT_SERVICE_ACCOUNT_EMAIL; set all of DT_SERVICE_ACCOUNT_KEY_ID, DT_SERVICE_ACCOUNT_SECRET, DT_SERVICE_ACCOUNT_EMAIL, or none
        the service account is only half configured: no DT_API_KEY_ID; set all of DT_API_KEY_ID, DT_API_KEY_SECRET, DT_OIDC_EMAIL, or none
        DT_API_URL is not a URL; correct or unset it
        DT_CREDENTIALS_FILE: the file /none.json can't be read: No such file or directory (os error 2); correct the path, or unset the variable to use the others
        /bad.json: the credentials file is not the JSON that it should be (line 1, column 1); download it again from the service account's page in Studio
        "#);
}

#[test]
fn a_field_that_is_missing_from_the_file_is_named() {
    for field in ["keyId", "secret", "email", "algorithm", "tokenEndpoint"] {
        for value in [None, Some(""), Some("null")] {
            let mut file = file();
            let account = file["serviceAccount"].as_object_mut().unwrap();
            match value {
                None => account.remove(field),
                Some("null") => account.insert(field.to_owned(), Value::Null),
                Some(text) => account.insert(field.to_owned(), text.into()),
            };
            let error = read(&file).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(
                error
                    .message()
                    .ends_with(&format!("`serviceAccount.{field}`")),
                "{error}"
            );
        }
    }
    assert_snapshot!(read(&json!({})).unwrap_err(), @"the credentials file has no `serviceAccount`; download it again from the service account's page in Studio");
}

#[test]
fn a_file_that_asks_for_what_nobody_offers_is_refused() {
    let mut file = file();
    file["serviceAccount"]["algorithm"] = "RS256".into();
    assert_snapshot!(read(&file).unwrap_err(), @"the credentials file asks for the algorithm `RS256`; download it again: this vendor's service accounts sign with HS256");
    let mut file = self::file();
    file["serviceAccount"]["tokenEndpoint"] = "identity".into();
    assert_snapshot!(read(&file).unwrap_err(), @"`serviceAccount.tokenEndpoint` in the credentials file is not a URL; it is usually https://identity.disruptive-technologies.com/oauth2/token");
}

#[test]
fn an_e_mail_that_can_not_be_right_is_found_before_anything_is_sent() {
    let account = |key: &str, email: &str| {
        Credentials::new(key, "s".into(), email).service_account(Io::new())
    };
    assert!(account("key", EMAIL).is_ok());
    assert_snapshot!(account(EMAIL, "key").unwrap_err(), @"the e-mail is not that of a service account, …@….serviceaccount.d21s.com; exchange the two: the key id is the e-mail");
    assert_snapshot!(account("key\n", EMAIL).unwrap_err(), @"the key id of the service account has white space in it; give it alone, as Studio shows it");
    assert_snapshot!(account("key", &format!(" {EMAIL}")).unwrap_err(), @"the e-mail of the service account has white space in it; give it alone, as Studio shows it");
    assert_snapshot!(account("key", "me@example.org").unwrap_err(), @"the e-mail is not that of a service account, …@….serviceaccount.d21s.com; copy the e-mail from the service account's page in Studio");

    let elsewhere = "https://identity.example/token".parse().unwrap();
    let credentials = Credentials::new(EMAIL, "s".into(), "key").with_token_url(elsewhere);
    assert!(
        credentials.service_account(Io::new()).is_ok(),
        "only a hint elsewhere"
    );
}

#[test]
fn credentials_never_print_their_secret() {
    let found = [find(&OWN), find(&[("DT_CREDENTIALS_FILE", "/good.json")])];
    for credentials in found.map(Result::unwrap) {
        assert!(!format!("{credentials:?}").contains("canary"));
    }
}
