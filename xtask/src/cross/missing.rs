//! [`Trouble`]: why a part did not come to its end.

use std::fmt;

use crate::step::Step;

/// Why a part did not come to its end.
pub(super) enum Trouble {
    /// This machine has not got what it takes; says what.
    Missing(String),
    Failed(String),
}

impl From<String> for Trouble {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "missing: {what}"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

/// Makes sure that `program` is installed; the trouble names the package of Debian that has it.
pub(super) fn require(program: &str, package: &str) -> Result<(), Trouble> {
    let find = Step::new("sh").with(["-c", "command -v \"$0\"", program]);
    match find.succeeds() {
        true => Ok(()),
        false => Err(Trouble::Missing(format!(
            "{program}: run `apt-get install --no-install-recommends {package}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        assert!(require("sh", "dash").is_ok());
        let trouble = require("no-such-program", "no-such").err().unwrap();
        assert_eq!(
            trouble.to_string(),
            "missing: no-such-program: run `apt-get install --no-install-recommends no-such`"
        );
    }
}
