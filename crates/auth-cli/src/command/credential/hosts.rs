//! [`Hosts`]: whom a profile's token is for.

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use url::{Position, Url};

use crate::config::Profile;
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
        let said = profile.settings.list("hosts");
        if said.is_empty() {
            let api = context::api(profile).await?;
            let api = api.as_ref().and_then(of_url);
            return Ok(Self(vec![api.ok_or_else(|| profile.missing("hosts"))?]));
        }
        let hosts = said.iter().map(|text| {
            authority(text).ok_or_else(|| {
                let origin = profile.settings.origin("hosts");
                let shown = Untrusted::new(text).with_limit(100);
                Error::config(format!("{origin}: `{shown}` in `hosts` is no host")).with_advice(
                    match text.contains(',') {
                        true => "write blanks between hosts, no commas",
                        false => "write the name alone, with a port where it is not 443",
                    },
                )
            })
        });
        Ok(Self(hosts.collect::<Result<_>>()?))
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

/// A host as all its spellings are written, with its port; `None` for what is more or less than a host.
fn authority(text: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || "-._:[]".contains(c);
    if text.is_empty() || !text.chars().all(plain) {
        return None;
    }
    let url = Url::parse(&format!("https://{text}/")).ok()?;
    let port = url.port_or_known_default()?;
    let rest = &url[Position::AfterPort..];
    (rest == "/").then(|| format!("{}:{port}", url.host_str().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_many_spellings_and_what_looks_like_one_is_none() {
        for same in [
            "git.example.org",
            "GIT.example.org",
            "git.example.org:443",
            "git.example.org:0443",
        ] {
            assert_eq!(
                authority(same).as_deref(),
                Some("git.example.org:443"),
                "{same}"
            );
        }
        assert_eq!(authority("[::1]:8443").as_deref(), Some("[::1]:8443"));
        assert_eq!(
            authority("bücher.example").as_deref(),
            Some("xn--bcher-kva.example:443")
        );
        for none in [
            "",
            " ",
            "a b",
            "a/b",
            "a\\b",
            "u@a",
            "a?b",
            "a#b",
            "a:b",
            "a:99999",
            "%61.example",
            "a\n",
            "a\tb",
            "[::1",
        ] {
            assert_eq!(authority(none), None, "{none:?}");
        }
    }

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
