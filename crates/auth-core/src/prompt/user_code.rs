//! [`UserCode`]: what a person must see to log a device in.

use std::time::SystemTime;

use url::Url;

use crate::error::Untrusted;
use crate::io::clock::bound;

/// A code, and the page where a person enters it (RFC 8628 §3.3).
#[derive(Clone, Debug)]
pub struct UserCode {
    code: String,
    page: Url,
    complete_page: Option<Url>,
    expires_at: SystemTime,
    server: Option<String>,
    message: Option<String>,
}

impl UserCode {
    /// A code, the page where it is entered, and when it stops working. The code is made safe to show.
    pub fn new(code: &str, page: Url, expires_at: SystemTime) -> Self {
        Self {
            code: Untrusted::new(code).with_limit(64).to_string(),
            page,
            complete_page: None,
            expires_at: bound::time(expires_at),
            server: None,
            message: None,
        }
    }

    /// Adds the page with the code filled in.
    #[must_use]
    pub fn with_complete_page(self, complete_page: Option<Url>) -> Self {
        Self {
            complete_page,
            ..self
        }
    }

    /// Adds the host of the server that gave the code.
    #[must_use]
    pub fn with_server(self, server: Option<&str>) -> Self {
        Self {
            server: server.map(str::to_owned),
            ..self
        }
    }

    /// Adds the server's own words. They count where they name both the code and the page.
    #[must_use]
    pub fn with_message(self, message: Option<&str>) -> Self {
        let names_both = |text: &&str| {
            let page = self.page.as_str().trim_end_matches('/');
            text.contains(&self.code) && text.contains(page)
        };
        let message = message.filter(names_both);
        Self {
            message: message.map(|text| Untrusted::new(text).to_string()),
            ..self
        }
    }

    /// The server's own words, which name the code and the page, safe to show: to be shown in place of one's own, as
    /// the server's documentation may ask.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The code, safe to show. It is always shown, also where [`complete_page`](Self::complete_page) is,
    /// so that the person can compare (RFC 8628 §3.3.1).
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The page where the code is entered: https, without a user name in it.
    pub fn page(&self) -> &Url {
        &self.page
    }

    /// The same page with the code filled in, for a QR code beside the text. On the same host, or left
    /// out. Never opened before the code was shown.
    pub fn complete_page(&self) -> Option<&Url> {
        self.complete_page.as_ref()
    }

    /// When the code stops working.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// The host of the server that gave the code, where the page is on another one: worth showing, since
    /// somebody may want a code entered that is not the person's own.
    pub fn other_server(&self) -> Option<&str> {
        let server = self.server.as_deref();
        server.filter(|server| self.page.host_str() != Some(server))
    }
}
