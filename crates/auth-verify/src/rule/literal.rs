//! [`rule!`](crate::rule!): a rule of literals, which is checked when the program is compiled.

use super::Rule;
use super::need::Need;

/// A [`Rule`] whose words are literals. What would be an error when the program runs does not compile:
///
/// ```
/// # use auth_verify::rule;
/// let readers = rule!(any_role["reader", "writer"]);
/// let orders = rule!(any_scope["orders"]);
/// ```
///
/// ```compile_fail
/// let nobody = auth_verify::rule!(any_role[]);
/// ```
///
/// ```compile_fail
/// let empty = auth_verify::rule!(any_role[""]);
/// ```
///
/// ```compile_fail
/// let two = auth_verify::rule!(any_scope["a b"]);
/// ```
#[macro_export]
macro_rules! rule {
    ($need:ident[$($word:literal),+ $(,)?]) => {{
        const WORDS: $crate::Literals = $crate::Literals::$need(&[$($word),+]);
        $crate::Rule::from(WORDS)
    }};
}

/// Words of a [`rule!`](crate::rule), which were checked.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Literals(Of, &'static [&'static str]);

#[derive(Clone, Copy, Debug)]
enum Of {
    AnyRole,
    AllRoles,
    AnyScope,
    AnyGroup,
    AnyClient,
    Acr,
}

impl Literals {
    pub const fn any_role(words: &'static [&'static str]) -> Self {
        Self(Of::AnyRole, checked(words, false))
    }

    pub const fn all_roles(words: &'static [&'static str]) -> Self {
        Self(Of::AllRoles, checked(words, false))
    }

    pub const fn any_scope(words: &'static [&'static str]) -> Self {
        Self(Of::AnyScope, checked(words, true))
    }

    pub const fn any_group(words: &'static [&'static str]) -> Self {
        Self(Of::AnyGroup, checked(words, false))
    }

    pub const fn any_client(words: &'static [&'static str]) -> Self {
        Self(Of::AnyClient, checked(words, false))
    }

    pub const fn any_acr(words: &'static [&'static str]) -> Self {
        Self(Of::Acr, checked(words, true))
    }
}

impl From<Literals> for Rule {
    fn from(Literals(of, words): Literals) -> Self {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        Self::of(match of {
            Of::AnyRole => Need::AnyRole(words),
            Of::AllRoles => Need::AllRoles(words),
            Of::AnyScope => Need::AnyScope(words),
            Of::AnyGroup => Need::AnyGroup(words),
            Of::AnyClient => Need::AnyClient(words),
            Of::Acr => Need::Acr(words),
        })
    }
}

const fn checked(words: &'static [&'static str], in_challenge: bool) -> &'static [&'static str] {
    assert!(!words.is_empty(), "a rule names at least one");
    let mut at = 0;
    while at < words.len() {
        assert!(!words[at].is_empty(), "a word of a rule is empty");
        assert!(
            !in_challenge || is_scope(words[at].as_bytes()),
            "a word of a rule has a character that scopes can't have"
        );
        at += 1;
    }
    words
}

/// The alphabet of scopes (RFC 6749 §3.3), which is all that can stand between quotes in a challenge.
pub(super) const fn is_scope(word: &[u8]) -> bool {
    let mut at = 0;
    while at < word.len() {
        if !matches!(word[at], 0x21 | 0x23..=0x5b | 0x5d..=0x7e) {
            return false;
        }
        at += 1;
    }
    true
}
