//! `cargo xtask conformance <name>`: our programs against servers and clients that others wrote.
//! One file per counterpart. No part of `check`: it needs other languages and package indexes.

mod attacks;
mod azure;
mod completions;
mod consumers;
mod desp;
mod downstream;
mod glewlwyd;
mod idpyoidc;
mod jwt_bearer;
mod keycloak;
mod loopback;
mod oidc_provider;
mod openpectus;
mod provenaclient;
mod python;
mod python_module;
mod running;
mod rust;
mod verify;
mod wycheproof;

use std::env;
use std::path::{Path, PathBuf};

use crate::Task;
use crate::step::Outcome;

pub(crate) const TASK: Task = Task {
    name: "conformance",
    takes: "NAME",
    does: "against other people's servers and clients; alone it lists them",
    run,
};

/// Somebody else's server or client.
struct Counterpart {
    name: &'static str,
    does: &'static str,
    run: fn() -> Outcome,
}

const COUNTERPARTS: &[Counterpart] = &[
    attacks::COUNTERPART,
    azure::COUNTERPART,
    completions::COUNTERPART,
    consumers::COUNTERPART,
    desp::COUNTERPART,
    desp::AT_KEYCLOAK,
    downstream::COUNTERPART,
    glewlwyd::COUNTERPART,
    idpyoidc::COUNTERPART,
    jwt_bearer::COUNTERPART,
    keycloak::COUNTERPART,
    oidc_provider::COUNTERPART,
    openpectus::COUNTERPART,
    provenaclient::COUNTERPART,
    python_module::COUNTERPART,
    verify::COUNTERPART,
    wycheproof::COUNTERPART,
];

fn run(arguments: &[String]) -> Outcome {
    let [name] = arguments else {
        return Err(format!("which one?\n{}", list()));
    };
    let counterpart = COUNTERPARTS.iter().find(|other| other.name == name);
    match counterpart {
        Some(counterpart) => (counterpart.run)(),
        None => Err(format!("there is no counterpart {name}\n{}", list())),
    }
}

fn list() -> String {
    let lines = COUNTERPARTS
        .iter()
        .map(|other| format!("  {:<14} {}", other.name, other.does));
    let lines: Vec<String> = lines.collect();
    lines.join("\n")
}

/// The folder for what is fetched: the user's own, outside the tree.
fn cache() -> Result<PathBuf, String> {
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = named.filter(|path| path.is_absolute()).or_else(home);
    let cache =
        cache.ok_or("neither XDG_CACHE_HOME nor HOME is set: no place for what is fetched")?;
    Ok(cache.join("auth-conformance"))
}
