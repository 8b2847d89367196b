//! The store's directory and its mode, as people are told.

use std::path::Path;

/// The mode of the store's directory.
#[cfg(unix)]
pub(super) fn permissions(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().ok()?.permissions().mode();
    Some(format!("{:04o}", mode & 0o7777))
}

/// Other systems have no mode.
#[cfg(not(unix))]
pub(super) fn permissions(_path: &Path) -> Option<String> {
    None
}

/// Where the store is, for people: `is_made` says whether there is anything.
pub(super) fn told(store: Option<&str>, mode: Option<&str>, is_made: bool) -> String {
    let Some(path) = store else {
        return "there is no store: tokens are kept in memory".to_owned();
    };
    match mode {
        _ if !is_made => format!("the store is {path}, not made yet"),
        Some(mode) => format!("the store is {path}, mode {mode}"),
        None => format!("the store is {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_there_is_said_to_be_there_also_where_directories_have_no_mode() {
        let told = |mode, is_made| told(Some("tokens"), mode, is_made);
        assert_eq!(told(None, true), "the store is tokens");
        assert_eq!(told(Some("0700"), true), "the store is tokens, mode 0700");
        assert_eq!(told(None, false), "the store is tokens, not made yet");
    }
}
