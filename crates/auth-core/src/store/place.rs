//! [`state`]: where a platform has what programs keep for one person on one machine.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The directory: none that is copied to other machines, where a login would be spent twice.
#[cfg(windows)]
pub(super) fn state() -> Option<PathBuf> {
    // `%LOCALAPPDATA%`; data and configuration are in the profile that roams.
    Some(etcetera::base_strategy::Windows::new().ok()?.cache_dir())
}

/// `~/Library/Application Support`.
#[cfg(any(target_os = "macos", target_os = "ios"))]
pub(super) fn state() -> Option<PathBuf> {
    Some(etcetera::base_strategy::Apple::new().ok()?.data_dir())
}

/// `$XDG_STATE_HOME`, `~/.local/state` by default.
#[cfg(not(any(windows, target_os = "macos", target_os = "ios")))]
pub(super) fn state() -> Option<PathBuf> {
    etcetera::base_strategy::Xdg::new().ok()?.state_dir()
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn tokens_do_not_roam() {
        let state = state().unwrap();
        let state = state.to_string_lossy();
        assert!(state.ends_with("\\AppData\\Local"), "{state}");
    }
}
