//! Project Wycheproof's JOSE vectors, where somebody has put them.

use std::env;
use std::path::PathBuf;

use super::Counterpart;
use crate::root::root;
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "wycheproof",
    does: "Project Wycheproof's JOSE vectors, from AUTH_VECTORS or ../shared/vectors",
    run,
};

fn run() -> Outcome {
    let folder = env::var_os("AUTH_VECTORS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| root().join("../shared/vectors"));
    let folder = folder.join("wycheproof");
    if !folder.is_dir() {
        return Ok("skipped: there is no folder of vectors; set AUTH_VECTORS to one".to_owned());
    }
    Step::cargo("run --quiet --package auth-tests --example wycheproof --")
        .with([folder])
        .run()?;
    Ok(String::new())
}
