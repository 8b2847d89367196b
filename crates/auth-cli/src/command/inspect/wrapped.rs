//! A token in what people have it in: a header, JSON, a line for a shell, a mail.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The token in `text`: as our own formats write it, behind a scheme, or broken over lines.
pub(in crate::command) fn token_in(text: &str) -> String {
    let text = text.trim();
    if let Ok(Value::Object(all)) = serde_json::from_str(text) {
        let named = ["access_token", "id_token", "token", "refresh_token"];
        let found = named.iter().find_map(|name| all.get(*name)?.as_str());
        return found.unwrap_or(text).to_owned();
    }
    let text = text.strip_prefix("export ").unwrap_or(text);
    let text = match text.split_once(['=', ':']) {
        // `NAME=…`, `Header: …`; a token has neither sign but at its end.
        Some((name, rest)) if is_name(name) && !rest.trim_matches('=').is_empty() => rest.trim(),
        _ => text,
    };
    let text = text.trim_matches(['\'', '"']);
    let text = match text.split_once(char::is_whitespace) {
        Some((scheme, rest)) if ["bearer", "dpop"].contains(&&*scheme.to_ascii_lowercase()) => rest,
        _ => text,
    };
    text.split_whitespace().collect()
}

fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Header and claims of an unsecured token (RFC 7519 §6): two parts and nothing behind the second dot.
pub(super) fn unsigned(token: &str) -> Option<(Value, Value)> {
    let (header, claims) = token.strip_suffix('.')?.split_once('.')?;
    let read = |part: &str| {
        let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
        value.is_object().then_some(value)
    };
    Some((read(header)?, read(claims)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2ln";

    #[test]
    fn the_token_is_found_in_what_people_have_it_in() {
        for text in [
            TOKEN.to_owned(),
            format!(" {TOKEN}\n"),
            format!("Bearer {TOKEN}"),
            format!("bearer  {TOKEN}"),
            format!("Authorization: Bearer {TOKEN}"),
            format!("x-identity: {TOKEN}"),
            format!("export AUTH_TOKEN='{TOKEN}'"),
            format!("{{\"profile\": \"lab\", \"access_token\": \"{TOKEN}\"}}"),
            format!("{}\n{}\r\n{}", &TOKEN[..9], &TOKEN[9..30], &TOKEN[30..]),
            format!("\"{TOKEN}\""),
        ] {
            assert_eq!(token_in(&text), TOKEN, "{text}");
        }
        assert_eq!(token_in("opaque0=="), "opaque0==");
        assert_eq!(token_in("a b"), "ab");
    }

    #[test]
    fn rfc7519_s6_an_unsecured_token_is_read() {
        let (header, claims) = unsigned("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.").unwrap();
        assert_eq!(
            (&header["alg"], &claims["sub"]),
            (&"none".into(), &"ada".into())
        );
        assert!(unsigned(TOKEN).is_none() && unsigned("..").is_none() && unsigned("").is_none());
    }
}
