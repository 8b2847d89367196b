//! Reading a secret: base32, or an `otpauth` address.

use auth_core::{Error, Result};
use data_encoding::{DecodeKind, Encoding, Specification};
use secrecy::SecretSlice;
use url::Url;

use super::Totp;

pub(super) fn read(text: &str) -> Result<Totp> {
    let text = text.trim();
    let scheme = text.get(..SCHEME.len());
    if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) {
        address(text)
    } else {
        Ok(Totp::new(secret(text)?))
    }
}

/// The key URI of authenticator apps: `otpauth://totp/<label>?secret=…&algorithm=…&digits=…&period=…`.
fn address(text: &str) -> Result<Totp> {
    let url = Url::parse(text).map_err(|_| bad("is no otpauth address"))?;
    match url.host_str() {
        Some(kind) if kind.eq_ignore_ascii_case("totp") => {}
        Some(kind) if kind.eq_ignore_ascii_case("hotp") => {
            return Err(bad("counts its codes (hotp), where time makes them (totp)"));
        }
        _ => return Err(bad("is no otpauth address of kind totp")),
    }
    let value = |name: &str| {
        let mut pairs = url.query_pairs();
        let pair = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(pair.1)
    };
    let given = value("secret").ok_or_else(|| bad("has no secret in its address"))?;
    let mut totp = Totp::new(secret(&given)?);
    if let Some(algorithm) = value("algorithm") {
        totp = totp.with_algorithm(algorithm.parse()?);
    }
    if let Some(digits) = value("digits") {
        totp = totp.with_digits(number(&digits, "digits")?)?;
    }
    if let Some(period) = value("period") {
        totp = totp.with_period(number(&period, "period")?)?;
    }
    let label = url.path().trim_start_matches('/');
    // Decoded as the value of a form is; a plus sign stands for itself in a path.
    let label = format!("label={}", label.replace('+', "%2B"));
    let label = url::form_urlencoded::parse(label.as_bytes()).next();
    let label = label.map(|(_, label)| label.into_owned());
    Ok(totp.with_label(label.filter(|label| !label.is_empty())))
}

fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T> {
    text.parse()
        .map_err(|_| bad(&format!("has no number as its {what}")))
}

/// RFC 4648 §6, as people copy it.
fn secret(text: &str) -> Result<SecretSlice<u8>> {
    let text = text.trim_end_matches(['=', ' ', '\t', '\r', '\n', '-']);
    let decoded = base32().decode(text.as_bytes());
    let bytes = decoded.map_err(|error| {
        bad(match error.kind {
            DecodeKind::Length => "has a length that no base32 has",
            _ => "has something in it that is no base32 (A to Z and 2 to 7)",
        })
    })?;
    if bytes.is_empty() {
        return Err(bad("is empty"));
    }
    Ok(bytes.into())
}

fn base32() -> Encoding {
    let mut base32 = Specification::new();
    base32.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    base32.translate.from.push_str("abcdefghijklmnopqrstuvwxyz");
    base32.translate.to.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    base32.ignore.push_str(" \t\r\n-");
    base32.check_trailing_bits = false;
    base32.encoding().expect("the alphabet of RFC 4648 is one")
}

fn bad(why: &str) -> Error {
    Error::config(format!("the TOTP secret {why}"))
        .with_advice("give the base32 key or the otpauth:// address that was shown at set-up")
}

const SCHEME: &str = "otpauth:";
