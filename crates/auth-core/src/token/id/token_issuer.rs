//! [`TokenIssuer`]: what the tokens of a provider call their issuer.

use std::fmt;

use crate::error::Untrusted;

/// The issuer that a token must name, as a template: `{tenantid}` stands for the tenant that the token names itself.
#[derive(Clone, Debug)]
pub(crate) struct TokenIssuer(String);

impl TokenIssuer {
    pub(crate) fn new(template: impl Into<String>) -> Self {
        Self(template.into())
    }

    /// Whether it is `issuer`, in a token that names `tenant`.
    pub(crate) fn is(&self, issuer: &str, tenant: Option<&str>) -> bool {
        match (self.0.split_once(TENANT), tenant) {
            (None, _) => self.0 == issuer,
            (Some(_), None) => false,
            // What a tenant is called never adds a part to the address.
            (Some(_), Some(tenant)) if tenant.is_empty() || tenant.contains(['/', '?', '#']) => {
                false
            }
            (Some((before, after)), Some(tenant)) => {
                let rest = issuer.strip_prefix(before);
                rest.and_then(|rest| rest.strip_suffix(after)) == Some(tenant)
            }
        }
    }

    /// Whether it may be `issuer`, where nothing says which tenant answers.
    pub(crate) fn may_be(&self, issuer: &str) -> bool {
        let Some((before, after)) = self.0.split_once(TENANT) else {
            return self.0 == issuer;
        };
        let tenant = issuer.strip_prefix(before);
        let tenant = tenant.and_then(|rest| rest.strip_suffix(after));
        self.is(issuer, tenant)
    }
}

impl fmt::Display for TokenIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Untrusted::new(&self.0).with_limit(200).fmt(f)
    }
}

const TENANT: &str = "{tenantid}";

#[cfg(test)]
mod tests {
    use super::TokenIssuer;

    #[test]
    fn the_issuer_is_that_of_the_tenant_that_the_token_names() {
        let one = TokenIssuer::new("https://a.b/common/v2.0");
        assert!(
            one.is("https://a.b/common/v2.0", Some("x"))
                && !one.is("https://a.b/x/v2.0", Some("x"))
        );
        let any = TokenIssuer::new("https://a.b/{tenantid}/v2.0");
        assert!(any.is("https://a.b/x/v2.0", Some("x")) && any.may_be("https://a.b/x/v2.0"));
        for (issuer, tenant) in [
            ("https://a.b/x/v2.0", None),
            ("https://a.b/x/v2.0", Some("y")),
            ("https://a.b//v2.0", Some("")),
            ("https://a.b/x/y/v2.0", Some("x/y")),
            ("https://a.b/{tenantid}/v2.0", None),
            ("https://c.d/x/v2.0", Some("x")),
        ] {
            assert!(!any.is(issuer, tenant), "{issuer} {tenant:?}");
        }
        for issuer in [
            "https://a.b//v2.0",
            "https://a.b/x/y/v2.0",
            "https://a.b/v2.0",
        ] {
            assert!(!any.may_be(issuer), "{issuer}");
        }
    }
}
