//! The signal of a terminal that is gone.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for it, unless this process was started to ignore it, as `nohup` does: whoever listened would hear it all the
/// same, and so would a program that takes the place of this one. Known on Linux alone.
pub(super) fn hangup() -> Option<Signal> {
    let kind = SignalKind::hangup();
    match is_ignored(kind.as_raw_value()) {
        true => None,
        false => signal(kind).ok(),
    }
}

/// Whether the signal is ignored now; while somebody listens for it, it is not.
fn is_ignored(number: i32) -> bool {
    let status = match cfg!(target_os = "linux") {
        true => std::fs::read_to_string("/proc/self/status").unwrap_or_default(),
        false => String::new(),
    };
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}
