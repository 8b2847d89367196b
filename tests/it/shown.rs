//! [`portable`]: what people read, the same on every system.

/// The text as it is on Unix: with slashes between the parts of a path, and in Unix' words where nothing is there.
pub fn portable(text: &str) -> String {
    if !cfg!(windows) {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| {
        let line = line.replace('\\', "/");
        for end in [" (os error 2)", " (os error 3)"] {
            if let Some((before, after)) = line.split_once(end)
                && let Some((before, _)) = before.rsplit_once(": ")
            {
                return format!("{before}: No such file or directory (os error 2){after}");
            }
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}
