//! The pages that people see.

use http::StatusCode;

use crate::answer::{self, Answer};

/// A page that says one thing.
pub(crate) fn text(status: StatusCode, text: &str) -> Answer {
    html(status, &format!("<p>{}</p>", escaped(text)))
}

/// A page with a form that posts `fields` to `action`.
pub(crate) fn form(action: &str, title: &str, fields: &[(&str, &str)]) -> Answer {
    let mut inputs = String::new();
    for (name, value) in fields {
        let (name, value) = (escaped(name), escaped(value));
        inputs += &format!("<label>{name} <input name=\"{name}\" value=\"{value}\"></label>\n");
    }
    html(
        StatusCode::OK,
        &format!(
            "<h1>{}</h1>\n<form method=\"post\" action=\"{}\">\n{inputs}<button>Go on</button>\n\
             <button name=\"cancel\" value=\"yes\">Cancel</button>\n</form>",
            escaped(title),
            escaped(action)
        ),
    )
}

/// A page that posts `fields` to `action` by itself (OAuth 2.0 Form Post Response Mode).
pub(crate) fn form_post(action: &str, fields: &[(&str, String)]) -> Answer {
    let mut inputs = String::new();
    for (name, value) in fields {
        let (name, value) = (escaped(name), escaped(value));
        inputs += &format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n");
    }
    html(
        StatusCode::OK,
        &format!(
            "<form method=\"post\" action=\"{}\">\n{inputs}</form>\n\
             <script>document.forms[0].submit()</script>",
            escaped(action)
        ),
    )
}

pub(crate) fn html(status: StatusCode, body: &str) -> Answer {
    let page = format!("<!doctype html>\n<meta charset=\"utf-8\">\n{body}\n");
    answer::with_body(status, "text/html; charset=utf-8", page)
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
