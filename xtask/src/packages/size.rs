//! What our crates add to a program: small ones that get a token or check one, as released, without symbols.

use super::program::{Program, own, remove};
use crate::step::Outcome;
use crate::workspace;

/// What a program of each crate does; `auth-core` alone is what the others add to.
const PROGRAMS: [(&str, &str); 6] = [
    ("auth-core", include_str!("../../../tests/sizes/core.rs")),
    (
        "auth-jwt-bearer",
        include_str!("../../../tests/sizes/jwt_bearer.rs"),
    ),
    (
        "auth-verify",
        include_str!("../../../tests/sizes/verify.rs"),
    ),
    (
        "auth-keycloak",
        include_str!("../../../tests/sizes/keycloak.rs"),
    ),
    ("auth-azure", include_str!("../../../tests/sizes/azure.rs")),
    ("auth-desp", include_str!("../../../tests/sizes/desp.rs")),
];

/// A row for each, as BENCHMARKS.md has them.
pub(super) fn compare() -> Outcome {
    let target = workspace::target()?.join("sizes");
    let mut alone = None;
    println!("| with its default features | on disk | more than `auth-core` |");
    println!("| --- | --- | --- |");
    for (name, source) in PROGRAMS {
        let size = Program::new(name, source, &dependencies(name), "Cargo.lock")?.size(&target)?;
        let more = size as f64 - *alone.get_or_insert(size as f64);
        let mebibytes = |bytes: f64| bytes / f64::from(1 << 20);
        let (all, more) = (mebibytes(size as f64), mebibytes(more));
        println!("| `{name}` | {all:.2} MiB | {more:.2} MiB |");
    }
    remove(&target)?;
    Ok("release builds without symbols".to_owned())
}

fn dependencies(name: &str) -> String {
    let mut lines = own("auth-core");
    if name != "auth-core" {
        lines += &own(name);
    }
    lines + "secrecy = \"0.10\"\n"
}
