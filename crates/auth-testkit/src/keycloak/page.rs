//! The pages of a realm: the forms, fields and marks that the real ones have, and no more.

mod second;

use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::header::{HeaderName, X_FRAME_OPTIONS};
use http::{HeaderValue, StatusCode};

use super::piece::{field, form, hidden, mark};
use crate::answer::Answer;
use crate::page::{escaped, html};
use crate::realm::Theme;
use crate::totp::base32;
use crate::user::User;

/// How pages look.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) theme: Theme,
    pub(super) realm: &'a str,
}

impl Look<'_> {
    /// The login page; without a `username`, that of somebody who is known already; without a password, that of
    /// somebody who is not known yet.
    pub(super) fn login(
        self,
        action: &str,
        username: Option<&str>,
        asks_password: bool,
        wrong: Option<&str>,
        notice: Option<&str>,
    ) -> Answer {
        let first = username.map_or("password", |_| "username");
        let name = username.map_or_else(String::new, |name| {
            field("text", "username", "Username or email", name)
        });
        let password = match asks_password {
            true => field("password", "password", "Password", ""),
            false => String::new(),
        };
        let inputs = [
            name,
            password,
            self.mark(first, "input-error", wrong),
            hidden("credentialId", ""),
            self.button("login", "Sign In"),
        ];
        let form = form("kc-form-login", action, &inputs);
        self.page("Sign in to your account", notice, &form)
    }

    pub(super) fn configure_totp(self, action: &str, secret: &str, wrong: Option<&str>) -> Answer {
        let shown = base32(secret.as_bytes());
        let inputs = [
            format!("<span id=\"kc-totp-secret-key\">{shown}</span>\n"),
            field("text", "totp", "One-time code", ""),
            mark("span", "input-error-otp-code", wrong),
            hidden("totpSecret", secret),
            field("text", "userLabel", "Device Name", ""),
            SIGN_OUT.to_owned(),
            self.named_button("", "", "saveTOTPBtn", "Submit"),
        ];
        let form = form("kc-totp-settings-form", action, &inputs);
        let notice = "You need to set up Mobile Authenticator to activate your account.";
        self.page("Mobile Authenticator Setup", Some(notice), &form)
    }

    pub(super) fn update_password(self, action: &str, wrong: Option<&str>) -> Answer {
        let inputs = [
            field("password", "password-new", "New Password", ""),
            field("password", "password-confirm", "Confirm password", ""),
            self.mark("password-confirm", "input-error-password-confirm", wrong),
            SIGN_OUT.to_owned(),
            self.button("login", "Submit"),
        ];
        let form = form("kc-passwd-update-form", action, &inputs);
        let notice = "You need to change your password to activate your account.";
        self.page("Update password", Some(notice), &form)
    }

    pub(super) fn profile(self, action: &str, user: Option<&User>, wrong: Option<&str>) -> Answer {
        let known = |get: fn(&User) -> &str| user.map_or("", get);
        let inputs = [
            field("text", "email", "Email", known(|user| &user.email)),
            self.mark("email", "input-error-email", wrong),
            field(
                "text",
                "firstName",
                "First name",
                known(|user| &user.first_name),
            ),
            field(
                "text",
                "lastName",
                "Last name",
                known(|user| &user.last_name),
            ),
            self.button("login", "Submit"),
        ];
        let form = form("kc-update-profile-form", action, &inputs);
        let notice = "You need to update your user profile to activate your account.";
        self.page("Update Account Information", Some(notice), &form)
    }

    pub(super) fn verify_email(self, action: &str) -> Answer {
        let inputs = [
            "<p>An email with instructions to verify your email address has been sent.</p>\n"
                .to_owned(),
            self.named_button("", "", "kc-resend-email", "Re-send"),
        ];
        let form = form("kc-verify-email-form", action, &inputs);
        let notice = "You need to verify your email address to activate your account.";
        self.page("Email verification", Some(notice), &form)
    }

    pub(super) fn terms(self, action: &str) -> Answer {
        let buttons = self.choice("kc-accept", "Accept", "kc-decline", "Decline");
        self.page("Terms and Conditions", None, &form("", action, &[buttons]))
    }

    pub(super) fn consent(self, action: &str, client: &str, code: &str) -> Answer {
        let inputs = [
            "<p>Do you grant these access privileges?</p>\n".to_owned(),
            hidden("code", code),
            self.choice("kc-login", "Yes", "kc-cancel", "No"),
        ];
        let title = format!("Grant Access to {client}");
        self.page(&title, None, &form("", action, &inputs))
    }

    /// Where the code of a device is typed.
    pub(super) fn device(self, action: &str, wrong: Option<&str>) -> Answer {
        let inputs = [
            field("text", "device_user_code", "Enter the code", ""),
            self.named_button("", "", "submit", "Submit"),
        ];
        let form = form("kc-user-verify-device-user-code-form", action, &inputs);
        self.page("Device Login", wrong, &form)
    }

    pub(super) fn logout(self, action: &str) -> Answer {
        let inputs = [
            "<p>Do you want to log out?</p>\n".to_owned(),
            hidden("session_code", &crate::random::hex(22)),
            self.button("confirmLogout", "Logout"),
        ];
        let form = form("", action, &inputs);
        self.page("Logging out", None, &form)
    }

    /// Nothing can be done here.
    pub(super) fn failure(self, why: &str) -> Answer {
        let why = escaped(why);
        let body = format!("<div id=\"kc-error-message\"><p class=\"instruction\">{why}</p></div>");
        let mut answer = self.page("We are sorry...", None, &body);
        *answer.status_mut() = StatusCode::BAD_REQUEST;
        answer
    }

    /// The form belongs to a page that is over; `page` is the one that is not.
    pub(super) fn expired(self, page: &str) -> Answer {
        let page = escaped(page);
        let body = format!(
            "<p id=\"instruction1\">To restart the login process \
             <a id=\"loginRestartLink\" href=\"{page}\">Click here</a>. To continue the login process \
             <a id=\"loginContinueLink\" href=\"{page}\">Click here</a>.</p>"
        );
        self.page("Page has expired", None, &body)
    }

    /// A page that says one thing.
    pub(super) fn info(self, status: StatusCode, title: &str, text: &str) -> Answer {
        let body = format!(
            "<div id=\"kc-info-message\"><p class=\"instruction\">{}</p></div>",
            escaped(text)
        );
        let mut answer = self.page(title, None, &body);
        *answer.status_mut() = status;
        answer
    }

    /// What is wrong with a field. The classic theme has a name of its own for the mark.
    fn mark(self, field: &str, classic: &str, wrong: Option<&str>) -> String {
        match self.theme {
            Theme::V2 => mark("div", &format!("input-error-{field}"), wrong),
            Theme::Base | Theme::Classic => mark("span", classic, wrong),
        }
    }

    fn button(self, name: &str, label: &str) -> String {
        self.named_button(name, "", name, label)
    }

    fn choice(self, yes: &str, yes_label: &str, no: &str, no_label: &str) -> String {
        self.named_button("accept", "", yes, yes_label)
            + &self.named_button("cancel", "", no, no_label)
    }

    fn named_button(self, name: &str, value: &str, id: &str, label: &str) -> String {
        match self.theme {
            Theme::V2 => format!(
                "<button type=\"submit\" name=\"{name}\" id=\"{id}\" value=\"{value}\">{label}</button>\n"
            ),
            Theme::Base | Theme::Classic => {
                format!("<input type=\"submit\" name=\"{name}\" id=\"{id}\" value=\"{label}\">\n")
            }
        }
    }

    fn page(self, title: &str, notice: Option<&str>, body: &str) -> Answer {
        let notice = notice.map_or_else(String::new, |text| self.notice(text));
        let title = escaped(title);
        self.untitled(&format!(
            "<h1 id=\"kc-page-title\">{title}</h1>\n{notice}{body}"
        ))
    }

    fn notice(self, text: &str) -> String {
        let text = escaped(text);
        match self.theme {
            Theme::V2 => format!(
                "<div class=\"pf-v5-c-alert\">\
                 <span class=\"pf-v5-c-alert__title kc-feedback-text\">{text}</span></div>\n"
            ),
            Theme::Classic => format!(
                "<div class=\"alert-error\"><span class=\"kc-feedback-text\">{text}</span></div>\n"
            ),
            Theme::Base => {
                format!(
                    "<div class=\"alert-error  pf-m-danger\"><span class=\"\">{text}</span></div>\n"
                )
            }
        }
    }

    fn untitled(self, body: &str) -> Answer {
        let body = format!(
            "<title>Sign in to {0}</title>\n<body{1}>\n<div id=\"kc-header\">{0}</div>\n{body}\n</body>",
            escaped(self.realm),
            match self.theme {
                Theme::V2 => " id=\"keycloak-bg\"",
                Theme::Base | Theme::Classic => "",
            }
        );
        let mut answer = html(StatusCode::OK, &body);
        for (name, value) in HEADERS {
            answer
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}

const SIGN_OUT: &str = "<label><input type=\"checkbox\" name=\"logout-sessions\" value=\"on\" checked> \
     Sign out from other devices</label>\n";

const HEADERS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store, must-revalidate, max-age=0"),
    (
        CONTENT_SECURITY_POLICY,
        "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
    ),
    (CONTENT_LANGUAGE, "en"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "SAMEORIGIN"),
];
