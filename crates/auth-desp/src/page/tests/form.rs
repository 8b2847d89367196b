//! What is sent with a form, and where.

use super::theme::{THEMES, Theme};
use super::{ACTION, ANSWER, AUTH, filled, form_of, read, read_at, sent_with};

#[test]
fn a_form_is_sent_as_a_browser_would() {
    for theme in THEMES {
        let form = form_of(read(AUTH, &theme.login(&["username", "password"], "")));
        let sent = filled(
            &form,
            &[
                ("username", "ada&=ü"),
                ("password", "p w+%"),
                ("otp", "never asked for"),
            ],
        );
        let button = if theme == Theme::V2 { "" } else { "Anmelden" };
        assert_eq!(
            sent,
            format!(
                "username=ada%26%3D%C3%BC&password=p+w%2B%25&credentialId=a%26b&login={button}"
            )
        );
        assert_eq!(
            form.action().as_str(),
            "https://iam.example/realms/desp/login-actions/authenticate?session_code=n&execution=f&client_id=c"
        );
        assert!(form.has("credentialId") && !form.has("otp"));
    }
    let ticked = Theme::Base
        .login(&["username", "password"], "")
        .replace("name=\"rememberMe\"", "name=\"rememberMe\" checked");
    let sent = filled(&form_of(read(AUTH, &ticked)), &[]);
    assert!(sent.contains("&rememberMe=on&"), "{sent}");
}

#[test]
fn lists_and_long_texts_are_sent_as_a_browser_would() {
    for (more, expected) in [
        (
            "<select name=s><option value=1>a<option value=2 selected>b</select>",
            "&s=2",
        ),
        (
            "<SELECT name=s><option> the  first </option><option>other</option></SELECT>",
            "&s=the+first",
        ),
        (
            "<select name=s><option disabled value=\"\">choose<option value=1>a</select>",
            "&s=1",
        ),
        ("<select name=s></select>", ""),
        ("<select name=s disabled><option>a</select>", ""),
        ("<select><option>a</select>", ""),
        ("<select name=s><option value=1>a", "&s=1"),
        (
            "<select name=s><option>a<select name=t><option>b</select>",
            "&s=a&t=b",
        ),
        (
            "<textarea name=t>\nfirst\n&lt;b> <input name=x></textarea>",
            "&t=first%0A%3Cb%3E+%3Cinput+name%3Dx%3E",
        ),
        ("<textarea name=t></textarea>", "&t="),
    ] {
        let sent = sent_with(more);
        assert_eq!(sent, format!("username=a&password=p{expected}"), "{more}");
    }
    // One that names its form, and one that belongs to none.
    let page = format!(
        "<form id=f method=post action=\"{ACTION}\"><input name=username><input name=password></form>\
         <select name=s form=f><option>a</select><select name=t><option>b</select>"
    );
    assert_eq!(
        filled(&form_of(read(AUTH, &page)), &[]),
        "username=&password=&s=a"
    );
}

#[test]
fn a_line_end_is_no_part_of_what_is_typed() {
    let page = Theme::V2.login(&["username", "password"], "");
    let form = form_of(read(AUTH, &page));
    let sent = filled(&form, &[("username", "a\r\n"), ("password", "\np q\r")]);
    assert!(sent.starts_with("username=a&password=p+q&"), "{sent}");
}

#[test]
fn w16_an_action_is_resolved_as_browsers_do() {
    let page = Theme::V2.login(&["username", "password"], "");
    let action = |new: &str, base: &str| {
        let html = base.to_owned() + &page.replace(ACTION, new);
        read_at(ANSWER, html.as_bytes()).map(|page| form_of(page).action().to_string())
    };
    let home = "https://iam.example/realms/desp/login-actions";
    assert_eq!(
        action("authenticate?x=1", "").unwrap(),
        format!("{home}/authenticate?x=1")
    );
    assert_eq!(action(" ./a#f ", "").unwrap(), format!("{home}/a"));
    assert_eq!(action("?x", "").unwrap(), format!("{home}/authenticate?x"));
    assert_eq!(
        action("/realms/desp/login-actions/a", "").unwrap(),
        format!("{home}/a")
    );
    assert_eq!(action("", "").unwrap(), ANSWER);
    let base =
        "<base href=\"/realms/desp/login-actions/deep/\"><base href=\"https://evil.example/\">";
    assert_eq!(action("a", base).unwrap(), format!("{home}/deep/a"));
}

#[test]
fn w1_what_a_person_types_goes_to_no_other_site() {
    let page = Theme::V2.login(&["username", "password"], "");
    let refused = |new: &str, base: &str| {
        let html = base.to_owned() + &page.replace(ACTION, new);
        read_at(AUTH, html.as_bytes()).unwrap_err().to_string()
    };
    let evil = [
        ("https://evil.example/realms/desp/login-actions/a", ""),
        ("https://iam.example:8443/realms/desp/login-actions/a", ""),
        ("http://iam.example/realms/desp/login-actions/a", ""),
        ("//evil.example/realms/desp/login-actions/a", ""),
        (
            "https://iam.example@evil.example/realms/desp/login-actions/",
            "",
        ),
        ("javascript:send()", ""),
        (
            "/realms/desp/login-actions/a",
            "<base href=\"https://evil.example/\">",
        ),
    ];
    for (action, base) in evil {
        let error = refused(action, base);
        assert!(error.contains("is sent to"), "{action}: {error}");
        assert!(
            error.contains("nothing was sent") && !error.contains("/realms"),
            "{error}"
        );
    }
    for action in [
        "/realms/other/login-actions/a",
        "/realms/desp/login-actions/../../other",
        "/realms/desp/login-actions/%2e%2e/x",
        "/realms/desp/login-actions",
        "/",
    ] {
        assert!(
            refused(action, "").contains("past the IAM's login"),
            "{action}"
        );
    }
    let user = "https://a:b@iam.example/realms/desp/login-actions/a";
    assert!(refused(user, "").contains("user or password"));
    let get = page.replace("method=\"post\"", "method=\"get\"");
    let error = read_at(AUTH, get.as_bytes()).unwrap_err();
    insta::assert_snapshot!(error, @"the login page has a form that puts what is typed into a URL; nothing was sent; check the IAM's URL and realm, and report it to the platform if they are right");
    let error = read_at("https://service.example/?error=x", page.as_bytes()).unwrap_err();
    insta::assert_snapshot!(error, @"a page of another site stands where the login was expected; check the IAM's URL and the service's redirect URI");
}

#[test]
fn a_form_never_shows_what_is_in_it() {
    let page = Theme::V2.login(&["username", "password"], "");
    let page = page.replace("value=\"\"", "value=\"canary\"");
    let page = read(AUTH, &page.replace("session_code=n", "session_code=canary"));
    let shown = format!("{page:?} {page:#?}");
    assert!(
        shown.contains("credentialId") && !shown.contains("canary"),
        "{shown}"
    );
}
