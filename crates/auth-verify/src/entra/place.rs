//! [`Place`]: where a directory issues its tokens, and how it spells itself there.

use url::Url;

use super::cloud::Cloud;
use super::tenants::guid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A directory of people who work somewhere.
    Cloud(Cloud),
    /// External ID, a directory of customers: its name, which is the first label of its host.
    External(String),
    /// Azure AD B2C: its name, and the user flow that people log in with, in lower case.
    B2c { name: String, flow: Option<String> },
}

/// Whether tokens of this issuer are Microsoft's, wherever in its clouds they come from.
pub(crate) fn is_microsofts(issuer: &Url) -> bool {
    let host = issuer.host_str().unwrap_or_default();
    HOSTS.contains(&host) || host.ends_with(EXTERNAL) || host.ends_with(B2C)
}

impl Place {
    /// The place and the tenant of an issuer that is spelled as its tokens do.
    pub(crate) fn of_issuer(issuer: &str) -> Option<(Self, String)> {
        let url = Url::parse(issuer).ok()?;
        let (host, path) = (url.host_str()?, url.path_segments()?);
        let path: Vec<_> = path.collect();
        let tenant = path.iter().find_map(|part| guid(part))?;
        let named = |end: &str| host.strip_suffix(end).map(str::to_owned);
        let place = if let Some(name) = named(EXTERNAL) {
            Self::External(name)
        } else if let Some(name) = named(B2C) {
            let flow = (path.first() == Some(&"tfp"))
                .then(|| path.get(2).copied())
                .flatten();
            let flow = flow.map(str::to_ascii_lowercase);
            Self::B2c { name, flow }
        } else {
            let on = |address: &str| address.strip_prefix("https://") == Some(host);
            let cloud = Cloud::ALL.into_iter();
            Self::Cloud(
                cloud
                    .into_iter()
                    .find(|one| on(one.login()) || on(one.sts()))?,
            )
        };
        place.spells(&tenant, issuer).then_some((place, tenant))
    }

    /// The issuers of a tenant in tokens of this version.
    pub(crate) fn issuers(&self, version: &str, tenant: &str) -> Vec<String> {
        match (self, version) {
            (Self::Cloud(cloud), "1.0") => vec![format!("{}/{tenant}/", cloud.sts())],
            (Self::Cloud(cloud), "2.0") => vec![format!("{}/{tenant}/v2.0", cloud.login())],
            (Self::External(name), "2.0") => [&**name, tenant]
                .map(|host| format!("https://{host}{EXTERNAL}/{tenant}/v2.0"))
                .into(),
            (Self::B2c { name, flow }, "1.0") => {
                let flow = flow.iter();
                flow.map(|flow| format!("https://{name}{B2C}/tfp/{tenant}/{flow}/v2.0/"))
                    .chain([format!("https://{name}{B2C}/{tenant}/v2.0/")])
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether `issuer` is one of the tenant's, in either version.
    pub(crate) fn spells(&self, tenant: &str, issuer: &str) -> bool {
        let all = ["1.0", "2.0"].map(|version| self.issuers(version, tenant));
        all.iter().flatten().any(|one| one == issuer)
    }

    /// The address of the keys, `tenant`'s own.
    pub(crate) fn keys_url(&self, tenant: &str) -> Option<String> {
        Some(match self {
            Self::Cloud(cloud) => format!("{}/{tenant}/discovery/v2.0/keys", cloud.login()),
            Self::External(name) => {
                format!("https://{name}{EXTERNAL}/{tenant}/discovery/v2.0/keys")
            }
            Self::B2c { name, flow } => {
                let flow = flow.as_ref()?;
                format!("https://{name}{B2C}/{name}.onmicrosoft.com/{flow}/discovery/v2.0/keys")
            }
        })
    }

    pub(crate) fn flow(&self) -> Option<&str> {
        match self {
            Self::B2c { flow, .. } => flow.as_deref(),
            _ => None,
        }
    }
}

const EXTERNAL: &str = ".ciamlogin.com";
const B2C: &str = ".b2clogin.com";

/// The hosts of issuers in all clouds, older ones included.
const HOSTS: [&str; 8] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "sts.chinacloudapi.cn",
];
