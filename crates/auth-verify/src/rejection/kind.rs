//! [`RejectionKind`]: one kind for each way in which a request can fail, with a stable name.

use std::fmt;

macro_rules! kinds {
    ($($(#[$attribute:meta])? $kind:ident $name:literal $meaning:literal,)+) => {
        /// What is wrong with a request. The names are stable: logs and metrics may key on them.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum RejectionKind {
            $(
                #[doc = concat!("`", $name, "`: ", $meaning, ".")]
                $(#[$attribute])?
                $kind,
            )+
        }

        impl RejectionKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            pub(super) fn meaning(self) -> &'static str {
                match self { $(Self::$kind => $meaning,)+ }
            }
        }
    };
}

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

kinds! {
    // The request.
    #[default]
    NoCredentials "no_credentials" "the request has no token",
    MalformedRequest "malformed_request" "the request does not carry one token in one header",
    // The form of the token.
    TooLong "too_long" "the token is longer than allowed",
    NotCompact "not_compact" "the token is not three parts with dots between them",
    Encrypted "encrypted" "the token is encrypted, or holds another token; neither is supported",
    BadEncoding "bad_encoding" "a part of the token is not strict base64url",
    BadJson "bad_json" "the header or the claims are not one unambiguous JSON object",
    // The header.
    BadHeader "bad_header" "a member of the header has the wrong type",
    CriticalHeader "critical_header" "the header marks an extension as critical",
    UnencodedPayload "unencoded_payload" "the header uses `b64`, which tokens must not",
    NotASignature "not_a_signature" "the header belongs to encryption or compression",
    WrongType "wrong_type" "the token is of another type than this service takes",
    GraphToken "graph_token" "the token was issued for Microsoft Graph and can't be checked by another API",
    // The key and the signature.
    AlgorithmNotAllowed "algorithm_not_allowed" "the algorithm is not allowed",
    UnknownIssuer "unknown_issuer" "the token comes from an issuer that is not trusted here",
    UnknownKey "unknown_key" "no published key of the issuer fits the token",
    AmbiguousKey "ambiguous_key" "more than one published key fits the token",
    BadSignature "bad_signature" "the signature is not that of the key",
    // The claims.
    BadClaim "bad_claim" "a claim is missing or has the wrong type",
    WrongAudience "wrong_audience" "the token is for somebody else",
    Expired "expired" "the token is expired",
    NotYetValid "not_yet_valid" "the token is not valid yet",
    TooOld "too_old" "the token was issued too long ago",
    NotAnAccessToken "not_an_access_token" "the token is of a kind that opens no API",
    NotAnIdToken "not_an_id_token" "the token is no ID token",
    WrongClient "wrong_client" "the token was issued to a client that is not let in",
    WrongTenant "wrong_tenant" "the tenant, the issuer and the key of the token do not belong together",
    SenderConstrained "sender_constrained" "the token needs a proof of possession, which is not checked here",
    Inactive "inactive" "the issuer says that the token is not active",
    // The decision.
    RoleMissing "role_missing" "the caller lacks a role",
    ScopeMissing "scope_missing" "the token lacks a scope",
    NotPermitted "not_permitted" "the caller is not among those who are let in",
    UnknownGroups "unknown_groups" "the token does not list the caller's groups, because they are too many",
    StepUp "step_up" "the caller must log in again, in a stronger way or more recently",
    // The surroundings.
    KeysUnavailable "keys_unavailable" "the issuer can't be asked",
    Misconfigured "misconfigured" "the issuer can't be asked before somebody changes the configuration",
    Unchecked "unchecked" "nobody checks the tokens of this route",
}
