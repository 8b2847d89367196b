//! [`Device`]: one of several that show a person's codes.

use super::control::Kind;
use super::document::{Document, Text};
use super::form::Form;

/// One of several devices that show a person's codes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device {
    /// The value of `selectedCredentialId` that chooses it.
    pub id: String,
    /// What the person called it; empty if the page does not say.
    pub label: String,
    /// Whether it is the one whose code is expected where nobody chooses.
    pub is_chosen: bool,
}

/// The devices that a page of one-time codes names, in its order.
pub(super) fn among(form: &Form, document: &Document) -> Vec<Device> {
    let named = form.controls().iter();
    let mut named = named.filter(|control| control.name == CHOICE && !control.is_disabled);
    let radios = named.clone().filter(|control| control.kind == Kind::Choice);
    let radios: Vec<Device> = radios
        .map(|control| {
            let is_label = |text: &Text| {
                let is_for = !control.id.is_empty() && text.target == control.id;
                text.tag == "label"
                    && (is_for || text.around.iter().any(|one| one == control.text()))
            };
            Device {
                id: control.text().to_owned(),
                label: document.said(is_label).unwrap_or_default().to_owned(),
                is_chosen: control.is_checked,
            }
        })
        .collect();
    if !radios.is_empty() {
        return radios;
    }
    let chosen = named.find(|control| control.kind == Kind::Hidden);
    let chosen = chosen.map_or("", |control| control.text());
    // The newer theme has elements that a script makes into buttons.
    let tiles = document
        .texts
        .iter()
        .filter(|text| text.id.starts_with(TILE));
    let tiles: Vec<Device> = tiles
        .filter_map(|text| {
            let id = second_argument(&text.onclick)?.to_owned();
            Some(Device {
                label: text.text.clone(),
                is_chosen: id == chosen,
                id,
            })
        })
        .collect();
    if tiles.is_empty() && !chosen.is_empty() {
        return vec![Device {
            id: chosen.to_owned(),
            label: String::new(),
            is_chosen: true,
        }];
    }
    tiles
}

/// Of `toggleOTP(0, 'id')`: the text in quotes.
fn second_argument(call: &str) -> Option<&str> {
    let (_, rest) = call.split_once(',')?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (id, _) = rest[1..].split_once(quote)?;
    (!id.is_empty()).then_some(id)
}

const CHOICE: &str = "selectedCredentialId";
const TILE: &str = "kc-otp-credential-";
