//! `cargo xtask fuzz`: the JSON scanner of `auth-verify` beside `serde_json`, on texts that were spoiled at random.

use crate::Task;
use crate::step::{Outcome, Step};

pub(crate) const TASK: Task = Task {
    name: "fuzz",
    takes: "",
    does: "auth-verify's JSON scanner beside serde_json, for half a minute, from another seed each time",
    run,
};

fn run(_: &[String]) -> Outcome {
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
