//! The codes that a browser brings back from Entra ID, and what they are redeemed for.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use super::Entra;
use super::application::EntraApplication;
use super::credential::Proof;
use super::place::Place;
use super::refusal::Refusal;
use crate::answer::{self, Answer};
use crate::pkce;
use crate::record::Received;
use crate::refresh::End;
use crate::token::Purpose;

/// The codes that were given.
#[derive(Default)]
pub(super) struct Codes(HashMap<String, Code>);

/// What a code stands for.
pub(super) struct Code {
    pub(super) login: Purpose,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) given_at: SystemTime,
    /// The refresh token that it was redeemed for.
    pub(super) redeemed: Option<String>,
}

impl Codes {
    pub(super) fn add(&mut self, text: String, code: Code) {
        self.0.insert(text, code);
    }
}

impl Entra {
    pub(super) fn authorization_code(
        &mut self,
        place: &Place,
        request: &Received,
        client: &EntraApplication,
        proof: Proof,
    ) -> Result<Answer, Refusal> {
        let text = request.field("code").unwrap_or_default();
        if text.is_empty() {
            return Err(Refusal::missing("code"));
        }
        let no = |code, text: &str| Refusal::new("invalid_grant", code, text);
        let code = self.codes.0.get(&text);
        let code = code.ok_or_else(|| {
            no(
                9_002_313,
                "Invalid request. Request is malformed or invalid.",
            )
        })?;
        if let Some(token) = &code.redeemed {
            self.logins.end(token, End::Stolen);
            return Err(no(
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or \
                 use an existing refresh token.",
            ));
        }
        check(code, request, client)?;
        let (login, nonce) = (code.login.clone(), code.nonce.clone());
        let mut body = self.in_name_of(place, request, client, proof, &login, nonce.as_deref())?;
        let is_lasting = login.has_scope("offline_access");
        let refresh = self.first_refresh_token(place, login, request.at());
        if let Some(code) = self.codes.0.get_mut(&text) {
            code.redeemed = Some(refresh.clone());
        }
        if is_lasting {
            body["refresh_token"] = refresh.into();
        }
        Ok(answer::of_tokens(&body))
    }
}

/// Whether the program that redeems a code is the one that asked for it.
fn check(code: &Code, request: &Received, client: &EntraApplication) -> Result<(), Refusal> {
    let no = |code, text: &str| Refusal::new("invalid_grant", code, text);
    let age = request
        .at()
        .duration_since(code.given_at)
        .unwrap_or_default();
    if age >= LIFE {
        let text =
            "The provided authorization code or refresh token has expired due to inactivity.";
        return Err(no(70_008, text));
    }
    if code.login.client != client.id {
        return Err(no(
            700_005,
            "The code was issued to another client application.",
        ));
    }
    if request.field("redirect_uri").as_deref() != Some(&*code.redirect_uri) {
        let text = "The reply address does not match the reply address provided when requesting \
                    Authorization code.";
        return Err(no(500_112, text));
    }
    pkce::prove(request, code.challenge.as_deref()).map_err(|_| {
        let text = "The Code_Verifier does not match the code_challenge supplied in the authorization \
                    request.";
        no(501_481, text)
    })
}

const LIFE: Duration = Duration::from_secs(600);
