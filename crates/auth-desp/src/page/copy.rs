//! [`copy`]: a page as whoever mends the reading of pages needs it, and nobody else can use it.

use std::fmt::Write as _;

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// The page without what is secret or a person's: its elements with what tells them apart, and what its headings, labels
/// and buttons say. No value, query, script, comment or other text is in it, and of what is left no address of mail and
/// no long word that chance could have made. `hides` are words that are not to be in it either.
pub(crate) fn copy(body: &[u8], hides: &[&str]) -> String {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut copy = Copy {
        text: String::new(),
        speaks: 0,
        hidden: None,
        hides: hides.iter().map(|word| word.to_lowercase()).collect(),
    };
    for token in Tokenizer::new_with_emitter(body, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => copy.start(&tag),
            Ok(Token::EndTag(tag)) => copy.end(&lossy(&tag.name)),
            Ok(Token::String(text)) => copy.say(&lossy(&text)),
            Ok(_) => {}
            Err(never) => match never {},
        }
    }
    copy.text
}

struct Copy {
    text: String,
    /// How many elements are open that say something to everybody.
    speaks: usize,
    /// The element whose content is left out.
    hidden: Option<String>,
    hides: Vec<String>,
}

impl Copy {
    fn start(&mut self, tag: &StartTag<()>) {
        if self.hidden.is_some() {
            return;
        }
        let name = lossy(&tag.name);
        let _ = write!(self.text, "\n<{}", self.plain(&name));
        for (key, value) in &tag.attributes {
            let (key, value) = (lossy(key), lossy(value));
            let kept = match &*key {
                key if KEPT.contains(&key) => self.plain(&value),
                key if ADDRESSES.contains(&key) => self.address(&value),
                "value" => "…".to_owned(),
                _ => continue,
            };
            let _ = write!(self.text, " {key}=\"{}\"", kept.replace('"', "&quot;"));
        }
        self.text.push('>');
        self.speaks += usize::from(SPEAKING.contains(&&*name));
        if HIDDEN.contains(&&*name) {
            self.hidden = Some(name);
        }
    }

    fn end(&mut self, name: &str) {
        match &self.hidden {
            Some(hidden) if hidden != name => return,
            _ => self.hidden = None,
        }
        if SPEAKING.contains(&name) {
            self.speaks = self.speaks.saturating_sub(1);
        }
        let _ = write!(self.text, "</{}>", self.plain(name));
    }

    fn say(&mut self, said: &str) {
        if self.hidden.is_none() && self.speaks > 0 {
            let said = self.plain(said);
            self.text.push_str(said.trim());
        }
    }

    /// The words of `text`, but for those that are nobody else's business.
    fn plain(&self, text: &str) -> String {
        let words = text.split_whitespace().map(|word| {
            let small = word.to_lowercase();
            let is_known = self
                .hides
                .iter()
                .any(|hidden| !hidden.is_empty() && small.contains(hidden));
            match is_known || word.contains('@') || is_random(word) {
                true => "…".to_owned(),
                false => word.replace(['<', '>'], ""),
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// An address without its query; of one that is no link to a place, nothing.
    fn address(&self, text: &str) -> String {
        let text = text.trim();
        let place = text.split(['?', '#']).next().unwrap_or_default();
        let scheme = place.split(['/', '.']).next().unwrap_or_default();
        let is_place = !scheme.contains(':') || ["http:", "https:"].contains(&scheme);
        if !is_place || place.contains('@') {
            return "…".to_owned();
        }
        let pieces = place.split('/').map(|piece| self.plain(piece));
        pieces.collect::<Vec<_>>().join("/")
    }
}

/// Whether a word is longer than those of a language, and has digits in it.
fn is_random(word: &str) -> bool {
    let is_long = word.chars().count() >= LONG;
    is_long && word.chars().any(|one| one.is_ascii_digit())
        || word.split(|one: char| !one.is_alphanumeric()).any(|part| {
            let digits = part.chars().filter(char::is_ascii_digit).count();
            digits >= DIGITS
        })
}

fn lossy(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// What tells an element from others, or decides what a form sends.
const KEPT: [&str; 13] = [
    "id",
    "class",
    "name",
    "type",
    "for",
    "form",
    "role",
    "method",
    "lang",
    "autocomplete",
    "checked",
    "disabled",
    "selected",
];

const ADDRESSES: [&str; 4] = ["action", "href", "src", "formaction"];

/// Elements whose words everybody sees who comes to the page.
const SPEAKING: [&str; 8] = ["title", "h1", "h2", "h3", "label", "legend", "button", "a"];

const HIDDEN: [&str; 4] = ["script", "style", "template", "textarea"];

const LONG: usize = 20;

/// As many digits in a row of letters and digits as a one-time code has.
const DIGITS: usize = 6;

#[cfg(test)]
mod tests {
    use super::copy;

    #[test]
    fn a_copy_has_what_the_reading_goes_by_and_nothing_of_anybody() {
        let page = br#"<!doctype html><title>Please choose</title><!-- s3cret -->
            <base href="https://iam.example/?s3cret"><script>var t = "s3cret";</script>
            <h1 id=kc-page-title>Hello Ada Lovelace, ada@example.org</h1>
            <p>s3cret GEZD GNBV</p><label for=otp>Code of 123456</label>
            <form id=chooser method=post action="/realms/desp/login-actions/x?session_code=s3cret">
            <input type=hidden name=ticket value=s3cret data-x=s3cret onclick="f('s3cret')">
            <input name=username value=ada><button name=go value=s3cret>Go on</button>
            <a href="javascript:s3cret()" id=k8Jd02mfLs93kdPq01ABcd>there</a>
            <a href="https://iam.example/t/k8Jd02mfLs93kdPq01ABcd#s3cret">here</a></form>"#;
        let copied = copy(page, &["Ada", ""]);
        insta::assert_snapshot!(copied, @r#"

        <title>Please choose</title>
        <base href="https://iam.example/">
        <script></script>
        <h1 id="kc-page-title">Hello … Lovelace, …</h1>
        <p></p>
        <label for="otp">Code of …</label>
        <form action="/realms/desp/login-actions/x" id="chooser" method="post">
        <input name="ticket" type="hidden" value="…">
        <input name="username" value="…">
        <button name="go" value="…">Go on</button>
        <a href="…" id="…">there</a>
        <a href="https://iam.example/t/…">here</a></form>
        "#);
        assert!(!copied.to_lowercase().contains("ada") && !copied.contains("s3cret"));
    }

    #[test]
    fn what_is_no_page_has_no_copy() {
        assert_eq!(copy(b"\x1f\x8b s3cret", &[]), "");
        assert_eq!(copy(b"", &[]), "");
    }
}
