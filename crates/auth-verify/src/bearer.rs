//! [`Bearer`]: the token of a request, unchecked.

use std::fmt;

use auth_core::token::Fingerprint;
use auth_core::{Error, Result};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::rejection::{Rejection, RejectionKind as Kind};

/// A token as it came. Nothing in it has been checked, so it shows no claims: a
/// [`Verifier`](crate::Verifier) does.
///
/// ```compile_fail
/// let subject = auth_verify::Bearer::new("ey…").subject();
/// ```
#[derive(Clone, Copy)]
pub struct Bearer<'r>(&'r str);

impl<'r> Bearer<'r> {
    /// A token that came in another way than in a header.
    pub fn new(token: &'r str) -> Self {
        Self(token)
    }

    pub(crate) fn text(self) -> &'r str {
        self.0
    }
}

impl fmt::Debug for Bearer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bearer")
            .field(&Fingerprint::of(self.0))
            .finish()
    }
}

/// Where a request carries its token: one header, and nothing else. A token in the query or in the body
/// is never looked at (RFC 9700 §4.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerHeader {
    name: HeaderName,
    scheme: Option<&'static str>,
}

impl BearerHeader {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    pub fn authorization() -> Self {
        Self {
            name: AUTHORIZATION,
            scheme: Some("Bearer"),
        }
    }

    /// A header of another name whose value is the token alone.
    ///
    /// # Errors
    /// `Config` if `name` is no name of a header.
    pub fn raw(name: &str) -> Result<Self> {
        let name = HeaderName::try_from(name).map_err(|_| {
            Error::config("the header for tokens has no usable name")
                .with_advice("use letters, digits and dashes")
        })?;
        Ok(Self { name, scheme: None })
    }

    /// The name of the header.
    pub fn name(&self) -> &HeaderName {
        &self.name
    }

    /// The token in `headers`.
    ///
    /// # Errors
    /// `NoCredentials` if there is no token, or credentials of another scheme; `MalformedRequest` if
    /// there are two headers, or more than one token.
    pub fn read<'r>(&self, headers: &'r HeaderMap) -> Result<Bearer<'r>, Rejection> {
        let mut values = headers.get_all(&self.name).iter();
        let (value, others) = (values.next(), values.next());
        let value = value.ok_or(Kind::NoCredentials)?;
        if others.is_some() {
            return Err(Kind::MalformedRequest.into());
        }
        let value = value.to_str().map_err(|_| Kind::MalformedRequest)?;
        let token = match self.scheme {
            None => value,
            Some(scheme) => match value.split_once(' ') {
                // One blank or more (RFC 6750 §2.1).
                Some((named, token)) if named.eq_ignore_ascii_case(scheme) => {
                    token.trim_start_matches(' ')
                }
                None if value.eq_ignore_ascii_case(scheme) => "",
                _ => return Err(Kind::NoCredentials.into()),
            },
        };
        match token {
            "" => Err(Kind::NoCredentials.into()),
            token if is_b64token(token) => Ok(Bearer(token)),
            _ => Err(Kind::MalformedRequest.into()),
        }
    }
}

/// The alphabet of RFC 6750 §2.1.
pub(crate) fn is_b64token(token: &str) -> bool {
    let token = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !token.is_empty() && token.bytes().all(allowed)
}
