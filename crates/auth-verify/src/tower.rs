//! [`RequireToken`]: a layer that lets a request through if its token meets a rule.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;
use url::Url;

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
    checks: TokenChecks,
    rule: Rule,
    metadata: Option<Url>,
}

impl RequireToken {
    /// Lets those in whose token `checks` accepts (a [`Verifier`](crate::Verifier), or a
    /// [`TokenLookup`](crate::TokenLookup)) and who meet `rule`.
    pub fn new(checks: impl Into<TokenChecks>, rule: Rule) -> Self {
        Self(Arc::new(Door {
            checks: checks.into(),
            rule,
            metadata: None,
        }))
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
    async fn admit(&self, headers: &http::HeaderMap) -> Result<Verified, Rejection> {
        let caller = self.checks.verify_request(headers).await?;
        self.rule.check(&caller)?;
        Ok(caller)
    }

    fn answer<B: Default>(&self, rejection: Rejection) -> Response<B> {
        let mut answer = Response::new(B::default());
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

/// The service behind [`RequireToken`].
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
    Out: Default,
{
    type Response = Response<Out>;
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
            match door.admit(request.headers()).await {
                Ok(caller) => {
                    request.extensions_mut().insert(caller);
                    inner.call(request).await
                }
                Err(rejection) => Ok(door.answer(rejection)),
            }
        })
    }
}
