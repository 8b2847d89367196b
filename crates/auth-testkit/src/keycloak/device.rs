//! Where a person enters the code of a device.

use http::{Method, StatusCode};

use super::Place;
use super::visit::Wish;
use crate::answer::{self, Answer};
use crate::dialect::Dialect;
use crate::record::Received;

impl Place {
    /// The page for people, whichever program they read it with. What is posted without a user code is a program's
    /// request for codes, unless it asks for HTML.
    pub(super) fn device(&mut self, request: &Received) -> Answer {
        let accept = request.header("accept").unwrap_or_default();
        let is_page = request.method() != Method::POST
            || request.field("device_user_code").is_some()
            || accept.contains("text/html");
        if !is_page {
            let answer = self.issuer.device_authorization(request);
            return answer.unwrap_or_else(|no| no.answer(Dialect::Keycloak));
        }
        let typed = if request.method() == Method::POST {
            request.field("device_user_code")
        } else {
            request.query("user_code")
        };
        let url = format!("{}/device", self.issuer.name(request));
        let Some(code) = typed.filter(|code| !code.is_empty()) else {
            return self.look().device(&url, None);
        };
        let known = self.issuer.devices.waiting(&code, request.at());
        let client = match known {
            None => return self.look().device(&url, Some(UNKNOWN)),
            Some((_, false)) => return self.look().device(&url, Some(EXPIRED)),
            Some((purpose, true)) => purpose.client.clone(),
        };
        let wish = Wish::Device {
            client,
            user_code: code,
        };
        let visit = self.begin(request, wish);
        let query = visit.query(None, None);
        let page = self.at(request, "login-actions/authenticate", &query);
        self.with_cookies(request, &visit, answer::redirect(&page))
    }

    /// How it went.
    pub(super) fn device_status(&self, request: &Received) -> Answer {
        let (title, text) = match request.query("error") {
            None => (
                "Device Login Successful",
                "You may close this browser window and go back to your device.",
            ),
            Some(_) => (
                "Device Login Failed",
                "Consent denied for connecting the device.",
            ),
        };
        self.look().info(StatusCode::OK, title, text)
    }
}

const UNKNOWN: &str = "Invalid code, please try again.";
const EXPIRED: &str =
    "The code has expired. Please go back to your device and try connecting again.";
