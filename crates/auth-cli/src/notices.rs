//! [`Notices`]: what a person wants to know while they wait.

use std::time::SystemTime;

use auth_core::{Observer, StoreKey};

use crate::output::{message, time};

/// The program's [`Observer`].
#[derive(Debug)]
pub(crate) struct Notices;

impl Observer for Notices {
    fn waiting(&self, key: &StoreKey, until: SystemTime) {
        message::note(&format!(
            "another process is asking somebody for the login {}; waiting for it until {}",
            key.session(),
            time::rfc3339(until)
        ));
    }
}
