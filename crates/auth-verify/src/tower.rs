//! [`RequireToken`]: a layer that lets a request through if its token meets a rule.

mod answered;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;
use url::Url;

pub use self::answered::Answered;
use crate::checks::TokenChecks;
use crate::rejection::Rejection;
use crate::rule::Rule;
use crate::verified::Verified;

/// Checks the token of each request, and whether its bearer may. A request that gets through carries the
/// [`Verified`] in its extensions; any other is answered with status, challenge and an empty body, and
/// with the [`Rejection`] in the answer's extensions for whoever wants to say more.
///
/// ```
/// # use auth_verify::{RequireToken, Rule, Verifier};
/// # fn example(verifier: Verifier) -> auth_core::Result<()> {
/// let readers = RequireToken::new(verifier, Rule::any_role(["reader"])?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RequireToken(Arc<Door>);

#[derive(Clone, Debug)]
struct Door {
    /// `None`: an outer layer has checked the token.
    checks: Option<TokenChecks>,
    rule: Rule,
    metadata: Option<Url>,
    takes_nobody: bool,
}

impl RequireToken {
    /// Lets those in whose token `checks` accepts (a [`Verifier`](crate::Verifier), or a
    /// [`TokenLookup`](crate::TokenLookup)) and who meet `rule`.
    pub fn new(checks: impl Into<TokenChecks>, rule: Rule) -> Self {
        Self::of(Some(checks.into()), rule)
    }

    /// Asks more of those whom an outer layer of this kind let in, whose token is not checked once more. A request that none
    /// let in is the service's own fault: 500.
    pub fn also(rule: Rule) -> Self {
        Self::of(None, rule)
    }

    fn of(checks: Option<TokenChecks>, rule: Rule) -> Self {
        Self(Arc::new(Door {
            checks,
            rule,
            metadata: None,
            takes_nobody: false,
        }))
    }

    /// Also lets requests through that have no credentials at all: nobody is known then, and a handler takes an
    /// `Option<Verified>`. A token that is there must be good all the same, and its bearer meet the rule.
    #[must_use]
    pub fn or_anonymous(self) -> Self {
        let mut door = Door::clone(&self.0);
        door.takes_nobody = true;
        Self(Arc::new(door))
    }

    /// Tells in each challenge where the metadata of this resource are (RFC 9728).
    #[must_use]
    pub fn with_resource_metadata(self, url: Url) -> Self {
        let mut door = Door::clone(&self.0);
        door.metadata = Some(url);
        Self(Arc::new(door))
    }

    /// What is asked, for a list of what protects which route.
    pub fn rule(&self) -> &Rule {
        &self.0.rule
    }
}

impl Door {
    /// Who is let in; `None` where that may be nobody.
    async fn admit(
        &self,
        headers: &HeaderMap,
        known: Option<&Verified>,
    ) -> Result<Option<Verified>, Rejection> {
        let caller = match (&self.checks, known) {
            (Some(checks), _) if self.takes_nobody && !checks.are_needed(headers) => {
                return Ok(None);
            }
            (Some(checks), _) => checks.verify_request(headers).await?,
            (None, Some(known)) => known.clone(),
            (None, None) if self.takes_nobody => return Ok(None),
            (None, None) => return Err(Rejection::unchecked()),
        };
        self.rule.check(&caller)?;
        Ok(Some(caller))
    }

    fn answer<B>(&self, rejection: Rejection) -> Response<Answered<B>> {
        let mut answer = Response::new(Answered::refused());
        *answer.status_mut() = rejection.status();
        *answer.headers_mut() = rejection.headers_for(self.metadata.as_ref());
        answer.extensions_mut().insert(rejection);
        answer
    }
}

impl<S> Layer<S> for RequireToken {
    type Service = TokenRequired<S>;

    fn layer(&self, inner: S) -> TokenRequired<S> {
        TokenRequired {
            door: self.0.clone(),
            inner,
        }
    }
}

/// The service behind [`RequireToken`]. Its answers have the body of the service's, or none; so it stands inside and outside
/// of whatever layer.
#[derive(Clone, Debug)]
pub struct TokenRequired<S> {
    door: Arc<Door>,
    inner: S,
}

impl<S, In, Out> Service<Request<In>> for TokenRequired<S>
where
    S: Service<Request<In>, Response = Response<Out>> + Clone + Send + 'static,
    S::Future: Send,
    In: Send + 'static,
    Out: Body,
{
    type Response = Response<Answered<Out>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<In>) -> Self::Future {
        let door = self.door.clone();
        // The one that was asked whether it is ready is the one that is called.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let known = request.extensions().get::<Verified>();
            match door.admit(request.headers(), known.cloned().as_ref()).await {
                Ok(caller) => {
                    if let Some(caller) = caller {
                        request.extensions_mut().insert(caller);
                    }
                    let answer = inner.call(request).await?;
                    Ok(answer.map(Answered::by_service))
                }
                Err(rejection) => Ok(door.answer(rejection)),
            }
        })
    }
}
