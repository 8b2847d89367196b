//! The password grant (RFC 6749 §4.3), which a realm still has: Keycloak's direct access grants.

use http::StatusCode;

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::record::Received;

impl Issuer {
    /// Logs a person in who gave their password to the client.
    pub(super) fn password(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let field = |name| request.field(name).unwrap_or_default();
        let no = |status, why: &'static str| {
            Refusal::new("invalid_grant", why).keycloak_as(status, "invalid_grant", why)
        };
        let wrong = || no(StatusCode::BAD_REQUEST, "Invalid user credentials");
        if field("username").is_empty() {
            let (error, why) = ("invalid_request", "Missing parameter: username");
            let no = Refusal::new(error, why);
            return Err(no.keycloak_as(StatusCode::UNAUTHORIZED, error, why));
        }
        let user = self.users.get_mut(&field("username"));
        let user = user.filter(|user| user.knows(&field("password")));
        let user = user.ok_or_else(wrong)?;
        if user.is_disabled() {
            return Err(no(StatusCode::BAD_REQUEST, "Account disabled"));
        }
        let mut devices = user.devices.iter_mut();
        let code = field("totp");
        if devices.len() > 0 && !devices.any(|device| device.take(&code, request.at())) {
            return Err(wrong());
        }
        if !user.actions.is_empty() {
            let why = "Account is not fully set up";
            return Err(no(StatusCode::BAD_REQUEST, why));
        }
        let purpose = self.purpose(request, &client, field("username"))?;
        Ok(answer::of_tokens(&self.start(request, purpose, None)?.0))
    }
}
