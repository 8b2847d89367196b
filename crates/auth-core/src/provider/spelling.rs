//! How an issuer is spelled: letter by letter, which people get wrong in a few ways.

use url::{Host, Url};

use crate::error::{Error, Result, Untrusted};
use crate::io::http::may_carry_secrets;
use crate::io::shown;

/// The URL of an issuer that is spelled so.
///
/// # Errors
/// `Config` if it is none.
pub(super) fn checked(spelling: &str) -> Result<Url> {
    let url = Url::parse(spelling);
    let bad = |why: &str| {
        // As it is spelled, unless something may hide in it.
        let issuer = match &url {
            Ok(url) if spelling.contains(['@', '?', '#']) => shown(url),
            _ => Untrusted::new(spelling).to_string(),
        };
        Error::config(format!("the issuer {issuer} {why}"))
            .with_advice("give the issuer as the provider's documentation spells it")
    };
    if spelling.contains(char::is_whitespace) {
        return Err(bad("has a blank in it"));
    }
    if let Some(issuer) = of_metadata(spelling) {
        return Err(bad("is where its metadata are").with_advice(format!(
            "give the issuer itself: {}",
            Untrusted::new(&issuer)
        )));
    }
    let issuer = url.clone().map_err(|_| bad("is no URL"))?;
    if !may_carry_secrets(&issuer) {
        return Err(bad("is not https"));
    }
    if !issuer.username().is_empty() || issuer.password().is_some() {
        return Err(bad("has a user or password in it"));
    }
    if issuer.query().is_some() || issuer.fragment().is_some() {
        return Err(bad("has a query or fragment"));
    }
    Ok(issuer)
}

/// The issuer whose metadata are at the address `text`, if it is one of those places (OpenID Connect Discovery §4,
/// RFC 8414 §3.1).
fn of_metadata(text: &str) -> Option<String> {
    let (before, after) = text.split_once("/.well-known/")?;
    let name = after.split('/').next().unwrap_or_default();
    let rest = &after[name.len()..];
    match name {
        "openid-configuration" | "oauth-authorization-server" => Some(format!("{before}{rest}")),
        _ => None,
    }
}

/// The error where the server at `ours` calls itself `theirs`: a slip where both mean the same.
pub(super) fn another(ours: &str, theirs: &str) -> Error {
    let [shown, named] = [ours, theirs].map(|text| Untrusted::new(text).to_string());
    match are_alike(ours, theirs) {
        true => Error::config(format!(
            "the issuer is spelled {shown}, and the provider spells it {named}"
        ))
        .with_advice(
            "write it as the provider does: tokens name it so, and it is compared letter by letter",
        ),
        false => Error::protocol(format!("the provider at {shown} calls itself {named}"))
            .with_advice(
                "give the issuer exactly as the provider spells it, if it is the right one",
            ),
    }
}

/// Whether both lead to the same place: but for slashes at the end, the case, escapes, the usual port, and the names of
/// this machine.
fn are_alike(one: &str, other: &str) -> bool {
    let same = |text: &str| {
        let url = Url::parse(text).ok()?;
        let host = match url.host()? {
            Host::Domain(name) => name.trim_end_matches('.').to_owned(),
            Host::Ipv4(address) if address.is_loopback() => "localhost".to_owned(),
            Host::Ipv6(address) if address.is_loopback() => "localhost".to_owned(),
            other => other.to_string(),
        };
        let path = url.path().trim_end_matches('/').to_lowercase();
        Some((
            host,
            url.port_or_known_default(),
            path,
            url.query().is_some(),
        ))
    };
    let (ours, theirs) = (same(one), same(other));
    ours.is_some() && ours == theirs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_same_issuer_in_another_spelling_is_a_slip_and_another_issuer_is_not() {
        let ours = "https://id.example/realms/Lab";
        for theirs in [
            "https://id.example/realms/Lab/",
            "https://ID.example/realms/Lab",
            "https://id.example:443/realms/Lab",
            "https://id.example/realms/lab",
        ] {
            let error = another(ours, theirs);
            assert_eq!(error.kind(), ErrorKind::Config, "{error}");
            assert!(error.message().contains(theirs), "{error}");
        }
        assert!(are_alike("http://localhost:8080", "http://127.0.0.1:8080/"));
        assert!(are_alike("http://[::1]:8080", "http://127.0.0.1:8080"));
        for theirs in [
            "https://id.example/realms/other",
            "https://evil.example/realms/Lab",
            "https://id.example:8443/realms/Lab",
            "",
        ] {
            assert_eq!(
                another(ours, theirs).kind(),
                ErrorKind::Protocol,
                "{theirs}"
            );
        }
    }

    #[test]
    fn the_address_of_the_metadata_leads_to_the_issuer() {
        for (pasted, issuer) in [
            (
                "https://a.b/x/.well-known/openid-configuration",
                "https://a.b/x",
            ),
            (
                "https://a.b/.well-known/oauth-authorization-server/x",
                "https://a.b/x",
            ),
            (
                "https://a.b/.well-known/openid-configuration/",
                "https://a.b/",
            ),
        ] {
            assert_eq!(of_metadata(pasted).as_deref(), Some(issuer));
        }
        assert_eq!(of_metadata("https://a.b/.well-known/x"), None);
    }
}
