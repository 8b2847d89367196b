//! `cargo xtask check`: everything that must hold before a change lands. CI runs this.

use std::time::{Duration, Instant};

use crate::Task;
use crate::step::Outcome;
use crate::{arrows, clippy, deny, doc, fmt, fuzz, packages, test, tidy};

pub(crate) const TASK: Task = Task {
    name: "check",
    takes: "[--skip TASK]",
    does: "fmt, clippy, test, doc, fuzz, arrows, tidy, packages, deny: all of them, then a table",
    run,
};

const PARTS: [Task; 9] = [
    fmt::TASK,
    clippy::TASK,
    test::TASK,
    doc::TASK,
    fuzz::TASK,
    arrows::TASK,
    tidy::TASK,
    packages::TASK,
    deny::TASK,
];

struct Row {
    name: &'static str,
    outcome: Option<Outcome>,
    took: Duration,
}

fn run(arguments: &[String]) -> Outcome {
    let skipped = skipped(arguments)?;
    let rows: Vec<Row> = PARTS
        .iter()
        .map(|part| row(part, skipped == Some(part.name)))
        .collect();
    eprintln!();
    for row in &rows {
        eprintln!("{}", line(row));
    }
    let failed = rows
        .iter()
        .filter(|row| matches!(row.outcome, Some(Err(_))));
    match failed.count() {
        0 => Ok(String::new()),
        count => Err(format!("{count} of {} failed", PARTS.len())),
    }
}

fn skipped(arguments: &[String]) -> Result<Option<&'static str>, String> {
    let name = match arguments {
        [] => return Ok(None),
        [flag, name] if flag == "--skip" => name,
        _ => return Err("takes nothing, or --skip TASK".to_owned()),
    };
    let part = PARTS.iter().find(|part| part.name == name);
    part.map(|part| Some(part.name))
        .ok_or_else(|| format!("{name} is no part of check"))
}

fn row(part: &Task, skip: bool) -> Row {
    let start = Instant::now();
    let outcome = (!skip).then(|| (part.run)(&[]));
    if let Some(Err(failure)) = &outcome {
        eprintln!("xtask {}: {failure}", part.name);
    }
    Row {
        name: part.name,
        outcome,
        took: start.elapsed(),
    }
}

fn line(row: &Row) -> String {
    let (verdict, remark) = match &row.outcome {
        None => ("skipped", ""),
        Some(Ok(note)) => ("ok", note.as_str()),
        Some(Err(failure)) => ("FAILED", failure.lines().next().unwrap_or_default()),
    };
    let seconds = row.took.as_secs_f32();
    let line = format!("  {:<8} {verdict:<8} {seconds:>6.1} s  {remark}", row.name);
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_part_of_the_check_can_be_skipped() {
        let arguments = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(skipped(&arguments(&[])), Ok(None));
        assert_eq!(skipped(&arguments(&["--skip", "test"])), Ok(Some("test")));
        for wrong in [&["--skip"][..], &["--skip", "bench"], &["test"]] {
            assert!(skipped(&arguments(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_table_says_on_one_line_what_failed() {
        let row = Row {
            name: "tidy",
            outcome: Some(Err("2 breaches:\n  a\n  b".to_owned())),
            took: Duration::from_millis(1_250),
        };
        assert_eq!(line(&row), "  tidy     FAILED      1.2 s  2 breaches:");
    }
}
