//! [`AccessToken`]: what an API is shown.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::io::clock::bound;
use crate::token::Fingerprint;

/// An access token and its end. `Clone` is a reference count.
///
/// `Debug` shows the expiry and a [`Fingerprint`]; there is no `Display`, `Serialize` or `PartialEq`.
#[derive(Clone)]
pub struct AccessToken(Arc<Access>);

struct Access {
    secret: SecretString,
    authorization: HeaderValue,
    obtained_at: SystemTime,
    expires_at: SystemTime,
    refresh_at: Option<SystemTime>,
    scope: Option<String>,
}

impl AccessToken {
    /// A token that was asked for at `obtained_at` and works until `expires_at`. Times are
    /// [clamped](crate::clock::bound).
    ///
    /// # Errors
    /// `Protocol` if the token is empty or holds anything but visible ASCII (RFC 6750 §2.1): such a
    /// token could break out of a header or a file.
    pub fn new(
        secret: SecretString,
        obtained_at: SystemTime,
        expires_at: SystemTime,
    ) -> Result<Self> {
        let text = secret.expose_secret();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::protocol(
                "the access token is empty or holds characters that no header may carry",
            )
            .with_advice("report this to whoever runs the token endpoint"));
        }
        let authorization = header("Bearer ", text)?;
        Ok(Self(Arc::new(Access {
            secret,
            authorization,
            obtained_at: bound::time(obtained_at),
            expires_at: bound::time(expires_at),
            refresh_at: None,
            scope: None,
        })))
    }

    /// Sets the time at which the server wants it renewed (`refresh_in` of Entra).
    #[must_use]
    pub fn with_refresh_at(self, refresh_at: SystemTime) -> Self {
        self.edit(|access| access.refresh_at = Some(bound::time(refresh_at)))
    }

    /// Sets the scope that the server granted, in its own spelling.
    #[must_use]
    pub fn with_scope(self, scope: impl Into<String>) -> Self {
        self.edit(|access| access.scope = Some(scope.into()))
    }

    /// The value of an `Authorization` header, `Bearer …`, marked sensitive. Made once, then cloned.
    pub fn authorization(&self) -> HeaderValue {
        self.0.authorization.clone()
    }

    /// The value of any other header: `scheme`, a blank and the token, or the token alone where there
    /// is no scheme (`X-Identity: <token>`). Marked sensitive.
    ///
    /// # Errors
    /// `Config` if `scheme` can't stand in a header.
    pub fn header_value(&self, scheme: Option<&str>) -> Result<HeaderValue> {
        match scheme {
            Some("Bearer") => Ok(self.authorization()),
            Some(scheme) => header(&format!("{scheme} "), self.expose_secret()),
            None => header("", self.expose_secret()),
        }
        .map_err(|_| Error::config("the scheme can't stand in a header"))
    }

    /// The token itself. Hand it to the one who is to use it and to nobody else.
    pub fn expose_secret(&self) -> &str {
        self.0.secret.expose_secret()
    }

    /// When the request for it left, by the wall clock.
    pub fn obtained_at(&self) -> SystemTime {
        self.0.obtained_at
    }

    /// When it ends, by the wall clock. Counted from before the request left.
    pub fn expires_at(&self) -> SystemTime {
        self.0.expires_at
    }

    /// When the server wants it renewed, if it said so.
    pub fn refresh_at(&self) -> Option<SystemTime> {
        self.0.refresh_at
    }

    /// The scope that the server granted, if it said so.
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }

    /// What to show instead of the token.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.expose_secret())
    }

    /// Whether both are the same token.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.expose_secret() == other.expose_secret()
    }

    /// Its whole length of life.
    pub fn life(&self) -> Duration {
        self.expires_at()
            .duration_since(self.obtained_at())
            .unwrap_or_default()
    }

    /// When it must no longer be handed out: 10 s, or a tenth of a shorter life, before its end.
    pub fn dead_at(&self) -> SystemTime {
        earlier(
            self.expires_at(),
            Duration::from_secs(10).min(self.life() / 10),
        )
    }

    /// When to renew it: at 80 % of its life or 5 minutes before its end, whichever is later, or
    /// when the server wants it, if that is sooner.
    pub fn stale_at(&self) -> SystemTime {
        let ours = ahead_of(self.obtained_at(), self.expires_at());
        self.refresh_at().map_or(ours, |theirs| theirs.min(ours))
    }

    /// The same token, renewed by the same rule before `end`, if that comes first.
    pub(crate) fn renewed_before(&self, end: SystemTime) -> Self {
        if end >= self.expires_at() {
            return self.clone();
        }
        let ours = ahead_of(self.obtained_at(), end);
        let at = self.refresh_at().map_or(ours, |theirs| theirs.min(ours));
        self.clone().with_refresh_at(at)
    }

    fn edit(self, change: impl FnOnce(&mut Access)) -> Self {
        let mut access = Access {
            secret: self.0.secret.clone(),
            authorization: self.0.authorization.clone(),
            scope: self.0.scope.clone(),
            ..*self.0
        };
        change(&mut access);
        Self(Arc::new(access))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("fingerprint", &self.fingerprint())
            .field("expires_at", &self.expires_at())
            .field("scope", &self.scope().map(crate::error::Untrusted::new))
            .finish_non_exhaustive()
    }
}

fn header(prefix: &str, token: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("{prefix}{token}"))
        .map_err(|_| Error::protocol("the access token can't stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// When to renew what lives from `start` to `end`.
fn ahead_of(start: SystemTime, end: SystemTime) -> SystemTime {
    let life = end.duration_since(start).unwrap_or_default();
    let by_share = start + life * 4 / 5;
    by_share.max(earlier(end, Duration::from_secs(300)))
}

fn earlier(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(life: u64) -> AccessToken {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        AccessToken::new("canary".into(), start, start + Duration::from_secs(life)).unwrap()
    }

    fn since(token: &AccessToken, time: SystemTime) -> u64 {
        time.duration_since(token.obtained_at()).unwrap().as_secs()
    }

    #[test]
    fn a_token_is_renewed_at_80_percent_or_5_minutes_before_its_end_whichever_is_later() {
        for (life, stale, dead) in [(3600, 3300, 3590), (300, 240, 290), (60, 48, 54)] {
            let token = token(life);
            assert_eq!(since(&token, token.stale_at()), stale);
            assert_eq!(since(&token, token.dead_at()), dead);
        }
    }

    #[test]
    fn the_answers_own_earlier_time_wins() {
        let long = token(86_400);
        let token = long
            .clone()
            .with_refresh_at(long.obtained_at() + Duration::from_secs(43_200));
        assert_eq!(since(&token, token.stale_at()), 43_200);
    }

    #[test]
    fn a_token_of_any_two_times_can_be_asked_when_it_ends() {
        let epoch = SystemTime::UNIX_EPOCH;
        // Windows knows times from 1601 to 30828 only.
        let [past, future] = match cfg!(windows) {
            true => [1 << 33, 1 << 39],
            false => [1 << 62; 2],
        };
        let (past, future) = (
            epoch - Duration::from_secs(past),
            epoch + Duration::from_secs(future),
        );
        let all = [past, epoch, epoch + Duration::new(1, 1), future];
        for start in all {
            for end in all {
                let token = AccessToken::new("canary".into(), start, end).unwrap();
                for token in [token.clone(), token.with_refresh_at(end)] {
                    assert!(token.dead_at() <= token.expires_at());
                    let _ = (token.stale_at(), token.life(), format!("{token:?}"));
                }
            }
        }
    }

    #[test]
    fn a_token_never_prints_itself() {
        let token = token(60);
        for text in [format!("{token:?}"), format!("{token:#?}")] {
            assert!(!text.contains("canary"), "{text}");
        }
        assert!(format!("{:?}", token.authorization()).contains("Sensitive"));
    }

    #[test]
    fn a_token_that_could_break_out_of_a_header_is_refused() {
        let now = SystemTime::UNIX_EPOCH;
        for bad in ["", "a b", "a\r\nX: y", "a\u{2028}", "é"] {
            assert!(AccessToken::new(bad.into(), now, now).is_err(), "{bad:?}");
        }
    }
}
