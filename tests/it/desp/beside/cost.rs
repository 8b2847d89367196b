//! What a call costs: processor time of the whole process, over TLS, and memory.

use std::env;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::task::block_in_place;

use super::case::CASE;
use super::place::Place;

/// What one run of a program cost.
#[derive(Clone, Copy, Debug)]
struct Cost {
    processor: Duration,
    /// Its peak, in bytes.
    memory: u64,
}

impl Cost {
    /// Runs the command below a program that is small: a process inherits the peak of whoever starts it.
    fn of(command: &Command, meter: &OsString) -> Self {
        let mut measured = Command::new(meter);
        measured.arg(command.get_program()).args(command.get_args());
        measured.env_clear();
        for (name, value) in command.get_envs() {
            measured.env(name, value.unwrap_or_default());
        }
        measured.current_dir(command.get_current_dir().unwrap());
        measured.stdin(Stdio::null());
        let output = block_in_place(|| measured.output()).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut words = said.split_whitespace().map(|word| word.parse().unwrap());
        Self {
            processor: Duration::from_micros(words.next().unwrap()),
            memory: words.next().unwrap(),
        }
    }

    /// The one in the middle, by processor time, with the largest memory.
    fn typical(mut costs: Vec<Self>) -> Self {
        costs.sort_by_key(|cost| cost.processor);
        let memory = costs.iter().map(|cost| cost.memory).max().unwrap();
        let processor = costs[costs.len() / 2].processor;
        Self { processor, memory }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp"]
async fn a_login_costs_a_twentieth_of_theirs_and_a_kept_token_next_to_nothing() {
    let (python, program) = super::both();
    let meter = env::var_os("AUTH_METER").expect("the xtask says where it is");
    let (mut theirs, mut ours, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    let highway = CASE.of("highway");
    for _ in 0..5 {
        let place = Place::at_testkit(&highway).await;
        theirs.push(Cost::of(&python.desp(&place, &highway), &meter));
        let place = Place::at_testkit(&highway).await;
        let command = program.desp(&place, &highway);
        ours.push(Cost::of(&command, &meter));
        assert_eq!(place.asked().len(), 6);
        kept.extend((0..5).map(|_| Cost::of(&command, &meter)));
        assert_eq!(place.asked().len(), 0);
    }
    let [theirs, ours, kept] = [theirs, ours, kept].map(Cost::typical);
    let share = 100.0 * ours.processor.as_secs_f64() / theirs.processor.as_secs_f64();
    eprintln!("Highway: destinepyauth {theirs:?}, auth {ours:?}: {share:.1} %; kept: {kept:?}");
    assert!(share <= 5.0, "{share:.1} % of their processor time");
    assert!(kept.processor <= Duration::from_millis(5), "{kept:?}");
    assert!(kept.memory <= 10 << 20, "{kept:?}");
}
