//! What a person must do beside logging in: required actions, and the consent.

use http::Method;

use super::Place;
use super::visit::{Step, Visit, Wish};
use crate::answer::{self, Answer};
use crate::record::Received;
use crate::totp::Totp;
use crate::user::{RequiredAction, User};

impl Place {
    /// The page of a step that is not the login page, and the answer to its form.
    pub(super) fn required_action(&mut self, request: &Received) -> Answer {
        let visit = match self.visit(request) {
            Ok(visit) => visit,
            Err(answer) => return *answer,
        };
        let sent = request.query("session_code");
        let posted = request.method() == Method::POST && sent.as_deref() == Some(&*visit.code);
        match visit.step {
            Step::Password | Step::Otp | Step::RecoveryCode | Step::SecurityKey | Step::Choice => {
                let query = visit.query(None, None);
                answer::redirect(&self.at(request, "login-actions/authenticate", &query))
            }
            Step::Consent => self.question(request, visit),
            Step::Action(action) if posted => self.act(request, visit, action),
            Step::Action(action) => self.task(request, visit, action, None),
        }
    }

    /// Does what the person filled in, or says what is wrong with it.
    fn act(&mut self, request: &Received, visit: Visit, action: RequiredAction) -> Answer {
        if action == RequiredAction::TermsAndConditions && request.field("cancel").is_some() {
            return self.decline(request, &visit, "termsAndConditionsDeclined");
        }
        let name = visit.user.clone().unwrap_or_default();
        let Some(user) = self.issuer.users.get_mut(&name) else {
            return self.stop(request, "Invalid Request");
        };
        if let Err(wrong) = perform(request, user, action, &visit.secret) {
            return self.task(request, visit, action, Some(wrong));
        }
        user.actions.retain(|other| *other != action);
        self.advance(request, visit)
    }

    fn task(
        &mut self,
        request: &Received,
        mut visit: Visit,
        action: RequiredAction,
        wrong: Option<&'static str>,
    ) -> Answer {
        visit.renew();
        let query = visit.query(Some(&visit.code), Some(&visit.execution));
        let url = self.at(request, "login-actions/required-action", &query);
        let user = visit.user.as_deref().unwrap_or_default();
        let user = self.issuer.users.get(user);
        let look = self.look();
        let page = match action {
            RequiredAction::ConfigureTotp => look.configure_totp(&url, &visit.secret, wrong),
            RequiredAction::TermsAndConditions => look.terms(&url),
            RequiredAction::UpdatePassword => look.update_password(&url, wrong),
            RequiredAction::VerifyEmail => look.verify_email(&url),
            RequiredAction::VerifyProfile => look.profile(&url, user, wrong),
        };
        self.visits.keep(visit);
        page
    }

    /// Asks whether the client may have what it wants.
    fn question(&mut self, request: &Received, mut visit: Visit) -> Answer {
        visit.renew();
        let query = visit.query(None, None);
        let url = self.at(request, "login-actions/consent", &query);
        let page = self.look().consent(&url, visit.wish.client(), &visit.code);
        self.visits.keep(visit);
        page
    }

    /// The answer to that.
    pub(super) fn consent(&mut self, request: &Received) -> Answer {
        let visit = match self.visit(request) {
            Ok(visit) => visit,
            Err(answer) => return *answer,
        };
        let asked = visit.step == Step::Consent && request.method() == Method::POST;
        if !asked || request.field("code").as_deref() != Some(&*visit.code) {
            return self.next(request, visit);
        }
        if request.field("accept").is_none() {
            return self.decline(request, &visit, "");
        }
        if let (Wish::Code(ask), Some(user)) = (&visit.wish, &visit.user) {
            self.consents.insert((user.clone(), ask.client.clone()));
        }
        self.end(request, &visit)
    }

    /// The person does not want it.
    fn decline(&mut self, request: &Received, visit: &Visit, why: &str) -> Answer {
        self.visits.end(&visit.root);
        match &visit.wish {
            Wish::Code(ask) => self.send_back(request, &ask.way, "access_denied", why),
            Wish::Device { user_code, .. } => {
                self.issuer.devices.deny(user_code);
                let query = "error=access_denied";
                answer::redirect(&self.at(request, "device/status", query))
            }
        }
    }
}

/// Changes `user` as they wish, or says what is wrong with the wish.
fn perform(
    request: &Received,
    user: &mut User,
    action: RequiredAction,
    secret: &str,
) -> Result<(), &'static str> {
    let field = |name| request.field(name).unwrap_or_default();
    match action {
        RequiredAction::ConfigureTotp => {
            let label = match field("userLabel") {
                label if label.is_empty() => "device".to_owned(),
                label => label,
            };
            let mut device = Totp::new(label, secret.as_bytes().to_vec());
            if !device.take(&field("totp"), request.at()) {
                return Err("Invalid authenticator code.");
            }
            user.devices.push(device);
        }
        RequiredAction::TermsAndConditions => {}
        RequiredAction::VerifyEmail => return Err("You need to verify your email address."),
        RequiredAction::UpdatePassword => {
            let password = field("password-new");
            if password.is_empty() {
                return Err("Please specify password.");
            }
            if password != field("password-confirm") {
                return Err("Passwords don't match.");
            }
            user.password = password;
        }
        RequiredAction::VerifyProfile => {
            let [email, first, last] = ["email", "firstName", "lastName"].map(field);
            if [&email, &first, &last].iter().any(|text| text.is_empty()) {
                return Err("Please specify this field.");
            }
            (user.email, user.first_name, user.last_name) = (email, first, last);
        }
    }
    Ok(())
}
