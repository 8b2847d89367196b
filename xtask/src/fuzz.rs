//! `cargo xtask fuzz`: the JSON scanner of `auth-verify` beside `serde_json`, on texts that were spoiled at random; and that the
//! targets in `fuzz`, which nobody runs every day, still fit our crates.

use crate::Task;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "fuzz",
    takes: "",
    does: "whether the fuzz targets compile; auth-verify's JSON scanner beside serde_json, for half a minute, from another seed each time",
    run,
};

fn run(_: &[String]) -> Outcome {
    Step::cargo("check --bins --manifest-path fuzz/Cargo.toml --target-dir")
        .with([workspace::target()?])
        // Nothing is linked, so that no C++ compiler is asked for the fuzzer itself.
        .with_env("CUSTOM_LIBFUZZER_PATH", "none/none.a")
        .run()?;
    let said = Step::cargo("test --package auth-verify --lib --")
        .with(["--ignored", "--exact", TEST])
        .output()?;
    // Cargo calls it a success if there is no such test.
    match said.contains("1 passed") {
        true => Ok("30 s".to_owned()),
        false => Err(format!("there is no test {TEST}")),
    }
}

const TEST: &str =
    "json::scan::tests::rule_67_for_half_a_minute_spoiled_texts_are_read_as_serde_json_reads_them";
