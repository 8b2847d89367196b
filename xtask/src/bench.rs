//! `cargo xtask bench`: the benches of the workspace, which live in `tests/benches`, and the same beside
//! other libraries, which live in `tests/peers`.

use crate::Task;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "bench",
    takes: "[NAME…]",
    does: "all benches, or those named; `peers`, beside other libraries, only if named",
    run,
};

fn run(chosen: &[String]) -> Outcome {
    let packages = workspace::packages()?;
    let all: Vec<_> = packages
        .iter()
        .flat_map(|package| package.benches.iter().map(|bench| (&package.name, bench)))
        .collect();
    let mut names: Vec<_> = all.iter().map(|(_, bench)| bench.as_str()).collect();
    names.push(PEERS);
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
    if chosen.iter().any(|name| name == PEERS) {
        peers()?.run()?;
        ran += 1;
    }
    Ok(format!("{ran} of {} benches ran", names.len()))
}

/// A workspace of its own, whose dependencies are fetched and compiled for this alone.
fn peers() -> Result<Step, String> {
    let target = workspace::target()?.join(PEERS);
    Ok(
        Step::cargo("run --release --locked --manifest-path tests/peers/Cargo.toml --target-dir")
            .with([target]),
    )
}

const PEERS: &str = "peers";
