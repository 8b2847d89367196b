//! Tenants: what is one, and what is said of what is none.

use auth_azure::{CHINA_CLOUD, Tenant, US_GOVERNMENT_CLOUD};
use auth_core::{Io, TokenSource};
use insta::assert_snapshot;

use super::world::{API, Entra, ROBOT, TENANT, scope};

#[test]
fn what_is_no_tenant_is_one_line_that_says_what_to_give() {
    let said = [
        "",
        "contoso",
        "our tenant",
        "https://login.microsoftonline.com/contoso.com",
        "contoso.com/v2.0",
        "ada@contoso.com",
        "..",
    ]
    .map(|id| Tenant::new(id, Io::new()).unwrap_err().to_string());
    assert_snapshot!(said.join("\n"), @"");
    let said = [
        "login.microsoftonline.com",
        "https://login.microsoftonline.com/",
        "https://login.microsoftonline.com/a/b",
        "http://login.microsoftonline.com/contoso.com",
        "https://u:p@login.microsoftonline.com/contoso.com",
    ]
    .map(|url| {
        Tenant::from_login_url(url, Io::new())
            .unwrap_err()
            .to_string()
    });
    assert_snapshot!(said.join("\n"), @"");
}

#[test]
fn a_login_url_names_cloud_and_tenant_whatever_it_ends_with() {
    for (cloud, end) in [
        ("https://login.microsoftonline.com", ""),
        (US_GOVERNMENT_CLOUD, "/"),
        (CHINA_CLOUD, "/v2.0"),
    ] {
        let url = format!("{cloud}/{TENANT}{end}");
        let tenant = Tenant::from_login_url(&url, Io::new()).unwrap();
        assert_eq!(tenant.issuer(), format!("{cloud}/{TENANT}/v2.0"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_not_there_is_named() {
    let world = Entra::new();
    let tenant = Tenant::new("fabrikam.com", world.io()).unwrap();
    let secret = auth_azure::Credential::secret(secrecy::SecretString::from("x"));
    let source = tenant
        .application(ROBOT, &secret)
        .source(&scope(API))
        .unwrap();
    assert_snapshot!(source.token().await.unwrap_err(), @"");
}

#[tokio::test(start_paused = true)]
async fn any_other_provider_is_found_by_discovery() {
    let world = Entra::new();
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let tenant = Tenant::discovered(&issuer, world.io()).unwrap();
    let secret = auth_azure::Credential::secret(secrecy::SecretString::from("s3cret~"));
    let source = tenant
        .application(ROBOT, &secret)
        .source(&scope(API))
        .unwrap();
    source.token().await.unwrap();
    let place = format!("/{TENANT}/v2.0/.well-known/openid-configuration");
    assert_eq!(world.server.count(&place), 1);
}
