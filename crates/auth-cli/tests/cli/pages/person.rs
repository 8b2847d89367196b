//! Ada at her browser, while the commands of a page run.

use std::collections::BTreeMap;

use auth_core::http::{Body, DefaultHttpClient, HttpClient};
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use url::{Url, form_urlencoded};

/// The addresses and codes that a login has shown: in the words of the program, or of Entra ID.
pub(super) fn invited(said: &str) -> Vec<(Url, String)> {
    let word = |text: &str, before: &str| {
        let (_, rest) = text.rsplit_once(before)?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    let parts = said.split_inclusive("enter the code ").collect::<Vec<_>>();
    let pairs = parts.windows(2).filter_map(|pair| {
        let page = word(pair[0], "open ").filter(|page| page.starts_with("http"));
        let page = page.or_else(|| word(pair[0], "the page "))?;
        // Whoever writes it may not be done.
        let (code, _) = pair[1].split_once(char::is_whitespace)?;
        Some((page.parse().ok()?, code.to_owned()))
    });
    pairs.collect()
}

/// Goes where the page leads, and fills in what it asks for.
pub(super) async fn enters(page: &Url, code: &str) {
    let http = DefaultHttpClient::new();
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let (mut place, mut posts) = (page.clone(), None);
    place.query_pairs_mut().append_pair("user_code", code);
    for _ in 0..20 {
        let shown: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = Request::builder()
            .uri(place.as_str())
            .header(COOKIE, shown.join("; "));
        let request = match posts.take() {
            None => request.body(Body::empty()),
            Some(form) => request
                .method("POST")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form)),
        };
        let answer = http.send(request.unwrap()).await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        if let Some(next) = answer.headers().get(LOCATION) {
            place = place.join(next.to_str().unwrap()).unwrap();
            continue;
        }
        let status = answer.status();
        let text = answer.into_body().bytes(1 << 16).await.unwrap();
        let text = std::str::from_utf8(&text).unwrap().to_owned();
        assert!(status.is_success(), "{place}: {status} {text}");
        let Some((action, form)) = filled(&text, code) else {
            return;
        };
        place = place.join(&action).unwrap();
        posts = Some(form);
    }
    panic!("the pages lead in a circle: {place}");
}

/// Where the form of a page goes, and with what.
fn filled(page: &str, code: &str) -> Option<(String, String)> {
    let (_, rest) = page.split_once("<form")?;
    let (form, _) = rest.split_once("</form>")?;
    let mut fields = form_urlencoded::Serializer::new(String::new());
    for input in form.split("<input").skip(1) {
        let name = attribute(input, "name").unwrap_or_default();
        let value = match &*name {
            "" | "accept" | "cancel" => continue,
            "user_code" | "device_user_code" => code.to_owned(),
            "username" => "ada".to_owned(),
            "password" => "lovelace".to_owned(),
            _ => attribute(input, "value").unwrap_or_default(),
        };
        fields.append_pair(&name, &value);
    }
    if form.contains("name=\"accept\"") {
        fields.append_pair("accept", "");
    }
    Some((
        attribute(form, "action").unwrap_or_default(),
        fields.finish(),
    ))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(value.split('"').next()?.replace("&amp;", "&"))
}
