//! Another program that runs for this one.

use std::io::Result;

use tokio::process::{Child, Command};

/// Starts it. Even that may take its time, where its file does not answer.
pub(crate) async fn start(mut command: Command) -> Result<Child> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        // Where this process was started to ignore that a child ends, nobody could learn how it ended.
        let _ = signal(SignalKind::child());
    }
    tokio::task::spawn_blocking(move || command.spawn()).await?
}
