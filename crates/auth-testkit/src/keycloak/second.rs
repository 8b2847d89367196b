//! The second factor: a one-time code, a recovery code, a security key, and the choice among them.

use super::Place;
use super::visit::{Step, Visit};
use crate::answer::Answer;
use crate::record::Received;
use crate::user::User;

impl Place {
    pub(super) fn one_time_code(&mut self, request: &Received, mut visit: Visit) -> Answer {
        let code = request.field("otp").unwrap_or_default();
        let chosen = request.field("selectedCredentialId");
        let name = visit.user.clone().unwrap_or_default();
        let user = self.issuer.users.get_mut(&name);
        let device = user.and_then(|user| {
            let mut devices = user.devices.iter_mut();
            match chosen.filter(|id| !id.is_empty()) {
                Some(id) => devices.find(|device| device.id == id),
                None => devices.next(),
            }
        });
        if device.is_some_and(|device| device.take(&code, request.at())) {
            return self.advance(request, visit);
        }
        self.show(request, &mut visit, Some(WRONG_CODE))
    }

    pub(super) fn recovery_code(&mut self, request: &Received, mut visit: Visit) -> Answer {
        let code = request.field("recoveryCodeInput").unwrap_or_default();
        let name = visit.user.clone().unwrap_or_default();
        let user = self.issuer.users.get_mut(&name);
        if let Some(user) = user
            && user.recovery_codes.0.first() == Some(&code)
        {
            user.recovery_codes.0.remove(0);
            return self.advance(request, visit);
        }
        self.show(request, &mut visit, Some(WRONG_RECOVERY_CODE))
    }

    /// The way that was chosen to prove it.
    pub(super) fn chosen(&mut self, request: &Received, mut visit: Visit) -> Answer {
        let chosen = request.field("authenticationExecution");
        let ways = self.ways(&visit);
        let way = ways
            .into_iter()
            .find(|(_, name)| chosen.as_deref() == Some(name));
        if let Some((step, _)) = way {
            visit.go(step);
        }
        self.show(request, &mut visit, None)
    }

    pub(super) fn ways(&self, visit: &Visit) -> Vec<(Step, &'static str)> {
        let name = visit.user.as_deref().unwrap_or_default();
        self.issuer.users.get(name).map(ways).unwrap_or_default()
    }
}

/// How a person proves it after the password, the first first: each with the name of its execution.
pub(super) fn ways(user: &User) -> Vec<(Step, &'static str)> {
    let mut ways = Vec::new();
    if !user.devices.is_empty() {
        ways.push((Step::Otp, "0b2c9d4e-otp"));
    }
    if !user.recovery_codes.0.is_empty() {
        ways.push((Step::RecoveryCode, "7f1a3c58-recovery"));
    }
    if user.prefers_recovery {
        ways.reverse();
    }
    if user.has_key {
        ways.insert(0, (Step::SecurityKey, "c4f6e0d2-key"));
    }
    ways
}

pub(super) fn label(step: Step) -> &'static str {
    match step {
        Step::SecurityKey => "Security Key",
        Step::RecoveryCode => "Recovery Authentication Code",
        _ => "Authenticator Application",
    }
}

const WRONG_RECOVERY_CODE: &str = "Invalid recovery authentication code";
const WRONG_CODE: &str = "Invalid authenticator code.";
