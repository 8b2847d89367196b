//! A copy of the page at which a login could not go on.

use auth_core::{Error, ErrorKind};

use super::attempt::Attempt;
use crate::page::copy;
use crate::shared_file::SharedFile;

impl Attempt<'_> {
    /// Writes a copy of the page at which the login could not go on, where somebody wants one.
    pub(super) async fn copied(&self, error: Error) -> Error {
        let page = &self.visit.latest;
        let Some(file) = &self.login.page_copy else {
            return error;
        };
        if error.kind() != ErrorKind::Protocol || page.is_empty() {
            return error;
        }
        let hides: Vec<&str> = self.given.known_user().into_iter().collect();
        let made = SharedFile::new(file, "").make(copy(page, &hides)).await;
        error.with_advice(match made {
            Ok(()) => format!(
                "look through {} and report it: it is a copy of the page without values, queries, scripts and your user name",
                file.display()
            ),
            Err(why) => format!("no copy of the page was made: {why}"),
        })
    }
}
