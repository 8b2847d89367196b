//! RFC 6265, as a login page meets it.

use std::time::Duration;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

const NOW: u64 = 1_800_000_000;

/// A jar of the first origin to which answers from these places say these things.
fn jar(answers: &[(&str, &str)]) -> CookieJar {
    let mut jar = CookieJar::new(&url(answers[0].0));
    for (from, header) in answers {
        jar.take(&url(from), &HeaderValue::from_str(header).unwrap(), at(NOW));
    }
    jar
}

fn sent(jar: &CookieJar, to: &str) -> String {
    let header = jar.header(&url(to), at(NOW));
    header.map_or_else(String::new, |header| header.to_str().unwrap().to_owned())
}

const AUTH: &str = "https://iam.example/realms/desp/protocol/openid-connect/auth";
const ACTION: &str = "https://iam.example/realms/desp/login-actions/authenticate?x=y";

#[test]
fn a_login_page_gets_its_cookies_back_as_it_set_them() {
    let jar = jar(&[
        (
            AUTH,
            "AUTH_SESSION_ID=aWQ.x;Version=1;Path=/realms/desp/;Secure;HttpOnly;SameSite=None",
        ),
        (
            AUTH,
            "KC_AUTH_SESSION_HASH=\"a+b/c\";Version=1;Path=/realms/desp/;Max-Age=60;Secure;SameSite=None",
        ),
        (
            AUTH,
            "KC_RESTART=e.y.J; Path=/realms/desp/; Secure; HttpOnly",
        ),
    ]);
    assert_eq!(
        sent(&jar, ACTION),
        "AUTH_SESSION_ID=aWQ.x; KC_AUTH_SESSION_HASH=\"a+b/c\"; KC_RESTART=e.y.J"
    );
    assert_eq!(sent(&jar, "https://iam.example/realms/other/"), "");
    assert_eq!(sent(&jar, "https://iam.example/realms/desp"), "");
    assert!(jar.header(&url(ACTION), at(NOW)).unwrap().is_sensitive());
}

#[test]
fn secure_cookies_go_to_plain_http_on_loopback_and_nowhere_else() {
    for host in [
        "127.0.0.1:8180",
        "localhost:8180",
        "[::1]:8180",
        "kc.localhost",
    ] {
        let place = format!("http://{host}/realms/desp/");
        let jar = jar(&[(&place, "a=b; Path=/realms/desp/; Secure")]);
        assert_eq!(sent(&jar, &place), "a=b", "{host}");
    }
    let jar = jar(&[("http://iam.example/", "a=b; Path=/")]);
    assert!(jar.is_empty());
}

#[test]
fn no_cookie_ever_goes_to_or_comes_from_another_origin() {
    let jar = jar(&[
        ("https://iam.example/", "ours=1; Path=/; Domain=example"),
        (
            "https://iam.example/",
            "also=2; Path=/; Domain=.iam.example",
        ),
        (
            "https://iam.example/",
            "theirs=3; Path=/; Domain=other.example",
        ),
        ("https://iam.example/", "part=4; Path=/; Domain=am.example"),
        ("https://other.example/", "evil=5; Path=/; Domain=example"),
        ("https://iam.example:8443/", "evil=6; Path=/"),
        ("http://iam.example/", "evil=7; Path=/"),
    ]);
    assert_eq!(sent(&jar, "https://IAM.example:443/x"), "ours=1; also=2");
    for elsewhere in [
        "https://other.example/",
        "https://example/",
        "https://a.iam.example/",
        "https://iam.example.evil/",
        "https://iam.example:8443/",
        "http://iam.example/",
        "data:text/plain,x",
    ] {
        assert_eq!(sent(&jar, elsewhere), "", "{elsewhere}");
    }
    let address = tests::jar(&[("https://127.0.0.1/", "a=1; Domain=0.0.1")]);
    assert!(address.is_empty());
}

#[test]
fn rfc6265_s5_1_4_paths() {
    let jar = jar(&[
        ("https://h.example/", "root=1; Path=/"),
        ("https://h.example/", "a=2; Path=/a"),
        ("https://h.example/", "ab=3; Path=/a/b/"),
        ("https://h.example/x/y?z=/q", "x=4"),
        ("https://h.example/x", "top=5; Path=relative"),
        ("https://h.example/", "a=6; Path=/a"),
    ]);
    assert_eq!(
        sent(&jar, "https://h.example/a/b/c"),
        "ab=3; a=6; root=1; top=5"
    );
    assert_eq!(sent(&jar, "https://h.example/a"), "a=6; root=1; top=5");
    assert_eq!(sent(&jar, "https://h.example/ab"), "root=1; top=5");
    assert_eq!(sent(&jar, "https://h.example/x"), "x=4; root=1; top=5");
}

#[test]
fn a_cookie_ends_when_it_says_and_an_old_date_deletes_it() {
    let place = "https://h.example/";
    let over = "Version=1;Expires=Thu, 01-Jan-1970 00:00:10 GMT;Max-Age=0;Path=/";
    let restart = format!("KC_RESTART=;{over}");
    let mut jar = jar(&[
        (place, "KC_RESTART=x; Path=/; Secure"),
        (place, "minute=1; Max-Age=60"),
        (place, "date=2; Expires=Fri, 15 Jan 2027 08:01:00 GMT"),
        (
            place,
            "both=3; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ),
        (place, "junk=4; Max-Age=soon; Expires=soon"),
        (place, "never=5; Max-Age=-1"),
        (place, "old=6; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        (place, "long=7; Max-Age=99999999999999999999999"),
        (place, &restart),
    ]);
    assert_eq!(
        sent(&jar, place),
        "minute=1; date=2; both=3; junk=4; long=7"
    );
    let then = |seconds: u64| {
        let header = jar.header(&url(place), at(NOW + seconds));
        header.unwrap().to_str().unwrap().to_owned()
    };
    assert_eq!(then(59), "minute=1; date=2; both=3; junk=4; long=7");
    assert_eq!(then(60), "both=3; junk=4; long=7");
    assert_eq!(then(3600), "junk=4; long=7");
    assert_eq!(then(401 * 86_400), "junk=4");
    assert!(
        jar.has("minute", &url(place), at(NOW)) && !jar.has("minute", &url(place), at(NOW + 60))
    );
    jar.retain(|name| name == "both");
    assert_eq!(sent(&jar, place), "both=3");
}

#[test]
fn rfc6265_s5_1_1_dates_in_every_shape() {
    let expected = at(784_111_777);
    for text in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 6-November-1994 8:49:37",
        "1994 06 nov 08:49:37",
    ] {
        // The last one has its year first: a day has two digits at most.
        assert_eq!(date::read(text), Some(expected), "{text}");
    }
    assert_eq!(
        date::read("Thu, 29 Feb 2024 00:00:00 GMT"),
        Some(at(1_709_164_800))
    );
    assert_eq!(
        date::read("Fri, 31 Dec 1999 23:59:59 GMT"),
        Some(at(946_684_799))
    );
    assert_eq!(date::read("1 Jan 1969 00:00:00"), Some(at(0)));
    for none in [
        "",
        "soon",
        "06 Nov 1994",
        "32 Nov 1994 08:49:37",
        "0 Nov 1994 08:49:37",
        "6 Nov 1600 08:49:37",
        "6 Nov 1994 24:49:37",
        "6 Nov 1994 08:49",
        "6 Foo 1994 08:49:37",
        "€€ Nov 1994 08:49:37",
    ] {
        assert_eq!(date::read(none), None, "{none}");
    }
}

#[test]
fn what_is_no_cookie_is_left_and_what_is_odd_is_taken_as_browsers_do() {
    let place = "https://h.example/";
    let long = format!("long={}", "x".repeat(4096));
    let odd = jar(&[
        (place, "  spaced = a b  ; Path=/"),
        (place, "equal=a=b=="),
        (place, "nameless"),
        (place, ""),
        (place, "=; Path=/"),
        (place, "a\tb=c"),
        (place, &long),
    ]);
    assert_eq!(sent(&odd, place), "spaced=a b; equal=a=b==; nameless");
    let mut jar = CookieJar::new(&url(place));
    let bytes = HeaderValue::from_bytes(b"x=\xff").unwrap();
    jar.take(&url(place), &bytes, at(NOW));
    assert!(jar.is_empty());
    for number in 0..MOST + 5 {
        let header = format!("c{number}=x");
        jar.take(
            &url(place),
            &HeaderValue::from_str(&header).unwrap(),
            at(NOW),
        );
    }
    assert_eq!(jar.cookies.len(), MOST);
    assert!(sent(&jar, place).starts_with("c5=x; "));
}

#[test]
fn a_jar_is_kept_as_a_secret_and_is_the_same_afterwards() {
    let jar = jar(&[
        (AUTH, "a=\"1\"; Path=/realms/desp/; Max-Age=60"),
        (AUTH, "b=2; Path=/"),
    ]);
    let secret = jar.to_secret();
    let same = CookieJar::from_secret(&url(ACTION), &secret);
    assert_eq!(sent(&same, ACTION), "a=\"1\"; b=2");
    assert_eq!(same.header(&url(ACTION), at(NOW + 61)).unwrap(), "b=2");
    // Another origin's, and what is none.
    let other = CookieJar::from_secret(&url("https://evil.example/"), &secret);
    assert!(other.is_empty() && sent(&other, ACTION).is_empty());
    let split =
        r#"{"origin":"https://iam.example/","cookies":[{"name":"a","value":"b\r\nx","path":"/"}]}"#;
    for text in ["", "{}", "[]", "null", split] {
        assert!(
            CookieJar::from_secret(&url(AUTH), &text.into()).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn a_jar_never_shows_what_is_in_a_cookie() {
    let jar = jar(&[(AUTH, "KEYCLOAK_IDENTITY=canary; Path=/")]);
    let shown = format!("{jar:?} {jar:#?} {:?}", jar.to_secret());
    assert!(shown.contains("KEYCLOAK_IDENTITY") && !shown.contains("canary"));
}
