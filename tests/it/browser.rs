//! A person's browser, scripted: it follows redirects, keeps cookies and fills forms.

use std::collections::BTreeMap;
use std::sync::Arc;

use auth_core::http::{ANSWER_LIMIT, Body, HttpClient};
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request};
use url::{Url, form_urlencoded};

/// A browser with one jar, for one server and for our own page on loopback.
pub struct Browser {
    http: Arc<dyn HttpClient>,
    cookies: BTreeMap<String, String>,
}

/// What the browser shows.
#[derive(Debug)]
pub struct Page {
    pub url: Url,
    pub text: String,
    pub status: u16,
    /// Where the browser was sent on the way.
    pub trail: Vec<Url>,
}

impl Browser {
    pub fn new(http: Arc<dyn HttpClient>) -> Self {
        let cookies = BTreeMap::new();
        Self { http, cookies }
    }

    /// Goes to an address.
    pub async fn open(&mut self, url: &Url) -> Page {
        self.follow(Method::GET, url.clone(), String::new()).await
    }

    /// Fills the form of `page` and sends it. What the form has hidden goes along.
    pub async fn fill(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form().unwrap_or_else(|| panic!("a form on {page:?}"));
        let action = attribute(form, "action").unwrap_or_default();
        let hidden = form.split("<input").skip(1).filter_map(|input| {
            let hidden = attribute(input, "type")?.eq_ignore_ascii_case("hidden");
            let value = attribute(input, "value").unwrap_or_default();
            hidden.then_some((attribute(input, "name")?, value))
        });
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let named: Vec<_> = fields.collect();
        let hidden = hidden.filter(|(name, _)| named.iter().all(|(other, _)| other != name));
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(hidden.collect::<Vec<_>>())
            .extend_pairs(&named)
            .finish();
        let url = page.url.join(&action).unwrap();
        self.follow(Method::POST, url, body).await
    }

    async fn follow(&mut self, mut method: Method, mut url: Url, mut body: String) -> Page {
        let mut trail = Vec::new();
        for _ in 0..12 {
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let request = Request::builder()
                .method(method)
                .uri(url.as_str())
                .header(ACCEPT, "text/html")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(COOKIE, cookies.join("; "))
                .body(Body::from(body));
            let (head, answer) = self.http.send(request.unwrap()).await.unwrap().into_parts();
            self.remember(&head.headers);
            let Some(next) = head
                .headers
                .get(LOCATION)
                .filter(|_| head.status.is_redirection())
            else {
                let text = answer.bytes(ANSWER_LIMIT).await.unwrap();
                let text = in_lower_case(&String::from_utf8_lossy(&text));
                let status = head.status.as_u16();
                return Page {
                    url,
                    text,
                    status,
                    trail,
                };
            };
            url = url.join(next.to_str().unwrap()).unwrap();
            trail.push(url.clone());
            (method, body) = (Method::GET, String::new());
        }
        panic!("{url} sends the browser round and round")
    }

    fn remember(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Page {
    /// Whether the page has a field or button of that name.
    pub fn has(&self, name: &str) -> bool {
        self.text.contains(&format!("name=\"{name}\""))
    }

    /// Whether something on the page has that id.
    pub fn has_id(&self, id: &str) -> bool {
        self.text.contains(&format!("id=\"{id}\""))
    }

    /// A parameter of the address that the browser ended at.
    pub fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Whether the browser was sent through an address with that parameter.
    pub fn came_through(&self, name: &str, value: &str) -> bool {
        let has = |url: &Url| {
            url.query_pairs()
                .any(|pair| pair == (name.into(), value.into()))
        };
        self.trail.iter().any(has)
    }

    fn form(&self) -> Option<&str> {
        let forms = self.text.split("<form").skip(1);
        let mut forms = forms.map(|form| form.split("</form").next().unwrap_or(form));
        forms.find(|form| {
            attribute(form, "method").is_some_and(|way| way.eq_ignore_ascii_case("post"))
        })
    }
}

/// The page with the names of tags and attributes as most servers write them.
pub fn in_lower_case(page: &str) -> String {
    let names = [
        "<FORM", "</FORM", "<INPUT", " METHOD=", " ACTION=", " TYPE=", " NAME=", " VALUE=",
    ];
    names.iter().fold(page.to_owned(), |page, name| {
        page.replace(name, &name.to_ascii_lowercase())
    })
}

/// The value of an attribute in the first tag of `html`, which begins inside it.
fn attribute(html: &str, name: &str) -> Option<String> {
    let tag = html.split('>').next()?;
    let value = tag
        .split(&format!(" {name}=\""))
        .nth(1)?
        .split('"')
        .next()?;
    Some(
        value
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&#39;", "'"),
    )
}
