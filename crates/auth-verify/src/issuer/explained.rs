//! Refusals of an issuer's tokens, with what can be done about them.

use auth_core::error::Untrusted;

use super::{Habit, Issuer, Kinds};
use crate::Algorithm;
use crate::claims::Claims;
use crate::rejection::{Rejection, RejectionKind as Kind};

impl Issuer {
    /// The algorithm of a header, if it is allowed.
    pub(crate) fn algorithm(&self, name: &str) -> Result<Algorithm, Rejection> {
        let algorithm = Algorithm::of_name(name);
        let allowed = algorithm.filter(|one| self.policy.algorithms.contains(one));
        allowed.ok_or_else(|| {
            let shown = Untrusted::new(name).with_limit(40);
            let all = &self.policy.algorithms;
            let allowed = all.iter().map(|one| one.name()).collect::<Vec<_>>();
            let detail = match all.len() == Algorithm::ALL.len() {
                true => shown.to_string(),
                false => format!("{shown}, and allowed is {}", allowed.join(", ")),
            };
            let rejection = Rejection::new(Kind::AlgorithmNotAllowed).with_detail(detail);
            match algorithm {
                Some(_) => rejection.with_hint(
                    "if the issuer signs with it, allow it: `Issuer::with_algorithms`, or `--algorithm` in the program",
                ),
                None => rejection.with_hint("no setting allows it: let the issuer sign with a public key"),
            }
        })
    }

    /// A key that was found and is for another algorithm than the token was signed with.
    pub(crate) fn explained_key(&self, rejection: Rejection, signed: Algorithm) -> Rejection {
        if rejection.kind() != Kind::AlgorithmNotAllowed {
            return rejection;
        }
        let detail = format!("{signed}, and the key that the token names is for another");
        rejection.with_detail(detail).with_hint(
            "if the issuer signs with it and its key names no algorithm, say so: `Keys::with_rsa_algorithm`, or \
             `id-token-algorithms` in a profile",
        )
    }

    /// A kind with what the operator can do about it.
    pub(crate) fn explain(&self, kind: Kind, claims: Option<Claims<'_>>) -> Rejection {
        let rejection = Rejection::new(kind);
        if let (Kind::BadClaim, Some(claims)) = (kind, claims) {
            let needed: &[&str] = match (&self.policy.kinds, &self.policy.habit) {
                (Kinds::IdTokensOf(_), _) => &["sub", "iat"],
                (_, Habit::Rfc9068) => &["sub", "client_id", "iat", "jti"],
                _ => &[],
            };
            return match claims.fault(needed) {
                Some(fault) => rejection.with_detail(fault),
                None => rejection,
            };
        }
        match (kind, &self.policy.habit) {
            (Kind::WrongAudience, Habit::Keycloak) if claims.is_some_and(|claims| claims.has("azp")) => rejection.with_hint(
                "add an audience mapper to the client or to one of its client scopes; to check the \
                 client besides, see `Issuer::with_clients`",
            ),
            (Kind::GraphToken, _) => rejection
                .with_hint("the client must ask for a scope of this API, `<client id>/.default`"),
            (Kind::RoleMissing, Habit::Entra(_)) => rejection.with_hint(
                "every application of the tenant can get such a token: assign an application role, or \
                 take them all with `Entra::with_roleless_tokens`",
            ),
            (Kind::NotAnAccessToken, _) => rejection.with_hint(
                "let the client send its access token, and no ID, refresh or logout token; for an issuer whose \
                 access tokens look like ID tokens, see `Issuer::accept_lookalikes`",
            ),
            (Kind::WrongType, _) if !self.policy.opens_something() => {
                rejection.with_hint("let the client send its ID token, not its access token")
            }
            (Kind::NotAnIdToken, _) => {
                rejection.with_hint("let the client send its ID token, not its access token")
            }
            _ => rejection,
        }
    }
}
