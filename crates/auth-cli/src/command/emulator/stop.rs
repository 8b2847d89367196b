//! The end of an emulator, and of what it left in a shell.

use std::path::{Path, PathBuf};
use std::time::Duration;

use auth_azure::preset::pectus::{CLIENT_VARIABLE, TENANT_VARIABLE};
use auth_core::Error;
use auth_core::clock::{Clock, SystemClock};
use auth_keycloak::preset::provena::OFFLINE_TOKEN_VARIABLE;

use crate::args::Shell;
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
pub(super) fn run(shell: Shell) -> Result<(), Failure> {
    let Ok(id) = crate::variables::text(PID) else {
        return Err(
            Error::config(format!("{PID} is not set: no emulator leads this shell"))
                .with_advice("end it with Ctrl-C where it was started")
                .into(),
        );
    };
    // It ends when that is gone. A signal would leave it no time on some systems, and another process may have its number.
    match mark()
        .filter(|mark| is_of(mark, &id))
        .map(std::fs::remove_file)
    {
        Some(Ok(())) => message::note("the emulator ends"),
        _ => message::note("the emulator had ended before"),
    }
    output::print(shell.removal(&VARIABLES).as_bytes())
}

/// Completes when somebody has taken away what says that the emulator in `directory` runs.
pub(super) async fn asked(directory: &Path) {
    let (mark, id) = (directory.join(MARK), std::process::id().to_string());
    while is_of(&mark, &id) {
        SystemClock::new().sleep(LOOKS).await;
    }
}

/// How often that is looked for.
const LOOKS: Duration = Duration::from_millis(200);

/// Takes away what says that it runs.
pub(super) fn forget(directory: &Path) {
    // In a directory of its own it goes with that.
    let _ = std::fs::remove_file(directory.join(MARK));
}

/// Where the emulator that leads this shell says that it runs.
fn mark() -> Option<PathBuf> {
    let config = PathBuf::from(crate::variables::os("AUTH_CONFIG")?);
    Some(config.with_file_name(MARK))
}

/// Whether the file says that the process of that number is the emulator.
fn is_of(mark: &Path, id: &str) -> bool {
    std::fs::read_to_string(mark).is_ok_and(|text| text.trim() == id)
}
