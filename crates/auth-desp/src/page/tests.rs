//! Pages as the themes have them, and as nobody should.

mod form;
mod theme;

use auth_core::Io;
use secrecy::{ExposeSecret, SecretString};

use self::theme::{THEMES, Theme};
use super::*;

const AUTH: &str = "https://iam.example/realms/desp/protocol/openid-connect/auth?client_id=c";
const ANSWER: &str =
    "https://iam.example/realms/desp/login-actions/authenticate?session_code=s&execution=e";
const AGAIN: &str =
    "https://iam.example/realms/desp/login-actions/authenticate?client_id=c&tab_id=t&client_data=d";
const ACTION: &str = "https://iam.example/realms/desp/login-actions/authenticate?session_code=n&amp;execution=f&amp;client_id=c";

fn platform() -> Platform {
    Platform::new("https://iam.example", "desp", Io::new()).unwrap()
}

fn read_at(url: &str, html: &[u8]) -> Result<Page> {
    Page::read(&Url::parse(url).unwrap(), html, &platform())
}

fn read(url: &str, html: &str) -> Page {
    read_at(url, html.as_bytes()).unwrap()
}

/// What a page is, in a line.
fn shape(page: &Page) -> String {
    let remark = |remark: &Option<Remark>| match remark {
        None => String::new(),
        Some(remark) => format!(" {remark:?}"),
    };
    match page {
        Page::Login {
            wants_username,
            wants_password,
            remark: said,
            ..
        } => format!("login {wants_username} {wants_password}{}", remark(said)),
        Page::OneTimeCode {
            devices,
            remark: said,
            ..
        } => format!("code of {}{}", devices.len(), remark(said)),
        Page::RecoveryCode { remark: said, .. } => format!("recovery code{}", remark(said)),
        other => format!("{other:?}"),
    }
}

fn form_of(page: Page) -> Form {
    match page {
        Page::Login { form, .. }
        | Page::OneTimeCode { form, .. }
        | Page::RecoveryCode { form, .. } => form,
        other => panic!("{other:?} has no form"),
    }
}

fn filled(form: &Form, values: &[(&str, &str)]) -> String {
    let values: Vec<(&str, SecretString)> = values
        .iter()
        .map(|(name, value)| (*name, SecretString::from(*value)))
        .collect();
    let values: Vec<(&str, &SecretString)> =
        values.iter().map(|(name, value)| (*name, value)).collect();
    form.filled(&values).expose_secret().to_owned()
}

#[test]
fn a_login_page_is_known_in_every_theme_and_says_what_it_asks_for() {
    for theme in THEMES {
        let both = theme.login(&["username", "password"], "");
        assert_eq!(shape(&read(AUTH, &both)), "login true true");
        let name = theme.login(&["username"], "");
        assert_eq!(shape(&read(AUTH, &name)), "login true false");
        let password = theme.login(&["password"], "");
        assert_eq!(shape(&read(ANSWER, &password)), "login false true");
    }
    // Somebody who is known already, in themes that show the name all the same.
    let known = Theme::Classic
        .login(&["username", "password"], "")
        .replace("name=\"username\"", "name=\"username\" disabled");
    assert_eq!(shape(&read(AUTH, &known)), "login false true");
}

#[test]
fn w11_a_wrong_password_is_a_login_page_with_its_text_in_every_theme() {
    let text = "Ungültiger Benutzername oder Passwort.";
    for theme in THEMES {
        let wrong = theme.wrong("username", "input-error", text);
        let page = read(ANSWER, &theme.login(&["username", "password"], &wrong));
        assert_eq!(shape(&page), format!("login true true Wrong({text:?})"));
    }
}

#[test]
fn what_a_page_says_is_told_apart_by_the_address_that_it_came_from() {
    for theme in THEMES {
        let page = theme.login(&["username", "password"], &theme.alert("Text."));
        for (url, kind) in [(ANSWER, "Barred"), (AGAIN, "Restarted"), (AUTH, "Notice")] {
            let expected = format!("login true true {kind}(\"Text.\")");
            assert_eq!(shape(&read(url, &page)), expected);
        }
    }
}

#[test]
fn a_page_of_one_time_codes_names_the_devices() {
    let radios = "<input id=\"kc-otp-credential-0\" type=\"radio\" name=\"selectedCredentialId\" value=\"id-0\">\
         <label for=\"kc-otp-credential-0\"><span><i></i></span><span> my  phone</span></label>\
         <input id=\"kc-otp-credential-1\" type=\"radio\" name=\"selectedCredentialId\" value=\"id-1\" checked=\"checked\">\
         <label for=\"kc-otp-credential-1\">tablet &lt;2&gt;</label>";
    let around = "<label><input type=\"radio\" name=\"selectedCredentialId\" value=\"id-0\"> my phone</label>\
         <label><input type=\"radio\" name=\"selectedCredentialId\" value=\"id-1\" checked> tablet &lt;2&gt;</label>";
    let tiles = "<input type=\"hidden\" id=\"selectedCredentialId\" name=\"selectedCredentialId\" value=\"id-1\">\
         <div id=\"kc-otp-credential-0\" onclick=\"toggleOTP(0, &#39;id-0&#39;)\"><span><i></i></span>\
         <span class=\"pf-v5-c-tile__title\">my phone</span></div>\
         <div id=\"kc-otp-credential-1\" onclick=\"toggleOTP(1, 'id-1')\"><div><span>tablet &lt;2&gt;</span></div></div>";
    for (theme, inner) in [
        (Theme::Classic, radios),
        (Theme::Base, around),
        (Theme::V2, tiles),
    ] {
        let page = read(ANSWER, &theme.code(inner, ""));
        let Page::OneTimeCode {
            form,
            devices,
            remark: None,
        } = page
        else {
            panic!("{page:?}")
        };
        let found = devices
            .iter()
            .map(|one| (&*one.id, &*one.label, one.is_chosen))
            .collect::<Vec<_>>();
        let expected = [("id-0", "my phone", false), ("id-1", "tablet <2>", true)];
        assert_eq!(found, expected);
        let usual = filled(&form, &[("otp", "123456")]);
        assert!(usual.starts_with("selectedCredentialId=id-1&otp=123456&login="));
        let other = filled(&form, &[("otp", "1"), ("selectedCredentialId", "id-0")]);
        assert!(other.starts_with("selectedCredentialId=id-0&otp=1&login="));
    }
    let one = "<input type=\"hidden\" name=\"selectedCredentialId\" value=\"id\">";
    assert_eq!(shape(&read(ANSWER, &Theme::V2.code(one, ""))), "code of 1");
    let none = read(ANSWER, &Theme::Classic.code("", ""));
    assert_eq!(shape(&none), "code of 0");
}

#[test]
fn a_wrong_one_time_code_is_told_in_every_theme() {
    for theme in THEMES {
        let wrong = theme.wrong("otp", "input-error-otp-code", "Code ungültig.");
        let page = read(ANSWER, &theme.code("", &wrong));
        assert_eq!(shape(&page), "code of 0 Wrong(\"Code ungültig.\")");
    }
    // A page of an operator's own, for codes by e-mail, that has the field alone.
    let own = format!("<form method=post action=\"{ACTION}\"><input name=otp></form>");
    assert_eq!(shape(&read(ANSWER, &own)), "code of 0");
}

#[test]
fn other_second_factors_are_told_apart() {
    let recovery = format!(
        "<form id=\"kc-recovery-code-login-form\" action=\"{ACTION}\" method=\"post\">\
         <label for=\"recoveryCodeInput\">#3</label><input id=\"recoveryCodeInput\" name=\"recoveryCodeInput\">\
         <span id=\"input-error\">Nein.</span></form>"
    );
    assert_eq!(
        shape(&read(ANSWER, &recovery)),
        "recovery code Wrong(\"Nein.\")"
    );
    let key = format!(
        "<form id=\"webauth\" action=\"{ACTION}\" method=\"post\"><input type=\"hidden\" name=\"clientDataJSON\">\
         <input type=\"hidden\" name=\"credentialId\"></form>"
    );
    assert!(matches!(read(ANSWER, &key), Page::SecurityKey));
    // Each may lead to other ways; a page that can be answered need not.
    let more = format!(
        "<form id=\"kc-select-try-another-way-form\" action=\"{ACTION}\" method=\"post\">\
         <input type=\"hidden\" name=\"tryAnotherWay\" value=\"on\"/></form>"
    );
    for (page, what) in [
        (&recovery, "recovery code Wrong(\"Nein.\")"),
        (&key, "SecurityKey"),
        (
            &"<h1 id=kc-page-title>E-mail</h1>".to_owned(),
            "Unknown(Some(\"E-mail\"))",
        ),
    ] {
        let Page::OrAnotherWay(page, form) = read(ANSWER, &(page.clone() + &more)) else {
            panic!("{what}");
        };
        assert_eq!(shape(&page), what);
        assert_eq!(filled(&form, &[]), "tryAnotherWay=on");
    }
    // A passkey may be used there, and need not.
    let either = Theme::V2.login(&["username", "password"], "") + &key;
    assert_eq!(shape(&read(AUTH, &either)), "login true true");
}

#[test]
fn w11_each_required_action_is_named_by_the_address_or_by_its_fields() {
    let form = |inner: &str| format!("<form method=post action=\"{ACTION}\">{inner}</form>");
    let by_id = |id: &str| format!("<form id=\"{id}\" method=post action=\"{ACTION}\"></form>");
    for (html, name) in [
        (
            form("<input name=totp><input type=hidden name=totpSecret value=x>"),
            "CONFIGURE_TOTP",
        ),
        (
            form(
                "<input type=password name=password-new><input type=password name=password-confirm>",
            ),
            "UPDATE_PASSWORD",
        ),
        (
            form("<input type=hidden name=generatedRecoveryAuthnCodes>"),
            "CONFIGURE_RECOVERY_AUTHN_CODES",
        ),
        (
            form("<input type=hidden name=attestationObject>"),
            "webauthn-register",
        ),
        (by_id("kc-update-profile-form"), "VERIFY_PROFILE"),
        (by_id("kc-update-email-form"), "UPDATE_EMAIL"),
        (by_id("kc-verify-email-form"), "VERIFY_EMAIL"),
    ] {
        let page = read(ANSWER, &html);
        assert!(
            matches!(&page, Page::RequiredAction(found) if found == name),
            "{page:?}"
        );
    }
    let at = |name: &str| {
        format!(
            "https://iam.example/realms/desp/login-actions/required-action?execution={name}&client_id=c"
        )
    };
    for (name, expected) in [
        ("VERIFY_EMAIL", "RequiredAction(\"VERIFY_EMAIL\")"),
        (
            "some-thing.of%20their_own",
            "RequiredAction(\"some-thing.of their_own\")",
        ),
        ("TERMS_AND_CONDITIONS", "Terms"),
        ("OAUTH_GRANT", "Consent"),
    ] {
        let url = Url::parse(&at(name)).unwrap();
        let page = Page::announced(&url, &platform()).unwrap();
        assert_eq!(format!("{page:?}"), expected);
        assert_eq!(format!("{:?}", read(&at(name), "<p>x")), expected);
    }
    for url in [
        ANSWER.to_owned(),
        at("X").replace("iam.example", "evil.example"),
        at("X").replace("/desp/", "/other/"),
        "https://iam.example/realms/desp/login-actions/required-action".to_owned(),
        at(""),
    ] {
        let url = Url::parse(&url).unwrap();
        assert!(Page::announced(&url, &platform()).is_none(), "{url}");
    }
}

#[test]
fn terms_consent_expired_pages_and_errors_are_told_apart() {
    for (theme, button) in [(Theme::V2, "button"), (Theme::Classic, "input")] {
        let choice = format!(
            "<{button} type=\"submit\" name=\"accept\" value=\"x\">\
             <{button} type=\"submit\" name=\"cancel\" value=\"y\">"
        );
        let terms = format!("<form action=\"{ACTION}\" method=\"post\">{choice}</form>");
        assert!(matches!(
            read(ANSWER, &theme.page("T", &terms)),
            Page::Terms
        ));
        let code = "<input type=\"hidden\" name=\"code\" value=\"c\">";
        let consent = format!("<form action=\"{ACTION}\" method=\"post\">{code}{choice}</form>");
        assert!(matches!(
            read(ANSWER, &theme.page("G", &consent)),
            Page::Consent
        ));
        let expired = "<a id=\"loginRestartLink\" href=\"x\">a</a> <a id=\"loginContinueLink\" href=\"y\">b</a>";
        assert!(matches!(
            read(ANSWER, &theme.page("E", expired)),
            Page::Expired
        ));
        let error = "<div id=\"kc-error-message\"><p class=\"instruction\">Restart login <b>cookie</b> not found.</p></div>";
        let page = read(ANSWER, &theme.page("Sorry", error));
        assert!(matches!(&page, Page::Failed(text) if text == "Restart login cookie not found."));
    }
}

#[test]
fn a_page_that_nobody_knows_is_named_by_its_title() {
    let title = |html: &str| shape(&read(ANSWER, html));
    assert_eq!(
        title(&Theme::V2.page("Choose  a <b>way</b>", "")),
        "Unknown(Some(\"Choose a way\"))"
    );
    assert_eq!(
        title("<title>Only &eacute; this</title>"),
        "Unknown(Some(\"Only é this\"))"
    );
    assert_eq!(title(""), "Unknown(None)");
    assert_eq!(title("no HTML at all"), "Unknown(None)");
}

#[test]
fn w16_bytes_that_are_no_text_and_html_that_is_none_do_not_fail() {
    let mut html = Theme::V2.login(&["username", "password"], "").into_bytes();
    html.extend_from_slice(b"\xff\xfe\x00<p title='\xe9' <<>>&#xfffff;</");
    html.splice(0..0, *b"\x80\x00");
    assert_eq!(shape(&read_at(AUTH, &html).unwrap()), "login true true");
    for end in 0..html.len() {
        drop(read_at(AUTH, &html[..end]));
    }
    let deep = "<b id=input-error-x>".repeat(50_000) + "x";
    assert_eq!(shape(&read(AUTH, &deep)), "Unknown(None)");
}

#[test]
fn w16_the_login_form_is_found_among_others() {
    let decoys = "<form action=\"/search\" method=\"get\"><input name=\"q\"></form>\
         <form action=\"https://evil.example/news\" method=\"post\"><input name=\"username\"><input name=\"email\"></form>\
         <form method=\"post\" action=\"https://evil.example/register\"><input name=\"username\">\
         <input type=\"password\" name=\"password\"><input type=\"password\" name=\"password-confirm\"></form>\
         <template><form method=\"post\" action=\"https://evil.example/\"><input name=\"username\"><input name=\"password\"></form></template>";
    for theme in THEMES {
        let page = decoys.to_owned() + &theme.login(&["username", "password"], "");
        let form = form_of(read(AUTH, &page));
        assert_eq!(form.action().host_str(), Some("iam.example"));
    }
    // Without an id, by its fields.
    let plain = Theme::V2
        .login(&["username", "password"], "")
        .replace("kc-form-login", "x");
    assert_eq!(
        shape(&read(AUTH, &(decoys.to_owned() + &plain))),
        "login true true"
    );
    // Fields that stand outside of their form.
    let outside = format!(
        "<form id=\"f\" method=\"post\" action=\"{ACTION}\"></form><input form=\"f\" name=\"username\">\
         <input form=\"f\" type=\"password\" name=\"password\"><input form=\"g\" name=\"otp\">"
    );
    let form = form_of(read(AUTH, &outside));
    assert_eq!(
        filled(&form, &[("username", "a"), ("password", "b")]),
        "username=a&password=b"
    );
}

/// A login form with `more` in it, filled in.
fn sent_with(more: &str) -> String {
    let page = format!(
        "<form method=post action=\"{ACTION}\"><input name=username><input type=password name=password>{more}</form>"
    );
    let form = form_of(read(AUTH, &page));
    filled(
        &form,
        &[("username", "a"), ("password", "p\n"), ("otp", "1")],
    )
}

#[test]
fn a_page_that_asks_for_name_password_and_code_at_once_is_the_login() {
    let code = "<input name=otp>";
    assert_eq!(sent_with(code), "username=a&password=p&otp=1");
    let page = Theme::Base.code("<input type=password name=password>", "");
    assert_eq!(shape(&read(ANSWER, &page)), "login false true");
}

#[test]
fn the_ways_to_prove_it_are_those_that_each_theme_offers() {
    let hidden = |value: &str| {
        format!(
            "<form id=\"kc-select-credential-form\" action=\"{ACTION}\" method=\"post\">\
             <input type=\"hidden\" name=\"authenticationExecution\" value=\"{value}\"></form>\
             <div role=\"button\">{value}</div>"
        )
    };
    let button = |value: &str| {
        format!(
            "<button type=\"submit\" name=\"authenticationExecution\" value=\"{value}\">{value}</button>"
        )
    };
    let newer = hidden("a-key") + &hidden("a-code");
    let older = format!(
        "<form id=\"kc-select-credential-form\" action=\"{ACTION}\" method=\"post\">{}{}</form>",
        button("a-key"),
        button("a-code")
    );
    for page in [newer, older] {
        let Page::Ways(ways) = read(ANSWER, &page) else {
            panic!("{page}");
        };
        let sent: Vec<String> = ways
            .iter()
            .map(|way| {
                let (name, value) = way.choice();
                filled(way.form(), &[(name, value.expose_secret())])
            })
            .collect();
        let chosen = ["a-key", "a-code"].map(|way| format!("authenticationExecution={way}"));
        assert_eq!(sent, chosen);
    }
    // None leads elsewhere.
    let stray = hidden("x").replace(ACTION, "https://evil.example/");
    assert!(read_at(ANSWER, stray.as_bytes()).is_err());
}
