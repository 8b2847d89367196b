//! `auth version`: which build this is.

use serde::Serialize;

use crate::args::VersionArgs;
use crate::failure::Failure;
use crate::output;

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
pub(super) struct Version {
    version: &'static str,
    features: Vec<&'static str>,
    target: &'static str,
    rustc: &'static str,
    /// The revision of the source, where whoever built it said so.
    revision: Option<&'static str>,
}

impl Version {
    pub(super) fn of_this() -> Self {
        let features = [
            ("demo", cfg!(feature = "demo")),
            ("pkcs12", cfg!(feature = "pkcs12")),
        ];
        let on = features.into_iter().filter(|(_, is_on)| *is_on);
        Self {
            version: env!("CARGO_PKG_VERSION"),
            features: on.map(|(name, _)| name).collect(),
            target: env!("AUTH_BUILD_TARGET"),
            rustc: env!("AUTH_BUILD_RUSTC"),
            revision: option_env!("AUTH_BUILD_REVISION"),
        }
    }

    /// On one line.
    pub(super) fn line(&self) -> String {
        let features = match self.features.is_empty() {
            true => "none".to_owned(),
            false => self.features.join(", "),
        };
        format!(
            "auth {} ({}, {}, features: {features}, revision: {})",
            self.version,
            self.target,
            self.rustc,
            self.revision.unwrap_or("unknown")
        )
    }
}

pub(super) fn run(args: &VersionArgs) -> Result<(), Failure> {
    let version = Version::of_this();
    match args.json {
        true => output::print_json(&version),
        false => output::print(format!("{}\n", version.line()).as_bytes()),
    }
}
