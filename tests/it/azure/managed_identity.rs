//! The identity that Azure gives to what runs there.

mod beside;
mod environment;
mod expiry;
mod hosts;
mod imds;
mod outage;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use auth_azure::ManagedIdentity;
use auth_core::{CachedSource, Error, Result, TokenSource};
use auth_testkit::{Fault, Machine, Received};
use secrecy::SecretString;

use crate::world::World;

pub(crate) const VAULT: &str = "https://vault.azure.net";
const IMDS: &str = Machine::IMDS_PATH;

impl World {
    /// A world whose programs run on this machine.
    pub(super) fn on(machine: Machine) -> Self {
        let world = Self::new();
        world.server.set_machine(machine);
        world
    }

    /// The source of a virtual machine's own tokens for the vault.
    pub(super) fn machine(&self) -> CachedSource {
        let machine = ManagedIdentity::virtual_machine(self.io());
        machine.source(VAULT).unwrap()
    }

    /// Where a program with these variables runs.
    fn surroundings(&self, variables: &[(&str, &str)], files: &[&str]) -> Result<ManagedIdentity> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        let variable = |name: &str| variables.get(name).map(|&value| SecretString::from(value));
        let exists = |path: &Path| files.iter().any(|file| path == Path::new(file));
        ManagedIdentity::from_environment(variable, exists, self.io())
    }

    /// Spoils the request for a token, and not the probe before it.
    fn spoil(&self, fault: Fault) {
        self.server.fault(IMDS, Fault::delay(Duration::ZERO));
        self.server.fault(IMDS, fault);
    }

    /// The last request.
    fn last_request(&self) -> Received {
        self.server.requests().pop().unwrap()
    }
}

/// What a program says that can't get its token, and does.
async fn error(source: &CachedSource) -> Error {
    source.token().await.unwrap_err()
}
