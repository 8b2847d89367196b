//! [`Way`]: one of several ways to prove who somebody is.

use auth_core::Result;
use secrecy::SecretString;

use super::control::Kind;
use super::form::Form;
use super::{Page, Sheet};

/// One of several ways to prove who somebody is. Which one it is shows when it is gone: the page names it in its own language.
#[derive(Clone, Debug)]
pub struct Way {
    form: Form,
    value: SecretString,
}

impl Way {
    /// The form that leads to it.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What is chosen in the form.
    pub fn choice(&self) -> (&'static str, &SecretString) {
        (CHOICE, &self.value)
    }
}

impl Sheet<'_> {
    /// The page that asks for a choice. The newer theme has a form for each way, the older ones a button.
    pub(super) fn ways(&self) -> Result<Option<Page>> {
        let mut ways = Vec::new();
        for raw in &self.document.forms {
            let values = raw.controls.iter().filter(|control| {
                control.name == CHOICE && matches!(control.kind, Kind::Hidden | Kind::Submit)
            });
            for control in values {
                let form = self.checked(raw)?;
                let value = control.text().into();
                ways.push(Way { form, value });
            }
        }
        Ok((!ways.is_empty()).then_some(Page::Ways(ways)))
    }

    /// `page`, with the form that leads from it to other ways, if there is one.
    pub(super) fn or_another_way(&self, page: Page) -> Result<Page> {
        let mut forms = self.document.forms.iter();
        Ok(match forms.find(|form| form.has(WAY_OUT)) {
            Some(raw) => Page::OrAnotherWay(Box::new(page), self.checked(raw)?),
            None => page,
        })
    }
}

const CHOICE: &str = "authenticationExecution";
const WAY_OUT: &str = "tryAnotherWay";
