//! A Python of one counterpart's own, with the packages it needs, in the user's cache folder.

use std::path::PathBuf;

use crate::step::Step;

/// The interpreter of a virtual environment called `name` that has what `requirements` lists, a
/// file below the root. Made at the first call, kept for the next.
pub(super) fn interpreter(name: &str, requirements: &str) -> Result<PathBuf, String> {
    if !Step::new("python3").with(["-c", VERSION]).succeeds() {
        return Err("python3 is missing or older than 3.11: install it".to_owned());
    }
    let folder = super::cache()?.join(name);
    let python = folder.join("bin/python");
    if !Step::new(&python)
        .with(["-m", "pip", "--version"])
        .succeeds()
    {
        Step::new("python3")
            .with(["-m", "venv", "--clear"])
            .with([&folder])
            .run()
            .map_err(|failure| format!("{failure}; install Python's venv (python3-venv)"))?;
    }
    Step::new(&python)
        .with([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--requirement",
            requirements,
        ])
        .run()
        .map_err(|failure| format!("{failure}; what {requirements} lists can't be installed"))?;
    Ok(python)
}

const VERSION: &str = "import sys; sys.exit(sys.version_info < (3, 11))";
