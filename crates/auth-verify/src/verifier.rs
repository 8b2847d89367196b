//! [`Verifier`]: from a token as it came to one that was checked.

mod draft;

use std::sync::Arc;
use std::time::SystemTime;

use auth_core::Error;
use auth_core::clock::Clock;
use http::HeaderMap;
use url::Url;

use self::draft::Draft;
use crate::bearer::{Bearer, BearerHeader};
use crate::claims::Claims;
use crate::entra::is_microsofts;
use crate::issuer::Issuer;
use crate::json::Object;
use crate::jws::Compact;
use crate::keys::Key;
use crate::lookup::TokenLookup;
use crate::memory::Memory;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::span::Span;
use crate::verified::Verified;

/// Checks tokens of one issuer, or of several that each have their own keys. Cheap to clone; safe for
/// concurrent use.
///
/// ```compile_fail
/// let verifier = auth_verify::Verifier::new();
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    issuers: Arc<[Issuer]>,
    clock: Option<Arc<dyn Clock>>,
    header: BearerHeader,
    limit: usize,
    memory: Option<Arc<Memory<Arc<Key>>>>,
    lookup: Option<TokenLookup>,
}

impl Verifier {
    /// Takes the tokens of `issuer`, from `Authorization: Bearer`, of at most 16 KiB. Its time is that of the
    /// [`Io`](auth_core::Io) which its keys come from; the system's for keys that need none.
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuers: Arc::new([issuer]),
            clock: None,
            header: BearerHeader::authorization(),
            limit: 16 << 10,
            memory: None,
            lookup: None,
        }
    }

    /// Takes the tokens of another issuer too.
    ///
    /// # Errors
    /// `Config` if one of the same name is there already (of the same tenant, or of any), which would decide: give one
    /// issuer two names of this service instead ([`Audience::or`](crate::Audience::or),
    /// [`Entra::with_app_id_uri`](crate::Entra::with_app_id_uri)).
    pub fn or(self, issuer: Issuer) -> Result<Self, Error> {
        if self.issuers.iter().any(|earlier| earlier.hides(&issuer)) {
            return Err(
                Error::config("two issuers of a verifier have the same name").with_advice(
                    "give one of them both names of this service (`Audience::or`, `Entra::with_app_id_uri`); one of any \
                     tenant comes last",
                ),
            );
        }
        let issuers = self.issuers.iter().cloned().chain([issuer]).collect();
        Ok(Self { issuers, ..self })
    }

    /// Finds the token in another header. `Authorization` then counts for nothing.
    #[must_use]
    pub fn with_header(self, header: BearerHeader) -> Self {
        Self { header, ..self }
    }

    /// Another limit for the length of a token, in bytes.
    ///
    /// # Errors
    /// `Config` if it is none, or more than 256 KiB.
    pub fn with_limit(self, bytes: usize) -> Result<Self, Error> {
        match bytes {
            1..=LONGEST_LIMIT => Ok(Self {
                limit: bytes,
                ..self
            }),
            _ => Err(
                Error::config("the limit of tokens is not from 1 byte to 256 KiB")
                    .with_advice("name one in between: servers in front of this one have less"),
            ),
        }
    }

    /// Also takes opaque tokens: what is no signed token by its form is looked up. A signed one never is.
    #[must_use]
    pub fn with_lookup(self, lookup: TokenLookup) -> Self {
        let lookup = Some(lookup);
        Self { lookup, ..self }
    }

    /// Remembers the signatures of about so many tokens, so that a token that comes again is not
    /// computed again. Only the signature is remembered, under the hash of the whole token and together
    /// with its key: everything else is checked each time, and a key that is gone is gone.
    #[must_use]
    pub fn with_signature_memory(self, tokens: usize) -> Self {
        let memory = Some(Arc::new(Memory::new(tokens)));
        Self { memory, ..self }
    }

    /// One clock for all issuers, instead of that of the [`Io`](auth_core::Io) of each.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        let clock = Some(clock);
        Self { clock, ..self }
    }

    /// The issuers, in the order of their numbers in [`Rejection`]s.
    pub fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    /// Where a request carries its token.
    pub fn header(&self) -> &BearerHeader {
        &self.header
    }

    /// Checks the token of a request. Touches the network only for keys that are not at hand.
    ///
    /// # Errors
    /// Why the request is not let in.
    pub async fn verify_request(&self, headers: &HeaderMap) -> Result<Verified, Rejection> {
        let bearer = self.header.read(headers).map_err(Rejection::told)?;
        self.verify(bearer).await
    }

    /// Checks a token. Touches the network only for keys that are not at hand.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub async fn verify(&self, bearer: Bearer<'_>) -> Result<Verified, Rejection> {
        match &self.lookup {
            Some(lookup) if !Compact::is_jwt(bearer.text()) => lookup.verify(bearer).await,
            _ => self.draft(bearer, None)?.verify().await,
        }
    }

    /// Checks a token that was asked for at `asked_at` and came at some time since: one that has ended only
    /// after that is good.
    pub(crate) async fn verify_issued(
        &self,
        bearer: Bearer<'_>,
        asked_at: SystemTime,
    ) -> Result<Verified, Rejection> {
        self.draft(bearer, Some(asked_at))?.verify().await
    }

    /// Checks a token without touching the network or waiting. `None`: only [`verify`](Self::verify)
    /// can say, because keys must be fetched.
    pub fn verify_at_hand(&self, bearer: Bearer<'_>) -> Option<Result<Verified, Rejection>> {
        if self.lookup.is_some() && !Compact::is_jwt(bearer.text()) {
            return None;
        }
        let draft = match self.draft(bearer, None) {
            Ok(draft) => draft,
            Err(rejection) => return Some(Err(rejection)),
        };
        match draft.key_at_hand() {
            Some(key) => Some(draft.conclude(key)),
            None => match draft.ensure_plausible() {
                Ok(()) => None,
                Err(rejection) => Some(draft.conclude(Err(rejection))),
            },
        }
    }

    /// All that can be said before the key is known.
    fn draft<'t>(
        &'t self,
        bearer: Bearer<'t>,
        since: Option<SystemTime>,
    ) -> Result<Draft<'t>, Rejection> {
        self.drafted(bearer, since).map_err(Rejection::told)
    }

    fn drafted<'t>(
        &'t self,
        bearer: Bearer<'t>,
        since: Option<SystemTime>,
    ) -> Result<Draft<'t>, Rejection> {
        let token = Compact::parse(bearer.text(), self.limit)?;
        let payload = token.payload()?;
        if payload.is_empty() {
            return Err(Kind::NotCompact.into());
        }
        let claims = Object::parse(payload).ok_or(Kind::BadJson)?;
        let name = Claims(&claims).required_text("iss")?;
        if token.header.has_nonce() && Url::parse(&name).is_ok_and(|url| is_microsofts(&url)) {
            return Err(Rejection::new(Kind::GraphToken).with_hint(GRAPH_HINT));
        }
        let mut all = self.issuers.iter().enumerate();
        let Some((index, issuer)) = all.find(|(_, issuer)| issuer.is_called(&name)) else {
            let rejection = Rejection::new(Kind::UnknownIssuer);
            let hint = self
                .issuers
                .iter()
                .find_map(|issuer| issuer.near_miss(&name));
            return Err(match hint {
                Some(hint) => rejection.with_hint(hint),
                None => rejection,
            });
        };
        let ours = |rejection: Rejection| {
            let key = token.header.key_id();
            rejection.with_issuer(index, &name).with_key(key.as_deref())
        };
        let algorithm = issuer.algorithm(&token.header.algorithm()).map_err(ours)?;
        let right_type = issuer.policy().ensure_type(&token.header);
        right_type.map_err(|kind| ours(issuer.explain(kind, None)))?;
        drop(name);
        let clock = self.clock.as_deref();
        let now = clock.unwrap_or_else(|| issuer.keys().clock()).now().wall;
        Ok(Draft {
            now,
            span: Span::between(since.unwrap_or(now), now),
            text: bearer.text(),
            memory: self.memory.as_deref(),
            token,
            claims,
            index,
            issuer,
            algorithm,
        })
    }
}

/// The longest token that a service may let in.
const LONGEST_LIMIT: usize = 256 << 10;

const GRAPH_HINT: &str = "it is meant for Microsoft Graph alone: let the client ask for a scope of this \
    API, `<client id>/.default`";
