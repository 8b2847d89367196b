//! A session of the person's that the next service finds.

use auth_core::Result;
use auth_core::endpoint::AuthorizationRequest;
use secrecy::SecretString;

use super::attempt::Attempt;
use super::visit::Arrived;

impl Attempt<'_> {
    /// The code that is redeemed, of a session that outlives that.
    ///
    /// Keycloak ends a session that begins with an offline login as soon as the code is redeemed (26.7.4; the client's part of
    /// the session notes that it was the first in it and asked for `offline_access`), and with it the cookies that we have kept and
    /// the codes of other services. It takes the note back when the client asks once more, so that is what we do. Where
    /// nothing comes of it, the first code is as good.
    pub(super) async fn shared(
        &mut self,
        request: &AuthorizationRequest,
        code: SecretString,
    ) -> SecretString {
        let scopes = self.login.service.scopes();
        let is_offline = scopes.iter().any(|scope| scope == OFFLINE);
        if !(is_offline && self.login.manner.signs_on_once && self.was_asked()) {
            return code;
        }
        match self.again(request).await {
            Ok(Some(next)) => return next,
            Ok(None) => tracing::debug!("the session of an offline login may end with it"),
            Err(error) => {
                tracing::debug!(%error, "the session of an offline login may end with it")
            }
        }
        code
    }

    /// Another code for the same, if it costs nothing.
    async fn again(&mut self, request: &AuthorizationRequest) -> Result<Option<SecretString>> {
        match self.visit.open().await? {
            Arrived::SentTo(url) => self.sent_to(request, &url).map(Some),
            Arrived::At(..) => Ok(None),
        }
    }
}

/// The scope of a login that outlasts the session that it was made in (OpenID Connect Core §11).
const OFFLINE: &str = "offline_access";
