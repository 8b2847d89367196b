//! What people do at the server without seeing a page, and what becomes of their tokens.

use auth_core::RefreshToken;

use super::Server;
use crate::refresh::End;
use crate::token::Purpose;

impl Server {
    /// Lets `user` enter the code of a device and allow what it asks for. Says whether the code is
    /// known.
    pub fn allow_device(&self, user_code: &str, user: &str) -> bool {
        let now = self.0.clock.now().wall;
        let state = &mut *self.state();
        let mut issuers = state.issuers();
        let known = issuers.any(|issuer| issuer.devices.allow(user_code, user, None));
        drop(issuers);
        known || state.entra.allow_device(user_code, user, now)
    }

    /// Lets a person enter the code of a device and deny. Says whether the code is known.
    pub fn deny_device(&self, user_code: &str) -> bool {
        let state = &mut *self.state();
        let mut issuers = state.issuers();
        let known = issuers.any(|issuer| issuer.devices.deny(user_code));
        drop(issuers);
        known || state.entra.deny_device(user_code)
    }

    /// Logs `user` in at `client` and gives the first refresh token.
    pub fn login(&self, client: &str, user: &str, scopes: &[&str]) -> RefreshToken {
        let now = self.0.clock.now().wall;
        let issuer = &mut self.state().issuer;
        let known = issuer.clients.get(client);
        let purpose = Purpose {
            client: client.to_owned(),
            subject: user.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            audience: issuer.audience(Vec::new(), known),
            session: None,
            since: None,
            offline: false,
            actor: None,
        };
        let (_, token) = issuer.begin("", purpose, now);
        RefreshToken::new(token)
    }

    /// Logs `user` in at `client` of the realm, or tenant, with that issuer, by which its clients call it, and
    /// gives the first refresh token: at a realm, with the scope `offline_access`, an offline one. `None` if
    /// there is no such realm, client or scope.
    pub fn login_at(
        &self,
        issuer: &str,
        client: &str,
        user: &str,
        scopes: &[&str],
    ) -> Option<RefreshToken> {
        let now = self.0.clock.now().wall;
        let state = &mut *self.state();
        let scope = scopes.join(" ");
        let token = state
            .keycloak
            .login(issuer, client, user, &scope, now)
            .or_else(|| state.entra.login(issuer, client, user, &scope, now))?;
        Some(RefreshToken::new(token))
    }

    /// Whether `token` would be redeemed now: its login lives, and it is neither used up nor over.
    pub fn is_live(&self, token: &RefreshToken) -> bool {
        let now = self.0.clock.now().wall;
        let token = token.expose_secret();
        let state = &mut *self.state();
        let mut issuers = state.issuers();
        let live = issuers.any(|issuer| issuer.logins.is_live(token, now));
        drop(issuers);
        live || state.entra.logins.is_live(token, now)
    }

    /// Makes an access token worthless, or ends the login of a refresh token. Says whether the token
    /// is known.
    pub fn revoke(&self, token: &str) -> bool {
        let state = &mut *self.state();
        let mut issuers = state.issuers();
        let known = issuers
            .any(|issuer| issuer.tokens.revoke(token) || issuer.logins.end(token, End::Left));
        drop(issuers);
        let entra = &mut state.entra;
        known
            || entra.tokens.revoke(token)
            || entra.logins.end(token, End::Left)
            || state.disruptive.revoke(token)
    }
}
