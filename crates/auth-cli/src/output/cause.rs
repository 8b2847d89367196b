//! [`cause`]: why the system refused.

use std::io::Error;

/// Why, in the system's own words, without the name that a temporary file had.
pub(crate) fn cause(error: &Error) -> String {
    let said = error.to_string();
    match said.split_once(" at path \"") {
        Some((cause, _)) => cause.to_owned(),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::cause;

    #[test]
    fn the_name_of_a_temporary_file_is_no_part_of_the_cause() {
        let failed = tempfile::Builder::new()
            .prefix(".x-")
            .tempfile_in("/no/such/place");
        let failed = failed.unwrap_err();
        assert!(failed.to_string().contains(".x-"), "{failed}");
        let said = cause(&failed);
        assert!(!said.contains(".x-") && said.contains("os error"), "{said}");
    }
}
