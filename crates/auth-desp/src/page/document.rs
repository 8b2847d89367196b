//! [`Document`]: what matters of an HTML page, in its order.

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

use super::between::Between;
use super::control::{Control, Kind};

/// What matters of an HTML page: its forms, and what some of its elements say.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) base: Option<String>,
    pub(super) forms: Vec<RawForm>,
    pub(super) texts: Vec<Text>,
    /// The ids of all elements that have one.
    pub(super) ids: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct RawForm {
    pub(super) id: String,
    pub(super) action: String,
    pub(super) method: String,
    pub(super) controls: Vec<Control>,
}

/// What an element says, its white space collapsed.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) tag: String,
    pub(super) id: String,
    pub(super) class: String,
    /// Of a label: the id of the control that it is for.
    pub(super) target: String,
    /// Of a label: the values of the controls in it.
    pub(super) around: Vec<String>,
    /// What a click runs.
    pub(super) onclick: String,
    pub(super) text: String,
}

impl Document {
    /// Reads any bytes: browsers do, too. Those that are no UTF-8 are replaced in what is shown.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut reader = Reader::default();
        for token in Tokenizer::new_with_emitter(body, emitter) {
            match token {
                Ok(Token::StartTag(tag)) => reader.start(&tag),
                Ok(Token::EndTag(tag)) => reader.end(&text_of(&tag.name)),
                Ok(Token::String(text)) => reader.say(&text_of(&text)),
                Ok(_) => {}
                Err(never) => match never {},
            }
        }
        reader.finish()
    }

    /// What the first element says to which `is` says yes, if it says anything.
    pub(super) fn said(&self, is: impl Fn(&Text) -> bool) -> Option<&str> {
        let mut texts = self.texts.iter();
        let text = texts.find(|text| !text.text.is_empty() && is(text))?;
        Some(&text.text)
    }

    /// Its forms and ids, without a value, a query or a word of what it says.
    pub(super) fn outline(&self) -> String {
        let forms = self.forms.iter().map(|form| {
            let controls = form.controls.iter();
            let controls: Vec<String> = controls
                .map(|control| format!("{:?} {}", control.kind, control.name))
                .collect();
            let path = form.action.split(['?', '#']).next().unwrap_or_default();
            let (id, method) = (&form.id, &form.method);
            format!("form {id} {method} {path} ({})", controls.join(", "))
        });
        let ids = std::iter::once(format!("ids {}", self.ids.join(" ")));
        forms.chain(ids).collect::<Vec<_>>().join("; ")
    }

    pub(super) fn has_id(&self, id: &str) -> bool {
        self.ids.iter().any(|one| one == id)
    }
}

impl Text {
    /// Whether anybody asks what this element says.
    fn matters(&self) -> bool {
        MARKS.iter().any(|mark| self.id.starts_with(mark))
            || matches!(&*self.tag, "title" | "label")
            || self.is_feedback()
    }

    /// Whether it is what a page has to say about what was sent.
    pub(super) fn is_feedback(&self) -> bool {
        FEEDBACK.iter().any(|class| self.has_class(class))
    }

    fn has_class(&self, class: &str) -> bool {
        self.class.split_ascii_whitespace().any(|one| one == class)
    }
}

#[derive(Default)]
struct Reader {
    document: Document,
    /// The form that is open.
    form: Option<usize>,
    /// Elements whose text is being read, and how many of their tag are open.
    open: Vec<(Text, usize)>,
    /// The element whose content is no part of the page.
    hidden: Option<String>,
    /// The control whose value is being read.
    between: Option<Between>,
    /// Controls that name a form of theirs.
    strays: Vec<(String, Control)>,
}

impl Reader {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = text_of(&tag.name);
        if self.hidden.is_some() {
            return;
        }
        if HIDDEN.contains(&&*name) {
            self.hidden = Some(name);
            return;
        }
        let value = |key: &str| {
            let value = tag.attributes.get(key.as_bytes());
            value.map(|value| text_of(value))
        };
        let attribute = |key: &str| value(key).unwrap_or_default();
        for (text, depth) in self.open.iter_mut().filter(|(_, depth)| *depth > 0) {
            *depth += usize::from(text.tag == name);
        }
        let id = attribute("id");
        if !id.is_empty() {
            self.document.ids.push(id.clone());
        }
        match &*name {
            "base" => self.document.base = self.document.base.take().or_else(|| value("href")),
            // One in another is none.
            "form" if self.form.is_none() => {
                self.form = Some(self.document.forms.len());
                self.document.forms.push(RawForm {
                    id,
                    action: attribute("action"),
                    method: attribute("method").to_ascii_lowercase(),
                    controls: Vec::new(),
                });
            }
            "input" | "button" => self.control(
                Control {
                    kind: Kind::of(&name, &attribute("type")),
                    name: attribute("name"),
                    value: value("value"),
                    is_checked: value("checked").is_some(),
                    is_disabled: value("disabled").is_some(),
                    id,
                },
                attribute("form"),
            ),
            "select" | "textarea" => {
                self.close();
                let control = Control {
                    kind: match &*name {
                        "select" => Kind::Hidden,
                        _ => Kind::Field,
                    },
                    name: attribute("name"),
                    value: None,
                    is_checked: false,
                    is_disabled: value("disabled").is_some(),
                    id,
                };
                self.between = Some(Between::new(control, attribute("form")));
            }
            "option" => {
                if let Some(list) = &mut self.between {
                    let is = |key: &str| value(key).is_some();
                    list.offer(value("value"), is("selected"), is("disabled"));
                }
            }
            "form" => {}
            _ => {
                let text = Text {
                    id,
                    class: attribute("class"),
                    target: attribute("for"),
                    around: Vec::new(),
                    onclick: attribute("onclick"),
                    text: String::new(),
                    tag: name,
                };
                if text.matters() && self.open.len() < MOST {
                    self.open.push((text, 1));
                }
            }
        }
    }

    /// Ends the control whose value stands between its tags.
    fn close(&mut self) {
        if let Some((control, form)) = self.between.take().and_then(Between::close) {
            self.control(control, form);
        }
    }

    fn control(&mut self, control: Control, form: String) {
        for (text, _) in self.open.iter_mut().filter(|(_, depth)| *depth > 0) {
            text.around.extend(control.value.clone());
        }
        if !form.is_empty() {
            self.strays.push((form, control));
        } else if let Some(at) = self.form {
            self.document.forms[at].controls.push(control);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(hidden) = &self.hidden {
            if hidden == name {
                self.hidden = None;
            }
            return;
        }
        match name {
            "form" => {
                self.close();
                self.form = None;
            }
            "select" | "textarea" => self.close(),
            _ => {}
        }
        for (text, depth) in &mut self.open {
            *depth = depth.saturating_sub(usize::from(text.tag == name));
        }
    }

    fn say(&mut self, said: &str) {
        if self.hidden.is_none() {
            if let Some(control) = &mut self.between {
                control.say(said);
            }
            for (text, _) in self.open.iter_mut().filter(|(_, depth)| *depth > 0) {
                text.text.push_str(said);
            }
        }
    }

    fn finish(mut self) -> Document {
        self.close();
        for (id, control) in self.strays {
            let mut forms = self.document.forms.iter_mut();
            if let Some(form) = forms.find(|form| form.id == id) {
                form.controls.push(control);
            }
        }
        for (mut text, _) in self.open {
            let words: Vec<&str> = text.text.split_whitespace().collect();
            text.text = words.join(" ");
            self.document.texts.push(text);
        }
        self.document
    }
}

fn text_of(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// The classes of what a page has to say about what was sent: in two themes, and in the one that they build upon.
const FEEDBACK: [&str; 3] = ["kc-feedback-text", "alert-error", "alert-warning"];

/// How the ids of elements begin that say something.
const MARKS: [&str; 4] = [
    "input-error",
    "kc-error-message",
    "kc-otp-credential-",
    "kc-page-title",
];

/// As many elements as are listened to.
const MOST: usize = 256;

/// Elements whose content is no part of the page.
const HIDDEN: [&str; 3] = ["script", "style", "template"];
