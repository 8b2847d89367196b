//! Which pages a person's browser may be sent to.

use url::Url;

use crate::error::{Error, Result, Untrusted};
use crate::io::may_carry_secrets_near;

/// Reads the address of a page that a server named. It is shown to a person and handed to whatever opens
/// pages, so it is https (plain http only where `near`, the server that named it, is on loopback too),
/// names a host and nothing before it, and holds nothing that ends up elsewhere than it says.
pub(crate) fn page(text: &str, near: &Url) -> Result<Url> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    let url = Url::parse(text).ok().filter(|url| {
        may_carry_secrets_near(url, near)
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    match url {
        Some(url) if text.len() <= LONGEST && !text.contains(odd) => Ok(url),
        _ => Err(Error::protocol(format!(
            "the server names a page that no browser is sent to: {}",
            Untrusted::new(text).with_limit(80)
        ))
        .with_advice("check that this is the right server")),
    }
}

const LONGEST: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    fn near(server: &str, text: &str) -> Result<Url> {
        page(text, &Url::parse(server).unwrap())
    }

    #[test]
    fn s15_only_a_plain_https_address_gets_to_an_opener() {
        for bad in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "-a Calculator",
            "--help",
            "https://user:pw@a.b/",
            "https://google.com@evil.example/",
            "https://a.b/\0",
            "https://a.b/x y",
            "https://a.b/\nx",
            "https:\\\\a.b",
            "\u{9}https://a.b",
            "http://a.b/",
            "http://localhost/",
            "",
            &format!("https://a.b/{}", "x".repeat(65_536)),
        ] {
            assert!(near("https://a.b", bad).is_err(), "{bad}");
        }
        for good in ["https://a.b/device?user_code=A-B", "https://x/$(id)"] {
            assert_eq!(near("https://a.b", good).unwrap().as_str(), good);
        }
        assert!(near("http://127.0.0.1:80/", "http://localhost:80/device").is_ok());
    }
}
