//! `cargo xtask bench`: the benches of the workspace, which live in `tests/benches`.

use crate::Task;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "bench",
    takes: "[NAME…]",
    does: "all benches, or those named",
    run,
};

fn run(chosen: &[String]) -> Outcome {
    let packages = workspace::packages()?;
    let all: Vec<_> = packages
        .iter()
        .flat_map(|package| package.benches.iter().map(|bench| (&package.name, bench)))
        .collect();
    let names: Vec<_> = all.iter().map(|(_, bench)| bench.as_str()).collect();
    if let Some(unknown) = chosen.iter().find(|name| !names.contains(&name.as_str())) {
        let names = names.join(", ");
        return Err(format!("there is no bench {unknown}; there are: [{names}]"));
    }
    let mut ran = 0;
    for (package, bench) in all {
        if chosen.is_empty() || chosen.contains(bench) {
            Step::cargo("bench --package")
                .with([package.as_str(), "--bench", bench])
                .run()?;
            ran += 1;
        }
    }
    Ok(format!("{ran} of {} benches ran", names.len()))
}
