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
    assert_snapshot!(said.join("\n"), @"
    the tenant has no id; give the tenant's id (as the overview of the directory shows it) or its domain, alone
    the tenant contoso is neither an id nor a domain; give the tenant's id (as the overview of the directory shows it) or its domain, alone
    the tenant our tenant has characters that neither an id nor a domain has; give the tenant's id (as the overview of the directory shows it) or its domain, alone
    the tenant https://login.microsoftonline.com/contoso.com is a URL; give the tenant's id (as the overview of the directory shows it) or its domain, alone
    the tenant contoso.com/v2.0 has characters that neither an id nor a domain has; give the tenant's id (as the overview of the directory shows it) or its domain, alone
    the tenant ada@contoso.com is a user name; give what stands behind the @, or the tenant's id
    the tenant .. has characters that neither an id nor a domain has; give the tenant's id (as the overview of the directory shows it) or its domain, alone
    ");
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
    assert_snapshot!(said.join("\n"), @"
    login.microsoftonline.com is no login URL of a tenant; give one like https://login.microsoftonline.com/<tenant id>
    the tenant has no id; give the tenant's id (as the overview of the directory shows it) or its domain, alone
    https://login.microsoftonline.com/a/b is no login URL of a tenant; give one like https://login.microsoftonline.com/<tenant id>
    http://login.microsoftonline.com/ is no address of a cloud's logins; give the host alone, such as login.microsoftonline.com
    https://login.microsoftonline.com/contoso.com is no login URL of a tenant; give one like https://login.microsoftonline.com/<tenant id>
    ");
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
    assert_snapshot!(source.token().await.unwrap_err(), @"https://login.microsoftonline.com/fabrikam.com/oauth2/v2.0/token refused: invalid_request: AADSTS90002: Tenant 'fabrikam.com' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud; check the tenant: give its id or a domain of it, in the cloud that it is in");
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
