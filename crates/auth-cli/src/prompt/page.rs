//! [`PrivatePage`]: leads a browser on to an address that others must not see.

use std::io::{Result, Write};
use std::path::PathBuf;

use tempfile::{Builder, NamedTempFile};
use url::Url;

/// A page in a file for its owner alone, which leads on at once. What opens it has only its name among its arguments, where
/// every user of the machine can read. It is removed with this.
#[derive(Debug)]
pub(super) struct PrivatePage(NamedTempFile);

impl PrivatePage {
    /// A page that leads to `to`, in the runtime directory if there is one.
    pub(super) fn to(to: &Url) -> Result<Self> {
        let mut name = Builder::new();
        name.prefix("auth-login-").suffix(".html");
        // Its owner's alone from its birth.
        let mut file = name.tempfile_in(directory())?;
        file.write_all(text(to).as_bytes())?;
        file.flush()?;
        Ok(Self(file))
    }

    /// Where it is.
    pub(super) fn address(&self) -> Option<Url> {
        Url::from_file_path(self.0.path()).ok()
    }
}

fn directory() -> PathBuf {
    let runtime = crate::variables::os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute() && path.is_dir());
    runtime.unwrap_or_else(std::env::temp_dir)
}

fn text(to: &Url) -> String {
    let escaped = to.as_str().replace('&', "&amp;").replace('"', "&quot;");
    let escaped = escaped.replace('\'', "&#39;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"refresh\" content=\"0; url={escaped}\">\n<title>To the login page</title>\n\
         <p><a href=\"{escaped}\">To the login page</a></p>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_on_is_its_owners_alone_and_goes_with_its_owner() {
        let to = Url::parse("https://id.example/a?x='1'&state=canary").unwrap();
        let page = PrivatePage::to(&to).unwrap();
        let address = page.address().unwrap();
        assert!(!address.as_str().contains("canary"));
        let path = address.to_file_path().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("url=https://id.example/a?x=%271%27&amp;state=canary"),
            "{text}"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(page);
        assert!(!path.exists());
    }
}
