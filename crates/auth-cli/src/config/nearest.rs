//! Typing errors: the name that was probably meant.

use crate::config::{FIELDS, Field};

/// The candidate that looks most like `name`, if one looks like it at all: a few slips of the finger away, or else with
/// much the same letters.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace('_', "-");
    let name = plain(name);
    let likeness = |candidate: &str| {
        let candidate = plain(candidate);
        match is_slip(&name, &candidate) {
            true => 2.0 - strsim::osa_distance(&name, &candidate) as f64 / 4.0,
            false => strsim::jaro_winkler(&name, &candidate),
        }
    };
    candidates
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Whether `typed` is `name` but for a slip of the finger or two.
pub(crate) fn is_slip(typed: &str, name: &str) -> bool {
    let most = (typed.len().min(name.len()) / 3).min(2);
    strsim::osa_distance(typed, name) <= most
}

/// The key of a profile that was probably meant: by what others call it, or as it looks.
pub(super) fn key(name: &str) -> Option<&'static str> {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let other = OTHER_KEYS
        .iter()
        .find(|(names, _)| names.contains(&&*plain));
    let same = || {
        let squeezed = |field: &&Field| field.name.replace('-', "") == plain;
        FIELDS.iter().find(squeezed).map(|field| field.name)
    };
    same()
        .or_else(|| other.map(|(_, key)| *key))
        .or_else(|| nearest(name, FIELDS.iter().map(|field| field.name)))
}

/// What other programs call the keys of a profile, without what stands between the words.
const OTHER_KEYS: &[(&[&str], &str)] = &[
    (
        &[
            "authurl",
            "baseurl",
            "discoveryurl",
            "idp",
            "provider",
            "server",
            "url",
            "wellknown",
        ],
        "issuer",
    ),
    (
        &["tokenendpoint", "tokenuri", "accesstokenurl"],
        "token-url",
    ),
    (&["clientkey", "secret"], "client-secret"),
    (&["granttype", "flow", "type"], "kind"),
    (
        &["tokenendpointauthmethod", "authmethod", "authstyle"],
        "client-auth",
    ),
    (&["privatekey", "signingkey", "keyfile", "jwk"], "key"),
    (&["kid"], "key-id"),
    (&["alg"], "algorithm"),
    (&["cert", "pfx", "certificatefile"], "certificate"),
    (&["callback", "callbackurl", "redirecturl"], "redirect-uri"),
    (&["username"], "user"),
    (&["cafile", "cabundle", "cacert", "verifyssl"], "ca-file"),
    (&["apiurl", "endpoint"], "api"),
];

/// What to do about an unknown name: the nearest one, or all there are.
pub(super) fn advice<'a>(name: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "it is none of `{}`",
            candidates.collect::<Vec<_>>().join("`, `")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_name_and_another_word_finds_none() {
        let names = ["scope", "token-url", "client-id"];
        let near = |name| nearest(name, names.into_iter());
        assert_eq!(near("scop"), Some("scope"));
        assert_eq!(near("Token_URL"), Some("token-url"));
        assert_eq!(near("clientid"), Some("client-id"));
        assert_eq!(near("banana"), None);
        for (typed, meant) in [
            ("clientID", "client-id"),
            ("tokenEndpoint", "token-url"),
            ("grant_type", "kind"),
            ("scopes", "scope"),
            ("tenant_id", "tenant"),
        ] {
            assert_eq!(key(typed), Some(meant), "{typed}");
        }
        assert_eq!(key("banana"), None);
        assert_eq!(nearest("lba", ["ada", "lab"].into_iter()), Some("lab"));
        assert_eq!(nearest("lab", ["ada", "hda"].into_iter()), None);
    }
}
