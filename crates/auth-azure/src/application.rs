//! [`Application`]: a program that asks for itself, or on behalf of who called it.

#[cfg(feature = "certificate")]
mod certificate;
mod credential;
mod environment;

use std::sync::Arc;

use auth_core::error::Untrusted;
use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, Error, Result, TokenEndpoint, TokenExchange,
    TokenSource,
};

#[cfg(feature = "certificate")]
pub use self::certificate::Certificate;
pub use self::credential::Credential;
use crate::tenant::Tenant;

/// An application of a tenant, with what it proves that by. Making one does no I/O.
#[derive(Clone, Debug)]
pub struct Application {
    tenant: Tenant,
    client: ClientAuth,
    is_evaluated: bool,
}

impl Tenant {
    /// The application with this client id, which asks for itself.
    pub fn application(
        &self,
        client_id: impl Into<String>,
        credential: &Credential,
    ) -> Application {
        Application {
            client: credential.client(client_id.into(), self.io()),
            tenant: self.clone(),
            is_evaluated: false,
        }
    }
}

impl Application {
    /// Says that it can answer a claims challenge, so that its tokens may live long and end early (continuous access
    /// evaluation).
    #[must_use]
    pub fn with_continuous_access_evaluation(self) -> Self {
        let is_evaluated = true;
        Self {
            is_evaluated,
            ..self
        }
    }

    /// The token endpoint, as this application uses it.
    pub fn endpoint(&self) -> TokenEndpoint {
        self.tenant
            .evaluated_endpoint(self.client.clone(), self.is_evaluated)
    }

    /// The application's own tokens for one API: `scope` is `<resource>/.default`, such as
    /// `https://graph.microsoft.com/.default`.
    ///
    /// # Errors
    /// `Config` if `scope` is another one.
    pub fn source(&self, scope: &str) -> Result<CachedSource> {
        Ok(CachedSource::new(
            self.grant(scope)?,
            self.tenant.io().clone(),
        ))
    }

    /// The grant of [`source`](Self::source).
    ///
    /// # Errors
    /// As [`source`](Self::source).
    pub fn grant(&self, scope: &str) -> Result<ClientCredentials> {
        let resource = scope.strip_suffix(DEFAULT).unwrap_or_default();
        let is_one = !resource.is_empty() && !scope.contains(char::is_whitespace);
        if self.tenant.is_entra() && !is_one {
            let shown = Untrusted::new(scope).with_limit(200);
            return Err(
                Error::config(format!("an application can't ask for the scope {shown}"))
                    .with_advice("give that of one API, <resource>/.default"),
            );
        }
        Ok(ClientCredentials::new(self.endpoint()).with_scopes([scope]))
    }

    /// Tokens of this application for another API on behalf of who called it (on-behalf-of). `subject` is the caller's
    /// token, which must be for this application; where it is asked for with
    /// [`StaticSource::of_caller`](auth_core::StaticSource::of_caller), what is got for one caller is never given to
    /// another.
    ///
    /// # Errors
    /// `Config` where `subject` does not say whose tokens it hands out.
    pub fn on_behalf_of(
        &self,
        subject: Arc<dyn TokenSource>,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<CachedSource> {
        let grant = self.on_behalf_of_grant(subject, scopes)?;
        Ok(CachedSource::new(grant, self.tenant.io().clone()))
    }

    /// The grant of [`on_behalf_of`](Self::on_behalf_of).
    ///
    /// # Errors
    /// As [`on_behalf_of`](Self::on_behalf_of).
    pub fn on_behalf_of_grant(
        &self,
        subject: Arc<dyn TokenSource>,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<TokenExchange> {
        let exchange = TokenExchange::new(self.endpoint(), subject)?;
        Ok(exchange
            .with_assertion()
            .with_scopes(scopes)
            .with_parameter("requested_token_use", "on_behalf_of"))
    }
}

/// What the scope of an application ends with: whatever it was granted.
const DEFAULT: &str = "/.default";
