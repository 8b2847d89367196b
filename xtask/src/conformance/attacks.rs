//! `auth verify` on the tokens that attackers and careless issuers make: its exit codes.

use super::{Counterpart, rust};
use crate::step::Outcome;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "attacks",
    does: "`auth verify` on 248 good, forged and broken tokens (needs nothing)",
    run,
};

fn run() -> Outcome {
    rust::ensure_there_are([TESTS])?;
    let program = rust::program()?;
    rust::tests(TESTS, &[program]).run()?;
    Ok(String::new())
}

const TESTS: &str = "verify::corpus::the_program";
