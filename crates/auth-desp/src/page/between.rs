//! [`Between`]: a control whose value stands between its tags.

use super::control::{Control, Kind};

/// A list (`select`) or a text of several lines (`textarea`) that is open.
#[derive(Debug)]
pub(super) struct Between {
    control: Control,
    /// The id of its form, if it names one.
    form: String,
    /// What may be chosen: of a text, itself.
    options: Vec<Choice>,
}

#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) value: Option<String>,
    pub(super) is_selected: bool,
    pub(super) is_disabled: bool,
    text: String,
}

impl Between {
    pub(super) fn new(control: Control, form: String) -> Self {
        let options = match control.kind {
            Kind::Field => vec![Choice::default()],
            _ => Vec::new(),
        };
        Self {
            control,
            form,
            options,
        }
    }

    pub(super) fn offer(&mut self, value: Option<String>, is_selected: bool, is_disabled: bool) {
        if self.control.kind != Kind::Field {
            self.options.push(Choice {
                value,
                is_selected,
                is_disabled,
                text: String::new(),
            });
        }
    }

    pub(super) fn say(&mut self, said: &str) {
        if let Some(open) = self.options.last_mut() {
            open.text.push_str(said);
        }
    }

    /// The control with what a browser sends of it, unless that is nothing; and its form.
    pub(super) fn close(mut self) -> Option<(Control, String)> {
        let is_text = self.control.kind == Kind::Field;
        let usable = || self.options.iter().filter(|one| !one.is_disabled);
        let chosen = usable().rfind(|one| one.is_selected);
        let chosen = chosen.or_else(|| usable().next())?;
        let value = match &chosen.value {
            Some(value) => value.clone(),
            // The line end behind the tag is no part of it.
            None if is_text => chosen
                .text
                .strip_prefix('\n')
                .unwrap_or(&chosen.text)
                .to_owned(),
            None => {
                let words: Vec<&str> = chosen.text.split_whitespace().collect();
                words.join(" ")
            }
        };
        self.control.value = Some(value);
        Some((self.control, self.form))
    }
}
