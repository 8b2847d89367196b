//! The end of a person's session at the server, in their browser (OpenID Connect RP-Initiated Logout 1.0).

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::SecretString;
use url::{Url, form_urlencoded};

use super::TokenEndpoint;
use crate::error::{Error, Result};
use crate::io::clock::bound;
use crate::person::{Loopback, Outcome, RedirectUri};
use crate::prompt::Prompt;
use crate::random;
use crate::token::IdToken;

impl TokenEndpoint {
    /// Ends the session that the person has at the server, with every login in it, by sending their browser to the
    /// server's logout page through `prompt`. `id` says which session; without it the page asks.
    ///
    /// With `back`, which must be registered at the server, it completes when the browser comes back there with the
    /// `state` of this logout (§3), and never for another answer; without it when the page is shown, and nobody is told
    /// how that ends.
    ///
    /// # Errors
    /// `Config` where the server has no such page, or nothing can listen at `back`; `Interaction` where the page can't be
    /// shown, or nobody came back within `deadline`; as [`request`](Self::request) for discovery.
    pub async fn end_session(
        &self,
        id: Option<&IdToken>,
        back: Option<&RedirectUri>,
        prompt: &dyn Prompt,
        deadline: Duration,
    ) -> Result<()> {
        let Some(back) = back else {
            return prompt.open(&self.logout_page(id, None).await?).await;
        };
        let loopback = Loopback::bind(back).await?;
        let uri = Url::parse(&loopback.redirect_uri());
        let uri = uri.map_err(|_| Error::config("the place to come back to is no URL"))?;
        let mut page = self.logout_page(id, Some(&uri)).await?;
        let state = random::text()?;
        page.query_pairs_mut().append_pair("state", &state);
        let clock = self.io.clock();
        let deadline = bound::length(deadline);
        let judge = |sent: &[u8]| judge(sent, &state);
        let shown = async {
            prompt.open(&page).await?;
            std::future::pending::<Outcome>().await
        };
        let outcome = tokio::select! {
            biased;
            outcome = loopback.outcome(&**clock, false, &judge) => outcome,
            outcome = shown => outcome,
            () = clock.sleep(deadline) => Err(Error::interaction(format!(
                "the browser did not come back from the logout within {} s",
                deadline.as_secs()
            ))
            .with_advice("see in the browser whether the server still knows you")),
        };
        outcome.map(drop)
    }
}

/// Whether form-encoded parameters are the answer to the logout with this `state`; what has another or none is nobody's.
fn judge(parameters: &[u8], state: &str) -> Option<Outcome> {
    let mut named = form_urlencoded::parse(parameters).filter(|(name, _)| name == "state");
    let (said, None) = (named.next()?.1, named.next()) else {
        return None;
    };
    verify_slices_are_equal(said.as_bytes(), state.as_bytes()).ok()?;
    Some(Ok(SecretString::from("")))
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn rp_initiated_logout_s3_only_the_state_of_this_logout_is_its_end() {
        for stray in [
            "",
            "state=",
            "state=other",
            "state=s&state=s",
            "x=s",
            "state",
        ] {
            assert!(judge(stray.as_bytes(), "s").is_none(), "{stray}");
        }
        assert!(judge(b"state=s", "s").is_some_and(|outcome| outcome.is_ok()));
    }
}
