//! `cargo xtask conformance <name>`: our programs against servers and clients that others wrote.
//! One file per counterpart. No part of `check`: it needs Python and a package index.

mod jwt_bearer;
mod python;

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

const COUNTERPARTS: [Counterpart; 1] = [jwt_bearer::COUNTERPART];

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
    let lines = COUNTERPARTS.map(|other| format!("  {:<14} {}", other.name, other.does));
    lines.join("\n")
}
