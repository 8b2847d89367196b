//! What the OpenID Foundation's tests of relying parties ask (`oidcc-client-test-*` of its conformance
//! suite), asked of `AuthorizationCode` and `IdTokenCheck` against our testkit. Each test has the name of
//! its module. The modules of the code flow's plans, and what comes of them:
//!
//! | plan | module | outcome |
//! | --- | --- | --- |
//! | basic, form post | `oidcc-client-test` | pass |
//! | | `-invalid-iss`, `-invalid-aud`, `-missing-aud`, `-missing-sub`, `-missing-iat` | pass: refused |
//! | | `-nonce-invalid` | pass: refused |
//! | | `-kid-absent-single-jwks` | pass: accepted |
//! | | `-kid-absent-multiple-jwks` | pass: refused, as the module allows |
//! | | `-idtoken-sig-rs256` | pass: accepted |
//! | | `-idtoken-sig-none` | pass: refused, as the module allows |
//! | | `-invalid-sig-rs256`, `-invalid-sig-es256`, `-invalid-sig-hs256` | pass: refused |
//! | | `-userinfo-bearer-header`, `-userinfo-invalid-sub` | pass |
//! | | `-userinfo-bearer-body` | not applicable: the header is the one way that we send tokens |
//! | | `-scope-userinfo-claims`, `-client-secret-basic` | pass |
//! | form post | `-form-post-error` | pass |
//! | config | `-discovery-openid-config`, `-discovery-jwks-uri-keys` | pass |
//! | | `-discovery-issuer-mismatch` | pass: refused |
//! | | `-signing-key-rotation`, `-signing-key-rotation-just-before-signing` | pass |
//! | | `-discovery-webfinger-acct`, `-discovery-webfinger-url` | not applicable: the issuer is configured |
//! | refresh token | `-refresh-token` | pass |
//! | | `-refresh-token-invalid-issuer`, `-refresh-token-invalid-sub` | pass: refused |
//! | RP-initiated logout | `-rp-init-logout` | pass |
//! | | `-rp-init-logout-other-state`, `-rp-init-logout-no-state` | pass: waited on |
//! | back channel, front channel, session management | all | not applicable: a program has no address that a server can call |
//! | dynamic, third-party login | all | not applicable: clients are registered by hand, logins begin here |
//! | implicit, hybrid | all | not applicable: no such flow (RFC 9700 §2.1.2); `-invalid-athash` holds for the code flow too |
//! | outside the plans | `-userinfo-signed`, `-request-uri-*`, `-aggregated-claims`, `-distributed-claims`, `-mtls-endpoint-aliases` | not applicable: not asked for |

mod basic;
mod config;
mod logout;
mod refresh;
mod suite;
