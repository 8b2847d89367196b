//! Refusals of an issuer's tokens, with what can be done about them.

use auth_core::error::Untrusted;

use super::{Habit, Issuer, Kinds, Mark, Tell};
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

    /// Why no key was found, with what the operator can do about it.
    pub(crate) fn explain_key(
        &self,
        rejection: Rejection,
        algorithm: Algorithm,
        id: Option<&str>,
    ) -> Rejection {
        let unused = || id.and_then(|id| self.keys.why_unused(id));
        match rejection.kind() {
            Kind::AlgorithmNotAllowed => rejection
                .with_detail(format!("{algorithm}, and the key is for another one"))
                .with_hint(
                    "an RSA key that names no algorithm is for what the issuer's metadata say, or RS256: see \
                     `Keys::with_rsa_algorithm`, `--rsa-algorithm` in the program, or `id-token-algorithms` in a profile",
                ),
            Kind::AmbiguousKey => rejection.with_hint(
                "let the issuer give its keys ids of their own, and its tokens name one; where it can't, see \
                 `Keys::with_loose_ids`, or `--loose-key-ids` in the program",
            ),
            Kind::UnknownKey => match unused() {
                Some(why) => rejection
                    .with_detail(format!("the one that it names is published and not used, {why}")),
                None => rejection.with_hint(
                    "if the issuer's keys have no ids, see `Keys::with_loose_ids`, or `--loose-key-ids` in the program",
                ),
            },
            _ => rejection,
        }
    }

    /// A kind with what the operator can do about it.
    pub(crate) fn explain(&self, kind: Kind, claims: Option<Claims<'_>>) -> Rejection {
        let mut rejection = Rejection::new(kind);
        if let (Kind::BadClaim, Some(claims)) = (kind, claims) {
            let needed: &[&str] = match (&self.policy.kinds, &self.policy.habit) {
                (Kinds::IdTokensOf(_), _) => &["exp", "aud", "sub", "iat"],
                (_, Habit::Rfc9068) => &["exp", "aud", "sub", "client_id", "iat", "jti"],
                _ => &["exp", "aud"],
            };
            if let Some(fault) = claims.fault(needed) {
                rejection = rejection.with_detail(fault);
            }
        }
        match (kind, &self.policy.habit) {
            (Kind::WrongAudience, Habit::Keycloak) if claims.is_some_and(|claims| claims.has("azp")) => rejection.with_hint(
                "add an audience mapper to the client or to one of its client scopes, so that its tokens name this \
                 service",
            ),
            (Kind::BadClaim, _) if claims.is_some_and(|claims| !claims.says("aud") && claims.says("client_id")) => {
                rejection.with_hint(CLIENT_FOR_AUDIENCE)
            }
            (Kind::GraphToken, _) => rejection
                .with_hint("the client must ask for a scope of this API, `<client id>/.default`"),
            (Kind::RoleMissing, Habit::Entra(_)) => rejection.with_hint(
                "every application of the tenant can get such a token: assign an application role (a service can \
                 take them all: `Entra::with_roleless_tokens`)",
            ),
            (Kind::NotAnAccessToken, _) => rejection.with_hint(self.of_another_kind(claims)),
            (Kind::WrongType, _) if !self.policy.opens_something() => {
                rejection.with_hint("let the client send its ID token, not its access token")
            }
            (Kind::NotAnIdToken, _) => {
                rejection.with_hint("let the client send its ID token, not its access token")
            }
            _ => rejection,
        }
    }

    /// What to do about a token that is no access token, or does not look like one. No setting is offered that would not let
    /// it in, or that would let in what says that it is something else.
    fn of_another_kind(&self, claims: Option<Claims<'_>>) -> &'static str {
        let says_so =
            claims.is_some_and(|claims| !matches!(Mark::of(claims), Ok(None | Some(Mark::Access))));
        match (&self.policy.habit, &self.policy.tell) {
            _ if says_so => SEND_ACCESS,
            (Habit::Keycloak, _) => {
                "the access tokens of a realm say `typ: Bearer` in their claims: let the client send one, and look whether \
                 the issuer is Keycloak"
            }
            (_, Tell::Claim(_)) => {
                "it lacks the claim that tells access tokens from others here (`Issuer::with_access_claim`, or \
                 `--access-claim` in the program)"
            }
            (Habit::OpenId | Habit::Rfc9068, Tell::Usual) => {
                "let the client send its access token, and no ID, refresh or logout token; for an issuer whose access \
                 tokens look like ID tokens there is `Issuer::accept_lookalikes`, or `--lookalikes` in the program"
            }
            _ => SEND_ACCESS,
        }
    }
}

const SEND_ACCESS: &str =
    "let the client send its access token, and no ID, refresh or logout token";

/// For a token that names a client and nobody whom it is for.
pub(crate) const CLIENT_FOR_AUDIENCE: &str = "it does not say for whom it is (`aud`); where tokens name the client instead \
    (Amazon Cognito, and answers of GitLab or Django), see `with_client_for_audience` of `Issuer` and `TokenLookup`, or \
    `--client-for-audience` in the program";
