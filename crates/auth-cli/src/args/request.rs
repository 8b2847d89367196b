//! The arguments of `auth request`.

use std::time::Duration;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use clap::Args;
use http::{HeaderName, HeaderValue};
use url::Url;

use super::{Question, wait};

pub(super) const REQUEST_EXAMPLES: &str = "\
The body of the answer goes to stdout. After a 401 the token is discarded, and the request is tried \
once more with a new one, unless its body is longer than a megabyte. With --data the method is POST \
unless you name another, and the content type is JSON unless a --header says otherwise.

Examples:
  auth request disruptive /projects
  auth request lab PATCH /things/7 --data '{\"name\": \"x\"}'
  auth request lab POST /things --data @thing.json
  auth request lab https://files.example.org/a.nc \\
    --allow-origin https://files.example.org > a.nc";

/// `auth request`.
#[derive(Args, Debug)]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// A path below the profile's API or a whole URL, after a method if it is not GET
    #[arg(num_args = 0..=2, value_name = "PATH|URL")]
    pub(crate) target: Vec<String>,

    /// Let the token go to this origin too, for example `https://files.example.org`
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<Url>,

    /// The body: the text itself, `@FILE`, or `-` for stdin
    #[arg(short, long, value_name = "TEXT|@FILE|-", allow_hyphen_values = true)]
    pub(crate) data: Option<String>,

    /// Add a header; may be given more than once. The credential is ours to add
    #[arg(short = 'H', long = "header", value_name = "NAME:VALUE", value_parser = header)]
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,

    /// Give up when the API was silent for so long; what flows is not cut off [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = wait)]
    pub(crate) timeout: Option<Duration>,

    /// Show the status and the headers of the answer on stderr
    #[arg(short, long)]
    pub(crate) include: bool,
}

impl RequestArgs {
    /// Whether somebody sets that header.
    pub(crate) fn has_header(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|(other, _)| other == name)
    }

    /// Sorts the words out. Where the environment names a profile, none need be named here: the path alone, or a method and a
    /// path. A name that is a method's in capitals is taken for that.
    ///
    /// # Errors
    /// `Config` if there is no path.
    pub(crate) fn settled(mut self, of_environment: Option<String>) -> Result<Self> {
        let first = self.question.profile.take();
        let mut words: Vec<String> = first.into_iter().chain(self.target).collect();
        let is_named = match (&words[..], &of_environment) {
            ([_], Some(_)) => false,
            ([method, _], Some(_)) => !METHODS.contains(&&**method),
            _ => true,
        };
        let named = (is_named && !words.is_empty()).then(|| words.remove(0));
        let is_method = matches!(&words[..], [word] if METHODS.contains(&&**word));
        if words.is_empty() || is_method {
            let said = match &named {
                Some(name) => format!(
                    "no path is named after the profile `{}`",
                    Untrusted::new(name)
                ),
                None => "no profile and no path is named".to_owned(),
            };
            return Err(Error::config(said).with_advice(
                "write `auth request PROFILE PATH`; where AUTH_PROFILE names the profile, the path alone will do",
            ));
        }
        if let (Some(path), true) = (&named, is_path(&named)) {
            let what = format!("`{}` is no profile", Untrusted::new(path).with_limit(60));
            return Err(Error::config(what)
                .with_advice("the profile stands before the path: `auth request PROFILE PATH`"));
        }
        self.question.profile = named.or(of_environment);
        self.target = words;
        Ok(self)
    }
}

/// No profile has a slash in its name.
fn is_path(named: &Option<String>) -> bool {
    named.as_ref().is_some_and(|name| name.starts_with('/'))
}

/// The methods of RFC 9110 and RFC 5789, which no profile is called after.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

fn header(text: &str) -> std::result::Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header is written NAME:VALUE")?;
    let name = HeaderName::try_from(name.trim()).map_err(|_| "this is no header name")?;
    let value = HeaderValue::try_from(value.trim()).map_err(|_| "this is no header value")?;
    Ok((name, value))
}
