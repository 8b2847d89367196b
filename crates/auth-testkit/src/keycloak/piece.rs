//! What the pages of a realm are made of.

use crate::page::escaped;
use crate::totp::Totp;

/// What is wrong with a field. In a `span` it is the text; a `div` has one of its own for it.
pub(super) fn mark(tag: &str, id: &str, wrong: Option<&str>) -> String {
    wrong.map_or_else(String::new, |text| {
        let text = escaped(text);
        match tag {
            "span" => format!("<span id=\"{id}\">{text}</span>\n"),
            _ => format!(
                "<{tag} id=\"{id}\"><span class=\"kc-feedback-text\">{text}</span></{tag}>\n"
            ),
        }
    })
}

pub(super) fn form(id: &str, action: &str, inputs: &[String]) -> String {
    let id = match id {
        "" => String::new(),
        id => format!(" id=\"{id}\""),
    };
    let action = escaped(action);
    format!(
        "<form{id} action=\"{action}\" method=\"post\">\n{}</form>",
        inputs.concat()
    )
}

pub(super) fn field(kind: &str, name: &str, label: &str, value: &str) -> String {
    let value = escaped(value);
    format!(
        "<label>{label} <input type=\"{kind}\" id=\"{name}\" name=\"{name}\" value=\"{value}\"></label>\n"
    )
}

pub(super) fn hidden(name: &str, value: &str) -> String {
    let value = escaped(value);
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
}

/// Several devices in the new theme: a script fills in the one that is clicked.
pub(super) fn tiles(devices: &[Totp]) -> String {
    if devices.len() < 2 {
        return String::new();
    }
    let tile = |(at, device): (usize, &Totp)| {
        let label = escaped(&device.label);
        let id = &device.id;
        format!(
            "<div id=\"kc-otp-credential-{at}\" onclick=\"toggleOTP({at}, '{id}')\">\
             <span class=\"pf-v5-c-tile__title\">{label}</span></div>\n"
        )
    };
    devices.iter().enumerate().map(tile).collect()
}

pub(super) fn radios(devices: &[Totp]) -> String {
    let radio = |(at, device): (usize, &Totp)| {
        let label = escaped(&device.label);
        let checked = if at == 0 { " checked" } else { "" };
        format!(
            "<input type=\"radio\" id=\"kc-otp-credential-{at}\" name=\"selectedCredentialId\" \
             value=\"{}\"{checked}> <label for=\"kc-otp-credential-{at}\"><span>{label}</span></label>\n",
            device.id
        )
    };
    devices.iter().enumerate().map(radio).collect()
}
