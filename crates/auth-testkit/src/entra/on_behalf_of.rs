//! On-behalf-of: an API asks for tokens of another one, in the name of the person who called it.

use super::Entra;
use super::application::EntraApplication;
use super::credential::Proof;
use super::issued::login;
use super::place::Place;
use super::refusal::Refusal;
use crate::answer::{self, Answer};
use crate::record::Received;
use crate::token::seconds;

impl Entra {
    pub(super) fn on_behalf_of(
        &mut self,
        place: &Place,
        request: &Received,
        client: &EntraApplication,
        proof: Proof,
    ) -> Result<Answer, Refusal> {
        let field = |name| request.field(name).unwrap_or_default();
        if field("requested_token_use") != "on_behalf_of" {
            return Err(Refusal::missing("requested_token_use"));
        }
        if field("scope").is_empty() {
            return Err(Refusal::missing("scope"));
        }
        let no = |code, text: &str| Refusal::new("invalid_grant", code, text);
        if proof == Proof::Nothing {
            let text =
                "'client_assertion' or 'client_secret' is required for the on-behalf-of flow.";
            return Err(Refusal::new("invalid_client", 7_000_218, text));
        }
        let text = field("assertion");
        if text.is_empty() {
            return Err(Refusal::missing("assertion"));
        }
        let Some(claims) = self.keys.claims(&text) else {
            return Err(no(50_013, "Assertion failed signature validation."));
        };
        if claims["exp"].as_u64().unwrap_or_default() <= seconds(request.at()) {
            return Err(no(500_133, "Assertion is not within its valid time range."));
        }
        if !claims["aud"]
            .as_str()
            .is_some_and(|aud| client.is_named(aud))
        {
            let text = "Assertion audience does not match the Client app presenting the assertion.";
            return Err(no(500_131, text));
        }
        if claims["scp"].is_null() {
            let text = "The assertion is no person's access token.";
            return Err(no(50_027, text));
        }
        let user = claims["oid"].as_str().unwrap_or_default();
        let mut login = login(&client.id, user, &field("scope"));
        login.session = claims["sid"].as_str().map(str::to_owned);
        let mut body = self
            .in_name_of(place, request, client, proof, &login, None)
            .map_err(Refusal::on_behalf)?;
        if login.has_scope("offline_access") {
            body["refresh_token"] = self.first_refresh_token(place, login, request.at()).into();
        }
        Ok(answer::of_tokens(&body))
    }
}
