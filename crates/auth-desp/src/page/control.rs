//! [`Control`]: a field or button of a form.

/// A field or button of a form.
#[derive(Clone, Debug)]
pub(super) struct Control {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) value: Option<String>,
    pub(super) is_checked: bool,
    pub(super) is_disabled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person types into it.
    Field,
    Hidden,
    /// A radio button or check box.
    Choice,
    /// Sends the form.
    Submit,
    /// Is never sent.
    Mute,
}

impl Kind {
    pub(super) fn of(tag: &str, kind: &str) -> Self {
        let kind = kind.to_ascii_lowercase();
        match (tag, &*kind) {
            ("button", "button" | "reset") => Self::Mute,
            ("button", _) => Self::Submit,
            (_, "hidden") => Self::Hidden,
            (_, "radio" | "checkbox") => Self::Choice,
            (_, "submit" | "image") => Self::Submit,
            (_, "button" | "reset" | "file") => Self::Mute,
            _ => Self::Field,
        }
    }
}

impl Control {
    /// Whether a person fills it in.
    pub(super) fn is_field(&self, name: &str) -> bool {
        self.kind == Kind::Field && !self.is_disabled && self.name == name
    }

    pub(super) fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }
}
