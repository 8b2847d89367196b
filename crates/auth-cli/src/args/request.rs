//! The arguments of `auth request`.

use std::time::Duration;

use clap::Args;
use http::{HeaderName, HeaderValue};
use url::Url;

use super::{Question, duration};

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
    #[arg(required = true, num_args = 1..=2, value_name = "[METHOD] PATH|URL")]
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
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// Show the status and the headers of the answer on stderr
    #[arg(short, long)]
    pub(crate) include: bool,
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header is written NAME:VALUE")?;
    let name = HeaderName::try_from(name.trim()).map_err(|_| "this is no header name")?;
    let value = HeaderValue::try_from(value.trim()).map_err(|_| "this is no header value")?;
    Ok((name, value))
}
