//! [`Place`]: the address of a tenant.

use auth_core::error::Untrusted;
use auth_core::http::{may_carry_secrets, shown};
use auth_core::{Error, Result};
use url::Url;

/// A cloud and a tenant in it.
pub(super) struct Place {
    cloud: Url,
    id: String,
}

impl Place {
    pub(super) fn new(host: &str, id: &str) -> Result<Self> {
        let (cloud, id) = (cloud(host)?, tenant(id)?);
        Ok(Self { cloud, id })
    }

    /// The address of something below the tenant.
    pub(super) fn at(&self, path: &[&str]) -> Url {
        below(&self.cloud, &self.id, path)
    }

    /// The issuer as the tenant is named here.
    pub(super) fn issuer(&self) -> String {
        self.at(&["v2.0"]).into()
    }

    /// What tokens call their issuer: it always names a tenant by its id, which is not known where a domain or a group
    /// of tenants is named.
    #[cfg(feature = "person")]
    pub(super) fn token_issuer(&self) -> String {
        let mut cloud = self.cloud.clone();
        let host = cloud.host_str().unwrap_or_default();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == host);
        if let Some((_, name)) = alias {
            // A name of a cloud is a host.
            let _ = cloud.set_host(Some(name));
        }
        let id = match &*self.id {
            "consumers" => CONSUMERS,
            id if is_guid(id) => id,
            _ => return format!("{}{{tenantid}}/v2.0", cloud),
        };
        below(&cloud, id, &["v2.0"]).into()
    }
}

/// The hosts of the pages where codes of the cloud of this issuer are entered. A server of another name that gives one of
/// Microsoft's codes is worth a warning.
#[cfg(feature = "person")]
pub(super) fn code_pages(issuer: &str) -> &'static [&'static str] {
    let url = Url::parse(issuer).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let is_one = |(alias, name): &(&str, &str)| *alias == host || *name == host;
    match ALIASES.iter().any(is_one) {
        true => &CODE_PAGES,
        false => &[],
    }
}

fn below(cloud: &Url, id: &str, path: &[&str]) -> Url {
    let mut url = cloud.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(id).extend(path);
    }
    url
}

/// The address of a cloud, given as such or as a host.
fn cloud(host: &str) -> Result<Url> {
    let bad = || {
        Error::config(format!("{} is no address of a cloud's logins", named(host)))
            .with_advice("give the host alone, such as login.microsoftonline.com")
    };
    let text = match host.contains("://") {
        true => host.to_owned(),
        false => format!("https://{host}"),
    };
    let url = Url::parse(text.trim()).map_err(|_| bad())?;
    let alone = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let plain = url.username().is_empty() && url.password().is_none();
    match alone && plain && may_carry_secrets(&url) {
        true => Ok(url),
        false => Err(bad()),
    }
}

/// The id or the domain of a tenant, in small letters as tokens have it.
fn tenant(id: &str) -> Result<String> {
    let bad = |why: &str, advice: &str| {
        let named = named(id);
        Err(Error::config(format!("the tenant {named} {why}")).with_advice(advice.to_owned()))
    };
    let alone =
        "give the tenant's id (as the overview of the directory shows it) or its domain, alone";
    if id.is_empty() {
        return Err(Error::config("the tenant has no id").with_advice(alone));
    }
    if id.contains("://") {
        return bad("is a URL", alone);
    }
    if id.contains('@') {
        return bad(
            "is a user name",
            "give what stands behind the @, or the tenant's id",
        );
    }
    if id.starts_with(['.', '-']) || !id.bytes().all(is_plain) {
        return bad("has characters that neither an id nor a domain has", alone);
    }
    if !is_guid(id) && !id.contains('.') && !GROUPS.contains(&&*id.to_ascii_lowercase()) {
        return bad("is neither an id nor a domain", alone);
    }
    Ok(id.to_ascii_lowercase())
}

/// What was given, without what an address may hide.
pub(super) fn named(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if text.contains("://") => shown(&url),
        _ => Untrusted::new(text).with_limit(100).to_string(),
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().map(|part| part.len());
    lengths.eq([8, 4, 4, 4, 12]) && parts.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Where the tenant is the person's own.
const GROUPS: [&str; 3] = ["common", "organizations", "consumers"];

/// The tenant of all personal accounts.
#[cfg(feature = "person")]
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Other names of a cloud, and the one that its tokens have.
#[cfg(feature = "person")]
const ALIASES: [(&str, &str); 5] = [
    ("login.microsoft.com", "login.microsoftonline.com"),
    ("login.windows.net", "login.microsoftonline.com"),
    ("sts.windows.net", "login.microsoftonline.com"),
    ("login.usgovcloudapi.net", "login.microsoftonline.us"),
    ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
];

/// Where Microsoft has its pages for codes, of all clouds.
#[cfg(feature = "person")]
const CODE_PAGES: [&str; 3] = ["microsoft.com", "www.microsoft.com", "login.microsoft.com"];

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "F870E5AE-5521-4a94-b9ff-cdde7d36dd35";

    #[cfg(feature = "person")]
    #[test]
    fn tokens_name_a_tenant_by_its_id_and_a_cloud_by_its_name() {
        let said = |host, id| Place::new(host, id).unwrap().token_issuer();
        let exact = format!(
            "https://login.microsoftonline.com/{}/v2.0",
            ID.to_lowercase()
        );
        assert_eq!(said("login.microsoftonline.com", ID), exact);
        assert_eq!(said("https://login.windows.net/", ID), exact);
        let any = "https://login.microsoftonline.us/{tenantid}/v2.0";
        for id in ["common", "organizations", "contoso.onmicrosoft.com"] {
            assert_eq!(said("login.microsoftonline.us", id), any, "{id}");
        }
        let one = said("login.microsoftonline.com", "consumers");
        assert!(one.contains(CONSUMERS), "{one}");
    }

    #[test]
    fn what_is_no_tenant_is_told_in_one_line() {
        for bad in [
            "",
            "contoso",
            "a b.com",
            "https://login.microsoftonline.com/x",
            "a/b.com",
            "ada@contoso.com",
            "..",
            "-",
        ] {
            let error = tenant(bad).unwrap_err();
            assert!(error.advice().is_some(), "{error}");
        }
        for good in [ID, "contoso.com", "Common"] {
            assert_eq!(tenant(good).unwrap(), good.to_lowercase());
        }
    }

    #[test]
    fn what_is_no_cloud_is_told_in_one_line() {
        for bad in [
            "",
            "http://login.microsoftonline.com",
            "https://a.b/tenant",
            "https://u@a.b",
            "a b",
        ] {
            assert!(cloud(bad).is_err(), "{bad}");
        }
        for good in ["a.b", "https://a.b/", "http://localhost:8080"] {
            assert!(cloud(good).is_ok(), "{good}");
        }
    }
}
