//! The pages of a second factor.

use super::super::piece::{field, form, hidden, radios, tiles};
use super::Look;
use crate::answer::Answer;
use crate::realm::Theme;
use crate::totp::Totp;

impl Look<'_> {
    /// The page of a one-time code.
    pub(in crate::keycloak) fn one_time_code(
        self,
        action: &str,
        devices: &[Totp],
        has_more: bool,
        wrong: Option<&str>,
    ) -> Answer {
        let chosen = devices.first().map_or("", |device| &device.id);
        let choice = match self.theme {
            Theme::V2 => hidden("selectedCredentialId", chosen) + &tiles(devices),
            Theme::Base | Theme::Classic if devices.len() > 1 => radios(devices),
            Theme::Base | Theme::Classic => String::new(),
        };
        let inputs = [
            choice,
            field("text", "otp", "One-time code", ""),
            self.mark("otp", "input-error-otp-code", wrong),
            self.button("login", "Sign In"),
        ];
        let form = form("kc-otp-login-form", action, &inputs) + &self.way_out(action, has_more);
        self.of_known("Sign in to your account", &form)
    }

    /// The page of the recovery code of that number.
    pub(in crate::keycloak) fn recovery_code(
        self,
        action: &str,
        number: usize,
        has_more: bool,
        wrong: Option<&str>,
    ) -> Answer {
        let inputs = [
            field(
                "text",
                "recoveryCodeInput",
                &format!("Recovery code #{number}"),
                "",
            ),
            self.mark("recoveryCodeInput", "input-error", wrong),
            self.button("login", "Sign In"),
        ];
        let form = form("kc-recovery-code-login-form", action, &inputs);
        let body = form + &self.way_out(action, has_more);
        self.of_known("Login with a recovery authentication code", &body)
    }

    /// The page at which a browser asks a security key, or a passkey.
    pub(in crate::keycloak) fn security_key(self, action: &str, has_more: bool) -> Answer {
        let empty = [
            "clientDataJSON",
            "authenticatorData",
            "signature",
            "credentialId",
        ];
        let inputs = empty.map(|name| hidden(name, ""));
        let body = form("webauth", action, &inputs) + &self.way_out(action, has_more);
        self.page("Security Key login", None, &body)
    }

    /// The page where one of several ways to prove it is chosen, each with its name in `ways`.
    pub(in crate::keycloak) fn ways(self, action: &str, ways: &[(&str, &str)]) -> Answer {
        let id = "kc-select-credential-form";
        let name = "authenticationExecution";
        let body = match self.theme {
            Theme::V2 => ways
                .iter()
                .map(|(way, label)| {
                    form(id, action, &[hidden(name, way)])
                        + &format!("<div role=\"button\">{label}</div>\n")
                })
                .collect(),
            Theme::Base | Theme::Classic => {
                let buttons = ways.iter().map(|(way, label)| {
                    format!(
                        "<button type=\"submit\" name=\"{name}\" value=\"{way}\">{label}</button>\n"
                    )
                });
                form(id, action, &buttons.collect::<Vec<_>>())
            }
        };
        self.of_known("Select login method", &body)
    }

    /// Where there are other ways to prove it, the form that leads to them.
    fn way_out(self, action: &str, has_more: bool) -> String {
        if !has_more {
            return String::new();
        }
        let inputs = [
            hidden("tryAnotherWay", "on"),
            "<a href=\"#\" id=\"try-another-way\">Try Another Way</a>\n".to_owned(),
        ];
        form("kc-select-try-another-way-form", action, &inputs)
    }

    /// A page for somebody who is known by name: the older themes show that in the place of a title.
    fn of_known(self, title: &str, body: &str) -> Answer {
        match self.theme {
            Theme::V2 => self.page(title, None, body),
            Theme::Base | Theme::Classic => self.untitled(body),
        }
    }
}
