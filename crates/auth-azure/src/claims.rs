//! The claims that a client asks for with every token.

/// Says that the client understands claims challenges, so that its tokens may be evaluated as they are used.
pub(crate) const CONTINUOUS_ACCESS_EVALUATION: &str =
    r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
