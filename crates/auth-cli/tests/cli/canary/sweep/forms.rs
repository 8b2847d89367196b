//! [`Forms`]: what a secret may look like when it is shown all the same.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// Each form of each secret, and what to call it.
pub(super) struct Forms(BTreeMap<String, String>);

impl Forms {
    pub(super) fn of(secrets: &BTreeMap<String, String>) -> Self {
        let mut all = BTreeMap::new();
        for (secret, name) in secrets {
            for (form, how) in forms(secret) {
                all.insert(form, format!("{name} {how}"));
            }
        }
        Self(all)
    }
}

/// What `text` shows, if it shows one of them.
pub(super) fn found(forms: &Forms, text: &str) -> Option<String> {
    let mut all = forms.0.iter();
    let (_, name) = all.find(|(form, _)| text.contains(form.as_str()))?;
    Some(name.clone())
}

fn forms(secret: &str) -> Vec<(String, &'static str)> {
    let bytes = secret.as_bytes();
    let mut all = vec![
        (secret.to_owned(), "as it is"),
        (percent(bytes, |_| false), "percent-encoded"),
        (
            percent(bytes, |byte| {
                byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
            }),
            "URL-encoded",
        ),
        (
            percent(bytes, |byte| {
                byte.is_ascii_alphanumeric() || b"-._~*".contains(&byte)
            })
            .replace("%20", "+"),
            "form-encoded",
        ),
        (
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            "in hex",
        ),
    ];
    for offset in 0..3 {
        let shifted = [vec![0; offset], bytes.to_vec()].concat();
        for engine in [STANDARD, URL_SAFE] {
            all.push((
                certain(&engine.encode(&shifted), offset, bytes.len()),
                "in base64",
            ));
        }
    }
    // Half of a short one may be a word of every day.
    if secret.chars().count() >= 16 {
        let half = secret
            .char_indices()
            .nth(secret.chars().count() / 2)
            .unwrap()
            .0;
        all.push((secret[..half].to_owned(), "in its first half"));
        all.push((secret[half..].to_owned(), "in its second half"));
    }
    all
}

/// The letters of base64 that are the secret's alone, whatever stands around it.
fn certain(text: &str, before: usize, length: usize) -> String {
    let first = (before * 8).div_ceil(6);
    let end = (before + length) * 8 / 6;
    text[first..end].to_owned()
}

fn percent(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> String {
    let one = |byte: &u8| match is_plain(*byte) {
        true => char::from(*byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    bytes.iter().map(one).collect()
}

#[test]
fn a_secret_is_found_in_each_of_its_forms() {
    let secret = "canary+secret/of=this&test";
    let forms = Forms::of(&BTreeMap::from([(secret.to_owned(), "it".to_owned())]));
    for text in [
        format!("a {secret} b"),
        "canary%2Bsecret%2Fof%3Dthis%26test".to_owned(),
        STANDARD.encode(format!("x{secret}y")),
        URL_SAFE.encode(format!("xy{secret}")),
        STANDARD.encode(format!("id:{secret}")),
        "…canary+secret".to_owned(),
        "/of=this&test…".to_owned(),
    ] {
        assert!(found(&forms, &text).is_some(), "{text}");
    }
    assert_eq!(found(&forms, "canary, secret, test"), None);
}
