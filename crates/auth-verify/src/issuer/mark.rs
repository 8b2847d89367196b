//! [`Mark`]: what a token says that it is, in every way in which issuers say it.

use crate::claims::Claims;
use crate::json::Json;
use crate::rejection::RejectionKind as Kind;

/// What the claims of a token call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Something that opens an API.
    Access,
    /// It says who logged in.
    Id,
    /// Something else that opens no API: a refresh token, a logout token, an event, an answer.
    Other,
}

impl Mark {
    /// What the claims say, if they do. Where they say two things, the one that opens nothing counts.
    ///
    /// # Errors
    /// A member whose only purpose is to say it is of a type that says nothing.
    pub(crate) fn of(claims: Claims<'_>) -> Result<Option<Self>, Kind> {
        let is_object = |value: Json<'_>| value.each_member(|_, _| Some(())).is_some();
        if OF_OTHERS
            .iter()
            .any(|name| claims.get(name).is_some_and(is_object))
        {
            return Ok(Some(Self::Other));
        }
        let mut mark = None;
        for (names, is_strict) in [(&NAMES[..], true), (&COMMON_NAMES[..], false)] {
            for name in names {
                let Some(value) = claims.get(name).filter(|value| !value.is_null()) else {
                    continue;
                };
                match (words(value), is_strict) {
                    (Some(words), _) => {
                        let named = words
                            .iter()
                            .filter_map(|word| Self::called(word, is_strict));
                        mark = named.chain(mark).max_by_key(|one| *one as u8);
                    }
                    (None, true) => return Err(Kind::BadClaim),
                    (None, false) => {}
                }
            }
        }
        Ok(mark)
    }

    /// What a token called `word` is, if that is known. A member that may say anything else says less.
    fn called(word: &str, is_strict: bool) -> Option<Self> {
        match word {
            "access" | "at" => Some(Self::Access),
            "id" | "serializedid" => Some(Self::Id),
            "it" if is_strict => Some(Self::Id),
            word if COMMON_OTHERS.contains(&word) => Some(Self::Other),
            "identity" if is_strict => Some(Self::Id),
            word if is_strict && says_other(word) => Some(Self::Other),
            _ => None,
        }
    }
}

/// Whether a word that can say nothing else says what opens no API, alone or as a part of it (`refresh_token_v2`,
/// `email-verification`).
fn says_other(word: &str) -> bool {
    OTHERS.contains(&word) || PARTS.iter().any(|part| word.contains(part))
}

/// A text, or each of a list of texts, in the form in which they are compared.
fn words(value: Json<'_>) -> Option<Vec<String>> {
    if let Some(text) = value.text() {
        return Some(vec![bare(&text)]);
    }
    let all = value.texts()?;
    Some(all.iter().map(|text| bare(text)).collect())
}

/// `ID`, `id_token`, `IdToken`, `id+jwt` and `urn:ietf:params:oauth:token-type:id_token` are one word.
fn bare(text: &str) -> String {
    let last = text.rsplit([':', '/']).next().unwrap_or_default();
    let letters = last.chars().filter(char::is_ascii_alphanumeric);
    let mut word: String = letters.collect::<String>().to_ascii_lowercase();
    for end in ["jwt", "token"] {
        if word.ends_with(end) && word.len() > end.len() {
            word.truncate(word.len() - end.len());
        }
    }
    word
}

/// Members that say nothing but what the token is: `typ` (Keycloak), `token_use` (Cognito, and answers to
/// RFC 7662), `token_type` (Django, answers to RFC 7662), `tokenName` (ForgeRock), `tokenType` (Casdoor), `tok_type` (Oracle:
/// `AT`, `IT`, `RT`).
const NAMES: [&str; 10] = [
    "typ",
    "token_use",
    "tokenUse",
    "token_type",
    "tokenType",
    "token_name",
    "tokenName",
    "token_kind",
    "token_class",
    "tok_type",
];

/// Members that say it at some issuers (`type` at Flask's), and at others anything.
const COMMON_NAMES: [&str; 4] = ["type", "use", "kind", "purpose"];

/// Members that only tokens of other kinds have: events and logouts (RFC 8417), answers of introspection (RFC 9701).
const OF_OTHERS: [&str; 2] = ["events", "token_introspection"];

/// What tokens that open no API are called in any of these members.
const COMMON_OTHERS: [&str; 8] = [
    "refresh",
    "offline",
    "logout",
    "passwordreset",
    "resetpassword",
    "emailverification",
    "verifyemail",
    "magiclink",
];

/// What they are called where nothing else is said.
const OTHERS: [&str; 23] = [
    "rt",
    "action",
    "executeactions",
    "secevent",
    "securityevent",
    "event",
    "set",
    "userinfo",
    "code",
    "authcode",
    "authorizationcode",
    "devicecode",
    "usercode",
    "initialaccess",
    "request",
    "requestobject",
    "oauthauthzreq",
    "assertion",
    "clientassertion",
    "clientauthentication",
    "entitystatement",
    "idjag",
    "oauthidjag",
];

/// What is in the names of others, in whatever they are called besides.
const PARTS: [&str; 12] = [
    "refresh",
    "offline",
    "logout",
    "registration",
    "introspection",
    "reset",
    "verification",
    "verify",
    "confirmation",
    "activation",
    "invitation",
    "magiclink",
];
