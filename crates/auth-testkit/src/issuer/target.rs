//! For whom tokens are (RFC 8707, RFC 8693 §2.1).

use super::Issuer;
use crate::answer::Refusal;
use crate::audience::Audience;
use crate::client::Client;
use crate::dialect::Dialect;
use crate::dialect::keycloak::ACCOUNT;
use crate::record::Received;
use crate::resource::Resource;

impl Issuer {
    /// Whom a form asks for. A realm decides by itself for whom its tokens are, but in an exchange.
    pub(super) fn targets(&self, request: &Received) -> Vec<String> {
        self.named(|name| request.fields(name))
    }

    /// The same of the address of a login page.
    pub(super) fn login_targets(&self, request: &Received) -> Vec<String> {
        self.named(|name| request.queries(name))
    }

    fn named(&self, values: impl Fn(&str) -> Vec<String>) -> Vec<String> {
        match self.dialect {
            Dialect::Standard => ["resource", "audience"]
                .into_iter()
                .flat_map(values)
                .collect(),
            Dialect::Keycloak => Vec::new(),
        }
    }

    /// For those whom `client` asks for, or else for whom its tokens are when nobody says otherwise.
    pub(crate) fn audience<'c>(
        &self,
        named: Vec<String>,
        client: impl Into<Option<&'c Client>>,
    ) -> Audience {
        let usual = match self.dialect {
            Dialect::Standard => Resource::AUDIENCE,
            Dialect::Keycloak => ACCOUNT,
        };
        let of_client = client.into().map(|client| client.audiences.clone());
        let of_client = of_client.filter(|names| !names.is_empty());
        Audience::new(named, of_client.unwrap_or_else(|| vec![usual.to_owned()]))
    }

    /// Those of a login, as far as a request for its tokens names any (RFC 8707 §2.2).
    pub(super) fn narrowed(
        &self,
        request: &Received,
        granted: Audience,
    ) -> Result<Audience, Refusal> {
        let narrowed = granted.narrowed(self.targets(request));
        narrowed.ok_or_else(|| Refusal::new("invalid_target", "The login was for other resources."))
    }
}
