//! [`Claims`]: what a token says, with the type that it must have.

use std::borrow::Cow;
use std::time::Duration;

use crate::audience::Audience;
use crate::json::{Json, Object};
use crate::rejection::RejectionKind as Kind;
use crate::span::Span;

#[derive(Clone, Copy)]
pub(crate) struct Claims<'a>(pub(crate) &'a Object);

impl<'a> Claims<'a> {
    pub(crate) fn get(self, name: &str) -> Option<Json<'a>> {
        self.0.get(name)
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.0.has(name)
    }

    /// Whether the claim is there and is not `null`, which says as little as its absence.
    pub(crate) fn says(self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_null())
    }

    /// A string, if the claim is there at all; `null` is as good as none.
    pub(crate) fn text(self, name: &str) -> Result<Option<Cow<'a, str>>, Kind> {
        match self
            .get(name)
            .filter(|value| !value.is_null())
            .map(Json::text)
        {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(Kind::BadClaim),
        }
    }

    /// A string that is not empty.
    pub(crate) fn required_text(self, name: &str) -> Result<Cow<'a, str>, Kind> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        text.ok_or(Kind::BadClaim)
    }

    pub(crate) fn number(self, name: &str) -> Result<Option<f64>, Kind> {
        match self.get(name).map(Json::number) {
            None => Ok(None),
            Some(Some(number)) => Ok(Some(number)),
            Some(None) => Err(Kind::BadClaim),
        }
    }

    /// Which claim is at fault: one of another type than it has in every token, or one of those that are `needed` and is
    /// not there.
    /// For whoever reads why a token was refused.
    pub(crate) fn fault(self, needed: &[&str]) -> Option<String> {
        const TEXTS: [&str; 7] = ["iss", "sub", "azp", "appid", "client_id", "typ", "tid"];
        const TIMES: [&str; 3] = ["exp", "nbf", "iat"];
        let text = TEXTS.iter().find(|name| self.text(name).is_err());
        let time = TIMES.iter().find(|name| self.number(name).is_err());
        if let Some(name) = text {
            return Some(format!("`{name}` is no text"));
        }
        if let Some(name) = time {
            return Some(format!("`{name}` is no number"));
        }
        if self.says("aud") && self.audiences().is_err() {
            return Some("`aud` is neither a text nor a list of texts".to_owned());
        }
        let missing = needed
            .iter()
            .find(|name| !self.says(name) || self.text(name) == Ok(Some("".into())));
        missing.map(|name| format!("there is no `{name}`"))
    }

    /// All names in `aud`.
    pub(crate) fn audiences(self) -> Result<Vec<Cow<'a, str>>, Kind> {
        let value = self.get("aud").ok_or(Kind::BadClaim)?;
        match value.text() {
            Some(one) => Ok(vec![one]),
            None => value.texts().ok_or(Kind::BadClaim),
        }
    }

    pub(crate) fn ensure_for(self, audience: &Audience) -> Result<(), Kind> {
        let value = self.get("aud").ok_or(Kind::BadClaim)?;
        let named = match value.text() {
            Some(one) => audience.names(&one),
            None => {
                let mut named = false;
                let all = value.each_text(|one| named |= audience.names(&one));
                all.map(|()| named).ok_or(Kind::BadClaim)?
            }
        };
        match named {
            true => Ok(()),
            false => Err(Kind::WrongAudience),
        }
    }

    /// `exp`, `nbf`, `iat` (RFC 7519 §4.1), each with `leeway`: whether it was good at a moment in `span`.
    pub(crate) fn ensure_timely(
        self,
        span: &Span,
        leeway: Duration,
        max_age: Option<Duration>,
    ) -> Result<(), Kind> {
        let leeway = leeway.as_secs_f64();
        let end = self.number("exp")?.ok_or(Kind::BadClaim)?;
        if span.from >= end + leeway {
            return Err(Kind::Expired);
        }
        let starts = [self.number("nbf")?, self.number("iat")?];
        if starts
            .into_iter()
            .flatten()
            .any(|start| start > span.to + leeway)
        {
            return Err(Kind::NotYetValid);
        }
        if let Some(max_age) = max_age {
            let issued = starts[1].ok_or(Kind::BadClaim)?;
            if span.from - issued > max_age.as_secs_f64() + leeway {
                return Err(Kind::TooOld);
            }
        }
        Ok(())
    }

    /// Who the token was issued to: `azp`, Entra's `appid`, or RFC 9068's `client_id`.
    pub(crate) fn client(self) -> Result<Option<Cow<'a, str>>, Kind> {
        for name in ["azp", "appid", "client_id"] {
            if let Some(client) = self.text(name)? {
                return Ok(Some(client));
            }
        }
        Ok(None)
    }

    /// The scopes: `scope` is a list with blanks (RFC 9068 §2.2.3) or an array, and so is `scp`.
    pub(crate) fn scopes(self) -> Result<Vec<Cow<'a, str>>, Kind> {
        let mut scopes = Vec::new();
        for name in ["scope", "scp"] {
            let Some(value) = self.get(name).filter(|value| !value.is_null()) else {
                continue;
            };
            match value.text() {
                Some(list) => {
                    scopes.extend(list.split(' ').map(|scope| Cow::Owned(scope.to_owned())))
                }
                None => scopes.extend(value.texts().ok_or(Kind::BadClaim)?),
            }
        }
        scopes.retain(|scope| !scope.is_empty());
        Ok(scopes)
    }
}
