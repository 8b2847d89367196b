//! [`Unknown`]: what a later version keeps of a login.

use std::fmt;

use serde_json::{Map, Value};

/// Fields of a later version, carried along.
#[derive(Clone, Default)]
pub(super) struct Unknown(pub(super) Map<String, Value>);

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
