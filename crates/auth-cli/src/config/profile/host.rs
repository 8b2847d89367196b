//! The hosts that a profile's token is for, as its key `hosts` names them.

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use url::{Position, Url};

use super::Profile;

impl Profile {
    /// Those that the key names, each with its port.
    ///
    /// # Errors
    /// `Config` if something in it is no host.
    pub(crate) fn hosts(&self) -> Result<Vec<String>> {
        let said = self.settings.list("hosts").iter();
        let hosts = said.map(|text| {
            authority(text).ok_or_else(|| {
                let origin = self.settings.origin("hosts");
                // Of an address its user, password and parameters are nobody's business.
                let shown = match text.contains(['@', '?', '#']) {
                    true => "an address".to_owned(),
                    false => format!("`{}`", Untrusted::new(text).with_limit(100)),
                };
                Error::config(format!("{origin}: {shown} in `hosts` is no host")).with_advice(
                    match text.contains(',') {
                        true => "write blanks between hosts, no commas",
                        false => "write the name alone, with a port where it is not 443",
                    },
                )
            })
        });
        hosts.collect()
    }
}

/// A host as all its spellings are written, with its port; `None` for what is more or less than a host.
pub(crate) fn authority(text: &str) -> Option<String> {
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
}
