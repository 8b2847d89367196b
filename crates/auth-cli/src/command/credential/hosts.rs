//! [`Hosts`]: whom a profile's token is for.

use auth_core::Result;
use url::Url;

use crate::config::{Profile, authority};
use crate::context;

/// The hosts that a profile's token is for, each with its port: those of its key `hosts`, or else that of its API.
#[derive(Debug)]
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    /// Those of `profile`.
    ///
    /// # Errors
    /// `Config` if it names none, or what it names is none.
    pub(super) async fn of(profile: &Profile) -> Result<Self> {
        let said = profile.hosts()?;
        if !said.is_empty() {
            return Ok(Self(said));
        }
        let api = context::api(profile).await?;
        let api = api.as_ref().and_then(of_url);
        Ok(Self(vec![api.ok_or_else(|| profile.missing("hosts"))?]))
    }

    /// Whether the token is for `host`, a name with a port where that is not 443.
    pub(super) fn has(&self, host: &str) -> bool {
        authority(host).is_some_and(|host| self.0.contains(&host))
    }

    /// Whether the token is for the host of `url`.
    pub(super) fn has_url(&self, url: &Url) -> bool {
        of_url(url).is_some_and(|host| self.0.contains(&host))
    }

    /// Each, with a port where that is not 443.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .map(|host| host.strip_suffix(":443").unwrap_or(host))
    }
}

/// The address that `text` is to all who read it; `None` where some would mend it, and find another host in it.
pub(super) fn address(text: &str) -> Option<Url> {
    let is_odd = |c: char| c == '\\' || c.is_whitespace() || c.is_control();
    let url = Url::parse(text).ok().filter(|_| !text.contains(is_odd))?;
    text.contains("://").then_some(url)
}

fn of_url(url: &Url) -> Option<String> {
    let port = url.port_or_known_default().unwrap_or(443);
    authority(&format!("{}:{port}", url.host_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_to_all_who_read_it() {
        assert!(address("https://git.example.org:443/a?b").is_some());
        for odd in [
            "https://git.example.org\\@evil.example/",
            "https:git.example.org",
            "https://git.exa\tmple.org",
            " https://git.example.org",
            "git.example.org",
            "https://",
        ] {
            assert_eq!(address(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn another_port_or_a_longer_name_is_another_host() {
        let hosts = Hosts(vec!["git.example.org:443".into(), "localhost:8443".into()]);
        assert!(hosts.has("git.example.org") && hosts.has("localhost:8443"));
        for other in [
            "git.example.org:8443",
            "git.example.org.",
            "git.example.org.evil.example",
            "xgit.example.org",
            "localhost",
        ] {
            assert!(!hosts.has(other), "{other}");
        }
        assert_eq!(
            hosts.iter().collect::<Vec<_>>(),
            ["git.example.org", "localhost:8443"]
        );
    }
}
