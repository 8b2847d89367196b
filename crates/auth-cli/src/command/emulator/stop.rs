//! The end of an emulator, and of what it left in a shell.

use std::path::Path;

use auth_azure::preset::pectus::{CLIENT_VARIABLE, TENANT_VARIABLE};
use auth_core::Error;
use auth_keycloak::preset::provena::OFFLINE_TOKEN_VARIABLE;

use crate::failure::Failure;
use crate::output::{self, message};

/// Which process the emulator is, in its directory and for as long as it runs.
pub(super) const MARK: &str = "pid";

/// The variables that lead a shell to an emulator.
const VARIABLES: [&str; 11] = [
    "AUTH_CONFIG",
    "AUTH_STORE",
    PID,
    "DT_CREDENTIALS_FILE",
    "DT_SERVICE_ACCOUNT_KEY_ID",
    "DT_SERVICE_ACCOUNT_SECRET",
    "DT_SERVICE_ACCOUNT_EMAIL",
    TENANT_VARIABLE,
    CLIENT_VARIABLE,
    "AZURE_CLIENT_SECRET",
    OFFLINE_TOKEN_VARIABLE,
];

const PID: &str = "AUTH_EMULATOR_PID";

/// Ends the emulator that the environment names, if it still runs, and prints what unsets the variables.
///
/// # Errors
/// `Config` if the environment names none.
pub(super) fn run() -> Result<(), Failure> {
    let Ok(id) = crate::variables::text(PID) else {
        return Err(
            Error::config(format!("{PID} is not set: no emulator leads this shell"))
                .with_advice("end it with Ctrl-C where it was started")
                .into(),
        );
    };
    match is_running(&id) && end(&id) {
        true => message::note("the emulator ends"),
        false => message::note("the emulator had ended before"),
    }
    output::print(format!("unset {}\n", VARIABLES.join(" ")).as_bytes())
}

/// Takes away what says that it runs.
pub(super) fn forget(directory: &Path) {
    // In a directory of its own it goes with that.
    let _ = std::fs::remove_file(directory.join(MARK));
}

/// Whether the process of that number is the emulator: another one may have its number by now.
fn is_running(id: &str) -> bool {
    let config = crate::variables::os("AUTH_CONFIG").unwrap_or_default();
    let mark = Path::new(&config).with_file_name(MARK);
    std::fs::read_to_string(mark).is_ok_and(|text| text.trim() == id)
}

#[cfg(unix)]
fn end(id: &str) -> bool {
    use rustix::process::{Pid, Signal, kill_process};

    let pid = id.parse().ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok())
}

#[cfg(not(unix))]
fn end(_id: &str) -> bool {
    false
}
