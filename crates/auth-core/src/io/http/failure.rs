//! [`broken`]: why a request failed, in words that say what can be done.

use std::time::{Duration, SystemTime};

use url::Url;

use super::proxy::Proxy;
use crate::error::{Error, Untrusted};
use crate::io::shown;

/// The error for a request to `url` that failed on its way, through `proxy` if there is one.
pub(super) fn broken(url: &Url, proxy: Option<&Proxy>, error: reqwest::Error) -> Error {
    let reason = reason(&error);
    let trouble = Trouble::of(&reason, url);
    let said = trouble.as_ref().map(|trouble| trouble.what.clone());
    let said = said.unwrap_or(reason);
    let mut place = shown(url);
    if let Some(proxy) = proxy {
        place += &format!(" through the proxy {}", proxy.named());
    }
    let advice = match (trouble, proxy) {
        (Some(trouble), _) => trouble.advice,
        (None, Some(_)) => {
            "check the proxy and its variable, and name hosts that need none in NO_PROXY".into()
        }
        (None, None) => "check the URL and the network, then try again".into(),
    };
    let failure = match error.is_connect() {
        true => Error::unavailable(format!("{place} can't be reached: {said}")).with_nothing_sent(),
        false => Error::unavailable(format!("the connection to {place} broke: {said}")),
    };
    failure.with_advice(advice)
}

/// What is known to go wrong with TLS and proxies.
struct Trouble {
    what: String,
    advice: String,
}

impl Trouble {
    fn of(reason: &str, url: &Url) -> Option<Self> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let has = |part: &str| reason.contains(part);
        let new = |what: &str, advice: String| {
            Some(Self {
                what: what.to_owned(),
                advice,
            })
        };
        if has("InvalidContentType") {
            return new(
                "what answers there speaks no TLS",
                "check the port, and whether the URL should begin with http (loopback only)".into(),
            );
        }
        if has("invalid HTTP version") {
            return new(
                "what answers there speaks no HTTP",
                "check the port, and whether the URL should begin with https".into(),
            );
        }
        if has("HandshakeFailure") || has("ProtocolVersion") || has("peer is incompatible") {
            return new(
                &format!("it and this program have no way of TLS in common ({reason})"),
                "let the server offer TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM or ChaCha20-Poly1305".into(),
            );
        }
        if has("proxy") {
            return new(
                reason,
                "check the proxy's variable, and the user and password in it".into(),
            );
        }
        if !(has("certificate") || has("UnknownIssuer")) {
            return None;
        }
        let kind = match host.parse::<std::net::IpAddr>() {
            Ok(_) => "IP",
            Err(_) => "DNS",
        };
        if has("CaUsedAsEndEntity") {
            return new(
                "its certificate is one of a CA (CA:TRUE), which no server may have as its own",
                format!(
                    "make another one, and name it as CA file: openssl req -x509 -newkey ec -pkeyopt \
                     ec_paramgen_curve:P-256 -nodes -days 365 -keyout key.pem -out cert.pem -subj /CN={host} -addext \
                     subjectAltName={kind}:{host} -addext basicConstraints=critical,CA:FALSE"
                ),
            );
        }
        if has("not valid for") || has("NotValidForName") || has("no names") {
            return new(
                &format!("its certificate is for another name than {host} ({reason})"),
                format!(
                    "use the name that is in the certificate, or have {host} added to it (subjectAltName={kind}:{host})"
                ),
            );
        }
        if has("expired") || has("Expired") || has("not valid yet") || has("NotValidYet") {
            let (now, end) = times(reason).unzip();
            let clock = now.map_or_else(String::new, |now| format!(", which says {now}"));
            let is_over = has("xpired");
            let what = match (is_over, end) {
                (true, Some(end)) => format!("its certificate ended on {end}"),
                (false, Some(start)) => format!("its certificate begins on {start}"),
                (true, None) => "its certificate has expired".to_owned(),
                (false, None) => "its certificate is not valid yet".to_owned(),
            };
            let advice = format!(
                "check this machine's clock{clock}; if it is right, the server's certificate must be renewed"
            );
            return new(&what, advice);
        }
        if has("usage") || has("Purpose") || has("Eku") {
            return new(
                &format!("its certificate is not for servers ({reason})"),
                "have it issued anew with the extended key usage serverAuth".into(),
            );
        }
        // Also where the two have keys of different kinds.
        if has("BadSignature") || has("UnsupportedSignatureAlgorithm") {
            return new(
                "its certificate was not signed by the CA of that name that is trusted here",
                "if the CA or the certificate was made anew, name its new PEM file as CA file"
                    .into(),
            );
        }
        if has("UnknownIssuer") {
            return new(
                "its certificate is of a CA that is not trusted here",
                "if a company or test CA signs this server's certificate, name its PEM file as CA file".into(),
            );
        }
        new(
            reason,
            format!(
                "have the server's certificate checked: openssl s_client -connect {host}:{} shows it",
                url.port_or_known_default().unwrap_or(443)
            ),
        )
    }
}

/// The time of the check and the one that it was compared with, of rustls's sentence about both.
fn times(reason: &str) -> Option<(String, String)> {
    let digits = reason.split(|c: char| !c.is_ascii_digit());
    let seconds = digits.filter_map(|text| text.parse::<u64>().ok());
    let mut dates = seconds
        .filter(|seconds| *seconds > A_DATE)
        .take(2)
        .map(|seconds| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(LATEST));
            httpdate::fmt_http_date(time)
        });
    Some((dates.next()?, dates.next()?))
}

/// Smaller numbers are lengths.
const A_DATE: u64 = 100_000_000;

/// The year 9999.
const LATEST: u64 = 253_402_300_799;

/// The innermost cause, which names what happened; the outer ones only say where.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = if error.is_timeout() {
        "timed out".to_owned()
    } else {
        cause.to_string()
    };
    Untrusted::new(&text).with_limit(300).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_dates_of_a_certificate_are_found() {
        let said = "invalid peer certificate: certificate expired: verification time 1764427000 (UNIX), but \
                    certificate is not valid after 1700000000 (64427000 seconds ago)";
        let (now, end) = times(said).unwrap();
        assert_eq!(
            (&*now, &*end),
            (
                "Sat, 29 Nov 2025 14:36:40 GMT",
                "Tue, 14 Nov 2023 22:13:20 GMT"
            )
        );
    }
}
